"""What transcription finds, in seconds of the recording, and the grid where seconds and ticks meet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from technogen.score import ACCENT_VELOCITY, TICKS_PER_BEAT, Part, Score, straight_tick, swing_tick


@dataclass(frozen=True, slots=True, order=True)
class DrumHit:
    """A drum hit: seconds, General MIDI drum note, velocity 1..127, confidence 0..1."""

    time: float
    pitch: int
    velocity: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, order=True)
class BassNote:
    """A bass note: seconds, MIDI pitch, velocity, whether it glides into the next note, confidence 0..1.

    `accent_confidence` and `slide_confidence` say how sure it is that it has, or has not, an accent and a slide.
    """

    start: float
    end: float
    pitch: int
    velocity: int
    slide: bool = False
    confidence: float = 1.0
    accent_confidence: float = 1.0
    slide_confidence: float = 1.0

    @property
    def accent(self) -> bool:
        """Whether the note is accented."""
        return self.velocity >= ACCENT_VELOCITY


@dataclass(frozen=True, slots=True)
class SectionStart:
    """The start of a section in seconds, and its name."""

    start: float
    label: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Drum notes of a pattern that are silent in a bar of a repeat; `bar` counts from the start of the score."""

    bar: int
    pitches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A loop that a part repeats: what most of its repeats play.

    Bars count from the start of the transcription's score.

    Attributes:
        label: "A", "B" and so on, in the order of appearance within the part.
        part: "drums" or "bass".
        score: One, two or four bars of that part.
        bars: The first bar of each repeat, ascending.
        mutes: Where drums of it are silent.
        fills: Bars at the end of a phrase whose second half is another one than the pattern's.
    """

    label: str
    part: Part
    score: Score
    bars: tuple[int, ...]
    mutes: tuple[Mute, ...] = ()
    fills: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """One constant tempo over a whole recording: the one place where seconds meet ticks.

    Attributes:
        tempo: Beats a minute, a multiple of 0.01.
        offset: The seconds of tick 0, which is a bar line; may be negative.
        swing: 0.5 (straight) to 0.75.
        confidence: 0..1.
    """

    tempo: float
    offset: float
    swing: float = 0.5
    confidence: float = 1.0

    @property
    def beat_seconds(self) -> float:
        """The length of a beat in seconds."""
        return 60 / self.tempo

    def seconds_at(self, tick: int) -> float:
        """When a straight tick is heard, swing included."""
        return self.offset + swing_tick(tick, self.swing) / TICKS_PER_BEAT * self.beat_seconds

    def tick_at(self, seconds: float) -> int:
        """The straight tick of a moment, swing taken out; negative before the offset."""
        played = math.floor((seconds - self.offset) / self.beat_seconds * TICKS_PER_BEAT + 0.5)
        return straight_tick(played, self.swing)


@dataclass(frozen=True, slots=True)
class Transcription:
    """A recording as music: the events in seconds of the recording, and the score on one exact grid.

    Attributes:
        score: On the grid; None where there is no constant tempo.
        tempo: Beats a minute; None where it is not constant.
        swing: 0.5 (straight) to 0.75.
        offset: The seconds of the score's tick 0, a bar line; may be negative.
        beats, downbeats: Seconds, ascending; every downbeat is also a beat.
        drums, bass: Events, ascending.
        cutoff, resonance: Filter curves as (seconds, 0..127).
        sections: Sections, ascending.
        patterns: The loops that the drums and the bass repeat, and the bars where they do.
        confidence: 0..1 for "tempo", "downbeat", "drums" and "bass".
        tempo_candidates: (beats a minute, weight) of the likeliest tempos, best first.
        duration: The length of the recording in seconds.
    """

    score: Score | None
    tempo: float | None
    swing: float
    offset: float
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    drums: tuple[DrumHit, ...] = ()
    bass: tuple[BassNote, ...] = ()
    cutoff: tuple[tuple[float, float], ...] = ()
    resonance: tuple[tuple[float, float], ...] = ()
    sections: tuple[SectionStart, ...] = ()
    confidence: dict[str, float] = field(default_factory=dict)
    tempo_candidates: tuple[tuple[float, float], ...] = ()
    duration: float = 0.0
    patterns: tuple[Pattern, ...] = ()

    def save(self, path: str | Path) -> None:
        """Write `.mid`, `.json` or `.beats` (Sonic Visualiser), by the ending."""
        from technogen.transcription.files import save_transcription  # noqa: PLC0415

        save_transcription(self, path)

    def _repr_html_(self) -> str:
        from technogen.transcription.picture import draw_transcription  # noqa: PLC0415

        return f"<div>{draw_transcription(self)}</div>"
