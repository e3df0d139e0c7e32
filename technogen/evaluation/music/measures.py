"""One line of the tables, and how a figure of two sets is held against the noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from technogen.evaluation.music.distances import shift
from technogen.evaluation.music.grid import Floats
from technogen.evaluation.music.resampling import DRAWS, split_in_half

SPLITS = 16
"""How often the reference is split by song for a noise floor, where that costs little."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        key: For programs, such as "c2st/drums/features".
        words: For people.
        value: What is judged: an area, a distance, a shift in deviations of the reference, a share.
        low: Of the interval of 95 %, from drawing pieces anew; None where there is none.
        high: Likewise.
        generated: The plain mean of the generated pieces, where `value` is a shift.
        reference: That of the reference, or what the reference itself reaches.
        floor: The lowest and highest value between random halves of the reference, split by song.
        stands_out: Whether the value lies outside the noise floor on its bad side; None where that cannot be said.
    """

    key: str
    words: str
    value: float | None
    low: float | None = None
    high: float | None = None
    generated: float | None = None
    reference: float | None = None
    floor: tuple[float, float] | None = None
    stands_out: bool | None = None

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "generated", "reference"):
            number = getattr(self, name)
            object.__setattr__(self, name, None if number is None else float(number))
        if self.stands_out is not None:
            object.__setattr__(self, "stands_out", bool(self.stands_out))


def range_of(values: Sequence[float]) -> tuple[float, float] | None:
    """The lowest and highest; None where there are no numbers."""
    known = [v for v in values if np.isfinite(v)]
    return (float(min(known)), float(max(known))) if known else None


def measure_shift(
    key: str,
    words: str,
    values: tuple[Floats, Floats],
    groups: tuple[Sequence[str], Sequence[str]],
    seed: int,
    *,
    least_spread: float = 1e-3,
) -> Measure:
    """How far the mean of a feature is shifted, in standard deviations of the reference, with its interval and floor.

    It stands out if 0 lies outside the interval, and it is further from 0 than any half of the reference from the
    other.

    Args:
        key: Of the measure.
        words: Of the measure.
        values: The feature of the generated windows, and of the reference's; what is no number is left out.
        groups: The pieces or songs of both.
        seed: Of draws and splits.
        least_spread: What counts as the deviation of a reference that is all the same.
    """
    rng = np.random.default_rng(seed)
    kept = [np.isfinite(side) for side in values]
    ours, theirs = (side[ok] for side, ok in zip(values, kept))
    if len(ours) < 2 or len(theirs) < 2:
        return Measure(key, words, None)
    names = [[str(name) for name in np.array(side)[ok]] for side, ok in zip(groups, kept)]
    spread = max(float(theirs.std()), least_spread)
    low, high = np.percentile(_drawn(ours, names[0], rng) - _drawn(theirs, names[1], rng), (2.5, 97.5)) / spread
    value, floor = shift(ours, theirs, spread), _floor(theirs, names[1], spread, rng)
    return Measure(
        key=key,
        words=words,
        value=value,
        low=low,
        high=high,
        generated=float(ours.mean()),
        reference=float(theirs.mean()),
        floor=floor,
        stands_out=None if floor is None else (low > 0 or high < 0) and abs(value) > max(map(abs, floor)),
    )


def _drawn(values: Floats, names: Sequence[str], rng: np.random.Generator) -> Floats:
    _, at = np.unique(names, return_inverse=True)
    parts = np.stack([np.bincount(at, values), np.bincount(at)], axis=1)
    drawn = parts[rng.integers(len(parts), size=(DRAWS, len(parts)))].sum(axis=1)
    means: Floats = drawn[:, 0] / drawn[:, 1]
    return means


def _floor(values: Floats, names: Sequence[str], spread: float, rng: np.random.Generator) -> tuple[float, float] | None:
    if len(set(names)) < 4:
        return None
    halves = [split_in_half(names, rng) for _ in range(SPLITS)]
    return range_of([shift(values[half], values[~half], spread) for half in halves])
