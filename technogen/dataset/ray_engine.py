"""Files worked on over Ray Data: for collections that outgrow one machine.

The source and the data set must lie where every machine of the cluster sees them under the same path.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import ray
import ray.data

from technogen.dataset.working import Outcome, Record, Task, task_from_json, task_to_json, work_on


def run_on_ray(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Outcome]]:
    """Work on files by a Ray Data pipeline of one file a step, on one core each.

    If Ray runs nowhere yet, it is started on this machine with `jobs` cores, and stopped at the end.
    """
    started = not ray.is_initialized()
    if started:
        ray.init(num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield from _stream(tasks)
    finally:
        if started:
            ray.shutdown()


def _stream(tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
    context = ray.data.DataContext.get_current()
    bars, context.enable_progress_bars = context.enable_progress_bars, False
    try:
        rows = [{"number": i, "task": task_to_json(task)} for i, task in enumerate(tasks)]
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(_work, num_cpus=1)
        for row in done.iter_rows():
            yield tasks[row["number"]], _read_outcome(row["outcome"])
    finally:
        context.enable_progress_bars = bars


def _work(row: dict[str, Any]) -> dict[str, Any]:
    outcome = work_on(task_from_json(row["task"]))
    return {"number": row["number"], "outcome": json.dumps(asdict(outcome))}


def _read_outcome(text: str) -> Outcome:
    data = json.loads(text)
    return Outcome(Record(**data["record"]), data["fatal"])
