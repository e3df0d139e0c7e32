"""The key of a bassline: reading what is asked for, drawing what is not."""

from dataclasses import dataclass
from random import Random

from technogen.errors import GenerationError
from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import SCALES, BassStyle

_NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


@dataclass(frozen=True, slots=True)
class Key:
    """The root as a MIDI note, and the scale in semitones above it."""

    root: int
    scale: tuple[int, ...]


def read_key(key: str | None) -> tuple[int | None, str | None]:
    """The pitch class of the root and the name of the scale, each None where it is not named.

    Raises:
        GenerationError: If it is no key, as "F# minor" is one.
    """
    if key is None:
        return None, None
    name, _, scale = key.strip().partition(" ") if isinstance(key, str) else ("", "", "")
    letter, sign, scale = name[:1].upper(), name[1:], scale.strip().lower()
    if letter not in _NAMES or sign not in _SIGNS or (scale and scale not in SCALES):
        raise GenerationError(
            f"key must be a root and perhaps a scale ({', '.join(SCALES)}), as in 'F# minor', got {key!r}"
        )
    return (_NAMES[letter] + _SIGNS[sign]) % 12, scale or None


def draw_key(rng: Random, style: BassStyle, pitch_class: int | None) -> Key:
    """A root in the range of the style, of the pitch class if one is given, and one of its scales."""
    low, high = style.root
    root, scale = rng.randint(low, high), SCALES[draw_weighted(rng, style.scales)]
    return Key(root if pitch_class is None else low + (pitch_class - low) % 12, scale)
