"""Reliability as one SVG: how often what was said with a confidence was right, by kind."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from ear_curves import Group
from numpy.typing import NDArray

from technogen.score import svg

Vector = NDArray[np.float64]

SIDE, GAP, LEFT, TOP, COLUMNS = 190.0, 44.0, 52.0, 64.0, 4
_BINS, _LEAST = 10, 4


def draw_reliability(groups: Mapping[str, Group]) -> str:
    """A square for each group, by title: said to the right, right upwards; the diagonal is what should be.

    Dots are bins of equally many, filled after calibration and hollow before it; bars of two standard errors.
    """
    rows = math.ceil(len(groups) / COLUMNS)
    width, height = LEFT + COLUMNS * (SIDE + GAP), TOP + rows * (SIDE + GAP + 22)
    parts = [
        svg.draw_text(LEFT, 26, "Said, and right", {"font-size": 16, "font-weight": 600, "fill": svg.INK}),
        *_draw_legend(width),
    ]
    for index, (title, group) in enumerate(groups.items()):
        left = LEFT + index % COLUMNS * (SIDE + GAP)
        parts += _draw_square(left, TOP + index // COLUMNS * (SIDE + GAP + 22), title, group)
    return svg.frame_picture(width, height, "How often what was said with a confidence was right", *parts)


def _draw_legend(width: float) -> list[str]:
    x = width - GAP
    return [
        svg.draw_text(x - 270, 25, "calibrated"),
        _dot(x - 280, 21.5, filled=True),
        svg.draw_text(x - 182, 25, "before"),
        _dot(x - 192, 21.5, filled=False),
        svg.draw_text(x, 25, "on the line: as often right as said", {"text-anchor": "end"}) if width > 900 else "",
    ]


def _draw_square(left: float, top: float, title: str, group: Group) -> list[str]:
    bottom = top + SIDE
    ends: svg.Attributes = {"font-size": 9.5, "text-anchor": "middle"}
    parts = [
        svg.draw_box(left, top, SIDE, SIDE, {"fill": svg.BAND}),
        svg.draw_path([(left, bottom), (left + SIDE, top)], {"stroke": svg.BAR_LINE, "stroke-dasharray": "3 3"}),
        svg.draw_text(left, top - 8, title, {"fill": svg.INK, "font-size": 12, "font-weight": 600}),
        svg.draw_text(left + SIDE, top - 8, f"{len(group.said):,}", {"text-anchor": "end"}),
        *(svg.draw_text(left + SIDE * v, bottom + 13, f"{v:g}", ends) for v in (0, 0.5, 1)),
        *(svg.draw_text(left - 12, bottom - SIDE * v + 3.5, f"{v:g}", ends) for v in (0, 0.5, 1)),
        svg.draw_text(left + SIDE / 2, bottom + 25, "said", ends),
    ]
    for said, filled in ((group.before, False), (group.said, True)):
        for x, y, error in _cut_bins(said, group.right):
            place = left + SIDE * x, bottom - SIDE * y
            if filled:
                ends_of_bar = [(place[0], bottom - SIDE * min(1, max(0, y + d * 2 * error))) for d in (-1, 1)]
                parts.append(svg.draw_path(ends_of_bar, {"stroke": svg.BASS, "stroke-opacity": 0.45}))
            parts.append(_dot(*place, filled=filled))
    return parts


def _dot(x: float, y: float, *, filled: bool) -> str:
    look: svg.Attributes = {"fill": svg.BASS} if filled else {"fill": "none", "stroke": svg.ACCENT, "stroke-width": 1.2}
    return svg.element("circle", {"cx": x, "cy": y, "r": 3.6 if filled else 3.2, **look})


def _cut_bins(said: Vector, right: Vector) -> list[tuple[float, float, float]]:
    """What was said on average, how much of it was right, and the standard error of that, by bins of equally many."""
    order = np.argsort(said, kind="stable")
    count = max(1, min(_BINS, len(said) // _LEAST))
    return [
        (float(said[some].mean()), float(right[some].mean()), float(right[some].std() / math.sqrt(len(some))))
        for some in np.array_split(order, count)
    ]
