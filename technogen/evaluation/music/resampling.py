"""Intervals by drawing whole groups anew: bars of one song are no independent witnesses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 400
_TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the interval in which 95 of 100 draws of the groups put it."""

    value: float
    low: float
    high: float


def bootstrap_ratio(parts: Sequence[tuple[float, int]], rng: np.random.Generator, draws: int = DRAWS) -> Interval:
    """The ratio of summed parts, such as a mean of all that belongs to the groups.

    Args:
        parts: Of each group the sum and the count.
        rng: Draws the groups.
        draws: How often.

    References:
        Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979.
    """
    sums = np.array(parts, float)
    drawn = sums[rng.integers(len(sums), size=(draws, len(sums)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], _TAILS)
    total = sums.sum(axis=0)
    return Interval(float(total[0] / total[1]), float(low), float(high))


def bootstrap_mean(values: Iterable[float], groups: Iterable[str], rng: np.random.Generator) -> Interval | None:
    """The mean of values, those that are no numbers left out; None where there are none."""
    by_group: dict[str, list[float]] = defaultdict(list)
    for value, group in zip(values, groups):
        if np.isfinite(value):
            by_group[group].append(float(value))
    return bootstrap_ratio([(sum(v), len(v)) for v in by_group.values()], rng) if by_group else None


def mean_of(values: Iterable[float]) -> float:
    """The mean of those values that are numbers; not a number where there are none."""
    known = [float(value) for value in values if np.isfinite(value)]
    return sum(known) / len(known) if known else float("nan")


def split_in_half(groups: Sequence[str], rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which items belong to a half of the groups, drawn."""
    names = rng.permutation(sorted(set(groups)))
    return np.isin(np.asarray(groups), names[: len(names) // 2])
