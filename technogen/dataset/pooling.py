"""Processes that share work whose order matters, end with the one that started them, and say so when one dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from technogen.errors import DatasetError
from technogen.parallel import end_with_parent, start_workers


@contextmanager
def open_pool(jobs: int, prepare: Callable[..., None] | None = None, *given: Any) -> Iterator[ProcessPoolExecutor]:
    """A pool of so many new processes, each of which first calls `prepare` with what is given.

    Raises:
        ParallelError: If no process can be started.
        DatasetError: If one dies.
    """
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (prepare, given))
    try:
        start_workers(pool)
        yield pool
    except BrokenProcessPool as error:
        raise DatasetError("a process died, perhaps for want of memory; take fewer jobs") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(prepare: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    end_with_parent()
    if prepare is not None:
        prepare(*given)
