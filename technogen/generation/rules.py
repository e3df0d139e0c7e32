"""Orders written by rules: `technogen.patterns.compose` in the tempo, swing, key and parts of a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from technogen.generation.orders import Order
from technogen.patterns import STYLES, compose
from technogen.score import Score

_STREAMED = 64
"""Bars that are composed at once while streaming."""


class RulesWriter:
    """Writes orders by rules, which need no model.

    Attributes:
        model: None.
        styles: What it can write.
    """

    model = None
    styles = tuple(STYLES)

    def write(self, order: Order, takes: int) -> tuple[Score, ...]:
        """The takes of an order; the first without a prompt is what `compose` writes from the same seed."""
        return tuple(_compose(order, order.blank.bars, take) for take in range(takes))

    def stream(self, order: Order) -> Iterator[Score]:
        """The bars of an order one by one."""
        written = 0
        while written < order.blank.bars:
            bars = min(_STREAMED, order.blank.bars - written)
            part = _compose(order, bars, written // _STREAMED)
            yield from (part[k : k + 1] for k in range(bars))
            written += bars


def _compose(order: Order, bars: int, take: int) -> Score:
    wish = order.wish
    score = compose(
        wish.style,
        bars=bars,
        tempo=order.blank.tempo if take or wish.tempo or wish.prompt else None,
        seed=order.seed + take,
        key=order.key.name if order.key_is_known and order.key.root is not None else None,
    )
    if wish.prompt:
        score = replace(score, swing=order.blank.swing)
    for part in {"drums", "bass"} - set(order.parts):
        score = score.muted(part)  # type: ignore[arg-type]
    return score
