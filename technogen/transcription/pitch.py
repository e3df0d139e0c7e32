"""How well a short piece of sound is explained by one pitch, steady or gliding: log-likelihoods of harmonic series.

A piece is projected on the sines and cosines of all harmonics of a pitch that fit below `HIGHEST_HERTZ`; each costs a
what it would explain of noise, so that neither the octave below (twice the harmonics) nor the one above (half) wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

Signal = NDArray[np.float64]
Wave = NDArray[np.floating[Any]]

SAMPLE_RATE = 6000
LOWEST_PITCH = 19
HIGHEST_PITCH = 76
HIGHEST_HERTZ = 2400.0
MOST_HARMONICS = 40
WHITENING_ORDER = 12
RESIDUE_FLOOR = 0.1  # of the energy: no real sound is exactly periodic
EFFECTIVE_SHARE = 0.5  # of the samples count as independent: window and low-pass take the rest
MOST_EXPLAINED = 0.95  # of noise, by a basis that is nearly the whole space
LEAST_STRENGTH = 1e-4  # of the strongest direction of a basis
QUIETEST_ENERGY = 1e-12
TB303_GLIDE_SECONDS = 0.022  # time constant of the TB-303's slide (100 kOhm x 220 nF)
SOFTWARE_GLIDE_SECONDS = 0.012  # copies that smooth the frequency over "60 ms" (five time constants)


@dataclass(frozen=True, slots=True, eq=False)
class HarmonicBases:
    """Orthonormal harmonic series over a windowed piece.

    Attributes:
        pitches: MIDI numbers, (p,).
        window: Over the piece, (l,).
        bases: One a pitch, (l, freedom).
        tones: The same with the fundamental alone.
        samples: Half the number of independent samples in a piece: the window and the bandwidth take the rest.
    """

    pitches: NDArray[np.int64]
    window: Wave
    bases: tuple[Wave, ...]
    samples: float
    tones: tuple[Signal, ...]

    @property
    def freedom(self) -> Signal:
        """The number of sines and cosines of each pitch, (p,)."""
        return np.array([basis.shape[1] for basis in self.bases], dtype=np.float64)

    def single(self) -> HarmonicBases:
        """The same in single precision, which is as good for evidence and twice as fast."""
        window, bases = self.window.astype(np.float32), tuple(basis.astype(np.float32) for basis in self.bases)
        return replace(self, window=window, bases=bases)


def hertz(pitch: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The frequency of a MIDI pitch, A4 = 440 Hz."""
    return np.asarray(440.0 * 2 ** ((np.asarray(pitch, dtype=np.float64) - 69) / 12))


def whiten(signal: Signal) -> Signal:
    """Flatten the spectrum of a recording by the inverse of its own linear prediction."""
    correlation = np.array([signal[lag:] @ signal[: len(signal) - lag] for lag in range(WHITENING_ORDER + 1)])
    if correlation[0] <= 0:
        return signal
    correlation[0] *= 1 + 1e-4
    prediction = solve_toeplitz(correlation[:-1], correlation[1:])
    whitened: Signal = lfilter(np.r_[1.0, -prediction], 1.0, signal)
    return whitened


def cut(signal: Signal, starts: NDArray[np.float64], length: int, sample_rate: float = SAMPLE_RATE) -> Signal:
    """Pieces of a signal from given seconds on, silent beyond its ends.

    Shape:
        (pieces, length)
    """
    index = np.round(starts * sample_rate).astype(np.int64)[:, None] + np.arange(length)
    inside = (index >= 0) & (index < len(signal))
    return np.where(inside, signal[np.clip(index, 0, len(signal) - 1)], 0.0)


def build_bases(length: int, highest_hertz: float = HIGHEST_HERTZ) -> HarmonicBases:
    """Harmonic series of each pitch from `LOWEST_PITCH` to `HIGHEST_PITCH`.

    Args:
        length: Samples of a piece at `SAMPLE_RATE`.
        highest_hertz: No harmonics above this.
    """
    window = np.sqrt(np.hanning(length + 2)[1:-1])
    pitches = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1)
    samples = EFFECTIVE_SHARE * min(1.0, 3 * highest_hertz / SAMPLE_RATE) * length / 2
    bases = tuple(_basis(float(frequency), highest_hertz, window) for frequency in hertz(pitches.astype(float)))
    tones = tuple(_basis(float(frequency), float(frequency), window) for frequency in hertz(pitches.astype(float)))
    return HarmonicBases(pitches, window, bases, samples, tones)


