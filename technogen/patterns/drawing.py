"""Draws from weighted tables. Every draw of a composition goes through `random.Random`, whose bytes never change."""

from collections.abc import Iterable
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw_weighted(rng: Random, choices: Iterable[tuple[T, float]]) -> T:
    """One of the choices, by its weight."""
    pairs = list(choices)
    return rng.choices([c for c, _ in pairs], [w for _, w in pairs])[0]


def make_stream(seed: int, *names: str) -> Random:
    """A generator of its own for one matter, so that a change in another matter leaves its draws alone."""
    return Random("/".join((str(seed), *names)))  # a string is seeded by SHA-512, the same in every process
