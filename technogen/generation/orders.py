"""What is to be written, checked and complete: nothing in an order is left to choose but the music."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace

import numpy as np

from technogen.errors import GenerationError
from technogen.generation.keys import Key, draw_key, hear_key, read_key
from technogen.generation.sampling import Sampling
from technogen.patterns import STYLES
from technogen.score import Part, Score
from technogen.score.types import MAX_BARS, MAX_TEMPO, MIN_TEMPO
from technogen.tokens import find_parts

MAX_TAKES = 64
PROMPT_BARS = 64
"""What lies further back in a prompt is not read: no model sees so far."""

_OTHER_TEMPOS = (124, 140)
_SEED_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asked for, unchecked.

    Attributes:
        prompt: What to continue; None to write from nothing.
        bars: How many to write.
        tempo: Beats a minute; None: the prompt's, or one that the style likes.
        style: The style.
        seed: Of all draws; None draws one.
        sampling: How freely.
    """

    prompt: Score | None
    bars: int
    tempo: float | None
    style: str
    seed: int | None
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written.

    Attributes:
        wish: What it comes from.
        prompt: What to continue, quantised and cut to its last `PROMPT_BARS`; None to write from nothing.
        blank: An empty score of the bars, tempo and swing to write.
        key: What the bass keeps to.
        key_is_known: Whether it was asked for, or heard in the prompt; else it was drawn.
        parts: What to write.
        seed: Of all draws, from 0 up.
    """

    wish: Wish
    prompt: Score | None
    blank: Score
    key: Key
    key_is_known: bool
    parts: tuple[Part, ...]
    seed: int


def complete_order(wish: Wish, styles: tuple[str, ...]) -> Order:
    """Check a wish, and settle what it leaves open.

    Raises:
        GenerationError: If something in it is out of range, or of another type.
    """
    _check_wish(wish, styles)
    seed = (secrets.randbits(63) if wish.seed is None else wish.seed) & _SEED_MASK
    random = np.random.default_rng((seed, 0))
    drawn_tempo, drawn_swing = _draw_time(wish.style, random)
    drawn_key = draw_key(wish.style, random)
    prompt = None if wish.prompt is None else _shorten(wish.prompt)
    known = _find_key(wish.sampling, prompt)
    parts = find_parts(prompt) if prompt else ()
    return Order(
        wish=wish,
        prompt=prompt if parts else None,
        blank=Score(
            tempo=wish.tempo or (prompt.tempo if prompt else drawn_tempo),
            bars=wish.bars,
            swing=prompt.swing if prompt else drawn_swing,
        ),
        key=known or drawn_key,
        key_is_known=known is not None,
        parts=parts or ("drums", "bass"),
        seed=seed,
    )


def _find_key(sampling: Sampling, prompt: Score | None) -> Key | None:
    if sampling.key is not None:
        return read_key(sampling.key)
    return hear_key(prompt.bass) if prompt and prompt.bass else None


def check_count(name: str, value: int, low: int, high: int) -> None:
    """Check a whole number.

    Raises:
        GenerationError: If it is none, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise GenerationError(f"{name} must be a whole number in {low}..{high}, got {value!r}")


def _check_wish(wish: Wish, styles: tuple[str, ...]) -> None:
    if wish.prompt is not None and not isinstance(wish.prompt, Score):
        raise GenerationError(f"prompt must be a Score or None, got {type(wish.prompt).__name__}")
    check_count("bars", wish.bars, 1, MAX_BARS - PROMPT_BARS)
    if wish.tempo is not None:
        number = isinstance(wish.tempo, (int, float)) and not isinstance(wish.tempo, bool)
        if not number or not math.isfinite(wish.tempo) or not MIN_TEMPO <= wish.tempo <= MAX_TEMPO:
            limits = f"{MIN_TEMPO:g}..{MAX_TEMPO:g}"
            raise GenerationError(f"tempo must be in {limits} beats a minute, or None, got {wish.tempo!r}")
    if wish.style not in styles:
        raise GenerationError(f"style must be one of {', '.join(styles)}, got {wish.style!r}")
    if wish.seed is not None and (isinstance(wish.seed, bool) or not isinstance(wish.seed, int)):
        raise GenerationError(f"seed must be a whole number or None, got {wish.seed!r}")
    if not isinstance(wish.sampling, Sampling):
        raise GenerationError(f"sampling must be a Sampling, got {type(wish.sampling).__name__}")


def _draw_time(style: str, random: np.random.Generator) -> tuple[float, float]:
    """Tempo and swing as the style likes them."""
    low, high = STYLES[style].tempo if style in STYLES else _OTHER_TEMPOS
    least, most = STYLES[style].swing if style in STYLES else (0.5, 0.5)
    return float(random.integers(low, high + 1)), round(float(random.uniform(least, most)), 2)


def _shorten(prompt: Score) -> Score:
    """The last bars, quantised; sections are not of interest, and the swing found in all of it stays."""
    whole = prompt if prompt.bars <= PROMPT_BARS else prompt[-PROMPT_BARS:]
    return replace(whole.quantised(), sections=())
