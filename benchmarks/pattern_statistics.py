"""How near the rules are to human-made patterns: `python benchmarks/pattern_statistics.py reference_stats.json`.

The file holds distributions measured on human music (no notes). Over 200 pieces a style, prints the Jensen-Shannon
distances (0 same, 1 disjoint) of acid lines to 303 patterns and of drums to human four-on-the-floor drums, rates, and
what each style comes to.
`--write FOLDER` also writes 100 pieces of 16 bars, to be compared with human files.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2, sqrt
from pathlib import Path

from technogen.patterns import STYLES, compose
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Score

STEPS = TICKS_PER_BAR // TICKS_PER_STEP
PIECES = {"kick": 36, "snare": 38, "clap": 39, "ch": 42, "oh": 46}
FLOOR = ("acid", "industrial", "hard", "dub", "hypnotic")
"""The styles whose kick is on the four beats."""
GROUPS = ("permissive lmms_demos, four-on-floor", "madadog, four-on-floor", "groove_midi four-on-floor")
LINES = "bass: tb03 patterns"
ACCENTS, SLIDES = 0.433, 0.062
"""Of the notes of 303 patterns, by our own convention: a slide leads into another pitch."""
WRITTEN = 100
"""Pieces that `--write` writes, all styles in turn, each as `compose` writes it unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What is measured.
        value: What the rules come to.
        wanted: The limit of a distance, or the human rate.
        limit: How far a rate may be off; None for a distance.
    """

    name: str
    value: float
    wanted: float
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether a distance is below its limit, or a rate near enough."""
        return self.value < self.wanted if self.limit is None else abs(self.value - self.wanted) <= self.limit


def distance(p: Sequence[float], q: Sequence[float]) -> float:
    """The Jensen-Shannon distance of two profiles, 0 (same) to 1 (disjoint)."""
    p, q = [x / sum(p) for x in p], [x / sum(q) for x in q]
    m = [(a + b) / 2 for a, b in zip(p, q)]

    def divergence(r: Sequence[float]) -> float:
        return sum(x * log2(x / y) for x, y in zip(r, m) if x > 0)

    return sqrt(max(0.0, (divergence(p) + divergence(q)) / 2))


