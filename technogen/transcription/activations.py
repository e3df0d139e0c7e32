"""Evidence for each drum piece at each onset: onset patches explained as sums of as few drum sounds as will do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import BANDS, band_edges
from technogen.transcription.onsets import Times
from technogen.transcription.patches import SEGMENTS, Patches
from technogen.transcription.templates import OTHER, UNLIKELINESS, Templates, make_templates

Matrix = NDArray[np.float64]

STRONG_LEVEL = 100.0
"""What an onset of the recording's loudest tenth adds up to."""
_CHOICE_ROUNDS, _BENDING_ROUNDS = 50, 30
_SPARSENESS = 0.1
_LOYALTY = 0.3  # how much of each sound stays what its template says
_FAITH = 3  # the power of the unlikeliness of a piece
_FORGOTTEN = 1e-3
_MOST = 0.5
_TREBLE_BAND, _LEAST_TREBLE = 22, 0.03
_POOL_BARS = 256
_SHARPNESS = 8  # the power of the likeness of two onsets
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Activations:
    """How much of each drum piece is in each onset.

    Attributes:
        times: Seconds, (n,).
        levels: By onset and template, (n, k); see `STRONG_LEVEL`.
        templates: What the columns are; bent to this recording.
        sounds: All templates, as they were.
    """

    times: Times
    levels: Matrix
    templates: Templates
    sounds: Templates

    def piece(self, pitch: int) -> NDArray[np.float64]:
        """The level of one piece at each onset, (n,)."""
        return np.asarray(self.levels[:, self.templates.pitches == pitch].sum(axis=1))


def explain_patches(patches: Patches, times: Times) -> Activations:
    """Find which sounds a recording uses, and how much of each is in each onset.

    Multiplicative updates lessen the Kullback-Leibler divergence between patches and sums of sounds (Lee and Seung,
    2001), gaps left out. First a relevance weight for each sound drives those away that others can replace (after Tan
    and Févotte, "Automatic relevance determination in nonnegative matrix factorization", 2013); then what is left is
    bent to the recording.
    """
    sounds = templates = _emphasised_templates()
    emphasised = patches.values * emphasis() * patches.heard
    loudness = np.sort(emphasised.sum(axis=1))[-max(1, len(times) // 10) :]
    if not len(times) or loudness.mean() <= 0:
        return Activations(times, np.zeros((len(times), len(templates.pitches))), templates, sounds)
    values = emphasised * (STRONG_LEVEL / loudness.mean())
    levels, templates = _choose_sounds(values, patches.heard, templates)
    levels, templates = _bend_sounds(values, patches.heard, levels, templates)
    return Activations(times, levels, templates, sounds)


def holds_drums(activations: Activations, patches: Patches) -> bool:
    """Whether there are drums at all: not where most that starts is no drum and hardly anything starts in the treble.

    A bassline alone looks like kicks and claps here and there.
    """
    total, sound = activations.levels.sum(), patches.values * patches.heard
    if total <= 0:
        return False
    treble = sound.reshape(-1, SEGMENTS, BANDS)[:, :, _TREBLE_BAND:].sum() / sound.sum()
    return bool(activations.piece(OTHER).sum() <= _MOST * total or treble >= _LEAST_TREBLE)


def pool_bars(evidence: Matrix, patches: Patches, numbers: NDArray[np.int64]) -> Matrix:
    """Average the evidence of each onset with those on the same 16th of other bars that sound like it.

    Loops repeat: what one bar leaves in doubt, the others tell.

    Args:
        evidence: Any figures of the onsets, (n, k).
        patches: Of the same onsets.
        numbers: On which 16th of the recording each onset falls, (n,).
    """
    sound = patches.values * patches.heard * emphasis()
    sound = sound / (np.linalg.norm(sound, axis=1, keepdims=True) + _TINY)
    pooled = evidence.copy()
    for step in range(16):
        same = np.flatnonzero(numbers % 16 == step)
        for at in range(0, len(same), _POOL_BARS):
            chosen = same[at : at + _POOL_BARS]
            weights = np.maximum(sound[chosen] @ sound[chosen].T, 0) ** _SHARPNESS
            np.fill_diagonal(weights, 1)
            pooled[chosen] = weights @ evidence[chosen] / weights.sum(axis=1, keepdims=True)
    return np.asarray(pooled)


def measure_loudness(activations: Activations, patches: Patches, pieces: tuple[int, ...]) -> Matrix:
    """How loud each onset is where each piece sounds, (n, len(pieces)), in any unit."""
    sounds = activations.sounds
    shapes = np.stack([sounds.shapes[sounds.pitches == pitch].mean(axis=0) for pitch in pieces])
    return np.asarray((patches.values * emphasis() * patches.heard) @ shapes.T)


def emphasis() -> Matrix:
    """Weights that make hats count as much as kicks: the root of the frequency, (SEGMENTS * BANDS,)."""
    edges = band_edges()
    return np.tile(np.sqrt(np.sqrt(edges[1:] * edges[:-1]) / 1000), SEGMENTS)


def _emphasised_templates() -> Templates:
    templates = make_templates()
    shapes = templates.shapes * emphasis()
    return Templates(templates.pitches, shapes / shapes.sum(axis=1, keepdims=True))


def _choose_sounds(values: Matrix, heard: NDArray[np.float32], templates: Templates) -> tuple[Matrix, Templates]:
    count = len(values)
    levels = np.full((count, len(templates.pitches)), values.sum() / count / len(templates.pitches) + _TINY)
    for i in range(_CHOICE_ROUNDS):
        ratio = values / (levels @ templates.shapes + _TINY)
        reach = heard @ templates.shapes.T + _TINY
        if i >= 10:
            cost = np.array([UNLIKELINESS[int(p)] for p in templates.pitches]) ** _FAITH
            reach = reach + _SPARSENESS * cost * count / (levels.sum(axis=0) + 0.1)
        levels = levels * (ratio @ templates.shapes.T) / reach
        if i % 10 == 9:
            keep = levels.sum(axis=0) > _FORGOTTEN * levels.sum()
            levels, templates = levels[:, keep], templates.chosen(keep)
    return levels, templates


def _bend_sounds(
    values: Matrix, heard: NDArray[np.float32], levels: Matrix, templates: Templates
) -> tuple[Matrix, Templates]:
    original = shapes = templates.shapes
    for _ in range(_BENDING_ROUNDS):
        ratio = values / (levels @ shapes + _TINY)
        stronger = levels * (ratio @ shapes.T) / (heard @ shapes.T + _TINY)
        bent = shapes * (levels.T @ ratio)
        shapes = _LOYALTY * original + (1 - _LOYALTY) * bent / (bent.sum(axis=1, keepdims=True) + _TINY)
        levels = stronger
    return levels, Templates(templates.pitches, shapes)
