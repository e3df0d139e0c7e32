"""Which notes of a bass line are accented: the loud ones of two classes, if there are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from technogen.transcription.bass_steps import mean_decibels
from technogen.transcription.pitch import Signal
from technogen.transcription.types import BassNote

ACCENT_VELOCITY = 127
PLAIN_VELOCITY = 80
ONSET_SECONDS = 0.08
LEAST_CONTRAST = 3.0  # decibels between the means of accented and plain notes
MOST_CONTRAST = 12.0  # decibels: an accent is hardly this much louder than a plain note
LEAST_SPREAD, MOST_SPREADS = 0.5, 6.0  # decibels, and how many spreads from the threshold nobody doubts


def find_velocities(signal: Signal, notes: tuple[BassNote, ...]) -> tuple[BassNote, ...]:
    """Set the velocities of notes: 127 accented, 80 plain.

    Args:
        signal: The recording without drums, at `SAMPLE_RATE`.
        notes: In seconds.
    """
    level = _onset_decibels(signal, notes)
    accented = level > split_in_two(_audible(level), LEAST_CONTRAST)
    return tuple(
        replace(note, velocity=ACCENT_VELOCITY if loud else PLAIN_VELOCITY) for note, loud in zip(notes, accented)
    )


def measure_accents(signal: Signal, notes: Sequence[BassNote]) -> tuple[Signal, float, float]:
    """What speaks for accents, and for notes without one.

    Returns:
        How far the level of each note is from the threshold between the classes, in spreads of its class, (n,); the
        decibels between the means of the classes; and the share of the notes in the louder one.
    """
    level = _onset_decibels(signal, notes)
    heard = _audible(level)
    threshold = split_in_two(heard, 0.0)
    loud, soft = heard[heard > threshold], heard[heard <= threshold]
    if not len(loud) or not len(soft):
        return np.zeros(len(notes)), 0.0, 0.0
    spread = np.where(level > threshold, loud.std(), soft.std()) + LEAST_SPREAD
    beside = np.minimum(np.abs(level - threshold) / spread, MOST_SPREADS)
    return np.asarray(beside), float(loud.mean() - soft.mean()), float((level > threshold).mean())


def _audible(level: Signal) -> Signal:
    """Levels without those so low that what is louder need not be an accent: rests of drums, echoes, ends of notes."""
    return np.asarray(level[level > np.percentile(level, 90) - MOST_CONTRAST]) if len(level) else level


def _onset_decibels(signal: Signal, notes: Sequence[BassNote]) -> Signal:
    return mean_decibels(signal, np.array([note.start for note in notes]), ONSET_SECONDS)


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
