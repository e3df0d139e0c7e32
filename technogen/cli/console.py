"""What the command line says, and where: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from technogen.errors import OutputError


def fail(message: str) -> None:
    """Say what went wrong, in one line."""
    print(f"error: {' '.join(message.split())}", file=sys.stderr)


def warn(message: str) -> None:
    """Say what is not as it should be, in one line."""
    print(f"warning: {' '.join(message.split())}", file=sys.stderr)


def say(text: str, *, quiet: bool = False) -> None:
    """Print a line of result."""
    if not quiet:
        print(text)


def say_json(data: Any) -> None:
    """Print a result for programs, as one line of JSON."""
    print(json.dumps(data, ensure_ascii=False))


def refuse_overwriting(paths: Iterable[Path], *, force: bool) -> None:
    """Stop before any work if an output is already there.

    Raises:
        OutputError: If one is, and `force` is not set; or if its folder is a file.
    """
    for path in paths:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file")
        if path.exists() and not force:
            raise OutputError(f"{path} exists; --force overwrites it")


@contextmanager
def show_progress(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error, on a terminal alone; call what is yielded with a label as each step begins."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        begun = 0

        def step(label: str) -> None:
            nonlocal begun
            progress.update(task, completed=begun, description=label)
            begun += 1

        yield step


@contextmanager
def show_share(*, quiet: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A bar for long work, on a terminal alone; call what is yielded with a label and the share that is done."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda label, share: progress.update(task, completed=share, description=label)


def log_to_stderr(*, quiet: bool) -> None:
    """Let the library's warnings reach the user, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("technogen")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.ERROR if quiet else logging.WARNING)
