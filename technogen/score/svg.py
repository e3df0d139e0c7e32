"""The few pieces of SVG that pictures are made of, and the colours and type that they share. Lengths in pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

PAPER = "#fcfbf8"
BAND = "#f3f1eb"
FRAME = "#dedad0"
STEP_LINE = "#ebe8e0"
BEAT_LINE = "#d3cec2"
BAR_LINE = "#8f8b81"
INK = "#22252d"
MUTED = "#6f6d68"
DRUM = "#34446f"
BASS = "#13886b"
ACCENT = "#e0452b"
FILTER = "#8b5fb8"
SECTION_COLOURS = ("#dfe7f5", "#f8e6c6", "#f9d9d0", "#d9eee3", "#e9def2", "#e6e4dd")
"""For intro, build, drop, breakdown, outro and every other section."""

FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Attributes = Mapping[str, str | float | None]


def element(name: str, attributes: Attributes, *children: str) -> str:
    """Write one element; attributes that are None are left out, numbers are cut to hundredths.

    Args:
        name: The tag.
        attributes: Escaped here.
        children: Markup that is already safe; words go through `clean_text` first.
    """
    given = "".join(f' {key}="{_write_value(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def clean_text(words: str) -> str:
    """Escape words for use in markup; characters that XML forbids become U+FFFD."""
    return escape(_FORBIDDEN.sub("\ufffd", words))


def draw_text(x: float, y: float, words: str, style: Attributes | None = None) -> str:
    """Write words with their base line at y; `style` adds attributes such as `fill` or `text-anchor`."""
    base: Attributes = {"x": x, "y": y, "font-size": 10.5, "fill": MUTED}
    return element("text", {**base, **(style or {})}, clean_text(words))


def draw_box(x: float, y: float, width: float, height: float, style: Attributes) -> str:
    """Draw a rectangle."""
    return element("rect", {"x": x, "y": y, "width": max(0.0, width), "height": max(0.0, height), **style})


def draw_rules(xs: Sequence[float], top: float, bottom: float, style: Attributes) -> str:
    """Draw vertical lines as one path; nothing where there are none."""
    if not xs:
        return ""
    path = "".join(f"M{_write_value(x)} {_write_value(top)}V{_write_value(bottom)}" for x in xs)
    return element("path", {"d": path, "fill": "none", **style})


def draw_path(points: Sequence[tuple[float, float]], style: Attributes, *, closed: bool = False) -> str:
    """Draw straight lines through points; nothing where there are none."""
    if not points:
        return ""
    path = "M" + "L".join(f"{_write_value(x)} {_write_value(y)}" for x, y in points) + ("Z" if closed else "")
    return element("path", {"d": path, **style})


def frame_picture(width: float, height: float, title: str, *parts: str) -> str:
    """Put parts on a sheet of paper of their own, legible on light and dark pages; it shrinks with the page."""
    attributes: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": width,
        "height": height,
        "role": "img",
        "font-family": FONT,
        "style": "max-width:100%;height:auto",
    }
    paper = draw_box(0.5, 0.5, width - 1, height - 1, {"rx": 8, "fill": PAPER, "stroke": FRAME})
    return element("svg", attributes, element("title", {}, clean_text(title)), paper, *parts)


def clip_parts(x: float, y: float, width: float, height: float, *parts: str) -> str:
    """Put parts, in coordinates of their own, into a window that cuts off what reaches out of it."""
    window: Attributes = {"x": x, "y": y, "width": width, "height": height, "overflow": "hidden"}
    return element("svg", window, *parts)


def section_colour(label: str) -> str:
    """The colour of a section, the same for the same name."""
    names = ("intro", "build", "drop", "breakdown", "outro")
    return SECTION_COLOURS[names.index(label) if label in names else len(names)]


def _write_value(value: str | float) -> str:
    if isinstance(value, str):
        return clean_text(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
