"""Steps of a TB-303 and how a line of them is played: notes in ticks, with gates, ties, slides and accents."""

from collections.abc import Sequence
from dataclasses import dataclass

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note
from technogen.score.quantising import BASS_VELOCITIES, GATE_TICKS

STEPS = TICKS_PER_BAR // TICKS_PER_STEP
MAX_STEPS = 8
"""The longest note without a slide."""


@dataclass(frozen=True, slots=True)
class Step:
    """One 16th of a line.

    Attributes:
        kind: `note` starts one, `tie` prolongs the one before, `rest`.
        pitch: Semitones above the root; means something for a note only.
        accent: Whether the note is accented.
        slide: Whether it slides into the next, where it can.
    """

    kind: str = "rest"
    pitch: int = 0
    accent: bool = False
    slide: bool = False


Bar = tuple[Step, ...]
"""Sixteen steps."""


def onsets_of(bar: Bar) -> list[int]:
    """The steps on which notes start."""
    return [i for i, step in enumerate(bar) if step.kind == "note"]


def write_line(bars: Sequence[Bar | None], root: int) -> tuple[Note, ...]:
    """The notes of a line as a loop; a bar that is None is silent."""
    steps = [step for bar in bars for step in (bar or (Step(),) * STEPS)]
    starts = [i for i, step in enumerate(steps) if step.kind == "note"]
    notes = []
    for at, after in zip(starts, [*starts[1:], starts[0] + len(steps)] if starts else []):
        held = at + 1
        while held < min(after, len(steps)) and steps[held].kind == "tie":
            held += 1
        notes.append(_make_note(steps[at], at, held, root, steps[after % len(steps)] if held == after else None))
    return tuple(notes)


def _make_note(step: Step, at: int, end: int, root: int, into: Step | None) -> Note:
    slide = into is not None and step.slide and into.pitch != step.pitch
    length = end - at if slide else min(end - at, MAX_STEPS)
    duration = length * TICKS_PER_STEP if slide else (length - 1) * TICKS_PER_STEP + GATE_TICKS
    return Note(at * TICKS_PER_STEP, duration, root + step.pitch, BASS_VELOCITIES[step.accent], slide)
