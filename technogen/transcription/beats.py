"""Beats of a recording whose tempo drifts or changes: first its tempo over time, then beats by dynamic programming.

Ellis, "Beat tracking by dynamic programming", 2007; here the period is that of the tempo at each moment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import FRAME_RATE, Array
from technogen.transcription.onsets import Onsets, Times
from technogen.transcription.tempo import group_strength, measure_pulses

Vector = NDArray[np.float64]

_TIGHTNESS = 400.0  # how much a beat that is early or late costs, by the square of the logarithm
_SHORTEST, _LONGEST = 0.6, 1.6  # periods
_RANGE = 1.42  # tempos up to half an octave away are looked for
_STEP = 0.01  # between tempos, as a logarithm
_WINDOW_SECONDS, _HOP_SECONDS = 8.0, 2.0
_DRIFT_COST, _JUMP_COST = 8.0, 1.5  # of a change of tempo from one window to the next: by its logarithm, and at most
_POOLED = 2  # frames in one step of the search
_NEAR_SECONDS = 0.03
_LOW_WEIGHT = 2.0


def follow_beats(strength: Array, onsets: Onsets, tempo: float) -> Times:
    """Beats in seconds that follow the onsets, from the first of those to the last.

    Args:
        strength: Onset strength by frame and band, (t, bands).
        onsets: Of the same recording.
        tempo: Beats a minute, roughly: the recording may move away from it, or jump up to half an octave.
    """
    if len(onsets.times) < 2:
        return np.zeros(0)
    total = _pool(strength)
    moments, tempos = follow_tempo(onsets, tempo)
    rate = FRAME_RATE / _POOLED
    periods = 60 * rate / np.interp(np.arange(len(total)) / rate, moments, tempos)
    beats = _search(total, periods) / rate
    period = 60 / tempos
    inside = (beats > onsets.times[0] - 0.5 * period[0]) & (beats < onsets.times[-1] + 0.5 * period[-1])
    return _snap(beats[inside], onsets.times)


def follow_tempo(onsets: Onsets, tempo: float) -> tuple[Vector, Vector]:
    """The tempo over time: seconds, (n,), and beats a minute at each, (n,).

    The path through the tempos of overlapping windows that explains the onsets best and changes least.
    """
    tempos = tempo * np.exp(np.arange(-np.log(_RANGE), np.log(_RANGE), _STEP))
    middles = np.arange(0.0, onsets.times[-1] + _HOP_SECONDS, _HOP_SECONDS)
    heard = np.stack([_hear_tempos(onsets, middle, tempos) for middle in middles])
    apart = np.abs(np.log(tempos[:, None] / tempos))
    cost = np.minimum(_DRIFT_COST * apart, _JUMP_COST)
    score, back = heard[0], np.zeros(heard.shape, dtype=np.int64)
    for i in range(1, len(heard)):
        ways = score[:, None] - cost
        back[i] = ways.argmax(axis=0)
        score = ways.max(axis=0) + heard[i]
    path = [int(score.argmax())]
    for i in range(len(heard) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return middles, tempos[path[::-1]]


def _hear_tempos(onsets: Onsets, middle: float, tempos: Vector) -> Vector:
    """How well beats, 8ths and 16ths of each tempo explain the onsets around a moment, 0..3."""
    reach = _WINDOW_SECONDS / 2
    chosen = slice(*np.searchsorted(onsets.times, (middle - reach, middle + reach)))
    times = onsets.times[chosen] - middle
    weights = np.minimum(onsets.strengths[chosen], 1) * np.cos(np.pi / 2 * times / reach) ** 2
    if len(times) < 4:
        return np.zeros(len(tempos))
    return np.asarray(sum(measure_pulses(times, weights, tempos / part) for part in (15, 30, 60)))


def _pool(strength: Array) -> Vector:
    """Onset strength of all registers, the lowest above all, by steps of the search, in standard deviations."""
    groups = group_strength(strength)
    total = groups.sum(axis=1) + _LOW_WEIGHT * groups[:, 0]
    total = np.pad(total, (0, -len(total) % _POOLED)).reshape(-1, _POOLED).max(axis=1).astype(np.float64)
    return np.asarray(total / (total.std() + 1e-9))


def _search(total: Vector, periods: Vector) -> Vector:
    """The steps of the chain of beats that is strongest and most even."""
    score, back = total.copy(), np.full(len(total), -1)
    for i in range(len(total)):
        first, last = i - int(_LONGEST * periods[i]), i - int(_SHORTEST * periods[i])
        if last <= 0:
            continue
        before = np.arange(max(first, 0), last)
        ways = score[before] - _TIGHTNESS * np.log((i - before) / periods[i]) ** 2
        best = int(ways.argmax())
        if ways[best] > 0:
            score[i] += ways[best]
            back[i] = before[best]
    return _trace(score, back, periods[-1])


def _trace(score: Vector, back: NDArray[np.int64], period: float) -> Vector:
    tail = max(0, len(score) - round(period))
    at = tail + int(score[tail:].argmax())
    beats = []
    while at >= 0:
        beats.append(at)
        at = int(back[at])
    return np.array(beats[::-1], dtype=np.float64)


def _snap(beats: Vector, onsets: Vector) -> Vector:
    """Beats at the onsets that are next to them."""
    after = np.clip(np.searchsorted(onsets, beats), 1, len(onsets) - 1)
    nearest = np.where(beats - onsets[after - 1] < onsets[after] - beats, onsets[after - 1], onsets[after])
    return np.unique(np.where(np.abs(nearest - beats) < _NEAR_SECONDS, nearest, beats))
