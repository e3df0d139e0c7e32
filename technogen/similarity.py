"""Bars by their hashes, transposition aside: which are the same loop, and what one score shares with others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from technogen.score import BEATS_PER_BAR, TICKS_PER_BEAT, Score, fold_drum

Part = Literal["drums", "bass", "joint"]

T = TypeVar("T")

PARTS: tuple[Part, ...] = ("drums", "bass", "joint")
FINE, COARSE = 24, 4
"""Cells a beat that onsets are rounded to: all that tokens tell apart, and 16ths."""

TELLING_BASS = (5, 3)
TELLING_DRUMS = (14, 4)
"""How many notes and how many pitches or pieces a bar must have to tell a song; less is common stock."""

NEAR = 0.8
"""Above this likeness two scores count as versions of one."""
_COMMON = 100  # half bars that more scores than this share are no sign of a common origin

Hashes = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_BASE = 0x2545F4914F6CDD1D  # odd, so that it has an inverse


@dataclass(frozen=True, slots=True)
class BarKeys:
    """What a bar is known by: 64-bit hashes, the same in every process; 0 where a part does not start a note.

    Velocities, durations, slides and tempo do not count: a copy with other accents is a copy.

    Attributes:
        drums: Of the onsets by piece, pieces folded to those of `technogen.score.DRUM_NAMES`.
        bass: Of the onsets with their pitches above the bar's first.
        joint: Of both; 0 unless both play.
        pitch: The bar's first bass pitch; -1 where there is none.
        tells_drums: Whether the drums are rich enough to tell a song (`TELLING_DRUMS`).
        tells_bass: Whether the bass is (`TELLING_BASS`).
    """

    drums: int
    bass: int
    joint: int
    pitch: int
    tells_drums: bool
    tells_bass: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive bars that one score shares with another, all transposed alike.

    Attributes:
        bars: How many; 0 if there are none.
        different: How many of them differ from each other: a loop of one bar is one.
        start: The first of them in the score that was asked about.
        name: The score that holds them; "" if there is none.
        name_start: The first of them there.
    """

    bars: int
    different: int
    start: int
    name: str
    name_start: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two scores that are alike, 0..1."""

    first: str
    second: str
    likeness: float


def hash_bars(score: Score, *, grid: int = FINE) -> tuple[BarKeys, ...]:
    """The keys of each bar.

    Args:
        score: Any score.
        grid: Cells a beat that onsets are rounded to: `FINE` or `COARSE`.
    """
    drums, bass = _split_bars(score, grid)
    return tuple(_make_keys(sorted(d), sorted(b)) for d, b in zip(drums, bass))


def repeated_bars(score: Score, *, part: Part = "joint", grid: int = FINE) -> tuple[int, ...]:
    """For each bar the first bar of the score that is the same, itself where it is new; transposition aside.

    "joint" compares both parts of any bar, silent ones too.
    """
    first: dict[tuple[int, int], int] = {}
    keys = hash_bars(score, grid=grid)
    shown = [(k.drums * (part != "bass"), k.bass * (part != "drums")) for k in keys]
    return tuple(first.setdefault(key, bar) for bar, key in enumerate(shown))


def longest_shared_run(score: Score, other: Score, *, part: Part = "bass", grid: int = FINE) -> Run:
    """The longest run of bars of a score that stands in another; see `BarIndex.longest_run`."""
    return BarIndex.build({"other": other}, grid=grid).longest_run(score, part=part)


class BarIndex:
    """The bars of many scores, made to be searched."""

    def __init__(self, names: tuple[str, ...], bars: Mapping[str, tuple[BarKeys, ...]], grid: int) -> None:
        self.names = names
        self.grid = grid
        self._first = np.cumsum([0, *(len(bars[name]) for name in names)])
        self._rows = {part: _Row.join([_Row.of(bars[name], part) for name in names]) for part in PARTS}
        self._grams: dict[tuple[Part, int], tuple[Hashes, NDArray[np.int64]]] = {}

    @classmethod
    def build(cls, scores: Mapping[str, Score], *, grid: int = FINE) -> BarIndex:
        """Index scores by their names."""
        return cls.of_keys({name: hash_bars(score, grid=grid) for name, score in scores.items()}, grid=grid)

    @classmethod
    def of_keys(cls, bars: Mapping[str, tuple[BarKeys, ...]], *, grid: int = FINE) -> BarIndex:
        """Index scores whose bars were hashed before, on the same grid."""
        return cls(tuple(bars), bars, grid)

    def longest_run(self, score: Score, *, part: Part = "bass") -> Run:
        """The longest run of consecutive bars of a score that stands in any indexed one.

        The bass may be transposed, all bars of the run by the same interval. Bars where the part is silent end a run.

        Args:
            score: What to look for.
            part: "drums", "bass", or "joint": drums and bass together.
        """
        keys = hash_bars(score, grid=self.grid)
        row = _Row.of(keys, part)
        low, high = 0, row.longest
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._find(row, part, middle) else (low, middle - 1)
        found = self._find(row, part, low)
        if found is None:
            return Run(0, 0, 0, "", 0)
        start, place = found
        which = int(np.searchsorted(self._first, place, side="right")) - 1
        seen = {(int(row.keys[i]), int(row.pitches[i])) for i in range(start, start + low)}
        return Run(low, len(seen), start, self.names[which], place - int(self._first[which]))

    def share_known(self, score: Score, *, part: Part = "bass") -> float | None:
        """How much of a score's different telling bars stands in the index, 0..1; None if it has no telling bar."""
        keys = {key for bar in hash_bars(score, grid=self.grid) if (key := telling_key(bar, part))}
        if not keys:
            return None
        known, _ = self._index(part, 1)
        firsts = _mix(np.array(sorted(keys), dtype=np.uint64))
        return float(np.isin(firsts, known).mean())

    def _find(self, row: _Row, part: Part, length: int) -> tuple[int, int] | None:
        """Where a run of so many bars stands in the row and in the index; None if there is none."""
        if not length:
            return None
        asked, starts = row.grams(length)
        known, places = self._index(part, length)
        if not len(known):
            return None
        at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        hits = np.flatnonzero(known[at] == asked)
        return (int(starts[hits[0]]), int(places[at[hits[0]]])) if len(hits) else None

    def _index(self, part: Part, length: int) -> tuple[Hashes, NDArray[np.int64]]:
        if (part, length) not in self._grams:
            grams, places = self._rows[part].grams(length)
            order = np.argsort(grams, kind="stable")
            self._grams[part, length] = (grams[order], places[order])
        return self._grams[part, length]


