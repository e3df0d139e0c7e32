"""Bytes from a file, never more than a limit."""

from pathlib import Path

from technogen.errors import MidiError, MissingFileError


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
