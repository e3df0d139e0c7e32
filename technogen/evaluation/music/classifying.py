"""The classifier two-sample test: can a classifier that saw some songs tell from which set others are?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from technogen.errors import MissingBackendError
from technogen.evaluation.music.grid import Floats, Ints
from technogen.evaluation.music.resampling import DRAWS, Interval, split_in_half

FOLDS, LEAST_GROUPS = 5, 3
"""How often songs are held out by turns, and the fewest songs of each set for that."""

Classifier = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class TwoSample:
    """What a classifier reaches.

    Attributes:
        area: Under the curve of the held-out songs: the chance that a piece of the first set looks more like the first
            set than one of the second does. 0.5: it cannot tell. Far below: the sets share songs, and each that is held
            out has its twin on the other side.
        floor: The areas between random halves of the second set's songs; what no difference looks like.
    """

    area: Interval
    floor: tuple[float, ...]


def require_sklearn() -> None:
    """Check that scikit-learn is there.

    Raises:
        MissingBackendError: If it is not.
    """
    if find_spec("sklearn") is None:
        raise MissingBackendError("evaluating music needs scikit-learn: pip install 'technogen[evaluate]'")


def compare_sets(
    first: Floats,
    second: Floats,
    groups: tuple[Sequence[str], Sequence[str]],
    make: Classifier,
    *,
    floors: int,
    seed: int,
) -> TwoSample | None:
    """Run the test; whole songs are held out, so that none is known by its other bars.

    Args:
        first: Features of one set, (windows, features); values may be missing (not a number).
        second: Of the other.
        groups: The songs of the windows of both.
        make: Makes a new classifier.
        floors: How often the second set is split for the noise floor.
        seed: Of folds, splits and the interval.

    Returns:
        None if a set has less than three songs.

    References:
        Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017.
    """
    names = np.array([f"1 {g}" for g in groups[0]] + [f"2 {g}" for g in groups[1]])
    labels = np.repeat([1, 0], [len(first), len(second)])
    rng = np.random.default_rng(seed)
    scored = _score_held_out(np.concatenate([first, second]), labels, names, make, seed)
    if scored is None:
        return None
    areas = []
    for split in range(floors):
        half = split_in_half(list(groups[1]), rng).astype(int)
        null = _score_held_out(second, half, np.array(groups[1]), make, seed + split + 1)
        if null is not None:
            areas.append(_area(*_wins(null, half, np.array(groups[1]))))
    return TwoSample(_bootstrap_area(*_wins(scored, labels, names), rng), tuple(areas))


def boosting() -> Any:
    """Small boosted trees, for named features."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    return HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.12, max_leaf_nodes=7, min_samples_leaf=8, max_features=0.3, random_state=0
    )


def logistic() -> Any:
    """A ridge logistic regression, for the plain grid."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300))


def _score_held_out(values: Floats, labels: Ints, groups: Any, make: Classifier, seed: int) -> list[Any] | None:
    """Of each fold the rows that were held out and the scores that they got."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415

    fewest = min(len(set(groups[labels == side])) for side in (0, 1))
    if fewest < LEAST_GROUPS:
        return None
    scored = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # folds may be uneven where songs differ in length
        splits = list(
            StratifiedGroupKFold(min(FOLDS, fewest), shuffle=True, random_state=seed).split(values, labels, groups)
        )
    for learnt, held in splits:
        if len(set(labels[learnt])) == 2 and len(held):
            usable = _varying(values[learnt])
            weights = len(learnt) / 2 / np.bincount(labels[learnt], minlength=2)[labels[learnt]]
            model = _fit(make(), values[learnt][:, usable], labels[learnt], weights)
            scored.append((held, model.predict_proba(values[held][:, usable])[:, 1]))
    return scored or None


def _fit(model: Any, values: Floats, labels: Ints, weights: Floats) -> Any:
    if hasattr(model, "steps"):
        return model.fit(values, labels, **{f"{model.steps[-1][0]}__sample_weight": weights})
    return model.fit(values, labels, sample_weight=weights)


def _varying(values: Floats) -> Any:
    known = np.isfinite(values)
    top, bottom = (np.where(known, values, fill) for fill in (-np.inf, np.inf))
    return known.any(axis=0) & (top.max(axis=0) > bottom.min(axis=0))


def _wins(scored: list[Any], labels: Ints, groups: Any) -> tuple[Floats, Floats, Ints, Ints]:
    """How often each song of the first set beat each of the second, of how many; and which songs are of which set."""
    names, at = np.unique(groups, return_inverse=True)
    wins, pairs = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    for held, scores in scored:
        ours, theirs = labels[held] == 1, labels[held] == 0
        beats = (scores[ours][:, None] > scores[theirs]) + 0.5 * (scores[ours][:, None] == scores[theirs])
        where = (at[held[ours]][:, None], at[held[theirs]][None])
        np.add.at(wins, where, beats)
        np.add.at(pairs, where, 1)
    return wins, pairs, np.unique(at[labels == 1]), np.unique(at[labels == 0])


def _area(wins: Floats, pairs: Floats, ours: Ints, theirs: Ints) -> float:
    cells = np.ix_(ours, theirs)
    return float(wins[cells].sum() / max(pairs[cells].sum(), 1))


def _bootstrap_area(wins: Floats, pairs: Floats, ours: Ints, theirs: Ints, rng: np.random.Generator) -> Interval:
    drawn = []
    for _ in range(DRAWS):
        cells = np.ix_(rng.choice(ours, len(ours)), rng.choice(theirs, len(theirs)))
        if count := pairs[cells].sum():
            drawn.append(wins[cells].sum() / count)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(_area(wins, pairs, ours, theirs), float(low), float(high))