def telling_key(bar: BarKeys, part: Part) -> int:
    """The key of a part where it tells a song, else 0; both parts tell where either does and both play."""
    if part == "drums":
        return bar.drums * bar.tells_drums
    if part == "bass":
        return bar.bass * bar.tells_bass
    return bar.joint * (bar.tells_drums or bar.tells_bass)


def find_duplicates(scores: Mapping[str, Score], *, limit: float = NEAR) -> tuple[Likeness, ...]:
    """Pairs of scores that are copies (likeness 1) or versions of each other, the most alike first.

    The likeness of two scores is the Jaccard index of their note sets (bar, cell, and piece or pitch above the score's
    first), or that of their sets of different bars where it is more, which sees through another order of the bars.
    Pairs are looked for among those that share half a bar which no more than 100 scores have.

    Args:
        scores: By their names.
        limit: From which likeness on a pair is told of.
    """
    sets = {name: _note_set(score) for name, score in scores.items()}
    bars = {name: {(k.drums, k.bass) for k in hash_bars(s) if k.drums or k.bass} for name, s in scores.items()}
    holders: dict[object, list[str]] = defaultdict(list)
    for name, score in scores.items():
        for half in _half_bars(score):
            holders[half].append(name)
    pairs = {pair for names in holders.values() if len(names) <= _COMMON for pair in combinations(names, 2)}
    alike = (Likeness(a, b, max(_jaccard(sets[a], sets[b]), _jaccard(bars[a], bars[b]))) for a, b in sorted(pairs))
    return tuple(sorted((x for x in alike if x.likeness >= limit), key=lambda x: (-x.likeness, x.first, x.second)))


def _jaccard(one: set[T], other: set[T]) -> float:
    either = len(one | other)
    return len(one & other) / either if either else 1.0


