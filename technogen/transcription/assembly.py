"""Where seconds become ticks: the events of a recording and its grid as a score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Control, Note, Score, Section, make_monophonic
from technogen.score.types import ControlName
from technogen.transcription.types import BassNote, DrumHit, Grid, SectionStart

_STEP_SLACK = 40  # ticks: what lies closer than this to a 16th was meant to be on it
_CONTROL_TICKS = TICKS_PER_BAR // 4
Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Events:
    """All that was heard, in seconds."""

    drums: tuple[DrumHit, ...] = ()
    bass: tuple[BassNote, ...] = ()
    cutoff: tuple[tuple[float, float], ...] = ()
    resonance: tuple[tuple[float, float], ...] = ()
    sections: tuple[SectionStart, ...] = ()


def assemble_score(events: Events, grid: Grid, seconds: float) -> Score:
    """Write events to the grid.

    Tick 0 is the grid's offset; the bars cover the recording. Onsets move to the nearest 16th where one is near, and
    keep their tick otherwise; note ends keep theirs.

    Args:
        events: What was heard.
        grid: Tempo, offset and swing.
        seconds: The length of the recording.
    """
    heard = max(
        [seconds - 0.5 * 4 * grid.beat_seconds, *(h.time for h in events.drums), *(n.start for n in events.bass)]
    )
    bars = max(1, math.ceil((heard - grid.offset) / (4 * grid.beat_seconds) - 1e-3))
    length = bars * TICKS_PER_BAR
    return Score(
        tempo=grid.tempo,
        bars=bars,
        drums=tuple(_drum_notes(events.drums, grid, length)),
        bass=_bass_line(events.bass, grid, length),
        swing=round(grid.swing, 2),
        controls=(
            *_controls("cutoff", events.cutoff, grid, length),
            *_controls("resonance", events.resonance, grid, length),
        ),
        sections=tuple(_sections(events.sections, grid, bars)),
    )


def snap_tick(seconds: float, grid: Grid) -> int:
    """The straight tick of an onset: that of the nearest 16th where it is close to one, never below 0."""
    tick = grid.tick_at(seconds)
    step = (tick + TICKS_PER_STEP // 2) // TICKS_PER_STEP * TICKS_PER_STEP
    return max(0, step if abs(step - tick) <= _STEP_SLACK else tick)


def _drum_notes(hits: Sequence[DrumHit], grid: Grid, length: int) -> list[Note]:
    placed = [(snap_tick(h.time, grid), h) for h in hits if h.time >= grid.offset - 0.05]
    return [Note(tick, TICKS_PER_STEP // 2, h.pitch, h.velocity) for tick, h in placed if tick < length]


def _bass_line(notes: Sequence[BassNote], grid: Grid, length: int) -> tuple[Note, ...]:
    line: list[Note] = []
    starts = [snap_tick(n.start, grid) for n in notes]
    for i, (note, start) in enumerate(zip(notes, starts)):
        end = starts[i + 1] if note.slide and i + 1 < len(notes) else grid.tick_at(note.end)
        if start < length:
            line.append(Note(start, max(1, end - start), note.pitch, note.velocity, note.slide))
    return make_monophonic(line, length)


def _controls(name: ControlName, curve: Curve, grid: Grid, length: int) -> list[Control]:
    """A point each beat where the curve has moved."""
    points: dict[int, int] = {}
    for seconds, value in curve:
        tick = max(0, grid.tick_at(seconds)) // _CONTROL_TICKS * _CONTROL_TICKS
        if tick < length:
            points.setdefault(tick, round(min(127.0, max(0.0, value))))
    kept: list[Control] = []
    for tick, level in sorted(points.items()):
        if not kept or abs(kept[-1].value - level) >= 2:
            kept.append(Control(tick, name, level))
    return kept


def _sections(sections: Sequence[SectionStart], grid: Grid, bars: int) -> list[Section]:
    placed = [(round(grid.tick_at(s.start) / TICKS_PER_BAR), s.label) for s in sections]
    return [Section(max(0, bar), label) for bar, label in placed if bar < bars]


def shift_grid(grid: Grid, seconds: float) -> Grid:
    """The same grid with its tick 0 moved by whole bars, so that it lies at or before `seconds`."""
    bar = 4 * grid.beat_seconds
    return replace(grid, offset=grid.offset - math.ceil(max(0.0, grid.offset - seconds) / bar) * bar)
