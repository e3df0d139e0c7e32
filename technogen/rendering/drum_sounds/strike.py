"""What every circuit of a drum machine is made with: one hit, decays, noise and filters; seconds and Hz."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

LONGEST_SECONDS = 8.0
"""No hit rings longer."""


class Circuit(Protocol):
    """One kind of voice: a frozen dataclass of numbers that plays hits.

    Attributes:
        TUNED: The fields that its tuning moves.
        LENGTHS: The fields that its decay stretches.
        TONED: The fields that its tone raises.
    """

    TUNED: ClassVar[tuple[str, ...]]
    LENGTHS: ClassVar[tuple[str, ...]]
    TONED: ClassVar[tuple[str, ...]]

    def play(self, s: Strike) -> Wave:
        """One hit, at any level."""
        ...


@dataclass(frozen=True, slots=True)
class Strike:
    """One hit of a voice.

    Attributes:
        rate: Samples a second.
        force: 0..1, how hard; above about 0.8 an accent.
        random: What makes this hit differ a little from others.
    """

    rate: int
    force: float
    random: np.random.Generator

    def clock(self, seconds: float) -> Wave:
        """Times from 0 on."""
        return np.arange(max(2, int(min(seconds, LONGEST_SECONDS) * self.rate))) / self.rate

    def noise(self, samples: int) -> Wave:
        """White noise in -1..1."""
        return self.random.uniform(-1.0, 1.0, samples)

    def about(self, value: float, spread: float) -> float:
        """The value, off by up to a share of it."""
        return value * (1.0 + spread * float(self.random.uniform(-1.0, 1.0)))

    def sine(self, frequency: Wave | float, clock: Wave, start: float = 0.0) -> Wave:
        """A sine of a frequency that may move; `start` is its phase in cycles."""
        if isinstance(frequency, float):
            return np.sin(2 * math.pi * (frequency * clock + start))
        return np.sin(2 * math.pi * (np.cumsum(frequency) / self.rate + start))


def fall(clock: Wave, seconds: float | Wave) -> Wave:
    """An exponential decay from 1."""
    return np.exp(-clock / seconds)


def after(clock: Wave, start: float) -> Wave:
    """The times since a moment, 0 before it."""
    return np.maximum(clock - start, 0.0)


def at_peak(wave: Wave) -> Wave:
    """The same with a peak of 1."""
    return np.asarray(wave / max(float(np.abs(wave).max()), 1e-9))
