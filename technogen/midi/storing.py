"""Bytes from a file, never more than a limit, and bytes into a file, whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from technogen.errors import MidiError, MissingFileError, OutputError


def read_bounded(path: str | Path, limit: int) -> bytes:
    """The bytes of a file, at most `limit`.

    Raises:
        MissingFileError: If there is no such file, or it is a folder.
        MidiError: If it cannot be opened, or is longer than `limit` bytes.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{path} is not there; give the path of a MIDI file") from None
    except IsADirectoryError:
        raise MissingFileError(f"{path} is a folder; give the path of a MIDI file in it") from None
    except (OSError, ValueError) as error:
        raise MidiError(f"{path} cannot be opened: {error}") from error
    if len(data) > limit:
        raise MidiError(f"{path} is longer than {limit // 2**20} MiB, more than any score needs; split it")
    return data


def replace_file(path: str | Path, data: bytes) -> None:
    """Write bytes under a temporary name beside the target, then rename: whole or not at all.

    Raises:
        OutputError: If the folder is missing or the file cannot be written.
    """
    target = Path(path)
    temporary = target.parent / f".{secrets.token_hex(6)}.part"
    try:
        with open(temporary, "xb") as stream:
            stream.write(data)
        os.replace(temporary, target)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: {error}; give a file in a folder that exists") from error
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()
