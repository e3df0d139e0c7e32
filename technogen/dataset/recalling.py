"""What is known before a build begins: from the data set that is there, and from a build that was interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from technogen import __version__
from technogen.dataset.assembling import Location
from technogen.dataset.config import DatasetConfig
from technogen.dataset.listing import Kind
from technogen.dataset.manifest import HEAD, WORK, Head, read_head, read_manifest
from technogen.dataset.tracks import Entry
from technogen.dataset.working import Record, Status, read_records
from technogen.errors import DatasetError, MissingFileError, OutputError


@dataclass(slots=True)
class Known:
    """What is known of files by their key, SHA256-KIND: what became of them, and where their rows are."""

    records: dict[str, Record]
    places: dict[str, Location]


@dataclass(frozen=True, slots=True)
class Previous:
    """The data set that is there already."""

    head: Head | None = None
    entries: tuple[Entry, ...] = ()


def open_previous(folder: Path, config: DatasetConfig, *, force: bool) -> Previous:
    """The data set in a folder, or none.

    Args:
        folder: May be absent.
        config: The choices of the build to come.
        force: Pass over what stands in the way.

    Raises:
        OutputError: If the folder is a file, or holds other things.
        DatasetError: If it holds a data set of other choices, or a damaged one.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; give the folder that the data set goes to")
    if not (folder / HEAD).exists():
        strangers = [p.name for p in folder.iterdir() if p.name != WORK] if folder.exists() else []
        if strangers and not force:
            raise OutputError(f"{folder} holds other things ({strangers[0]}, ...); give an empty folder, or --force")
        return Previous()
    try:
        head, entries = read_head(folder), read_manifest(folder)
    except (DatasetError, MissingFileError):
        if force:
            return Previous()
        raise
    if head.config.digest("") != config.digest(""):
        if not force:
            raise DatasetError(f"{folder} holds a data set of other choices; give another folder, or --force")
        return Previous()
    return Previous(head, entries)


def recall_files(folder: Path, parts: Path, previous: Previous) -> Known:
    """What the parts of an interrupted build and the data set in a folder tell of files.

    Args:
        folder: Of the data set.
        parts: Of parts made by the same choices and version.
        previous: The data set; of another version nothing is taken.
    """
    records = read_records(parts)
    places = {key: Location(parts / f"{key}.parquet", 0, r.windows) for key, r in records.items() if r.windows}
    if previous.head is None or previous.head.version != __version__:
        return Known(records, places)
    for entry in previous.entries:
        if entry.status == "failed":
            continue
        key = make_key(entry.sha256, entry.kind)
        status: Status = "ok" if entry.windows else "empty"
        records[key] = Record(
            entry.sha256, entry.kind, status, entry.reason, entry.content, entry.seconds, entry.windows
        )
        if entry.shard and (folder / entry.shard).exists():
            places[key] = Location(folder / entry.shard, entry.first_row, entry.windows)
    return Known(records, places)


def make_key(digest: str, kind: Kind) -> str:
    """What a file is known by: its bytes, and what they were taken for."""
    return f"{digest}-{kind}"
