"""The card of a data set: what is in it, how it was made, how to read it; Markdown that the Hugging Face Hub reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from technogen.dataset.config import DatasetConfig
from technogen.dataset.manifest import DATA, Head
from technogen.dataset.schema import COLUMNS, list_columns
from technogen.dataset.tracks import SPLITS, Entry
from technogen.files import write_text


def write_card(folder: Path, head: Head, entries: Sequence[Entry]) -> None:
    """Write `README.md` into the folder of a data set."""
    blocks = [_front_matter(head), _summary(head, entries), _table(head, entries), _columns(head.config), _reading()]
    write_text(folder / "README.md", "\n\n".join(blocks) + "\n")


def _front_matter(head: Head) -> str:
    found = [split for split in SPLITS if any(shard.split == split for shard in head.shards)]
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split in found:
        lines += [f"  - split: {split}", f"    path: {DATA}/{split}-*.parquet"]
    return "\n".join([*lines, "---"])


def _summary(head: Head, entries: Sequence[Entry]) -> str:
    used = [e for e in entries if e.status == "ok"]
    counts: Counter[str] = Counter(entry.status for entry in entries)
    hours = sum(e.seconds for e in used) / 3600
    config = head.config
    left_out = ", ".join(f"{counts[s]} {word}" for s, word in _LEFT_OUT if counts[s]) or "none"
    lines = [
        "# Data set",
        "",
        f"{sum(shard.rows for shard in head.shards)} windows of {len({e.track_id for e in used})} tracks, "
        f"{hours:.2f} hours of music; made by TechnoGen {head.version}.",
        "",
        f"- Windows: {_describe_windows(config)}.",
        f"- Sound: {config.sample_rate} Hz, {'stereo' if config.stereo else 'mono'}; frames of {config.fft_size} "
        f"samples, {config.fft_hop} apart; {config.mel_bands} mel bands."
        if config.sounds
        else "- Sound: none is stored.",
        f"- Licence of the source: {config.licence or 'not given. Find out before you pass this on'}.",
        f"- Files left out: {left_out}; `manifest.jsonl` says why, a line a file.",
    ]
    return "\n".join(lines)


_LEFT_OUT = (("duplicate", "the same music as another"), ("empty", "without a window"), ("failed", "could not be used"))


def _describe_windows(config: DatasetConfig) -> str:
    if config.window_by == "none":
        return "each track whole"
    return f"{config.window_length:g} {config.window_by}, from one to the next {config.window_hop:g}"


def _table(head: Head, entries: Sequence[Entry]) -> str:
    lines = ["| split | tracks | windows | files |", "| --- | --- | --- | --- |"]
    for split in SPLITS:
        tracks = {e.track_id for e in entries if e.status == "ok" and e.split == split}
        shards = [shard for shard in head.shards if shard.split == split]
        lines.append(f"| {split} | {len(tracks)} | {sum(s.rows for s in shards)} | {len(shards)} |")
    return "\n".join([*lines, "", "The split is by track: all windows, names and encodings of a track are in one."])


def _columns(config: DatasetConfig) -> str:
    rows = (f"| `{name}` | {COLUMNS[name][0]} | {COLUMNS[name][1]} |" for name in list_columns(config))
    return "\n".join(["## Columns", "", "| column | type | meaning |", "| --- | --- | --- |", *rows])


def _reading() -> str:
    return "\n".join(_reading_lines())


def _reading_lines() -> Iterator[str]:
    yield from ("## Reading it", "", "```python")
    yield "from technogen.dataset import read_dataset"
    yield ""
    yield 'for row in read_dataset(".").rows("train"):'
    yield "    print(row.track, row.tempo, {name: array.shape for name, array in row.arrays.items()}, row.score)"
    yield from ("```", "", "Any reader of Parquet does: an array is a flat list beside its shape, as in")
    yield from ("`numpy.asarray(row.mel).reshape(row.mel_shape)`; `midi` is a MIDI file of its window.")
