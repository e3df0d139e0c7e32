"""How many answers a study needs: exact power of the binomial tests, and the answers that reach it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from technogen.errors import ListeningError
from technogen.evaluation.listening.statistics import CHANCE, Floats

_MOST = 2**17


def power_of_difference(answers: ArrayLike, share: float, *, alpha: float = 0.05) -> Floats:
    """The odds that the exact two-sided test finds a difference, if the true share of right answers is this."""
    from scipy.stats import binom  # noqa: PLC0415

    n = np.asarray(answers)
    fewest = binom.ppf(alpha / 2, n, CHANCE)  # the largest k whose lower tail is at most alpha / 2, or one more
    k = fewest - (binom.cdf(fewest, n, CHANCE) > alpha / 2)
    power: Floats = binom.cdf(k, n, share) + binom.sf(n - k - 1, n, share)
    return power


def power_of_equivalence(answers: ArrayLike, margin: float, *, share: float = CHANCE, alpha: float = 0.05) -> Floats:
    """The odds that two one-sided exact tests show equivalence, if the true share of right answers is this."""
    from scipy.stats import binom  # noqa: PLC0415

    n = np.asarray(answers)
    low = binom.isf(alpha, n, CHANCE - margin)  # P(X > low) <= alpha
    least = low + 1
    high = binom.ppf(alpha, n, CHANCE + margin)
    most = high - (binom.cdf(high, n, CHANCE + margin) > alpha)
    power: Floats = np.where(least <= most, binom.cdf(most, n, share) - binom.cdf(least - 1, n, share), 0.0)
    return power


def answers_for_difference(share: float, *, power: float = 0.8, alpha: float = 0.05, design_effect: float = 1.0) -> int:
    """How many answers find a difference with that power, if the true share of right answers is this.

    Power goes up and down a little from one number to the next; it is the least number from which it stays.

    Raises:
        ListeningError: If no number up to 131072 does.
    """
    return _fewest(lambda n: power_of_difference(n, share, alpha=alpha), power, design_effect)


def answers_for_equivalence(
    margin: float, *, share: float = CHANCE, power: float = 0.8, alpha: float = 0.05, design_effect: float = 1.0
) -> int:
    """How many answers show equivalence within a margin with that power, if the true share of right answers is this.

    Raises:
        ListeningError: If no number up to 131072 does.
    """
    return _fewest(lambda n: power_of_equivalence(n, margin, share=share, alpha=alpha), power, design_effect)


def _fewest(power_of: Callable[[ArrayLike], Floats], power: float, design_effect: float) -> int:
    most = 256
    while most <= _MOST:
        reached = power_of(np.arange(1, most + 1)) >= power
        short = np.flatnonzero(~reached)
        if not short.size or short[-1] + 1 < most * 0.8:  # what comes after cannot fall short again
            return math.ceil((short[-1] + 2 if short.size else 1) * design_effect)
        most *= 2
    raise ListeningError(f"{_MOST} answers do not reach a power of {power:g}; ask for less, or for a larger effect")
