"""Notes out of the salience of basic-pitch: onsets first, then what still sounds without one. Time in frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.basic_pitch_model import LOWEST_PITCH, Salience

GAP_FRAMES = 11
"""A note ends where its pitch stays silent for so many frames."""


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How notes are read from salience.

    Attributes:
        onset_threshold: The least likelihood of an onset that starts a note.
        note_threshold: The least likelihood at which a note goes on.
        min_frames: Notes must be longer than this.
        pitches: What is listened to; all others are ignored.
    """

    onset_threshold: float = 0.5
    note_threshold: float = 0.3
    min_frames: int = 11
    pitches: range = range(21, 109)


@dataclass(frozen=True, slots=True, order=True)
class PitchEvent:
    """A note in frames, the end not included, with its mean salience as strength, 0..1."""

    start: int
    end: int
    pitch: int
    strength: float


def decode_notes(notes: Salience, onsets: Salience, options: DecodingOptions) -> tuple[PitchEvent, ...]:
    """Read notes, of any polyphony, from the network's salience.

    From the last onset to the first, each claims its pitch for as long as it sounds, and the neighbouring semitones
    with it. Then, the strongest first, what is left and sounds for long enough becomes notes too.

    Args:
        notes: How likely each pitch sounds, (frames, 88).
        onsets: How likely it starts, likewise.
        options: Thresholds and range.

    Returns:
        Notes, sorted.
    """
    heard = np.zeros(notes.shape[1], dtype=bool)
    heard[[p - LOWEST_PITCH for p in options.pitches if LOWEST_PITCH <= p < LOWEST_PITCH + len(heard)]] = True
    notes, onsets = notes * heard, onsets * heard
    left = notes.copy()
    found = _claim_onsets(notes, left, _find_onsets(_add_rises(onsets, notes), options.onset_threshold), options)
    return tuple(sorted(found + _claim_rest(notes, left, options)))


def _add_rises(onsets: Salience, notes: Salience) -> Salience:
    """Take sudden rises of salience for onsets too, scaled so that the steepest is as likely as the likeliest onset."""
    rise = np.zeros_like(notes)
    if len(notes) > 2:
        # The first two frames of a recording have no past to rise from.
        rise[2:] = np.maximum(0, notes[2:] - np.maximum(notes[1:-1], notes[:-2]))
    steepest = rise.max(initial=0)
    return np.maximum(onsets, rise * (onsets.max(initial=0) / steepest)) if steepest else onsets


def _find_onsets(onsets: Salience, threshold: float) -> list[tuple[int, int]]:
    """Local maxima in time of at least the threshold, as (frame, pitch index), the last first."""
    peaks = np.zeros(onsets.shape, dtype=bool)
    peaks[1:-1] = (onsets[1:-1] > onsets[:-2]) & (onsets[1:-1] > onsets[2:])
    found = np.argwhere(peaks & (onsets >= threshold))[::-1]
    return [(int(frame), int(pitch)) for frame, pitch in found]


def _claim_onsets(
    notes: Salience, left: Salience, starts: list[tuple[int, int]], options: DecodingOptions
) -> list[PitchEvent]:
    found = []
    for start, pitch in starts:
        if start >= len(notes) - 1:
            continue
        end = start + 1 + _sounding_frames(left[start + 1 : -1, pitch], options.note_threshold)
        if end - start > options.min_frames:
            _claim(left, start, end, pitch)
            found.append(_make_event(notes, start, end, pitch))
    return found


def _claim_rest(notes: Salience, left: Salience, options: DecodingOptions) -> list[PitchEvent]:
    found = []
    while left.size:
        middle, pitch = (int(k) for k in np.unravel_index(np.argmax(left), left.shape))
        if left[middle, pitch] <= options.note_threshold:
            break
        left[middle, pitch] = 0
        after = _sounding_frames(left[middle + 1 : -1, pitch], options.note_threshold)
        before = _sounding_frames(left[1:middle, pitch][::-1], options.note_threshold)
        start, end = middle - before, middle + after  # without an onset, the last frame does not count
        _claim(left, start, end + 1, pitch)
        if end - start > options.min_frames:
            found.append(_make_event(notes, start, end, pitch))
    return found


def _sounding_frames(salience: NDArray[np.float32], threshold: float) -> int:
    """How many frames go by until the salience stays under the threshold for `GAP_FRAMES` frames, or ends."""
    loud = np.flatnonzero(salience >= threshold)
    if not len(loud) or loud[0] >= GAP_FRAMES:
        return 0
    broken = np.flatnonzero(np.diff(loud) > GAP_FRAMES)
    return int(loud[broken[0] if len(broken) else -1]) + 1


def _claim(left: Salience, start: int, end: int, pitch: int) -> None:
    left[start:end, max(0, pitch - 1) : pitch + 2] = 0


def _make_event(notes: Salience, start: int, end: int, pitch: int) -> PitchEvent:
    return PitchEvent(start, end, pitch + LOWEST_PITCH, float(notes[start:end, pitch].mean()))
