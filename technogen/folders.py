"""What lies in folders: every file once, whatever links lead to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from technogen.errors import MissingFileError

AUDIO_ENDINGS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".oga", ".aif", ".aiff"})
"""How the names of recordings end."""


def walk_files(folder: str | Path, *, without: Path | None = None) -> Iterator[str]:
    """Every file in a folder and all folders in it, in any order.

    Links to folders are followed, each folder once; what begins with a dot is left out.

    Args:
        folder: Where to look.
        without: A folder that is passed over.

    Raises:
        MissingFileError: If a folder cannot be listed.
    """
    seen = {_identity(str(without))} if without is not None and without.is_dir() else set()
    waiting = [str(folder)]
    while waiting:
        at = waiting.pop()
        identity = _identity(at)
        if identity in seen:
            continue
        seen.add(identity)
        try:
            with os.scandir(at) as entries:
                listed = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            raise MissingFileError(f"{at} cannot be listed: {error.strerror or error}") from error
        for entry in listed:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                waiting.append(entry.path)
            else:
                yield entry.path


def _identity(folder: str) -> tuple[int, int]:
    status = os.stat(folder)
    return status.st_dev, status.st_ino
