"""Two-sample tests of two sets of pieces: by their drums, their bass, both, their form, and how they are played."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from technogen.evaluation.music.bass_features import measure_acid, measure_bass
from technogen.evaluation.music.classifying import Classifier, boosting, compare_sets, logistic
from technogen.evaluation.music.drum_features import Features, measure_drum_velocities, measure_drums
from technogen.evaluation.music.grid import STEPS, VIEWS, Floats, Grid, View, find_root, name_groups
from technogen.evaluation.music.joint_features import measure_form, measure_joint
from technogen.evaluation.music.measures import Measure, range_of

_WORDS = {
    "drums": "drums",
    "bass": "bassline",
    "joint": "drums and bass",
    "form": "form of 16 bars",
    "expression": "velocities, accents, slides, lengths",
}
_TWINS = 0.35

Pair = tuple[list[Grid], list[Grid]]


def tell_apart(windows: dict[View, Pair], phrases: Pair, *, floors: int, seed: int) -> Iterator[Measure]:
    """All two-sample tests; see `technogen.evaluation.music.classifying.compare_sets`.

    Args:
        windows: By view, of both sets.
        phrases: Of both sets, for their form.
        floors: How often the reference is split for the noise floor.
        seed: Of folds and splits.
    """
    for view in VIEWS:
        yield _test(f"c2st/{view}/features", windows[view], table_of(windows[view], VIEW_FEATURES[view]), floors, seed)
        yield _test(f"c2st/{view}/grid", windows[view], _grids(windows[view], view), floors, seed)
    yield _test("c2st/form/features", phrases, table_of(phrases, measure_form), floors, seed)
    yield _test(
        "c2st/expression/features", windows["joint"], table_of(windows["joint"], measure_expression), floors, seed
    )


def measure_all_joint(window: Grid) -> Features:
    """What is measured of drums, of the bass, and of both together."""
    return {**measure_drums(window), **measure_bass(window), **measure_joint(window)}


def measure_expression(window: Grid) -> Features:
    """How a window is played."""
    return {**measure_drum_velocities(window), **measure_acid(window)}


VIEW_FEATURES: dict[View, Callable[[Grid], Features]] = {
    "drums": measure_drums,
    "bass": measure_bass,
    "joint": measure_all_joint,
}


def table_of(sides: Pair, measure: Callable[[Grid], Features]) -> tuple[Floats, Floats]:
    """The features of both sides, (windows, features) each."""
    first, second = (rows_of(side, measure) for side in sides)
    return first, second


def rows_of(windows: Sequence[Grid], measure: Callable[[Grid], Features]) -> Floats:
    """The features of windows, (windows, features)."""
    return np.array([list(measure(window).values()) for window in windows], float)


def _test(key: str, sides: Pair, tables: tuple[Floats, Floats], floors: int, seed: int) -> Measure:
    make: Classifier = logistic if key.endswith("/grid") else boosting
    words = f"{_WORDS[key.split('/')[1]]}, by {'the plain grid' if make is logistic else 'features'}"
    groups = (name_groups(sides[0]), name_groups(sides[1]))
    if not len(tables[0]) or not len(tables[1]):
        return Measure(key, words, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = compare_sets(*tables, groups, make, floors=floors, seed=seed)
    if found is None:
        return Measure(key, words, None)
    area, floor = found.area, range_of(found.floor)
    stands_out = None if floor is None else area.low > 0.5 and area.value > floor[1]
    return Measure(key, words, area.value, area.low, area.high, reference=0.5, floor=floor, stands_out=stands_out)


def looks_shared(measure: Measure) -> bool:
    """Whether a two-sample test fell so far below 0.5 that the sets must share songs."""
    return measure.value is not None and measure.high is not None and measure.value < _TWINS and measure.high < 0.5


def _grids(sides: Pair, view: View) -> tuple[Floats, Floats]:
    first, second = (np.array([_flatten(window, view) for window in side], float) for side in sides)
    return first, second


def _flatten(window: Grid, view: View) -> Floats:
    """Onsets and degrees by step, of each bar and of the mean bar."""
    planes = []
    if view != "bass":
        planes.append(window.hits.astype(float))
    if view != "drums":
        at = np.flatnonzero(window.onsets)
        above = window.pitch[at] - find_root(window.pitch)
        plane = np.zeros((len(window.pitch), 15))
        plane[at, 0] = 1
        plane[at, 1 + above % 12] = 1
        plane[at, 13], plane[at, 14] = above >= 12, above < 0
        planes.append(plane)
    grid = np.concatenate(planes, axis=1)
    mean = grid.reshape(window.bars, STEPS, -1).mean(axis=0)
    return np.concatenate([grid.ravel(), mean.ravel()])
