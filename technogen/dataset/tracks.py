"""Which files are one track, and the split that a track belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from technogen.dataset.listing import Kind, SourceFile
from technogen.dataset.working import Record

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SHARES = (0.8, 0.1, 0.1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a file of the source: a line of the manifest.

    Attributes:
        file: Its path in the source folder.
        status: "ok"; "empty" where there is no window; "duplicate" of another file; "failed".
        reason: Why not, or what was wrong with it all the same.
        same_as: Of a duplicate: the file that has the rows.
        kind: "audio" or "midi".
        sha256: Of its bytes; empty where they could not be read.
        content: Of the music in it, whatever its encoding.
        track_id: Of its track; empty where it failed.
        split: Of its track; empty where it failed.
        seconds: How long it is.
        windows: How many windows there are of it, and rows, unless it is a duplicate.
        shard: The file in the data set that holds its rows; empty where it has none.
        first_row: The first of them in that file.
        version: The version of TechnoGen that made them.
    """

    file: str
    status: Literal["ok", "empty", "duplicate", "failed"]
    reason: str
    kind: Kind
    sha256: str
    same_as: str = ""
    content: str = ""
    track_id: str = ""
    split: str = ""
    seconds: float = 0.0
    windows: int = 0
    shard: str = ""
    first_row: int = 0
    version: str = ""


def choose_split(track_id: str) -> Split:
    """The split of a track: by a hash of its id, 80/10/10."""
    draw = int.from_bytes(hashlib.sha256(track_id.encode()).digest()[:8], "big") / 2**64
    if draw < SHARES[0]:
        return "train"
    return "validation" if draw < SHARES[0] + SHARES[1] else "test"


def enter_files(files: Sequence[SourceFile], records: Mapping[str, Record], version: str) -> list[Entry]:
    """A manifest entry for each file, in the order of the files.

    Files of the same music, and files of one folder whose names differ in the ending alone, are one track. Its id
    comes from the music in the first of them by name, recordings before MIDI, so that a recording keeps its id and
    split under any name. Of files of the same music the first by name has rows; the others are its duplicates.

    Args:
        files: By name.
        records: By the name of the file.
        version: Of TechnoGen.
    """
    tracks = _join(files, records)
    firsts: dict[str, str] = {}
    entries = []
    for file in files:
        record = records[file.name]
        entry = Entry(file.name, record.status, record.reason, record.kind, record.sha256)
        if record.status != "failed":
            track_id = tracks[file.name]
            first = firsts.setdefault(record.content, file.name)
            entry = Entry(
                file=file.name,
                status=record.status if first == file.name else "duplicate",
                reason=record.reason,
                kind=record.kind,
                sha256=record.sha256,
                same_as="" if first == file.name else first,
                content=record.content,
                track_id=track_id,
                split=choose_split(track_id),
                seconds=record.seconds,
                windows=record.windows,
                version=version,
            )
        entries.append(entry)
    return entries


def _join(files: Sequence[SourceFile], records: Mapping[str, Record]) -> dict[str, str]:
    """The track id of each file that was read, by its name."""
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        parents.setdefault(key, key)
        while parents[key] != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    read = [file for file in files if records[file.name].status != "failed"]
    for file in read:
        for key in (f"music {records[file.name].content}", f"name {PurePosixPath(file.name).with_suffix('')}"):
            parents[root(key)] = root(f"file {file.name}")
    ids: dict[str, str] = {}
    for file in sorted(read, key=lambda f: f.kind):  # "audio" before "midi", else by name
        ids.setdefault(root(f"file {file.name}"), records[file.name].content[:16])
    return {file.name: ids[root(f"file {file.name}")] for file in read}
