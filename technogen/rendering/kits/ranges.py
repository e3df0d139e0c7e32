"""How wide random kits are drawn: for each piece the circuits that may play it and the range of their numbers.

A range with a positive low end is drawn evenly in its logarithm, any other evenly. Numbers that are not named here keep
the default of their circuit. Within these ranges a piece stays what it is: a kick is low and falls, a hat is high.
"""

from __future__ import annotations

from dataclasses import dataclass

from technogen.rendering.drum_sounds import CircuitName

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a piece.

    Attributes:
        circuit: What plays it.
        ranges: Where its numbers are drawn from.
    """

    circuit: CircuitName
    ranges: dict[str, Range]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece sits in the mix.

    Attributes:
        level: Its peak in dB lies evenly in this range.
        pan: Most that it lies to one side.
        send: Most that goes to the room.
    """

    level: Range
    pan: float
    send: float


_PLATES: Range = (0.0, 1e6)
_HATS = (
    Recipe("hat squares", {"tune": (140, 340), "edge": (5500, 9500), "bent": (0.3, 1.6)}),
    Recipe("metal memory", {"clock": (24e3, 44e3), "edge": (4500, 9000), "memory": _PLATES, "low": (1500, 5000),
                            "tilt": (-2, 4), "grain": (0, 1.2), "bits": (5, 14)}),
    Recipe("noise", {"tune": (7000, 12e3), "width": (0.3, 1.0)}),
    Recipe("modulated", {"tune": (3500, 8000), "ratio": (1.2, 2.7), "depth": (2, 8), "shrink": (0.8, 3),
                         "feedback": (0, 2), "edge": (5000, 8000)}),
    Recipe("plate", {"tune": (3000, 6000), "top": (11e3, 17e3), "count": (60, 300), "damping": (0, 0.5),
                     "tilt": (0, 3), "plate": _PLATES, "grain": (0, 1.5)}),
)  # fmt: skip
_TOMS = (
    Recipe("tom", {"decay": (0.06, 0.32), "bend": (0.05, 1.4), "fallen": (0.015, 0.06), "overtone": (0, 0.6),
                   "skin": (0, 0.6), "breath": (800, 5000)}),
    Recipe("membrane", {"decay": (0.08, 0.32), "bend": (0.05, 0.4), "strike": (0.1, 0.6), "stick": (0.1, 0.8),
                        "edge": (1500, 5000), "damping": (0.8, 2)}),
    Recipe("modulated", {"ratio": (0.5, 3), "depth": (0.3, 2.5), "decay": (0.07, 0.28), "shrink": (0.1, 0.5),
                         "bend": (0.3, 2), "edge": (30, 50)}),
    Recipe("plate", {"top": (900, 2500), "count": (5, 14), "decay": (0.07, 0.25), "ring": (0, 0.3), "plate": _PLATES,
                     "tilt": (-6, -2)}),
)  # fmt: skip
_CONGAS = (
    Recipe("conga", {"slap": (0.05, 0.9)}),
    Recipe("membrane", {"bend": (0.02, 0.25), "strike": (0.1, 0.6), "stick": (0.1, 1), "edge": (1500, 5000)}),
    Recipe("modulated", {"ratio": (1.2, 3), "depth": (0.2, 2.5), "shrink": (0.1, 0.5), "bend": (0.02, 0.3)}),
)

