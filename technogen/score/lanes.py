"""Music drawn in lanes over time, wrapped into rows: sections, a drum step grid, a bass line, filter curves.

Positions are in any one unit of time (ticks of a score, seconds of a recording); `Sheet.row` says how much fills a row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from technogen.score import signs, svg
from technogen.score.drums import DRUM_NAMES

GUTTER = 96.0
_PIECE = 13.0  # the height of a drum row
_RULER = 30.0
_CURVES = 30.0
_GAP = 8.0
_BETWEEN_ROWS = 20.0
_FROM_TOP = (49, 51, 56, 75, 70, 62, 63, 64, 46, 42, 39, 37, 38, 50, 47, 43, 36)


@dataclass(frozen=True, slots=True)
class Hit:
    """A drum hit at a position; confidence 0..1."""

    at: float
    pitch: int
    velocity: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Tone:
    """A bass note from a position to another; `slide_to` is the pitch that it glides to, if it does.

    `accent_confidence` and `slide_confidence` are of the flags, whether set or not.
    """

    start: float
    end: float
    pitch: int
    accent: bool = False
    slide_to: int | None = None
    confidence: float = 1.0
    accent_confidence: float = 1.0
    slide_confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: weight 0 for a step, 1 for a beat, 2 for a bar; a label stands above it."""

    at: float
    weight: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A knob over time: points of (position, 0..127), each held until the next."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is drawn.

    Attributes:
        length: The end, in units of time.
        row: What fills a row, in the same unit.
        step: The width of a drum hit.
        width: The pixels of a full row, without margins and names.
        hits, tones, marks, curves: What the lanes hold.
        sections: (position, label), ascending.
    """

    length: float
    row: float
    step: float
    width: float
    hits: tuple[Hit, ...] = ()
    tones: tuple[Tone, ...] = ()
    marks: tuple[Mark, ...] = ()
    curves: tuple[Curve, ...] = ()
    sections: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Markup and the height that it takes."""

    markup: str
    height: float


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Where the lanes of every row lie, in pixels from the top of the row."""

    pieces: tuple[int, ...]
    low: int
    high: int
    drums: float
    bass: float
    curves: float
    bottom: float

    def pitch_y(self, pitch: float) -> float:
        return self.bass + (self.high - pitch + 0.5) * self.semitone

    @property
    def semitone(self) -> float:
        return (self.curves - _GAP - self.bass) / (self.high - self.low + 1) if self.high > self.low else 0.0

    @property
    def tone_height(self) -> float:
        return min(8.0, max(5.5, self.semitone))


def draw_sheet(sheet: Sheet, top: float) -> Block:
    """Draw all rows of a sheet, from a height on."""
    lanes = _lay_out(sheet)
    rows = max(1, math.ceil(sheet.length / sheet.row))
    height = lanes.bottom + _BETWEEN_ROWS
    parts = [
        svg.element(
            "g", {"transform": f"translate({signs.MARGIN:g} {top + k * height:g})"}, *_draw_row(sheet, lanes, k)
        )
        for k in range(rows)
    ]
    return Block("".join(parts), rows * height - _BETWEEN_ROWS)


def _lay_out(sheet: Sheet) -> _Lanes:
    used = {h.pitch for h in sheet.hits}
    named = tuple(p for p in _FROM_TOP if p in used)
    pieces = (*sorted(used - set(named), reverse=True), *named)
    pitches = [t.pitch for t in sheet.tones]
    low, high = (min(pitches) - 2, max(pitches) + 2) if pitches else (0, 0)
    bass = _RULER + len(pieces) * _PIECE + (_GAP if pieces else 0)
    roll = min(112.0, max(52.0, (high - low + 1) * 6.0)) if pitches else 0.0
    curves = bass + roll + (_GAP if pitches else 0)
    bottom = curves + _CURVES if sheet.curves else curves - (_GAP if pitches else 0)
    if not (pieces or pitches or sheet.curves):
        bottom = _RULER + 40
    return _Lanes(pieces, low, high, _RULER, bass, curves, bottom)


def _draw_row(sheet: Sheet, lanes: _Lanes, index: int) -> list[str]:
    start = index * sheet.row
    end = min(sheet.length, start + sheet.row)
    scale = sheet.width / sheet.row
    width = (end - start) * scale
    inside = [
        *_draw_backgrounds(lanes, width, bool(sheet.curves)),
        *_draw_marks(sheet, lanes, start, end),
        *_draw_hits(sheet, lanes, start, end),
        *_draw_tones(sheet, lanes, start, end),
        *_draw_curves(sheet, lanes, start, end),
    ]
    below_ruler = svg.clip_parts(GUTTER, 0, width + 1, lanes.bottom + 1, *inside)
    names = _draw_names(sheet, lanes)
    return [*names, *_draw_sections(sheet, start, end), *_draw_labels(sheet, start, end), below_ruler]


def _draw_backgrounds(lanes: _Lanes, width: float, curves: bool) -> list[str]:
    rows = [lanes.drums + k * _PIECE for k in range(0, len(lanes.pieces), 2)]
    parts = [svg.draw_box(0, y, width, _PIECE, {"fill": svg.BAND}) for y in rows]
    if lanes.semitone:
        height = lanes.curves - _GAP - lanes.bass
        parts.append(svg.draw_box(0, lanes.bass, width, height, {"fill": svg.BAND}))
        octaves = [p for p in range(lanes.low, lanes.high + 1) if p % 12 == 0]
        for pitch in octaves:
            y = lanes.pitch_y(pitch - 0.5)
            parts.append(svg.draw_path([(0, y), (width, y)], {"stroke": svg.BEAT_LINE, "stroke-dasharray": "1 3"}))
    if curves:
        parts.append(svg.draw_box(0, lanes.curves, width, _CURVES, {"fill": svg.BAND}))
    return parts


def _draw_marks(sheet: Sheet, lanes: _Lanes, start: float, end: float) -> list[str]:
    scale = sheet.width / sheet.row
    colours = (svg.STEP_LINE, svg.BEAT_LINE, svg.BAR_LINE)
    bottoms = (lanes.bass - _GAP if lanes.pieces else lanes.bottom, lanes.bottom, lanes.bottom)
    parts = []
    for weight, colour in enumerate(colours):
        xs = [(m.at - start) * scale + 0.5 for m in sheet.marks if m.weight == weight and start <= m.at <= end]
        parts.append(svg.draw_rules(xs, _RULER, bottoms[weight], {"stroke": colour, "stroke-width": 1}))
    return parts


def _draw_labels(sheet: Sheet, start: float, end: float) -> list[str]:
    scale = sheet.width / sheet.row
    labelled = [m for m in sheet.marks if m.label and start <= m.at < end]
    place: svg.Attributes = {"font-size": 10, "class": "bar"}
    return [svg.draw_text(GUTTER + (m.at - start) * scale + 1, _RULER - 4, m.label, place) for m in labelled]


def _draw_sections(sheet: Sheet, start: float, end: float) -> list[str]:
    scale = sheet.width / sheet.row
    ends = [*(at for at, _ in sheet.sections[1:]), sheet.length]
    shown = [(max(at, start), min(until, end), label) for (at, label), until in zip(sheet.sections, ends)]
    return [
        signs.draw_section(GUTTER + (left - start) * scale, 0, (right - left) * scale, label)
        for left, right, label in shown
        if right > left
    ]


def _draw_names(sheet: Sheet, lanes: _Lanes) -> list[str]:
    right: svg.Attributes = {"text-anchor": "end"}
    parts = [
        svg.draw_text(GUTTER - 8, lanes.drums + k * _PIECE + 10, DRUM_NAMES.get(pitch, f"note {pitch}"), right)
        for k, pitch in enumerate(lanes.pieces)
    ]
    parts += [
        svg.draw_text(GUTTER - 8, lanes.pitch_y(pitch) + 3.5, signs.name_pitch(pitch), right)
        for pitch in _labelled_pitches(sheet, lanes)
    ]
    for k, curve in enumerate(sheet.curves):
        colour = {**right, "fill": svg.FILTER}
        parts.append(svg.draw_text(GUTTER - 8, lanes.curves + 11 + 13 * k, curve.name, colour))
    return parts


def _labelled_pitches(sheet: Sheet, lanes: _Lanes) -> list[int]:
    used = sorted({t.pitch for t in sheet.tones})
    octaves = [p for p in range(lanes.low, lanes.high + 1) if used and p % 12 == 0]
    labelled: list[int] = []
    for pitch in [*used[:1], *used[-1:], *octaves, *used]:
        if all(abs(pitch - other) * lanes.semitone >= 11 for other in labelled):
            labelled.append(pitch)
    return labelled


def _draw_hits(sheet: Sheet, lanes: _Lanes, start: float, end: float) -> list[str]:
    scale = sheet.width / sheet.row
    width = max(2.5, sheet.step * scale - 1.5)
    parts = []
    for hit in sheet.hits:
        if not start <= hit.at < end:
            continue
        x = (hit.at - start) * scale + 1.25
        y = lanes.drums + lanes.pieces.index(hit.pitch) * _PIECE + 1.5
        shade = 0.18 + 0.82 * (hit.velocity / 127) ** 1.6
        look = signs.shade_fill(svg.DRUM, shade, hit.confidence)
        parts.append(svg.draw_box(x, y, width, _PIECE - 3, {"class": "hit", "rx": 1.5, **look}))
        if hit.velocity >= 100:
            parts.append(svg.draw_box(x, y, width, 2.2, {"class": "hit-accent", "rx": 1, "fill": svg.ACCENT}))
    return parts


def _draw_tones(sheet: Sheet, lanes: _Lanes, start: float, end: float) -> list[str]:
    bodies, glides = [], []
    for tone in sheet.tones:
        here = start <= tone.start < end
        if not here and not (tone.start < start < tone.end):
            if not (tone.slide_to is not None and tone.end == start > 0):
                continue
        else:
            bodies.append(_draw_body(sheet, lanes, tone, start))
        if tone.slide_to is not None and start <= tone.end <= end:
            glides.append(_draw_slide(sheet, lanes, tone, start))
    return [*glides, *bodies]


def _draw_body(sheet: Sheet, lanes: _Lanes, tone: Tone, start: float) -> str:
    scale = sheet.width / sheet.row
    height = lanes.tone_height + (2 if tone.accent else 0)
    x, until = (max(tone.start, start) - start) * scale, (tone.end - start) * scale
    kind = ("note" if tone.start >= start else "note-rest") + (" accent" if tone.accent else "")
    y = lanes.pitch_y(tone.pitch) - height / 2
    box = x + 0.5, y, max(4.0, until - x - 0.5), height
    sure = not tone.accent or tone.accent_confidence >= signs.SURE
    look = signs.shade_fill(svg.ACCENT if tone.accent and sure else svg.BASS, 1.0, tone.confidence)
    body = svg.draw_box(*box, {"class": kind, "rx": 1.5, **look})
    if sure:
        return body
    return body + svg.draw_box(*box[:3], 2.2, {"class": "accent-unsure", "rx": 1, "fill": svg.ACCENT})


def _draw_slide(sheet: Sheet, lanes: _Lanes, tone: Tone, start: float) -> str:
    scale = sheet.width / sheet.row
    assert tone.slide_to is not None
    x, reach = (tone.end - start) * scale, min(6.0, sheet.step * scale * 0.5)
    colour = svg.ACCENT if tone.accent else svg.BASS
    ends = (x - reach, lanes.pitch_y(tone.pitch)), (x + reach, lanes.pitch_y(tone.slide_to))
    again = tone.end == start > 0
    kind = "slide-rest" if again else "slide"
    return signs.draw_glide(*ends, colour, lanes.tone_height * 0.4, kind, min(tone.confidence, tone.slide_confidence))


def _draw_curves(sheet: Sheet, lanes: _Lanes, start: float, end: float) -> list[str]:
    scale = sheet.width / sheet.row
    parts = []
    for curve in sheet.curves:
        before = [p for p in curve.points if p[0] <= start][-1:]
        points = [(max(0.0, at - start) * scale, value) for at, value in curve.points if start < at < end]
        points = [*((0.0, value) for _, value in before), *points]
        if points:
            parts.append(_draw_curve(curve.name, points, lanes.curves, (end - start) * scale))
    return parts


def _draw_curve(name: str, points: list[tuple[float, float]], top: float, width: float) -> str:
    corners: list[tuple[float, float]] = []
    for (x, value), until in zip(points, [*(x for x, _ in points[1:]), width]):
        y = top + (_CURVES - 2) * (1 - value / 127) + 1
        corners += [(x, y), (until, y)]
    line: svg.Attributes = {"class": "curve", "fill": "none", "stroke": svg.FILTER, "stroke-width": 1.4}
    if name != "cutoff":
        return svg.draw_path(corners, {**line, "stroke-dasharray": "3 2.5", "stroke-opacity": 0.8})
    floor = top + _CURVES
    area = [(corners[0][0], floor), *corners, (corners[-1][0], floor)]
    return svg.draw_path(area, {"fill": svg.FILTER, "fill-opacity": 0.18}, closed=True) + svg.draw_path(corners, line)
