"""Evidence for each drum piece at each onset: onset patches explained as sums of drum sounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import BANDS, FRAME_RATE, Features, band_edges
from technogen.transcription.onsets import Times
from technogen.transcription.tempo import Pulse
from technogen.transcription.templates import SEGMENT_SECONDS, SEGMENTS, Templates, make_templates

Matrix = NDArray[np.float64]

_GUARD_SECONDS = 0.012  # half the analysis window: closer to the next onset, frames already hear it
_APART_SECONDS = 0.045  # a 16th this close to an onset is that onset
_LOYALTY = 0.5
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """What sounded after each onset that did not sound before.

    Attributes:
        values: Amplitude by segment and band, flattened, (n, SEGMENTS * BANDS).
        heard: 1 where the next onset had not yet covered it, else 0; the same shape.
    """

    values: Matrix
    heard: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Activations:
    """How much of each drum piece is in each onset.

    Attributes:
        times: Seconds, (n,).
        levels: By onset and template, in the amplitude of the recording, (n, k).
        templates: What the columns are; bent to this recording.
    """

    times: Times
    levels: Matrix
    templates: Templates


def cut_patches(features: Features, times: Times) -> Patches:
    """Measure the sound after each onset, less what rang on from before."""
    bands = features.bands.astype(np.float64)
    sums = np.concatenate([np.zeros((1, bands.shape[1])), np.cumsum(bands**2, axis=0)])
    before = _mean_power(sums, times - 0.04, times - _GUARD_SECONDS)
    following = np.append(times[1:], np.inf) - _GUARD_SECONDS
    values = np.zeros((len(times), SEGMENTS, BANDS))
    heard = np.zeros_like(values)
    for s in range(SEGMENTS):
        start, end = times + SEGMENT_SECONDS[s], np.minimum(times + SEGMENT_SECONDS[s + 1], following)
        power = _mean_power(sums, start, end)
        values[:, s] = np.sqrt(np.maximum(power - before, 0))
        heard[:, s] = (end - start > 0.3 * (SEGMENT_SECONDS[s + 1] - SEGMENT_SECONDS[s]))[:, None]
    shape = (len(times), SEGMENTS * BANDS)
    return Patches(values.reshape(shape), heard.reshape(shape))


def _mean_power(sums: Matrix, start: Times, end: Times) -> Matrix:
    last = len(sums) - 1
    a = np.clip(np.round(start * FRAME_RATE).astype(int), 0, last - 1)
    b = np.clip(np.round(end * FRAME_RATE).astype(int), a + 1, last)
    return np.asarray((sums[b] - sums[a]) / (b - a)[:, None])


def place_candidates(onsets: Times, pulse: Pulse | None, seconds: float) -> Times:
    """Where drums are looked for: at each onset, and at each 16th of the pulse that has none close by, ascending."""
    if pulse is None or not len(onsets):
        return onsets
    sixteenth = 15 / pulse.tempo
    first = math.ceil(-pulse.offset / sixteenth - 1)
    steps = pulse.sixteenths(int(seconds / sixteenth) + 3, first)
    steps = np.maximum(steps[(steps >= -_GUARD_SECONDS) & (steps < seconds - 0.05)], 0)
    at = np.searchsorted(onsets, steps)
    padded = np.concatenate([[-np.inf], onsets, [np.inf]])
    alone = np.minimum(steps - padded[at], padded[at + 1] - steps) > _APART_SECONDS
    return np.sort(np.concatenate([onsets, steps[alone]]))


def explain_patches(patches: Patches, times: Times, *, rounds: int = 40) -> Activations:
    """Find how much of each drum sound is in each onset, bending the sounds to the recording on the way.

    Both are found by multiplicative updates that lessen the Kullback-Leibler divergence (Lee and Seung, "Algorithms
    for non-negative matrix factorization", 2001), gaps left out; a sound stays half of what the table says.
    """
    templates = make_templates()
    emphasis = np.tile(np.sqrt(_band_centres() / 1000), SEGMENTS)  # hats are as loud as kicks
    original = templates.shapes * emphasis
    original /= original.sum(axis=1, keepdims=True)
    shapes, values = original, patches.values * patches.heard * emphasis
    levels = np.full((len(times), len(shapes)), values.sum() / max(values.size, 1) + _TINY)
    for i in range(rounds):
        ratio = values / (levels @ shapes + _TINY)
        stronger = levels * (ratio @ shapes.T) / (patches.heard @ shapes.T + _TINY)
        if i >= rounds // 4:
            bent = shapes * (levels.T @ ratio)
            shapes = _LOYALTY * original + (1 - _LOYALTY) * bent / (bent.sum(axis=1, keepdims=True) + _TINY)
        levels = stronger
    return Activations(times, levels, Templates(templates.pitches, shapes))


def _band_centres() -> Matrix:
    edges = band_edges()
    return np.sqrt(edges[1:] * edges[:-1])
