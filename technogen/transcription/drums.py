"""The drums of a recording: what the network says of each candidate, decided piece by piece."""

from __future__ import annotations

import numpy as np

from technogen.transcription.network import PIECES, Matrix
from technogen.transcription.onsets import Times
from technogen.transcription.types import DrumHit

_LEAST_ODDS = -1.0  # logarithm: what is sure on records sounds less sure than on the mixes of training
_PRESENT_ODDS = 0.0  # the surest hit of a piece that is in a recording at all
_MIN_VELOCITY = 20


def decide_drums(times: Times, odds: Matrix, velocities: Matrix) -> tuple[DrumHit, ...]:
    """The drum hits of a recording, ascending.

    Args:
        times: Of the candidates, in seconds, (n,).
        odds: The logarithm of the odds that each of `PIECES` starts, (n, len(PIECES)).
        velocities: How hard each would be struck, 0..1, (n, len(PIECES)).
    """
    hits: list[DrumHit] = []
    for piece, pitch in enumerate(PIECES):
        if odds[:, piece].max(initial=-np.inf) < _PRESENT_ODDS:
            continue
        for i in np.flatnonzero(odds[:, piece] > _LEAST_ODDS):
            velocity = int(np.clip(round(127 * float(velocities[i, piece])), _MIN_VELOCITY, 127))
            sure = 1 / (1 + np.exp(-float(odds[i, piece])))
            hits.append(DrumHit(round(float(times[i]), 5), pitch, velocity, round(sure, 3)))
    return tuple(sorted(hits))
