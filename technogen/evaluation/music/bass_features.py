"""What is measured of the bassline of a window: numbers by name, in notes, semitones, steps and shares."""

from __future__ import annotations

import numpy as np

from technogen.evaluation.music.drum_features import Features, entropy_of
from technogen.evaluation.music.grid import STEPS, Grid, Ints, find_root
from technogen.evaluation.music.similarity import bass_bars, compare_bars, likeness_at, overlap_of
from technogen.score import ACCENT_VELOCITY

_NAN = float("nan")
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_METRE = tuple(max(k for k in range(5) if step % (1 << k) == 0) for step in range(STEPS))
"""How strong each step is: 0 for an odd 16th, to 4 for the bar's first."""


def measure_bass(window: Grid) -> Features:
    """How busy the bassline is, what it plays where, how it moves, and how it repeats."""
    at = np.flatnonzero(window.onsets)
    pitch = window.pitch[at]
    if not len(at):
        pitch, at = np.zeros(1, int), np.zeros(1, int)
    return {**_rhythm(window, at), **_pitches(pitch), **_moves(pitch), **_gaps(np.diff(at)), **_repeats(window)}


def measure_acid(window: Grid) -> Features:
    """The marks of acid: accents, slides, octaves, syncopation, short notes.

    References:
        The TB-303's own vocabulary: accent, slide, octave up and down, tie, rest.
    """
    at = np.flatnonzero(window.onsets)
    if not len(at):
        names = ("accents", "slides", "octave_leaps", "syncopation", "gate", "accents_off_beat", "accent_runs")
        return dict.fromkeys(names, _NAN)
    accents = window.velocity[at] >= ACCENT_VELOCITY
    leaps = np.abs(np.diff(window.pitch[at])) == 12
    gaps = np.diff(np.append(at, at[0] + len(window.pitch)))
    return {
        "accents": float(accents.mean()),
        "slides": float(window.slide[at].mean()),
        "octave_leaps": float(leaps.mean()) if len(leaps) else _NAN,
        "syncopation": measure_syncopation(window),
        "gate": float((window.length[at] / gaps).mean()),
        "accents_off_beat": float((at[accents] % 4 != 0).mean()) if accents.any() else _NAN,
        "accent_runs": float((accents[1:] & accents[:-1]).mean()) if len(at) > 1 else _NAN,
    }


def measure_syncopation(window: Grid) -> float:
    """How much the bassline is off the beat: of each note, how far the strongest step that it is held over is stronger.

    References:
        Longuet-Higgins and Lee, "The Rhythmic Interpretation of Monophonic Music", Music Perception 1, 1984.
    """
    at = np.flatnonzero(window.onsets)
    if not len(at):
        return _NAN
    following = np.append(at[1:], at[0] + len(window.pitch))
    total = 0
    for start, end in zip(at, following):
        passed = [_METRE[step % STEPS] for step in range(start + 1, min(end, start + STEPS))]
        total += max(max(passed, default=0) - _METRE[start % STEPS], 0)
    return total / len(at)


def _rhythm(window: Grid, at: Ints) -> Features:
    profile = window.onsets.reshape(-1, STEPS).mean(axis=0)
    return {
        "notes_per_bar": len(at) / window.bars,
        "bass_on_beats": float(profile[::4].sum()),
        "bass_on_8ths": float(profile[2::4].sum()),
        "bass_on_16ths": float(profile[1::2].sum()),
        "bass_on_one": float(profile[0]),
        "bass_onset_entropy": entropy_of(profile),
    }


def _pitches(pitch: Ints) -> Features:
    root = find_root(pitch)
    degrees = np.bincount((pitch - root) % 12, minlength=12) / len(pitch)
    present = degrees > 0
    return {
        "pitches": float(len(np.unique(pitch))),
        "pitch_classes": float(present.sum()),
        "range": float(pitch.max() - pitch.min()),
        "above_root": float((pitch - root).mean()),
        "pitch_entropy": entropy_of(np.bincount(pitch).astype(float)),
        "octave_notes": float((np.abs(pitch - root) == 12).mean()),
        "minor_notes": float(degrees[list(_MINOR)].sum()),
        "neighbours": float((present & np.roll(present, 1)).sum()),
        **{f"degree_{at}": float(share) for at, share in enumerate(degrees)},
    }


def _moves(pitch: Ints) -> Features:
    moves = np.diff(pitch)
    size, count = np.abs(moves), max(len(moves), 1)
    return {
        "repeated_notes": (size == 0).sum() / count,
        "steps": ((size > 0) & (size <= 2)).sum() / count,
        "thirds": ((size == 3) | (size == 4)).sum() / count,
        "fourths_fifths": ((size == 5) | (size == 7)).sum() / count,
        "octaves": (size == 12).sum() / count,
        "leaps": (size > 7).sum() / count,
        "wide_leaps": (size > 12).sum() / count,
        "rising": (moves > 0).sum() / count,
        "turns": float((moves[1:] * moves[:-1] < 0).mean()) if len(moves) > 1 else _NAN,
    }


def _gaps(gaps: Ints) -> Features:
    if not len(gaps):
        return dict.fromkeys(("gap_1", "gap_2", "gap_3", "gap_4", "gap_long", "gap_entropy"), _NAN)
    shares = {f"gap_{size}": float((gaps == size).mean()) for size in (1, 2, 3, 4)}
    return {**shares, "gap_long": float((gaps > 4).mean()), "gap_entropy": entropy_of(np.bincount(gaps).astype(float))}


def _repeats(window: Grid) -> Features:
    bars = bass_bars(window)
    onsets = window.onsets.reshape(-1, STEPS)
    likeness, rhythm = compare_bars(bars), compare_bars(onsets)
    return {
        "bass_lag1": likeness_at(likeness, 1),
        "bass_lag2": likeness_at(likeness, 2),
        "bass_rhythm_lag1": likeness_at(rhythm, 1),
        "bass_rhythm_lag2": likeness_at(rhythm, 2),
        "bass_different_bars": len({bar.tobytes() for bar in bars}) / len(bars),
        "bass_halves": overlap_of(onsets[:, :8], onsets[:, 8:]),
        "bass_each_beat": overlap_of(onsets[:, :-4], onsets[:, 4:]),
        "bass_last_bar_new": float(1 - likeness[0, -1]),
    }
