"""Which files of a folder are recordings or MIDI, and what is in them by their bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from technogen.errors import DatasetError, MissingFileError, TechnoGenError
from technogen.folders import AUDIO_ENDINGS, walk_files

Kind = Literal["audio", "midi"]

MIDI_ENDINGS = frozenset({".mid", ".midi", ".smf"})
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    Attributes:
        path: Where it is, from the root.
        name: Its path in the source folder with "/" between the parts; bytes that are no text are escaped.
        kind: "audio" or "midi", by its ending.
    """

    path: Path
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Listing:
    """The recordings and MIDI files of a folder, by name, and how many other files there were."""

    files: tuple[SourceFile, ...]
    others: int


def list_sources(source: str | Path, *, without: Path | None = None) -> Listing:
    """Find the recordings and MIDI files in a folder and all folders in it.

    Links to folders are followed, each folder once; what begins with a dot is left out.

    Args:
        source: A folder.
        without: A folder that is passed over: where the data set goes.

    Raises:
        MissingFileError: If there is no such folder, or one in it cannot be listed.
        DatasetError: If neither is in it.
    """
    folder = Path(source)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise MissingFileError(f"{folder} {what}; give a folder of recordings or MIDI files")
    found, others = [], 0
    for path in walk_files(folder.absolute(), without=without):
        kind = find_kind(path)
        if kind is None:
            others += 1
        else:
            found.append(SourceFile(Path(path), _name(path, str(folder.absolute())), kind))
    if not found:
        endings = ", ".join(sorted(AUDIO_ENDINGS | MIDI_ENDINGS))
        raise DatasetError(f"{folder} holds no recordings and no MIDI files ({endings}), but {others} other files")
    return Listing(tuple(sorted(found, key=lambda file: os.fsencode(file.path))), others)


def find_kind(path: str) -> Kind | None:
    """What a file is by its ending."""
    ending = os.path.splitext(path)[1].lower()
    if ending in AUDIO_ENDINGS:
        return "audio"
    return "midi" if ending in MIDI_ENDINGS else None


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        MissingFileError: If it is not there.
        DatasetError: If it is no regular file, or cannot be read.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise DatasetError(f"{path} is no regular file")
        digest = hashlib.sha256()
        with open(path, "rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except TechnoGenError:
        raise
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there, or is a link to nothing") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()


def _name(path: str, folder: str) -> str:
    relative = os.path.relpath(path, folder).replace(os.sep, "/")
    return os.fsencode(relative).decode("utf-8", "backslashreplace")
