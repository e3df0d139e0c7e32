"""Where the windows of a track lie, in seconds of its recording and in bars, and the notes in each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from technogen.dataset.config import DatasetConfig
from technogen.midi.swinging import play_swing
from technogen.score import BEATS_PER_BAR, TICKS_PER_BAR, TICKS_PER_BEAT, Control, Note, Score, make_monophonic
from technogen.score.notes import DRUM_TICKS, ControlName, crop
from technogen.transcription import Transcription

SLACK_SECONDS = 0.05
"""A window may begin this much before the recording, or end this much after it: loops are cut by hand."""
_EARLY_SECONDS = 0.03
"""What is heard this much before a bar line that was followed belongs to the bar after it."""
_CLOCK_TEMPO = 120.0
Place = Callable[[float], float]
"""From seconds of the recording to beats of the window."""


@dataclass(frozen=True, slots=True)
class Music:
    """What is known of a track before it is cut.

    Attributes:
        seconds: How long it is.
        score: On one grid; None where there is none, or the ear did not listen.
        offset: The seconds of the score's tick 0, a bar line; may be negative.
        heard: The events of a recording, in seconds; None of MIDI files, or where the ear did not listen.
    """

    seconds: float
    score: Score | None = None
    offset: float = 0.0
    heard: Transcription | None = None

    @property
    def tempo(self) -> float | None:
        """Beats a minute, where it is constant."""
        return self.score.tempo if self.score else None

    @property
    def marks(self) -> tuple[float, ...]:
        """The beats that were followed, in seconds, where there is no grid."""
        return self.heard.beats if self.heard else ()


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a track.

    Attributes:
        start_seconds: Its start in the recording; a little below 0 where the first bar line lies before it.
        seconds: Its length.
        start_bar: Its start in bars from the first bar line; None where no bars are known.
        bars: Its length in bars; None where no bars are known.
    """

    start_seconds: float
    seconds: float
    start_bar: float | None = None
    bars: float | None = None


def cut_windows(music: Music, config: DatasetConfig) -> list[Window]:
    """Every window of a track that lies in it whole; none where it is too short, or has no beats to cut by."""
    if config.window_by == "none":
        return [_take_whole(music)]
    if config.window_by == "seconds":
        return list(_cut_seconds(music, config.window_length, config.window_hop))
    beats = BEATS_PER_BAR if config.window_by == "bars" else 1
    length, hop = int(config.window_length), int(config.window_hop)
    if music.score:
        return list(_cut_grid(music, music.score.tempo, (length * beats, hop * beats), beats))
    return list(_cut_marks(music, length, hop, beats))


def window_score(music: Music, window: Window) -> Score:
    """The notes of a window as a score that begins where it begins.

    On a grid, a window that starts on a beat keeps swing and straight ticks; one that does not has its notes where
    they are heard. Without a constant tempo a window of bars has its own mean tempo and follows the beats in it, and
    a window of seconds counts 120 beats a minute, so that a beat is half a second.
    """
    if music.score:
        return _score_on_grid(music.score, music.offset, window)
    if music.heard is None:
        raise AssertionError("notes of a track that was not listened to")
    return _score_by_events(music.heard, window)


def _take_whole(music: Music) -> Window:
    if music.score is None:
        return Window(0.0, music.seconds)
    seconds = max(music.seconds - music.offset, 60 / music.score.tempo)
    return Window(music.offset, seconds, 0.0, seconds * music.score.tempo / 60 / BEATS_PER_BAR)


def _cut_seconds(music: Music, length: float, hop: float) -> Iterator[Window]:
    bar = BEATS_PER_BAR * 60 / music.score.tempo if music.score else None
    for i in range(math.floor((music.seconds - length + 1e-6) / hop) + 1):
        start = i * hop
        at = None if bar is None else round((start - music.offset) / bar, 6)
        yield Window(round(start, 6), length, at, None if bar is None else round(length / bar, 6))


def _cut_grid(music: Music, tempo: float, counts: tuple[int, int], unit: int) -> Iterator[Window]:
    """Windows of so many beats (length, hop), from the first bar line or beat (`unit` beats) of the recording on."""
    length, hop = counts
    beat = 60 / tempo
    first = max(0, math.ceil((-music.offset - SLACK_SECONDS) / (unit * beat))) * unit
    last = (music.seconds + SLACK_SECONDS - music.offset) / beat - length
    for at in range(first, math.floor(last) + 1, hop):
        start = round(music.offset + at * beat, 6)
        yield Window(start, length * beat, at / BEATS_PER_BAR, length / BEATS_PER_BAR)


