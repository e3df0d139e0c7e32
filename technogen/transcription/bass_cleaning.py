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
        bar_seconds: The length of a bar, exact to about a tenth of a millisecond over the recording.

    Returns:
        What is left, (n,); the signal itself where it holds fewer than four bars.
    """
    first = int(np.floor(-offset_seconds / bar_seconds))
    bars = int(np.ceil((len(signal) / sample_rate - offset_seconds) / bar_seconds)) - first
    if bars < FEWEST_BARS:
        return signal
    frames = _place_frames(bars, (offset_seconds + first * bar_seconds) * sample_rate, bar_seconds * sample_rate)
    margin = int(-frames.starts.min()) + WINDOW
    padded = np.pad(signal, (margin, int(max(0, frames.starts.max() + WINDOW - len(signal))) + WINDOW))
    index = frames.starts + margin
    cleaned = _subtract_common(_analyse(padded, index, frames.shifts))
    return _overlap_add(cleaned, index, frames.shifts, padded)[margin : margin + len(signal)]


def _place_frames(bars: int, first_sample: float, bar_samples: float) -> _Frames:
    count = int(np.ceil(bar_samples / HOP))
    exact = first_sample + np.arange(bars)[:, None] * bar_samples + np.arange(count) * (bar_samples / count)
    starts = np.round(exact).astype(np.int64)
    return _Frames(starts - WINDOW // 2, exact - starts)


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


def _overlap_add(spectra: Spectra, index: NDArray[np.int64], shifts: Signal, padded: Signal) -> Signal:
    window = _window()
    pieces = np.fft.irfft(spectra * _turn(-shifts), WINDOW) * window  # (bars, frames, WINDOW)
    places = (index.reshape(-1, 1) + np.arange(WINDOW)).ravel()
    total = np.bincount(places, pieces.ravel(), len(padded))
    weight = np.bincount(places, np.tile(window**2, index.size), len(padded))
    covered = weight > 1e-3
    return np.where(covered, total / np.where(covered, weight, 1), padded)
