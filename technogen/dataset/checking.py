"""Whether a data set on disk is whole and keeps its word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from technogen.dataset.config import DatasetConfig
from technogen.dataset.listing import hash_file
from technogen.dataset.manifest import MANIFEST, Shard, format_manifest, hash_text
from technogen.dataset.reading import Dataset, Row, read_dataset
from technogen.dataset.tracks import Entry, choose_split
from technogen.errors import MidiError, TechnoGenError

_LISTED = 20
"""So many problems of one kind are told; of the rest only the number."""


def check_dataset(folder: str | Path, *, progress: Callable[[str, int, int], None] | None = None) -> tuple[str, ...]:
    """Read a whole data set and look for what is wrong with it.

    Checked are the hashes of all files; the schema of each shard; that every row belongs to a file of the manifest,
    lies where the manifest says, has the split of its track and arrays of its shape; that windows are in order and
    inside their recording; that MIDI can be read; that no track, and no recording, is in two splits.

    Args:
        folder: Of the data set.
        progress: Called with what is done, how many shards of it, of how many.

    Returns:
        The problems, in words; none if all is well.

    Raises:
        MissingFileError: If there is no data set.
        DatasetError: If its registers cannot be read.
    """
    dataset = read_dataset(folder)
    problems = [*_check_manifest(dataset), *_check_splits(dataset.entries)]
    expected = {entry.file: entry for entry in dataset.entries if entry.status == "ok"}
    for done, shard in enumerate(dataset.shards):
        found = list(_check_shard(dataset, shard, expected))
        problems += found[:_LISTED]
        if len(found) > _LISTED:
            problems.append(f"{shard.name}: {len(found) - _LISTED} more problems")
        if progress:
            progress("checking", done + 1, len(dataset.shards))
    return tuple(problems)


def _check_manifest(dataset: Dataset) -> Iterator[str]:
    from technogen.dataset.manifest import read_head  # noqa: PLC0415

    if hash_text(format_manifest(dataset.entries)) != read_head(dataset.folder).manifest_sha256:
        yield f"{MANIFEST} is not the one that was written with the data set"
    listed = {shard.name for shard in dataset.shards}
    for path in sorted((dataset.folder / "data").glob("*")):
        if f"data/{path.name}" not in listed:
            yield f"data/{path.name} does not belong to the data set"
    for entry in dataset.entries:
        if entry.status == "ok" and entry.shard not in listed:
            yield f"{entry.file}: its shard {entry.shard!r} is not in the data set"


def _check_splits(entries: tuple[Entry, ...]) -> Iterator[str]:
    splits: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.status != "failed":
            splits[f"track {entry.track_id}"].add(entry.split)
            splits[f"recording {entry.content}"].add(entry.split)
            if entry.split != choose_split(entry.track_id):
                yield f"{entry.file}: its split is {entry.split}, by its track it is {choose_split(entry.track_id)}"
    for name, found in splits.items():
        if len(found) > 1:
            yield f"{name} is in several splits: {', '.join(sorted(found))}"


def _check_shard(dataset: Dataset, shard: Shard, expected: dict[str, Entry]) -> Iterator[str]:
    path = dataset.folder / shard.name
    try:
        if hash_file(path) != shard.sha256:
            yield f"{shard.name} has changed since it was written (its SHA-256 differs)"
        yield from (f"{shard.name}: {problem}" for problem in _check_schema(path, dataset.config))
        yield from _check_rows(dataset, shard, expected)
    except TechnoGenError as error:
        yield str(error)
    except (OSError, ValueError, KeyError) as error:
        yield f"{shard.name} cannot be read: {error}"


def _check_schema(path: Path, config: DatasetConfig) -> Iterator[str]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    from technogen.dataset.schema import make_schema  # noqa: PLC0415

    found, wanted = pq.read_schema(path), make_schema(config)
    if not found.equals(wanted, check_metadata=True):
        yield f"its schema is {_words(found)}, it should be {_words(wanted)}"


def _words(schema: Any) -> str:
    return ", ".join(f"{field.name}: {field.type}" for field in schema)


def _check_rows(dataset: Dataset, shard: Shard, expected: dict[str, Entry]) -> Iterator[str]:
    """The rows of one shard, a file's after another's."""
    counts: dict[str, int] = defaultdict(int)
    starts: dict[str, float] = {}
    one = Dataset(dataset.folder, dataset.version, dataset.config, (shard,), dataset.entries)
    number = -1
    for number, row in enumerate(one.rows()):
        entry = expected.get(row.track)
        place = f"{shard.name}, row {number}, {row.track}"
        if entry is None:
            yield f"{place}: no such file in the manifest"
            continue
        if counts[row.track] == 0 and (entry.shard, entry.first_row) != (shard.name, number):
            yield f"{place}: the manifest says {entry.shard}, row {entry.first_row}"
        if row.start_seconds <= starts.get(row.track, float("-inf")):
            yield f"{place}: it starts at {row.start_seconds} s, not after the window before it"
        counts[row.track] += 1
        starts[row.track] = row.start_seconds
        yield from (f"{place}: {problem}" for problem in _check_row(row, entry, shard, dataset.config))
    if number + 1 != shard.rows:
        yield f"{shard.name} has {number + 1} rows, it should have {shard.rows}"
    for entry in expected.values():
        if entry.shard == shard.name and counts[entry.file] != entry.windows:
            yield f"{shard.name}: {counts[entry.file]} windows of {entry.file}, there should be {entry.windows}"


def _check_row(row: Row, entry: Entry, shard: Shard, config: DatasetConfig) -> Iterator[str]:
    if (row.track_id, row.split) != (entry.track_id, entry.split) or row.split != shard.split:
        yield f"track {row.track_id} in {row.split}, it should be {entry.track_id} in {entry.split}"
    if row.start_seconds > entry.seconds:
        yield f"it starts at {row.start_seconds} s of {entry.seconds} s"
    if entry.kind == "audio" and set(row.arrays) != set(config.sounds):
        yield f"it has {sorted(row.arrays)}, it should have {sorted(config.sounds)}"
    for name, array in row.arrays.items():
        if array.size == 0 or not _is_finite(array):
            yield f"{name} has values that are no numbers, or none"
    try:
        score = row.score
    except MidiError as error:
        yield f"its MIDI cannot be read: {error}"
    else:
        if score and row.tempo is not None and abs(score.tempo - row.tempo) > 0.01:
            yield f"its MIDI has {score.tempo} beats a minute, the row {row.tempo}"


def _is_finite(array: Any) -> bool:
    import numpy as np  # noqa: PLC0415

    return bool(np.isfinite(array).all())
