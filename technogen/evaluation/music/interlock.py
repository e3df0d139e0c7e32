"""Whether drums and bass of a piece were made for each other: can a machine tell them from those of two pieces?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from technogen.evaluation.music.grid import (
    CLAP,
    CLOSED_HAT,
    KICK,
    OPEN_HAT,
    RIDE,
    SNARE,
    STEPS,
    TOM,
    Bools,
    Floats,
    Grid,
)
from technogen.evaluation.music.resampling import Interval, bootstrap_ratio
from technogen.evaluation.music.similarity import bass_bars, compare_bars, correlate, drum_bars
from technogen.score import ACCENT_VELOCITY

FOLDS, _OTHERS, _LEAST, _REPEATS = 5, 8, 4, 3
_WEIGHT = 8.0


class _Fit:
    """What is learned of true and of false pairs: how bass onsets lean on drum hits, and a logistic on top."""

    def __init__(self, phrases: Sequence[Grid], rng: np.random.Generator) -> None:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

        self.table = _learn_leaning(phrases)
        pairs = list(_draw_pairs(phrases, rng))
        self.model: Any = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced"))
        self.model.fit(self.describe(phrases, pairs), [drums == bass for bass, drums in pairs])

    def describe(self, phrases: Sequence[Grid], pairs: Sequence[tuple[int, int]]) -> Floats:
        sides = [_Sides(phrase) for phrase in phrases]
        return np.array([_describe_pair(sides[drums], sides[bass], self.table) for bass, drums in pairs])


class _Sides:
    """What is needed of a phrase's drums and of its bass, made once."""

    def __init__(self, phrase: Grid) -> None:
        self.grid = phrase
        self.drums, self.bass = drum_bars(phrase), bass_bars(phrase)
        self.drum_likeness, self.bass_likeness = compare_bars(self.drums), compare_bars(self.bass)
        self.state = _drum_state(phrase)
        self.voices = _voices(phrase.hits)


def measure_interlock(phrases: Sequence[Grid], teachers: Sequence[Grid] | None, *, seed: int) -> Interval | None:
    """How often a bassline's own drums suit it better than the drums of another piece, 0.5 for no better.

    What suits is learned from true and false pairs: which drums bass onsets lean on, and whether both parts repeat,
    change, thicken and stop in the same bars. It is judged on pieces that it was not learned from.

    Args:
        phrases: Whose parts are put to the test; those of the length that most have are used.
        teachers: Whom to learn from; None: from the phrases themselves, by turns.
        seed: Of the false pairs and the turns.

    Returns:
        The share with its interval, from drawing whole groups anew; None if there are too few.
    """
    rng = np.random.default_rng(seed)
    usual = _same_length(phrases)
    wins: dict[str, list[float]] = defaultdict(list)
    known = None if teachers is None else _same_length(teachers)
    for pupils, masters in (turn for _ in range(_REPEATS) for turn in _turns(usual, known, rng)):
        if len({p.group for p in pupils}) > 1 and len({m.group for m in masters}) > 2:
            _play(_Fit(masters, rng), pupils, wins, rng)
    if len(wins) < _LEAST:
        return None
    return bootstrap_ratio([(sum(won), len(won)) for won in wins.values()], rng)


def _turns(
    phrases: list[Grid], teachers: list[Grid] | None, rng: np.random.Generator
) -> Iterator[tuple[list[Grid], list[Grid]]]:
    if teachers is not None:
        yield phrases, teachers
        return
    groups = [str(g) for g in rng.permutation(sorted({p.group for p in phrases}))]
    for fold in range(FOLDS):
        held = set(groups[fold::FOLDS])
        yield [p for p in phrases if p.group in held], [p for p in phrases if p.group not in held]


def _play(fit: _Fit, phrases: list[Grid], wins: dict[str, list[float]], rng: np.random.Generator) -> None:
    pairs = list(_draw_pairs(phrases, rng))
    scores = dict(zip(pairs, fit.model.decision_function(fit.describe(phrases, pairs))))
    for bass, drums in pairs:
        if bass != drums:
            own, other = scores[bass, bass], scores[bass, drums]
            wins[phrases[bass].group].append(float(own > other) + 0.5 * float(own == other))


def _draw_pairs(phrases: Sequence[Grid], rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Whose bass, with whose drums: each with its own and with those of some other songs."""
    groups = np.array([p.group for p in phrases])
    for bass, group in enumerate(groups):
        others = np.flatnonzero(groups != group)
        yield bass, bass
        for drums in rng.choice(others, min(_OTHERS, len(others)), replace=False):
            yield bass, int(drums)


def _same_length(phrases: Sequence[Grid]) -> list[Grid]:
    if not phrases:
        return []
    lengths = [p.bars for p in phrases]
    usual = max(set(lengths), key=lambda length: (lengths.count(length), length))
    return [p for p in phrases if p.bars == usual]


def _drum_state(phrase: Grid) -> Any:
    hits = phrase.hits
    return hits[:, KICK] + 2 * (hits[:, SNARE] | hits[:, CLAP]) + 4 * (hits[:, CLOSED_HAT] | hits[:, OPEN_HAT])


def _voices(hits: Bools) -> tuple[Any, ...]:
    other = hits[:, TOM : RIDE + 1].any(axis=1)
    return hits[:, KICK], hits[:, SNARE] | hits[:, CLAP], hits[:, CLOSED_HAT], hits[:, OPEN_HAT], other


def _learn_leaning(phrases: Sequence[Grid]) -> Floats:
    """By step and state of the drums, how much likelier than usual a bass onset is, and is not: logarithms."""
    counts = np.zeros((STEPS, 8, 2))
    for phrase in phrases:
        np.add.at(counts, (np.arange(len(phrase.pitch)) % STEPS, _drum_state(phrase), phrase.onsets.astype(int)), 1)
    usual = (counts.sum(axis=1) + 1) / (counts.sum(axis=(1, 2))[:, None] + 2)
    given = (counts + _WEIGHT * usual[:, None]) / (counts.sum(axis=2, keepdims=True) + _WEIGHT)
    table: Floats = np.log(given / usual[:, None])
    return table


def _describe_pair(drums: _Sides, bass: _Sides, table: Floats) -> list[float]:
    onsets = bass.grid.onsets
    leaning = table[np.arange(len(onsets)) % STEPS, drums.state, onsets.astype(int)]
    accents = bass.grid.velocity >= ACCENT_VELOCITY
    upper = np.triu_indices(bass.grid.bars, 1)
    d, b = drums.drum_likeness, bass.bass_likeness
    drum_count, bass_count = drums.drums.sum(axis=1), bass.bass.sum(axis=1)
    return [
        float(leaning.sum()),
        *(correlate(onsets, voice) for voice in drums.voices),
        *(correlate(accents, voice) for voice in drums.voices[:2]),
        correlate(d[upper], b[upper]),
        float(np.abs(d[upper] - b[upper]).mean()) if len(upper[0]) else 0.0,
        correlate(np.diagonal(d, 1), np.diagonal(b, 1)),
        correlate(drum_count, bass_count),
        correlate(drum_count == 0, bass_count == 0),
        correlate(drums.voices[0].reshape(-1, STEPS).sum(axis=1), bass_count),
        float(np.log1p(drum_count.sum()) * np.log1p(bass_count.sum())),
    ]
