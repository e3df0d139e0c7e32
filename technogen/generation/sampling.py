"""Drawing the next token from a model's scores: pure functions on logits, (vocabulary,), in double precision."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.errors import GenerationError

Logits = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Sampling:
    """How freely music is drawn from what the model holds likely.

    Attributes:
        temperature: 1 as the model learned it, less is safer, more is wilder; 0 always takes the likeliest.
        top_k: Only the so many likeliest tokens; 0 for all.
        top_p: Only the likeliest tokens that make up this share of the probability, above 0 and up to 1.
        min_p: Only tokens at least so likely, 0..1, as a share of the likeliest.
        key: What the bass keeps to, as in "A minor" or "F# phrygian"; "any" for all notes; None: the prompt's key, or
            one drawn from the seed.

    Raises:
        GenerationError: If a value is out of range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.99
    min_p: float = 0.0
    key: str | None = None

    def __post_init__(self) -> None:
        _check("temperature", self.temperature, 0, 100, "0..100 (0: always the likeliest)")
        _check("top_p", self.top_p, _LEAST_SHARE, 1, "above 0 and up to 1 (1: all)")
        _check("min_p", self.min_p, 0, 1, "0..1 (0: all)")
        if isinstance(self.top_k, bool) or not isinstance(self.top_k, int) or self.top_k < 0:
            raise GenerationError(f"top_k must be a whole number from 0 (all tokens) up, got {self.top_k!r}")


def draw_token(logits: Logits, allowed: Mask, sampling: Sampling, random: np.random.Generator) -> int:
    """Draw one of the allowed tokens.

    Args:
        logits: The model's scores, (vocabulary,).
        allowed: Which tokens may come, (vocabulary,); at least one.
        sampling: How freely.
        random: Gives one number for each draw, also where there is no choice.
    """
    share = random.random()
    scores = np.where(allowed, logits, -math.inf)
    if sampling.temperature == 0:
        return int(scores.argmax())
    scores = keep_min_p(scale_temperature(scores, sampling.temperature), sampling.min_p)
    scores = keep_top_p(keep_top_k(scores, sampling.top_k), sampling.top_p)
    tokens = np.flatnonzero(scores > -math.inf)
    reached = np.cumsum(_probabilities(scores[tokens]))
    place = np.searchsorted(reached, share * reached[-1], side="right")
    return int(tokens[min(place, tokens.size - 1)])


def scale_temperature(logits: Logits, temperature: float) -> Logits:
    """Logits relative to the largest, divided by a temperature above 0."""
    with np.errstate(over="ignore"):
        return np.asarray((logits - logits.max()) / temperature)


def keep_top_k(logits: Logits, k: int) -> Logits:
    """The k largest logits, of equal ones the first, the rest at minus infinity; all for k = 0."""
    if not 0 < k < logits.size:
        return logits
    kept = np.argsort(-logits, kind="stable")[:k]
    return _keep(logits, kept)


def keep_top_p(logits: Logits, p: float) -> Logits:
    """The fewest likeliest tokens that make up the share p (Holtzman et al. 2020), always at least one."""
    if p >= 1:
        return logits
    order = np.argsort(-logits, kind="stable")
    before = np.cumsum(_probabilities(logits)[order])
    count = int(np.searchsorted(before, p * before[-1])) + 1
    return _keep(logits, order[:count])


def keep_min_p(logits: Logits, p: float) -> Logits:
    """The tokens that are at least p times as likely as the likeliest."""
    if p <= 0:
        return logits
    return np.where(logits >= logits.max() + math.log(p), logits, -math.inf)


def _keep(logits: Logits, kept: NDArray[np.intp]) -> Logits:
    out = np.full_like(logits, -math.inf)
    out[kept] = logits[kept]
    return out


def _probabilities(logits: Logits) -> Logits:
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())


def _check(name: str, value: float, low: float, high: float, wanted: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise GenerationError(f"{name} must be in {wanted}, got {value!r}")
