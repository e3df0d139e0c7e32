"""A score: music in ticks, one loop or a whole track, in 4/4, at one tempo. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogen.errors import ScoreError
from technogen.score.notes import (
    ACCENT_VELOCITY,
    BEATS_PER_BAR,
    DRUM_TICKS,
    MAX_BARS,
    MAX_TEMPO,
    MIN_TEMPO,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
    Control,
    ControlName,
    Note,
    Part,
    Section,
    check_number,
    check_range,
    crop,
    later,
    make_monophonic,
    tidy_bass,
    tidy_drums,
)

if TYPE_CHECKING:
    import pretty_midi

__all__ = [
    "ACCENT_VELOCITY",
    "BEATS_PER_BAR",
    "DRUM_TICKS",
    "MAX_BARS",
    "MAX_TEMPO",
    "MIN_TEMPO",
    "TICKS_PER_BAR",
    "TICKS_PER_BEAT",
    "TICKS_PER_STEP",
    "Control",
    "ControlName",
    "Note",
    "Part",
    "Score",
    "Section",
    "make_monophonic",
]


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
        put("tempo", check_number("tempo", self.tempo, MIN_TEMPO, MAX_TEMPO, "beats a minute"))
        put("bars", check_range("bars", self.bars, 1, MAX_BARS))
        put("swing", check_number("swing", self.swing, 0.5, 0.75, "(0.5 is straight)"))
        put("drums", tidy_drums(self.drums, self.length))
        put("bass", tidy_bass(self.bass, self.length))
        put("controls", tuple(sorted({(c.tick, c.name): c for c in self.controls}.values())))
        put("sections", tuple(sorted({s.bar: s for s in self.sections}.values())))
        if self.controls and self.controls[-1].tick >= self.length:
            tick = self.controls[-1].tick
            raise ScoreError(f"a control at tick {tick} lies after the last bar ({self.length} ticks)")
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
        try:
            first, last, _ = bars.indices(self.bars)
        except TypeError:
            raise ScoreError(f"a score is sliced by whole bars, as in score[0:4], got {bars!r}") from None
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
            bass=tuple(crop(n, start, end, cut) for n in self.bass if start <= n.start < end),
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
            drums=self.drums + later(other.drums, self.length),
            bass=self.bass + later(other.bass, self.length),
            swing=self.swing,
            controls=self.controls + tuple(replace(c, tick=c.tick + self.length) for c in other.controls),
            sections=self.sections + tuple(replace(s, bar=s.bar + self.bars) for s in other.sections),
        )

    def repeated(self, times: int) -> Score:
        """The score played several times over; a last note that slides into the first does so each time."""
        starts = range(0, check_range("times", times, 1, MAX_BARS) * self.bars, self.bars)
        ticks = [bar * TICKS_PER_BAR for bar in starts]
        return replace(
            self,
            bars=len(starts) * self.bars,
            drums=tuple(n for tick in ticks for n in later(self.drums, tick)),
            bass=tuple(n for tick in ticks for n in later(self.bass, tick)),
            controls=tuple(replace(c, tick=c.tick + tick) for tick in ticks for c in self.controls),
            sections=tuple(replace(s, bar=s.bar + bar) for bar in starts for s in self.sections),
        )

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
