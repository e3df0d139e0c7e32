"""The grid of a recording: which 16th of the pulse is the first of a bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import Array
from technogen.transcription.onsets import Onsets
from technogen.transcription.tempo import Pulse, group_strength, slot_strength
from technogen.transcription.types import DrumHit, Grid

Vector = NDArray[np.float64]
STEPS = 16

_ON_BEATS = (0.95, 0.05, 0.06, 0.07, 0.7, 0.04, 0.12, 0.12, 0.75, 0.06, 0.18, 0.06, 0.7, 0.05, 0.12, 0.1)
_BACKBEAT = (0.05, 0.02, 0.05, 0.06, 0.7, 0.04, 0.06, 0.1, 0.05, 0.07, 0.06, 0.06, 0.7, 0.05, 0.1, 0.1)
_OFFBEAT = (0.1, 0.07, 0.5, 0.07, 0.1, 0.07, 0.5, 0.07, 0.1, 0.07, 0.5, 0.07, 0.1, 0.07, 0.5, 0.08)
_EVEN = (0.6, 0.22, 0.55, 0.22, 0.6, 0.22, 0.55, 0.22, 0.6, 0.22, 0.55, 0.22, 0.6, 0.22, 0.55, 0.25)
_FIRST = (0.2, 0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.01, 0.03, 0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.02)
_ANY = (0.9, 0.35, 0.55, 0.4, 0.7, 0.35, 0.6, 0.4, 0.75, 0.35, 0.55, 0.4, 0.65, 0.35, 0.6, 0.45)
_POSITIONS: dict[int, tuple[float, ...]] = {
    36: _ON_BEATS, 38: _BACKBEAT, 39: _BACKBEAT, 46: _OFFBEAT, 42: _EVEN, 51: _EVEN, 49: _FIRST,
}  # fmt: skip
"""How likely each piece is on each 16th of a bar, in round figures: what drummers and machines usually play."""

_EVIDENCE_BARS = 1.0
"""Bars repeat each other: all together they say about as much as one."""
_LOW_WEIGHT, _ONSET_WEIGHT, _END_WEIGHT = 0.5, 0.5, 1.0
_START_WEIGHT = 7.0
"""A file cut without regard to the music starts this close to a 16th one time in ten: a loop or an export always."""
_EARLY_SECONDS = 0.02  # a bar line this soon after the start of the file is at the start
_CUT_SECONDS, _END_SECONDS = 0.006, 0.012
_MAX_COMPARED_BARS = 400


def find_grid(pulse: Pulse, onsets: Onsets, strength: Array, drums: Sequence[DrumHit]) -> Grid:
    """Find bar one of a pulse.

    What decides: which pieces are played where in a bar, that low sounds fall on beats, that a bar resembles other bars
    most when cut on bar lines, that files often start and music often ends on them.

    Args:
        pulse: The 16ths.
        onsets: Of the recording.
        strength: Onset strength by frame and band, (t, bands).
        drums: Hits, as far as they are known.
    """
    scores = _score_rotations(pulse, onsets, strength, drums)
    best = int(scores.argmax())
    odds = np.exp(scores - scores.max())
    bar = 240 / pulse.tempo
    offset = float(pulse.sixteenths(1, best)[0]) % bar
    if offset > _EARLY_SECONDS:
        offset -= bar
    return Grid(pulse.tempo, offset, pulse.swing, confidence=round(float(pulse.fit * odds[best] / odds.sum()), 3))


def _score_rotations(pulse: Pulse, onsets: Onsets, strength: Array, drums: Sequence[DrumHit]) -> Vector:
    """A logarithm for each of the 16 places where bars may start."""
    numbers, slots = slot_strength(pulse, group_strength(strength))
    scale = _EVIDENCE_BARS / max(1.0, len(numbers) / STEPS)
    scores = np.zeros(STEPS)
    for pitch, table in _POSITIONS.items():
        hits = [(h.time, h.confidence) for h in drums if h.pitch == pitch]
        if hits:
            times, weights = np.array(hits).T
            scores += scale * _match(positions(pulse, times), weights, table)
    low = slots[:, 0] / (np.percentile(slots[:, 0], 95) + 1e-9)
    scores += scale * _LOW_WEIGHT * _match(numbers, np.minimum(low, 1).astype(np.float64), _ON_BEATS)
    scores += scale * _ONSET_WEIGHT * _match(positions(pulse, onsets.times), np.minimum(onsets.strengths, 1), _ANY)
    scores += _bar_likeness(numbers, slots) + _start_score(pulse)
    scores += _END_WEIGHT * _end_score(pulse, float(onsets.times[-1]))
    return np.where(np.arange(STEPS) % 2 == 1, -np.inf, scores) if pulse.swing > 0.5 else scores


def positions(pulse: Pulse, times: Vector) -> NDArray[np.int64]:
    """The number of the nearest 16th of the pulse for each time."""
    eighth = 30 / pulse.tempo
    place = (times - pulse.offset) / eighth
    number = np.floor(place + (1 - pulse.swing) / 2)
    return np.asarray(2 * number + (place - number > pulse.swing / 2), dtype=np.int64)


def _match(numbers: NDArray[np.int64], weights: Vector, table: tuple[float, ...]) -> Vector:
    counts = np.bincount(numbers % STEPS, weights, STEPS)
    logs = np.log(np.array(table) / np.mean(table))
    return np.array([float(np.roll(counts, -r) @ logs) for r in range(STEPS)])


def _bar_likeness(numbers: NDArray[np.int64], slots: Array) -> Vector:
    """How much each bar resembles the bar most like it, by where bars are cut; 0 on average.

    Where the music changes, a bar that is cut elsewhere than on the bar line is a mixture like no other.
    """
    unit = slots / (np.linalg.norm(slots, axis=1).mean() + 1e-9)
    scores = np.zeros(STEPS)
    for r in range(STEPS):
        starts = np.flatnonzero((numbers - r) % STEPS == 0)
        starts = starts[starts + STEPS <= len(unit)]
        if len(starts) < 3:
            return np.zeros(STEPS)
        chosen = starts[np.linspace(0, len(starts) - 1, min(len(starts), _MAX_COMPARED_BARS)).astype(int)]
        bars = np.stack([unit[i : i + STEPS].ravel() for i in chosen]).astype(np.float64)
        squares = (bars**2).sum(axis=1)
        distances = squares[:, None] + squares[None] - 2 * bars @ bars.T
        np.fill_diagonal(distances, np.inf)
        scores[r] = -float(distances.min(axis=1).mean()) / STEPS * len(starts)
    return np.asarray(scores - scores.mean())


def _start_score(pulse: Pulse) -> Vector:
    """In favour of a bar line at the start of the file, where that is on a 16th exactly; else nothing."""
    number = int(positions(pulse, np.zeros(1))[0])
    scores = np.zeros(STEPS)
    if abs(float(pulse.sixteenths(1, number)[0])) < _CUT_SECONDS:
        scores[number % STEPS] = _START_WEIGHT
    return scores


def _end_score(pulse: Pulse, last: float) -> Vector:
    """In favour of a bar line soon after the last onset, where that is on the grid."""
    number = int(positions(pulse, np.array([last]))[0])
    if abs(float(pulse.sixteenths(1, number)[0]) - last) > _END_SECONDS:
        return np.zeros(STEPS)
    distance = (np.arange(STEPS) - number - 1) % STEPS
    return np.where(distance == 0, 1.0, -0.1 * distance)
