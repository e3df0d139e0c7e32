"""The grid of a recording: which 16th of the pulse is the first of a bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.onsets import Onsets
from technogen.transcription.tempo import Pulse
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

_START_WEIGHT, _END_WEIGHT, _CHANGE_WEIGHT = 2.0, 1.0, 1.5
_INDEPENDENT_BARS = 4.0  # repeated bars say less each
_ON_GRID_SECONDS = 0.012


def find_grid(pulse: Pulse, onsets: Onsets, drums: Sequence[DrumHit], seconds: float) -> Grid:
    """Find bar one of a pulse.

    What is played where in the bar decides, with a little weight on the music starting, ending and changing on bar
    lines.
    """
    scores = _score_rotations(pulse, onsets, drums, seconds)
    if pulse.swing > 0.5:
        scores[1::2] = -np.inf
    best = int(scores.argmax())
    odds = np.exp(scores - scores.max())
    offset = float(pulse.sixteenths(1, best)[0])
    bar = 240 / pulse.tempo
    offset -= np.floor((offset + 0.02) / bar) * bar
    if offset > 0.02:
        offset -= bar
    return Grid(pulse.tempo, offset, pulse.swing, confidence=round(float(pulse.fit * odds[best] / odds.sum()), 3))


def _score_rotations(pulse: Pulse, onsets: Onsets, drums: Sequence[DrumHit], seconds: float) -> Vector:
    """A logarithm for each of the 16 places where bars may start."""
    bars = max(1.0, seconds / (240 / pulse.tempo))
    scale = min(bars, _INDEPENDENT_BARS) / bars
    scores = np.zeros(STEPS)
    for pitch, table in _POSITIONS.items():
        hits = [(h.time, h.confidence) for h in drums if h.pitch == pitch]
        if hits:
            times, weights = np.array(hits).T
            scores += scale * _match(pulse, times, weights, table)
    scores += scale * 0.5 * _match(pulse, onsets.times, np.minimum(onsets.strengths, 1), _ANY)
    if len(onsets.times):
        scores += _START_WEIGHT * _edge_score(pulse, float(onsets.times[0]), after=True)
        scores += _END_WEIGHT * _edge_score(pulse, float(onsets.times[-1]), after=False)
    return scores


def positions(pulse: Pulse, times: Vector) -> NDArray[np.int64]:
    """The number of the nearest 16th of the pulse for each time."""
    eighth = 30 / pulse.tempo
    place = (times - pulse.offset) / eighth
    number = np.floor(place + (1 - pulse.swing) / 2)
    return np.asarray(2 * number + (place - number > pulse.swing / 2), dtype=np.int64)


def _match(pulse: Pulse, times: Vector, weights: Vector, table: tuple[float, ...]) -> Vector:
    counts = np.bincount(positions(pulse, times) % STEPS, weights, STEPS)
    logs = np.log(np.array(table) / np.mean(table))
    return np.array([float(np.roll(counts, -r) @ logs) for r in range(STEPS)])


def _edge_score(pulse: Pulse, moment: float, *, after: bool) -> Vector:
    """How likely bars start at each rotation, given where music starts (or ends): close after (before) a bar line.

    Nothing is said where the moment is not on the grid: the recording is then a cut from something longer.
    """
    number = int(positions(pulse, np.array([moment]))[0])
    if abs(float(pulse.sixteenths(1, number)[0]) - moment) > _ON_GRID_SECONDS:
        return np.zeros(STEPS)
    scores = np.empty(STEPS)
    for r in range(STEPS):
        distance = (number - r) % STEPS if after else (r - number - 1) % STEPS
        scores[r] = 1.0 if distance == 0 else -0.1 * distance if not after else -0.3
    return scores
