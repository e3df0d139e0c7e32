"""Files worked on by processes of this machine, of which one that dies takes none but its own file with it."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Thread
from typing import TypeVar

from technogen.errors import ParallelError

T = TypeVar("T")
R = TypeVar("R")
Lost = Callable[[T, BaseException | None], R]
"""What to say of a task without a result: it raised this, or, with None, its process died."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_in_processes(
    work: Callable[[T], R], tasks: Sequence[T], *, jobs: int, lost: Lost[T, R]
) -> Generator[tuple[T, R], None, None]:
    """Give each task with its result when it is done, in any order.

    The processes end when what is given here is closed, and when this process ends, however it does. An interrupt
    from the keyboard reaches this process alone.

    Args:
        work: A function of a module; tasks and results are small and can be pickled.
        tasks: What it is called with.
        jobs: How many processes.
        lost: Gives the result of a task that raised, or whose process died when it alone was worked on.

    Raises:
        ParallelError: If no process can be started.
    """
    waiting = deque(tasks)
    while waiting:
        suspects = yield from _run_pool(work, waiting, jobs, lost)
        for task in suspects:  # one of them ended a process: find out which
            alone = yield from _run_pool(work, deque([task]), 1, lost)
            yield from ((left, lost(left, None)) for left in alone)


def _run_pool(
    work: Callable[[T], R], waiting: deque[T], jobs: int, lost: Lost[T, R]
) -> Generator[tuple[T, R], None, list[T]]:
    """Take tasks until none waits, or a process dies; the tasks that were worked on then."""
    running: dict[Future[R], T] = {}
    with _open_pool(min(jobs, len(waiting))) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    with _holding_interrupts():
                        running[pool.submit(work, waiting[0])] = waiting[0]
                    waiting.popleft()
                wait(running, return_when=FIRST_COMPLETED)
                yield from _collect(running, lost)
        except BrokenProcessPool:
            wait(running)
    try:
        yield from _collect(running, lost)
    except BrokenProcessPool:
        return list(running.values())
    return []


def _collect(running: dict[Future[R], T], lost: Lost[T, R]) -> Iterator[tuple[T, R]]:
    """The tasks that are done, taken out of those that run.

    Raises:
        BrokenProcessPool: After them, if a process died; its tasks stay.
    """
    broken = None
    for future in [future for future in running if future.done()]:
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            broken = error
            continue
        task = running.pop(future)
        yield task, future.result() if error is None else lost(task, error)
    if broken is not None:
        raise broken


@contextmanager
def _open_pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """New processes of one thread each, that end at once when the block does not end well."""
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    with reader, writer, _one_thread_each():
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(reader,))
        try:
            start_workers(pool)
            yield pool
        except BaseException:
            writer.close()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(lifeline: Connection) -> None:
    """Leave interrupts to the parent, and end when the other end of a pipe is closed, or the parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        try:
            lifeline.recv()
        except (EOFError, OSError):
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def start_workers(pool: ProcessPoolExecutor) -> None:
    """Tell workers that never begin, whatever the file, from one that dies of its file.

    Raises:
        ParallelError: If none begins.
    """
    with _holding_interrupts():
        first = pool.submit(os.getpid)
    try:
        first.result()
    except BrokenProcessPool:
        raise ParallelError(
            "no processes can be started; let the script begin under if __name__ == '__main__', or take fewer jobs"
        ) from None


def end_with_parent() -> None:
    """End this worker when the process that started it is killed; it would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def _holding_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile never see an interrupt; one that comes is heard at the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let the libraries of the processes started meanwhile keep to one thread: the files are the parallel part."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update({name: value or "1" for name, value in before.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