def _cut_marks(music: Music, length: int, hop: int, unit: int) -> Iterator[Window]:
    """Windows from beat to beat, or from bar line to bar line, of a track whose tempo drifts."""
    marks = music.marks
    if unit > 1 and music.heard:
        marks = music.heard.downbeats
    for i in range(0, len(marks) - length, hop):
        start, end = marks[i], marks[i + length]
        yield Window(start, round(end - start, 6), i * unit / BEATS_PER_BAR, length * unit / BEATS_PER_BAR)


def _score_on_grid(score: Score, offset: float, window: Window) -> Score:
    ticks_a_second = score.tempo / 60 * TICKS_PER_BEAT
    start = round((window.start_seconds - offset) * ticks_a_second)
    length = max(1, round(window.seconds * ticks_a_second))
    if start % TICKS_PER_BEAT:
        return _clip(play_swing(score), start, length)
    return _clip(score, start, length)


def _clip(score: Score, start: int, length: int) -> Score:
    """The ticks from `start` on as a score of as many bars as they touch; `start` may lie before the score."""
    end, bars = start + length, -(-length // TICKS_PER_BAR)
    if start % TICKS_PER_BAR == 0 and length % TICKS_PER_BAR == 0 and start >= 0 and end <= score.length:
        return score[start // TICKS_PER_BAR : end // TICKS_PER_BAR]
    before = {c.name: replace(c, tick=0) for c in score.controls if c.tick <= start}
    within = [replace(c, tick=c.tick - start) for c in score.controls if start < c.tick < end]
    return replace(
        score,
        bars=bars,
        drums=tuple(replace(n, start=n.start - start) for n in score.drums if start <= n.start < end),
        bass=tuple(crop(n, start, end, True) for n in score.bass if start <= n.start < end),
        controls=(*before.values(), *within),
        sections=tuple(
            replace(s, bar=s.bar - start // TICKS_PER_BAR)
            for s in score.sections
            if start % TICKS_PER_BAR == 0 and start <= s.bar * TICKS_PER_BAR < end
        ),
    )


def _score_by_events(heard: Transcription, window: Window) -> Score:
    start, end = window.start_seconds, window.start_seconds + window.seconds
    tempo, place = _follow_clock(start)
    first, last = start, end
    if window.bars is not None:
        tempo, place = _follow_beats(heard.beats, start, end, window.bars * BEATS_PER_BAR)
        first, last = start - _EARLY_SECONDS, end - _EARLY_SECONDS
    beats = max(1.0, place(end))
    length = -(-round(beats * TICKS_PER_BEAT) // TICKS_PER_BAR) * TICKS_PER_BAR

    def tick(seconds: float) -> int:
        return min(max(0, round(place(seconds) * TICKS_PER_BEAT)), length - 1)

    drums = [Note(tick(h.time), DRUM_TICKS, h.pitch, h.velocity) for h in heard.drums if first <= h.time < last]
    bass = [
        Note(tick(n.start), max(1, tick(n.end) - tick(n.start)), n.pitch, n.velocity, n.slide)
        for n in heard.bass
        if first <= n.start < last
    ]
    curves: tuple[tuple[ControlName, Iterable[tuple[float, float]]], ...] = (
        ("cutoff", heard.cutoff),
        ("resonance", heard.resonance),
    )
    controls = [
        Control(tick(at), name, round(min(127.0, max(0.0, value))))
        for name, curve in curves
        for at, value in curve
        if first <= at < last
    ]
    return Score(tempo, length // TICKS_PER_BAR, tuple(drums), make_monophonic(bass, length), controls=tuple(controls))


def _follow_clock(start: float) -> tuple[float, Place]:
    return _CLOCK_TEMPO, lambda seconds: (seconds - start) * _CLOCK_TEMPO / 60


def _follow_beats(marks: tuple[float, ...], start: float, end: float, beats: float) -> tuple[float, Place]:
    """The mean tempo of a window that starts on a beat, and where in it a moment lies, in beats."""
    inside = [m for m in marks if start - 1e-6 <= m <= end + 1e-6]
    numbers = np.arange(len(inside)) if len(inside) > beats else np.linspace(0, beats, len(inside))
    tempo = round(min(400.0, max(20.0, 60 * beats / (end - start))), 2)
    return tempo, lambda seconds: float(np.interp(seconds, inside, numbers))
