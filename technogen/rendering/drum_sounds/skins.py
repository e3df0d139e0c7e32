"""Voices with a skin: snares, toms, congas, and drums that no machine has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.filters import band, clip
from technogen.rendering.drum_sounds.strike import Strike, Wave, fall

_MEMBRANE = (1.0, 1.593, 2.136, 2.296, 2.653, 2.918, 3.156, 3.5)
"""The modes of a round skin: zeros of the Bessel functions, as multiples of the lowest."""


@dataclass(frozen=True, slots=True)
class Snare909:
    """Two triangles that bend down, and digital noise by two ways: a dull one with the shells, a bright one after.

    An accent bends the shells further, opens the bright noise and lets it last.

    Attributes:
        tune: The lower shell.
        interval: The upper shell as a multiple of it.
        decay: Of the shells.
        rattle: Time constant of the noise.
        snappy: Level of the noise.
        bend: How far the shells start above their pitch, as a share of it.
        edge: Where the bright noise starts.
    """

    tune: float = 183.0
    interval: float = 1.79
    decay: float = 0.055
    rattle: float = 0.085
    snappy: float = 0.75
    bend: float = 0.7
    edge: float = 2600.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay", "rattle")
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(max(self.decay, self.rattle) * 7.0)
        tones = np.zeros(len(t))
        for ratio, level, length in ((1.0, 1.0, self.decay), (self.interval, 0.6, 0.65 * self.decay)):
            f = s.about(ratio * self.tune, 0.006) * (1.0 + self.bend * (0.5 + 0.6 * s.force) * fall(t, 0.009))
            phase = 2 * math.pi * np.cumsum(f) / s.rate
            tones += level * np.tanh(1.6 * 2 / math.pi * np.arcsin(np.sin(phase))) * fall(t, length)
        noise = np.where(s.random.random(len(t)) < 0.5, -1.0, 1.0)  # a shift register gives ones and zeros
        dull = band(noise, s.rate, 500, 4500) * fall(t, 0.45 * self.rattle)
        bright = band(noise, s.rate, self.edge, None) * fall(t, self.rattle * (0.65 + 0.45 * s.force))
        hiss = self.snappy * (0.55 * dull + (0.4 + 0.22 * s.force) * bright)
        snap = band(s.noise(len(t)), s.rate, 1500, 9000) * fall(t, 0.0025) * s.force
        return np.tanh(1.3 * (0.8 * tones + hiss + 0.5 * snap))


@dataclass(frozen=True, slots=True)
class Snare808:
    """Two bridged Ts rung by a pulse of 1 ms, and high-passed noise; the upper shell dies first.

    Attributes:
        tune: The lower shell.
        interval: The upper shell as a multiple of it.
        decay: Of the shells.
        rattle: Time constant of the noise.
        snappy: Level of the noise.
        balance: Level of the upper shell.
        edge: Where the noise starts.
        air: Level of what is high in it.
    """

    tune: float = 177.0
    interval: float = 1.864
    decay: float = 0.06
    rattle: float = 0.065
    snappy: float = 0.6
    balance: float = 0.6
    edge: float = 1800.0
    air: float = 0.5
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay", "rattle")
    TONED: ClassVar[tuple[str, ...]] = ("balance", "air")

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(max(self.decay, self.rattle) * 7.0)
        low, high = s.about(self.tune, 0.005), s.about(self.tune * self.interval, 0.005)
        hit = 1.0 + 0.5 * s.force * fall(t, 0.002)  # the pulse pulls the resonators up while it lasts
        tones = s.sine(low * hit, t) * fall(t, self.decay)
        tones += self.balance * (0.8 + 0.5 * s.force) * s.sine(high * hit, t) * fall(t, 0.55 * self.decay)
        hiss = band(s.noise(len(t)), s.rate, self.edge, None) + self.air * band(s.noise(len(t)), s.rate, 3500, None)
        loud = fall(t, self.rattle * (0.8 + 0.3 * s.force)) * np.minimum(1.0, t * 2500)
        pulse = band(np.where(t < 0.001, 1.0, 0.0), s.rate, 400, 6000)
        wave = 0.8 * tones + self.snappy * (0.45 + 0.55 * s.force) * hiss * loud + 0.5 * s.force * pulse
        return np.tanh((0.9 + 0.5 * s.force) * wave)


@dataclass(frozen=True, slots=True)
class Tom:
    """Oscillators that sink, an overtone, and a breath of noise; hit hard, it bends further and its skin is heard.

    Attributes:
        tune: Where it ends.
        decay: Time constant.
        bend: How far it starts above, as a share of its pitch.
        fallen: Time constant of the bend.
        overtone: Level of the second oscillator, a fifth up.
        skin: Level of the noise.
        breath: Where the noise ends.
    """

    tune: float = 84.0
    decay: float = 0.16
    bend: float = 0.7
    fallen: float = 0.03
    overtone: float = 0.3
    skin: float = 0.2
    breath: float = 3000.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("breath", "skin")

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0)
        f = s.about(self.tune, 0.004) * (1.0 + self.bend * (0.5 + 0.7 * s.force) * fall(t, self.fallen))
        phase = 2 * math.pi * np.cumsum(f) / s.rate
        tone = np.sin(phase) * fall(t, self.decay)
        tone += self.overtone * (0.6 + 0.6 * s.force) * np.sin(1.5 * phase) * fall(t, 0.4 * self.decay)
        hiss = band(s.noise(len(t)), s.rate, 150, self.breath * (0.6 + 0.8 * s.force)) * fall(t, 0.45 * self.decay)
        click = band(s.noise(len(t)), s.rate, 800, 6000) * fall(t, 0.003) * s.force
        return np.tanh((1.0 + 0.4 * s.force) * tone + self.skin * (0.6 + 0.8 * s.force) * hiss + 0.35 * click)


@dataclass(frozen=True, slots=True)
class Conga:
    """A bridged T that bends a little, and the hand.

    Attributes:
        tune: Where it rings.
        decay: Time constant.
        slap: Level of the hand.
    """

    tune: float = 195.0
    decay: float = 0.12
    slap: float = 0.25
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("slap",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0)
        f = s.about(self.tune, 0.004) * (1.0 + 0.08 * (0.3 + s.force) * fall(t, 0.018))
        tone = s.sine(f, t) * fall(t, self.decay) + 0.12 * s.force * s.sine(2.3 * f, t) * fall(t, 0.2 * self.decay)
        hand = band(s.noise(len(t)), s.rate, 900, 5500) * fall(t, 0.004)
        return np.tanh((0.8 + 0.5 * s.force) * tone) + self.slap * (0.15 + 1.2 * s.force) * hand


@dataclass(frozen=True, slots=True)
class Membrane:
    """A round skin with its modes, a stick or beater, and, where there are any, wires under it: a drum of wood.

    Attributes:
        tune: The lowest mode.
        decay: Time constant of the lowest mode.
        damping: How much faster the upper modes die.
        bend: How far it starts above its pitch, as a share of it.
        strike: Level of the upper modes, the nearer to the rim it is struck.
        stick: Level of the stick.
        snappy: Level of the wires.
        rattle: Time constant of the wires.
        edge: Where the noise of stick and wires lies.
    """

    tune: float = 190.0
    decay: float = 0.12
    damping: float = 1.2
    bend: float = 0.15
    strike: float = 0.5
    stick: float = 0.4
    snappy: float = 0.0
    rattle: float = 0.09
    edge: float = 3500.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay", "rattle")
    TONED: ClassVar[tuple[str, ...]] = ("edge", "strike")

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(max(self.decay, self.rattle if self.snappy > 0 else 0.0) * 6.0 + 0.02)
        f = s.about(self.tune, 0.004) * (1.0 + self.bend * (0.4 + 0.7 * s.force) * fall(t, 0.03))
        phase = 2 * math.pi * np.cumsum(f) / s.rate
        skin = np.zeros(len(t))
        for k, ratio in enumerate(_MEMBRANE):
            level = 1.0 if k == 0 else self.strike * (0.5 + 0.7 * s.force) / (1 + 0.4 * k)
            skin += level * np.sin(s.about(ratio, 0.01) * phase) * fall(t, self.decay / ratio**self.damping)
        noise = s.noise(len(t))
        stick = band(noise, s.rate, 0.3 * self.edge, 2.5 * self.edge) * fall(t, 0.004) * (0.3 + s.force)
        wires = band(noise, s.rate, 0.6 * self.edge, 3.0 * self.edge, 1) * fall(
            t, self.rattle * (0.75 + 0.35 * s.force)
        )
        wave = 0.7 * skin + self.stick * stick + self.snappy * wires * np.minimum(1.0, t * 600)
        return clip(wave, 0.7 + 0.3 * s.force, times=2)
