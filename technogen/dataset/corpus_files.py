"""A training set on disk: Parquet files of token windows, one a split, and their reader."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from technogen.dataset.corpus_rows import Split, WindowRow
from technogen.errors import DatasetError, MissingFileError
from technogen.files import replace_on_success
from technogen.tokens import Encoded, fingerprint

FORMAT_VERSION = 1
COLUMNS: dict[str, tuple[str, str]] = {
    "window_id": ("string", "source, split and number, by which the same seed draws it again"),
    "track": ("string", "the file that it is from; by rules style and seed; of a pair drums + bass"),
    "split": ("string", "train or validation: by song, and no telling bar in both"),
    "start_bar": ("int32", "where it starts in the track, in bars"),
    "tempo": ("double", "beats a minute"),
    "swing": ("double", "where the second 16th of an 8th falls: 0.5 straight"),
    "bars": ("int32", "its length in bars of 4/4"),
    "source": ("string", "rules, human, repaired or groove: the row of the mix"),
    "kind": ("string", "dance, songs, drumming; loop or track by rules; pair"),
    "style": ("string", "the style by rules; empty where none is known"),
    "licence": ("string", "of the track; of a pair of both"),
    "tokens": ("list<uint16>", "ids of technogen.tokens, from BOS to EOS"),
}
"""Each column with its type and its meaning, in their order."""

_METADATA = b"technogen.corpus"
_TYPES = {"string": pa.string(), "double": pa.float64(), "int32": pa.int32(), "list<uint16>": pa.list_(pa.uint16())}
_GROUP_ROWS = 4096

Strings = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Corpus:
    """One split of a training set in memory: the tokens of all windows end to end, and a value a window beside them.

    Attributes:
        ids: The tokens of all windows, (tokens,).
        starts: Where each window starts in `ids`, and the end, (windows + 1,).
        tempos, swings: (windows,).
        bars: (windows,).
        sources, styles, tracks, licences: (windows,).
    """

    ids: NDArray[np.uint16]
    starts: NDArray[np.int64]
    tempos: NDArray[np.float64]
    swings: NDArray[np.float64]
    bars: NDArray[np.int32]
    sources: Strings
    styles: Strings
    tracks: Strings
    licences: Strings

    def __len__(self) -> int:
        return len(self.bars)

    def window(self, number: int) -> NDArray[np.uint16]:
        """The tokens of a window, a view of `ids`."""
        return self.ids[self.starts[number] : self.starts[number + 1]]

    def encoded(self, number: int) -> Encoded:
        """A window as `technogen.tokens.decode` reads it."""
        ids = tuple(self.window(number).tolist())
        return Encoded(ids, float(self.tempos[number]), float(self.swings[number]), int(self.bars[number]))

    def __iter__(self) -> Iterator[NDArray[np.uint16]]:
        return (self.window(number) for number in range(len(self)))


def read_corpus(folder: str | Path, split: Split = "train") -> Corpus:
    """Read a split of what `technogen.dataset.corpus.write_corpus` wrote.

    Args:
        folder: The folder with `data` in it.
        split: "train" or "validation".

    Raises:
        MissingFileError: If there is no such training set.
        DatasetError: If it is none, or its tokens are those of another vocabulary.
    """
    path = Path(folder) / "data" / f"{split}.parquet"
    if not path.is_file():
        raise MissingFileError(f"{path}: no such file; technogen dataset corpus makes it")
    try:
        table = pq.read_table(path).combine_chunks()
        about = json.loads((table.schema.metadata or {}).get(_METADATA, b"{}"))
        _check_vocabulary(path, about)
        tokens = table["tokens"].combine_chunks()
        values = {name: table[name].to_numpy() for name in ("tempo", "swing", "bars")}
        texts = {name: np.array(table[name].to_pylist(), dtype=np.str_) for name in _TEXTS}
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path}: no training set of TechnoGen: {error}") from error
    if isinstance(tokens, pa.ChunkedArray):
        tokens = tokens.combine_chunks() if tokens.num_chunks else pa.array([], type=_TYPES["list<uint16>"])
    return Corpus(
        ids=tokens.values.to_numpy(),
        starts=tokens.offsets.to_numpy().astype(np.int64),
        tempos=values["tempo"],
        swings=values["swing"],
        bars=values["bars"],
        sources=texts["source"],
        styles=texts["style"],
        tracks=texts["track"],
        licences=texts["licence"],
    )


_TEXTS = ("source", "style", "track", "licence")


def write_rows(path: Path, rows: Sequence[WindowRow], choices: Mapping[str, Any]) -> None:
    """Write one split, whole or not at all; equal rows give equal bytes.

    Raises:
        OutputError: If it cannot be written.
    """
    columns: dict[str, pa.Array] = {}
    for name, (kind, _) in COLUMNS.items():
        if name != "tokens":
            columns[name] = pa.array([getattr(row, name) for row in rows], type=_TYPES[kind])
    ids = np.frombuffer(b"".join(row.ids for row in rows), dtype=np.uint16)
    offsets = np.cumsum([0, *(len(row.ids) // 2 for row in rows)]).astype(np.int32)
    columns["tokens"] = pa.ListArray.from_arrays(pa.array(offsets), pa.array(ids))
    about = {"format": FORMAT_VERSION, "vocabulary": fingerprint(), **choices}
    table = pa.table(columns).replace_schema_metadata({_METADATA: json.dumps(about, sort_keys=True).encode()})
    with replace_on_success(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", row_group_size=_GROUP_ROWS)


def _check_vocabulary(path: Path, about: Mapping[str, Any]) -> None:
    found = about.get("vocabulary")
    if found != fingerprint():
        raise DatasetError(
            f"{path}: its tokens are of vocabulary {found}, and this version has {fingerprint()}; make it again"
        )
