"""Small files written whole or not at all, and lists of inputs."""

import os
import tempfile
from pathlib import Path

from technogen.errors import OutputError


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
