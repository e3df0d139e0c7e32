"""Ticks to samples: the one place of this room where musical and physical time meet."""

import math

from technogen.score import TICKS_PER_BEAT, Score, swing_tick

_HALF = 0.5 + 1e-6  # what lies between two samples goes to the later one, in each pass of a loop alike


def sample_of(tick: int, score: Score, sample_rate: float) -> int:
    """The sample that a straight tick of a score is played at, swing applied; never off by more than half a sample."""
    return math.floor(swing_tick(tick, score.swing) * 60 * sample_rate / (score.tempo * TICKS_PER_BEAT) + _HALF)
