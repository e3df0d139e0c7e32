"""Who works on the files: this process, several, or the machines of a Ray cluster. All give the same parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Literal, get_args

from technogen.dataset.working import Outcome, Record, Task, task_from_json, task_to_json, work_on
from technogen.errors import DatasetError
from technogen.parallel import run_in_processes, run_on_ray

Engine = Literal["local", "ray"]


def run_tasks(tasks: Sequence[Task], *, jobs: int, engine: Engine) -> Iterator[tuple[Task, Outcome]]:
    """Work on files, and give each with its outcome when it is done, in any order.

    Args:
        tasks: The files.
        jobs: How many at once.
        engine: "local": in this process, or with several jobs in processes of their own, of which one that dies
            takes none but its file with it. "ray": over Ray Data, on the cluster that Ray is connected to, or on
            this machine if it is not.

    Raises:
        DatasetError: If there is no such engine.
        ParallelError: If no process can be started, or no cluster reached.
        MissingBackendError: If Ray is asked for and not installed.
    """
    if engine not in get_args(Engine):
        raise DatasetError(f"engine must be local or ray, got {engine!r}")
    if not tasks:
        return iter(())
    if engine == "ray":
        results = run_on_ray(work_on_text, [task_to_json(task) for task in tasks], jobs=jobs)
        return ((tasks[i], _lose(tasks[i], why) if text is None else _read_outcome(text)) for i, text, why in results)
    if jobs == 1:
        return ((task, work_on(task)) for task in tasks)
    return run_in_processes(work_on, tasks, jobs=jobs, lost=_lose)


def work_on_text(text: str) -> str:
    """What `work_on` does, from text to text."""
    return json.dumps(asdict(work_on(task_from_json(text))))


def _read_outcome(text: str) -> Outcome:
    data = json.loads(text)
    return Outcome(Record(**data["record"]), data["fatal"])


def _lose(task: Task, error: BaseException | str | None) -> Outcome:
    """A task that raised stops the build; one whose process died does not."""
    if isinstance(error, BaseException):
        raise error
    reason = f"{task.path}: {error or 'the process that worked on it died; it may need more memory than there is'}"
    return Outcome(Record(task.sha256, task.kind, "failed", reason))
