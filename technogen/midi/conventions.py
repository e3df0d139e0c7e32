"""What a MIDI file of this project looks like: channels, controllers, track names, the length of a slide's overlap."""

import re

from technogen.score import TICKS_PER_STEP
from technogen.score.types import ControlName

DRUM_CHANNEL = 9
"""Channel 10, counted from 0 as in the bytes."""
ACID_CHANNEL = 0
ACID_PROGRAM = 38
"""Synth Bass 1 of General MIDI, counted from 0."""

DRUM_TRACK, ACID_TRACK, CONDUCTOR_TRACK, SINGLE_TRACK = "Drums", "Acid", "TechnoGen", "Drums and Acid"

CONTROLLERS: dict[ControlName, int] = {"cutoff": 74, "resonance": 71}

SLIDE_TICKS = 10
"""How long a note that slides sounds on into the next."""
LONGEST_SLIDE = TICKS_PER_STEP
"""The longest overlap of two notes that is read as a slide; a longer one is taken for polyphony."""

LOOP_SLIDE_TEXT = "technogen loop-slide"
"""A text event: the last note slides into the first. Its overlap cannot lie after the end of the track."""
END_TEXT = "technogen end"
"""A text event at the loop's end, for libraries that forget the end of track."""

MICROSECONDS_PER_MINUTE = 60_000_000
DEFAULT_TEMPO = 120.0
"""What a file without a tempo event means."""


def swing_text(swing: float) -> str:
    """The text event that says which swing the ticks of a file hold, exactly."""
    return f"technogen swing={swing:.2f}"


def find_swing_text(texts: list[str]) -> float | None:
    """The swing that a file of this project says its ticks hold, or None."""
    found = [match for text in texts if (match := re.fullmatch(r"technogen swing=(0\.\d\d)", text))]
    swing = float(found[0][1]) if found else 0.0
    return swing if 0.5 <= swing <= 0.75 else None
