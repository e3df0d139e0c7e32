"""What tells the first 16th of a bar from the others: a logarithm for each of the 16 of a pulse, by kind of evidence.

The weights below are those of a multinomial logistic regression over a few hundred mixes made for it, which start and
end anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.bar_positions import BAR_POSITIONS, PIECE_ROWS, ROWS, STEPS
from technogen.transcription.features import Array
from technogen.transcription.onsets import Onsets
from technogen.transcription.tempo import Pulse, group_strength, slot_strength
from technogen.transcription.types import DrumHit

Vector = NDArray[np.float64]
Numbers = NDArray[np.int64]

_ONSETS = (0.9, 0.35, 0.55, 0.4, 0.7, 0.35, 0.6, 0.4, 0.75, 0.35, 0.55, 0.4, 0.65, 0.35, 0.6, 0.45)
"""How likely something starts on each 16th of a bar, in round figures."""
_PIECE_WEIGHT, _ONSET_WEIGHT, _CHANGE_WEIGHT, _END_WEIGHT = 0.7, 0.95, 1.0, 0.45
_COPY_BARS = 16  # how far away the bar may be that a bar is like
_NEW = 0.4  # of a usual bar's strength: what differs by more is a new bar, however much
_ALIKE, _USUAL, _LEAST_NOISE = 10, 50, 0.05
"""The percentile of the differences that is none, and that of those by which repeats differ, in usual bars more."""
_STRONG, _MOST = 97, 1.2  # strengths are measured by this percentile, and count up to so many times that
_PLAYED, _SILENT = 0.35, 0.25
_START_WEIGHT, _START_SECONDS = 5.0, 0.0015
"""A loop or an export starts within a millisecond or two of a bar line, a cut one time in thirty so close to a 16th."""
_END_SECONDS = 0.012


def weigh_bar_lines(pulse: Pulse, onsets: Onsets, strength: Array, drums: Sequence[DrumHit]) -> Vector:
    """How likely bars start on each 16th of the pulse, as a logarithm, (16,); odd ones never where it swings.

    Args:
        pulse: The 16ths.
        onsets: Of the recording.
        strength: Onset strength by frame and band, (t, bands).
        drums: Hits, as far as they are known.
    """
    numbers, slots = slot_strength(pulse, group_strength(strength))
    scores = _PIECE_WEIGHT * _weigh_pieces(pulse, drums, len(numbers) / STEPS)
    scores += _ONSET_WEIGHT * _weigh_onsets(pulse, onsets, len(numbers) / STEPS)
    scores += _CHANGE_WEIGHT * _weigh_changes(pulse, onsets, numbers, slots)
    scores += _END_WEIGHT * _weigh_end(pulse, float(onsets.times[-1])) + _weigh_start(pulse)
    return np.where(np.arange(STEPS) % 2 == 1, -np.inf, scores) if pulse.swing > 0.5 else scores


def positions(pulse: Pulse, times: Vector) -> Numbers:
    """The number of the nearest 16th of the pulse for each time."""
    eighth = 30 / pulse.tempo
    place = (times - pulse.offset) / eighth
    number = np.floor(place + (1 - pulse.swing) / 2)
    return np.asarray(2 * number + (place - number > pulse.swing / 2), dtype=np.int64)


def _turn(rates: Vector, table: Vector) -> Vector:
    """The sum of a table over what is played, (rows, 16), for each 16th that could be the first of the bar, (16,)."""
    return np.array([float((np.roll(rates, -first, axis=1) * table).sum()) for first in range(STEPS)])


def _weigh_pieces(pulse: Pulse, drums: Sequence[DrumHit], bars: float) -> Vector:
    """From where in a bar each piece is played: by the share of bars, so that repeating says nothing new."""
    rates = np.zeros((ROWS, STEPS))
    for row in range(ROWS):
        times = np.array([hit.time for hit in drums if PIECE_ROWS.get(hit.pitch, ROWS - 1) == row])
        if len(times):
            rates[row] = np.bincount(np.unique(positions(pulse, times)) % STEPS, minlength=STEPS) / max(1.0, bars)
    return _turn(np.minimum(rates, 1), np.array(BAR_POSITIONS))


def _weigh_onsets(pulse: Pulse, onsets: Onsets, bars: float) -> Vector:
    weights = np.minimum(onsets.strengths, 1)
    rates = np.bincount(positions(pulse, onsets.times) % STEPS, weights, STEPS) / max(1.0, bars)
    return _turn(rates[None], np.log(np.array([_ONSETS]) / np.mean(_ONSETS)))


def _weigh_changes(pulse: Pulse, onsets: Onsets, numbers: Numbers, slots: Array) -> Vector:
    """From how well bars repeat, by where bars are cut; 0 on average.

    A bar is like another one, or it is new and costs a fixed amount. Where the music changes, comes in, drops out or
    ends, a bar that is cut elsewhere than on the bar line is a mixture like no other: it is one new bar more.
    """
    unit = np.sqrt(np.minimum(slots / (np.percentile(slots, _STRONG, axis=0) + 1e-9), _MOST)).astype(np.float64)
    end = _find_end(unit, int(positions(pulse, onsets.times[-1:])[0] - numbers[0]))
    if end is not None:
        unit = np.concatenate([unit[:end], np.zeros((STEPS, unit.shape[1]))])
    if len(unit) < 3 * STEPS:
        return np.zeros(STEPS)
    distances = _measure_bars(unit, ended=end is not None)
    alike, usual = np.percentile(distances, (_ALIKE, _USUAL))
    costs = np.clip(distances - alike, 0, _NEW) / (_LEAST_NOISE + usual - alike)
    firsts = (numbers[0] + np.arange(len(costs))) % STEPS
    scores = np.array([-costs[firsts == r].mean() for r in range(STEPS)]) * len(costs) / STEPS
    return np.asarray(scores - scores.mean())


def _measure_bars(unit: Vector, *, ended: bool) -> Vector:
    """How far the bar from each 16th on is from the bar most like it, in usual bars; silence is like silence."""
    usual = float(np.median(_over_bars(unit.sum(axis=1)))) + 1e-9
    best = np.full(len(unit) - STEPS + 1, np.inf)
    for lag in range(STEPS, min(_COPY_BARS * STEPS, len(unit) - STEPS) + 1, STEPS):
        apart = _over_bars(np.abs(unit[lag:] - unit[:-lag]).sum(axis=1))
        best[: len(apart)] = np.minimum(best[: len(apart)], apart)
        best[lag:] = np.minimum(best[lag:], apart)
    if ended:
        best = np.minimum(best, _over_bars(unit.sum(axis=1)))
    return np.asarray(best[np.isfinite(best)] / usual)


def _over_bars(values: Vector) -> Vector:
    return np.convolve(values, np.ones(STEPS), "valid")


def _find_end(unit: Vector, last: int) -> int | None:
    """The 16th after the last one where something starts, if what would come next by the bar before is missing."""
    total = unit.sum(axis=1)
    if not STEPS <= last < len(total):
        return None
    due = np.flatnonzero(total[last - STEPS + 1 : last + 1] > _PLAYED * np.percentile(total, 90))
    first = last + 1 + int(due[0]) if len(due) else len(total)
    if first >= len(total) or total[first] >= _SILENT * total[first - STEPS]:
        return None
    return last + 1


def _weigh_start(pulse: Pulse) -> Vector:
    """In favour of a bar line at the start of the file, where that is on a 16th exactly; else nothing."""
    number = int(positions(pulse, np.zeros(1))[0])
    beside = float(pulse.sixteenths(1, number)[0]) / _START_SECONDS
    scores = np.zeros(STEPS)
    scores[number % STEPS] = _START_WEIGHT * np.exp(-0.5 * beside**2)
    return scores


def _weigh_end(pulse: Pulse, last: float) -> Vector:
    """In favour of a bar line soon after the last onset, where that is on the grid."""
    number = int(positions(pulse, np.array([last]))[0])
    if abs(float(pulse.sixteenths(1, number)[0]) - last) > _END_SECONDS:
        return np.zeros(STEPS)
    distance = (np.arange(STEPS) - number - 1) % STEPS
    return np.where(distance == 0, 1.0, -0.1 * distance)
