"""The form of a piece: what each bar plays and how hard, from loops of one bar to whole tracks, and the filter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, pi
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import Arc, DrumStyle, Fill, Style
from technogen.score import TICKS_PER_BAR, Control, Section
from technogen.score.quantising import CUTOFF_LEVELS, FILTER_TICKS, RESONANCE_LEVELS
from technogen.score.types import ControlName

TRACK_BARS = 32
"""From here on a piece has sections."""

PHRASE = 4
"""Bars between the lines on which voices come and go."""

_HALVES = TICKS_PER_BAR // FILTER_TICKS

_PLANS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 1), ("outro", 1)),
)
"""Orders of sections with their shares of the whole."""

_LEVELS = {
    "intro": (0.4, 0.75),
    "build": (0.75, 1.0),
    "drop": (1.05, 1.15),
    "breakdown": (0.5, 0.65),
    "outro": (0.85, 0.4),
}
"""The energy at the start and end of a section, as a factor."""

_ARCS: dict[str, Arc] = {"intro": "rise", "build": "rise", "breakdown": "arch", "outro": "fall"}
"""How the filter moves over a whole section; a drop draws its own arc."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one bar plays.

    Attributes:
        energy: 0..1; which drum voices play depends on it.
        kick: Whether the kick plays.
        bass: Whether the bassline plays.
        fill: What happens at its end.
        crash: Whether it opens with a crash.
        muted: Drum pieces that pause.
    """

    energy: float
    kick: bool = True
    bass: bool = True
    fill: Fill | None = None
    crash: bool = False
    muted: frozenset[int] = frozenset()


def plan_sections(rng: Random, bars: int) -> tuple[Section, ...]:
    """The sections of a piece, all on lines of four bars; a loop has none."""
    if bars < TRACK_BARS:
        return ()
    plan = rng.choice(_PLANS)
    units, total = bars // PHRASE, sum(share for _, share in plan)
    sections, before = [], 0
    for label, share in plan:
        sections.append(Section(before * units // total * PHRASE, label))
        before += share
    return tuple(sections)


def plan_frames(
    rng: Random, style: DrumStyle, bars: int, energy: float, sections: Sequence[Section] = ()
) -> list[Frame]:
    """What each bar plays: sections raise and lower the energy, fills and mutes keep to lines of four bars."""
    frames: list[Frame] = []
    phrase = _plan_phrase(rng, style, None, None)
    spans = split_sections(sections, bars)
    for bar in range(bars):
        span = next(s for s in spans if bar < s.end)
        if bar and bar % (2 * PHRASE if sections else PHRASE) == 0:
            phrase = _plan_phrase(rng, style, phrase, None if sections else bars)
        frame = _plan_bar(span, bar, energy)
        fill, drawn = _draw_fill(rng, style, bar, bars), rng.random()
        opens = bar == span.start if sections else bar % (2 * PHRASE) == 0
        frames.append(
            replace(
                frame,
                energy=min(1.0, frame.energy * phrase.energy),
                kick=frame.kick and phrase.kick,
                bass=frame.bass and phrase.bass,
                fill=fill if energy > 0.15 and span.label != "breakdown" else None,
                crash=opens and span.label in (None, "build", "drop") and energy > 0.4 and drawn < style.crash_rate,
                muted=phrase.muted,
            )
        )
    return _lead_into_drops(rng, frames, sections) if energy > 0.15 else frames


@dataclass(frozen=True, slots=True)
class Span:
    """Bars from `start` up to `end`, under one label; None is the label of a loop."""

    start: int
    end: int
    label: str | None


def split_sections(sections: Sequence[Section], bars: int) -> list[Span]:
    """Sections as spans that cover a piece; a loop is one span."""
    ends = [*(section.bar for section in sections[1:]), bars]
    return [Span(s.bar, end, s.label) for s, end in zip(sections, ends)] or [Span(0, bars, None)]


def draw_curves(rng: Random, style: Style, frames: Sequence[Frame], spans: Sequence[Span]) -> tuple[Control, ...]:
    """The filter's cutoff and resonance, a point each half bar where it moves.

    The cutoff follows an `Arc`; in a track, each section has its own. The harder a bar, the wider the filter opens.
    Resonance changes on lines of four bars, if at all.
    """
    low, high = sorted(rng.uniform(*style.cutoff) for _ in range(2))
    width = max(high - low, 25.0)
    values: list[float] = []
    for span in spans:
        halves = (span.end - span.start) * _HALVES
        arc, whole = draw_weighted(rng, style.arcs), _ARCS.get(span.label or "")
        places = _draw_places(rng, whole or arc, halves, halves if whole else None)
        energies = [frames[span.start + half // _HALVES].energy for half in range(halves)]
        values += [(low + width * place) * (0.6 + 0.55 * energy) for place, energy in zip(places, energies)]
    level = rng.uniform(*style.resonance)
    shifts = [0, *(rng.choice((0, 0, 0, 32, -32)) for _ in range(len(frames) // PHRASE))]
    resonances = [level + shifts[half // _HALVES // PHRASE] for half in range(len(values))]
    return (*_points("cutoff", values, CUTOFF_LEVELS), *_points("resonance", resonances, RESONANCE_LEVELS))


def _plan_bar(span: Span, bar: int, energy: float) -> Frame:
    if span.label is None:
        return Frame(energy)
    place = (bar - span.start) / (span.end - span.start)
    first, last = _LEVELS[span.label]
    silent = (span.label == "intro" and place < 0.5) or (span.label == "outro" and place >= 0.5)
    return Frame(min(1.0, energy * (first + (last - first) * place)), kick=span.label != "breakdown", bass=not silent)


def _plan_phrase(rng: Random, style: DrumStyle, before: Frame | None, loop: int | None) -> Frame:
    """What pauses for a phrase, and how hard it is: nothing in the first, single voices in a short loop.

    `before` is the phrase before; `loop` the bars of the loop, None in a track, whose sections do the rest.
    """
    voices = [voice.piece for voice in style.voices]
    rest = before.muted if before else frozenset()
    muted = frozenset(p for p in voices if rng.random() < (style.mute_rate / 2 if p in rest else style.mute_rate))
    energy, drawn = rng.choice((0.6, 0.8, 0.9, 1.0, 1.0, 1.1)), rng.random()
    if before is None:
        return Frame(1.0)
    if loop is None:
        return Frame(max(0.9, energy), muted=muted)
    if loop <= 2 * PHRASE:
        return Frame(1.0, muted=muted)
    kick = drawn >= style.break_rate
    return Frame(energy if kick else 0.6 * energy, kick=kick, bass=drawn < 1 - style.break_rate, muted=muted)


def _draw_fill(rng: Random, style: DrumStyle, bar: int, bars: int) -> Fill | None:
    drawn, fill = rng.random(), draw_weighted(rng, style.fills)
    if bars < PHRASE or (bar + 1) % PHRASE:
        return None
    rate = style.fill_rate if (bar + 1) % (2 * PHRASE) else (1 + style.fill_rate) / 2
    return fill if drawn < rate else None


def _lead_into_drops(rng: Random, frames: list[Frame], sections: Sequence[Section]) -> list[Frame]:
    """The bar before a drop rolls or stops, most often without its kick."""
    frames = list(frames)
    for section in sections:
        if section.label == "drop" and section.bar:
            kick = frames[section.bar - 1].kick and rng.random() < 0.4
            fill: Fill = rng.choice(("swell", "swell", "roll", "stop"))
            frames[section.bar - 1] = replace(frames[section.bar - 1], kick=kick, fill=fill, muted=frozenset())
    return frames


def _draw_places(rng: Random, arc: Arc, halves: int, span: int | None) -> list[float]:
    """Where the filter is in its range, 0..1, in each half bar; an arc lasts `span`, drawn where None."""
    span = span or min(halves, rng.choice((8, 16, 16, 32)) // (2 if arc == "wave" else 1))
    steps = [rng.random() for _ in range(8)]
    phases = [half % span / span for half in range(halves)]
    return [_place(arc, phase, steps[half // PHRASE % len(steps)]) for half, phase in enumerate(phases)]


def _place(arc: Arc, phase: float, step: float) -> float:
    swell = (1 - cos(2 * pi * phase)) / 2
    return {"still": 0.5, "rise": phase, "fall": 1 - phase, "arch": swell, "wave": swell, "steps": step}[arc]


def _points(name: ControlName, values: Sequence[float], levels: Sequence[int]) -> list[Control]:
    points, held = [], None
    for half, value in enumerate(values):
        level = min(levels, key=lambda allowed: abs(allowed - value))
        if level != held:
            points.append(Control(half * FILTER_TICKS, name, level))
            held = level
    return points
