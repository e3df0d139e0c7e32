"""What drum machines sound like: each piece synthesised in a few variants, and measured as onsets are.

The figures follow what is known of 808, 909, 606 and 707 circuits (swept sines, filtered noise, two or three tones); a
recording bends them to its own sounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import RATE, compute_features
from technogen.transcription.patches import cut_patches

Matrix = NDArray[np.float64]

OTHER = 0
"""Stands for what is no drum: bass notes, chords, leads."""
_SOUND_SECONDS, _GAP_SECONDS = 0.26, 0.06
_SEED = 303

UNLIKELINESS: dict[int, float] = {
    OTHER: 0.5,
    **dict.fromkeys((36, 38, 39, 42, 46), 1.0),
    **dict.fromkeys((37, 43, 47, 50), 1.5),
    **dict.fromkeys((49, 51, 56), 2.0),
    **dict.fromkeys((63, 70, 75), 3.0),
}
"""How much more a piece must explain than the usual ones to be believed."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A decaying sine: Hz, level, decay to 1/e in seconds; it starts `sweep` times higher and falls within `fall`."""

    hertz: float
    level: float
    decay: float
    sweep: float = 0.0
    fall: float = 0.03


@dataclass(frozen=True, slots=True)
class Noise:
    """Filtered noise: Hz of the centre, standard deviation in octaves, level, decay; attacks at each of `bursts`."""

    hertz: float
    octaves: float
    level: float
    decay: float
    bursts: tuple[float, ...] = (0.0,)


Sound = tuple[Tone | Noise, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Sounds to explain a recording with.

    Attributes:
        pitches: The drum piece of each, or `OTHER`, (k,).
        shapes: Amplitude by segment and band, flattened, (k, SEGMENTS * BANDS).
    """

    pitches: NDArray[np.int64]
    shapes: Matrix

    def chosen(self, keep: NDArray[np.bool_]) -> Templates:
        """Those where `keep` is true."""
        return Templates(self.pitches[keep], self.shapes[keep])


def make_templates() -> Templates:
    """Synthesise all sounds and measure them."""
    sounds = list(list_sounds())
    noise = np.random.default_rng(_SEED)
    length, gap = int(_SOUND_SECONDS * RATE), int(_GAP_SECONDS * RATE)
    tape = np.zeros(gap + (length + gap) * len(sounds), dtype=np.float32)
    starts = gap + (length + gap) * np.arange(len(sounds))
    for start, (_, sound) in zip(starts, sounds):
        wave = sum(play_part(part, length, noise) for part in sound)
        tape[start : start + length] = wave / np.abs(wave).max()
    patches = cut_patches(compute_features(tape, RATE), starts / RATE)
    floor = 1e-4 * patches.values.max()
    return Templates(np.array([pitch for pitch, _ in sounds]), patches.values + floor)


def list_sounds() -> Iterator[tuple[int, Sound]]:
    """Each variant of each piece."""
    yield from ((pitch, sound) for pitch, sound in _drums())
    yield from ((pitch, sound) for pitch, sound in _metal())
    yield from ((OTHER, sound) for sound in _others())


def _drums() -> Iterator[tuple[int, Sound]]:
    for hertz, (sweep, fall), decay, click in product((47, 57), ((0.5, 0.01), (3.5, 0.025)), (0.12, 0.35), (0.03, 0.2)):
        yield 36, (Tone(hertz, 1, decay, sweep, fall), Noise(2500, 1.5, click, 0.008))
    for (tone, hiss), decay, hertz in product(((1, 0.3), (0.5, 0.5), (0.2, 0.8)), (0.05, 0.11), (3000, 6000)):
        yield 38, (Tone(180, tone, 0.06, 0.4, 0.02), Tone(330, 0.6 * tone, 0.04), Noise(hertz, 1.2, hiss, decay))
    for hertz, octaves, decay in product((1000, 1500), (0.4, 0.8), (0.04, 0.1)):
        yield 39, (Noise(hertz, octaves, 1, decay, (0.0, 0.01, 0.02)),)
    for low, high in ((455, 1667), (220, 950), (800, 1800), (500, 2500)):
        yield 37, (Tone(low, 0.6, 0.012), Tone(high, 1, 0.012), Noise(4000, 1, 0.2, 0.005))
    for (pitch, hertz), decay, sweep in product(
        ((43, 82), (43, 105), (47, 135), (47, 165), (50, 210)), (0.09, 0.25), (0.1, 0.7)
    ):
        yield pitch, (Tone(hertz, 1, decay, sweep, 0.04), Noise(1500, 1.5, 0.04, 0.01))
    for hertz in (300, 420):
        yield 63, (Tone(hertz, 1, 0.06, 0.1, 0.02),)


def _metal() -> Iterator[tuple[int, Sound]]:
    for hertz, octaves, (pitch, decay) in product(
        (7500, 10500), (0.4, 0.9), ((42, 0.015), (42, 0.04), (46, 0.12), (46, 0.4))
    ):
        yield pitch, (Noise(hertz, octaves, 1, decay),)
    for decay in (0.5, 1.0):
        yield 49, (Noise(7000, 1, 1, decay),)
    for hertz in (4000, 6500):
        yield 51, (Noise(hertz, 0.6, 1, 0.4), Noise(hertz / 2, 0.3, 0.3, 0.1))
    for decay in (0.05, 0.12):
        yield 56, tuple(Tone(h, level, decay) for h, level in ((545, 0.8), (815, 1), (1635, 0.25), (2445, 0.3)))
    for decay in (0.02, 0.05):
        yield 70, (Noise(5500, 0.5, 1, decay),)
    yield 75, (Tone(2500, 1, 0.02),)


def _others() -> Iterator[Sound]:
    for hertz, decay in product((55, 110, 220, 400), (0.12, 0.4)):
        yield tuple(Tone(hertz * k, k**-0.7, decay) for k in range(1, 9))
    for peak in (400, 800, 1600):  # a resonant filter over a bass note
        yield tuple(Tone(110 * k, math.exp(-0.5 * (math.log2(110 * k / peak) / 0.7) ** 2), 0.15) for k in range(1, 30))


def play_part(part: Tone | Noise, length: int, noise: np.random.Generator) -> Matrix:
    """The samples of a part at `RATE`, (length,)."""
    t = np.arange(length) / RATE
    if isinstance(part, Tone):
        turns = part.hertz * (t + part.sweep * part.fall * (1 - np.exp(-t / part.fall)))
        return np.asarray(part.level * np.sin(2 * np.pi * turns) * np.exp(-t / part.decay))
    spectrum = np.fft.rfft(noise.standard_normal(length))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length, 1 / RATE), 1) / part.hertz)
    wave = np.fft.irfft(spectrum * np.exp(-0.5 * (octaves / part.octaves) ** 2), length)
    return np.asarray(0.5 * part.level * wave / wave.std() * _burst_envelope(part, t))


def _burst_envelope(part: Noise, t: Matrix) -> Matrix:
    """Short bursts, the last of which fades with the decay of the sound."""
    *short, last = part.bursts
    fades = [(t >= b) * np.exp(-np.maximum(t - b, 0) / 0.004) for b in short]
    return np.asarray(np.max([*fades, (t >= last) * np.exp(-np.maximum(t - last, 0) / part.decay)], axis=0))
