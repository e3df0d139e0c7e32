"""`technogen transcribe`: many recordings, in parallel by files, one report for those that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from technogen.cli.console import fail, refuse_overwriting, say, show_progress
from technogen.errors import MissingFileError, OutputError, TechnoGenError, TranscriptionError
from technogen.files import make_folder

if TYPE_CHECKING:
    from technogen.transcription.pipeline import BassTracker, BeatTracker

AUDIO_ENDINGS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".oga", ".aif", ".aiff"})


@dataclass(frozen=True, slots=True)
class Options:
    """How each recording is transcribed, and what is written beside MIDI and beats."""

    bpm: float | None
    bpm_range: tuple[float, float]
    beat_tracker: BeatTracker
    bass_tracker: BassTracker
    json: bool
    picture: bool

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of the files that a recording becomes."""
        return (".mid", ".beats", *([".json"] if self.json else []), *([".svg"] if self.picture else []))


@dataclass(frozen=True, slots=True)
class Job:
    """What to transcribe, how, and where to."""

    sources: tuple[Path, ...]
    out: Path
    options: Options
    jobs: int
    skip_existing: bool
    keep_folders: bool


def transcribe_all(job: Job, *, force: bool, quiet: bool) -> int:
    """Transcribe every recording of a job; what fails is reported and the rest goes on.

    Returns:
        How many failed.
    """
    targets = _plan(job)
    if job.skip_existing:
        targets = {s: t for s, t in targets.items() if not all(p.exists() for p in _outputs(t, job.options))}
    else:
        refuse_overwriting((p for t in targets.values() for p in _outputs(t, job.options)), force=force)
    for target in targets.values():
        make_folder(target.parent)
    failed = 0
    with show_progress("transcribing", len(targets), quiet=quiet) as step:
        for outcome in _run(targets, job, step):
            if isinstance(outcome, TechnoGenError):
                failed += 1
                fail(str(outcome))
            else:
                say(outcome, quiet=quiet)
    if failed:
        fail(f"{failed} of {len(targets)} recordings could not be transcribed")
    return failed


def transcribe_one(source: Path, target: Path, options: Options) -> str:
    """Transcribe one recording and write its files.

    Returns:
        What was found, in one line per recording and one per file.
    """
    from technogen.audio import read_audio  # noqa: PLC0415
    from technogen.files import write_text  # noqa: PLC0415
    from technogen.transcription import transcribe  # noqa: PLC0415
    from technogen.transcription.picture import draw_transcription  # noqa: PLC0415

    result = transcribe(
        source,
        tempo=options.bpm,
        tempo_range=options.bpm_range,
        beat_tracker=options.beat_tracker,
        bass_tracker=options.bass_tracker,
    )
    for path in _outputs(target, options):
        if path.suffix == ".svg":
            write_text(path, draw_transcription(result, read_audio(source)))
        else:
            result.save(path)
    tempo = f"{result.tempo:.2f} bpm" if result.tempo else "no constant tempo"
    found = f"{source}: {tempo}, {len(result.drums)} drum hits, {len(result.bass)} bass notes"
    return "\n".join([found, *(f"  {path}" for path in _outputs(target, options))])


def _outputs(target: Path, options: Options) -> list[Path]:
    return [target.with_name(target.name + ending) for ending in options.endings]


def _plan(job: Job) -> dict[Path, Path]:
    """Each recording with its output, less the ending."""
    targets: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for source, folder in _find_recordings(job.sources):
        name = source.relative_to(folder).with_suffix("") if job.keep_folders else Path(source.stem)
        target = job.out / name
        if taken.setdefault(target, source) != source:
            raise TranscriptionError(
                f"{taken[target]} and {source} would both become {target}.mid; "
                "--keep-folders mirrors the source folders, or give one of them another name"
            )
        targets[source] = target
    if not targets:
        raise MissingFileError(f"no recordings ({', '.join(sorted(AUDIO_ENDINGS))}) in {_listed(job.sources)}")
    if job.out.is_file():
        raise OutputError(f"{job.out} is a file; -o names the folder that results go to")
    return targets


def _listed(paths: tuple[Path, ...]) -> str:
    return ", ".join(str(path) for path in paths)


def _find_recordings(sources: tuple[Path, ...]) -> Iterator[tuple[Path, Path]]:
    """Every recording with the folder that it was given by; a file that was named is taken whatever its ending."""
    for source in sources:
        if source.is_dir():
            for path in sorted(source.rglob("*")):
                if path.suffix.lower() in AUDIO_ENDINGS and path.is_file():
                    yield path, source
        else:
            yield source, source.parent


def _run(targets: dict[Path, Path], job: Job, begin: Callable[[str], None]) -> Iterator[str | TechnoGenError]:
    if job.jobs == 1 or len(targets) == 1:
        for source, target in targets.items():
            begin(source.name)
            yield _attempt(source, target, job.options)
        return
    with ProcessPoolExecutor(min(job.jobs, len(targets)), mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_attempt, source, target, job.options) for source, target in targets.items()]
        for future in as_completed(futures):
            begin("transcribing")
            yield future.result()


def _attempt(source: Path, target: Path, options: Options) -> str | TechnoGenError:
    try:
        return transcribe_one(source, target, options)
    except TechnoGenError as error:
        return error