RECIPES: dict[int, tuple[Recipe, ...]] = {
    36: (
        Recipe("kick 909", {"tune": (40, 62), "decay": (0.05, 0.32), "attack": (0, 2.5), "sweep": (0.006, 0.03),
                            "depth": (1.2, 7), "shape": (0.5, 3)}),
        Recipe("kick 808", {"tune": (38, 62), "decay": (0.12, 0.6), "click": (0, 2.5)}),
        Recipe("kick driven", {"tune": (40, 62), "decay": (0.05, 0.22), "sweep": (0.008, 0.035), "depth": (2, 10),
                               "grit": (8, 38), "bias": (0, 0.6), "colour": (120, 900), "top": (1500, 12e3),
                               "dust": (0, 0.25)}),
        Recipe("membrane", {"tune": (45, 75), "decay": (0.06, 0.22), "bend": (0.2, 1.2), "strike": (0.05, 0.3),
                            "stick": (0.2, 1.5), "edge": (1500, 6000), "damping": (1.5, 3)}),
        Recipe("modulated", {"tune": (42, 65), "ratio": (0.5, 2), "depth": (0.2, 2), "decay": (0.08, 0.3),
                             "shrink": (0.05, 0.3), "bend": (1.2, 6), "edge": (22, 32)}),
    ),
    37: (
        Recipe("rim", {"tune": (250, 900), "interval": (2, 5), "decay": (0.004, 0.02), "tick": (0, 1.2)}),
        Recipe("modulated", {"tune": (500, 1800), "ratio": (1.3, 3.5), "depth": (0.5, 4), "decay": (0.005, 0.018)}),
        Recipe("membrane", {"tune": (350, 900), "decay": (0.008, 0.025), "strike": (0.3, 1.2), "stick": (0.5, 1.5)}),
        Recipe("plate", {"tune": (500, 1400), "top": (3000, 8000), "count": (4, 10), "decay": (0.008, 0.025),
                         "plate": _PLATES}),
    ),
    38: (
        Recipe("snare 909", {"tune": (150, 270), "interval": (1.4, 2.1), "decay": (0.03, 0.12), "rattle": (0.04, 0.2),
                             "snappy": (0.25, 1.2), "bend": (0, 1.2), "edge": (1200, 5000)}),
        Recipe("snare 808", {"tune": (150, 270), "interval": (1.5, 2.1), "decay": (0.03, 0.12), "rattle": (0.03, 0.16),
                             "snappy": (0.25, 1.2), "balance": (0.2, 1.2), "edge": (900, 5000), "air": (0, 1.5)}),
        Recipe("membrane", {"tune": (150, 290), "decay": (0.03, 0.14), "snappy": (0.4, 1.5), "rattle": (0.05, 0.22),
                            "strike": (0.2, 1), "stick": (0.3, 1.5), "edge": (2000, 6000)}),
        Recipe("noise", {"tune": (1500, 4500), "width": (1.2, 2.2), "decay": (0.03, 0.16), "hold": (0, 0.1),
                         "sink": (0, 1)}),
    ),
    39: (
        Recipe("clap", {"tune": (700, 1900), "decay": (0.03, 0.22), "hands": (2, 6), "gap": (0.007, 0.016),
                        "room": (0.1, 1.2), "air": (0, 1)}),
        Recipe("noise", {"tune": (900, 2500), "width": (0.4, 1.2), "bursts": (2, 5), "gap": (0.008, 0.016),
                         "decay": (0.03, 0.18)}),
        Recipe("noise", {"tune": (1400, 2800), "width": (0.2, 0.5), "bursts": (1, 3), "gap": (0.004, 0.01),
                         "decay": (0.01, 0.04)}),
    ),
    42: tuple(Recipe(hat.circuit, {**hat.ranges, "decay": (0.01, 0.055)}) for hat in _HATS),
    46: tuple(Recipe(hat.circuit, {**hat.ranges, "decay": (0.09, 0.45)}) for hat in _HATS),
    43: tuple(Recipe(tom.circuit, {**tom.ranges, "tune": (62, 100)}) for tom in _TOMS),
    47: tuple(Recipe(tom.circuit, {**tom.ranges, "tune": (100, 150)}) for tom in _TOMS),
    50: tuple(Recipe(tom.circuit, {**tom.ranges, "tune": (150, 240)}) for tom in _TOMS),
    49: (
        Recipe("cymbal squares", {"tune": (150, 320), "decay": (0.25, 0.8), "bright": (0.5, 2), "bent": (0.3, 1.5)}),
        Recipe("metal memory", {"clock": (24e3, 44e3), "decay": (0.3, 1), "edge": (900, 4000), "memory": _PLATES,
                                "low": (600, 2500), "tilt": (-3, 1), "grain": (0.1, 1.2), "bits": (5, 14)}),
        Recipe("plate", {"tune": (250, 700), "top": (11e3, 17e3), "count": (150, 400), "decay": (0.5, 1.3),
                         "damping": (0.1, 0.4), "tilt": (-1, 1.5), "plate": _PLATES, "grain": (0, 1)}),
        Recipe("noise", {"tune": (5000, 9000), "width": (1, 2), "decay": (0.3, 0.9), "sink": (0.3, 1.5)}),
    ),
    51: (
        Recipe("cymbal squares", {"tune": (150, 320), "decay": (0.2, 0.6), "bright": (0.3, 1.2), "ping": (0.2, 0.9)}),
        Recipe("metal memory", {"clock": (24e3, 44e3), "decay": (0.25, 0.8), "edge": (1500, 5000), "memory": _PLATES,
                                "tilt": (-3, 0), "bell": (0.3, 1), "grain": (0, 0.4), "bits": (5, 14)}),
        Recipe("plate", {"tune": (600, 1500), "top": (8000, 15e3), "count": (60, 200), "decay": (0.3, 0.9),
                         "damping": (0.1, 0.35), "tilt": (-1.5, 1), "plate": _PLATES, "ring": (0, 0.3)}),
    ),
    56: (
        Recipe("cowbell", {"tune": (430, 680), "decay": (0.04, 0.22), "edge": (1500, 5000)}),
        Recipe("modulated", {"tune": (450, 900), "ratio": (1.4, 1.55), "depth": (0.8, 3), "decay": (0.04, 0.18)}),
        Recipe("plate", {"tune": (450, 750), "top": (2500, 7000), "count": (4, 9), "decay": (0.05, 0.2),
                         "damping": (0.3, 0.8), "plate": _PLATES}),
    ),
    62: tuple(Recipe(hand.circuit, {**hand.ranges, "tune": (300, 460), "decay": (0.015, 0.04)}) for hand in _CONGAS),
    63: tuple(Recipe(hand.circuit, {**hand.ranges, "tune": (280, 420), "decay": (0.06, 0.16)}) for hand in _CONGAS),
    64: tuple(Recipe(hand.circuit, {**hand.ranges, "tune": (160, 255), "decay": (0.07, 0.2)}) for hand in _CONGAS),
    70: (
        Recipe("maracas", {"decay": (0.01, 0.05), "edge": (3500, 8000), "swell": (0.003, 0.03)}),
        Recipe("noise", {"tune": (5000, 10e3), "width": (0.3, 1), "swell": (0.005, 0.04), "decay": (0.01, 0.05)}),
    ),
    75: (
        Recipe("claves", {"tune": (1700, 3300), "decay": (0.007, 0.028)}),
        Recipe("modulated", {"tune": (1500, 3000), "ratio": (1.2, 3), "depth": (0.2, 1.5), "decay": (0.008, 0.025)}),
        Recipe("plate", {"tune": (1600, 2800), "top": (5000, 9000), "count": (3, 5), "decay": (0.008, 0.025),
                         "plate": _PLATES}),
    ),
}  # fmt: skip
"""How each piece may be made, by its General MIDI note."""

