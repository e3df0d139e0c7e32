"""Curves from evidence to probability, fitted to what was right: logistic regression of few and no negative weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ear_observations import Observation, Row
from numpy.typing import NDArray

from technogen.transcription.confidence import EVIDENCE, Curve, calibrate, part_evidence

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

ROW_WEIGHT = 0.1
"""Hits of a piece are alike: each counts for a tenth, beside a prior of one on each weight."""
_ROUNDS = 50
_PARTS = {"drums": ("drum",), "bass": ("note", "deep")}


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What was said after and before calibration, and how right it is: (n,) each."""

    said: Vector
    right: Vector
    before: Vector


def fit_table(seen: Sequence[Observation]) -> dict[str, Curve]:
    """A curve for each kind of `EVIDENCE`."""
    rows: dict[str, list[Row]] = {}
    for each in seen:
        for kind, some in each.rows.items():
            rows.setdefault(_first_word(kind), []).extend(some)
    whole = ("tempo", "downbeat")
    table = {kind: fit_curve(rows[kind], 1.0 if kind in whole else ROW_WEIGHT) for kind in EVIDENCE if kind in rows}
    for part in _PARTS:
        table[part] = fit_curve([row for each in seen for row in part_rows(part, each, table)], 1.0)
    return {kind: _round_curve(curve) for kind, curve in table.items()}


def _first_word(kind: str) -> str:
    """Drum hits are kept by class, and judged by one curve: what classes are often wrong depends on the music."""
    return kind.split(" ", 1)[0]


def part_rows(part: str, seen: Observation, table: Mapping[str, Curve]) -> list[Row]:
    """The row of a part, once its events are calibrated: none where nothing was found."""
    if part not in seen.parts:
        return []
    right, other, before = seen.parts[part]
    kinds = [kind for kind in seen.rows if _first_word(kind) in _PARTS[part]]
    said = np.concatenate([_say(kind, seen.rows[kind], table) for kind in kinds])
    return [Row(part_evidence(said.tolist(), other), right, before)]


def judge(seen: Observation, table: Mapping[str, Curve]) -> dict[str, list[tuple[float, float, float]]]:
    """By kind what is said, what is right and what was said before."""
    rows: dict[str, Iterable[Row]] = {**seen.rows, **{part: part_rows(part, seen, table) for part in _PARTS}}
    return {
        kind: [(float(p), row.right, row.before) for p, row in zip(_say(kind, list(some), table), some)]
        for kind, some in rows.items()
    }


def _say(kind: str, rows: Sequence[Row], table: Mapping[str, Curve]) -> Vector:
    return calibrate(_first_word(kind), np.array([row.evidence for row in rows]), table)


def fit_curve(rows: Sequence[Row], row_weight: float) -> Curve:
    """Weights with the greatest likelihood under a normal prior; evidence that would count against itself is dropped.

    Evidence is kept within its 1st and 99th percentile.
    """
    evidence, right = np.array([row.evidence for row in rows]), np.array([row.right for row in rows])
    lows, highs = np.percentile(evidence, [1, 99], axis=0)
    kept = np.clip(evidence, lows, highs)
    middle, spread = kept.mean(axis=0), kept.std(axis=0)
    used = spread > 1e-6
    weights = np.zeros(len(middle))
    while True:
        columns = (kept[:, used] - middle[used]) / spread[used]
        solution = _regress(np.insert(columns, 0, 1.0, axis=1), right, row_weight)
        if (solution[1:] >= 0).all():
            break
        used[np.flatnonzero(used)[solution[1:].argmin()]] = False
    weights[used] = solution[1:] / spread[used]
    bias = float(solution[0] - weights @ middle)
    return Curve(bias, *(tuple(map(float, values)) for values in (weights, lows, highs)))


def _regress(columns: Matrix, right: Vector, row_weight: float) -> Vector:
    """Newton's method; the first column is the bias, which has hardly a prior."""
    prior = np.diag([0.01, *np.ones(columns.shape[1] - 1)])
    solution = np.zeros(columns.shape[1])
    for _ in range(_ROUNDS):
        said = 1 / (1 + np.exp(-columns @ solution))
        slope = row_weight * columns.T @ (right - said) - prior @ solution
        bend = row_weight * (columns * (said * (1 - said))[:, None]).T @ columns + prior
        step = np.linalg.solve(bend, slope)
        solution += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return solution


def _round_curve(curve: Curve) -> Curve:
    rounded = (tuple(round(v, 4) for v in values) for values in (curve.weights, curve.lows, curve.highs))
    return Curve(round(curve.bias, 4), *rounded)
