"""The card of a training set: what is in it, from whom, and under which licences; Markdown that the Hub reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from technogen.dataset.corpus_files import COLUMNS
from technogen.dataset.corpus_rows import SPLITS, Split, WindowRow
from technogen.dataset.mixing import MIX
from technogen.dataset.songs import Songs

Rows = Mapping[Split, Sequence[WindowRow]]


def describe_corpus(rows: Rows, songs: Songs, choices: Mapping[str, Any]) -> str:
    """The text of the card."""
    blocks = (_front_matter(), _summary(rows, choices), _mix(rows), _songs(songs), _licences(rows), _columns())
    return "\n".join(line for block in blocks for line in (*block, ""))


def _front_matter() -> Iterator[str]:
    yield from ("---", "configs:", "- config_name: default", "  data_files:")
    for split in SPLITS:
        yield from (f"  - split: {split}", f"    path: data/{split}.parquet")
    yield "---"


def _summary(rows: Rows, choices: Mapping[str, Any]) -> Iterator[str]:
    command = f"technogen dataset corpus OUT --windows {choices['windows']} --bars {choices['bars']}"
    yield from ("# Training set of a TechnoGen composer", "")
    yield "Windows of techno as tokens: by rules, from human songs, and human drums with other basslines. Made by"
    more = " --share-alike" if choices["share_alike"] else ""
    yield f"`{command} --seed {choices['seed']} --human SPLIT.json{more}`; the same line gives the same bytes."
    yield from ("", "| split | windows | bars | different bars | tokens | tokens a bar |")
    yield "| --- | --- | --- | --- | --- | --- |"
    for split in SPLITS:
        tokens, bars = sum(len(r.ids) // 2 for r in rows[split]), sum(r.bars for r in rows[split])
        different = len({bar for row in rows[split] for bar in row.contents})
        yield (
            f"| {split} | {len(rows[split])} | {bars} | {different} ({different / max(1, bars):.0%}) | {tokens} "
            f"| {tokens / max(1, bars):.1f} |"
        )
    yield from ("", "Bars differ where their onsets do, transposition and velocities aside. The split is by song; no")
    yield "bar of drums or bass that could tell a song stands in both."


def _mix(rows: Rows) -> Iterator[str]:
    yield from ("## Sources", "", "| source | train | validation | different bars | tokens a bar | what |")
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in MIX:
        ours = [r for r in rows["train"] if r.source == row.source]
        counts = [sum(r.source == row.source for r in rows[split]) for split in SPLITS]
        bars = sum(r.bars for r in ours)
        different = len({bar for r in ours for bar in r.contents})
        tokens = sum(len(r.ids) // 2 for r in ours)
        shares = f"{different / max(1, bars):.0%} | {tokens / max(1, bars):.1f}"
        yield f"| {row.source} | {counts[0]} | {counts[1]} | {shares} | {row.meaning} |"


def _songs(songs: Songs) -> Iterator[str]:
    yield from ("## Human songs", "", "`songs.jsonl` has a line for each file, and says why one was left out.", "")
    yield from (
        "| collection | kind | licence | train: songs (bars) | validation: songs (bars) |",
        "| --- |" + " --- |" * 4,
    )
    counts: Counter[tuple[str, str, str, bool]] = Counter()
    bars: Counter[tuple[str, str, str, bool]] = Counter()
    for song in songs.songs:
        key = (song.source, song.kind, song.licence, song.held_out)
        counts[key] += 1
        bars[key] += song.score.bars
    for source, kind, licence in sorted({key[:3] for key in counts}):
        cells = [f"{counts[source, kind, licence, k]} ({bars[source, kind, licence, k]})" for k in (False, True)]
        yield f"| {source} | {kind} | {licence} | {cells[0]} | {cells[1]} |"
    yield from ("", f"Left out: {len(songs.refused)} files.")


def _licences(rows: Rows) -> Iterator[str]:
    yield from ("## Licences", "", "| licence | windows |", "| --- | --- |")
    counts = Counter(row.licence for split in SPLITS for row in rows[split])
    for licence, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"| {licence} | {count} |"
    yield from ("", "Windows keep the licence of what they are from; those that ask for attribution must get it.")


def _columns() -> Iterator[str]:
    yield from ("## Columns", "", "| column | type | meaning |", "| --- | --- | --- |")
    for name, (kind, meaning) in COLUMNS.items():
        yield f"| `{name}` | {kind} | {meaning} |"
    yield from ("", "```python", "from technogen.dataset.corpus_files import read_corpus", "")
    yield from ('corpus = read_corpus(".", "train")', "corpus.window(0)  # the tokens of the first window", "```")
