"""The profiles of windows that divergences are taken of: counts by step, degree, interval, velocity, piece."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from technogen.evaluation.music.distances import jensen_shannon
from technogen.evaluation.music.grid import DRUM_CLASSES, STEPS, Floats, Grid, find_root
from technogen.evaluation.music.resampling import DRAWS, Interval

_VELOCITIES = (1, 40, 60, 80, 100, 115, 128)
_WIDEST, _LONGEST = 13, 17
_LEAST_SONGS = 8

Profile = Callable[[Grid], Floats]


def drum_profile(name: str) -> Profile:
    """Where in the bar a class of drums is hit."""
    at = list(DRUM_CLASSES).index(name)
    return lambda window: np.asarray(window.hits[:, at].reshape(-1, STEPS).sum(axis=0), float)


def drum_mix(window: Grid) -> Floats:
    """How often each class of drums is hit."""
    return np.asarray(window.hits.sum(axis=0), float)


def drum_velocities(window: Grid) -> Floats:
    """How hard drums are hit."""
    return np.histogram(window.drums[window.hits], _VELOCITIES)[0].astype(float)


def bass_onsets(window: Grid) -> Floats:
    """Where in the bar bass notes start."""
    return np.asarray(window.onsets.reshape(-1, STEPS).sum(axis=0), float)


def bass_degrees(window: Grid) -> Floats:
    """Semitones above the root, octaves aside."""
    notes = window.pitch[window.onsets]
    return np.bincount((notes - find_root(notes)) % 12, minlength=12).astype(float)


def bass_intervals(window: Grid) -> Floats:
    """Steps from note to note in semitones; wider than an octave is one."""
    moves = np.clip(np.diff(window.pitch[window.onsets]), -_WIDEST, _WIDEST)
    return np.bincount(moves + _WIDEST, minlength=2 * _WIDEST + 1).astype(float)


def bass_gaps(window: Grid) -> Floats:
    """Steps from onset to onset."""
    gaps = np.minimum(np.diff(np.flatnonzero(window.onsets)), _LONGEST)
    return np.bincount(gaps, minlength=_LONGEST + 1).astype(float)


def bass_velocities(window: Grid) -> Floats:
    """How hard bass notes are played."""
    return np.histogram(window.velocity[window.onsets], _VELOCITIES)[0].astype(float)


DRUM_PROFILES: dict[str, Profile] = {
    "mix": drum_mix,
    "velocity": drum_velocities,
    **{f"onset_{name}": drum_profile(name) for name in ("kick", "snare", "clap", "closed_hat", "open_hat")},
}
BASS_PROFILES: dict[str, Profile] = {
    "onset": bass_onsets,
    "degree": bass_degrees,
    "interval": bass_intervals,
    "gap": bass_gaps,
    "velocity": bass_velocities,
}


def profiles_of_songs(windows: Sequence[Grid], profile: Profile) -> Floats:
    """The mean profile of each song, each window weighing the same; songs without any are left out; (songs, bins)."""
    by_song: dict[str, list[Floats]] = defaultdict(list)
    for window in windows:
        counts = profile(window)
        if counts.sum():
            by_song[window.group].append(counts / counts.sum())
    return np.array([np.mean(rows, axis=0) for rows in by_song.values()])


def compare_profiles(first: Floats, second: Floats, rng: np.random.Generator) -> Interval | None:
    """The Jensen-Shannon distance of two sets of songs; None where one is empty.

    Drawing songs anew can only widen the distance, so the interval is shifted by the bias that the draws show.
    """
    if not len(first) or not len(second):
        return None
    value = jensen_shannon(first.mean(axis=0), second.mean(axis=0))
    drawn = [
        jensen_shannon(*(songs[rng.integers(len(songs), size=len(songs))].mean(axis=0) for songs in (first, second)))
        for _ in range(DRAWS // 2)
    ]
    low, high = np.percentile(drawn, (2.5, 97.5)) - (np.mean(drawn) - value)
    return Interval(value, float(max(low, 0)), float(min(high, 1)))


def profile_floor(songs: Floats, rng: np.random.Generator, splits: int) -> tuple[float, ...]:
    """The distances between random halves of the songs."""
    if len(songs) < _LEAST_SONGS:
        return ()
    found = []
    for _ in range(splits):
        order = rng.permutation(len(songs))
        halves = songs[order[: len(songs) // 2]], songs[order[len(songs) // 2 :]]
        found.append(jensen_shannon(halves[0].mean(axis=0), halves[1].mean(axis=0)))
    return tuple(found)
