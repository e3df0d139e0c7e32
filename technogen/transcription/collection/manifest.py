"""`manifest.jsonl`: one line for each recording that was worked on; lines are added whole, and never changed.

The last line of a recording counts. A line that was cut short, by a power cut for one, is passed over.
"""

from __future__ import annotations

import errno
import json
import logging
import os
from dataclasses import asdict, dataclass, field, fields
from io import FileIO
from pathlib import Path
from typing import Any, Literal, get_args

from technogen.errors import MissingFileError, OutputError, TranscriptionError

MANIFEST = "manifest.jsonl"
FORMAT_VERSION = 1
Status = Literal["ok", "failed", "skipped"]
_TYPES = {"output": str, "source": str, "formats": list, "files": list, "options": dict, "confidence": dict}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that was written: its path in the output folder with "/" between parts, format, bytes and SHA-256."""

    name: str
    format: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What became of a recording.

    Attributes:
        output: What its files are called in the output folder, less the ending, with "/" between parts.
        source: Its path, from the root.
        status: "ok"; "failed"; "skipped" where files were there already.
        reason: Why it failed or was skipped, or what was wrong with it all the same.
        formats: What was asked for.
        files: What was written.
        seconds: How long it is.
        tempo: Beats a minute; None where it is not constant.
        confidence: 0..1 for each part.
        drums, bass: How many drum hits and bass notes were found.
        source_bytes, source_modified, source_sha256: The file's size, its time in seconds since 1970, its content.
        version: Of TechnoGen.
        ear: The SHA-256 of the weights that it was heard by.
        options: What else the result depends on.
        work_seconds, cpu_seconds: How long it took by the clock, and of a processor.
        finished: When, as in "2030-01-31T12:00:00Z".
    """

    output: str
    source: str
    status: Status
    reason: str = ""
    formats: tuple[str, ...] = ()
    files: tuple[OutputFile, ...] = ()
    seconds: float | None = None
    tempo: float | None = None
    confidence: dict[str, float] = field(default_factory=dict)
    drums: int = 0
    bass: int = 0
    source_bytes: int = 0
    source_modified: float = 0.0
    source_sha256: str = ""
    version: str = ""
    ear: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    work_seconds: float = 0.0
    cpu_seconds: float = 0.0
    finished: str = ""


_FIELDS = tuple(f.name for f in fields(ManifestEntry))


def read_manifest(folder: str | Path) -> tuple[ManifestEntry, ...]:
    """Read what became of the recordings of a collection: the last line of each, in the order of their first.

    Args:
        folder: The output folder.

    Raises:
        MissingFileError: If it holds no manifest.
        TranscriptionError: If a newer TechnoGen wrote it, or it cannot be read.
    """
    if not (Path(folder) / MANIFEST).is_file():
        raise MissingFileError(f"{folder} holds no {MANIFEST}; give the folder that `technogen transcribe` wrote to")
    return tuple({entry.output: entry for entry in read_lines(Path(folder))}.values())


def read_lines(folder: Path) -> list[ManifestEntry]:
    """Every line of a manifest that can be read, in their order; none where there is no manifest.

    Raises:
        TranscriptionError: If a newer TechnoGen wrote it, or it cannot be read.
    """
    path, found = folder / MANIFEST, []
    if path.exists() and not path.is_file():
        raise TranscriptionError(f"{path} is no regular file; give another folder")
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TranscriptionError(f"{path} cannot be read: {error.strerror or error}") from error
    for number, line in enumerate(lines, start=1):
        entry = _parse(line, path) if line.strip() else None
        if entry is not None:
            found.append(entry)
        elif line.strip():
            logger.warning("%s: line %d is damaged, and passed over", path, number)
    return found


def _parse(line: bytes, path: Path) -> ManifestEntry | None:
    try:
        data = json.loads(line.decode())
        version = int(data["format"])
        entry = read_entry(data) if version == FORMAT_VERSION else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if version > FORMAT_VERSION:
        raise TranscriptionError(
            f"{path} is of format {version}, this TechnoGen knows formats up to {FORMAT_VERSION}; "
            "install the TechnoGen that wrote it, or give another folder"
        )
    return entry


def read_entry(data: dict[str, Any]) -> ManifestEntry:
    """An entry of what `entry_to_json` gave; what a later version added is left out.

    Raises:
        ValueError, KeyError, TypeError: If it is none.
    """
    if data["status"] not in get_args(Status) or not all(isinstance(data[k], t) for k, t in _TYPES.items()):
        raise ValueError("no entry")
    known = {name: data[name] for name in _FIELDS if name in data}
    known["formats"] = tuple(data["formats"])
    known["files"] = tuple(OutputFile(f["name"], f["format"], f["bytes"], f["sha256"]) for f in data["files"])
    return ManifestEntry(**known)


def entry_to_json(entry: ManifestEntry) -> dict[str, Any]:
    """An entry as plain values."""
    return {"format": FORMAT_VERSION, **asdict(entry)}


def add_entry(folder: Path, entry: ManifestEntry) -> None:
    """Add a line to the manifest, whole or not at all, and see it onto the disk.

    Raises:
        OutputError: If it cannot be written.
    """
    add_text(folder, json.dumps(entry_to_json(entry), allow_nan=False) + "\n")


def add_text(folder: Path, text: str) -> None:
    """Add text to the end of the manifest, on a line of its own; nothing makes the file alone.

    Raises:
        OutputError: If it cannot be written.
    """
    path, data = folder / MANIFEST, text.encode()
    try:
        with open(path, "ab+", buffering=0) as stream:
            size = stream.seek(0, os.SEEK_END)
            if size and data:
                stream.seek(size - 1)
                data = data if stream.read(1) == b"\n" else b"\n" + data  # after a line that was cut short
            _write_whole(stream, data, size)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}; what is done stays, and --skip-existing goes on"
        ) from error


def _write_whole(stream: FileIO, data: bytes, size: int) -> None:
    written = stream.write(data)
    if written != len(data):
        stream.truncate(size)
        raise OSError(errno.ENOSPC, "the disk is full")
    os.fsync(stream.fileno())
