"""The movement of a bass line's filter: cutoff and resonance curves, 0..127, one value a beat.

The envelope lifts the filter by an unknown amount at each note, more at accents, so that only changes of the cutoff
knob can be heard: each note is compared with the notes on the same step of other bars that have its pitch and accent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.types import BassNote, Grid

Curve = tuple[tuple[float, float], ...]
Signal = NDArray[np.float64]

LOWEST_CUTOFF = 313.8  # Hz at 0 of the knob
HIGHEST_CUTOFF = 2394.4  # Hz at 127
MIDDLE = 64.0  # the cutoff of a filter that stands still
NOTE_SECONDS = 0.064
BRIGHT_HERTZ = (800.0, 15500.0)
PLATEAU_HERTZ = 300.0
BANDS_PER_OCTAVE = 4
PLATEAU_BANDS = 4
LEAST_PEAK = 6.0  # decibels over the plateau: no resonance
MOST_PEAK = 20.0  # full resonance
FREE_BEAT_SECONDS = 0.5
CHUNK = 256  # notes at a time


def follow_filter(
    samples: NDArray[np.float32], sample_rate: int, notes: tuple[BassNote, ...], grid: Grid | None
) -> tuple[Curve, Curve]:
    """Estimate cutoff and resonance at each beat that has notes in it or beside it.

    Args:
        samples: The recording, mono, (n,); drums may play, as long as they repeat.
        sample_rate: Samples a second.
        notes: The line; at least one note.
        grid: Gives the beats and steps; without it there is a value every half second.

    Returns:
        Cutoff and resonance as (seconds, 0..127). Cutoff is true in its movement (127 is 2.9 octaves), not in its
        height: 64 is the middle of the recording.
    """
    starts = np.array([note.start for note in notes])
    brightness, peak = _measure(samples, sample_rate, starts)
    beat = FREE_BEAT_SECONDS if grid is None else grid.beat_seconds
    offset = 0.0 if grid is None else grid.offset
    octaves = _compare(brightness, [_class_of(note, grid) for note in notes])
    cutoff = MIDDLE + 127 * octaves / np.log2(HIGHEST_CUTOFF / LOWEST_CUTOFF)
    resonance = 127 * (peak - LEAST_PEAK) / (MOST_PEAK - LEAST_PEAK)
    beats = np.floor((starts - offset) / beat + 0.05).astype(np.int64)
    return _curve(cutoff, beats, offset, beat), _curve(resonance, beats, offset, beat)


def _class_of(note: BassNote, grid: Grid | None) -> Hashable:
    """Notes of one class differ by the knob alone: same step of the bar, pitch and accent."""
    step = None if grid is None else round((note.start - grid.offset) / grid.beat_seconds * 4) % 16
    return step, note.pitch, note.accent


def _compare(brightness: Signal, classes: list[Hashable]) -> Signal:
    """Octaves above the mean of the class; where a class has one member, above the mean of all."""
    members: dict[Hashable, list[float]] = defaultdict(list)
    for value, key in zip(brightness, classes):
        members[key].append(float(value))
    everything = float(brightness.mean())
    means = [np.mean(members[key]) if len(members[key]) > 1 else everything for key in classes]
    return np.asarray(brightness - np.array(means))


def _curve(values: Signal, beats: NDArray[np.int64], offset: float, beat: float) -> Curve:
    """The median over the notes of each beat and of the beats beside it, in the middle of the beat."""
    points = []
    for index in np.unique(beats):
        near = values[np.abs(beats - index) <= 1]
        points.append((float(max(0.0, offset + (index + 0.5) * beat)), float(np.clip(np.median(near), 0, 127))))
    return tuple(points)


def _measure(samples: NDArray[np.float32], sample_rate: int, starts: Signal) -> tuple[Signal, Signal]:
    """The brightness (log2 Hz) and the height of the filter's peak (decibels) at the beginning of each note."""
    length = int(NOTE_SECONDS * sample_rate)
    size = 1 << int(np.ceil(np.log2(max(2, 2 * length))))
    hertz = np.asarray(np.fft.rfftfreq(size, 1 / sample_rate), dtype=np.float64)
    padded = np.pad(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), (0, length))
    begins = np.clip(np.round(starts * sample_rate).astype(np.int64), 0, len(samples))
    brightness, peak = [], []
    for first in range(0, len(begins), CHUNK):
        pieces = padded[begins[first : first + CHUNK, None] + np.arange(length)]
        power = np.abs(np.fft.rfft(pieces * np.hanning(length), size)) ** 2 + 1e-12
        brightness.append(_bright(power, hertz))
        peak.append(_peak(power, hertz))
    return np.concatenate(brightness), np.concatenate(peak)


def _bright(power: Signal, hertz: Signal) -> Signal:
    """The mean log-frequency of what is above the low harmonics."""
    bright = (hertz > BRIGHT_HERTZ[0]) & (hertz < BRIGHT_HERTZ[1])
    if not bright.any():
        return np.zeros(len(power))
    return np.asarray((power[:, bright] * np.log2(hertz[bright])).sum(axis=1) / power[:, bright].sum(axis=1))


def _peak(power: Signal, hertz: Signal) -> Signal:
    """How far the loudest band stands above the lowest bands, a saw's slope taken out."""
    octaves = max(1.5, np.log2(min(13600.0, hertz[-1]) / PLATEAU_HERTZ))
    edges = PLATEAU_HERTZ * 2 ** (np.arange(int(octaves * BANDS_PER_OCTAVE) + 1) / BANDS_PER_OCTAVE)
    bounds = np.searchsorted(hertz, edges)
    bands = [power[:, low : max(high, low + 1)].mean(axis=1) for low, high in zip(bounds, bounds[1:])]
    level = 10 * np.log10(np.stack(bands, axis=1)) + 20 * np.log10(edges[:-1])
    return np.asarray(level.max(axis=1) - np.median(level[:, :PLATEAU_BANDS], axis=1))
