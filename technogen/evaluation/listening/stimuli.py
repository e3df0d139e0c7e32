"""Stimuli of a listening test: excerpts rendered alike, equally long and loud, and a manifest that makes them again.

The folder of a test holds `KEY.wav`, which listeners hear; `scores/KEY.mid`, what was played; `design.json`, who hears
what; and `manifest.json`, how each sound was made. Names, order, sizes and times of the sounds tell nothing.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from pathlib import Path

import numpy as np

from technogen import __version__
from technogen.audio import Audio, measure_loudness, read_audio, resample, write_audio
from technogen.errors import ListeningError, MissingFileError, OutputError
from technogen.evaluation.listening.design import Design, DesignOptions, Stimulus, check_name, save_design
from technogen.evaluation.listening.material import Piece, Wanted, find_root, gather_material
from technogen.evaluation.listening.plain_data import from_plain, to_plain
from technogen.evaluation.listening.planning import make_design
from technogen.evaluation.listening.sources import MODEL, RULES, Condition, Origin, cut_seconds
from technogen.files import make_folder, write_text
from technogen.score import BEATS_PER_BAR, Score

DESIGN, MANIFEST = "design.json", "manifest.json"
LOUDNESS = -16.0
"""LUFS of every stimulus, or less where a peak would not fit."""
SAMPLE_RATE = 44_100
_PEAK = 0.95
_FADE_SECONDS = 0.01
_VERSION = 1
_TIME = 1_600_000_000  # every file's time of writing: when it was rendered could tell what it is

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Making:
    """How one stimulus was made.

    Attributes:
        key: Of the stimulus in the design.
        condition: Whose it is.
        origin: What it was cut from or written by.
        gain: What the rendering or recording was multiplied by, so that all are equally loud.
        sha256: Of the WAV file.
    """

    key: str
    condition: str
    origin: Origin
    gain: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """How the stimuli of a test were made, so that they can be made again.

    Attributes:
        version: Of this form.
        technogen: The version that made them.
        seed: What all was drawn from.
        voice: The preset that played them; None: the default one.
        tempo: Of all, in beats a minute.
        bars: Of each.
        samples: Of each, at 44,100 a second.
        loudness: Of each, in LUFS.
        person: Whether people made what stands for a person; if not, the test shows how a test works, and no more.
        stimuli: In the order of their keys.
    """

    version: int
    technogen: str
    seed: int
    voice: str | None
    tempo: float
    bars: int
    samples: int
    loudness: float
    person: bool
    stimuli: tuple[Making, ...]


def prepare_stimuli(
    folder: str | Path,
    human: Condition,
    others: Sequence[Condition],
    *,
    wanted: Wanted | None = None,
    options: DesignOptions | None = None,
    seed: int = 0,
    report: Progress | None = None,
) -> Design:
    """Make the stimuli of a listening test, and draw who hears what.

    Args:
        folder: Where to; it must be new or empty.
        human: What the others are held against.
        others: What is held against it.
        wanted: How much material, and of which kind.
        options: What to ask; pairs, training and catch trials are as many as wanted.
        seed: The same seed and sources make the same files.
        report: Is told what is being done.

    Raises:
        ListeningError: If a condition has too few pieces, or cannot be used.
        OutputError: If the folder is not empty, or cannot be written.
    """
    target, wanted, say = Path(folder), wanted or Wanted(), report or _say_nothing
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is not an empty folder; give a new one")
    for other in others:
        check_name("condition", other.name)
    say("choosing excerpts")
    drafts = _name_drafts(gather_material(human, others, wanted, seed=seed), seed)
    make_folder(target / "scores")
    tempo = drafts[0].piece.excerpt.score.tempo
    samples = round(wanted.bars * BEATS_PER_BAR * 60 / tempo * SAMPLE_RATE)
    sounds = {}
    for k, draft in enumerate(drafts):
        say(f"rendering {k + 1} of {len(drafts)}")
        sounds[draft.key] = _play(draft, target, wanted.voice, samples)
    loudness, gains = _level(sounds)
    makings = tuple(_write(draft, sounds.pop(draft.key), gains[draft.key], target) for draft in drafts)
    stimuli = [_describe(draft, making.sha256) for draft, making in zip(drafts, makings)]
    person = human.source not in (RULES, MODEL)
    chosen = replace(
        options or DesignOptions(),
        pairs=wanted.pairs,
        training=wanted.training,
        catches=wanted.catches,
        rehearsal=not person,
    )
    design = make_design(stimuli, chosen, seed=seed)
    _write_manifest(
        target,
        Manifest(_VERSION, __version__, seed, wanted.voice, tempo, wanted.bars, samples, loudness, person, makings),
    )
    save_design(target / DESIGN, design)
    return design


def read_manifest(folder: str | Path) -> Manifest:
    """Read how the stimuli in a folder were made.

    Raises:
        MissingFileError: If there is no manifest.
        ListeningError: If it is none, or of another version.
    """
    path = Path(folder) / MANIFEST
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{path} is not there; `technogen listen prepare` makes it") from None
    except (ValueError, RecursionError, OSError) as error:
        raise ListeningError(f"{path} is no manifest of stimuli: {error}") from None
    manifest = from_plain(Manifest, data)
    if manifest.version != _VERSION:
        raise ListeningError(f"{path} is of version {manifest.version}, known is {_VERSION}; make the stimuli again")
    for making in manifest.stimuli:
        check_name("key of a stimulus", making.key)
    return manifest


def check_sounds(folder: str | Path) -> None:
    """Make sure that every stimulus is there, and as it was made.

    Raises:
        ListeningError: If one is not; the message names it and says how to make it again.
    """
    for making in read_manifest(folder).stimuli:
        path = Path(folder) / f"{making.key}.wav"
        if not _is_as_made(path, making):
            what = "is not what was made" if path.exists() else "is not there"
            raise ListeningError(f"{path} {what}; `technogen listen prepare --again -o {folder}` makes it again")


def recreate_stimuli(
    folder: str | Path, *, source: str | Path | None = None, report: Progress | None = None
) -> tuple[Path, ...]:
    """Make the sounds of a manifest again where they are missing or changed, from the scores beside it.

    Args:
        folder: With `manifest.json` and `scores`.
        source: The folder that recordings were cut from, where some were.
        report: Is told what is being done.

    Returns:
        What was made.

    Raises:
        ListeningError: If one cannot be made, or comes out other than it was.
    """
    manifest, done = read_manifest(folder), []
    for making in manifest.stimuli:
        path = Path(folder) / f"{making.key}.wav"
        if _is_as_made(path, making):
            continue
        (report or _say_nothing)(f"making {path.name} again")
        audio = _play_again(making, manifest, Path(folder), source)
        _save(Audio(audio.samples * np.float32(making.gain), SAMPLE_RATE), path)
        if not _is_as_made(path, making):
            raise ListeningError(
                f"{path} came out other than it was; technogen {manifest.technogen} made it, this is {__version__}"
            )
        done.append(path)
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Draft:
    key: str
    piece: Piece


def _say_nothing(label: str) -> None:
    pass


def _is_as_made(path: Path, making: Making) -> bool:
    try:
        return sha256(path.read_bytes()).hexdigest() == making.sha256
    except OSError:
        return False


def _name_drafts(pieces: Sequence[Piece], seed: int) -> list[_Draft]:
    """Each piece with a key that is drawn, sorted by these, so that the order tells nothing.

    Notes go into the draw: who knows the seed alone cannot tell which key is whose.
    """
    salt = blake2b(repr([(piece.condition, piece.excerpt.score) for piece in pieces]).encode()).hexdigest()
    names = [blake2b(f"{seed}/{salt}/{k}".encode(), digest_size=8).hexdigest() for k in range(len(pieces))]
    return sorted((_Draft(name, piece) for name, piece in zip(names, pieces)), key=lambda draft: draft.key)


def _describe(draft: _Draft, digest: str) -> Stimulus:
    excerpt = draft.piece.excerpt
    origin = excerpt.origin
    piece = origin.file or (f"{origin.by} {origin.seed}" if origin.by else f"score {origin.number}")
    return Stimulus(
        key=draft.key,
        condition=draft.piece.condition,
        tempo=excerpt.score.tempo,
        density=sum(excerpt.density),
        tonic=find_root(excerpt.score),
        piece=piece,
        file=f"{draft.key}.wav",
        sha256=digest,
    )


def _play(draft: _Draft, folder: Path, voice: str | None, samples: int) -> Audio:
    """The sound before it is levelled: of a score, what its file says, so that the file makes it again."""
    excerpt = draft.piece.excerpt
    if excerpt.sound is not None:
        return _fit(resample(excerpt.sound, SAMPLE_RATE), samples)
    path = folder / "scores" / f"{draft.key}.mid"
    excerpt.score.save(path)
    os.utime(path, (_TIME, _TIME))
    return _render(path, voice, samples)


def _render(path: Path, voice: str | None, samples: int) -> Audio:
    from technogen.rendering import render  # noqa: PLC0415

    return _fit(render(Score.load(path), loop=True, voice=voice, sample_rate=SAMPLE_RATE), samples)


def _play_again(making: Making, manifest: Manifest, folder: Path, source: str | Path | None) -> Audio:
    score = folder / "scores" / f"{making.key}.mid"
    if score.is_file():
        return _render(score, manifest.voice, manifest.samples)
    origin = making.origin
    if source is None or origin.file is None or origin.start_seconds is None:
        raise ListeningError(f"{score} is not there, and {making.key}.wav cannot be made without it")
    root = Path(source)
    audio = read_audio(root if root.is_file() else root / origin.file)
    length = manifest.samples / SAMPLE_RATE + 1 / audio.sample_rate
    return _fit(resample(cut_seconds(audio, origin.start_seconds, length), SAMPLE_RATE), manifest.samples)


def _fit(audio: Audio, samples: int) -> Audio:
    """Stereo of exactly so many samples, faded in and out over 10 ms."""
    stereo = audio.samples if audio.samples.ndim == 2 else np.stack([audio.samples] * 2, axis=1)
    fitted = np.zeros((samples, 2), np.float32)
    kept = stereo[:samples]
    fade = np.linspace(0, 1, round(_FADE_SECONDS * SAMPLE_RATE), dtype=np.float32)[:, None]
    fitted[: len(kept)] = kept
    fitted[: len(fade)] *= fade
    fitted[-len(fade) :] *= fade[::-1]
    return Audio(fitted, SAMPLE_RATE)


def _level(sounds: dict[str, Audio]) -> tuple[float, dict[str, float]]:
    """One loudness that all can have without clipping, and the gains that give it."""
    levels = {name: measure_loudness(audio) for name, audio in sounds.items()}
    if silent := [name for name, level in levels.items() if not math.isfinite(level)]:
        raise ListeningError(f"{len(silent)} of the stimuli would be silent; leave out pieces in which nothing sounds")
    room = [levels[name] + 20 * math.log10(_PEAK / float(np.abs(a.samples).max())) for name, a in sounds.items()]
    loudness = math.floor(min(LOUDNESS, *room) * 10) / 10
    return loudness, {name: 10 ** ((loudness - level) / 20) for name, level in levels.items()}


def _write(draft: _Draft, audio: Audio, gain: float, folder: Path) -> Making:
    path = folder / f"{draft.key}.wav"
    _save(Audio(audio.samples * np.float32(gain), SAMPLE_RATE), path)
    digest = sha256(path.read_bytes()).hexdigest()
    return Making(draft.key, draft.piece.condition, draft.piece.excerpt.origin, gain, digest)


def _save(audio: Audio, path: Path) -> None:
    write_audio(audio, path, bit_depth=16)
    os.utime(path, (_TIME, _TIME))


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    write_text(folder / MANIFEST, json.dumps(to_plain(manifest), indent=1, allow_nan=False) + "\n")
