"""How the sections of a score shape its sound: what opens in a build, is gone in a breakdown, is darker at the ends.

Curves are points (tick, value) with straight lines between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from technogen.score import TICKS_PER_BAR, Score, Section, fold_drum

Point = tuple[int, float]
Curve = tuple[Point, ...]

BUILD, BREAKDOWN, EDGE = frozenset({"build"}), frozenset({"breakdown", "break"}), frozenset({"intro", "outro"})
"""What sections of each kind are called; a section with any other name, as a drop, is full."""
KICK = 36

OPENING_OCTAVES, CLOSING_OCTAVES = 1.5, -0.35
HIGH_PASS_OCTAVES = 4.3
"""How far the high-pass of the drums rises over a build, from `HIGH_PASS_FROM` Hz on."""
HIGH_PASS_FROM = 20.0
ROOM_GAIN = 2.5
_JUMP = 10
"""Ticks that a change takes where it should be sudden."""


@dataclass(frozen=True, slots=True)
class Shaping:
    """What the sections of a score do to it.

    Attributes:
        score: The score without the kicks that are not heard.
        opening: Octaves that the filter of the 303 opens.
        high_pass: Octaves above `HIGH_PASS_FROM` at which the drums are cut; 0 where they are not.
        darkness: How much of the treble of the drums is gone, 0..1.
        room: What the send to the room is multiplied with.
    """

    score: Score
    opening: Curve = ()
    high_pass: Curve = ()
    darkness: Curve = ()
    room: Curve = ()

    def later(self, first: int, bars: int) -> Shaping:
        """The same for some bars of the score; no curve is bent by the cut."""
        start = first * TICKS_PER_BAR
        curves = (self.opening, self.high_pass, self.darkness, self.room)
        return Shaping(self.score[first : first + bars], *(tuple((t - start, v) for t, v in c) for c in curves))


def from_start(curve: Curve) -> Curve:
    """The same curve without what lies before tick 0."""
    later = tuple(point for point in curve if point[0] > 0)
    if len(later) == len(curve):
        return curve
    before = max((point for point in curve if point[0] <= 0), key=lambda point: point[0])
    if not later:
        return ((0, before[1]),)
    share = -before[0] / (later[0][0] - before[0])
    return ((0, before[1] + share * (later[0][1] - before[1])), *later)


def shape_sections(score: Score) -> Shaping:
    """Follow the sections of a score: builds, breakdowns, and its intro and outro."""
    spans = _spans(score)
    if not any(label in BUILD | BREAKDOWN | EDGE for _, _, label in spans):
        return Shaping(score)
    opening: list[Point] = []
    high_pass: list[Point] = []
    darkness: list[Point] = []
    room: list[Point] = []
    for start, end, label in spans:
        rise = OPENING_OCTAVES if label in BUILD else 0.0
        edge = label in EDGE
        opening += [(start + _JUMP * (start > 0), CLOSING_OCTAVES * edge), (end, rise + CLOSING_OCTAVES * edge)]
        high_pass += [(start, 0.0), (end - _JUMP, HIGH_PASS_OCTAVES * (label in BUILD)), (end, 0.0)]
        darkness += _plateau(start, end, float(edge), 0.0)
        room += _plateau(start, end, ROOM_GAIN if label in BREAKDOWN else 1.0, 1.0)
    return Shaping(_without_kicks(score, spans), tuple(opening), tuple(high_pass), tuple(darkness), tuple(room))


def _plateau(start: int, end: int, value: float, rest: float) -> list[Point]:
    """A value that is reached over a bar, or at once where everything is full again."""
    return [(min(start + (_JUMP if value == rest else TICKS_PER_BAR), end), value), (end, value)]


def _spans(score: Score) -> list[tuple[int, int, str]]:
    """First and last tick of each section, and its label in small letters."""
    sections: Sequence[Section] = score.sections
    starts = [s.bar * TICKS_PER_BAR for s in sections]
    return [(a, b, s.label.lower()) for a, b, s in zip(starts, [*starts[1:], score.length], sections)]


def _without_kicks(score: Score, spans: list[tuple[int, int, str]]) -> Score:
    silent = [(start, end) for start, end, label in spans if label in BREAKDOWN]
    heard = tuple(n for n in score.drums if fold_drum(n.pitch) != KICK or not any(a <= n.start < b for a, b in silent))
    return replace(score, drums=heard)
