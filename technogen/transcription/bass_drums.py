"""Taking known drum hits out of a recording: what all hits of a piece have in common is the piece, not the bass.

Hits of a piece differ a little from one another, so that magnitudes are compared and not waveforms. A drum only dies
away: what is louder later on in every hit is something else, and stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.types import DrumHit

Signal = NDArray[np.float64]

WINDOW = 256
HOP = 64
TAIL_SECONDS = 0.45
LEAD_FRAMES = 3  # a window before the hit holds some of it
FEWEST_HITS = 4
COMMON_SHARE = 0.3  # of a piece's hits are quieter than its template
LEAST_GAIN, MOST_GAIN = 0.5, 2.0  # of a hit over its template
OVER = 1.5  # times the template is taken away: hits vary
SILENT_PIECES = frozenset((42, 44, 46, 49, 51, 52, 53, 55, 57, 59, 70))  # have nothing where the bass is heard
TINY = 1e-12


def remove_hits(signal: Signal, sample_rate: int, drums: tuple[DrumHit, ...]) -> Signal:
    """Subtract the magnitudes that the hits of each piece have in common.

    Args:
        signal: Mono, (n,).
        sample_rate: Samples a second.
        drums: What the drums play.

    Returns:
        What is left, (n,).
    """
    frames = int(TAIL_SECONDS * sample_rate / HOP)
    margin = WINDOW * 2 + LEAD_FRAMES * HOP
    left = np.pad(signal, (margin, margin + frames * HOP))
    for piece in sorted({hit.pitch for hit in drums} - SILENT_PIECES):
        starts = np.array([round(hit.time * sample_rate) for hit in drums if hit.pitch == piece], dtype=np.int64)
        starts = starts[(starts >= 0) & (starts < len(signal))]
        if len(starts) >= FEWEST_HITS:
            left = _remove_piece(left, starts + margin - LEAD_FRAMES * HOP, frames)
    return left[margin : margin + len(signal)]


def _remove_piece(signal: Signal, starts: NDArray[np.int64], frames: int) -> Signal:
    index = starts[:, None] - WINDOW // 2 + np.arange(frames) * HOP
    window = np.sqrt(np.hanning(WINDOW + 1)[:-1])
    places = index[..., None] + np.arange(WINDOW)  # (hits, frames, WINDOW)
    spectra = np.fft.rfft(signal[places] * window)
    size = np.abs(spectra)
    template = _decaying(np.quantile(size, COMMON_SHARE, axis=0))
    fit = (size * template).sum(axis=(1, 2)) / ((template**2).sum() + TINY)
    level = np.clip(fit, LEAST_GAIN, MOST_GAIN)[:, None, None]
    share = np.minimum(1.0, OVER * level * template / (size + TINY)) ** 2  # of the power is the drum's
    drum = np.fft.irfft(spectra * (1 - np.sqrt(1 - share)), WINDOW) * window * (2 * HOP / WINDOW)
    total = np.zeros(len(signal))
    total += np.bincount(places.ravel(), drum.ravel(), len(signal))
    return np.asarray(signal - total)


def _decaying(template: Signal) -> Signal:
    """The template without what gets louder after its peak at the hit, (frames, bins)."""
    first = LEAD_FRAMES + 3
    falling = np.minimum.accumulate(template[first - 1 :], axis=0)
    return np.concatenate([template[: first - 1], falling])