def _split_bars(score: Score, grid: int) -> tuple[list[list[tuple[int, int]]], list[list[tuple[int, int]]]]:
    """Of each bar (cell, piece) of the drums and (cell, pitch) of the bass."""
    cells, ticks = grid * BEATS_PER_BAR, TICKS_PER_BEAT // grid
    last = score.bars * cells - 1
    drums: list[list[tuple[int, int]]] = [[] for _ in range(score.bars)]
    bass: list[list[tuple[int, int]]] = [[] for _ in range(score.bars)]
    for note in score.drums:
        bar, cell = divmod(min((note.start + ticks // 2) // ticks, last), cells)
        drums[bar].append((cell, fold_drum(note.pitch)))
    for note in score.bass:
        bar, cell = divmod(min((note.start + ticks // 2) // ticks, last), cells)
        bass[bar].append((cell, note.pitch))
    return [sorted(set(bar)) for bar in drums], [_keep_lowest(bar) for bar in bass]


def _keep_lowest(bar: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of two notes that fall into one cell the lower."""
    lowest: dict[int, int] = {}
    for cell, pitch in sorted(bar):
        lowest.setdefault(cell, pitch)
    return list(lowest.items())


def _make_keys(drums: list[tuple[int, int]], bass: list[tuple[int, int]]) -> BarKeys:
    first = bass[0][1] if bass else -1
    hits = _hash(b"d" + bytes(x for hit in drums for x in hit)) if drums else 0
    line = _hash(b"b" + bytes(x for cell, pitch in bass for x in (cell, 128 + pitch - first))) if bass else 0
    return BarKeys(
        drums=hits,
        bass=line,
        joint=_hash(b"j" + hits.to_bytes(8, "big") + line.to_bytes(8, "big")) if hits and line else 0,
        pitch=first,
        tells_drums=len(drums) >= TELLING_DRUMS[0] and len({piece for _, piece in drums}) >= TELLING_DRUMS[1],
        tells_bass=len(bass) >= TELLING_BASS[0] and len({pitch for _, pitch in bass}) >= TELLING_BASS[1],
    )


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") or 1


def _note_set(score: Score) -> set[tuple[int, int, int]]:
    drums, bass = _split_bars(score, FINE)
    first = next((bar[0][1] for bar in bass if bar), 0)
    hits = {(bar, cell, piece) for bar, cells in enumerate(drums) for cell, piece in cells}
    return hits | {(bar, cell, 1000 + pitch - first) for bar, cells in enumerate(bass) for cell, pitch in cells}


def _half_bars(score: Score) -> set[tuple[tuple[int, int], ...]]:
    drums, bass = _split_bars(score, FINE)
    middle = FINE * BEATS_PER_BAR // 2
    halves = set()
    for late in (False, True):
        for hits in drums:
            halves.add(tuple(hit for hit in hits if (hit[0] >= middle) == late))
        for line in bass:
            half = [note for note in line if (note[0] >= middle) == late]
            halves.add(tuple((cell, 1000 + pitch - half[0][1]) for cell, pitch in half))
    return halves - {()}


@dataclass(frozen=True, slots=True)
class _Row:
    """One part of scores, one after the other: keys and first pitches a bar, and where the run of each bar ends."""

    keys: Hashes
    pitches: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, bars: tuple[BarKeys, ...], part: Part) -> _Row:
        keys = np.array([getattr(bar, part) for bar in bars], dtype=np.uint64)
        pitches = np.array([0 if part == "drums" else bar.pitch for bar in bars], dtype=np.int64)
        silent = np.where(keys == 0, np.arange(len(bars)), len(bars))
        ends: NDArray[np.int64] = np.minimum.accumulate(silent[::-1])[::-1]
        return cls(keys, pitches, ends)

    @classmethod
    def join(cls, rows: list[_Row]) -> _Row:
        starts = np.cumsum([0, *(len(row.keys) for row in rows)])
        empty: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        return cls(
            np.concatenate([np.empty(0, dtype=np.uint64), *(row.keys for row in rows)]),
            np.concatenate([empty, *(row.pitches for row in rows)]),
            np.concatenate([empty, *(row.ends + start for row, start in zip(rows, starts))]),
        )

    @property
    def longest(self) -> int:
        return int(max(self.ends - np.arange(len(self.ends)), default=0))

    def grams(self, length: int) -> tuple[Hashes, NDArray[np.int64]]:
        """The hash of each run of so many bars, and where it starts: a polynomial of its bars and steps of pitch."""
        starts = np.flatnonzero(self.ends - np.arange(len(self.ends)) >= length)
        steps = np.diff(self.pitches, prepend=0).astype(np.uint64)
        moved = _mix(self.keys ^ _mix(steps))
        powers = np.cumprod(np.full(len(moved) + 1, _BASE, dtype=np.uint64))
        inverses = np.cumprod(np.full(len(moved) + 1, pow(_BASE, -1, 1 << 64), dtype=np.uint64))
        sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(moved * powers[:-1], dtype=np.uint64)])
        rest = (sums[starts + length] - sums[starts + 1]) * inverses[starts]
        return _mix(self.keys[starts]) + rest, starts


def _mix(values: Hashes) -> Hashes:
    """Scramble 64-bit numbers (the finaliser of SplitMix64)."""
    mixed = values + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _SPREAD[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SPREAD[1]
    result: Hashes = mixed ^ (mixed >> np.uint64(31))
    return result
