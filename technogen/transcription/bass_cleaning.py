"""Taking the drums out of a recording: whatever comes back bar after bar with the same waveform is not the bass.

A drum machine plays the same samples at the same place of each bar, so the bars' waveforms add up. An analogue-style
oscillator runs freely, its phase is another one in each bar, and it averages away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

Signal = NDArray[np.float64]
Spectra = NDArray[np.complex128]

WINDOW = 256
HOP = 64
FEWEST_BARS = 4
BLOCK_BARS = 24  # are compared at a time: patterns change
SPARSE = 12  # one frame in so many tells the length of a bar
COARSE_STRETCHES = tuple(0.1 * step for step in range(-6, 7))  # samples a bar
FINE_STRETCHES = tuple(0.025 * step for step in range(-3, 4))
CLEARLY = 1.02
REPEATING = 2.0  # times the likeness of bars that have nothing in common
SMOOTHING = (9, 5)  # frames, bins
ROUNDS = 2
MOST_GAIN = 1.5
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class _Frames:
    """Where each frame of each bar begins, and the rest of a sample that rounding left over."""

    starts: NDArray[np.int64]  # (bars, frames)
    shifts: Signal  # (bars, frames)


def remove_repeats(signal: Signal, sample_rate: int, *, offset_seconds: float, bar_seconds: float) -> Signal:
    """Subtract what each bar has in common, sample by sample, with the other bars.

    Args:
        signal: Mono, (n,).
        sample_rate: Samples a second.
        offset_seconds: A bar line.
        bar_seconds: The length of a bar, exact to a tenth of a millisecond.

    Returns:
        What is left, (n,); the signal itself where it holds fewer than four bars.
    """
    first = int(np.floor(-offset_seconds / bar_seconds))
    bars = int(np.ceil((len(signal) / sample_rate - offset_seconds) / bar_seconds)) - first
    if bars < FEWEST_BARS:
        return signal
    blocks = np.array_split(np.arange(first, first + bars), max(1, round(bars / BLOCK_BARS)))
    placed = [
        _place_frames(len(block), (offset_seconds + block[0] * bar_seconds) * sample_rate, bar_seconds * sample_rate)
        for block in blocks
    ]
    margin = int(bar_seconds * sample_rate) + 2 * WINDOW
    padded = np.pad(signal, (margin, margin))
    total, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for frames in (_fit_length(padded, each, margin) for each in placed):
        index = frames.starts + margin
        cleaned = _subtract_common(_analyse(padded, index, frames.shifts))
        _overlap_add(cleaned, index, frames.shifts, total, weight)
    covered = weight > 1e-3
    return np.where(covered, total / np.where(covered, weight, 1), padded)[margin : margin + len(signal)]


def _place_frames(bars: int, first_sample: float, bar_samples: float) -> _Frames:
    count = int(np.ceil(bar_samples / HOP))
    exact = first_sample + np.arange(bars)[:, None] * bar_samples + np.arange(count) * (bar_samples / count)
    return _round_frames(exact)


def _round_frames(exact: Signal) -> _Frames:
    starts = np.round(exact).astype(np.int64)
    return _Frames(starts - WINDOW // 2, exact - starts)


def _fit_length(padded: Signal, frames: _Frames, margin: int) -> _Frames:
    """Stretch the bars by the fraction of a sample that makes them most alike: a tempo has only two decimals."""
    spectra = _analyse(padded, frames.starts[:, ::SPARSE] + margin, frames.shifts[:, ::SPARSE])
    bars = np.arange(len(spectra), dtype=np.float64) - len(spectra) // 2
    chance = float(_power(spectra).mean(axis=0).sum()) / len(spectra)

    def likeness(stretch: float) -> float:
        return float(_power(np.asarray((spectra * _turn(bars * stretch)[:, None]).mean(axis=0))).sum())

    best = max(COARSE_STRETCHES, key=likeness)
    best = max((best + fine for fine in FINE_STRETCHES), key=likeness)
    if likeness(best) < max(CLEARLY * likeness(0.0), REPEATING * chance):
        return frames
    return _round_frames(frames.starts + WINDOW // 2 + frames.shifts + best * bars[:, None])


def _window() -> Signal:
    return np.hanning(WINDOW + 1)[:-1]


def _turn(shifts: Signal) -> Spectra:
    """Phases that move frames by a fraction of a sample, (bars, frames, bins)."""
    turned: Spectra = np.exp(2j * np.pi * np.arange(WINDOW // 2 + 1) / WINDOW * shifts[..., None])
    return turned


def _analyse(padded: Signal, index: NDArray[np.int64], shifts: Signal) -> Spectra:
    frames = padded[index[..., None] + np.arange(WINDOW)] * _window()
    return np.asarray(np.fft.rfft(frames) * _turn(shifts))


def _smooth(power: Signal) -> Signal:
    """Average over neighbouring frames (a bar's end is next to its start) and bins."""
    free = power.ndim - 2
    modes = ("nearest",) * free + ("wrap", "nearest")
    smoothed: Signal = uniform_filter(power, size=(1,) * free + SMOOTHING, mode=modes)
    return smoothed


def _subtract_common(spectra: Spectra) -> Spectra:
    """Subtract from each bar what it shares with the others: a common bar, with a gain of its own for each drum.

    The common bar and the gains (a muted drum has none) are fitted in turns, by least squares.
    """
    bars = len(spectra)
    common = spectra.mean(axis=0)
    power = _smooth(_power(common)) + TINY
    trust = np.clip((bars * power - _smooth(_power(spectra).mean(axis=0))) / (bars - 1) / power, 0, 1)
    for _ in range(ROUNDS):
        gain = np.clip(_smooth((spectra * common.conj()).real) / (_smooth(_power(common)) + TINY), 0, MOST_GAIN)
        common = (gain * spectra).sum(axis=0) / ((gain**2).sum(axis=0) + TINY)
    gain = np.clip(_smooth((spectra * common.conj()).real) / (_smooth(_power(common)) + TINY), 0, MOST_GAIN)
    return np.asarray(spectra - gain * (trust * common))


def _power(spectra: Spectra) -> Signal:
    return np.asarray(spectra.real**2 + spectra.imag**2)


def _overlap_add(spectra: Spectra, index: NDArray[np.int64], shifts: Signal, total: Signal, weight: Signal) -> None:
    """Add frames, and the weight of their windows, in place."""
    window = _window()
    pieces = np.fft.irfft(spectra * _turn(-shifts), WINDOW) * window  # (bars, frames, WINDOW)
    places = (index.reshape(-1, 1) + np.arange(WINDOW)).ravel()
    total += np.bincount(places, pieces.ravel(), len(total))
    weight += np.bincount(places, np.tile(window**2, index.size), len(weight))
