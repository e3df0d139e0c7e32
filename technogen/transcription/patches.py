"""What sounds after an onset that did not sound before: amplitude by time segment and band."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import BANDS, FRAME_RATE, Array, Features
from technogen.transcription.onsets import Times
from technogen.transcription.tempo import Pulse

Matrix = NDArray[np.float64]

SEGMENT_SECONDS = (0.0, 0.02, 0.05, 0.11, 0.22)
"""A sound is measured in these stretches of time after its attack."""
SEGMENTS = len(SEGMENT_SECONDS) - 1
_BEFORE_SECONDS = 0.04
_GUARD_SECONDS = 0.012  # half the analysis window: closer to the next onset, frames already hear it
_BLOCK = 2048
_APART_SECONDS = 0.045  # a 16th this close to an onset is that onset
_PAUSE_SECONDS = 2.0  # nothing is played this far from all onsets


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """What sounded after each onset that did not sound before.

    Attributes:
        values: Amplitude by segment and band, flattened, (n, SEGMENTS * BANDS).
        heard: 1 where the next onset had not yet covered it, else 0; the same shape.
        before: Amplitude by band of what rang on from before, (n, BANDS).
    """

    values: Array
    heard: Array
    before: Array


def place_candidates(onsets: Times, pulse: Pulse | None, seconds: float) -> Times:
    """Where drums are looked for: at each onset, and at each 16th that has none close by but some around, ascending."""
    if pulse is None or not len(onsets):
        return onsets
    sixteenth = 15 / pulse.tempo
    first = math.ceil(-pulse.offset / sixteenth - 1)
    steps = pulse.sixteenths(int(seconds / sixteenth) + 3, first)
    steps = np.maximum(steps[(steps >= -_GUARD_SECONDS) & (steps < seconds - 0.05)], 0)
    at = np.searchsorted(onsets, steps)
    padded = np.concatenate([[-np.inf], onsets, [np.inf]])
    apart = np.minimum(steps - padded[at], padded[at + 1] - steps)
    return np.sort(np.concatenate([onsets, steps[(apart > _APART_SECONDS) & (apart < _PAUSE_SECONDS)]]))


def cut_patches(features: Features, times: Times) -> Patches:
    """Measure the sound after each onset, less what rang on from before."""
    following = np.append(times[1:], np.inf) - _GUARD_SECONDS
    blocks = [
        _cut_block(features, times[at : at + _BLOCK], following[at : at + _BLOCK])
        for at in range(0, max(len(times), 1), _BLOCK)
    ]
    return Patches(*(np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(Patches)))


def _cut_block(features: Features, times: Times, following: Times) -> Patches:
    first = int(max(0.0, times[0] - 1) * FRAME_RATE) if len(times) else 0
    last = int((times[-1] + 1) * FRAME_RATE) if len(times) else 1
    power = features.bands[first:last].astype(np.float64) ** 2
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(power, axis=0)])
    times, following = times - first / FRAME_RATE, following - first / FRAME_RATE
    before = _mean_power(sums, times - _BEFORE_SECONDS, times - _GUARD_SECONDS)
    values = np.zeros((len(times), SEGMENTS, BANDS), dtype=np.float32)
    heard = np.zeros_like(values)
    for s in range(SEGMENTS):
        start, end = times + SEGMENT_SECONDS[s], np.minimum(times + SEGMENT_SECONDS[s + 1], following)
        values[:, s] = np.sqrt(np.maximum(_mean_power(sums, start, end) - before, 0))
        heard[:, s] = (end - start > 0.3 * (SEGMENT_SECONDS[s + 1] - SEGMENT_SECONDS[s]))[:, None]
    shape = (len(times), SEGMENTS * BANDS)
    return Patches(values.reshape(shape), heard.reshape(shape), np.sqrt(before).astype(np.float32))


def _mean_power(sums: Matrix, start: Times, end: Times) -> Matrix:
    last = len(sums) - 1
    a = np.clip(np.round(start * FRAME_RATE).astype(int), 0, last - 1)
    b = np.clip(np.round(end * FRAME_RATE).astype(int), a + 1, last)
    return np.asarray((sums[b] - sums[a]) / (b - a)[:, None])
