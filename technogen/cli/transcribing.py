"""`technogen transcribe`: many recordings, in parallel by files, one line for each."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from technogen.cli.console import fail, say, warn

if TYPE_CHECKING:
    from technogen.transcription import CollectionOptions, Engine, Existing, ManifestEntry


@dataclass(frozen=True, slots=True)
class Job:
    """What to transcribe, how, where to, by whom, and what becomes of results that are there already."""

    sources: tuple[Path, ...]
    out: Path
    options: CollectionOptions
    existing: Existing
    jobs: int
    engine: Engine


def transcribe_all(job: Job, *, quiet: bool) -> int:
    """Transcribe every recording of a job and say what became of each.

    Returns:
        How many failed.
    """
    from technogen.transcription import transcribe_folder  # noqa: PLC0415

    counts: Counter[str] = Counter()
    alone = job.jobs == 1 and len(job.sources) == 1 and not job.sources[0].is_dir()
    with _show(quiet=quiet) as show:

        def follow(entry: ManifestEntry, done: int, total: int) -> None:
            show(entry, done, total)
            counts.update([entry.status, "all"])
            _tell(entry, job.out, quiet=quiet)

        try:
            transcribe_folder(
                job.sources,
                job.out,
                job.options,
                existing=job.existing,
                jobs=None if alone else job.jobs,
                engine=job.engine,
                progress=follow,
            )
        except KeyboardInterrupt:
            fail(f"interrupted; what is done is in {job.out}, and --skip-existing goes on")
            raise
    _sum_up(counts, job.out, quiet=quiet)
    return counts["failed"]


def _tell(entry: ManifestEntry, out: Path, *, quiet: bool) -> None:
    if entry.status == "failed":
        fail(entry.reason)
        return
    if entry.reason and not quiet:
        warn(entry.reason if entry.status == "skipped" else f"{entry.source}: {entry.reason}")
    if entry.status == "ok":
        tempo = f"{entry.tempo:.2f} bpm" if entry.tempo else "no constant tempo"
        say(f"{entry.source}: {tempo}, {entry.drums} drum hits, {entry.bass} bass notes", quiet=quiet)
        for file in entry.files:
            say(f"  {out / file.name}", quiet=quiet)


def _sum_up(counts: Counter[str], out: Path, *, quiet: bool) -> None:
    if counts["failed"]:
        fail(f"{counts['failed']} of {counts['all']} recordings could not be transcribed")
    if counts["all"] > 1 or counts["skipped"]:
        from technogen.transcription import MANIFEST  # noqa: PLC0415

        said = ", ".join(f"{counts[status]} {status}" for status in ("ok", "skipped", "failed"))
        say(f"{out / MANIFEST}: {counts['all']} recording{'s' * (counts['all'] > 1)}, {said}", quiet=quiet)


@contextmanager
def _show(*, quiet: bool) -> Iterator[Callable[[ManifestEntry, int, int], None]]:
    """A bar with the time that is left, on a terminal alone."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else results would go where the bar is, and not into a pipe
        disable=quiet or not console.is_terminal,
    ) as progress:
        task = progress.add_task("transcribing", total=None)
        yield lambda entry, done, total: progress.update(task, completed=done, total=total)
