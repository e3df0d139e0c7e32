"""A filter whose response is a straight line in dB over octaves."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_LOWEST, _HIGHEST, _PAIRS = 24.0, 20_000.0, 8
_CENTRE = 1000.0


def tilt_sections(decibels: float, rate: float) -> NDArray[np.float64]:
    """A slope in dB an octave, 0 dB at 1 kHz, as sections (4, 5): b0, b1, b2, a1, a2.

    Poles stand at equal distances in log-frequency, each with a zero a share of that distance above it: the share is
    the slope, as one of 6 dB an octave falls over that part of the way.

    References:
        Smith, Smith, "Closed form fractional integration and differentiation via real exponentially spaced pole-zero
        pairs", 2016.
    """
    top = min(_HIGHEST, 0.42 * rate)
    step = (top / _LOWEST) ** (1 / _PAIRS)
    poles = _LOWEST * step ** (np.arange(_PAIRS) + 0.5)
    zeros = poles * step ** (-decibels / (20 * math.log10(2)))
    sections = np.array([_merge(poles[k : k + 2], zeros[k : k + 2], rate) for k in range(0, _PAIRS, 2)])
    turn = np.exp(-2j * math.pi * _CENTRE / rate * np.arange(3))
    gain = np.prod([abs(b @ turn) / abs(np.array([1.0, *a]) @ turn) for b, a in zip(sections[:, :3], sections[:, 3:])])
    sections[0, :3] /= gain
    return sections


def _merge(poles: NDArray[np.float64], zeros: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Two poles and two zeros in Hz as one digital section."""
    at = [(w - 1) / (w + 1) for w in np.tan(np.minimum(math.pi * np.array([*poles, *zeros]) / rate, 1.5))]
    return np.array([1.0, at[2] + at[3], at[2] * at[3], at[0] + at[1], at[0] * at[1]])
