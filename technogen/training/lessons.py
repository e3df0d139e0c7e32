"""What the ear learns from: random mixes as it hears them, and what is in them, kept on disk."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.dataset.songs import PERMISSIVE, read_names
from technogen.errors import DatasetError, MidiError, MissingFileError, TrainingError
from technogen.files import make_folder, write_bytes, write_text
from technogen.midi import read_midi
from technogen.score import Score, fold_drum
from technogen.training.mix_drums import Rack
from technogen.training.mixes import RATE, KnownMix, make_mix
from technogen.transcription.network import PIECES
from technogen.transcription.pipeline import find_candidates
from technogen.transcription.recording import from_samples
from technogen.transcription.snapshots import take_snapshots

Progress = Callable[[str, int, int], None]
Bytes = NDArray[np.uint8]

SHARD = 100
"""Mixes in a file."""
_ABOUT = "lessons.json"
_VERSION = 1
_FOLDED = {62: 63, 64: 63}
_NEAR_SECONDS = 0.03
_LEAST_HITS = 12
_KEPT_AWAY = "lmms_demos"  # some of these songs are among the recordings that the ear is measured on


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The candidates of one mix.

    Attributes:
        snapshots: The sound around each, (n, MOMENTS, BANDS).
        steps: The 16th that each is on, counted from anywhere, or `NO_STEP`, (n,).
        velocities: Of each of `PIECES` that starts there, 0 where it does not, (n, len(PIECES)).
    """

    snapshots: Bytes
    steps: NDArray[np.int32]
    velocities: Bytes


def make_lesson(mix: KnownMix) -> Lesson:
    """What the ear hears of a mix, and what is there."""
    recording = from_samples(mix.samples, RATE)
    times, steps = find_candidates(recording)
    velocities = np.zeros((len(times), len(PIECES)), dtype=np.uint8)
    for seconds, pitch, velocity in mix.hits:
        nearest = int(np.abs(times - seconds).argmin()) if len(times) else -1
        if nearest >= 0 and abs(times[nearest] - seconds) < _NEAR_SECONDS:
            piece = PIECES.index(_FOLDED.get(fold_drum(pitch), fold_drum(pitch)))
            velocities[nearest, piece] = max(velocities[nearest, piece], velocity)
    return Lesson(take_snapshots(recording, times), steps.astype(np.int32), velocities)


def read_humans(split: str | Path) -> tuple[Score, ...]:
    """The scores of people that mixes may play: the permissive files of a split that have drums.

    Args:
        split: A JSON file with a list `permissive` of MIDI files, relative to the folder `symbolic` beside it.

    Raises:
        MissingFileError: If there is no such file.
        TrainingError: If it is no split.
    """
    split = Path(split)
    try:
        names = read_names(split, (PERMISSIVE,))
    except DatasetError as error:
        raise TrainingError(str(error)) from error
    return tuple(_read_scores(split.parent / "symbolic" / name for name in names if _KEPT_AWAY not in name))


def _read_scores(paths: Iterable[Path]) -> Iterator[Score]:
    for path in paths:
        try:
            score = read_midi(path)
        except (MidiError, MissingFileError):
            continue
        if len(score.drums) >= _LEAST_HITS:
            yield score


def write_lessons(
    folder: str | Path,
    mixes: int,
    *,
    seed: int = 0,
    human: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Path]:
    """Make lessons and keep them in a folder; what stands there already from the same mixes is not made again.

    The files depend on the seed and the human scores alone, not on how many jobs made them.

    Args:
        folder: Made where it is not there; gets `lessons.json`, which says what went in, and a file of `SHARD` mixes
            each.
        mixes: How many.
        seed: Of everything.
        human: A split that lists human files; without it, rules play all.
        jobs: How many processes.
        progress: Told what is done, how much of it, and of how much.

    Returns:
        The files.

    Raises:
        TrainingError: If the folder holds lessons of another kind.
        OutputError: If it cannot be written.
    """
    folder = make_folder(Path(folder))
    _describe(folder, seed, human)
    paths = [folder / f"lessons_{k:05d}.npz" for k in range(-(-mixes // SHARD))]
    spans = [range(k * SHARD, min(mixes, (k + 1) * SHARD)) for k in range(len(paths))]
    missing = [(path, [seed + i for i in span]) for path, span in zip(paths, spans) if not path.exists()]
    done = len(paths) - len(missing)
    for made in _write_shards(missing, human, jobs):
        done += made
        if progress:
            progress("mixes heard", min(mixes, done * SHARD), mixes)
    return paths


def _describe(folder: Path, seed: int, human: str | Path | None) -> None:
    digest = hashlib.sha256(Path(human).read_bytes()).hexdigest() if human is not None else None
    about = {"version": _VERSION, "seed": seed, "human": digest}
    path = folder / _ABOUT
    if path.exists() and json.loads(path.read_text()) != about:
        raise TrainingError(f"{folder} holds lessons of another seed or other scores; give another folder")
    write_text(path, json.dumps(about) + "\n")


def _write_shards(missing: Sequence[tuple[Path, list[int]]], human: str | Path | None, jobs: int) -> Iterator[int]:
    if jobs == 1 or len(missing) <= 1:
        humans = read_humans(human) if human is not None and missing else ()
        for path, seeds in missing:
            _write_shard(path, seeds, humans)
            yield 1
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(human,)) as pool:
        futures = [pool.submit(_write_in_worker, path, seeds) for path, seeds in missing]
        for future in as_completed(futures):
            future.result()
            yield 1


_HUMANS: list[tuple[Score, ...]] = []  # of a worker, read once


def _begin(human: str | Path | None) -> None:
    _HUMANS[:] = [read_humans(human) if human is not None else ()]


def _write_in_worker(path: Path, seeds: list[int]) -> None:
    _write_shard(path, seeds, _HUMANS[0])


def _write_shard(path: Path, seeds: Sequence[int], humans: Sequence[Score]) -> None:
    rack = Rack(RATE)
    lessons = [make_lesson(make_mix(seed, humans, rack)) for seed in seeds]
    buffer = io.BytesIO()
    np.savez(
        buffer,
        counts=np.array([len(lesson.steps) for lesson in lessons]),
        snapshots=np.concatenate([lesson.snapshots for lesson in lessons]),
        steps=np.concatenate([lesson.steps for lesson in lessons]),
        velocities=np.concatenate([lesson.velocities for lesson in lessons]),
    )
    write_bytes(path, buffer.getvalue())


def read_lessons(paths: Iterable[Path]) -> list[Lesson]:
    """The lessons of such files, in their order; lessons without candidates are left out."""
    lessons = []
    for path in paths:
        with np.load(path, allow_pickle=False) as shard:
            snapshots, steps, velocities = shard["snapshots"], shard["steps"], shard["velocities"]
            ends = np.cumsum(shard["counts"])
        for first, last in zip([0, *ends[:-1]], ends):
            if last > first:
                lessons.append(Lesson(snapshots[first:last], steps[first:last], velocities[first:last]))
    return lessons
