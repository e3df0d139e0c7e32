"""From samples to what the ear works on: log-spaced bands over time, and a fine envelope of three broad ones.

Times are seconds of the recording. Everything is computed in blocks, so that memory grows by a few tens of bytes a
millisecond whatever the length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

RATE = 44100
"""The rate that the ear listens at: hats live above 8 kHz, which half this rate would fold away."""
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
_BLOCK_FRAMES = 8192
_SILENCE = 1e-7  # a peak of -140 dB


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What the ear hears of a recording.

    Attributes:
        bands: Amplitude by frame and band, (t, BANDS); frame i is centred at i / FRAME_RATE seconds.
        envelope: Energy of low, middle and high sound, (n, 3); row i is centred at i / ENVELOPE_RATE seconds.
        seconds: The length of the recording.
    """

    bands: Array
    envelope: Array
    seconds: float


def band_edges() -> NDArray[np.float64]:
    """The edges of the bands in Hz, (BANDS + 1,)."""
    low = np.geomspace(LOWEST_HZ, EDGE_HZ, LOW_BANDS + 1)
    return np.concatenate([low[:-1], np.geomspace(EDGE_HZ, HIGHEST_HZ, HIGH_BANDS + 1)])


def compute_features(samples: Array, sample_rate: int) -> Features:
    """Measure a mono recording.

    Args:
        samples: (n,), at any level; not-a-number counts as silence.
        sample_rate: Samples a second.
    """
    seconds = len(samples) / sample_rate
    samples = prepare_samples(samples, sample_rate)
    edges = band_edges()
    high = _band_amplitudes(samples, RATE, HOP, edges[LOW_BANDS:])
    low_rate = RATE // LOW_FACTOR
    low = _band_amplitudes(_resample(samples, RATE, low_rate), low_rate, HOP // LOW_FACTOR, edges[: LOW_BANDS + 1])
    frames = min(len(low), len(high))
    bands = np.concatenate([low[:frames], high[:frames]], axis=1)
    return Features(bands=bands, envelope=_fine_envelope(samples), seconds=seconds)


def prepare_samples(samples: Array, sample_rate: int) -> Array:
    """The samples at `RATE`, free of what is not finite, at a peak of 1 (silence stays silence)."""
    clean = np.nan_to_num(np.asarray(samples, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    clean = _resample(clean, sample_rate, RATE)
    peak = max(float(clean.max(initial=0.0)), -float(clean.min(initial=0.0)))
    clean *= np.float32(1 / peak if peak > _SILENCE else 0)
    return clean


def _resample(samples: Array, source: int, target: int) -> Array:
    if source == target:
        return samples
    import soxr  # noqa: PLC0415

    block = source * 60
    stream = soxr.ResampleStream(source, target, 1, dtype="float32")
    parts = [
        stream.resample_chunk(samples[at : at + block], last=at + block >= len(samples))
        for at in range(0, max(len(samples), 1), block)
    ]
    return np.asarray(np.concatenate(parts), dtype=np.float32)


def _band_amplitudes(samples: Array, rate: int, hop: int, edges: NDArray[np.float64]) -> Array:
    """The root of the power in each band, by frames centred on multiples of `hop`, (t, bands)."""
    window = WINDOW if rate == RATE else WINDOW // 2
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    matrix = _band_matrix(rate, window, edges)
    scale = np.float32(2.0 / taper.sum())
    out = np.empty((len(samples) // hop + 1, matrix.shape[1]), dtype=np.float32)
    for block, frames in _frames(samples, window, hop):
        spectrum = _rfft(frames * taper)
        power = (spectrum.real**2 + spectrum.imag**2) * scale**2
        out[block] = np.sqrt(power @ matrix)
    return out


def _frames(samples: Array, window: int, hop: int) -> Iterator[tuple[slice, Array]]:
    """Frames centred on multiples of `hop`, some thousands at a time, silence around: (which, (frames, window))."""
    count = len(samples) // hop + 1
    for at in range(0, count, _BLOCK_FRAMES):
        end = min(at + _BLOCK_FRAMES, count)
        first, last = at * hop - window // 2, (end - 1) * hop + window // 2
        piece = np.zeros(last - first, dtype=np.float32)
        inside = samples[max(first, 0) : last]
        piece[max(-first, 0) : max(-first, 0) + len(inside)] = inside
        yield slice(at, end), np.lib.stride_tricks.sliding_window_view(piece, window)[::hop]


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


def _fine_envelope(samples: Array) -> Array:
    """Energy below, between and above `ENVELOPE_EDGES_HZ` about every millisecond, (n, 3)."""
    taper = np.hanning(ENVELOPE_WINDOW + 1)[:-1].astype(np.float32)
    edges = [0, *(round(e * ENVELOPE_WINDOW / RATE) for e in ENVELOPE_EDGES_HZ)]
    out = np.empty((len(samples) // ENVELOPE_HOP + 1, len(edges)), dtype=np.float32)
    for block, frames in _frames(samples, ENVELOPE_WINDOW, ENVELOPE_HOP):
        spectrum = _rfft(frames * taper)
        out[block] = np.add.reduceat(spectrum.real**2 + spectrum.imag**2, edges, axis=1)
    return out
