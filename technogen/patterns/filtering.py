"""The filter of the bassline: curves of cutoff and resonance, a point each half bar where they move."""

from collections.abc import Sequence
from math import cos, pi
from random import Random

from technogen.patterns.arranging import PHRASE, Frame, Span
from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import Arc, Style
from technogen.score import TICKS_PER_BAR, Control
from technogen.score.quantising import CUTOFF_LEVELS, FILTER_TICKS, RESONANCE_LEVELS
from technogen.score.types import ControlName

_HALVES = TICKS_PER_BAR // FILTER_TICKS

_ARCS: dict[str, Arc] = {"intro": "rise", "build": "rise", "breakdown": "arch", "outro": "fall"}
"""How the filter moves over a whole section; a drop draws its own arc."""


def draw_curves(rng: Random, style: Style, frames: Sequence[Frame], spans: Sequence[Span]) -> tuple[Control, ...]:
    """The filter's cutoff and resonance.

    The cutoff follows an `Arc`; in a track, each section has its own. The harder a bar, the wider the filter opens.
    Resonance changes on lines of four bars, if at all.
    """
    lowest, highest = style.cutoff
    width = (highest - lowest) * rng.uniform(0.5, 1.0)
    low = rng.uniform(lowest, highest - width)
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
