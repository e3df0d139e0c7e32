"""Voices drawn at random, far wider than any record: material to train an ear on, or to be surprised by."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from random import Random
from typing import Any, Literal, cast, get_args

import numpy as np

from technogen.errors import RenderError
from technogen.rendering.kits import Kit, random_kit
from technogen.rendering.options import AcidKnobs, KitName, Mix, Voice

OFF = -120.0
"""The level in dB of an effect that is not there."""


@dataclass(frozen=True, slots=True)
class Span:
    """A number drawn between two others.

    Attributes:
        low: The least.
        high: The most.
        spacing: "even", or "log" where equal ratios are equally likely.
        rest: What it is where it is not drawn: the effect is off, or the knob not touched.
        resting: In what share of the voices.
    """

    low: float
    high: float
    spacing: Literal["even", "log"] = "even"
    rest: float | None = None
    resting: float = 0.0

    def draw(self, random: Random) -> float:
        """One number."""
        place, still = random.random(), random.random() < self.resting
        if still and self.rest is not None:
            return self.rest
        if self.spacing == "log":
            return float(round(self.low * (self.high / self.low) ** place, 4))
        return round(self.low + (self.high - self.low) * place, 4)

    def words(self) -> str:
        """The range as a table shows it."""
        text = f"{self.low:g} .. {self.high:g}" + (", by ratio" if self.spacing == "log" else "")
        if self.rest is None:
            return text
        return f"{text}; {'off' if self.rest == OFF else f'{self.rest:g}'} in {self.resting:.0%}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values, all equally likely."""

    values: tuple[Any, ...]

    def draw(self, random: Random) -> Any:
        """One of them."""
        return self.values[int(random.random() * len(self.values))]

    def words(self) -> str:
        """The values as a table shows them."""
        return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)


Ranges = Mapping[str, Span | Choice]

ACID_RANGES: Ranges = {
    "waveform": Choice(("saw", "square")),
    "tuning": Span(-0.4, 0.4),  # within the semitone: the notes of the score stay the notes that are heard
    "cutoff": Span(0, 1),
    "resonance": Span(0, 1),
    "envelope": Span(0, 1),
    "decay": Span(0, 1),
    "accent": Span(0, 1),
    "drive": Span(0, 30, rest=0, resting=0.15),
    "free_running": Choice((False, True)),
}
"""What each knob of the 303 is drawn from."""

MIX_RANGES: Ranges = {
    "drums": Span(-6, 6),
    "bass": Span(-6, 9),
    "drive": Span(0, 24, rest=0, resting=0.4),
    "ducking": Span(0, 20, rest=0, resting=0.2),
    "recovery": Span(0.03, 0.6, "log"),
    "delay": Span(-24, -3, rest=OFF, resting=0.3),
    "delay_beats": Choice((0.25, 1 / 3, 0.375, 0.5, 2 / 3, 0.75, 1.0, 1.5)),
    "feedback": Span(0, 0.85),
    "reverb": Span(-24, -2, rest=OFF, resting=0.25),
    "reverb_seconds": Span(0.15, 6, "log"),
    "rumble": Span(-24, -3, rest=OFF, resting=0.5),
    "rumble_cutoff": Span(50, 300, "log"),
    "compression": Span(1, 8, "log", rest=1, resting=0.25),
    "tilt": Span(-3, 3, rest=0, resting=0.3),
    "sections": Choice((False, True)),
    "loudness": Span(-23, -8),
    "ceiling": Span(-3, -1),
    "tail": Span(0.25, 4, "log"),
}
"""What each field of the mix is drawn from."""

KIT_AS_IT_IS = 0.3
"""In what share of the voices the kit is one of the built-in ones; else it is drawn by `random_kit`."""
_KIT_STREAM = 909


def random_voice(seed: int | None) -> Voice:
    """Draw a voice: every knob, the kit, every effect and the mastering.

    Ranges are those of `ACID_RANGES` and `MIX_RANGES`. Each parameter has draws of its own, so that another range in a
    later version leaves the other parameters as they were.

    Args:
        seed: The same seed gives the same voice, in any process; `None` draws one.

    Raises:
        RenderError: If the seed is no whole number from 0 on.
    """
    number = _check_seed(seed)
    return Voice(
        acid=AcidKnobs(**_draw(ACID_RANGES, number, "acid")),
        kit=_draw_kit(number),
        mix=Mix(**_draw(MIX_RANGES, number, "mix")),
    )


def _draw(ranges: Ranges, seed: int, owner: str) -> dict[str, Any]:
    return {name: drawn.draw(_stream(seed, owner, name)) for name, drawn in ranges.items()}


def _draw_kit(seed: int) -> KitName | Kit:
    random = _stream(seed, "kit")
    if random.random() < KIT_AS_IT_IS:
        names = get_args(KitName)
        return cast("KitName", names[int(random.random() * len(names))])
    return random_kit(np.random.default_rng((_KIT_STREAM, seed)))


def _stream(seed: int, *names: str) -> Random:
    return Random("/".join(("voice", str(seed), *names)))  # a string is seeded by SHA-512, alike in every process


def _check_seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbits(63)
    try:
        number = index(seed)
    except TypeError:
        number = -1
    if isinstance(seed, bool) or number < 0:
        raise RenderError(f"seed must be a whole number from 0 on, or None, got {seed!r}")
    return number