def _basis(frequency: float, highest_hertz: float, window: Signal) -> Signal:
    harmonics = max(1, min(int(highest_hertz / frequency), MOST_HARMONICS))
    turn = np.exp(2j * np.pi * frequency / SAMPLE_RATE * np.arange(len(window)))
    waves = np.multiply.accumulate(np.broadcast_to(turn, (harmonics, len(window))), axis=0) * window
    columns = np.concatenate([waves.real, waves.imag, window[None]]).T  # (l, freedom)
    strength, axes = np.linalg.eigh(columns.T @ columns)
    kept = strength > LEAST_STRENGTH * strength[-1]
    return np.asarray(columns @ (axes[:, kept] / np.sqrt(strength[kept])))


def steady_evidence(pieces: Wave, bases: HarmonicBases, which: Sequence[int] | None = None) -> Signal:
    """Log-likelihood of each pitch (or of those `which` counts out) for each piece, against no pitch at all (0).

    Shape:
        pieces: (s, l) -> (s, p)
    """
    windowed = pieces * bases.window
    energy = (windowed**2).sum(axis=1) + QUIETEST_ENERGY
    chosen = range(len(bases.bases)) if which is None else which
    explained = np.stack([_power(windowed @ bases.bases[i]) for i in chosen], axis=1) / energy[:, None]
    samples = bases.samples
    gain = -samples * np.log((np.maximum(1 - explained, 0) + RESIDUE_FLOOR) / (1 + RESIDUE_FLOOR))
    chance = np.minimum(bases.freedom[list(chosen)] / (2 * samples), MOST_EXPLAINED)
    return np.asarray(gain + samples * np.log(1 - chance))


def _power(rows: Wave) -> Wave:
    return np.asarray(np.einsum("sf,sf->s", rows, rows))


@dataclass(frozen=True, slots=True)
class Glide:
    """How an instrument slides: exponentially, in pitch (as the TB-303 does) or in hertz (as some of its copies do)."""

    seconds: float  # time constant
    in_hertz: bool = False
    delay: float = 0.0  # seconds after the step

    def speed(self, interval: float, moments: Signal) -> Signal:
        """The frequency over that of the slide's end, seconds after its beginning."""
        decay = np.exp(-moments / self.seconds)
        return 1 + (2 ** (interval / 12) - 1) * decay if self.in_hertz else np.asarray(2 ** (interval / 12 * decay))


TUNINGS = tuple(step / 10 for step in range(-4, 5))  # semitones
CLEARLY = 1.15
GLIDE_DELAYS = tuple(0.0005 * steps for steps in range(-3, 4))
GLIDES = (Glide(TB303_GLIDE_SECONDS), Glide(SOFTWARE_GLIDE_SECONDS, in_hertz=True))


def find_tuning(signal: Signal, starts: Signal, bases: HarmonicBases) -> float:
    """How many semitones above A4 = 440 Hz a recording is tuned, -0.4 to 0.4.

    Args:
        signal: At `SAMPLE_RATE`, (n,).
        starts: Seconds of moments that have a pitch, (s,).
        bases: Harmonic series over the pieces to listen to.

    Returns:
        The tuning under which the moments have most pitch; 0 unless another is clearly better.
    """
    scores = []
    for tuning in TUNINGS:
        position = starts[:, None] * SAMPLE_RATE + np.arange(len(bases.window)) * 2 ** (-tuning / 12)
        pieces = np.interp(position, np.arange(len(signal)), signal, left=0.0, right=0.0)
        scores.append(steady_evidence(pieces, bases).max(axis=1).sum())
    best = int(np.argmax(scores))
    return TUNINGS[best] if scores[best] > CLEARLY * scores[TUNINGS.index(0.0)] else 0.0


def unglide(signal: Signal, starts: Signal, length: int, interval: float, glide: Glide) -> Signal:
    """Pieces whose time is bent so that a slide over an interval becomes a steady pitch, that of its end.

    Args:
        signal: At `SAMPLE_RATE`, (n,).
        starts: Seconds at which the slide begins, (s,).
        length: Samples of a piece.
        interval: Semitones from the pitch it ends on up to the pitch it comes from.
        glide: How the instrument slides.

    Shape:
        (s, length)
    """
    clock = np.arange(4 * length)
    speed = glide.speed(interval, clock / SAMPLE_RATE)
    bent = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)])  # samples of steady time
    position = (starts[:, None] + glide.delay) * SAMPLE_RATE + np.interp(np.arange(length), bent, clock)
    low = np.clip(np.floor(position).astype(np.int64), 0, max(0, len(signal) - 2))
    share = np.clip(position - low, 0, 1)
    inside = (position >= 0) & (position < len(signal) - 1)
    return np.where(inside, signal[low] * (1 - share) + signal[np.minimum(low + 1, len(signal) - 1)] * share, 0.0)
