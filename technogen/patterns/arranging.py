"""The form of a piece: what each bar plays and how hard, from loops of one bar to whole tracks, and the filter."""

from dataclasses import dataclass
from math import cos, pi
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import DrumStyle, Fill, Style
from technogen.score import TICKS_PER_BAR, Control, Section
from technogen.score.quantising import CUTOFF_LEVELS, FILTER_TICKS, RESONANCE_LEVELS
from technogen.score.types import ControlName

TRACK_BARS = 32
"""From here on a piece has sections."""

_PHRASE = 4
_PLANS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 1), ("outro", 1)),
)
_LEVELS = {
    "intro": (0.4, 0.75),
    "build": (0.75, 1.0),
    "drop": (1.05, 1.15),
    "breakdown": (0.5, 0.65),
    "outro": (0.85, 0.4),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What one bar plays.

    Attributes:
        energy: 0..1; which drum voices play depends on it.
        section: Its label, None in a loop.
        kick: Whether the kick plays.
        bass: Whether the bassline plays.
        fill: What happens at its end.
        crash: Whether it opens with a crash.
    """

    energy: float
    section: str | None = None
    kick: bool = True
    bass: bool = True
    fill: Fill | None = None
    crash: bool = False


def plan_sections(rng: Random, bars: int) -> tuple[Section, ...]:
    """The sections of a piece, all on lines of four bars; a loop has none."""
    if bars < TRACK_BARS:
        return ()
    plan = rng.choice(_PLANS)
    units, total = bars // _PHRASE, sum(share for _, share in plan)
    sections, before = [], 0
    for label, share in plan:
        sections.append(Section(before * units // total * _PHRASE, label))
        before += share
    return tuple(sections)


def plan_frames(rng: Random, style: DrumStyle, bars: int, energy: float, sections: tuple[Section, ...]) -> list[Frame]:
    """What each bar plays."""
    starts = [section.bar for section in sections]
    frames = []
    for bar in range(bars):
        label, place = _locate(bar, bars, sections)
        fill = _draw_fill(rng, style, bar, bars)
        opens = bar in starts if sections else bar % 8 == 0
        crash = opens and label not in ("intro", "breakdown", "outro") and rng.random() < style.crash_rate
        frames.append(
            Frame(
                energy=_level(energy, label, place),
                section=label,
                kick=label != "breakdown",
                bass=not (label == "intro" and place < 0.5) and not (label == "outro" and place >= 0.5),
                fill=fill if energy > 0.15 and label != "breakdown" else None,
                crash=crash and energy > 0.4,
            )
        )
    return frames


def draw_curves(rng: Random, style: Style, frames: list[Frame]) -> tuple[Control, ...]:
    """The filter's cutoff and resonance, a point each half bar where it moves.

    The cutoff follows an arc over 4, 8 or 16 bars: `still`; `rise` and `fall`, which jump back; `arch`, up and down;
    `wave`, the same and faster; `steps`, another place each two bars. The harder a bar, the wider the filter opens.
    """
    halves = len(frames) * TICKS_PER_BAR // FILTER_TICKS
    arc = draw_weighted(rng, style.arcs)
    span = min(halves, rng.choice((8, 16, 16, 32)) // (2 if arc == "wave" else 1))
    low, high = sorted(rng.uniform(*style.cutoff) for _ in range(2))
    places = [rng.random() for _ in range(8)]
    values = []
    for half in range(halves):
        opened = low + (high - low + 15) * _place(arc, half % span / span, places[half // 4 % len(places)])
        values.append(opened * (0.6 + 0.55 * frames[half * FILTER_TICKS // TICKS_PER_BAR].energy))
    resonance = rng.uniform(*style.resonance)
    return (
        *_points("cutoff", values, CUTOFF_LEVELS),
        *_points("resonance", [resonance + 20 * (v > high) for v in values], RESONANCE_LEVELS),
    )


def _locate(bar: int, bars: int, sections: tuple[Section, ...]) -> tuple[str | None, float]:
    """The label of the section that a bar is in, and how far into it."""
    for section, end in zip(sections, [*(s.bar for s in sections[1:]), bars]):
        if bar < end:
            return section.label, (bar - section.bar) / (end - section.bar)
    return None, bar / bars


def _level(energy: float, label: str | None, place: float) -> float:
    if label is None:
        return energy
    first, last = _LEVELS[label]
    return min(1.0, energy * (first + (last - first) * place))


def _draw_fill(rng: Random, style: DrumStyle, bar: int, bars: int) -> Fill | None:
    drawn, fill = rng.random(), draw_weighted(rng, style.fills)
    if bars < _PHRASE or (bar + 1) % _PHRASE:
        return None
    rate = style.fill_rate if (bar + 1) % 8 else (1 + style.fill_rate) / 2
    return fill if drawn < rate else None


def _place(arc: str, phase: float, step: float) -> float:
    return {
        "still": 0.5,
        "rise": phase,
        "fall": 1 - phase,
        "arch": (1 - cos(2 * pi * phase)) / 2,
        "wave": (1 - cos(2 * pi * phase)) / 2,
        "steps": step,
    }[arc]


def _points(name: ControlName, values: list[float], levels: tuple[int, ...]) -> list[Control]:
    points, held = [], None
    for half, value in enumerate(values):
        level = min(levels, key=lambda allowed: abs(allowed - value))
        if level != held:
            points.append(Control(half * FILTER_TICKS, name, level))
            held = level
    return points
