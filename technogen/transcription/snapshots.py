"""What sounds around each candidate, as small pictures of 54 bands by 24 moments: what the network looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import FRAME_RATE, HOP, MARGIN, measure_bands
from technogen.transcription.onsets import Times
from technogen.transcription.recording import Recording

Bytes = NDArray[np.uint8]

LOW_BANDS, HIGH_BANDS = 14, 40
BANDS = LOW_BANDS + HIGH_BANDS
LOWEST_HZ, EDGE_HZ, HIGHEST_HZ = 28.0, 280.0, 17_500.0
_STARTS = (-33, *range(-8, 34, 2), 34, 50)
_ENDS = (-8, *range(-6, 36, 2), 50, 74)
"""The moments, in frames of 5.8 ms from the candidate: fine around the attack, coarse before and after that."""
MOMENTS = len(_STARTS)
_TILT = 0.5  # 3 dB an octave: music falls by about as much
_RANGE = 1000.0  # 60 dB
_LOUD_PERCENTILE = 90
FULL = 200
"""The byte of what is loud in a recording; 0 is 60 dB below, or silence."""
_BLOCK = 400
_BEFORE, _AFTER = 48, 96  # frames around the candidates of a block
_TINY = 1e-9


def band_edges() -> NDArray[np.float64]:
    """The edges of the bands in Hz, (BANDS + 1,)."""
    low = np.geomspace(LOWEST_HZ, EDGE_HZ, LOW_BANDS + 1)
    return np.concatenate([low[:-1], np.geomspace(EDGE_HZ, HIGHEST_HZ, HIGH_BANDS + 1)])


def take_snapshots(recording: Recording, times: Times) -> Bytes:
    """The sound around each candidate, (n, MOMENTS, BANDS): logarithmic amplitude, relative to loud candidates.

    Args:
        recording: What they are of.
        times: Seconds of the candidates, ascending.
    """
    blocks = [_measure(recording, times[at : at + _BLOCK]) for at in range(0, len(times), _BLOCK)]
    amplitudes = np.concatenate([np.zeros((0, MOMENTS, BANDS), dtype=np.float16), *blocks])
    peaks = amplitudes.reshape(-1, MOMENTS * BANDS).max(axis=1, initial=0).astype(np.float64)
    loud = float(np.percentile(peaks, _LOUD_PERCENTILE)) if len(peaks) else 0.0
    out = np.empty(amplitudes.shape, dtype=np.uint8)
    for at in range(0, len(out), _BLOCK):  # in blocks, since floats take four times the room
        relative = amplitudes[at : at + _BLOCK].astype(np.float32) * np.float32(_RANGE / (loud + _TINY))
        out[at : at + _BLOCK] = np.minimum(255, np.round(np.log1p(relative) * np.float32(FULL / np.log1p(_RANGE))))
    return out


def _measure(recording: Recording, times: Times) -> NDArray[np.float16]:
    """Tilted amplitude by candidate, moment and band."""
    centres = np.round(times * FRAME_RATE).astype(int)
    first, last = centres[0] - _BEFORE, centres[-1] + _AFTER
    edges = band_edges()
    tilt = (np.sqrt(edges[1:] * edges[:-1]) / 1000) ** _TILT
    piece = recording.read(first * HOP - MARGIN, last * HOP + MARGIN)
    bands = measure_bands(piece, last - first, edges, LOW_BANDS) * tilt
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(bands, axis=0)])
    starts, ends = ((centres - first)[:, None] + np.array(moments) for moments in (_STARTS, _ENDS))
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts)[:, :, None], dtype=np.float16)
