"""Kicks: the 909's, the 808's, and one that is driven until it is a note."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.filters import band, clip
from technogen.rendering.drum_sounds.strike import Strike, Wave, after, at_peak, fall

_HELD = 0.0013
"""The 909's oscillator starts anew with each hit, so long after the click."""


@dataclass(frozen=True, slots=True)
class Kick909:
    """A triangle that diodes round to nearly a sine, swept down fast, with a click of pulse and noise beside it.

    An accent sweeps from higher, bends the triangle more, holds it longer, and lets the click through.

    Attributes:
        tune: Where the sweep ends.
        decay: Time constant.
        attack: Level of the click.
        sweep: Time constant of the sweep.
        depth: Where the sweep starts, as a multiple of where it ends, less one.
        shape: How far the triangle is rounded and flattened.
    """

    tune: float = 49.0
    decay: float = 0.12
    attack: float = 1.0
    sweep: float = 0.011
    depth: float = 3.2
    shape: float = 1.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("attack",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0 + 0.06)
        depth = self.depth * (0.72 + 0.42 * s.force)
        f = s.about(self.tune, 0.004) * (1.0 + depth * fall(t, self.sweep) + 0.14 * depth * fall(t, 4 * self.sweep))
        phase = np.cumsum(np.where(t < _HELD, 0.0, f)) / s.rate
        triangle = 2.0 / math.pi * np.arcsin(np.sin(2 * math.pi * phase))
        body = np.tanh(self.shape * (1.2 + 0.9 * s.force) * triangle)
        hold = 0.02 + 0.02 * s.force
        loud = fall(after(t, hold), self.decay * (0.92 + 0.12 * s.force) * s.about(1.0, 0.02))
        hiss = band(s.noise(len(t)), s.rate, 200, 5000) * fall(t, 0.005)
        pulse = band(fall(t, 0.0009), s.rate, None, 5000)
        return np.asarray(body * loud + self.attack * (0.1 + 0.45 * s.force) * (0.9 * hiss + 1.1 * pulse))


@dataclass(frozen=True, slots=True)
class Kick808:
    """A bridged T that rings: hit hard, it starts an octave up for its first half wave, then sinks with a sigh.

    Attributes:
        tune: Where it rings when struck; it sinks by a twentieth.
        decay: Time constant.
        click: Level of the trigger pulse of 1 ms that comes through.
    """

    tune: float = 52.0
    decay: float = 0.28
    click: float = 1.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("click",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0)
        tune = s.about(self.tune, 0.004)
        raised = (0.25 + 0.75 * s.force) / (1.0 + np.exp(np.clip((t - 0.25 / tune) / 0.0006, -50, 50)))
        sigh = 0.945 + 0.055 * fall(t, 0.45 * self.decay)
        body = s.sine(tune * (sigh + raised), t) * fall(t, self.decay * s.about(1.0, 0.01))
        pulse = band(np.where(t < 0.001, 1.0, 0.0), s.rate, None, 1800 + 3500 * s.force)
        return np.asarray(np.tanh((1.0 + 0.4 * s.force) * body) + self.click * (0.08 + 0.28 * s.force) * pulse)


@dataclass(frozen=True, slots=True)
class KickDriven:
    """A swept sine through two overdrives with a resonance between them: hard techno's, from tok to roar.

    An accent drives it harder, so that it is brighter and longer rather than only louder.

    Attributes:
        tune: Where the sweep ends.
        decay: Time constant before the overdrive, which stretches it.
        sweep: Time constant of the sweep.
        depth: Where the sweep starts, as a multiple of where it ends, less one.
        grit: Gain into the first overdrive in dB.
        bias: How unlike its two halves are; even overtones come from it.
        colour: Where the resonance between the overdrives lies.
        top: Low-pass at the end.
        dust: Noise that rides on it.
    """

    tune: float = 47.0
    decay: float = 0.12
    sweep: float = 0.018
    depth: float = 6.0
    grit: float = 26.0
    bias: float = 0.25
    colour: float = 320.0
    top: float = 5500.0
    dust: float = 0.05
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("colour", "top")

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0 + 0.06)
        depth = self.depth * (0.8 + 0.25 * s.force)
        f = s.about(self.tune, 0.004) * (1.0 + depth * fall(t, self.sweep) + 0.1 * depth * fall(t, 4 * self.sweep))
        loud = fall(after(t, 0.02), self.decay * s.about(1.0, 0.02))
        rough = band(s.noise(len(t)), s.rate, 400, self.top) * self.dust
        source = (np.sin(2 * math.pi * np.cumsum(f) / s.rate) + rough) * loud + self.bias * fall(t, 2 * self.decay)
        first = band(clip(source, 10 ** (self.grit / 20) * (0.45 + 0.55 * s.force), times=2), s.rate, 30, None, 1)
        throat = band(first, s.rate, 0.75 * self.colour, 1.35 * self.colour)
        second = clip(at_peak(first + 1.4 * throat), 1.0 + 0.9 * s.force, times=2)
        knock = band(s.noise(len(t)), s.rate, 1200, 7000) * fall(t, 0.003)
        return band(second * np.minimum(1.0, loud * 40), s.rate, None, self.top) + (0.15 + 0.35 * s.force) * knock
