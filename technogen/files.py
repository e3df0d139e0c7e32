"""Files that appear whole or not at all: written under a temporary name beside the target, then renamed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from technogen.errors import OutputError, TechnoGenError


@contextmanager
def replace_on_success(path: str | Path) -> Iterator[Path]:
    """A temporary path to write to; it takes the name `path` if the block ends well, and is gone if not.

    Raises:
        OutputError: If the folder is missing, or anything cannot be written (an `OSError` in the block included).
    """
    target = Path(path)
    if not target.name or "\0" in str(target):
        raise OutputError(f"{str(path)!r} is no name of a file")
    temporary = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with open(temporary, "xb"):
            pass  # says in plain words what is wrong with the folder
        yield temporary
        os.replace(temporary, target)
    except TechnoGenError:
        raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error}; give a file in a folder that exists") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: If it cannot be written.
    """
    with replace_on_success(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, in UTF-8, whole or not at all.

    Raises:
        OutputError: If it cannot be written.
    """
    write_bytes(path, text.encode())


def make_folder(path: str | Path) -> Path:
    """Make a folder and its parents, where they are not there yet.

    Raises:
        OutputError: If that cannot be.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {error.strerror or error}; give a folder that can be made"
        ) from error
    return folder
