"""Beats of a recording whose tempo drifts, by dynamic programming.

Ellis, "Beat tracking by dynamic programming", 2007.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import FRAME_RATE, Array
from technogen.transcription.onsets import Times

Vector = NDArray[np.float64]

_TIGHTNESS = 30.0


def follow_beats(strength: Array, tempo: float) -> Times:
    """Beats in seconds that follow the onsets, close to a tempo from beat to beat.

    Args:
        strength: Onset strength by frame and band, (t, bands).
        tempo: Beats a minute, roughly.
    """
    total = strength.sum(axis=1).astype(np.float64)
    if len(total) < 2 or total.max() <= 0:
        return np.zeros(0)
    total /= total.std() + 1e-9
    period = 60 / tempo * FRAME_RATE
    lags = np.arange(round(period / 2), round(2 * period))
    cost = -_TIGHTNESS * np.log(lags / period) ** 2
    score, back = total.copy(), np.full(len(total), -1)
    for i in range(len(lags) and int(lags[0]), len(total)):
        reach = lags[lags <= i]
        candidates = score[i - reach] + cost[: len(reach)]
        best = int(candidates.argmax())
        if candidates[best] > 0:
            score[i] += candidates[best]
            back[i] = i - reach[best]
    return _trace(score, back, period)


def _trace(score: Vector, back: NDArray[np.int64], period: float) -> Times:
    tail = max(0, len(score) - round(period))
    at = tail + int(score[tail:].argmax())
    beats = []
    while at >= 0:
        beats.append(at / FRAME_RATE)
        at = int(back[at])
    return np.array(beats[::-1])