PLACES: dict[int, Place] = {
    36: Place((-8, 0), 0.05, 0.15), 37: Place((-16, -3), 0.7, 0.8), 38: Place((-10, 0), 0.15, 0.7),
    39: Place((-12, -1), 0.3, 0.9), 42: Place((-20, -6), 0.6, 0.3), 43: Place((-11, 0), 0.8, 0.6),
    46: Place((-20, -7), 0.6, 0.4), 47: Place((-12, -1), 0.8, 0.6), 49: Place((-20, -6), 0.8, 0.6),
    50: Place((-13, -1), 0.8, 0.6), 51: Place((-22, -8), 0.8, 0.5), 56: Place((-18, -5), 0.8, 0.7),
    62: Place((-16, -4), 0.9, 0.7), 63: Place((-16, -4), 0.9, 0.7), 64: Place((-15, -3), 0.9, 0.7),
    70: Place((-22, -8), 0.9, 0.6), 75: Place((-19, -6), 0.9, 0.8),
}  # fmt: skip
"""Where each piece may sit in the mix."""

SHAPING: dict[str, tuple[float, Range]] = {
    "fold": (0.06, (0.2, 1.3)),
    "drive": (0.35, (3, 26)),
    "crush": (0.12, (4, 10)),
    "sampled": (0.12, (11e3, 30e3)),
    "gate": (0.1, (0.05, 0.4)),
    "lowpass": (0.15, (5e3, 18e3)),
}
"""How often a piece goes through what, and how far; `UNSHAPED` are left out."""
UNSHAPED: dict[str, frozenset[int]] = {
    "fold": frozenset((36, 42, 46, 49, 51, 70)),  # folded, a kick is no longer low and noise is only noise
    "lowpass": frozenset((42, 46, 70)),
    "sampled": frozenset((42, 46, 70)),
    "gate": frozenset((46, 49, 51)),
}

LAYERED, LAYER_LEVEL = 0.2, (-14.0, -2.0)
"""How often another sound for the same piece lies under the first, and how loud in dB."""
RELATED = 0.75
"""How often toms, hats and congas of a kit are made alike."""
FROM_MACHINE, TURNED = 0.3, 0.15
"""How often a piece is that of a built-in machine, and how far its numbers are then moved (of their logarithm)."""
