"""Scores as inline SVG for notebooks and reports: a drum step grid over a bass lane. No scripts."""

from __future__ import annotations

from technogen.score import lanes, signs, svg
from technogen.score.types import TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP, Note, Score

BARS_PER_ROW = 8
MAX_BARS_SHOWN = 64
_ROW_PIXELS = 1264.0
_WIDEST_STEP = 22.0
_NARROWEST = 640.0  # room for the title and the legend


def draw_score(score: Score) -> str:
    """Draw a score as one inline SVG: drums by piece, the bass with accents and slides, filter curves, sections.

    The shade of a hit is its velocity. Rows hold eight bars; of a longer score the first 64 bars are drawn, and the
    picture says so.
    """
    sheet = make_sheet(score, MAX_BARS_SHOWN)
    width = max(_NARROWEST, sheet.width + lanes.GUTTER + 2 * signs.MARGIN)
    block = lanes.draw_sheet(sheet, 54.0)
    title = f"{score.tempo:g} bpm, {describe_bars(score.bars)}"
    header = [
        signs.draw_title(31, f"{score.tempo:g} bpm", _describe(score)),
        signs.draw_legend(width - signs.MARGIN, 31, confidence=False),
    ]
    return svg.frame_picture(width, 54 + block.height + signs.MARGIN, title, *header, block.markup)


def make_sheet(score: Score, most_bars: int) -> lanes.Sheet:
    """Lay a score out in lanes, in ticks; what starts after the first `most_bars` bars is left out."""
    bars = min(score.bars, most_bars)
    row_bars = min(BARS_PER_ROW, bars)
    length = bars * TICKS_PER_BAR
    steps = row_bars * TICKS_PER_BAR // TICKS_PER_STEP
    return lanes.Sheet(
        length=length,
        row=row_bars * TICKS_PER_BAR,
        step=TICKS_PER_STEP,
        width=min(_ROW_PIXELS, steps * _WIDEST_STEP),
        hits=tuple(lanes.Hit(n.start, n.pitch, n.velocity) for n in score.drums if n.start < length),
        tones=tuple(_tone(score.bass, k) for k, n in enumerate(score.bass) if n.start < length),
        marks=_make_marks(bars),
        curves=_make_curves(score),
        sections=tuple((s.bar * TICKS_PER_BAR, s.label) for s in score.sections if s.bar < bars),
    )


def describe_bars(bars: int) -> str:
    """A number of bars in words."""
    return "1 bar" if bars == 1 else f"{bars} bars"


def _describe(score: Score) -> str:
    words = [describe_bars(score.bars)]
    if score.swing != 0.5:
        words.append(f"swing {score.swing:.0%}")
    if not score.drums and not score.bass:
        words.append("no notes")
    if score.bars > MAX_BARS_SHOWN:
        words.append(f"the first {MAX_BARS_SHOWN} are shown")
    return " · ".join(words)


def _tone(line: tuple[Note, ...], index: int) -> lanes.Tone:
    note = line[index]
    following = line[(index + 1) % len(line)]
    return lanes.Tone(note.start, note.end, note.pitch, note.accent, following.pitch if note.slide else None)


def _make_marks(bars: int) -> tuple[lanes.Mark, ...]:
    marks = []
    for tick in range(0, bars * TICKS_PER_BAR + 1, TICKS_PER_STEP):
        bar, beat = tick // TICKS_PER_BAR, tick % TICKS_PER_BAR // TICKS_PER_BEAT
        weight = 2 if tick % TICKS_PER_BAR == 0 else 1 if tick % TICKS_PER_BEAT == 0 else 0
        label = "" if weight == 0 else str(bar + 1) if beat == 0 else ""
        marks.append(lanes.Mark(tick, weight, label if bar < bars else ""))
    return tuple(marks)


def _make_curves(score: Score) -> tuple[lanes.Curve, ...]:
    curves = []
    for name in ("cutoff", "resonance"):
        points = tuple((float(c.tick), float(c.value)) for c in score.controls if c.name == name)
        if points:
            curves.append(lanes.Curve(name, points))
    return tuple(curves)
