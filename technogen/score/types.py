"""Music in ticks: notes, filter movement and sections of one loop, in 4/4, at one tempo. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from technogen.errors import ScoreError

if TYPE_CHECKING:
    import pretty_midi

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

Part = Literal["drums", "bass"]
ControlName = Literal["cutoff", "resonance"]


def _check_range(name: str, value: int, low: int, high: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise ScoreError(f"{name} must be a whole number in {low}..{high}, got {value!r}") from None
    if not low <= number <= high:
        raise ScoreError(f"{name} must be in {low}..{high}, got {number}")
    return number


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
        for name, low, high in (("start", 0, 2**31), ("duration", 1, 2**31), ("pitch", 0, 127), ("velocity", 1, 127)):
            object.__setattr__(self, name, _check_range(f"note {name}", getattr(self, name), low, high))
        object.__setattr__(self, "slide", bool(self.slide))

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
        object.__setattr__(self, "tick", _check_range("control tick", self.tick, 0, 2**31))
        object.__setattr__(self, "value", _check_range("control value", self.value, 0, 127))


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
        object.__setattr__(self, "bar", _check_range("section bar", self.bar, 0, MAX_BARS))
        if not isinstance(self.label, str) or not 0 < len(self.label) <= 100:
            raise ScoreError(f"a section label must have 1..100 characters, got {self.label!r}")


@dataclass(frozen=True, slots=True)
class Score:
    """A loop, a pattern or a whole track: drums and one monophonic bassline.

    What is given is put in order: notes sorted, of two hits of one piece at one tick the louder kept, drum hits held
    for at most `DRUM_TICKS`, slides that lead nowhere (into a gap, or into the same pitch) taken off.

    Attributes:
        tempo: Beats a minute, 20..400, rounded to 0.01.
        bars: The length in bars of 4/4; counts even where the last bar is silent.
        drums: Hits, sorted by start and pitch.
        bass: Notes, sorted, none overlapping; the last may slide into the first.
        swing: Where the second 16th of each 8th falls once played: 0.5 (straight) to 0.75; the ticks here are straight.
        controls: Filter curves, sorted.
        sections: Sections, sorted, at most one a bar.

    Raises:
        ScoreError: If a value is out of range, a note lies outside the bars, or bass notes overlap.
    """

    tempo: float
    bars: int
    drums: tuple[Note, ...] = ()
    bass: tuple[Note, ...] = ()
    swing: float = 0.5
    controls: tuple[Control, ...] = ()
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        put: Callable[[str, Any], None] = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        put("tempo", _check_number("tempo", self.tempo, MIN_TEMPO, MAX_TEMPO, "beats a minute"))
        put("bars", _check_range("bars", self.bars, 1, MAX_BARS))
        put("swing", _check_number("swing", self.swing, 0.5, 0.75, "(0.5 is straight)"))
        put("drums", _tidy_drums(self.drums, self.length))
        put("bass", _tidy_bass(self.bass, self.length))
        put("controls", tuple(sorted({(c.tick, c.name): c for c in self.controls}.values())))
        put("sections", tuple(sorted({s.bar: s for s in self.sections}.values())))
        if self.controls and self.controls[-1].tick >= self.length:
            raise ScoreError(f"a control at tick {self.controls[-1].tick} lies after the last bar ({self.length} ticks)")
        if self.sections and self.sections[-1].bar >= self.bars:
            raise ScoreError(f"a section at bar {self.sections[-1].bar} lies after the last of {self.bars} bars")

    @property
    def length(self) -> int:
        """The length in ticks."""
        return self.bars * TICKS_PER_BAR

    @property
    def seconds(self) -> float:
        """The length in seconds at the score's tempo."""
        return self.bars * BEATS_PER_BAR * 60 / self.tempo

    def __getitem__(self, bars: slice) -> Score:
        """The bars of a slice as a score of its own, as in `score[4:8]`.

        A note belongs to the bar where it starts, and ends with the slice at the latest. Filter curves start at the
        value that they have there.
        """
        if not isinstance(bars, slice) or bars.step not in (None, 1):
            raise ScoreError(f"a score is sliced by bars, as in score[0:4], got {bars!r}")
        first, last, _ = bars.indices(self.bars)
        if last <= first:
            raise ScoreError(f"bars {first}..{last} of a score of {self.bars} bars are none")
        start, end = first * TICKS_PER_BAR, last * TICKS_PER_BAR
        cut = last < self.bars or first > 0
        before = {c.name: replace(c, tick=start) for c in self.controls if c.tick <= start}
        within = [c for c in self.controls if start < c.tick < end]
        return Score(
            tempo=self.tempo,
            bars=last - first,
            drums=tuple(replace(n, start=n.start - start) for n in self.drums if start <= n.start < end),
            bass=tuple(_crop(n, start, end, cut) for n in self.bass if start <= n.start < end),
            swing=self.swing,
            controls=tuple(replace(c, tick=c.tick - start) for c in (*before.values(), *within)),
            sections=tuple(replace(s, bar=s.bar - first) for s in self.sections if first <= s.bar < last),
        )

    def __add__(self, other: Score) -> Score:
        """This score followed by another, at this one's tempo and swing."""
        if not isinstance(other, Score):
            return NotImplemented
        return Score(
            tempo=self.tempo,
            bars=self.bars + other.bars,
            drums=self.drums + _later(other.drums, self.length),
            bass=self.bass + _later(other.bass, self.length),
            swing=self.swing,
            controls=self.controls + tuple(replace(c, tick=c.tick + self.length) for c in other.controls),
            sections=self.sections + tuple(replace(s, bar=s.bar + self.bars) for s in other.sections),
        )

    def repeated(self, times: int) -> Score:
        """The score played several times over."""
        score = self
        for _ in range(_check_range("times", times, 1, MAX_BARS) - 1):
            score = score + self
        return score

    def transposed(self, semitones: int) -> Score:
        """The bass moved up or down; drums stay.

        Raises:
            ScoreError: If a note would leave 0..127.
        """
        return replace(self, bass=tuple(replace(n, pitch=n.pitch + semitones) for n in self.bass))

    def muted(self, part: Part) -> Score:
        """The score without one part; the bass takes its filter curves with it."""
        if part not in ("drums", "bass"):
            raise ScoreError(f"a part is 'drums' or 'bass', got {part!r}")
        return replace(self, drums=()) if part == "drums" else replace(self, bass=(), controls=())

    def quantised(self) -> Score:
        """The score as tokens can say it; see `technogen.score.quantise_score`."""
        from technogen.score.quantising import quantise_score  # noqa: PLC0415

        return quantise_score(self)

    def save(self, path: str | Path) -> None:
        """Write a Standard MIDI File of type 1; an existing file is overwritten.

        Raises:
            OutputError: If the file cannot be written.
        """
        from technogen.midi import write_midi  # noqa: PLC0415

        write_midi(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Score:
        """Read a Standard MIDI File, ours or any other program's.

        Raises:
            MissingFileError: If there is no such file.
            MidiError: If it cannot be read.
        """
        from technogen.midi import read_midi  # noqa: PLC0415

        return read_midi(path)

    @classmethod
    def from_pretty_midi(cls, midi: pretty_midi.PrettyMIDI) -> Score:
        """Read a `pretty_midi.PrettyMIDI` as `load` reads a file."""
        from technogen.midi import score_from_pretty_midi  # noqa: PLC0415

        return score_from_pretty_midi(midi)

    def to_pretty_midi(self) -> pretty_midi.PrettyMIDI:
        """The score as a `pretty_midi.PrettyMIDI`, as `save` writes it."""
        from technogen.midi import score_to_pretty_midi  # noqa: PLC0415

        return score_to_pretty_midi(self)

    def _repr_html_(self) -> str:
        from technogen.score.picture import draw_score  # noqa: PLC0415

        return draw_score(self)


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


def _check_number(name: str, value: float, low: float, high: float, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ScoreError(f"{name} must be a number in {low:g}..{high:g} {unit}, got {value!r}")
    if not low <= value <= high:
        raise ScoreError(f"{name} must be in {low:g}..{high:g} {unit}, got {value:g}")
    return round(float(value), 2)


def _tidy_drums(notes: Iterable[Note], length: int) -> tuple[Note, ...]:
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
        tidy.append(note if note.duration == duration and not note.slide else Note(start, duration, pitch, note.velocity))
        next_start[pitch] = start
    return tuple(reversed(tidy))


def _tidy_bass(notes: Iterable[Note], length: int) -> tuple[Note, ...]:
    line = sorted(notes)
    for note, following in zip(line, line[1:]):
        if note.end > following.start:
            raise ScoreError(
                f"bass is one line: the note at tick {note.start} ends at {note.end}, after the next starts "
                f"({following.start}); technogen.score.make_monophonic mends that"
            )
    if line and line[-1].end > length:
        raise ScoreError(f"the bass note at tick {line[-1].start} ends at {line[-1].end}, after the last bar ({length})")
    tidy = [_tidy_slide(note, following) for note, following in zip(line, line[1:])]
    if line:
        tidy.append(_tidy_slide(line[-1], replace(line[0], start=line[0].start + length)))
    return tuple(tidy)


def _tidy_slide(note: Note, following: Note) -> Note:
    leads = note.end == following.start and note.pitch != following.pitch
    return replace(note, slide=False) if note.slide and not leads else note


def _crop(note: Note, start: int, end: int, cut: bool) -> Note:
    slide = note.slide and not (cut and note.end >= end)
    return replace(note, start=note.start - start, duration=min(note.end, end) - note.start, slide=slide)


def _later(notes: tuple[Note, ...], ticks: int) -> tuple[Note, ...]:
    return tuple(replace(n, start=n.start + ticks) for n in notes)
