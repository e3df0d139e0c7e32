"""The movement of a bass line's filter: cutoff and resonance curves, one value a beat."""

from __future__ import annotations

import numpy as np

from technogen.transcription.pitch import SAMPLE_RATE, Signal, cut
from technogen.transcription.types import BassNote, Grid

LOWEST_CUTOFF = 313.8  # Hz, the knob's range
HIGHEST_CUTOFF = 2394.4
FREE_BEAT_SECONDS = 0.5
NOTE_SECONDS = 0.064

Curve = tuple[tuple[float, float], ...]


def follow_filter(signal: Signal, notes: tuple[BassNote, ...], grid: Grid | None) -> tuple[Curve, Curve]:
    """Estimate cutoff and resonance, 0..127, at the beats where notes begin.

    Args:
        signal: The recording without drums, at `SAMPLE_RATE`.
        notes: At least one.
        grid: Gives the beats; without it there is a value every half second.
    """
    starts = np.array([note.start for note in notes])
    spectra = np.abs(np.fft.rfft(cut(signal, starts, int(NOTE_SECONDS * SAMPLE_RATE)), 1024)) ** 2
    hertz = np.fft.rfftfreq(1024, 1 / SAMPLE_RATE)
    centroid = (spectra * hertz).sum(axis=1) / (spectra.sum(axis=1) + 1e-12)
    knob = 127 * np.log(np.maximum(centroid, 1.0) / LOWEST_CUTOFF) / np.log(HIGHEST_CUTOFF / LOWEST_CUTOFF)
    beat = FREE_BEAT_SECONDS if grid is None else grid.beat_seconds
    offset = 0.0 if grid is None else grid.offset
    beats = np.floor((starts - offset) / beat + 0.01)
    curve = tuple(
        (float(offset + (index + 0.5) * beat), float(np.clip(knob[beats == index].mean(), 0, 127)))
        for index in np.unique(beats)
    )
    return curve, tuple((seconds, 64.0) for seconds, _ in curve)
