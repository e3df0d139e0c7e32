"""Transcriptions as one SVG: the waveform with beats, bars and sections, then the first bars as a step grid and lanes.

Time in seconds above; below it in the ticks of the score, or in seconds where there is no constant tempo.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Score, lanes, signs, svg
from technogen.score.picture import describe_bars, make_sheet
from technogen.transcription.types import BassNote, DrumHit, Grid, Transcription

T = TypeVar("T")

WIDTH = 1400.0
BARS_SHOWN = 16
_BARS_PER_ROW = 4
_WIDEST_STEP = 40.0
SECONDS_SHOWN = 32.0
"""Of a recording without a constant tempo."""
_SECONDS_PER_ROW = 8.0

_LEFT = signs.MARGIN + lanes.GUTTER
_INNER = WIDTH - _LEFT - signs.MARGIN
_WAVE_TOP = 98.0
_WAVE_HEIGHT = 110.0
_EVENTS_HEIGHT = 44.0
_WAVE, _WAVE_CORE = "#a9b4cf", "#5a6b99"


@dataclass(frozen=True, slots=True)
class _Overview:
    """The strip that shows the whole recording."""

    seconds: float
    height: float

    def x(self, seconds: float) -> float:
        return _LEFT + _INNER * min(1.0, max(0.0, seconds / self.seconds))


def draw_transcription(transcription: Transcription, audio: Audio | None = None) -> str:
    """Draw a transcription as one standalone SVG.

    Above, the whole recording: its waveform (without audio: its events), beat and bar lines, sections. Below, its
    first 16 bars, or its first 32 seconds where the tempo is not constant: drums by piece, the bass with accents and
    slides, filter curves; what is less certain is fainter.

    Args:
        transcription: What was found.
        audio: The recording that it was found in.
    """
    sheet = _score_sheet(transcription, transcription.score) if transcription.score else _seconds_sheet(transcription)
    overview = _Overview(_find_length(transcription, audio), _WAVE_HEIGHT if audio else _EVENTS_HEIGHT)
    wave = _draw_wave(overview, audio) if audio else _draw_events(overview, transcription)
    grid_top = _WAVE_TOP + overview.height + 56
    block = lanes.draw_sheet(sheet, grid_top)
    parts = [
        signs.draw_title(34, _headline(transcription), _details(transcription)),
        _draw_confidence(transcription),
        *_draw_sections(overview, transcription),
        svg.draw_box(_LEFT, _WAVE_TOP, _INNER, overview.height, {"fill": svg.BAND}),
        wave,
        _draw_beats(overview, transcription),
        _draw_clock(overview),
        _draw_extent(overview, transcription, sheet),
        svg.draw_text(_LEFT, grid_top - 12, _describe_extent(transcription), {"font-size": 12, "fill": svg.INK}),
        signs.draw_legend(WIDTH - signs.MARGIN, grid_top - 12, confidence=True),
        block.markup,
    ]
    return svg.frame_picture(WIDTH, grid_top + block.height + signs.MARGIN, _headline(transcription), *parts)


def _find_length(transcription: Transcription, audio: Audio | None) -> float:
    ends = [transcription.duration, audio.seconds if audio else 0.0]
    ends += [*transcription.beats[-1:], *(h.time for h in transcription.drums), *(n.end for n in transcription.bass)]
    return max(*ends, 0.001)


def _headline(transcription: Transcription) -> str:
    return "no constant tempo" if transcription.tempo is None else f"{transcription.tempo:g} bpm"


def _details(transcription: Transcription) -> str:
    words = [describe_bars(transcription.score.bars)] if transcription.score else []
    if transcription.tempo is not None:
        words.append(f"swing {transcription.swing:.0%}" if transcription.swing != 0.5 else "straight")
    words += [_count(len(transcription.drums), "drum hit"), _count(len(transcription.bass), "bass note")]
    if transcription.tempo is not None:
        words += [f"or {round(tempo, 2):g} bpm" for tempo, _ in transcription.tempo_candidates[1:2]]
    return " · ".join(words)


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _draw_confidence(transcription: Transcription) -> str:
    """A meter for each part, from the right."""
    parts = []
    x = WIDTH - signs.MARGIN - 4
    for name, value in reversed(list(transcription.confidence.items())[:5]):
        sure = min(1.0, max(0.0, float(np.nan_to_num(value))))
        x -= 132
        parts += [
            svg.draw_text(x + 66, 32, name, {"text-anchor": "end"}),
            svg.draw_box(x + 73, 25, 36, 6, {"rx": 3, "fill": svg.FRAME}),
            svg.draw_box(x + 73, 25, 36 * sure, 6, {"rx": 3, "fill": svg.BASS if sure >= 0.5 else svg.ACCENT}),
            svg.draw_text(x + 114, 32, f"{sure:.2f}", {"fill": svg.INK}),
        ]
    return "".join(parts)


def _draw_sections(overview: _Overview, transcription: Transcription) -> list[str]:
    starts = [s.start for s in transcription.sections]
    parts = []
    for section, until in zip(transcription.sections, [*starts[1:], overview.seconds]):
        left, right = overview.x(section.start), overview.x(until)
        parts.append(signs.draw_section(left, _WAVE_TOP - 34, right - left, section.label))
    return parts


def _draw_wave(overview: _Overview, audio: Audio) -> str:
    """The envelope of each pixel column, and within it the root mean square."""
    samples = np.nan_to_num(audio.mono(), posinf=0, neginf=0)
    columns = min(int(_INNER), len(samples))
    if not columns:
        return ""
    edges = np.linspace(0, len(samples), columns, endpoint=False).astype(int)
    loudest = max(1e-9, float(np.abs(samples).max()))
    highs, lows = np.maximum.reduceat(samples, edges) / loudest, np.minimum.reduceat(samples, edges) / loudest
    power = np.add.reduceat(samples.astype(np.float64) ** 2, edges) / np.diff([*edges, len(samples)])
    core = np.sqrt(power) / loudest
    xs = [_LEFT + _INNER * audio.seconds / overview.seconds * (k + 0.5) / columns for k in range(columns)]
    return _draw_envelope(overview, xs, (highs, lows), _WAVE) + _draw_envelope(overview, xs, (core, -core), _WAVE_CORE)


def _draw_envelope(
    overview: _Overview, xs: list[float], bounds: tuple[NDArray[np.floating], NDArray[np.floating]], colour: str
) -> str:
    middle, half = _WAVE_TOP + overview.height / 2, overview.height / 2 - 3
    upper = [(x, middle - half * float(high) - 0.3) for x, high in zip(xs, bounds[0])]
    lower = [(x, middle - half * float(low) + 0.3) for x, low in zip(xs, bounds[1])]
    return svg.draw_path(
        [*upper, *reversed(lower)], {"class": "wave", "fill": colour, "fill-opacity": 0.85}, closed=True
    )


def _draw_events(overview: _Overview, transcription: Transcription) -> str:
    """Drums in the upper half, bass in the lower: what stands for the waveform where there is no audio."""
    middle = _WAVE_TOP + overview.height / 2
    drums = [overview.x(h.time) for h in transcription.drums]
    bass = [(overview.x(n.start), overview.x(n.end)) for n in transcription.bass]
    lines = "".join(f"M{a:.1f} {middle + 10:.1f}H{max(b, a + 1):.1f}" for a, b in bass)
    return svg.draw_rules(drums, _WAVE_TOP + 5, middle - 2, {"stroke": svg.DRUM, "stroke-opacity": 0.45}) + (
        svg.element("path", {"d": lines, "stroke": svg.BASS, "stroke-width": 8, "stroke-opacity": 0.75})
        if lines
        else ""
    )


def _draw_beats(overview: _Overview, transcription: Transcription) -> str:
    """Beat and bar lines as far apart as can be told apart, and the numbers of bars."""
    top, bottom = _WAVE_TOP, _WAVE_TOP + overview.height
    bars = set(transcription.downbeats)
    beats = [b for b in transcription.beats if b not in bars]
    parts = []
    if _spacing(overview, transcription.beats) >= 5:
        parts.append(
            svg.draw_rules(
                [overview.x(b) for b in beats],
                top,
                bottom,
                {"class": "beats", "stroke": svg.BAR_LINE, "stroke-opacity": 0.3},
            )
        )
    spacing = _spacing(overview, transcription.downbeats)
    lines, numbered = (_thin_out(transcription.downbeats, spacing, least) for least in (11, 30))
    sure = transcription.confidence.get("downbeat", 1.0)
    dashes = None if sure >= signs.SURE else "4 3"
    style: svg.Attributes = {"class": "bars", "stroke": svg.INK, "stroke-opacity": 0.55, "stroke-dasharray": dashes}
    parts.append(svg.draw_rules([overview.x(b) for b in lines], top, bottom, style))
    parts.append(svg.draw_rules([overview.x(b) for b in numbered], top - 10, top, style))
    number = _bar_numbers(transcription)
    for bar in numbered:
        parts.append(svg.draw_text(overview.x(bar) + 3, top - 3, str(number(bar)), {"font-size": 9.5}))
    return "".join(parts)


def _spacing(overview: _Overview, times: Sequence[float]) -> float:
    if len(times) < 2:
        return _INNER
    return (overview.x(times[-1]) - overview.x(times[0])) / (len(times) - 1)


def _thin_out(times: Sequence[float], spacing: float, least: float) -> Sequence[float]:
    """Every first, second, fourth, ... so that they are at least so many pixels apart."""
    every = 1
    while every * max(spacing, 1e-6) < least:
        every *= 2
    return times[::every]


def _bar_numbers(transcription: Transcription) -> Callable[[float], int]:
    """Bars as the score counts them, from 1; without one, in the order of the downbeats."""
    tempo = transcription.tempo
    if tempo is not None:
        return lambda seconds: round((seconds - transcription.offset) * tempo / 240) + 1
    return lambda seconds: bisect_left(transcription.downbeats, seconds) + 1


def _draw_clock(overview: _Overview) -> str:
    every = next((s for s in (1, 2, 5, 10, 30, 60, 300, 600) if _INNER * s / overview.seconds >= 50), 1800)
    y = _WAVE_TOP + overview.height + 14
    marks = range(0, int(overview.seconds) + 1, every)
    return "".join(
        svg.draw_text(overview.x(s), y, f"{s // 60}:{s % 60:02d}", {"font-size": 9.5, "text-anchor": "middle"})
        for s in marks
    )


def _draw_extent(overview: _Overview, transcription: Transcription, sheet: lanes.Sheet) -> str:
    """A bar under the waveform for what is drawn below it."""
    start, end = 0.0, sheet.length
    if transcription.score is not None:
        grid = Grid(transcription.score.tempo, transcription.offset)
        start, end = grid.seconds_at(0), grid.seconds_at(int(sheet.length))
    left, right = overview.x(start), overview.x(end)
    return svg.draw_box(left, _WAVE_TOP + overview.height, right - left, 3, {"rx": 1.5, "fill": svg.DRUM})


def _describe_extent(transcription: Transcription) -> str:
    score = transcription.score
    if score is None:
        whole = _find_length(transcription, None) <= SECONDS_SHOWN
        return "The recording in seconds" if whole else f"The first {SECONDS_SHOWN:g} seconds"
    if score.bars <= BARS_SHOWN:
        return describe_bars(score.bars)
    return f"The first {BARS_SHOWN} of {score.bars} bars"


def _score_sheet(transcription: Transcription, score: Score) -> lanes.Sheet:
    sheet = make_sheet(score, BARS_SHOWN)
    row_bars = min(_BARS_PER_ROW, score.bars)
    grid = Grid(score.tempo, transcription.offset, score.swing)
    drums = _find_nearest([(grid.tick_at(h.time), h.pitch, h.confidence) for h in transcription.drums])
    bass = _find_nearest([(grid.tick_at(n.start), n.pitch, n) for n in transcription.bass])
    return replace(
        sheet,
        row=row_bars * TICKS_PER_BAR,
        width=min(_INNER, row_bars * TICKS_PER_BAR / TICKS_PER_STEP * _WIDEST_STEP),
        hits=tuple(_fade(h, drums(h.at, h.pitch)) for h in sheet.hits),
        tones=tuple(_doubt(t, bass(t.start, t.pitch)) for t in sheet.tones),
    )


def _doubt(tone: lanes.Tone, note: BassNote | None) -> lanes.Tone:
    """A tone as sure as the note that it was written from."""
    if note is None:
        return tone
    flags = note.accent_confidence, note.slide_confidence
    return replace(tone, confidence=note.confidence, accent_confidence=flags[0], slide_confidence=flags[1])


def _fade(hit: lanes.Hit, confidence: float | None) -> lanes.Hit:
    return hit if confidence is None else replace(hit, confidence=confidence)


def _find_nearest(events: list[tuple[int, int, T]]) -> Callable[[float, int], T | None]:
    """A look-up of what comes with the event of a pitch nearest to a tick, within a step; None where there is none."""
    by_pitch: dict[int, list[tuple[int, T]]] = {}
    for tick, pitch, value in sorted(events, key=lambda event: event[:2]):
        by_pitch.setdefault(pitch, []).append((tick, value))

    def look_up(tick: float, pitch: int) -> T | None:
        known = by_pitch.get(pitch, [])
        at = bisect_left(known, tick, key=lambda event: event[0])
        distance = {i: abs(known[i][0] - tick) for i in (at - 1, at) if 0 <= i < len(known)}
        near = min(distance, key=lambda i: distance[i], default=-1)
        return known[near][1] if distance and distance[near] <= TICKS_PER_STEP else None

    return look_up


def _seconds_sheet(transcription: Transcription) -> lanes.Sheet:
    length = min(SECONDS_SHOWN, _find_length(transcription, None))
    bars = set(transcription.downbeats)
    marks = [lanes.Mark(b, 2 if b in bars else 1, f"{b:.1f} s" if b in bars else "") for b in transcription.beats]
    curves = [("cutoff", transcription.cutoff), ("resonance", transcription.resonance)]
    return lanes.Sheet(
        length=length,
        row=min(_SECONDS_PER_ROW, length),
        step=0.1,
        width=_INNER,
        hits=tuple(_hit(h) for h in transcription.drums if h.time < length),
        tones=tuple(_tone(transcription.bass, k) for k, n in enumerate(transcription.bass) if n.start < length),
        marks=tuple(m for m in marks if 0 <= m.at <= length),
        curves=tuple(lanes.Curve(name, points) for name, points in curves if points),
        sections=tuple((s.start, s.label) for s in transcription.sections if s.start < length),
    )


def _hit(hit: DrumHit) -> lanes.Hit:
    return lanes.Hit(max(0.0, hit.time), hit.pitch, hit.velocity, hit.confidence)


def _tone(line: tuple[BassNote, ...], index: int) -> lanes.Tone:
    note = line[index]
    glides = note.slide and index + 1 < len(line)
    return lanes.Tone(
        max(0.0, note.start),
        note.end,
        note.pitch,
        note.accent,
        line[index + 1].pitch if glides else None,
        note.confidence,
        note.accent_confidence,
        note.slide_confidence,
    )
