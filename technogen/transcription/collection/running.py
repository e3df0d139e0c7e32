"""A collection transcribed, by this process, by several, or by the machines of a Ray cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import get_args

from technogen.errors import MissingBackendError, OutputError, TechnoGenError, TranscriptionError, WeightsError
from technogen.files import make_folder
from technogen.parallel import run_in_processes, run_on_ray
from technogen.transcription.collection.manifest import ManifestEntry, add_entry, add_text
from technogen.transcription.collection.options import CollectionOptions, Engine, Existing
from technogen.transcription.collection.planning import Plan, list_folders, make_plan
from technogen.transcription.collection.working import (
    Outcome,
    Task,
    fail,
    outcome_from_json,
    task_to_json,
    work_on,
    work_on_text,
)

Progress = Callable[[ManifestEntry, int, int], None]
"""Called with what became of a recording, how many are done, and of how many."""
_STALE_SECONDS = 3600.0  # what another run writes at this moment is younger
_FATAL: dict[str, type[TechnoGenError]] = {e.__name__: e for e in (MissingBackendError, OutputError, WeightsError)}


def transcribe_folder(
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    options: CollectionOptions | None = None,
    *,
    existing: Existing = "refuse",
    jobs: int | None = None,
    engine: Engine = "local",
    progress: Progress | None = None,
) -> tuple[ManifestEntry, ...]:
    """Transcribe every recording of a folder, with a manifest of what became of each.

    A recording that fails is entered with its reason and the rest goes on. Each is entered in `manifest.jsonl` when
    its files are written, so that a run that was interrupted, by whatever, goes on where it was with
    `existing="skip"`. Done is what the manifest says was made of the same recording (by size and time, else by
    SHA-256) by the same version, weights and options, and whose files are still there; all else is done again.

    Args:
        sources: A folder, of which all folders in it are searched; a file; or several of either.
        out: The folder that results go to.
        options: How; by default MIDI and beats by the project's own ear.
        existing: What becomes of results that are there already: see `Existing`.
        jobs: How many processes work at once, of which one that dies takes none but its recording with it; None
            works in this process.
        engine: "ray" works over Ray Data, on the cluster that Ray is connected to or finds, else on this machine.
        progress: Called as each recording is done, those that were left out first.

    Returns:
        What became of each recording, in the order of their paths; those that were left out have the status
        "skipped", and a reason where files were changed by others.

    Raises:
        MissingFileError: If there are no recordings.
        TranscriptionError: If an option cannot be followed, two recordings have one name, or a newer TechnoGen wrote
            the manifest.
        OutputError: If results are there already, or the folder cannot be written (any more).
        MissingBackendError: If a tracker, or Ray, is asked for and not installed.
        ParallelError: If no processes can be started, or no cluster reached.
    """
    options, folder = options or CollectionOptions(), Path(out)
    options.check()
    _check(existing, engine, jobs)
    given = [sources] if isinstance(sources, (str, Path)) else list(sources)
    plan = make_plan([Path(source) for source in given], folder, options, existing)
    for path in list_folders(plan, folder):
        _sweep(make_folder(path))
    add_text(folder, "")  # says now what is wrong with the folder
    entries = dict(_follow(plan, folder, jobs, engine, progress or (lambda entry, done, total: None)))
    return tuple(entries[target.output] for target in plan.targets)


def _sweep(folder: Path) -> None:
    """Remove what a run that was killed left half-written."""
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


def _check(existing: str, engine: str, jobs: int | None) -> None:
    if existing not in get_args(Existing):
        raise TranscriptionError(f"existing must be one of {', '.join(get_args(Existing))}, got {existing!r}")
    if engine not in get_args(Engine):
        raise TranscriptionError(f"engine must be local or ray, got {engine!r}")
    if jobs is not None and jobs < 1:
        raise TranscriptionError(f"jobs must be 1 or more, got {jobs}")


def _follow(
    plan: Plan, folder: Path, jobs: int | None, engine: Engine, progress: Progress
) -> Iterator[tuple[str, ManifestEntry]]:
    """Each recording with its entry, which is in the manifest then."""
    total = len(plan.targets)
    for done, entry in enumerate(plan.settled, start=1):
        progress(entry, done, total)
        yield entry.output, entry
    with closing(_work(plan.tasks, jobs, engine)) as outcomes:
        for done, outcome in enumerate(outcomes, start=len(plan.settled) + 1):
            add_entry(folder, outcome.entry)
            if outcome.fatal:
                raise _FATAL[outcome.fatal](outcome.entry.reason)
            progress(outcome.entry, done, total)
            yield outcome.entry.output, outcome.entry


def _work(tasks: tuple[Task, ...], jobs: int | None, engine: Engine) -> Generator[Outcome, None, None]:
    if not tasks:
        return
    if engine == "ray":
        yield from _work_on_ray(tasks, jobs or 1)
    elif jobs is None:
        yield from map(work_on, tasks)
    else:
        with closing(run_in_processes(work_on, tasks, jobs=jobs, lost=_lose)) as results:
            yield from (outcome for _, outcome in results)


def _work_on_ray(tasks: tuple[Task, ...], jobs: int) -> Iterator[Outcome]:
    with closing(run_on_ray(work_on_text, [task_to_json(task) for task in tasks], jobs=jobs)) as results:
        for number, text, reason in results:
            yield outcome_from_json(text) if text is not None else _lose(tasks[number], reason or None)


def _lose(task: Task, error: BaseException | str | None) -> Outcome:
    """What to say of a recording that met a fault of the program, or whose process died."""
    if error is None:
        reason = "the process that worked on it died; it may need more memory than there is"
    else:
        said = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else error
        reason = f"a fault of TechnoGen, please report it: {said}"
    return Outcome(fail(task, f"{task.source}: {reason}"))
