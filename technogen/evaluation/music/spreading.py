"""How the distributions of features and profiles of two sets lie to each other, feature by feature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from technogen.evaluation.music.bass_features import measure_acid
from technogen.evaluation.music.distances import yang_lerch
from technogen.evaluation.music.drum_features import Features
from technogen.evaluation.music.grid import Floats, Grid, View, name_groups
from technogen.evaluation.music.joint_features import measure_form, measure_loop
from technogen.evaluation.music.measures import SPLITS, Measure, measure_shift, range_of
from technogen.evaluation.music.profiles import (
    BASS_PROFILES,
    DRUM_PROFILES,
    Profile,
    compare_profiles,
    profile_floor,
    profiles_of_songs,
)
from technogen.evaluation.music.resampling import mean_of, split_in_half
from technogen.evaluation.music.telling_apart import VIEW_FEATURES, Pair, rows_of

COMPARED: dict[View, tuple[str, ...]] = {
    "drums": ("hits_per_bar", "drum_classes", "four_on_the_floor", "backbeat", "off_16ths", "closed_hat_rate",
              "open_hat_rate", "drums_lag1", "drums_different_bars"),
    "bass": ("notes_per_bar", "bass_onset_entropy", "bass_on_16ths", "bass_on_one", "pitches", "pitch_entropy", "range",
             "degree_0", "repeated_notes", "octaves", "leaps", "gap_entropy", "bass_lag1"),
    "joint": ("bass_on_kick", "bass_with_kick", "bass_with_backbeat", "bass_with_open_hat", "density_ratio"),
}  # fmt: skip
"""The features whose distributions are compared one by one."""
_MOST, _FLOORS, _DRAWS, _LEAST = 150, 8, 24, 5


def compare_features(windows: dict[View, Pair], seed: int) -> Iterator[Measure]:
    """Overlap areas of the distances within and between the sets (Yang and Lerch), and shifts of the means."""
    for view, names in COMPARED.items():
        sides = windows[view]
        if min(map(len, sides)) < _LEAST:
            continue
        at = _columns(sides[0][0], VIEW_FEATURES[view], names)
        tables = [rows_of(side, VIEW_FEATURES[view])[:, at] for side in sides]
        yield from _overlaps(view, names, tables, sides, seed)
        groups = (name_groups(sides[0]), name_groups(sides[1]))
        for column, name in enumerate(names):
            values = (tables[0][:, column], tables[1][:, column])
            yield measure_shift(f"shift/{view}/{name}", _say(name), values, groups, seed)


def compare_profiles_of(windows: dict[View, Pair], seed: int) -> Iterator[Measure]:
    """Jensen-Shannon distances of onsets, degrees, intervals, gaps, velocities and the mix of drums."""
    kinds_of: dict[View, dict[str, Profile]] = {"drums": DRUM_PROFILES, "bass": BASS_PROFILES}
    for view, kinds in kinds_of.items():
        for name, profile in kinds.items():
            rng = np.random.default_rng(seed)
            songs = [profiles_of_songs(side, profile) for side in windows[view]]
            found = compare_profiles(songs[0], songs[1], rng)
            words = f"{view}: {_say(name)}"
            if found is None:
                yield Measure(f"divergence/{view}/{name}", words, None)
                continue
            floor = range_of(profile_floor(songs[1], rng, SPLITS))
            out = None if floor is None else found.value > floor[1]
            yield Measure(
                f"divergence/{view}/{name}", words, found.value, found.low, found.high, floor=floor, stands_out=out
            )


def compare_phrases(phrases: Pair, bass: Pair, seed: int) -> Iterator[Measure]:
    """Shifts of what is measured of phrases: form and groove, and how they loop; and of the marks of acid."""
    for kind, measure, sides in (
        ("form", measure_form, phrases),
        ("loop", measure_loop, phrases),
        ("acid", measure_acid, bass),
    ):
        if min(map(len, sides)) < 2:
            continue
        names = list(measure(sides[0][0]))
        tables = [rows_of(side, measure) for side in sides]
        groups = (name_groups(sides[0]), name_groups(sides[1]))
        for column, name in enumerate(names):
            values = (tables[0][:, column], tables[1][:, column])
            yield measure_shift(f"{kind}/{name}", _say(name), values, groups, seed)


def _overlaps(view: View, names: Sequence[str], tables: Sequence[Floats], sides: Pair, seed: int) -> Iterator[Measure]:
    rng = np.random.default_rng(seed)
    kept = [_thin(table, side, rng) for table, side in zip(tables, sides)]
    (ours, our_names), (theirs, their_names) = kept
    means = _overlap_each(ours, theirs, their_names)
    floors = _overlap_floors(theirs, their_names, rng)
    draws = ((_draw(ours, our_names, rng)[0], *_draw(theirs, their_names, rng)) for _ in range(_DRAWS))
    drawn = [mean_of(_overlap_each(*draw)) for draw in draws]
    yield _mean_overlap(view, mean_of(means), [d for d in drawn if np.isfinite(d)], [mean_of(f) for f in floors])
    for column, name in enumerate(names):
        one = range_of([f[column] for f in floors])
        value = float(means[column])
        known = np.isfinite(value)
        out = None if one is None or not known else value < one[0]
        yield Measure(f"overlap/{view}/{name}", _say(name), value if known else None, floor=one, stands_out=out)


def _mean_overlap(view: View, value: float, drawn: Sequence[float], floors: Sequence[float]) -> Measure:
    key, words, floor = f"overlap/{view}", f"{view}: mean of the features", range_of(floors)
    if not np.isfinite(value) or not drawn:
        return Measure(key, words, None)
    low, high = np.percentile(drawn, (2.5, 97.5)) - (np.mean(drawn) - value)  # songs drawn twice bias the draws
    out = None if floor is None else value < floor[0]
    return Measure(key, words, value, float(low), min(float(high), 1.0), floor=floor, stands_out=out)


def _overlap_each(ours: Floats, theirs: Floats, names: Sequence[str]) -> Floats:
    songs = np.array(names)
    found = []
    for column in range(ours.shape[1]):
        a, b = ours[:, column], theirs[:, column]
        a, known = a[np.isfinite(a)], np.isfinite(b)
        same = songs[known][:, None] == songs[known]
        enough = len(a) >= 2 and known.sum() >= 2
        found.append(yang_lerch(a, b[known], same)[0] if enough else float("nan"))
    return np.array(found)


def _overlap_floors(theirs: Floats, names: Sequence[str], rng: np.random.Generator) -> list[Floats]:
    if len(set(names)) < 6:
        return []
    found = []
    for _ in range(_FLOORS):
        half = split_in_half(list(names), rng)
        found.append(_overlap_each(theirs[half], theirs[~half], list(np.array(names)[~half])))
    return found


def _thin(table: Floats, side: Sequence[Grid], rng: np.random.Generator) -> tuple[Floats, list[str]]:
    at = np.sort(rng.choice(len(side), min(len(side), _MOST), replace=False))
    return table[at], [side[i].group for i in at]


def _draw(table: Floats, names: Sequence[str], rng: np.random.Generator) -> tuple[Floats, list[str]]:
    """Songs drawn anew."""
    songs, at = np.unique(names, return_inverse=True)
    rows = np.concatenate([np.flatnonzero(at == song) for song in rng.integers(len(songs), size=len(songs))])
    return table[rows], [names[row] for row in rows]


def _columns(window: Grid, measure: Callable[[Grid], Features], names: Sequence[str]) -> list[int]:
    known = list(measure(window))
    return [known.index(name) for name in names]


def _say(name: str) -> str:
    return name.replace("_", " ")
