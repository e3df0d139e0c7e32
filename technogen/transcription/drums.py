"""From evidence to drum hits: which pieces a recording uses, and at which onsets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.activations import Activations
from technogen.transcription.network import PIECES
from technogen.transcription.onsets import Times
from technogen.transcription.types import DrumHit

Matrix = NDArray[np.float64]

_LEAST_SHARE = 0.05  # of what sounds at an onset
_LEAST_LEVEL = 0.4  # of the piece's own strong hits
_PRESENT_SHARE = 0.15  # the share that a piece must reach somewhere to be in the recording at all
_MOST_SAID = 1.0  # how much evidence levels can be, in nats
_LEAST_ODDS = -0.4  # logarithm: to miss a hit costs more than to add one
_PRESENT = 0.4  # how far above the least the surest hit of a piece must be
_HUMAN_FIT, _MACHINE_FIT = 0.8, 0.85  # how well onsets keep to the pulse
_MIN_VELOCITY, _PLAIN_VELOCITY = 20, 100
_TINY = 1e-12


def weigh_evidence(odds: Matrix, activations: Activations, fit: float) -> Matrix:
    """What the network says and what explains the sound, taken together: a hit where it is above 0.

    The network has heard machines alone, so it counts as far as a recording keeps time as a machine does.

    Args:
        odds: The logarithm of the odds that each of `PIECES` starts, by the network, (n, len(PIECES)).
        activations: Of the same onsets.
        fit: How well onsets keep to the pulse, 0..1; 0 where there is none.
    """
    trust = float(np.clip((fit - _HUMAN_FIT) / (_MACHINE_FIT - _HUMAN_FIT), 0, 1))
    return np.asarray(trust * (odds - _LEAST_ODDS) + (2 - trust) * _read_levels(activations))


def _read_levels(activations: Activations) -> Matrix:
    """How far each piece is above its least level and its least share, in nats, (n, len(PIECES))."""
    levels = np.stack([activations.piece(pitch) for pitch in PIECES], axis=1)
    shares = levels / (activations.levels.sum(axis=1, keepdims=True) + _TINY)
    strong = np.sort(levels, axis=0)[-max(1, len(levels) // 50) :].mean(axis=0)
    enough = np.minimum(levels / (_LEAST_LEVEL * strong + _TINY), shares / _LEAST_SHARE)
    enough[:, shares.max(axis=0) < _PRESENT_SHARE] = 0
    return np.asarray(np.clip(np.log(enough + _TINY), -_MOST_SAID, _MOST_SAID))


def decide_drums(times: Times, evidence: Matrix, loudness: Matrix) -> tuple[DrumHit, ...]:
    """The drum hits of a recording, ascending.

    Args:
        times: Of the onsets, in seconds, (n,).
        evidence: From `weigh_evidence`.
        loudness: How loud each piece would be, in any unit, (n, len(PIECES)).
    """
    hits: list[DrumHit] = []
    for piece, pitch in enumerate(PIECES):
        if evidence[:, piece].max(initial=0) >= _PRESENT:
            hits += _decide_piece(pitch, times, evidence[:, piece], loudness[:, piece])
    return tuple(sorted(hits))


def _decide_piece(pitch: int, times: Times, evidence: Times, loudness: Times) -> list[DrumHit]:
    chosen = np.flatnonzero(evidence > 0)
    strong = float(np.sort(loudness[chosen])[-max(1, len(chosen) // 4) :].mean()) + _TINY
    velocities = np.clip(np.round(_PLAIN_VELOCITY * (loudness[chosen] / strong) ** 0.5), _MIN_VELOCITY, 127)
    sure = 1 / (1 + np.exp(-evidence[chosen]))
    return [
        DrumHit(round(float(times[i]), 5), pitch, int(velocity), round(float(confidence), 3))
        for i, velocity, confidence in zip(chosen, velocities, sure)
    ]
