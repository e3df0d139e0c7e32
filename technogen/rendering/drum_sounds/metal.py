"""Voices of metal as machines make them: six squares, or a short memory of few bits; and the cowbell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from technogen.rendering.drum_sounds.filters import band, clip, slower
from technogen.rendering.drum_sounds.oscillators import held, modes, plate_modes, square, stepped
from technogen.rendering.drum_sounds.strike import Strike, Wave, after, at_peak, fall

SQUARES = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""The six oscillators of the 808's hats and cymbal in Hz (Werner, Abel and Smith, "The TR-808 Cymbal", ICMC 2014)."""
_SOURCE_SECONDS, _JOINT_SECONDS = 0.7, 0.06
_MEMORY, _MEMORY_CLOCK, _MEMORY_MODES, _MEMORY_TOP, _STRONG = 32_768, 32_000.0, 360, 15_500.0, 12
LOWER_BAND, UPPER_BAND = 3440.0, 7100.0
"""Where its two band-passes lie in Hz."""


def _squares(s: Strike, samples: int, lowest: float, rate: float) -> Wave:
    tuned = lowest / SQUARES[0]
    return np.asarray(
        sum(square(s.about(f * tuned, 0.004), samples, rate, s.random.random()) for f in SQUARES) / len(SQUARES)
    )


def _bent(wave: Wave, amount: float) -> Wave:
    """What a one-transistor amplifier makes of it: sums and differences of all that goes in, none above the third."""
    scaled = at_peak(wave)
    return np.asarray(scaled + amount * scaled * scaled * (1.0 - 0.33 * scaled))


def _band_of_squares(s: Strike, tune: float, edges: tuple[float, float], bent: float, samples: int) -> Wave:
    """A band of the squares through its amplifier, made twice as fast: nothing of third order folds back."""
    passed = band(_squares(s, 2 * samples, tune, 2.0 * s.rate), 2 * s.rate, *edges)
    return slower(_bent(passed, bent * (0.6 + 0.6 * s.force)), 2)


def _prolonged(s: Strike, source: Callable[[int], Wave], samples: int) -> Wave:
    """A steady sound of any length: what is longer than `_SOURCE_SECONDS` goes round, with soft joints."""
    period, joint = int(_SOURCE_SECONDS * s.rate), int(_JOINT_SECONDS * s.rate)
    if samples <= period + joint:
        return source(samples)
    first = source(period + joint)
    rising = np.sqrt(np.linspace(0.0, 1.0, joint))
    turn = first[:period].copy()
    turn[:joint] = rising * turn[:joint] + rising[::-1] * first[period:]
    return np.concatenate((first[:period], np.resize(turn, samples - period)))


@dataclass(frozen=True, slots=True)
class HatSquares:
    """The 808's hat: six squares through a band-pass, an amplifier that mixes them into a hiss, and a high-pass.

    An accent bends the amplifier further, lasts longer and opens the top.

    Attributes:
        tune: The lowest oscillator.
        decay: Time constant.
        edge: Centre of the band-pass.
        bent: How non-linear the amplifier is.
    """

    tune: float = SQUARES[0]
    decay: float = 0.026
    edge: float = UPPER_BAND
    bent: float = 1.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.5 + 0.01)
        wave = _prolonged(s, lambda n: self._hiss(s, n), len(t))
        loud = 0.8 * fall(t, self.decay * (0.8 + 0.3 * s.force)) + 0.2 * fall(t, 0.25 * self.decay)
        return np.asarray(wave * loud * np.minimum(1.0, t * 4000))

    def _hiss(self, s: Strike, samples: int) -> Wave:
        wave = _band_of_squares(s, self.tune, (0.68 * self.edge, 1.9 * self.edge), self.bent, samples)
        wave = band(wave, s.rate, self.edge * 0.93, None, 3)
        return wave + (1.3 * s.force - 0.9) * band(wave, s.rate, 9000, None, 1)


@dataclass(frozen=True, slots=True)
class CymbalSquares:
    """The 808's cymbal: the six squares by two bands, each with its amplifier: a long low one, a high one in two parts.

    Attributes:
        tune: The lowest oscillator.
        decay: Time constant of the long part.
        bright: Level of the high band.
        bent: How non-linear the amplifiers are.
        ping: Level of a stick's bell, for a ride.
    """

    tune: float = SQUARES[0]
    decay: float = 0.45
    bright: float = 1.0
    bent: float = 0.8
    ping: float = 0.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("bright",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 5.5)
        low, high = (_prolonged(s, partial(self._band, s, centre), len(t)) for centre in (LOWER_BAND, UPPER_BAND))
        low = band(low, s.rate, 2200, None) * fall(t, self.decay)
        splash = (0.5 + 0.9 * s.force) * fall(t, 0.03) + 0.6 * fall(t, self.decay * (0.5 + 0.2 * s.force))
        high = band(high, s.rate, 6000, None) * splash * self.bright
        bell = np.zeros(len(t))
        if self.ping > 0:
            ratios = np.array((1.0, 1.48, 1.93, 2.55, 3.31))
            lengths = self.decay / np.linspace(1.0, 3.4, 5)
            bell = modes(2700.0 * ratios, 1 / (1 + np.arange(5)), lengths, len(t), s.rate)
        return np.asarray((0.55 * low + high + self.ping * (0.5 + 0.5 * s.force) * bell) * np.minimum(1.0, t * 3000))

    def _band(self, s: Strike, centre: float, samples: int) -> Wave:
        return _band_of_squares(s, self.tune, (0.7 * centre, 1.45 * centre), self.bent, samples)


