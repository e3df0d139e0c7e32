"""Processes that share work: one that dies takes nothing with it, and none is left behind."""

import multiprocessing
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from collection_maker import count_modules, double

from technogen.parallel import run_in_processes

TESTS = str(Path(__file__).parent)


def run(tasks, jobs=2):
    def lost(task, error):
        return type(error).__name__ if error else "died"

    return dict(run_in_processes(double, tasks, jobs=jobs, lost=lost))


def test_each_task_has_its_result_whatever_happens_to_others():
    assert run([1, 2, 3, 4, 5, 6]) == {1: 2, 2: 4, 3: "died", 4: 8, 5: "IndexError", 6: 12}
    assert run([3], jobs=1) == {3: "died"}
    assert run([]) == {}


def test_processes_end_at_once_when_the_rest_is_not_wanted():
    results = run_in_processes(double, [1, 7, 7, 7], jobs=2, lost=lambda task, error: "lost")
    assert next(results) == (1, 2)
    assert len(multiprocessing.active_children()) == 2
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 20  # the work itself would last for ever
    assert not multiprocessing.active_children()


def test_processes_end_with_the_one_that_is_killed():
    code = f"""
        import multiprocessing, os, signal, sys
        sys.path.insert(0, {TESTS!r})
        from collection_maker import double
        from technogen.parallel import run_in_processes
        if __name__ == "__main__":
            for task, result in run_in_processes(double, [1, 7, 7], jobs=2, lost=print):
                print(*(child.pid for child in multiprocessing.active_children()), flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    workers = [int(pid) for pid in killed.stdout.split()]
    assert len(workers) == 2
    deadline = time.monotonic() + 20
    while any(_lives(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in workers)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_script_that_starts_itself_again_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"import sys; sys.path.insert(0, {TESTS!r})\nfrom test_parallel import run\nrun([1])\n")
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    said = [line for line in ended.stderr.splitlines() if line.startswith("technogen.errors.ParallelError")]
    assert len(said) == 1
    assert "__name__ == '__main__'" in said[0]


def test_workers_load_what_they_need_alone():
    results = run_in_processes(count_modules, [("torch", "miditok", "pyarrow", "ray")], jobs=1, lost=pytest.fail)
    assert [result for _, result in results] == [[]]