def count_steps(ticks: Iterable[int]) -> list[int]:
    """How many onsets fall on each 16th of the bar."""
    counts = Counter(tick % TICKS_PER_BAR // TICKS_PER_STEP for tick in ticks)
    return [counts[step] for step in range(STEPS)]


def count_degrees(scores: Iterable[Score]) -> list[int]:
    """How many notes are how many semitones above the commonest pitch class of their bar."""
    degrees: Counter[int] = Counter()
    for score in scores:
        for bar in range(score.bars):
            pitches = [n.pitch for n in score.bass if n.start // TICKS_PER_BAR == bar]
            if pitches:
                root = Counter(p % 12 for p in pitches).most_common(1)[0][0]
                degrees.update((p - root) % 12 for p in pitches)
    return [degrees[degree] for degree in range(12)]


def measure_lines(scores: Sequence[Score], wanted: dict) -> list[Row]:
    """Acid lines against 303 patterns: onsets, degrees, lengths, rates."""
    notes = [n for score in scores for n in score.bass]
    lengths = Counter(min(9, -(-n.duration // TICKS_PER_STEP)) for n in notes)
    human = [wanted["length_steps"].get(str(k), 0) for k in range(1, 10)]
    steps = STEPS * sum(score.bars for score in scores)
    return [
        Row("303 onset position", distance(count_steps(n.start for n in notes), wanted["onset_position_16"]), 0.15),
        Row("303 degree", distance(count_degrees(scores), wanted["degree_from_most_common_pc"]), 0.15),
        Row("303 note length", distance([lengths[k] for k in range(1, 10)], human), 0.15),
        Row("303 notes, of steps", len(notes) / steps, wanted["note_rate"], 0.05),
        Row("303 accents, of notes", sum(n.accent for n in notes) / len(notes), ACCENTS, 0.05),
        Row("303 slides, of notes", sum(n.slide for n in notes) / len(notes), SLIDES, 0.05),
    ]


def pool_rates(groups: Sequence[dict], piece: str) -> list[float]:
    """Human onsets a bar on each step, all groups together, each by its bars."""
    rates = [group["onset_rate_per_bar"].get(piece, [0.0] * STEPS) for group in groups]
    return [sum(r[step] * group["bars"] for r, group in zip(rates, groups)) for step in range(STEPS)]


def measure_drums(scores: Sequence[Score], groups: Sequence[dict]) -> list[Row]:
    """Drums against human four-on-the-floor drums, piece by piece."""
    rows = []
    for name, piece in PIECES.items():
        ours = count_steps(n.start for score in scores for n in score.drums if n.pitch == piece)
        rows.append(Row(f"drums {name}", distance(ours, pool_rates(groups, name)), 0.15))
    return rows


def measure(reference: dict, pieces: int, bars: int = 8) -> list[Row]:
    """The whole table."""
    scores = {style: [compose(style, bars=bars, seed=seed) for seed in range(pieces)] for style in FLOOR}
    groups = [reference[f"drums: {name}"] for name in GROUPS]
    lines = measure_lines(scores["acid"], reference[LINES])
    return lines + measure_drums([score for style in FLOOR for score in scores[style]], groups)


def describe_style(style: str, pieces: int, bars: int) -> str:
    """What pieces of a style come to, in one line; on the kick: of the bass notes, while a kick plays in the bar."""
    scores = [compose(style, bars=bars, seed=seed) for seed in range(pieces)]
    notes = [(n, score) for score in scores for n in score.bass]
    kicks = {id(score): {n.start for n in score.drums if n.pitch == PIECES["kick"]} for score in scores}
    total = pieces * bars
    shares = {
        "hits a bar": sum(len(score.drums) for score in scores) / total,
        "pieces": sum(len({n.pitch for n in score.drums}) for score in scores) / pieces,
        "notes a bar": len(notes) / total,
        "on the kick": sum(n.start in kicks[id(score)] for n, score in notes) / len(notes),
        "accents": sum(n.accent for n, _ in notes) / len(notes),
        "slides": sum(n.slide for n, _ in notes) / len(notes),
        "different bars": sum(len(set(_bars_of(score))) for score in scores) / pieces,
    }
    return f"{style:11s} " + "  ".join(f"{name} {value:5.2f}" for name, value in shares.items())


def _bars_of(score: Score) -> list[tuple[tuple[int, int], ...]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in range(score.bars)]
    for note in score.bass:
        rows[note.start // TICKS_PER_BAR].append((note.start % TICKS_PER_BAR, note.pitch))
    return [tuple(row) for row in rows]


def write_pieces(folder: Path, seed: int = 0, bars: int = 16) -> None:
    """Write pieces of all styles in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(WRITTEN):
        style = list(STYLES)[number % len(STYLES)]
        compose(style, bars=bars, seed=seed + number).save(folder / f"{style}{number:03d}.mid")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", type=Path, help="reference_stats.json")
    parser.add_argument("--pieces", type=int, default=200, help="pieces a style")
    parser.add_argument("--bars", type=int, default=8, help="bars a piece")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write 100 pieces of 16 bars there")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first piece written")
    options = parser.parse_args()
    for row in measure(json.loads(options.reference.read_text()), options.pieces, options.bars):
        wanted = f"< {row.wanted:.3f}" if row.limit is None else f"{row.wanted:.3f} +- {row.limit:.2f}"
        print(f"{row.name:24s} {row.value:.3f}   {wanted:15s} {'holds' if row.holds else 'FAILS'}")
    for style in STYLES:
        print(describe_style(style, options.pieces, options.bars))
    if options.write:
        write_pieces(options.write, options.seed)
        print(f"{WRITTEN} pieces in {options.write}")


if __name__ == "__main__":
    main()
