"""Which found events are which true ones, by mir_eval; times in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from technogen.errors import MissingBackendError

Times = NDArray[np.float64]
Indices = NDArray[np.int64]

ONE_EVENT_SECONDS = 0.015
"""Events of one kind that follow each other faster than this are one."""
_NOTE_ROUNDING = 0.5e-4
"""mir_eval rounds the distances of notes to a tenth of a millisecond."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events were found, of how many.

    Attributes:
        matched: Events found where they truly are.
        truth: Events of the truth.
        found: Events of the prediction.
    """

    matched: int = 0
    truth: int = 0
    found: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.matched + other.matched, self.truth + other.truth, self.found + other.found)

    @property
    def precision(self) -> float | None:
        """The share of what was found that is true; None where nothing was found."""
        return self.matched / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """The share of what is true that was found; None where nothing is true."""
        return self.matched / self.truth if self.truth else None

    @property
    def f_measure(self) -> float | None:
        """The harmonic mean of precision and recall; None where there is nothing on either side."""
        both = self.truth + self.found
        return 2 * self.matched / both if both else None


def require_mir_eval() -> None:
    """Check that mir_eval is installed.

    Raises:
        MissingBackendError: If it is not; the message holds the line that installs it.
    """
    if find_spec("mir_eval") is None:
        raise MissingBackendError("mir_eval is not installed; install it by: pip install 'technogen[evaluate]'")


def first_of_each(times: ArrayLike) -> Indices:
    """The positions, in order of time, of events that do not follow another within 15 ms; of equal times the first."""
    values = np.asarray(times, float)
    order = np.argsort(values, kind="stable")
    return order[np.diff(values[order], prepend=-np.inf) > ONE_EVENT_SECONDS]


def match_times(truth: ArrayLike, found: ArrayLike, window: float) -> Indices:
    """The largest set of pairs of events that are at most `window` seconds apart, each in one pair at most.

    Args:
        truth: Ascending times in seconds, (n,).
        found: Likewise, (m,).
        window: In seconds, to each side.

    Returns:
        Positions in `truth` and in `found`, (pairs, 2).

    References:
        Raffel et al., "mir_eval: A Transparent Implementation of Common MIR Metrics", ISMIR 2014.
    """
    import mir_eval.util  # noqa: PLC0415

    a, b = np.asarray(truth, float), np.asarray(found, float)
    pairs = mir_eval.util.match_events(a, b, window) if len(a) and len(b) else []
    return np.array(pairs, np.int64).reshape(-1, 2)


def match_notes(truth: Sequence[tuple[float, int]], found: Sequence[tuple[float, int]], window: float) -> Indices:
    """The largest set of pairs of notes of one pitch whose onsets are at most `window` seconds apart.

    The same as mir_eval's note matching within 50 cents and without offsets, for pitches that are whole semitones;
    but pitch by pitch, so that hours of notes fit into memory.

    Args:
        truth: Onset in seconds and pitch in semitones of each note.
        found: Likewise.
        window: In seconds, to each side.

    Returns:
        Positions in `truth` and in `found`, ascending by the first, (pairs, 2).
    """
    pairs = [np.empty((0, 2), np.int64)]
    for pitch in sorted({p for _, p in truth} & {p for _, p in found}):
        here, there = _of_pitch(truth, pitch), _of_pitch(found, pitch)
        matched = match_times([truth[i][0] for i in here], [found[j][0] for j in there], window + _NOTE_ROUNDING)
        pairs.append(np.stack([here[matched[:, 0]], there[matched[:, 1]]], axis=1))
    together = np.concatenate(pairs)
    return together[np.argsort(together[:, 0], kind="stable")]


def count_times(truth: ArrayLike, found: ArrayLike, window: float) -> Counts:
    """Count the pairs of `match_times` among events that do not follow another within 15 ms."""
    a, b = (np.asarray(x, float)[first_of_each(x)] for x in (truth, found))
    return Counts(len(match_times(a, b, window)), len(a), len(b))


def _of_pitch(notes: Sequence[tuple[float, int]], pitch: int) -> Indices:
    """The positions of the notes of a pitch, by onset."""
    positions = [i for i, (_, p) in enumerate(notes) if p == pitch]
    return np.array(sorted(positions, key=lambda i: notes[i][0]), np.int64)
