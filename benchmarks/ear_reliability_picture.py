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

    Dots are tenths of what was said, larger where they hold more, filled after calibration and hollow before it; lines
    through them are two standard errors long to either side.
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
        _dot(x - 380, 21.5, 4.5, filled=True),
        svg.draw_text(x - 370, 25, "calibrated"),
        _dot(x - 296, 21.5, 4.5, filled=False),
        svg.draw_text(x - 286, 25, "before"),
        svg.draw_path([(x - 222, 27), (x - 206, 16)], {"stroke": svg.BAR_LINE, "stroke-dasharray": "3 3"}),
        svg.draw_text(x - 200, 25, "as it should be: as often right as said"),
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
        for x, y, error, share in _cut_bins(said, group.right):
            place = left + SIDE * x, bottom - SIDE * y
            if filled:
                ends_of_bar = [(place[0], bottom - SIDE * min(1, max(0, y + d * 2 * error))) for d in (-1, 1)]
                parts.append(svg.draw_path(ends_of_bar, {"stroke": svg.BASS, "stroke-opacity": 0.45}))
            parts.append(_dot(*place, 2 + 7 * math.sqrt(share), filled=filled))
    return parts


def _dot(x: float, y: float, radius: float, *, filled: bool) -> str:
    hollow: svg.Attributes = {"fill": "none", "stroke": svg.ACCENT, "stroke-width": 1.2}
    look: svg.Attributes = {"fill": svg.BASS, "fill-opacity": 0.85} if filled else hollow
    return svg.element("circle", {"cx": x, "cy": y, "r": radius, **look})


def _cut_bins(said: Vector, right: Vector) -> list[tuple[float, float, float, float]]:
    """By tenths of what was said: its mean, how much was right, the standard error of that, the share of all.

    Tenths that hold hardly anything are left out, and so is all where nothing was ever doubted.
    """
    if (said >= 1).all():
        return []
    bins = np.minimum((said * _BINS).astype(int), _BINS - 1)
    parts = [np.flatnonzero(bins == b) for b in range(_BINS)]
    return [
        (
            float(said[some].mean()),
            float(right[some].mean()),
            float(right[some].std() / math.sqrt(len(some))),
            len(some) / len(said),
        )
        for some in parts
        if len(some) >= _LEAST
    ]