@dataclass(frozen=True, slots=True)
class MetalMemory:
    """The 909's hats and cymbals: a struck plate in a memory of six bits, read by a clock, through an amplifier.

    The steps are those of the memory and so fall with the sound. An accent lasts longer and opens the top.

    Attributes:
        clock: Values a second that are read; it tunes the sound.
        decay: Time constant of the amplifier.
        edge: High-pass.
        memory: Which plate is in it: any number is another one.
        low: Lowest mode.
        tilt: How far high modes are above low ones, in dB an octave.
        bell: Level of few strong modes, for rides.
        grain: Share of noise.
        bits: Resolution.
    """

    clock: float = 32_000.0
    decay: float = 0.04
    edge: float = 6000.0
    memory: float = 1.0
    low: float = 2500.0
    tilt: float = 3.0
    bell: float = 0.0
    grain: float = 0.35
    bits: float = 6.0
    TUNED: ClassVar[tuple[str, ...]] = ("clock",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0 + 0.01)
        wave = band(
            _prolonged(s, lambda n: self._read(s, n), len(t)), s.rate, self.edge * (1.06 - 0.14 * s.force), None, 3
        )
        length = self.decay * (0.75 + 0.35 * s.force)
        high = band(wave, s.rate, 8500, None, 1)  # what is high dies first
        loud = 0.7 * fall(t, length) + 0.3 * fall(t, 0.15 * length)
        loud_high = (0.3 + 0.95 * s.force) * (0.8 * fall(t, 0.65 * length) + 0.5 * fall(t, 0.12 * length))
        wave = (wave - high) * loud + high * loud_high
        return np.asarray(wave * np.minimum(1.0, t * 5000))

    def _read(self, s: Strike, samples: int) -> Wave:
        clock = s.about(self.clock, 0.003)
        steps = held(np.roll(self._plate(), int(s.random.integers(64))), clock, 2 * samples, 2.0 * s.rate)
        return band(slower(steps, 2), s.rate, None, 0.44 * clock)

    def _plate(self) -> Wave:
        """What is in the memory, always the same: a plate's modes, evened out to fill the bits, and some noise."""
        random = np.random.default_rng([909, int(abs(self.memory) * 1000)])
        pitches = plate_modes(random, self.low, _MEMORY_TOP, _MEMORY_MODES)
        spectrum = np.zeros(_MEMORY // 2 + 1, dtype=np.complex128)
        turns = np.exp(2j * np.pi * random.random(_MEMORY_MODES)) * random.rayleigh(1.0, _MEMORY_MODES)
        levels = 10 ** (self.tilt * np.log2(pitches / self.low) / 20)
        levels[: round(_STRONG * self.bell)] *= 1 + 4 * self.bell
        spectrum[(pitches / _MEMORY_CLOCK * _MEMORY).astype(np.int64)] = turns * levels
        plate = np.fft.irfft(spectrum, _MEMORY)
        plate = np.clip(plate / plate.std() + self.grain * random.standard_normal(_MEMORY), -3, 3)
        return stepped(plate, self.bits) if self.bits < 16 else plate


@dataclass(frozen=True, slots=True)
class Cowbell:
    """Two squares through a band-pass, falling fast and then slowly; an accent bends the amplifier.

    Attributes:
        tune: The lower square.
        decay: Time constant of the slow part.
        edge: Where the band ends.
    """

    tune: float = 540.0
    decay: float = 0.1
    edge: float = 2640.0
    TUNED: ClassVar[tuple[str, ...]] = ("tune",)
    LENGTHS: ClassVar[tuple[str, ...]] = ("decay",)
    TONED: ClassVar[tuple[str, ...]] = ("edge",)

    def play(self, s: Strike) -> Wave:
        """One hit."""
        t = s.clock(self.decay * 6.0)
        pitches = (self.tune, self.tune * 800 / 540)
        tones = sum(square(s.about(f, 0.003), len(t), s.rate, s.random.random()) for f in pitches)
        loud = 0.65 * fall(t, 0.012) + 0.35 * fall(after(t, 0.004), self.decay)
        passed = band(np.asarray(tones) * 0.5 * loud, s.rate, self.tune, self.edge * (0.85 + 0.3 * s.force), 1)
        return clip(band(passed, s.rate, 0.8 * self.tune, None), 1.0 + 2.0 * s.force)
