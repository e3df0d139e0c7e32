"""Files worked on over Ray Data: for collections that outgrow one machine.

What is read and written must lie where every machine of the cluster sees it under the same path.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from technogen.errors import MissingBackendError, ParallelError

Work = Callable[[str], str]
Result = tuple[int, "str | None", str]
"""The number of a task; what came of it; why nothing did, if that is known."""
_PASSES = 2


def run_on_ray(work: Work, tasks: Sequence[str], *, jobs: int) -> Generator[Result, None, None]:
    """Give the number of each task with its result, or None and why there is none, in any order.

    A Ray Data pipeline of one task a step, on one core each. It runs on the cluster that Ray is connected to, else on
    the one that `RAY_ADDRESS` names or that runs on this machine, else on a Ray that is started here for as long as
    it takes. A task whose process or machine dies is tried once more.

    Args:
        work: A function of a module, from text to text.
        tasks: What it is called with.
        jobs: The cores of a Ray that is started here.

    Raises:
        MissingBackendError: If Ray is not installed.
        ParallelError: If the cluster that `RAY_ADDRESS` names cannot be reached.
    """
    try:
        import ray.data  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingBackendError(f"Ray is not installed ({error}); pip install 'technogen[ray]'") from error
    return _run(work, tasks, jobs)


def _run(work: Work, tasks: Sequence[str], jobs: int) -> Generator[Result, None, None]:
    left = set(range(len(tasks)))
    with _connected(jobs), _own_settings():
        for _ in range(_PASSES):
            for number, result, reason in _stream(work, {i: tasks[i] for i in sorted(left)}):
                left.discard(number)
                yield number, result, reason
    yield from ((number, None, "") for number in sorted(left))


@contextmanager
def _connected(jobs: int) -> Iterator[None]:
    import ray  # noqa: PLC0415

    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address="auto", log_to_driver=False, logging_level=logging.ERROR)
    except ConnectionError as error:
        named = os.environ.get("RAY_ADDRESS")
        if named:
            raise ParallelError(f"no Ray cluster answers at {named}, which RAY_ADDRESS names: {error}") from error
        ray.init("local", num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _own_settings() -> Iterator[None]:
    """No words and bars of Ray's, and no end of everything where one task fails."""
    import ray.data  # noqa: PLC0415

    context, logger = ray.data.DataContext.get_current(), logging.getLogger("ray.data")
    before = context.enable_progress_bars, context.max_errored_blocks, logger.level
    context.enable_progress_bars, context.max_errored_blocks = False, -1
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        context.enable_progress_bars, context.max_errored_blocks = before[:2]
        logger.setLevel(before[2])


def _stream(work: Work, tasks: dict[int, str]) -> Iterator[Result]:
    import ray.data  # noqa: PLC0415

    if not tasks:
        return
    rows = [{"number": number, "task": task} for number, task in tasks.items()]
    found = ray.data.from_items(rows, override_num_blocks=len(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray 2.64 takes max_retries away; without it, it tries what dies for ever
        done = found.map(_attempt, fn_kwargs={"work": work}, num_cpus=1, max_retries=0)
    for row in done.iter_rows():
        yield int(row["number"]), row["result"] if row["reason"] == "" else None, row["reason"]


def _attempt(row: dict[str, Any], work: Work) -> dict[str, Any]:
    """The result of a task; of one that raises, the error in words, which a pipeline would drop."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, row["task"])
        error = future.exception()
    reason = "" if error is None else f"{type(error).__name__}: {error}"
    return {"number": row["number"], "result": "" if error else future.result(), "reason": reason}
