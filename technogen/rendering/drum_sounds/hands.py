"""Short voices: clap, rim, maracas and claves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.strike import Strike, Wave, band, fall


@dataclass(frozen=True, slots=True)
class Clap:
    """Four bursts of noise 11 ms apart and the room after them.

    Attributes:
        tune: Centre of the noise.
        decay: Time constant of the room.
    """

    tune: float = 1100.0
    decay: float = 0.085
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ()

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(0.035 + self.decay * 5.0)
        bursts = np.zeros(len(t))
        for k in range(4):
            late = t - s.about(0.011, 0.04) * k
            bursts += np.where(late >= 0, np.exp(-np.maximum(late, 0) / (0.0035 if k < 3 else 0.012)), 0)
        room = np.where(t > 0.03, fall(np.maximum(t - 0.03, 0), self.decay), 0) * 0.5
        noise = s.noise(len(t))
        body = band(noise, s.rate, 0.72 * self.tune, 1.5 * self.tune, 1) + 0.25 * band(noise, s.rate, 2500, 8500)
        return np.tanh((1.6 + s.force) * body * (bursts + room))


@dataclass(frozen=True, slots=True)
class Rim:
    """Two short resonators, overdriven, high-passed.

    Attributes:
        tune: The lower resonator.
        interval: The upper as a multiple of it.
        decay: Time constant.
        tick: Level of the stick.
    """

    tune: float = 500.0
    interval: float = 3.44
    decay: float = 0.009
    tick: float = 0.8
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("tick",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 9.0)
        ring = 0.7 * s.sine(s.about(self.tune, 0.004), t) * fall(t, self.decay * 1.4)
        ring += s.sine(s.about(self.tune * self.interval, 0.004), t, 0.064) * fall(t, self.decay)
        tick = band(s.noise(len(t)), s.rate, 2500, None) * fall(t, 0.0015)
        return band(np.tanh((1.6 + 2.0 * s.force) * (ring + self.tick * tick)), s.rate, 300, None)


@dataclass(frozen=True, slots=True)
class Maracas:
    """High noise that swells for a few milliseconds before it falls.

    Attributes:
        decay: Time constant.
        edge: High-pass.
    """

    decay: float = 0.022
    edge: float = 4800.0
    TUNED: ClassVar[tuple[str, ...]] = ()
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(0.012 + self.decay * 6.0)
        after = np.maximum(t - 0.012, 0)
        swell = np.where(t < 0.012, (t / 0.012) ** 2, fall(after, self.decay * (0.8 + 0.4 * s.force)))
        return band(s.noise(len(t)), s.rate, self.edge * (1 - 0.17 * s.force), None) * swell


@dataclass(frozen=True, slots=True)
class Claves:
    """One bright resonator; an accent overdrives it.

    Attributes:
        tune: Where it rings.
        decay: Time constant.
    """

    tune: float = 2500.0
    decay: float = 0.016
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ()

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 7.0)
        tone = s.sine(s.about(self.tune, 0.003), t) * fall(t, self.decay)
        return np.tanh((1.0 + 1.5 * s.force) * tone)
