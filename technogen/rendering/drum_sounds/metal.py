"""Voices of metal: hats, cymbals and the cowbell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.strike import Strike, Wave, band, fall

METAL = (1.0, 1.304, 1.466, 1.787, 1.932, 2.536)
"""The six oscillators of the 808's hats and cymbals, as multiples of the lowest."""


def _metal(s: Strike, t: Wave, lowest: float) -> Wave:
    """Six squares that do not fit each other, multiplied crosswise as a non-linear amplifier does."""
    squares = [
        np.sign(np.sin(2 * math.pi * (s.about(lowest, 0.003) * ratio * t + s.random.random()))) for ratio in METAL
    ]
    return np.asarray(sum(squares)) / 6.0 + 0.4 * squares[0] * squares[3] * squares[5]


@dataclass(frozen=True, slots=True)
class Hat:
    """Metal and noise above an edge.

    Attributes:
        tune: The lowest oscillator.
        decay: Time constant.
        grain: Share of noise beside the metal.
        edge: High-pass; an accent lowers it a little and lets more through.
        bits: Resolution; below 16 it has the steps of a sampled hat.
    """

    tune: float = 414.0
    decay: float = 0.038
    grain: float = 0.08
    edge: float = 7000.0
    bits: float = 16.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 5.5 + 0.01)
        source = (1 - self.grain) * _metal(s, t, self.tune) + self.grain * s.noise(len(t))
        ringing = band(band(source, s.rate, self.edge * (1.08 - 0.13 * s.force), None, 3), s.rate, None, 10_500)
        presence = band(source, s.rate, 3200, 6500) * 0.16
        loud = 0.75 * fall(t, self.decay * (0.75 + 0.35 * s.force)) + 0.25 * fall(t, 0.2 * self.decay)
        wave = (ringing + presence) * loud
        if self.bits < 16:
            peak = float(np.abs(wave).max())
            steps = 2.0 ** (self.bits - 1)
            wave = 0.5 * wave + 0.5 * np.round(wave / peak * steps) / steps * peak * fall(t, self.decay * 2)
        return np.asarray(wave * np.minimum(1.0, t * 4000) * np.minimum(1.0, (t[-1] - t) * 200))


@dataclass(frozen=True, slots=True)
class Cymbal:
    """Metal that falls at three speeds, high bands last longest in none.

    Attributes:
        tune: The lowest oscillator.
        decay: Time constant.
        edge: Where the lower band starts.
        ping: Level of the stick of a ride.
        grain: Share of noise beside the metal.
    """

    tune: float = 377.0
    decay: float = 0.75
    edge: float = 2600.0
    ping: float = 0.0
    grain: float = 0.1
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 3.2)
        source = (1 - self.grain) * _metal(s, t, self.tune) + self.grain * s.noise(len(t))
        low = band(source, s.rate, self.edge, 2.2 * self.edge) * fall(t, 0.35 * self.decay)
        high = band(source, s.rate, 1.6 * self.edge, 12_000) * fall(t, self.decay * (0.8 + 0.25 * s.force))
        splash = band(source, s.rate, 3 * self.edge, None) * fall(t, 0.05) * (0.4 + 0.8 * s.force)
        bell = np.zeros(len(t))
        for k, ratio in enumerate((1.0, 1.483, 1.932, 2.546)):
            tone = s.sine(s.about(2950.0 / 377.0 * self.tune, 0.003) * ratio, t, s.random.random())
            bell += tone * fall(t, 0.5 * self.decay / (1 + k))
        end = np.minimum(1.0, (t[-1] - t) / (0.3 * t[-1]))
        mixed = 0.6 * low + high + splash + self.ping * (0.5 + 0.5 * s.force) * bell
        return np.asarray(mixed * end * np.minimum(1.0, t * 3000))


@dataclass(frozen=True, slots=True)
class Cowbell:
    """Two squares through a band-pass, falling fast and then slowly.

    Attributes:
        tune: The lower square.
        decay: Time constant of the slow part.
        edge: Where the band ends.
    """

    tune: float = 540.0
    decay: float = 0.12
    edge: float = 2600.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 5.0)
        tones = [np.sign(s.sine(s.about(f, 0.003), t)) for f in (self.tune, self.tune * 1.4815)]
        loud = 0.6 * fall(t, 0.012) + 0.4 * fall(t, self.decay)
        return np.tanh((1.0 + s.force) * band(0.5 * (tones[0] + tones[1]), s.rate, self.tune, self.edge) * loud)
