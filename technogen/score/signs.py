"""The signs that pictures of music share: titles, the legend, sections, glides, shades of confidence."""

from __future__ import annotations

from technogen.score import svg

MARGIN = 16.0
SURE = 0.5
"""What is less certain than this is likelier wrong than right."""
_PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def draw_title(y: float, headline: str, details: str) -> str:
    """Write a headline and, behind it, details in small type, on the base line y."""
    parts = [
        svg.element("tspan", {"font-size": 18, "font-weight": 600, "fill": svg.INK}, svg.clean_text(headline)),
        svg.element("tspan", {"dx": 14, "font-size": 12}, svg.clean_text(details)),
    ]
    return svg.element("text", {"x": MARGIN, "y": y, "fill": svg.MUTED}, *parts)


def draw_legend(right: float, y: float, *, confidence: bool) -> str:
    """Explain the signs in one line that ends at `right` and has its base line at y."""
    signs = [("accent", svg.ACCENT, 1.0), ("bass", svg.BASS, 1.0), ("drum hit", svg.DRUM, 0.9)]
    if confidence:
        signs.insert(0, ("unsure", svg.DRUM, 0.0))
    parts = []
    x = right
    for words, colour, sure in signs:
        x -= 5.8 * len(words)
        parts.append(svg.draw_text(x, y, words))
        parts.append(svg.draw_box(x - 15, y - 8, 11, 8, {"rx": 1.5, **shade_fill(colour, 1.0, sure)}))
        x -= 34
    parts += [svg.draw_text(x - 23, y, "slide"), draw_glide((x - 50, y - 1), (x - 30, y - 7), svg.BASS, 3.0)]
    return "".join(parts)


def draw_section(x: float, y: float, width: float, label: str) -> str:
    """Draw a section as a coloured tab, 15 pixels high, with as much of its name as fits."""
    style: svg.Attributes = {"fill": svg.INK, "class": "section"}
    fits = int((width - 10) / 5.8)
    shown = label if len(label) <= fits else label[: fits - 1] + "…" if fits > 1 else ""
    tab = svg.draw_box(x, y, width - 1.5, 15, {"rx": 2.5, "fill": svg.section_colour(label)})
    return tab + (svg.draw_text(x + 6, y + 11, shown, style) if shown else "")


def name_pitch(pitch: int) -> str:
    """The name of a MIDI pitch, 60 being C4."""
    return f"{_PITCH_NAMES[pitch % 12]}{pitch // 12 - 1}"


def shade_fill(colour: str, opacity: float, confidence: float) -> dict[str, str | float | None]:
    """The look of a fill that fades with confidence; what is likelier wrong than right is outlined too."""
    sure = max(0.0, min(1.0, confidence))
    outlined = sure < SURE
    shade = None if opacity == sure == 1 else opacity * _pale(sure)
    return {
        "fill": colour,
        "fill-opacity": shade,
        "stroke": colour if outlined else None,
        "stroke-width": 0.8 if outlined else None,
    }


def draw_glide(
    begin: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    thickness: float,
    kind: str | None = None,
    confidence: float = 1.0,
) -> str:
    """Draw a glide between two points of (x, y): level, steep, level; pale where it is unsure, dashed below a half."""
    (x0, y0), (x1, y1) = begin, end
    middle = (x0 + x1) / 2
    path = f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    look = {"class": kind, "d": path, "fill": "none", "stroke": colour, "stroke-width": thickness}
    sure = {
        "stroke-opacity": None if confidence >= 1 else _pale(confidence),
        "stroke-dasharray": None if confidence >= SURE else "1.5 3",
    }
    return svg.element("path", {**look, **sure, "stroke-linecap": "round"})


def _pale(confidence: float) -> float:
    return 0.25 + 0.75 * max(0.0, min(1.0, confidence))
