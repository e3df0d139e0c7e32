"""The pictures of a report, as inline SVG: shares against chance and margin, and the listeners one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from technogen.evaluation.listening.study import ConditionResult, ListenerResult, Study
from technogen.score.svg import (
    ACCENT,
    BAND,
    BASS,
    BEAT_LINE,
    DRUM,
    INK,
    MUTED,
    PAPER,
    Attributes,
    draw_box,
    draw_path,
    draw_rules,
    draw_text,
    element,
    frame_picture,
)

_WIDTH = 720.0
_LEFT, _RIGHT = 130.0, 40.0
_ROW = 46.0
_TOP = 44.0
_COLOURS = {"told": ACCENT, "mistaken": ACCENT, "equivalent": BASS, "slight": BASS, "undecided": DRUM}


def draw_shares(study: Study) -> str:
    """Draw the share of right answers of each condition with its intervals, chance, and the margin."""
    bottom = _TOP + _ROW * len(study.conditions)
    margin = study.design.options.margin
    parts = [
        draw_box(_x(0.5 - margin), _TOP, _x(0.5 + margin) - _x(0.5 - margin), bottom - _TOP, {"fill": "#d9eee3"}),
        draw_rules([_x(share / 10) for share in range(11)], _TOP, bottom, {"stroke": BEAT_LINE, "stroke-width": 0.6}),
        draw_rules([_x(0.5)], _TOP - 4, bottom, {"stroke": INK, "stroke-width": 1.4}),
        draw_text(_x(0.5), _TOP - 22, "guessing: 50 %", {"text-anchor": "middle", "fill": INK, "font-size": 12}),
        draw_text(_x(0.5), _TOP - 8, f"margin: ± {100 * margin:g} points", {"text-anchor": "middle", "fill": BASS}),
        *(
            draw_text(_x(share / 10), bottom + 16, f"{10 * share} %", {"text-anchor": "middle"})
            for share in range(0, 11, 2)
        ),
        draw_text(_x(0.5), bottom + 34, "share of right answers", {"text-anchor": "middle", "font-size": 12}),
    ]
    for i, result in enumerate(study.conditions):
        parts += _draw_condition(result, _TOP + _ROW * (i + 0.5))
    words = ", ".join(
        f"{one.condition} {100 * one.share:.0f} % ({100 * one.interval.low:.0f} to {100 * one.interval.high:.0f})"
        for one in study.conditions
    )
    return frame_picture(_WIDTH, bottom + 46, f"Share of right answers with 95 % intervals: {words}", *parts)


def _draw_condition(result: ConditionResult, y: float) -> Iterator[str]:
    colour = _COLOURS[result.verdict]
    outer, inner = result.interval, result.equivalence_interval
    yield draw_text(_LEFT - 12, y, result.condition[:18], {"text-anchor": "end", "fill": INK, "font-size": 13})
    yield draw_text(_LEFT - 12, y + 13, f"{result.correct} of {result.answers}", {"text-anchor": "end"})
    yield draw_path([(_x(outer.low), y), (_x(outer.high), y)], {"stroke": colour, "stroke-width": 1.6, "fill": "none"})
    for end in (outer.low, outer.high):
        yield draw_path([(_x(end), y - 5), (_x(end), y + 5)], {"stroke": colour, "stroke-width": 1.6, "fill": "none"})
    yield draw_path([(_x(inner.low), y), (_x(inner.high), y)], {"stroke": colour, "stroke-width": 6, "fill": "none"})
    yield element(
        "circle", {"cx": _x(result.share), "cy": y, "r": 6, "fill": PAPER, "stroke": colour, "stroke-width": 3}
    )


def draw_listeners(study: Study) -> str:
    """Draw each listener as a point at the share of right answers over all conditions; hollow: does not count."""
    listeners = [one for one in study.listeners if one.answers]
    heights: Counter[int] = Counter()
    points = []
    for one in listeners:
        place = round(one.correct / one.answers * 50)  # points nearer than 2 % would hide each other
        points.append((one, heights[place]))
        heights[place] += 1
    tall = max(heights.values())
    step = min(13.0, 180 / tall)
    base = 30 + step * tall
    parts = [
        draw_box(_LEFT, 20, _WIDTH - _LEFT - _RIGHT, base - 20, {"fill": BAND}),
        draw_rules([_x(0.5)], 20, base, {"stroke": INK, "stroke-width": 1.4}),
        *(
            draw_text(_x(share / 10), base + 16, f"{10 * share} %", {"text-anchor": "middle"})
            for share in range(0, 11, 2)
        ),
        draw_text(_x(0.5), base + 34, "right answers of each listener", {"text-anchor": "middle", "font-size": 12}),
        *(_draw_listener(one, base - step * (height + 0.7), min(5.0, step / 2.4)) for one, height in points),
    ]
    return frame_picture(_WIDTH, base + 46, f"Right answers of each of {len(listeners)} listeners", *parts)


def _draw_listener(one: ListenerResult, y: float, radius: float) -> str:
    colour = MUTED if one.excluded else DRUM
    words = f"{one.correct} of {one.answers}{', does not count' if one.excluded else ''}"
    style: Attributes = {"fill": PAPER if one.excluded else DRUM, "stroke": colour, "stroke-width": 1.4}
    return element(
        "circle", {"cx": _x(one.correct / one.answers), "cy": y, "r": radius, **style}, f"<title>{words}</title>"
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
