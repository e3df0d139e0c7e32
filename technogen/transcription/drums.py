"""From evidence to drum hits: which pieces a recording uses, and at which onsets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.activations import Activations
from technogen.transcription.templates import OTHER
from technogen.transcription.types import DrumHit

_LEAST_SHARE = 0.05  # of what sounds at an onset
_LEAST_LEVEL = 0.4  # of the piece's own strong hits
_PRESENT = 0.15  # the share that a piece must reach somewhere to be in the recording at all
_MIN_VELOCITY, _PLAIN_VELOCITY = 20, 100


def decide_drums(activations: Activations) -> tuple[DrumHit, ...]:
    """The drum hits of a recording, ascending."""
    if not len(activations.times):
        return ()
    total = activations.levels.sum(axis=1) + 1e-12
    hits: list[DrumHit] = []
    for pitch in sorted({int(p) for p in activations.templates.pitches} - {OTHER}):
        level = activations.piece(pitch)
        hits += _decide_piece(activations, pitch, level, level / total)
    return tuple(sorted(hits))


def _decide_piece(
    activations: Activations, pitch: int, level: NDArray[np.float64], share: NDArray[np.float64]
) -> list[DrumHit]:
    strong = float(np.sort(level)[-max(1, len(level) // 50) :].mean())
    if strong <= 0 or share.max() < _PRESENT:
        return []
    chosen = np.flatnonzero((share > _LEAST_SHARE) & (level > _LEAST_LEVEL * strong))
    return [
        DrumHit(
            time=round(float(activations.times[i]), 5),
            pitch=pitch,
            velocity=int(np.clip(round(_PLAIN_VELOCITY * (level[i] / strong) ** 0.5), _MIN_VELOCITY, 127)),
            confidence=round(float(min(1.0, share[i] / _PRESENT * min(1.0, level[i] / strong))), 3),
        )
        for i in chosen
    ]
