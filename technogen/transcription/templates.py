"""What drum machines sound like, as a table: each piece a few bands of noise or tone, each with a level and a decay.

The figures are round ones from what is known of 808, 909, 606 and 707 circuits; a recording bends them to its own sounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import band_edges

SEGMENT_SECONDS = (0.0, 0.02, 0.05, 0.11, 0.22)
"""A sound is measured in these stretches of time after its attack."""
SEGMENTS = len(SEGMENT_SECONDS) - 1
OTHER = 0
"""Stands for what is no drum: bass notes, chords, leads."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One part of a sound: centre in Hz, width in octaves (standard deviation), level, decay to 1/e in seconds."""

    hertz: float
    octaves: float
    level: float
    decay: float


_TABLE: tuple[tuple[int, tuple[Partial, ...]], ...] = (
    (36, (Partial(52, 0.35, 1.0, 0.2), Partial(100, 0.5, 0.5, 0.06), Partial(300, 1.0, 0.15, 0.02))),
    (36, (Partial(65, 0.45, 1.0, 0.1), Partial(130, 0.6, 0.6, 0.05), Partial(2000, 1.8, 0.15, 0.015))),
    (38, (Partial(190, 0.3, 0.8, 0.08), Partial(340, 0.3, 0.5, 0.05), Partial(3500, 1.5, 0.25, 0.08))),
    (38, (Partial(210, 0.4, 0.4, 0.05), Partial(2500, 1.6, 0.3, 0.12), Partial(7000, 1.0, 0.3, 0.12))),
    (39, (Partial(1100, 0.45, 1.0, 0.07), Partial(2400, 0.9, 0.4, 0.06), Partial(6000, 0.8, 0.15, 0.05))),
    (42, (Partial(8500, 0.5, 1.0, 0.035), Partial(13500, 0.35, 0.6, 0.03))),
    (42, (Partial(12000, 0.4, 1.0, 0.02),)),
    (46, (Partial(8500, 0.5, 1.0, 0.25), Partial(13500, 0.35, 0.6, 0.2))),
    (43, (Partial(95, 0.2, 1.0, 0.2), Partial(180, 0.4, 0.15, 0.08), Partial(1000, 1.5, 0.03, 0.02))),
    (47, (Partial(140, 0.2, 1.0, 0.18), Partial(280, 0.4, 0.15, 0.06), Partial(1000, 1.5, 0.03, 0.02))),
    (50, (Partial(200, 0.2, 1.0, 0.15), Partial(400, 0.4, 0.15, 0.05), Partial(1200, 1.5, 0.03, 0.02))),
    (OTHER, (Partial(110, 0.7, 0.6, 0.3), Partial(330, 0.8, 0.6, 0.2), Partial(900, 0.7, 0.3, 0.12))),
    (OTHER, (Partial(400, 0.8, 0.7, 0.2), Partial(1200, 0.9, 0.7, 0.2), Partial(3000, 0.7, 0.3, 0.1))),
)


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Sounds to explain a recording with.

    Attributes:
        pitches: The drum piece of each, or `OTHER`, (k,).
        shapes: Amplitude by segment and band, flattened, each of sum 1, (k, SEGMENTS * BANDS).
    """

    pitches: NDArray[np.int64]
    shapes: NDArray[np.float64]


def make_templates() -> Templates:
    """The table as amplitudes."""
    shapes = np.stack([_shape(partials).ravel() for _, partials in _TABLE])
    return Templates(np.array([pitch for pitch, _ in _TABLE]), shapes / shapes.sum(axis=1, keepdims=True))


def _shape(partials: tuple[Partial, ...]) -> NDArray[np.float64]:
    edges = band_edges()
    centres = np.log2(np.sqrt(edges[1:] * edges[:-1]))
    power = np.zeros((SEGMENTS, len(centres)))
    starts, ends = np.array(SEGMENT_SECONDS[:-1]), np.array(SEGMENT_SECONDS[1:])
    for p in partials:
        spectrum = p.level * np.exp(-0.5 * ((centres - np.log2(p.hertz)) / max(p.octaves, 0.15)) ** 2)
        fade = p.decay * (np.exp(-starts / p.decay) - np.exp(-ends / p.decay)) / (ends - starts)
        power += np.outer(fade, spectrum) ** 2
    return np.sqrt(power) + 1e-4
