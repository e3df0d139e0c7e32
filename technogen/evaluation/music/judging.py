"""The figures of single pieces, gathered over a set: rules, wishes, originality, diversity, interlock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from technogen.evaluation.music.adherence import Asked, measure_adherence
from technogen.evaluation.music.grid import VIEWS, Grid, View, name_groups
from technogen.evaluation.music.interlock import measure_interlock
from technogen.evaluation.music.measures import Measure, range_of
from technogen.evaluation.music.originality import Corpus, Origin, share_in_several, spread_of
from technogen.evaluation.music.resampling import bootstrap_mean, mean_of, split_in_half
from technogen.evaluation.music.telling_apart import VIEW_FEATURES, Pair, rows_of
from technogen.score import Score
from technogen.similarity import find_duplicates

_SPLITS, _LEAST_GROUPS = 4, 6
_ALIKE = 0.95
_LITTLE_SPREAD, _SHARED_LIMIT = 0.75, 0.05


def judge_rules(rules: Mapping[str, Mapping[str, bool]], broken: int, seed: int) -> Iterator[Measure]:
    """The share of files that keep each rule of `check_rules`; files that cannot be read keep none."""
    if not rules:
        return
    names = list(next(iter(rules.values())))
    rows = {"all rules": [all(kept.values()) for kept in rules.values()]}
    rows |= {name: [kept[name] for kept in rules.values()] for name in names}
    for name, kept in rows.items():
        values = [*map(float, kept), *[0.0] * broken]
        yield _share(f"validity/{name.replace(' ', '_')}", name, values, seed, low_is_bad=1.0)


def judge_wishes(scores: Mapping[str, Score], asked: Mapping[str, Asked], seed: int) -> Iterator[Measure]:
    """How much of what was asked for is there."""
    found = [measure_adherence(score, asked[name]) for name, score in scores.items() if name in asked]
    for name in dict.fromkeys(key for row in found for key in row):
        values = [row[name] for row in found if name in row]
        yield _share(f"adherence/{name}", name.replace("_", " "), values, seed, low_is_bad=None)


def trace_origins(scores: Mapping[str, Score], corpus: Mapping[str, Score]) -> tuple[Origin, ...]:
    """What of each piece stands in a corpus."""
    held = Corpus(corpus)
    return tuple(held.trace(name, score) for name, score in scores.items())


def judge_originality(origins: Sequence[Origin], floors: Sequence[Sequence[Origin]], seed: int) -> Iterator[Measure]:
    """Runs of shared bars and the shares of copies, beside what one half of the reference shares with the other.

    Args:
        origins: Of the generated pieces.
        floors: Of pieces of the reference in the rest of it, by split; empty where the corpus is not the reference.
        seed: Of the interval.
    """
    figures: tuple[tuple[str, str, Callable[[Origin], float]], ...] = (
        ("copied", "pieces with a long run of another's bars", lambda o: float(o.is_copied)),
        ("patched", "pieces with the drums and the bass of two others", lambda o: float(o.is_patched)),
        ("bass_run", "different bars in the longest shared run: bass", lambda o: float(o.bass.different)),
        ("joint_run", "different bars in the longest shared run: both", lambda o: float(o.joint.different)),
        ("known_bars", "telling bars that are known", lambda o: float("nan") if o.known is None else o.known),
    )
    for key, words, measure in figures:
        names = [o.name for o in origins]
        found = bootstrap_mean([measure(o) for o in origins], names, np.random.default_rng(seed))
        if found is None:
            yield Measure(f"originality/{key}", words, None)
            continue
        floor = range_of([mean_of(measure(o) for o in one) for one in floors])
        out = found.value > (floor[1] if floor else 0.0) + 1e-9 and found.low > 0 if floor or key == "copied" else None
        yield Measure(f"originality/{key}", words, found.value, found.low, found.high, floor=floor, stands_out=out)


def floor_of_origins(reference: Mapping[str, Score], groups: Mapping[str, str], seed: int) -> list[list[Origin]]:
    """What halves of the reference share with each other, split by song."""
    names = list(reference)
    songs = [groups[name] for name in names]
    if len(set(songs)) < _LEAST_GROUPS:
        return []
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(_SPLITS):
        half = split_in_half(songs, rng)
        sides = [{n: reference[n] for n, chosen in zip(names, half) if chosen == side} for side in (True, False)]
        found.append(list(trace_origins(sides[0], sides[1])))
    return found


def judge_diversity(
    windows: Mapping[View, Pair], scores: Mapping[str, Score], reference: Mapping[str, Score]
) -> Iterator[Measure]:
    """Pieces that are the same, windows that stand in several, and how far pieces are apart beside the reference's."""
    copies, usual = (_share_of_copies(side) for side in (scores, reference))
    yield Measure(
        "diversity/duplicates",
        "pieces all but the same as another, in any key",
        copies,
        reference=usual,
        stands_out=copies > usual,
    )
    for view in VIEWS:
        ours, theirs = windows[view]
        yield _compared(f"diversity/{view}_shared", f"{view}: windows in several pieces", ours, theirs, view)
    ours, theirs = windows["joint"]
    if ours and theirs:
        tables = [rows_of(side, VIEW_FEATURES["joint"]) for side in (ours, theirs)]
        spreads = [spread_of(t, name_groups(side), tables[1]) for t, side in zip(tables, (ours, theirs))]
        ratio = spreads[0] / spreads[1] if spreads[1] else float("nan")
        known = bool(np.isfinite(ratio))
        yield Measure(
            "diversity/spread",
            "distance between pieces over the reference's",
            ratio if known else None,
            reference=1.0,
            stands_out=ratio < _LITTLE_SPREAD if known else None,
        )


