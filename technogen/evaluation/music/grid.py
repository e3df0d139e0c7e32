"""Scores as arrays on the grid of 16ths, which all figures of music are taken of, and the windows cut from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Score

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
View = Literal["drums", "bass", "joint"]

VIEWS: tuple[View, ...] = ("drums", "bass", "joint")
STEPS = TICKS_PER_BAR // TICKS_PER_STEP
"""Steps a bar."""

DRUM_CLASSES: dict[str, tuple[int, ...]] = {
    "kick": (35, 36),
    "snare": (38, 40),
    "clap": (39,),
    "rim": (37,),
    "closed_hat": (42, 44),
    "open_hat": (46,),
    "tom": (41, 43, 45, 47, 48, 50),
    "crash": (49, 52, 55, 57),
    "ride": (51, 53, 59),
}
"""The classes that are told apart, by General MIDI note; other percussion is left out."""
KICK, SNARE, CLAP, RIM, CLOSED_HAT, OPEN_HAT, TOM, CRASH, RIDE = range(len(DRUM_CLASSES))
_CLASS_OF = {note: at for at, notes in enumerate(DRUM_CLASSES.values()) for note in notes}
_LEAST_HITS, _LEAST_NOTES = 2, 1.5


@dataclass(frozen=True, slots=True)
class Grid:
    """A piece, or a window of one, on the grid.

    Attributes:
        name: Of the piece.
        group: Of the song that it belongs to; what is drawn, held out and split is always whole groups.
        drums: Velocities, 0 where there is no hit; (steps, 9), by `DRUM_CLASSES`.
        pitch: Of the bass note that starts; -1 where none does; (steps,).
        velocity: Of that note; (steps,).
        length: Of that note, in steps; (steps,).
        slide: Whether it slides into the next; (steps,).
    """

    name: str
    group: str
    drums: Ints
    pitch: Ints
    velocity: Ints
    length: Floats
    slide: Bools

    @property
    def bars(self) -> int:
        """How many bars there are."""
        return len(self.pitch) // STEPS

    @property
    def hits(self) -> Bools:
        """Where drums are hit; (steps, 9)."""
        hits: Bools = self.drums > 0
        return hits

    @property
    def onsets(self) -> Bools:
        """Where bass notes start; (steps,)."""
        onsets: Bools = self.pitch >= 0
        return onsets

    def cut(self, first: int, last: int) -> Grid:
        """The bars first..last; those past the end begin again."""
        at = np.arange(first * STEPS, last * STEPS) % len(self.pitch)
        parts = (self.drums[at], self.pitch[at], self.velocity[at], self.length[at], self.slide[at])
        return Grid(self.name, self.group, *parts)


def lay_out(score: Score, name: str = "", group: str | None = None) -> Grid:
    """Put a score on the grid: onsets go to the nearest 16th; of notes that meet, the loudest or lowest stays.

    Args:
        score: Any score.
        name: What it is called.
        group: The song that it belongs to; by default it is a song of its own.
    """
    steps = score.bars * STEPS
    drums, pitch, velocity = np.zeros((steps, len(DRUM_CLASSES)), int), np.full(steps, -1), np.zeros(steps, int)
    length, slide = np.zeros(steps), np.zeros(steps, bool)
    for note in score.drums:
        at, piece = _step_of(note.start, steps), _CLASS_OF.get(note.pitch)
        if piece is not None:
            drums[at, piece] = max(drums[at, piece], note.velocity)
    for note in score.bass:
        at = _step_of(note.start, steps)
        if pitch[at] < 0 or note.pitch < pitch[at]:
            pitch[at], velocity[at], slide[at] = note.pitch, note.velocity, note.slide
            length[at] = note.duration / TICKS_PER_STEP
    return Grid(name, name if group is None else group, drums, pitch, velocity, length, slide)


def has_music(grid: Grid, view: View) -> bool:
    """Whether a view of a window holds enough to be measured: 2 hits and 1.5 notes a bar."""
    drums = bool(grid.hits.sum() >= _LEAST_HITS * grid.bars)
    bass = bool(grid.onsets.sum() >= _LEAST_NOTES * grid.bars)
    return {"drums": drums, "bass": bass, "joint": drums and bass}[view]


def find_root(pitch: Ints) -> int:
    """The lowest note of the commonest pitch class; 0 where no note starts."""
    notes = pitch[pitch >= 0]
    if not len(notes):
        return 0
    common = np.bincount(notes % 12, minlength=12).argmax()
    return int(notes[notes % 12 == common].min())


def name_window(grid: Grid, view: View) -> bytes:
    """What a window is known by: its onsets, and its pitches above the root."""
    bass = np.where(grid.onsets, grid.pitch - find_root(grid.pitch), -99).astype(np.int16).tobytes()
    drums = grid.hits.tobytes()
    return {"drums": drums, "bass": bass, "joint": drums + bass}[view]


def cut_windows(pieces: Iterable[Grid], view: View, bars: int, most: int, rng: np.random.Generator) -> list[Grid]:
    """The windows of each piece: those with music, each once, and no more than `most` of a piece, drawn.

    A piece that is shorter than a window is looped to fill one.
    """
    windows: list[Grid] = []
    for piece in pieces:
        found = list(_new_windows(piece, view, bars))
        if len(found) > most:
            found = [found[at] for at in sorted(rng.choice(len(found), most, replace=False))]
        windows += found
    return windows


def cut_phrases(pieces: Iterable[Grid], bars: int = 16, *, most: int = 4) -> list[Grid]:
    """Phrases of up to 16 bars with both parts, for figures of form; pieces of less than 8 bars have none."""
    phrases: list[Grid] = []
    for piece in pieces:
        length = min(piece.bars, bars)
        if length < bars // 2:
            continue
        cut = [piece.cut(at, at + length) for at in range(0, piece.bars - length + 1, length)]
        found = [phrase for phrase in cut if has_music(phrase, "joint")]
        phrases += found[:: max(1, -(-len(found) // most))]
    return phrases


def name_groups(grids: Sequence[Grid]) -> list[str]:
    """The groups of pieces or windows, in their order."""
    return [grid.group for grid in grids]


def _step_of(tick: int, steps: int) -> int:
    return min((tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP, steps - 1)


def _new_windows(piece: Grid, view: View, bars: int) -> Iterator[Grid]:
    seen = set()
    for first in range(0, max(piece.bars - bars, 0) + 1, bars):
        window = piece.cut(first, first + bars)
        if has_music(window, view) and (key := name_window(window, view)) not in seen:
            seen.add(key)
            yield window
