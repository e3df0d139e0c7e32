"""Short voices: clap, rim, maracas, claves, and noise in any shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.filters import band, clip
from technogen.rendering.drum_sounds.strike import Strike, Wave, after, fall


@dataclass(frozen=True, slots=True)
class Clap:
    """Bursts of noise 11 ms apart and the room after them; the hands never meet in quite the same way.

    Attributes:
        tune: Centre of the noise.
        decay: Time constant of the room.
        hands: How many bursts.
        gap: Seconds between two.
        room: Level of the room.
        air: Level of what is above the centre.
    """

    tune: float = 1100.0
    decay: float = 0.08
    hands: float = 4.0
    gap: float = 0.011
    room: float = 0.55
    air: float = 0.3
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("air",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        count = max(1, round(self.hands))
        starts = [self.gap * (k + (0.09 * float(s.random.uniform(-1, 1)) if k else 0.0)) for k in range(count)]
        t = s.clock(starts[-1] + self.decay * 7.0)
        bursts = np.zeros(len(t))
        for k, start in enumerate(starts):
            length = s.about(0.0032 if k < count - 1 else 0.014, 0.15)
            bursts += np.where(t >= start, s.about(1.0, 0.12) * fall(after(t, start), length), 0)
        echo = np.where(t > starts[-1], fall(after(t, starts[-1]), self.decay * (0.85 + 0.25 * s.force)), 0)
        noise = s.noise(len(t))
        body = band(noise, s.rate, 0.75 * self.tune, 1.4 * self.tune, 1)
        body += self.air * (0.5 + 0.7 * s.force) * band(noise, s.rate, 2300, 9500)
        distant = band(s.noise(len(t)), s.rate, 0.7 * self.tune, 2.2 * self.tune, 1)
        return np.tanh((2.0 + 1.2 * s.force) * (body * bursts + self.room * distant * echo))


@dataclass(frozen=True, slots=True)
class Rim:
    """Two short resonators, overdriven, high-passed, and the stick.

    Attributes:
        tune: The lower resonator.
        interval: The upper as a multiple of it.
        decay: Time constant.
        tick: Level of the stick.
    """

    tune: float = 500.0
    interval: float = 3.44
    decay: float = 0.008
    tick: float = 0.6
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("tick",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 9.0)
        ring = 0.7 * s.sine(s.about(self.tune, 0.004), t) * fall(t, self.decay * 1.4)
        ring += s.sine(s.about(self.tune * self.interval, 0.004), t, 0.064) * fall(t, self.decay)
        tick = band(s.noise(len(t)), s.rate, 2500, None) * fall(t, 0.0012) * (0.3 + 0.9 * s.force)
        return band(clip(ring + self.tick * tick, 1.2 + 2.6 * s.force), s.rate, 300, None)


@dataclass(frozen=True, slots=True)
class Maracas:
    """High noise that swells for a few milliseconds before it falls.

    Attributes:
        decay: Time constant.
        edge: High-pass.
        swell: Seconds that it swells.
    """

    decay: float = 0.02
    edge: float = 4800.0
    swell: float = 0.012
    TUNED: ClassVar[tuple[str, ...]] = ()
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.swell + self.decay * 7.0)
        late = fall(after(t, self.swell), self.decay * (0.75 + 0.4 * s.force))
        loud = np.where(t < self.swell, (t / max(self.swell, 1e-4)) ** 2, late)
        return band(s.noise(len(t)), s.rate, self.edge * (1.1 - 0.25 * s.force), 15_000, 3) * loud


@dataclass(frozen=True, slots=True)
class Claves:
    """One bright resonator and a knock; an accent overdrives it.

    Attributes:
        tune: Where it rings.
        decay: Time constant.
    """

    tune: float = 2500.0
    decay: float = 0.014
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ()

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 8.0)
        tune = s.about(self.tune, 0.003)
        tone = s.sine(tune, t) * fall(t, self.decay) + 0.25 * s.force * s.sine(1.83 * tune, t) * fall(t, 0.0025)
        return clip(tone, 0.3 + 1.1 * s.force)


@dataclass(frozen=True, slots=True)
class Noise:
    """A band of noise in any shape: struck, swelling, in bursts, held and then cut.

    Attributes:
        tune: Centre of the band.
        width: Octaves to each side.
        decay: Time constant after what is held.
        swell: Seconds until it is loudest.
        hold: Seconds that it stays so.
        bursts: How many times it starts.
        gap: Seconds between two starts.
        sink: How far the band falls over the decay, in octaves.
    """

    tune: float = 3000.0
    width: float = 1.0
    decay: float = 0.08
    swell: float = 0.0
    hold: float = 0.0
    bursts: float = 1.0
    gap: float = 0.012
    sink: float = 0.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay", "hold")
    TONED: ClassVar[tuple[str, ...]] = ("tune",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        last = self.gap * (max(1, round(self.bursts)) - 1)
        t = s.clock(last + self.swell + self.hold + self.decay * 7.0)
        noise, centre = s.noise(len(t)), self.tune * (0.85 + 0.25 * s.force)
        wave = band(noise, s.rate, centre / 2**self.width, centre * 2**self.width, 1)
        if self.sink > 0:
            dark = centre / 2**self.sink
            share = fall(t, 0.5 * self.decay)
            wave = share * wave + (1 - share) * band(noise, s.rate, dark / 2**self.width, dark * 2**self.width, 1)
        return wave * self._envelope(t, last, self.decay * (0.8 + 0.25 * s.force))

    def _envelope(self, t: Wave, last: float, length: float) -> Wave:
        """Each start rises from where the one before it has fallen to; the last rings out."""
        since = np.where(t < last, t % self.gap, t - last)
        late = fall(after(since, self.swell + self.hold), np.where(t < last, 0.35 * self.gap, length))
        return np.asarray(np.minimum(1.0, since / max(self.swell, 0.0003)) * late)