def judge_interlock(phrases: Pair, seed: int) -> Iterator[Measure]:
    """How often a bassline's own drums suit it better than another's, 0.5 for no better, and what the reference does.

    Parts that have nothing to do with each other stand out where the reference's do have: where its interval lies
    above 0.5, and the generated one below its value.
    """
    own = measure_interlock(phrases[1], None, seed=seed)
    for key, words, teachers in (
        ("own", "own drums suit the bass best, as these pieces teach", None),
        ("by_reference", "own drums suit the bass best, as the reference teaches", phrases[1]),
    ):
        found = measure_interlock(phrases[0], teachers, seed=seed)
        value = None if own is None else own.value
        if found is None:
            yield Measure(f"interlock/{key}", words, None, reference=value)
            continue
        floor = None if own is None else (own.low, own.high)
        tells = own is not None and own.low > 0.5
        out = found.high < own.value and found.low <= 0.5 if own is not None and tells else None
        yield Measure(
            f"interlock/{key}", words, found.value, found.low, found.high, reference=value, floor=floor, stands_out=out
        )


def _share_of_copies(scores: Mapping[str, Score]) -> float:
    return len({pair.second for pair in find_duplicates(scores, limit=_ALIKE)}) / max(len(scores), 1)


def _compared(key: str, words: str, ours: Sequence[Grid], theirs: Sequence[Grid], view: View) -> Measure:
    shares = [share_in_several(side, view) for side in (ours, theirs)]
    value, reference = (share if np.isfinite(share) else None for share in shares)
    out = None if value is None else value > max(_SHARED_LIMIT, reference or 0.0)
    return Measure(key, words, value, reference=reference, stands_out=out)


def _share(key: str, words: str, values: Sequence[float], seed: int, *, low_is_bad: float | None) -> Measure:
    found = bootstrap_mean(values, map(str, range(len(values))), np.random.default_rng(seed))
    if found is None:
        return Measure(key, words, None)
    out = None if low_is_bad is None else found.value < low_is_bad
    return Measure(key, words, found.value, found.low, found.high, stands_out=out)
