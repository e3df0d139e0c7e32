"""A data set on disk, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from technogen.dataset.config import DatasetConfig
from technogen.dataset.manifest import Shard, read_head, read_manifest
from technogen.dataset.tracks import SPLITS, Entry, Split
from technogen.errors import DatasetError
from technogen.midi import parse_midi
from technogen.score import Score

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A window of a track.

    Attributes:
        track_id, track, split: Its track: id, path in the source, "train", "validation" or "test".
        start_seconds: Where it starts in the recording.
        start_bar, bars: Where it starts in bars, and how many it has; None where no bars are known.
        tempo: Beats a minute of the track; None where it is not constant, or not known.
        licence: As it was given.
        version: Of TechnoGen.
        arrays: "raw", "spectrogram" and "mel", where they were stored and the track has sound.
        midi: The bytes of a MIDI file, where it was stored.
    """

    track_id: str
    track: str
    split: str
    start_seconds: float
    start_bar: float | None
    tempo: float | None
    bars: float | None
    licence: str | None
    version: str
    arrays: Mapping[str, NDArray[np.float32]]
    midi: bytes | None

    @property
    def score(self) -> Score | None:
        """The notes of the window."""
        return None if self.midi is None else parse_midi(self.midi).score


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set on disk.

    Attributes:
        folder: Where it is.
        version: The version of TechnoGen that built it.
        config: The choices.
        shards: The Parquet files.
        entries: What became of each file of the source.
    """

    folder: Path
    version: str
    config: DatasetConfig
    shards: tuple[Shard, ...]
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        """How many windows there are."""
        return sum(shard.rows for shard in self.shards)

    def paths(self, split: Split | None = None) -> list[Path]:
        """The Parquet files of a split, or all.

        Raises:
            DatasetError: If there is no such split.
        """
        if split is not None and split not in SPLITS:
            raise DatasetError(f"a split is {', '.join(SPLITS)}, got {split!r}")
        return [self.folder / shard.name for shard in self.shards if split in (None, shard.split)]

    def rows(self, split: Split | None = None) -> Iterator[Row]:
        """The windows of a split, or all, in their order; a few are in memory at once."""
        for batch in self._batches(split):
            for record in range(len(batch)):
                yield _make_row(batch, record)

    def to_pandas(self, split: Split | None = None) -> pandas.DataFrame:
        """A split, or all, as a pandas data frame with one column each; arrays are flat, beside their shapes."""
        import pyarrow as pa  # noqa: PLC0415

        from technogen.dataset.schema import make_schema  # noqa: PLC0415

        batches = list(self._batches(split))
        table = pa.concat_tables(batches) if batches else make_schema(self.config).empty_table()
        frame: pandas.DataFrame = table.to_pandas()
        return frame

    def _batches(self, split: Split | None) -> Iterator[Any]:
        import pyarrow.parquet as pq  # noqa: PLC0415

        for path in self.paths(split):
            try:
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        yield file.read_row_group(group)
            except (OSError, ValueError) as error:
                raise DatasetError(f"{path} cannot be read ({error}); build the data set again") from error


def read_dataset(folder: str | Path) -> Dataset:
    """Open a data set that `build_dataset` wrote.

    Raises:
        MissingFileError: If there is none.
        DatasetError: If it is damaged.
    """
    head = read_head(Path(folder))
    return Dataset(Path(folder), head.version, head.config, head.shards, read_manifest(Path(folder)))


def _make_row(batch: Any, at: int) -> Row:
    def value(name: str) -> Any:
        return batch[name][at].as_py()

    arrays = {}
    for name in ("raw", "spectrogram", "mel"):
        if name in batch.column_names and batch[name][at].is_valid:
            flat = batch[name][at].values.to_numpy()
            arrays[name] = flat.reshape(value(f"{name}_shape"))
    return Row(
        track_id=value("track_id"),
        track=value("track"),
        split=value("split"),
        start_seconds=value("start_seconds"),
        start_bar=value("start_bar"),
        tempo=value("tempo"),
        bars=value("bars"),
        licence=value("licence"),
        version=value("version"),
        arrays=arrays,
        midi=value("midi") if "midi" in batch.column_names else None,
    )
