"""A comparison as one HTML page without scripts: what stands out, pictures as SVG, and every figure in tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from technogen.evaluation.music.chapters import CHAPTERS, Chapter, measures_of
from technogen.evaluation.music.measures import Measure
from technogen.score.svg import (
    ACCENT,
    BAND,
    BASS,
    BEAT_LINE,
    DRUM,
    INK,
    clean_text,
    draw_box,
    draw_path,
    draw_rules,
    draw_text,
    frame_picture,
)

if TYPE_CHECKING:
    from technogen.evaluation.generation import GenerationFigures

_NAMES, _WIDTH, _NUMBERS, _ROW = 300.0, 340.0, 190.0, 20.0
_TABLES = ("originality", "diversity", "adherence", "validity")
_STYLE = """
body{max-width:62rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:#22252d;background:#fff}
h1,h2{line-height:1.2}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0}
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #dedad0}td.n{text-align:right}
.out{color:#b3261e;font-weight:600}svg{max-width:100%;height:auto}figure{margin:1rem 0}
figcaption{font-size:.9rem}
"""
_PROFILES = {
    "drums/onset_kick": "Where kicks fall in a bar",
    "drums/onset_closed_hat": "Where closed hats fall in a bar",
    "bass/onset": "Where bass notes start in a bar",
    "bass/degree": "Semitones above the root, octaves aside",
}


def write_page(figures: GenerationFigures, title: str) -> str:
    """The page.

    Args:
        figures: Of `technogen.evaluation.evaluate_generation`.
        title: Its heading.
    """
    body = "\n".join([*_opening(figures, title), *_chapters(figures), *_pictures(figures)])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{clean_text(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def draw_intervals(measures: Sequence[Measure], chapter: Chapter) -> str:
    """Values as dots with their intervals, over bands that show the noise floor."""
    height = 26 + _ROW * len(measures)
    marks = (chapter.low, (chapter.low + chapter.high) / 2, chapter.high)
    xs = [_x(mark, chapter.low, chapter.high) for mark in marks]
    parts = [draw_rules(xs, 4, height - 20, {"stroke": BEAT_LINE, "stroke-width": 1})]
    parts += [draw_text(x, height - 6, f"{mark:g}", {"text-anchor": "middle"}) for x, mark in zip(xs, marks)]
    for row, measure in enumerate(measures):
        parts += _draw_row(measure, chapter, 8 + _ROW * row)
    return frame_picture(_NAMES + _WIDTH + _NUMBERS, height, chapter.title, *parts)


def draw_profiles(ours: Sequence[float], theirs: Sequence[float], title: str, *, first: int = 1) -> str:
    """Two profiles as bars side by side: the generated in front, the reference as an outline."""
    width, height, top = 400.0, 120.0, max(*ours, *theirs, 1e-9)
    step = width / len(ours)
    parts = []
    for at, (our, their) in enumerate(zip(ours, theirs)):
        tall, other = our / top * height, their / top * height
        parts.append(draw_box(10 + at * step + 2, 14 + height - tall, step - 4, tall, {"fill": BASS, "opacity": 0.75}))
        line = [(10 + at * step, 14 + height - other), (10 + (at + 1) * step, 14 + height - other)]
        parts.append(draw_path(line, {"stroke": DRUM, "stroke-width": 2.5, "fill": "none"}))
        parts.append(draw_text(10 + (at + 0.5) * step, height + 27, str(at + first), {"text-anchor": "middle"}))
    return frame_picture(width + 20, height + 34, title, *parts)


def _draw_row(measure: Measure, chapter: Chapter, top: float) -> Iterator[str]:
    middle, low, high = top + _ROW / 2, chapter.low, chapter.high
    colour = ACCENT if measure.stands_out else INK
    yield draw_text(_NAMES - 10, middle + 4, measure.words, {"text-anchor": "end", "fill": INK, "font-size": 11.5})
    if measure.floor is not None:
        left, right = (_x(edge, low, high) for edge in measure.floor)
        yield draw_box(left, top + 3, right - left, _ROW - 6, {"fill": BAND, "stroke": BEAT_LINE})
    if measure.value is None:
        yield draw_text(_NAMES + _WIDTH + 12, middle + 4, "no value")
        return
    if measure.low is not None and measure.high is not None:
        ends = [(_x(edge, low, high), middle) for edge in (measure.low, measure.high)]
        yield draw_path(ends, {"stroke": colour, "stroke-width": 2, "fill": "none"})
    yield draw_box(_x(measure.value, low, high) - 3.5, middle - 3.5, 7, 7, {"fill": colour, "rx": 3.5})
    words = f"{measure.value:.2f}" + ("" if measure.low is None else f"  [{measure.low:.2f}, {measure.high:.2f}]")
    yield draw_text(_NAMES + _WIDTH + 12, middle + 4, words, {"fill": colour, "font-size": 11.5})


def _x(value: float, low: float, high: float) -> float:
    return _NAMES + _WIDTH * (min(max(value, low), high) - low) / (high - low)


def _opening(figures: GenerationFigures, title: str) -> Iterator[str]:
    yield f"<h1>{clean_text(title)}</h1>"
    yield (
        f"<p>{figures.generated} generated pieces beside {figures.reference} of the reference "
        f"({figures.reference_songs} songs).</p>"
    )
    for remark in figures.remarks:
        yield f"<p><strong>Note:</strong> {clean_text(remark)}.</p>"
    out = figures.standing_out
    judged = sum(measure.stands_out is not None for measure in figures.measures)
    yield f"<p>{len(out)} of {judged} figures lie outside the noise floor: what random halves of the reference, "
    yield "split by song, show against each other. In the pictures the band is that floor, "
    yield "the line the interval of 95 %.</p>"


def _pictures(figures: GenerationFigures) -> Iterator[str]:
    if figures.profiles:
        yield "<h2>What falls where</h2><p>Bars: generated. Lines: the reference.</p>"
    for key, (ours, theirs) in figures.profiles.items():
        title = _PROFILES.get(key, key)
        picture = draw_profiles(ours, theirs, title, first=0 if key.endswith("degree") else 1)
        yield f"<figure>{picture}<figcaption>{clean_text(title)}</figcaption></figure>"


def _chapters(figures: GenerationFigures) -> Iterator[str]:
    for chapter in CHAPTERS:
        if not (measures := measures_of(chapter, figures.measures)):
            continue
        yield f"<h2>{clean_text(chapter.title)}</h2><p>{clean_text(chapter.words)}</p>"
        if chapter.key not in _TABLES:
            yield f"<figure>{draw_intervals(measures, chapter)}</figure>"
        else:
            yield from _table(measures)
        if chapter.key == "originality":
            yield from _copies(figures)


def _table(measures: Sequence[Measure]) -> Iterator[str]:
    yield "<table><tr><th>Figure</th><th>Value</th><th>Interval</th><th>Reference or its halves</th></tr>"
    for m in measures:
        shown = ' class="out"' if m.stands_out else ""
        interval = "" if m.low is None else f"{m.low:.3f} to {m.high:.3f}"
        other = (
            f"{m.floor[0]:.3f} to {m.floor[1]:.3f}" if m.floor else "" if m.reference is None else f"{m.reference:.3f}"
        )
        value = "no value" if m.value is None else f"{m.value:.3f}"
        cells = f"<td class=n>{value}</td><td>{interval}</td><td>{other}</td>"
        yield f"<tr><td{shown}>{clean_text(m.words)}</td>{cells}</tr>"
    yield "</table>"


def _copies(figures: GenerationFigures) -> Iterator[str]:
    found = sorted((o for o in figures.origins if o.is_copied or o.is_patched), key=lambda o: -o.joint.different)[:20]
    if not found:
        return
    yield "<table><tr><th>Piece</th><th>Bass from</th><th>Drums from</th>"
    yield "<th>Bars, different</th><th>Semitones</th></tr>"
    for o in found:
        bars = f"{max(o.joint.bars, o.bass.bars)}, {max(o.joint.different, o.bass.different)}"
        names = (clean_text(name) for name in (o.name, o.bass.name, o.drums.name))
        cells = "".join(f"<td>{name}</td>" for name in names)
        yield f"<tr>{cells}<td class=n>{bars}</td><td class=n>{o.moved:+d}</td></tr>"
    yield "</table>"
