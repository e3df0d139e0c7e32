"""From samples to what the ear works on: log-spaced bands over time, and a fine envelope of three broad ones.

Times are seconds of the recording. Everything is computed in blocks, whose borders leave no trace in it, and kept in
half precision: 16 kilobytes a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.recording import RATE, Array, Recording, from_samples

__all__ = ["RATE", "Array", "Features", "Half", "compute_features", "measure_features", "prepare_samples"]

HOP = 256
FRAME_RATE = RATE / HOP
WINDOW = 1024
LOW_FACTOR = 4
"""Bass is heard at a quarter of the rate, through a window that is four times as long in seconds."""
EDGE_HZ = 250.0
LOW_BANDS, HIGH_BANDS = 8, 20
BANDS = LOW_BANDS + HIGH_BANDS
LOWEST_HZ, HIGHEST_HZ = 28.0, 17000.0
ENVELOPE_HOP = 44
ENVELOPE_WINDOW = 256
ENVELOPE_EDGES_HZ = (500.0, 4000.0)
ENVELOPE_RATE = RATE / ENVELOPE_HOP
_BLOCK_FRAMES = 1024
MARGIN = 8192
"""Samples around a block: a resampler sounds before and after an edge."""


Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What the ear hears of a recording.

    Attributes:
        bands: Amplitude by frame and band, (t, BANDS); frame i is centred at i / FRAME_RATE seconds.
        envelope: Amplitude of low, middle and high sound, (n, 3); row i is centred at i / ENVELOPE_RATE seconds.
        seconds: The length of the recording.
    """

    bands: Half
    envelope: Half
    seconds: float


def band_edges() -> NDArray[np.float64]:
    """The edges of the bands in Hz, (BANDS + 1,)."""
    low = np.geomspace(LOWEST_HZ, EDGE_HZ, LOW_BANDS + 1)
    return np.concatenate([low[:-1], np.geomspace(EDGE_HZ, HIGHEST_HZ, HIGH_BANDS + 1)])


def compute_features(samples: Array, sample_rate: int) -> Features:
    """Measure a mono recording that is in memory: `measure_features` of it.

    Args:
        samples: (n,), at any level; not-a-number counts as silence.
        sample_rate: Samples a second.
    """
    return measure_features(from_samples(samples, sample_rate))


def measure_features(recording: Recording) -> Features:
    """Measure a recording, block by block."""
    frames = len(recording) // HOP + 1
    bands = np.empty((frames, BANDS), dtype=np.float16)
    envelope = np.empty((len(recording) // ENVELOPE_HOP + 1, len(ENVELOPE_EDGES_HZ) + 1), dtype=np.float16)
    for at in range(0, frames, _BLOCK_FRAMES):
        end = min(at + _BLOCK_FRAMES, frames)
        piece = recording.read(at * HOP - MARGIN, end * HOP + MARGIN)
        bands[at:end] = measure_bands(piece, end - at, band_edges(), LOW_BANDS)
        first, last = (min(-(-frame * HOP // ENVELOPE_HOP), len(envelope)) for frame in (at, end))
        envelope[first:last] = _fine_envelope(piece[first * ENVELOPE_HOP - at * HOP :], last - first)
    return Features(bands=bands, envelope=envelope, seconds=recording.seconds)


def prepare_samples(samples: Array, sample_rate: int) -> Array:
    """The samples at `RATE`, free of what is not finite, at a peak of 1 (silence stays silence)."""
    recording = from_samples(samples, sample_rate)
    return recording.read(0, len(recording))


def measure_bands(piece: Array, count: int, edges: NDArray[np.float64], low_bands: int) -> Array:
    """The root of the power in each band, (count, bands).

    Args:
        piece: Samples at `RATE`; frame i is centred `MARGIN` and i hops after its start.
        count: How many frames.
        edges: Of the bands in Hz, (bands + 1,).
        low_bands: How many of them are heard at a quarter of the rate.
    """
    import soxr  # noqa: PLC0415

    low_rate = RATE // LOW_FACTOR
    low = soxr.resample(piece, RATE, low_rate)
    parts = (
        _band_amplitudes(low[MARGIN // LOW_FACTOR - WINDOW // 4 :], low_rate, count, edges[: low_bands + 1]),
        _band_amplitudes(piece[MARGIN - WINDOW // 2 :], RATE, count, edges[low_bands:]),
    )
    return np.concatenate(parts, axis=1)


def _band_amplitudes(samples: Array, rate: int, count: int, edges: NDArray[np.float64]) -> Array:
    window = WINDOW if rate == RATE else WINDOW // 2
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    spectrum = _rfft(_frames(samples, window, HOP * rate // RATE, count) * taper)
    power = (spectrum.real**2 + spectrum.imag**2) * np.float32(4.0 / taper.sum() ** 2)
    return np.asarray(np.sqrt(power @ _band_matrix(rate, window, edges)))


def _frames(samples: Array, window: int, hop: int, count: int) -> Array:
    """The first `count` frames of samples, (count, window)."""
    return np.lib.stride_tricks.sliding_window_view(samples, window)[::hop][:count]


def _rfft(frames: Array) -> NDArray[np.complex64]:
    from scipy.fft import rfft  # noqa: PLC0415

    return np.asarray(rfft(frames, axis=1), dtype=np.complex64)


def _band_matrix(rate: int, window: int, edges: NDArray[np.float64]) -> Array:
    """How much of each Fourier bin belongs to each band, (bins, bands); bins are shared where an edge cuts them."""
    centres = np.arange(window // 2 + 1) * rate / window
    half = rate / window / 2
    low, high = centres[:, None] - half, centres[:, None] + half
    overlap = np.minimum(high, edges[None, 1:]) - np.maximum(low, edges[None, :-1])
    return np.asarray(np.maximum(overlap, 0) / (2 * half), dtype=np.float32)


def _fine_envelope(piece: Array, count: int) -> Array:
    """Amplitude below, between and above `ENVELOPE_EDGES_HZ`, (count, 3); row i is centred `MARGIN` and i hops on."""
    taper = np.hanning(ENVELOPE_WINDOW + 1)[:-1].astype(np.float32)
    edges = [0, *(round(e * ENVELOPE_WINDOW / RATE) for e in ENVELOPE_EDGES_HZ)]
    spectrum = _rfft(_frames(piece[MARGIN - ENVELOPE_WINDOW // 2 :], ENVELOPE_WINDOW, ENVELOPE_HOP, count) * taper)
    return np.asarray(np.sqrt(np.add.reduceat(spectrum.real**2 + spectrum.imag**2, edges, axis=1)))
