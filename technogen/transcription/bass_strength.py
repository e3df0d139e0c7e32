"""Which notes of a bass line are accented: the loud ones of two classes, if there are two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from technogen.transcription.bass_steps import mean_decibels
from technogen.transcription.pitch import Signal
from technogen.transcription.types import BassNote

ACCENT_VELOCITY = 127
PLAIN_VELOCITY = 80
ONSET_SECONDS = 0.08
LEAST_CONTRAST = 3.0  # decibels between the means of accented and plain notes


def find_velocities(signal: Signal, notes: tuple[BassNote, ...]) -> tuple[BassNote, ...]:
    """Set the velocities of notes: 127 accented, 80 plain.

    Args:
        signal: The recording without drums, at `SAMPLE_RATE`.
        notes: In seconds.
    """
    level = mean_decibels(signal, np.array([note.start for note in notes]), ONSET_SECONDS)
    accented = level > split_in_two(level, LEAST_CONTRAST)
    return tuple(
        replace(note, velocity=ACCENT_VELOCITY if loud else PLAIN_VELOCITY) for note, loud in zip(notes, accented)
    )


def split_in_two(values: Signal, least_contrast: float) -> float:
    """The threshold between two classes by Otsu's rule; infinite where their means differ less than asked."""
    ordered = np.sort(values)
    if len(ordered) < 4:
        return float("inf")
    below = np.arange(1, len(ordered))
    low = np.cumsum(ordered)[:-1] / below
    high = (ordered.sum() - np.cumsum(ordered)[:-1]) / (len(ordered) - below)
    cut = int((below * (len(ordered) - below) * (high - low) ** 2).argmax())
    return float((ordered[cut] + ordered[cut + 1]) / 2) if high[cut] - low[cut] >= least_contrast else float("inf")
