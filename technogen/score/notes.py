"""Notes, filter movement and sections, and how a line of notes is put in order. All positions in ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Real
from operator import index
from typing import Literal

from technogen.errors import ScoreError

TICKS_PER_BEAT = 480
BEATS_PER_BAR = 4
TICKS_PER_BAR = TICKS_PER_BEAT * BEATS_PER_BAR
TICKS_PER_STEP = TICKS_PER_BEAT // 4
"""A step is a 16th note."""

ACCENT_VELOCITY = 100
DRUM_TICKS = 60
"""How long a drum hit is held in a file; its sound does not depend on it."""

MIN_TEMPO, MAX_TEMPO = 20.0, 400.0
MAX_BARS = 20_000
MAX_TICK = 2**31
_NOTE_RANGES = (("start", 0, MAX_TICK), ("duration", 1, MAX_TICK), ("pitch", 0, 127), ("velocity", 1, 127))

Part = Literal["drums", "bass"]
ControlName = Literal["cutoff", "resonance"]


def check_range(name: str, value: int, low: int, high: int) -> int:
    """The value as a plain int, if it is a whole number in low..high.

    Raises:
        ScoreError: If it is not.
    """
    try:
        number = index(value)
    except TypeError:
        raise ScoreError(f"{name} must be a whole number in {low}..{high}, got {value!r}") from None
    if not low <= number <= high:
        raise ScoreError(f"{name} must be in {low}..{high}, got {number}")
    return int(number)


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One hit or one note.

    Attributes:
        start: Ticks from the start of the score.
        duration: Ticks; the overlap that a slide has in a file does not count.
        pitch: MIDI note number; of a drum, its piece (see `technogen.score.DRUM_NAMES`).
        velocity: 1..127; 100 and above is an accent.
        slide: Whether the pitch glides into the next note, which starts where this one ends.
    """

    start: int
    duration: int
    pitch: int
    velocity: int
    slide: bool = False

    def __post_init__(self) -> None:
        if self._is_plain():
            return
        for name, low, high in _NOTE_RANGES:
            object.__setattr__(self, name, check_range(f"note {name}", getattr(self, name), low, high))
        object.__setattr__(self, "slide", bool(self.slide))

    def _is_plain(self) -> bool:
        """Whether nothing has to be converted or refused: scores of thousands of notes are made all the time."""
        start, duration, pitch, velocity = self.start, self.duration, self.pitch, self.velocity
        if not (type(start) is type(duration) is type(pitch) is type(velocity) is int and type(self.slide) is bool):
            return False
        return 0 <= start <= MAX_TICK and 0 < duration <= MAX_TICK and 0 <= pitch <= 127 and 0 < velocity <= 127

    @property
    def accent(self) -> bool:
        """Whether the note is accented: velocity 100 or above."""
        return self.velocity >= ACCENT_VELOCITY

    @property
    def end(self) -> int:
        """The tick where the note ends."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """A point of a filter curve, which holds its value until the next point.

    Attributes:
        tick: Ticks from the start of the score.
        name: The knob that moves.
        value: 0..127; cutoff is logarithmic from 314 to 2394 Hz.
    """

    tick: int
    name: ControlName
    value: int

    def __post_init__(self) -> None:
        if self.name not in ("cutoff", "resonance"):
            raise ScoreError(f"a control moves 'cutoff' or 'resonance', got {self.name!r}")
        object.__setattr__(self, "tick", check_range("control tick", self.tick, 0, MAX_TICK))
        object.__setattr__(self, "value", check_range("control value", self.value, 0, 127))


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """The start of a section.

    Attributes:
        bar: Counted from 0.
        label: "intro", "build", "drop", "breakdown", "outro", or any other name.
    """

    bar: int
    label: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "bar", check_range("section bar", self.bar, 0, MAX_BARS))
        if not isinstance(self.label, str) or not 0 < len(self.label) <= 100:
            raise ScoreError(f"a section label must have 1..100 characters, got {self.label!r}")


def make_monophonic(notes: Iterable[Note], length: int) -> tuple[Note, ...]:
    """Notes of any polyphony as a line: each ends where the next starts, of a chord the lowest note is kept.

    Notes that start at or after `length` are left out. Slides are kept where they still lead into the next note.
    """
    line: list[Note] = []
    for note in sorted(notes):
        if note.start >= length or (line and line[-1].start == note.start):
            continue
        if line and line[-1].end > note.start:
            line[-1] = replace(line[-1], duration=note.start - line[-1].start)
        line.append(note)
    return tuple(replace(n, duration=min(n.end, length) - n.start) for n in line)


def check_number(name: str, value: float, low: float, high: float, unit: str) -> float:
    """The value rounded to 0.01, if it is a number in low..high.

    Raises:
        ScoreError: If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ScoreError(f"{name} must be a number in {low:g}..{high:g} {unit}, got {value!r}")
    if not low <= value <= high:
        raise ScoreError(f"{name} must be in {low:g}..{high:g} {unit}, got {value:g}")
    return round(float(value), 2)


def tidy_drums(notes: Iterable[Note], length: int) -> tuple[Note, ...]:
    """Hits sorted, one a piece and tick (the loudest), held for `DRUM_TICKS` or until the next hit of the piece.

    Raises:
        ScoreError: If a hit starts at or after `length`.
    """
    loudest: dict[tuple[int, int], Note] = {}
    for note in notes:
        if note.start >= length:
            raise ScoreError(f"a drum hit at tick {note.start} lies after the last bar ({length} ticks)")
        held = loudest.get((note.start, note.pitch))
        if held is None or note.velocity > held.velocity:
            loudest[note.start, note.pitch] = note
    tidy: list[Note] = []
    next_start: dict[int, int] = {}
    for (start, pitch), note in sorted(loudest.items(), reverse=True):
        duration = min(DRUM_TICKS, next_start.get(pitch, length) - start)
        kept = note.duration == duration and not note.slide
        tidy.append(note if kept else Note(start, duration, pitch, note.velocity))
        next_start[pitch] = start
    return tuple(reversed(tidy))


def tidy_bass(notes: Iterable[Note], length: int) -> tuple[Note, ...]:
    """Notes sorted, without the slides that lead nowhere.

    Raises:
        ScoreError: If notes overlap, or one ends after `length`.
    """
    line = sorted(notes)
    for note, following in zip(line, line[1:]):
        if note.end > following.start:
            raise ScoreError(
                f"bass is one line: the note at tick {note.start} ends at {note.end}, after the next starts "
                f"({following.start}); technogen.score.make_monophonic mends that"
            )
    if line and line[-1].end > length:
        last = line[-1]
        raise ScoreError(f"the bass note at tick {last.start} ends at {last.end}, after the last bar ({length} ticks)")
    tidy = [_tidy_slide(note, following) for note, following in zip(line, line[1:])]
    if line:
        tidy.append(_tidy_slide(line[-1], replace(line[0], start=line[0].start + length)))
    return tuple(tidy)


def _tidy_slide(note: Note, following: Note) -> Note:
    leads = note.end == following.start and note.pitch != following.pitch
    return replace(note, slide=False) if note.slide and not leads else note


def crop(note: Note, start: int, end: int, cut: bool) -> Note:
    """A bass note of the ticks start..end, counted from `start`; of a part of the music (`cut`), no slide leads out."""
    slide = note.slide and not (cut and note.end >= end)
    return replace(note, start=note.start - start, duration=min(note.end, end) - note.start, slide=slide)


def later(notes: tuple[Note, ...], ticks: int) -> tuple[Note, ...]:
    """Notes moved to later ticks."""
    return tuple(replace(n, start=n.start + ticks) for n in notes)
