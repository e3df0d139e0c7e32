"""Voices of metal that no classic machine has: plates and bars with their modes, and frequency modulation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.filters import band, slower
from technogen.rendering.drum_sounds.oscillators import modes, plate_modes
from technogen.rendering.drum_sounds.strike import Strike, Wave, at_peak, fall


@dataclass(frozen=True, slots=True)
class Plate:
    """A struck plate: modes at frequencies that do not fit each other, the high ones dying first.

    An accent, as a harder stick does, wakes the high modes.

    Attributes:
        tune: The lowest mode.
        top: The highest mode.
        count: How many modes.
        decay: Time constant of the lowest mode.
        damping: How much faster modes die an octave up, as a power.
        tilt: Level of high modes against low ones, in dB an octave.
        plate: Which plate: any number is another one.
        ring: Share of ring modulation of the plate by its lowest modes.
        grain: Level of the noise of the stick.
    """

    tune: float = 400.0
    top: float = 9000.0
    count: float = 40.0
    decay: float = 0.3
    damping: float = 0.6
    tilt: float = -3.0
    plate: float = 1.0
    ring: float = 0.0
    grain: float = 0.3
    TUNED: ClassVar[tuple[str, ...]] = ("tune", "top")
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("top",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 5.5 + 0.02)
        random, count = np.random.default_rng([77, int(abs(self.plate) * 1000)]), max(3, round(self.count))
        pitches = plate_modes(random, self.tune, max(self.top, 1.5 * self.tune), count)
        pitches[0] = self.tune
        octaves = np.log2(pitches / self.tune)
        levels = random.rayleigh(0.8, count) * 10 ** ((self.tilt - 4 + 5 * s.force) * octaves / 20)
        levels *= 1 + 0.1 * s.random.standard_normal(count)  # never struck in quite the same place
        lengths = self.decay * 2 ** (-self.damping * octaves) * random.uniform(0.7, 1.3, count)
        wave = at_peak(modes(pitches * s.about(1.0, 0.003), levels, np.maximum(lengths, 0.004), len(t), s.rate))
        if self.ring > 0:
            wave = (1 - self.ring) * wave + self.ring * wave * s.sine(s.about(1.37 * self.tune, 0.003), t)
        stick = band(s.noise(len(t)), s.rate, 1500, None) * fall(t, 0.004) * (0.2 + s.force)
        return np.asarray((wave + self.grain * stick) * np.minimum(1.0, t * 8000))


@dataclass(frozen=True, slots=True)
class Modulated:
    """One sine that bends the phase of another: bells, clangs, hats and zaps by their ratio and depth.

    Attributes:
        tune: The one that is heard.
        ratio: The other as a multiple of it.
        depth: How far it bends, in radians.
        decay: Time constant of the sound.
        shrink: Time constant of the bending as a share of that.
        bend: How far the pitch starts above, as a share of it.
        feedback: Noise in the phase, in radians.
        edge: High-pass.
    """

    tune: float = 800.0
    ratio: float = 1.414
    depth: float = 3.0
    decay: float = 0.15
    shrink: float = 0.5
    bend: float = 0.0
    feedback: float = 0.0
    edge: float = 100.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("depth",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        widest = self.tune * (1.0 + self.ratio * (1.1 * self.depth + 2.0))  # by Carson's rule
        times = 2 if widest < s.rate else 4
        fast = Strike(times * s.rate, s.force, s.random)
        t = fast.clock(self.decay * 6.0 + 0.01)
        f = s.about(self.tune, 0.004) * (1.0 + self.bend * (0.5 + 0.6 * s.force) * fall(t, 0.02))
        phase = 2 * math.pi * np.cumsum(f) / fast.rate
        depth = self.depth * (0.4 + 0.7 * s.force) * fall(t, self.shrink * self.decay)
        rough = self.feedback * band(s.noise(len(t)), fast.rate, None, 9000) if self.feedback > 0 else 0.0
        wave = np.sin(phase + depth * np.sin(self.ratio * phase) + rough) * fall(t, self.decay)
        wave *= np.minimum(1.0, t * 5000)
        return band(slower(wave, times), s.rate, self.edge, None)
