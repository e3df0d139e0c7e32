"""From the parts of files to the shards of a data set: the same parts give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pyarrow as pa

from technogen.dataset.config import DatasetConfig
from technogen.dataset.listing import hash_file
from technogen.dataset.manifest import DATA, Shard
from technogen.dataset.schema import RowReader, RowWriter, make_schema, measure_rows
from technogen.dataset.tracks import SPLITS, Entry
from technogen.files import make_folder


@dataclass(frozen=True, slots=True)
class Location:
    """Where the rows of a file are: in its part, or in a shard of an earlier build."""

    path: Path
    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """The shards, and the entries with the place of their rows."""

    shards: tuple[Shard, ...]
    entries: tuple[Entry, ...]


def assemble_shards(
    folder: Path, entries: Sequence[Entry], locations: Mapping[str, Location], config: DatasetConfig
) -> Assembly:
    """Write the shards of all splits, the files of each in their order, none cut in two.

    Args:
        folder: Where `data` goes.
        entries: The manifest.
        locations: By the name of the file.
        config: The choices.
    """
    make_folder(folder / DATA)
    placed: dict[str, Entry] = {}
    shards: list[Shard] = []
    reader = RowReader()
    try:
        for split in SPLITS:
            waiting = [e for e in entries if e.split == split and e.status == "ok"]
            for number in count():
                if not waiting:
                    break
                name = f"{DATA}/{split}-{number:05d}.parquet"
                written = _write_shard(folder / name, waiting, _Source(locations, reader, config))
                placed |= {e.file: replace(e, shard=name, first_row=row) for e, row in zip(waiting, written)}
                shards.append(_describe(folder, name, split, sum(e.windows for e in waiting[: len(written)])))
                waiting = waiting[len(written) :]
    finally:
        reader.close()
    return Assembly(tuple(shards), tuple(placed.get(e.file, e) for e in entries))


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    locations: Mapping[str, Location]
    reader: RowReader
    config: DatasetConfig

    def read(self, entry: Entry) -> Iterator[pa.Table]:
        """The rows of a file, with the columns of its track."""
        place, schema = self.locations[entry.file], make_schema(self.config)
        same: dict[str, str | None] = {"track_id": entry.track_id, "track": entry.file, "split": entry.split}
        same |= {"licence": self.config.licence, "version": entry.version}
        for rows in self.reader.read(place.path, place.first, place.rows):
            columns = [
                pa.repeat(pa.scalar(same[f.name], f.type), len(rows)) if f.name in same else rows[f.name]
                for f in schema
            ]
            yield pa.Table.from_arrays(columns, schema=schema)


def _write_shard(path: Path, entries: Sequence[Entry], source: _Source) -> list[int]:
    """Write files into one shard until it is full; gives the first row of each that is in it."""
    firsts, rows, size = [], 0, 0
    writer = RowWriter(path, make_schema(source.config))
    try:
        for entry in entries:
            firsts.append(rows)
            for table in source.read(entry):
                writer.write(table)
                size += sum(measure_rows(table))
                rows += len(table)
            if size >= source.config.shard_bytes:
                break
    finally:
        writer.close()
    return firsts


def _describe(folder: Path, name: str, split: str, rows: int) -> Shard:
    path = folder / name
    return Shard(name, split, rows, path.stat().st_size, hash_file(path))
