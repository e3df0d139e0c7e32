"""Tests and intervals for shares of right answers, for one study or for thousands at once.

Two things may be claimed of a condition: that listeners do better or worse than chance, and that they are within a
margin of chance. Each must pass two tests, and its p is the greater of the two. The exact binomial test holds whatever
the number of answers, as long as each is a toss of its own. The clustered test lets the answers of one listener, and
those about one pair of excerpts, be alike: it widens the variance by the design effect that is seen between listeners
and between pairs, never narrows it, and takes Student's t for as many degrees of freedom as there are listeners or
pairs, whichever are fewer, less one; those who gave few answers count as less than one. A sandwich of two ways rather
than a mixed model or a bootstrap: it assumes nothing about how people differ, has no iteration that may fail, and is
exact enough with ten listeners.

Arrays have the answers in their last axis or none; the axes before it are studies.

References:
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    Schuirmann, "A comparison of the two one-sided tests procedure", J. Pharmacokinetics and Biopharmaceutics 1987.
    Cameron, Gelbach and Miller, "Robust inference with multiway clustering", J. Business & Economic Statistics 2011.
    Dean and Pagano, "Evaluating confidence interval methods for binomial proportions in clustered surveys", 2015.
    Kish, "Survey Sampling", 1965.
    Hautus, "Corrections for extreme proportions and their biasing effects on estimated values of d'", 1995.
    Macmillan and Creelman, "Detection Theory: A User's Guide", 2005.
    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian J. Statistics 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from technogen.errors import ListeningError

Floats = NDArray[np.float64]

CHANCE = 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share lies, from `low` to `high`; numbers, or arrays of studies."""

    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Clustering:
    """How much less the answers say than as many independent ones would.

    Attributes:
        design_effect: The variance over that of independent answers, at least 1.
        freedom: Degrees of freedom of Student's t: the effective number of listeners, or of pairs, whichever is less,
            minus 1; 0 where there are not two listeners, so that nothing can be said of listeners at large.
    """

    design_effect: Floats
    freedom: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is found in the answers of one condition.

    Attributes:
        answers: How many.
        correct: How many of them right.
        clustering: Of listeners and pairs.
        p_difference: That answers are like tosses of a coin: two-sided.
        p_equivalence: That the share of right answers is outside of the margin.
    """

    answers: int
    correct: NDArray[np.int64]
    clustering: Clustering
    p_difference: Floats
    p_equivalence: Floats


def analyse_answers(
    correct: ArrayLike, listeners: ArrayLike, pairs: ArrayLike | None = None, *, margin: float
) -> Outcome:
    """Test answers for a difference from chance, and for being within a margin of it.

    Args:
        correct: Whether each is right, (n,) or (studies, n).
        listeners: Who gave each, as numbers from 0, (n,).
        pairs: What each was about, likewise; None leaves it out.
        margin: Fixed before anybody answered.

    Raises:
        ListeningError: If there are no answers.
    """
    right = np.asarray(correct, np.float64)
    n = right.shape[-1]
    if not n:
        raise ListeningError("there are no answers; a test needs at least one")
    count = np.rint(right.sum(-1)).astype(np.int64)
    clustering = measure_clustering(right, listeners, pairs)
    p_difference = exact_difference(count, n)
    p_equivalence = exact_equivalence(count, n, margin)
    if clustering.freedom:
        p_difference = np.maximum(p_difference, clustered_difference(count, n, clustering))
        p_equivalence = np.maximum(p_equivalence, clustered_equivalence(count, n, clustering, margin))
    return Outcome(n, count, clustering, p_difference, p_equivalence)


def exact_difference(correct: ArrayLike, answers: ArrayLike) -> Floats:
    """The exact two-sided binomial p of a share of right answers against one half."""
    from scipy.stats import binom  # noqa: PLC0415

    k, n = np.asarray(correct), np.asarray(answers)
    p: Floats = np.minimum(1, 2 * binom.cdf(np.minimum(k, n - k), n, CHANCE))
    return p


def exact_equivalence(correct: ArrayLike, answers: ArrayLike, margin: float) -> Floats:
    """The p of two one-sided exact binomial tests: that the share is at most, and at least, the margin off chance."""
    from scipy.stats import binom  # noqa: PLC0415

    k, n = np.asarray(correct), np.asarray(answers)
    below: Floats = binom.sf(k - 1, n, CHANCE - margin)
    above: Floats = binom.cdf(k, n, CHANCE + margin)
    return np.maximum(below, above)


def measure_clustering(correct: ArrayLike, listeners: ArrayLike, pairs: ArrayLike | None = None) -> Clustering:
    """Find how much answers of one listener, and about one pair, are alike.

    The variance of a share is that of sums over listeners plus that of sums over pairs less that of single answers
    (each listener hears a pair once), each sum by the sandwich G / (G - 1) of its number G. The effective number of
    groups is Kish's, (sum n)^2 / sum n^2: those that gave few answers count as less than one.
    """
    right = np.asarray(correct, np.float64)
    n = right.shape[-1]
    share = right.mean(-1, keepdims=True)
    single = n * share[..., 0] * (1 - share[..., 0])
    groupings = [np.asarray(g) for g in (listeners, pairs) if g is not None]
    sizes = [len(np.unique(group)) for group in groupings]
    if sizes[0] < 2:
        return Clustering(np.ones(right.shape[:-1]), 0.0)
    used = [(group, size) for group, size in zip(groupings, sizes) if size > 1]
    effects = [_between(right - share, group, size) / np.maximum(single, 1e-12) for group, size in used]
    effect = sum(effects) - (len(effects) - 1)
    freedom = min(_effective_number(group) for group, _ in used) - 1
    return Clustering(np.where(single > 0, np.maximum(1, effect), 1.0), freedom)


def _effective_number(group: NDArray[np.int64]) -> float:
    counts = np.unique(group, return_counts=True)[1].astype(np.float64)
    return float(counts.sum() ** 2 / (counts**2).sum())


def _between(rest: Floats, group: NDArray[np.int64], size: int) -> Floats:
    """The sum of the squares of sums over groups, corrected for their number."""
    numbers = np.unique(group, return_inverse=True)[1]
    member = (numbers[:, None] == np.arange(size)).astype(np.float64)  # (n, groups)
    total: Floats = ((rest @ member) ** 2).sum(-1) * size / (size - 1)
    return total


def clustered_difference(correct: ArrayLike, answers: int, clustering: Clustering) -> Floats:
    """The two-sided p of a share against one half, with the variance widened by the design effect."""
    from scipy.stats import t  # noqa: PLC0415

    p: Floats = 2 * t.sf(np.abs(_distance(correct, answers, clustering, CHANCE)), clustering.freedom)
    return p


def clustered_equivalence(correct: ArrayLike, answers: int, clustering: Clustering, margin: float) -> Floats:
    """The p of two one-sided tests against the ends of the margin, with the variance widened by the design effect."""
    from scipy.stats import t  # noqa: PLC0415

    below: Floats = t.sf(_distance(correct, answers, clustering, CHANCE - margin), clustering.freedom)
    above: Floats = t.cdf(_distance(correct, answers, clustering, CHANCE + margin), clustering.freedom)
    return np.maximum(below, above)


def _distance(correct: ArrayLike, answers: int, clustering: Clustering, share: float) -> Floats:
    variance = share * (1 - share) * clustering.design_effect / answers
    distance: Floats = (np.asarray(correct) / answers - share) / np.sqrt(variance)
    return distance


def wilson_interval(
    correct: ArrayLike, answers: ArrayLike, *, level: float = 0.95, clustering: Clustering | None = None
) -> Interval:
    """Find where a share lies, by Wilson's score interval.

    Args:
        correct: Right answers.
        answers: All answers.
        level: How often the interval holds the true share.
        clustering: Where given, the answers count as fewer, by the design effect, and Student's t takes the place of
            the normal distribution.
    """
    from scipy.stats import norm, t  # noqa: PLC0415

    k, n = np.asarray(correct, np.float64), np.asarray(answers, np.float64)
    share = k / n
    z = norm.isf((1 - level) / 2)
    if clustering is not None and clustering.freedom:
        n = n / clustering.design_effect
        z = t.isf((1 - level) / 2, clustering.freedom)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(np.maximum(0, middle - half), np.minimum(1, middle + half))


def adjust_holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjust the p of several conditions so that any false claim among them stays as rare as in one: Holm's way."""
    order = np.argsort(ps, kind="stable")
    steps = np.asarray(ps, np.float64)[order] * np.arange(len(ps), 0, -1)
    adjusted = np.empty(len(ps))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return tuple(float(p) for p in adjusted)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How well a person's music is told, apart from a leaning to one of the answers.

    Attributes:
        d_prime: 0 for guessing, 1 for 76 % right in pairs without a leaning.
        low: Of its 95 % interval.
        high: Likewise.
        bias: Criterion c: above 0 the answer "first" (of single excerpts: "person") is given too seldom.
    """

    d_prime: float
    low: float
    high: float
    bias: float


def measure_sensitivity(
    hits: int, signals: int, false_alarms: int, noises: int, *, pairs: bool, design_effect: float = 1.0
) -> Sensitivity:
    """Find d' and the criterion c, with the log-linear correction.

    Args:
        hits: Answers "first" where the person was first; of single excerpts, "person" where it was a person.
        signals: Trials in which it was so.
        false_alarms: The same answer where it was not so.
        noises: Trials in which it was not so.
        pairs: Whether two excerpts were compared, which makes the task easier by the root of two.
        design_effect: Widens the interval, which is that of Gourevitch and Galanter (1967).
    """
    from scipy.stats import norm  # noqa: PLC0415

    rates = (hits + 0.5) / (signals + 1), (false_alarms + 0.5) / (noises + 1)
    zs = [float(norm.ppf(rate)) for rate in rates]
    scale = 2**0.5 if pairs else 1.0
    d_prime = (zs[0] - zs[1]) / scale
    variances = [
        rate * (1 - rate) / ((count + 1) * float(norm.pdf(z)) ** 2)
        for rate, count, z in zip(rates, (signals, noises), zs)
    ]
    half = float(norm.isf(0.025)) * float(np.sqrt(sum(variances) * design_effect)) / scale
    return Sensitivity(d_prime, d_prime - half, d_prime + half, -(zs[0] + zs[1]) / 2)
