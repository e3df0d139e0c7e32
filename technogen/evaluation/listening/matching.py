"""Which human excerpt goes with which of a machine: alike in tempo, density and key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from technogen.evaluation.listening.design import DesignOptions, Stimulus

_OUT_OF_REACH = 1e6
_HALF_KNOWN_KEY = 3
"""Steps on the circle of fifths where one of two has no key: as far as two keys are on average."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A human excerpt and one that a machine made."""

    human: Stimulus
    machine: Stimulus


def match_pairs(humans: Sequence[Stimulus], machines: Sequence[Stimulus], options: DesignOptions) -> tuple[Pair, ...]:
    """Pair excerpts so that the sum of their differences is the least; each is in one pair at most.

    Pairs that are further apart than the options allow are left out.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    if not humans or not machines:
        return ()
    costs = np.array([[_difference(human, machine, options) for machine in machines] for human in humans])
    rows, columns = linear_sum_assignment(costs)
    kept = [(row, column) for row, column in zip(rows, columns) if costs[row, column] < _OUT_OF_REACH]
    return tuple(Pair(humans[row], machines[column]) for row, column in kept)


def _difference(one: Stimulus, other: Stimulus, options: DesignOptions) -> float:
    """How far two excerpts are apart: 1 for each 3 % of tempo, each 20 % of density, each two fifths of key."""
    tempo = abs(math.log(one.tempo / other.tempo))
    density = abs(math.log((one.density + 1) / (other.density + 1)))
    known = one.tonic is not None and other.tonic is not None
    key = _fifths_apart(one.tonic, other.tonic)
    near = (
        tempo <= math.log1p(options.tempo_within) + 1e-9
        and density <= math.log(options.density_within) + 1e-9
        and (not known or key <= options.key_within)
    )
    return (0 if near else _OUT_OF_REACH) + tempo / math.log(1.03) + density / math.log(1.2) + key / 2


def _fifths_apart(one: int | None, other: int | None) -> int:
    if one is None or other is None:
        return 0 if one is other else _HALF_KNOWN_KEY
    steps = (one - other) * 7 % 12
    return min(steps, 12 - steps)
