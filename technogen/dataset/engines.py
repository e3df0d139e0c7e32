"""Who works on the files: this process, several, or the machines of a Ray cluster. All give the same parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Literal, get_args

from technogen.dataset.working import Outcome, Record, Task, work_on
from technogen.errors import DatasetError, MissingBackendError

Engine = Literal["local", "ray"]
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
        MissingBackendError: If Ray is asked for and not installed.
    """
    if engine not in get_args(Engine):
        raise DatasetError(f"engine must be local or ray, got {engine!r}")
    if not tasks:
        return iter(())
    if engine == "ray":
        return _run_on_ray(tasks, jobs)
    if jobs == 1:
        return ((task, work_on(task)) for task in tasks)
    return _run_in_processes(tasks, jobs)


def _run_in_processes(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Outcome]]:
    left = list(tasks)
    for done in _run_pool(left, jobs):
        left.remove(done[0])
        yield done
    for task in left:  # a worker died: find out of which file
        outcomes = [outcome for _, outcome in _run_pool([task], 1)]
        reason = f"{task.path}: the process that worked on it died; it may need more memory than there is"
        yield task, outcomes[0] if outcomes else Outcome(Record(task.sha256, task.kind, "failed", reason))


def _run_pool(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Outcome]]:
    """The outcomes of a pool, until it is done or one of its processes dies."""
    with _one_thread_each():
        context = get_context("spawn")
        pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context, initializer=end_with_parent)
        try:
            start_workers(pool)
            futures: dict[Future[Outcome], Task] = {pool.submit(work_on, task): task for task in tasks}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            return
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def start_workers(pool: ProcessPoolExecutor) -> None:
    """Tell workers that never begin, whatever the file, from one that dies of its file."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool:
        raise DatasetError(
            "no processes can be started; let the script begin under if __name__ == '__main__', or take jobs=1"
        ) from None


def end_with_parent() -> None:
    """End this worker when the process that started it is killed; it would wait for work for ever."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


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


def _run_on_ray(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Outcome]]:
    try:
        from technogen.dataset.ray_engine import run_on_ray  # noqa: PLC0415
    except ImportError as error:
        raise MissingBackendError(f"Ray is not installed ({error}); pip install 'technogen[ray]'") from error
    return run_on_ray(tasks, jobs)
