"""A picture of what is inside a data set: bar charts as one SVG. Lengths in pixels."""

from __future__ import annotations

from collections.abc import Sequence

from technogen.dataset.describing import KEY_NAMES, Description
from technogen.score.svg import BASS, DRUM, FILTER, INK, Attributes, draw_box, draw_text, frame_picture

_WIDTH, _MARGIN, _GAP = 860.0, 24.0, 28.0
_CHART = 130.0
_TITLE = 24.0
_MOST = 40
Bars = Sequence[tuple[str, float]]


def draw_description(about: Description) -> str:
    """Draw tempos, keys, drum densities, splits and bars that repeat, as an SVG file."""
    half = (_WIDTH - 2 * _MARGIN - _GAP) / 2
    right = _MARGIN + half + _GAP
    rows = [_MARGIN + 34 + i * (_CHART + _TITLE + 46) for i in range(3)]
    windows = sum(split.windows for split in about.splits)
    title = f"{about.folder.name}: {windows} windows, {about.seconds / 3600:.2f} hours"
    parts = [
        draw_text(_MARGIN, _MARGIN + 12, title, {"font-size": 16, "fill": INK, "font-weight": "600"}),
        _draw_chart(_MARGIN, rows[0], _WIDTH - 2 * _MARGIN, "Tempo: tracks by beats a minute", _tempos(about), DRUM),
        _draw_chart(_MARGIN, rows[1], half, "Drums: hits a bar", [(d.piece, d.hits_a_bar) for d in about.drums], DRUM),
        _draw_chart(right, rows[1], half, "Bass: tracks by the note held longest", _keys(about), BASS),
        _draw_chart(_MARGIN, rows[2], half, "Windows by split", [(s.split, s.windows) for s in about.splits], FILTER),
        _draw_chart(right, rows[2], half, "Bars", _repeats(about), FILTER),
    ]
    return frame_picture(_WIDTH, rows[2] + _CHART + _TITLE + 50, title, *parts)


def _tempos(about: Description) -> Bars:
    counts = dict(about.tempos)
    if not counts:
        return []
    low, high = min(counts), max(counts)
    step = max(1, -(-(high - low + 1) // _MOST))
    return [
        (str(at) if step == 1 else f"{at}-", sum(counts.get(tempo, 0) for tempo in range(at, at + step)))
        for at in range(low, high + 1, step)
    ]


def _keys(about: Description) -> Bars:
    counts = dict(about.keys)
    return [(name, counts.get(name, 0)) for name in KEY_NAMES] if counts else []


def _repeats(about: Description) -> Bars:
    r = about.repeats
    if r is None:
        return []
    named = (("all", r.bars), ("different", r.different), ("in 2+ tracks", r.across_tracks))
    return [*named, ("in 2+ splits", r.across_splits)]


def _draw_chart(x: float, y: float, width: float, title: str, bars: Bars, colour: str) -> str:
    """A chart whose box is `_CHART` high, with its title above and names below."""
    parts = [draw_text(x, y + 14, title, {"font-size": 12, "fill": INK})]
    top = y + _TITLE
    parts.append(draw_box(x, top + _CHART, width, 1, {"fill": INK}))
    if not bars:
        return "".join([*parts, draw_text(x + 8, top + _CHART / 2, "none")])
    highest = max(value for _, value in bars) or 1
    step = width / len(bars)
    turned = max(len(name) for name, _ in bars) * 6 > step
    for i, (name, value) in enumerate(bars):
        height, middle = (_CHART - 16) * value / highest, x + (i + 0.5) * step
        parts.append(draw_box(middle - step * 0.36, top + _CHART - height, step * 0.72, height, {"fill": colour}))
        if value:
            words = f"{value:.1f}" if isinstance(value, float) and value != int(value) else f"{value:.0f}"
            parts.append(draw_text(middle, top + _CHART - height - 3, words, {"text-anchor": "middle", "font-size": 9}))
        base = top + _CHART + 14
        style: Attributes = {"text-anchor": "middle", "font-size": 9.5}
        if turned:
            style = {"text-anchor": "end", "font-size": 9, "transform": f"rotate(-35 {middle + 4:.1f} {base - 4:.1f})"}
        parts.append(draw_text(middle + (4 if turned else 0), base - (4 if turned else 0), name, style))
    return "".join(parts)
