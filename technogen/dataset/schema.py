"""The columns of a data set, and rows of them in Parquet files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from technogen.dataset.config import FORMAT_VERSION, DatasetConfig, config_to_json

METADATA_KEY = b"technogen.dataset"
GROUP_BYTES = 16 * 2**20
"""About how much of a shard is in memory at once, where single rows are not larger."""
TRACK_COLUMNS = ("track_id", "track", "split")
PART_COLUMNS = ("start_seconds", "start_bar", "tempo", "bars")
SOURCE_COLUMNS = ("licence", "version")
COLUMNS: dict[str, tuple[str, str]] = {
    "track_id": ("string", "16 hexadecimal digits; equal for all windows, names and encodings of one recording"),
    "track": ("string", "the path of the file in the source folder"),
    "split": ("string", "train, validation or test: by a hash of track_id, 80/10/10"),
    "start_seconds": ("double", "where the window starts in the recording; sample round(start_seconds * sample_rate)"),
    "start_bar": ("double", "where it starts in bars from the first bar line; null where no bars are known"),
    "tempo": ("double", "beats a minute of the track; null where it is not constant, or not known"),
    "bars": ("double", "the length of the window in bars of 4/4; null where no bars are known"),
    "licence": ("string", "the licence of the recordings as it was given; null where it was not"),
    "version": ("string", "the version of TechnoGen that made the row"),
    "raw": ("list<float>", "samples, -1..1: (n,), in stereo (n, 2); flat, in row-major order"),
    "raw_shape": ("list<int32>", "the shape of raw"),
    "spectrogram": ("list<float>", "amplitudes, 1 for a sine of full scale: (frames, fft_size / 2 + 1); flat"),
    "spectrogram_shape": ("list<int32>", "the shape of spectrogram"),
    "mel": ("list<float>", "decibels, 0 for a sine of full scale, at least -100: (frames, mel_bands); flat"),
    "mel_shape": ("list<int32>", "the shape of mel"),
    "midi": ("binary", "a Standard MIDI File of the window's drums and acid line"),
}
"""Each column with its type and its meaning, in their order."""

_TYPES = {
    "string": pa.string(),
    "double": pa.float64(),
    "binary": pa.binary(),
    "list<float>": pa.list_(pa.field("element", pa.float32())),
    "list<int32>": pa.list_(pa.field("element", pa.int32())),
}
_NEVER_NULL = frozenset({"track_id", "track", "split", "start_seconds", "version"})


def list_columns(config: DatasetConfig) -> tuple[str, ...]:
    """The columns of a data set in their order."""
    return (*TRACK_COLUMNS, *PART_COLUMNS, *SOURCE_COLUMNS, *list_values(config))


def list_values(config: DatasetConfig) -> tuple[str, ...]:
    """The columns of its representations."""
    pairs = [(name, f"{name}_shape") for name in config.sounds]
    return (*(column for pair in pairs for column in pair), *(["midi"] if "midi" in config.representations else []))


def make_schema(config: DatasetConfig) -> pa.Schema:
    """The schema of the shards; its metadata holds the choices and the meaning of each column, as JSON."""
    columns = list_columns(config)
    about = {
        "format": FORMAT_VERSION,
        "config": config_to_json(config),
        "columns": {name: COLUMNS[name][1] for name in columns},
    }
    text = json.dumps(about, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")
    return pa.schema([_field(name) for name in columns], metadata={METADATA_KEY: text})


def make_part_schema(config: DatasetConfig) -> pa.Schema:
    """The schema of the rows of one file, before they are known by a track."""
    return pa.schema([_field(name) for name in (*PART_COLUMNS, *list_values(config))])


def make_list(array: NDArray[Any] | None, column: str) -> pa.Array:
    """An array, flat, as the one value of a list column; null for None."""
    kind = _TYPES[COLUMNS[column][0]]
    if array is None:
        return pa.nulls(1, kind)
    flat = np.ascontiguousarray(array).reshape(-1)
    return pa.ListArray.from_arrays(pa.array([0, len(flat)], pa.int32()), pa.array(flat, kind.value_type), type=kind)


class RowWriter:
    """Writes rows to one Parquet file; equal rows give equal bytes however they are handed over."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        names = [field.name for field in schema if field.type == pa.string()]
        self._writer = pq.ParquetWriter(str(path), schema, compression="zstd", use_dictionary=names)
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._bytes = 0

    def write(self, rows: pa.Table) -> None:
        """Take rows; they are written a group at a time."""
        start = 0
        for i, size in enumerate(measure_rows(rows)):
            self._bytes += size
            if self._bytes >= GROUP_BYTES:
                self._waiting.append(rows.slice(start, i + 1 - start))
                self._flush()
                start = i + 1
        if start < len(rows):
            self._waiting.append(rows.slice(start))

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            group = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(group, row_group_size=max(1, len(group)))
        self._waiting, self._bytes = [], 0


def measure_rows(rows: pa.Table) -> list[int]:
    """About how many bytes each row takes before compression."""
    import pyarrow.compute as pc  # noqa: PLC0415

    total = np.full(len(rows), 64, np.int64)
    for field in rows.schema:
        if pa.types.is_list(field.type):
            lengths = pc.list_value_length(rows[field.name])
            total += 4 * np.asarray(pc.fill_null(lengths, 0).to_numpy(), np.int64)
        elif field.type == pa.binary():
            total += np.asarray(pc.fill_null(pc.binary_length(rows[field.name]), 0).to_numpy(), np.int64)
    return [int(size) for size in total]


class RowReader:
    """Reads rows of Parquet files, a group at a time; keeps the last file open and its last group."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._file: Any = None
        self._group: tuple[int, Any] = (-1, None)

    def read(self, path: Path, first: int, count: int) -> Iterator[pa.Table]:
        """The rows `first`..`first + count` of a file."""
        self._open(path)
        at = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            low, high = max(first, at), min(first + count, at + rows)
            if low < high:
                yield self._read_group(group).slice(low - at, high - low)
            at += rows

    def close(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()
        self._path, self._file, self._group = None, None, (-1, None)

    def _open(self, path: Path) -> None:
        if path != self._path:
            self.close()
            self._path, self._file = path, pq.ParquetFile(path)

    def _read_group(self, group: int) -> Any:
        if self._group[0] != group:
            self._group = group, self._file.read_row_group(group)
        return self._group[1]


def _field(name: str) -> pa.Field:
    return pa.field(name, _TYPES[COLUMNS[name][0]], nullable=name not in _NEVER_NULL)
