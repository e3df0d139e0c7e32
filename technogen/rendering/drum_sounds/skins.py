"""Voices with a skin: kicks, snares, toms and congas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.strike import Strike, Wave, band, fall


@dataclass(frozen=True, slots=True)
class Kick909:
    """A triangle rounded to nearly a sine, swept down fast, with a click of pulse and noise beside it.

    Attributes:
        tune: Where the sweep ends.
        decay: Time constant.
        attack: Level of the click.
    """

    tune: float = 49.0
    decay: float = 0.17
    attack: float = 1.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("attack",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 3.2 + 0.06)
        depth = 2.6 + 1.4 * s.force
        f = s.about(self.tune, 0.004) * (1.0 + depth * fall(t, 0.009) + 0.9 * fall(t, 0.038))
        phase = np.cumsum(f) / s.rate
        triangle = 2.0 / math.pi * np.arcsin(np.sin(2 * math.pi * phase))
        body = np.tanh((1.3 + 0.9 * s.force) * triangle)
        loud = np.where(t < 0.03, 1.0, fall(np.maximum(t - 0.03, 0), self.decay * s.about(1.0, 0.02)))
        click = 0.5 * fall(t, 0.0008) + 0.7 * band(s.noise(len(t)), s.rate, 300, 5000) * fall(t, 0.0045)
        return np.asarray(body * loud + self.attack * (0.2 + 0.5 * s.force) * click)


@dataclass(frozen=True, slots=True)
class Kick808:
    """A ringing bridged T; hit hard, it starts an octave up for its first half wave, then sinks with a sigh.

    Attributes:
        tune: Where it rings.
        decay: Time constant.
        click: Level of the trigger pulse that comes through.
    """

    tune: float = 51.0
    decay: float = 0.3
    click: float = 1.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("click",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 4.0)
        first = 0.5 / (self.tune * 2.0)
        f = s.about(self.tune, 0.004) * (0.94 + 0.06 * fall(t, 0.15) + (0.4 + 0.6 * s.force) * fall(t, first))
        body = s.sine(f, t) * fall(t, self.decay)
        click = band(fall(t, 0.0007), s.rate, None, 2500 + 3000 * s.force) * (0.15 + 0.45 * s.force)
        return np.asarray(np.tanh(1.15 * body) + self.click * click)


@dataclass(frozen=True, slots=True)
class Snare:
    """Two shells, struck with a little bend, and noise that an accent makes longer and louder.

    Attributes:
        tune: The lower shell.
        interval: The upper shell as a multiple of it.
        decay: Of the shells.
        rattle: Time constant of the noise.
        snappy: Level of the noise.
        bend: How far the shells start above their pitch, as a share of it.
        edge: Where the hiss starts.
    """

    tune: float = 186.0
    interval: float = 1.78
    decay: float = 0.07
    rattle: float = 0.13
    snappy: float = 0.75
    bend: float = 0.35
    edge: float = 3000.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay", "rattle")
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(max(self.decay, self.rattle) * 5.0)
        tones = np.zeros(len(t))
        shells = ((1.0, 1.0, self.decay), (self.interval, 0.55, 0.6 * self.decay))
        for ratio, level, length in shells:
            f = s.about(ratio * self.tune, 0.006) * (1.0 + self.bend * fall(t, 0.012))
            tones += level * s.sine(f, t) * fall(t, length)
        noise = s.noise(len(t))
        low, high = band(noise, s.rate, 700, 5500), band(noise, s.rate, self.edge, None)
        hiss = low * fall(t, 0.55 * self.rattle) + 0.8 * high * fall(t, self.rattle * (0.7 + 0.4 * s.force))
        snap = band(s.noise(len(t)), s.rate, 1500, 9000) * fall(t, 0.003) * s.force
        return np.tanh(1.2 * (0.75 * tones + self.snappy * hiss * (0.7 + 0.5 * s.force) + 0.6 * snap))


@dataclass(frozen=True, slots=True)
class Tom:
    """A tone that sinks, an overtone, and a breath of noise; hit hard, it bends further.

    Attributes:
        tune: Where it ends.
        decay: Time constant.
        bend: How far it starts above, as a share of its pitch.
        skin: Level of the noise.
        breath: Where the noise ends.
    """

    tune: float = 84.0
    decay: float = 0.2
    bend: float = 0.55
    skin: float = 0.2
    breath: float = 3000.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("breath",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 4.5)
        f = s.about(self.tune, 0.004) * (1.0 + self.bend * (0.6 + 0.6 * s.force) * fall(t, 0.035))
        phase = 2 * math.pi * np.cumsum(f) / s.rate
        tone = np.sin(phase) * fall(t, self.decay) + 0.3 * np.sin(1.5 * phase) * fall(t, 0.4 * self.decay)
        hiss = band(s.noise(len(t)), s.rate, 200, self.breath * (0.7 + 0.7 * s.force)) * fall(t, 0.4 * self.decay)
        click = band(s.noise(len(t)), s.rate, 800, 6000) * fall(t, 0.003) * s.force
        return np.tanh(1.1 * tone + self.skin * hiss + 0.35 * click)


@dataclass(frozen=True, slots=True)
class Conga:
    """A bridged T with little bend, and the hand.

    Attributes:
        tune: Where it rings.
        decay: Time constant.
        slap: Level of the hand.
    """

    tune: float = 210.0
    decay: float = 0.14
    slap: float = 0.25
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("slap",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 5.0)
        f = s.about(self.tune, 0.004) * (1.0 + 0.06 * (0.5 + s.force) * fall(t, 0.02))
        tone = s.sine(f, t) * fall(t, self.decay)
        hand = band(s.noise(len(t)), s.rate, 900, 5000) * fall(t, 0.004)
        return np.asarray(tone + self.slap * (0.3 + s.force) * hand)
