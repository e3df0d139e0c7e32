"""What the bass may play: the pitch classes of a key, given by name, heard in a prompt, or drawn."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from technogen.errors import GenerationError
from technogen.patterns import SCALES, STYLES
from technogen.score import Note

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_NAME = re.compile(r"\s*([A-Ga-g])([#♯b♭]?)(?:\s+(\w+))?\s*")
_OFTEN = 0.05
"""A pitch class that makes up this share of a prompt belongs to it, whatever its scale."""


@dataclass(frozen=True, slots=True)
class Key:
    """The pitch classes of a key, 0 for C.

    Attributes:
        root: Where a line starts; None: anywhere.
        classes: What it may use.
        name: As `read_key` reads it.
    """

    root: int | None
    classes: frozenset[int]
    name: str


ANY = Key(None, frozenset(range(12)), "any")
_ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def read_key(name: str) -> Key:
    """The key of a name such as "A minor", "F# phrygian" or "any"; a root alone is minor.

    Raises:
        GenerationError: If it names no key.
    """
    if isinstance(name, str) and name.strip().lower() == "any":
        return ANY
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    scale = (found[3] or "minor").lower() if found else ""
    if found is None or scale not in SCALES:
        scales = ", ".join(SCALES)
        raise GenerationError(f"key must be 'any', or a root and a scale ({scales}) as in 'F# minor', got {name!r}")
    return _make_key((_LETTERS[found[1].upper()] + _SIGNS[found[2]]) % 12, scale)


def draw_key(style: str, random: np.random.Generator) -> Key:
    """A key as the style likes it."""
    scales = STYLES[style].bass.scales if style in STYLES else (("minor", 1.0),)
    weights = np.array([weight for _, weight in scales])
    name = scales[int(random.choice(len(scales), p=weights / weights.sum()))][0]
    return _make_key(int(random.integers(12)), name)


def hear_key(notes: tuple[Note, ...]) -> Key:
    """The key of a line: the scale that holds most of it, its root often played; and what else it often plays."""
    counts = Counter(note.pitch % 12 for note in notes)
    best = max((_fit(root, name, counts), -rank, root) for root in range(12) for rank, name in enumerate(SCALES))
    scale = list(SCALES)[-best[1]]
    often = {pitch for pitch, count in counts.items() if count >= _OFTEN * len(notes)}
    key = _make_key(best[2], scale)
    return replace(key, classes=key.classes | often)


def _fit(root: int, scale: str, counts: Counter[int]) -> float:
    inside = sum(counts[pitch] for pitch in _make_key(root, scale).classes)
    return round((inside + 0.5 * counts[root]) / counts.total() - 0.01 * len(SCALES[scale]), 6)


def _make_key(root: int, scale: str) -> Key:
    return Key(root, frozenset((root + step) % 12 for step in SCALES[scale]), f"{_ROOTS[root]} {scale}")
