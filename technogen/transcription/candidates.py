"""The moments at which drums are looked for."""

from __future__ import annotations

import math

import numpy as np

from technogen.transcription.onsets import Times
from technogen.transcription.tempo import Pulse

_EARLY_SECONDS = 0.012  # a 16th this long before the recording is at its start
_APART_SECONDS = 0.045  # a 16th this close to an onset is that onset
_PAUSE_SECONDS = 2.0  # nothing is played this far from all onsets


def place_candidates(onsets: Times, pulse: Pulse | None, seconds: float) -> Times:
    """Where drums are looked for: at each onset, and at each 16th that has none close by but some around, ascending."""
    if pulse is None or not len(onsets):
        return onsets
    sixteenth = 15 / pulse.tempo
    first = math.ceil(-pulse.offset / sixteenth - 1)
    steps = pulse.sixteenths(int(seconds / sixteenth) + 3, first)
    steps = np.maximum(steps[(steps >= -_EARLY_SECONDS) & (steps < seconds - 0.05)], 0)
    at = np.searchsorted(onsets, steps)
    padded = np.concatenate([[-np.inf], onsets, [np.inf]])
    apart = np.minimum(steps - padded[at], padded[at + 1] - steps)
    return np.sort(np.concatenate([onsets, steps[(apart > _APART_SECONDS) & (apart < _PAUSE_SECONDS)]]))
