"""Orders written by the trained model: an order as its first tokens, tokens as bars of a score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from technogen.generation.composer import CachedStreams, one_thread
from technogen.generation.decoding import Guide, Take, write_takes
from technogen.generation.music_transformer import MusicTransformer
from technogen.generation.orders import Order
from technogen.score import Control, Score
from technogen.tokens import Controls, Encoded, decode, encode, encode_head, ids_of, token_id
from technogen.tokens.vocabulary import FILTERS, STYLES

_BAR, _BOS, _EOS = token_id("Bar_None"), token_id("BOS_None"), token_id("EOS_None")
_BASS, _POSITION, _FILTER = ids_of("Bass"), ids_of("Position"), ids_of("Filter")
_SLIDES = (1, 3)
"""Of the four Bass tokens of a pitch, those that slide."""
_LONGEST = 5
"""Bars that the longest note may last, and one: as many are kept free after a bar that is decoded alone."""

Knobs = tuple[int | None, int | None]


class Writer:
    """Writes orders with a model.

    Attributes:
        model: The torch module.
        styles: What it can write.
    """

    styles = STYLES

    def __init__(self, model: MusicTransformer) -> None:
        self.model = model

    def write(self, order: Order, takes: int) -> tuple[Score, ...]:
        """The takes of an order."""
        start, before = self._start(order)
        written = _seat_takes(order, start, before, takes)
        with one_thread():
            for _ in write_takes(CachedStreams(self.model), start, written, order.wish.sampling):
                pass
        blank = order.blank
        return tuple(
            decode(Encoded((*start, *take.ids), blank.tempo, blank.swing, before + blank.bars))[before:]
            for take in written
        )

    def stream(self, order: Order) -> Iterator[Score]:
        """The bars of an order one by one, each as soon as it is written."""
        start, before = self._start(order)
        take = _seat_takes(order, start, before, 1)[0]
        steps = write_takes(CachedStreams(self.model), start, [take], order.wish.sampling)
        knobs = _last_knobs(start)
        while not take.state.done:
            with one_thread():
                while not take.ids or take.ids[-1] not in (_BAR, _EOS):
                    next(steps)
            bar = [_BAR, *take.ids[:-1]]
            yield _decode_bar(bar, order.blank, knobs, last=take.state.done)
            knobs = _last_knobs(bar) or knobs
            take.ids.clear()

    def _start(self, order: Order) -> tuple[tuple[int, ...], int]:
        """The first tokens up to the first new bar, and how many bars they hold: the last of the prompt that fit."""
        style = order.wish.style
        controls = Controls(style=style, parts=order.parts)  # type: ignore[arg-type]
        if order.prompt is None:
            return (*encode_head(controls), _BAR), 0
        room = self.model.config.window * 3 // 4
        bars = min(order.prompt.bars, _count_fitting(encode(order.prompt).ids, room))
        ids = encode(order.prompt[-bars:], controls=controls).ids
        return (*ids[:-1], _BAR), bars


def _count_fitting(ids: Sequence[int], room: int) -> int:
    """How many of the last bars have so many tokens together; at least one."""
    lines = [k for k, token in enumerate(ids) if token == _BAR]
    return max(1, sum(len(ids) - line <= room for line in lines))


def _seat_takes(order: Order, start: Sequence[int], before: int, takes: int) -> list[Take]:
    guide = Guide(order.parts, order.key, planned=order.prompt is None)
    state = guide.start(start, before + order.blank.bars)
    return [Take(guide, state, (order.seed, 1, take)) for take in range(takes)]


def _decode_bar(ids: Sequence[int], blank: Score, knobs: Knobs | None, *, last: bool) -> Score:
    """One bar by itself, as slicing the whole would give it; its filter starts where it stood."""
    later = [_BAR] * _LONGEST
    answer = [] if last else _answer_slide(ids)
    tokens = (_BOS, *ids, *later[:1], *answer, *later[1:], _EOS)
    score = decode(Encoded(tokens, blank.tempo, blank.swing, 1 + len(later)))[:1]
    named = {c.name for c in score.controls if c.tick == 0}
    kept = [c for c in _hold(knobs) if c.name not in named]
    return replace(score, controls=(*kept, *score.controls))


def _hold(knobs: Knobs | None) -> list[Control]:
    cutoff, resonance = knobs or (None, None)
    held = [] if cutoff is None else [Control(0, "cutoff", cutoff)]
    return held if resonance is None else [*held, Control(0, "resonance", resonance)]


def _answer_slide(ids: Sequence[int]) -> list[int]:
    """A note in the next bar for a slide that leads out of this one, so that it is held to the bar line."""
    events = [token - _BASS.start for token in ids if token in _BASS]
    if not events or events[-1] % 4 not in _SLIDES:
        return []
    return [_POSITION.start, _BASS.start + (0 if events[-1] >= 4 else 4)]


def _last_knobs(ids: Sequence[int]) -> Knobs | None:
    return next((FILTERS[token - _FILTER.start] for token in reversed(ids) if token in _FILTER), None)
