"""`technogen dataset`: build one, say what is in it, check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from technogen.cli.console import fail, refuse_overwriting, say, say_json

if TYPE_CHECKING:
    from rich.progress import TaskID

    from technogen.dataset.config import DatasetConfig
    from technogen.dataset.describing import Description
    from technogen.dataset.engines import Engine

_SHOWN = 12


def build(
    source: Path, out: Path, config: DatasetConfig, *, jobs: int, engine: Engine, force: bool, quiet: bool
) -> int:
    """Build a data set and say what became of its files.

    Returns:
        How many files could not be used.
    """
    from technogen.dataset import build_dataset  # noqa: PLC0415

    with _show(quiet=quiet) as progress:
        result = build_dataset(source, out, config, jobs=jobs, engine=engine, force=force, progress=progress)
    for entry in result.entries:
        if entry.status == "failed":
            fail(f"{entry.file}: {entry.reason}")
        elif entry.status == "duplicate":
            say(f"{entry.file}: the same music as {entry.same_as}; left out", quiet=quiet)
        elif entry.status == "empty":
            say(f"{entry.file}: no window: {entry.reason}", quiet=quiet)
        elif entry.reason:
            say(f"{entry.file}: {entry.reason}", quiet=quiet)
    tracks = len({entry.track_id for entry in result.entries if entry.status == "ok"})
    say(f"{result.folder}: {result.rows} windows of {tracks} tracks, {result.worked} files worked on", quiet=quiet)
    for shard in result.shards:
        say(f"  {result.folder / shard.name}  {shard.rows} rows, {shard.bytes / 2**20:.1f} MiB", quiet=quiet)
    if result.failed:
        fail(f"{len(result.failed)} of {len(result.entries)} files could not be used; the others are in the data set")
    return len(result.failed)


def inform(folder: Path, *, picture: Path | None, json: bool, force: bool) -> None:
    """Print what is in a data set, and draw it where asked."""
    from technogen.dataset.describing import describe_dataset  # noqa: PLC0415
    from technogen.dataset.picture import draw_description  # noqa: PLC0415
    from technogen.files import write_text  # noqa: PLC0415

    if picture is not None:
        refuse_overwriting([picture], force=force)
    about = describe_dataset(folder)
    if json:
        say_json({**asdict(about), "folder": str(about.folder)})
    else:
        say("\n".join(_in_words(about)))
    if picture is not None:
        write_text(picture, draw_description(about))
        say(f"  {picture}", quiet=json)


def check(folder: Path, *, quiet: bool) -> int:
    """Check a data set and say what is wrong.

    Returns:
        How many problems there are.
    """
    from technogen.dataset.checking import check_dataset  # noqa: PLC0415

    with _show(quiet=quiet) as progress:
        problems = check_dataset(folder, progress=progress)
    for problem in problems:
        fail(problem)
    if not problems:
        say(f"{folder}: all is well", quiet=quiet)
    return len(problems)


@contextmanager
def _show(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each stage, on a terminal alone."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        stages: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in stages:
                stages[what] = progress.add_task(what)
            progress.update(stages[what], completed=done, total=total)

        yield show


def _in_words(about: Description) -> Iterator[str]:
    windows = sum(split.windows for split in about.splits)
    yield f"{about.folder}: {windows} windows, {about.seconds / 3600:.2f} hours of music"
    yield "  splits      " + ", ".join(f"{s.split} {s.windows} windows of {s.tracks} tracks" for s in about.splits)
    yield "  files       " + ", ".join(f"{count} {status}" for status, count in about.statuses)
    tempos = [f"{tempo} ({count})" for tempo, count in sorted(about.tempos, key=lambda t: -t[1])[:_SHOWN]]
    yield "  tempo       " + (", ".join(tempos) or "none known") + f"; {about.without_tempo} tracks without one"
    yield "  bars        " + (", ".join(f"{n:g} ({count})" for n, count in about.bars[:_SHOWN]) or "none known")
    if about.bass_notes is not None:
        yield "  drums       " + ", ".join(f"{d.piece} {d.hits_a_bar:.2f}" for d in about.drums[:_SHOWN]) + " a bar"
        yield f"  bass        {about.bass_notes:.2f} notes a bar"
        yield "  keys        " + (", ".join(f"{name} ({count})" for name, count in about.keys) or "none")
    if about.repeats is not None:
        r = about.repeats
        yield (
            f"  repeats     {r.different} different bars of {r.bars}, one {r.most} times; telling bars in several "
            f"tracks: {r.across_tracks}, in several splits: {r.across_splits}"
        )
    for name, first in about.duplicates:
        yield f"  duplicate   {name} is the same music as {first}"
