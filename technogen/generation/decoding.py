"""Token by token from a model's scores to finished streams, under the grammar; knows no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from technogen.generation.keys import Key
from technogen.generation.sampling import Mask, Sampling, draw_token
from technogen.score import Part
from technogen.tokens import Grammar, State, ids_of, token_id

PAD = token_id("PAD_None")


class TokenModel(Protocol):
    """What scores the next token of several takes that start alike."""

    def start(self, ids: Sequence[int], takes: int) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after a start."""

    def step(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after one more token of each take."""


class Guide:
    """The rules that all takes of an order keep to: the grammar, the parts, and the key of the bass.

    A line that is new starts with the root of its key, which makes it sound as that.
    """

    def __init__(self, parts: Iterable[Part], key: Key) -> None:
        self._within = Grammar(parts=tuple(parts), scale=key.classes)
        self._first = self._within if key.root is None else Grammar(parts=tuple(parts), scale={key.root})
        self._notes = ids_of("Bass")

    def start(self, ids: Sequence[int], bars: int) -> tuple[State, bool]:
        """The state after the first ids of a score of so many bars, and whether a bass note is among them."""
        anything = Grammar()
        state = anything.start(bars)
        for token in ids:
            state = anything.advance(state, token)
        return state, any(token in self._notes for token in ids)

    def allowed(self, state: State, line_has_begun: bool) -> Mask:
        """What may come next."""
        return (self._within if line_has_begun else self._first).allowed(state)

    def follow(self, state: State, token: int) -> State:
        """The state after an allowed token."""
        return self._within.follow(state, token)

    def begins_line(self, token: int) -> bool:
        """Whether a token is a bass note."""
        return token in self._notes


class Take:
    """One stream while it is written.

    Attributes:
        ids: What was written, without the start.
        state: Where in the grammar it stands.
    """

    def __init__(self, guide: Guide, start: tuple[State, bool], seed: tuple[int, ...]) -> None:
        """Args: the rules; the state after what stands before it; the seed of its own draws."""
        self.ids: list[int] = []
        self.state, self._line_has_begun = start
        self._guide = guide
        self._random = np.random.default_rng(seed)

    def draw(self, logits: NDArray[np.float64], sampling: Sampling) -> int:
        """Draw the next token and take it in; PAD once the take is done."""
        if self.state.done:
            return PAD
        allowed = self._guide.allowed(self.state, self._line_has_begun)
        token = draw_token(logits, allowed, sampling, self._random)
        self.state = self._guide.follow(self.state, token)
        self._line_has_begun |= self._guide.begins_line(token)
        self.ids.append(token)
        return token


def write_takes(model: TokenModel, start: Sequence[int], takes: Sequence[Take], sampling: Sampling) -> Iterator[None]:
    """Write all takes in step, one token each at a time, until all are done; yields after each token."""
    logits = model.start(start, len(takes))
    while True:
        drawn = [take.draw(row, sampling) for take, row in zip(takes, logits)]
        yield
        if all(take.state.done for take in takes):
            return
        logits = model.step(drawn)
