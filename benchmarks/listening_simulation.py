"""Simulated listening tests: how often the tests claim what is not so, and how often the intervals hold the truth.

    python benchmarks/listening_simulation.py [--studies 10000] [--seed 1]

Each line is a kind of study: so many listeners, so many answers of each, over so many pairs of excerpts; `spread` says
how far the true share of right answers of a listener, and of a pair, lies around that of the condition (uniformly, up
to that much). False difference: at a true share of one half. False equivalence: at a true share on the margin. Both
should be at most 5 %, coverage at least 95 %, but for the error of the simulation. "exact" and "Wilson" take all
answers as independent; "claimed" and "clust." are what a report says; "(true)" is Wilson's coverage of independent
answers by sums. In studies with a star, half of the listeners leave early. Equivalent: the share of
studies that show equivalence where it is so.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from technogen.evaluation.listening.statistics import (
    Interval,
    Outcome,
    analyse_answers,
    exact_difference,
    exact_equivalence,
    wilson_interval,
)

ALPHA = 0.05
MARGIN = 0.1
BLOCK = 500  # studies at once; keeps memory small


@dataclass(frozen=True)
class Setting:
    """A kind of study."""

    listeners: int
    answers: int  # of each
    pairs: int
    listeners_spread: float = 0.0
    pairs_spread: float = 0.0
    leaving: bool = False  # a quarter of the listeners leave halfway, a quarter after two answers

    @property
    def given(self) -> list[int]:
        """The answers of each listener."""
        left = (self.answers, self.answers, self.answers // 2, min(2, self.answers))
        return [left[i % 4] if self.leaving else self.answers for i in range(self.listeners)]

    @property
    def total(self) -> int:
        return sum(self.given)


@dataclass(frozen=True)
class Seen:
    """Shares of studies."""

    difference: float
    exact_difference: float
    equivalence: float
    exact_equivalence: float
    wilson: float
    clustered: float


SETTINGS = (
    Setting(1, 100, 100),
    Setting(5, 12, 12),
    Setting(18, 12, 12),
    Setting(20, 12, 24),
    Setting(60, 4, 24),
    Setting(22, 12, 24),
    Setting(24, 12, 24),
    Setting(20, 12, 24, listeners_spread=0.3),
    Setting(20, 12, 24, pairs_spread=0.3),
    Setting(20, 12, 24, 0.2, 0.2),
    Setting(40, 12, 12, 0.2, 0.2),
    Setting(60, 12, 36, 0.2, 0.2),
    Setting(8, 24, 24, listeners_spread=0.3),
    Setting(20, 12, 24, listeners_spread=0.3, leaving=True),
    Setting(40, 12, 24, 0.2, 0.2, leaving=True),
)


def simulate(setting: Setting, share: float, studies: int, seed: int) -> Seen:
    """Run studies whose true share of right answers is given."""
    generator = np.random.default_rng(seed)
    found = [simulate_block(setting, share, min(BLOCK, studies - i), generator) for i in range(0, studies, BLOCK)]
    weights = [min(BLOCK, studies - i) for i in range(0, studies, BLOCK)]
    return Seen(*np.average([list(vars(one).values()) for one in found], axis=0, weights=weights))


def simulate_block(setting: Setting, share: float, studies: int, generator: np.random.Generator) -> Seen:
    correct, listeners, pairs = draw_answers(setting, share, studies, generator)
    outcome = analyse_answers(correct, listeners, pairs, margin=MARGIN)
    k, n = outcome.correct, outcome.answers
    return Seen(
        difference=float(np.mean(outcome.p_difference <= ALPHA)),
        exact_difference=float(np.mean(exact_difference(k, n) <= ALPHA)),
        equivalence=float(np.mean(outcome.p_equivalence <= ALPHA)),
        exact_equivalence=float(np.mean(exact_equivalence(k, n, MARGIN) <= ALPHA)),
        wilson=_holds(wilson_interval(k, n), share),
        clustered=_holds(_clustered(outcome), share),
    )


def draw_answers(
    setting: Setting, share: float, studies: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers (studies, n), who gave each and about what (n,): listeners go round the pairs."""
    listeners = np.repeat(np.arange(setting.listeners), setting.given)
    pairs = np.arange(setting.total) % setting.pairs
    ears = generator.uniform(-1, 1, (studies, setting.listeners)) * setting.listeners_spread
    music = generator.uniform(-1, 1, (studies, setting.pairs)) * setting.pairs_spread
    odds = np.clip(share + ears[:, listeners] + music[:, pairs], 0, 1)  # the settings stay inside: the mean is exact
    return generator.random(odds.shape) < odds, listeners, pairs


def exact_coverage(answers: int, share: float) -> float:
    """How often Wilson's interval holds the share of independent answers, by sums instead of simulation."""
    k = np.arange(answers + 1)
    interval = wilson_interval(k, answers)
    return float(binom.pmf(k, answers, share)[(interval.low <= share) & (share <= interval.high)].sum())


def _clustered(outcome: Outcome) -> Interval:
    return wilson_interval(outcome.correct, outcome.answers, clustering=outcome.clustering)


def _holds(interval: Interval, share: float) -> float:
    return float(np.mean((interval.low <= share) & (share <= interval.high)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    error = 1.96 * (0.05 * 0.95 / options.studies) ** 0.5
    print(f"{options.studies} studies a cell; a true 5.0 % is seen as 5.0 +- {100 * error:.1f} %; all in percent")
    print(f"{'':>33} | false difference | false equivalence | {'coverage at 50':^22} | {'coverage at 60':^22} |")
    print(
        f"{'listeners  each  pairs  spread':>33} | {'exact':>7} {'claimed':>8} | {'exact':>8} {'claimed':>8} |", end=""
    )
    print(2 * f" {'Wilson':>7} {'(true)':>7} {'clust.':>6} |", "equivalent")
    for i, setting in enumerate(SETTINGS):
        print(report_line(setting, options.studies, options.seed + 2 * i))


def report_line(setting: Setting, studies: int, seed: int) -> str:
    chance, edge = simulate(setting, 0.5, studies, seed), simulate(setting, 0.5 + MARGIN, studies, seed + 1)
    spread = f"{setting.listeners_spread:g}/{setting.pairs_spread:g}{' *' if setting.leaving else ''}"
    words = f"{setting.listeners:>9} {setting.answers:>5} {setting.pairs:>6} {spread:>10} |"
    words += f" {100 * chance.exact_difference:>7.1f} {100 * chance.difference:>8.1f} |"
    words += f" {100 * edge.exact_equivalence:>8.1f} {100 * edge.equivalence:>8.1f} |"
    for seen, share in ((chance, 0.5), (edge, 0.5 + MARGIN)):
        true = exact_coverage(setting.total, share)
        words += f" {100 * seen.wilson:>7.1f} {100 * true:>7.1f} {100 * seen.clustered:>6.1f} |"
    return f"{words} {100 * chance.equivalence:>10.1f}"


if __name__ == "__main__":
    main()
