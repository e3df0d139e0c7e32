"""Token by token from a model's scores to finished streams, under the grammar; knows no network."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from technogen.generation.keys import Key
from technogen.generation.sampling import Logits, Mask, Sampling, draw_token
from technogen.score import Part
from technogen.tokens import VOCABULARY, Density, Grammar, Stage, State, density_token, ids_of, token_id
from technogen.tokens.vocabulary import DENSITY_CLASSES

PAD = token_id("PAD_None")


class TokenModel(Protocol):
    """What scores the next token of several takes that start alike."""

    def start(self, ids: Sequence[int], takes: int) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after a start."""

    def step(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after one more token of each take."""


class Guide:
    """The rules that all takes of an order keep to: the grammar, the parts, and the key of the bass.

    A key says which notes may come, not how many: what the model gives to the others goes to those of the key. A line
    that is new starts with the root, which makes it sound as that. With `planned`, each bar first says how busy its
    parts will be, and none of them plans to be silent; the notes that follow are free to differ.
    """

    def __init__(self, parts: Collection[Part], key: Key, *, planned: bool = False) -> None:
        self._within = Grammar(parts=parts, scale=key.classes)
        self._first = self._within if key.root is None else Grammar(parts=parts, scale={key.root})
        self._any_key = Grammar(parts=parts)
        self._notes = ids_of("Bass")
        self._plans = _find_plans(parts) if planned else None

    def start(self, ids: Sequence[int], bars: int) -> tuple[State, bool]:
        """The state after the first ids of a score of so many bars, and whether a bass note is among them."""
        grammar = Grammar()
        state = grammar.start(bars)
        for token in ids:
            state = grammar.advance(state, token)
        return state, any(token in self._notes for token in ids)

    def allowed(self, state: State, line_has_begun: bool) -> Mask:
        """What may come next."""
        allowed = (self._within if line_has_begun else self._first).allowed(state)
        if self._plans is not None and state.stage is Stage.BAR and (allowed & self._plans).any():
            return allowed & self._plans
        return allowed

    def move_to_key(self, logits: Logits, allowed: Mask, state: State) -> Logits:
        """Logits whose bass notes, plain or accented, slid or not, are as likely together as in any key."""
        first, last = self._notes.start, self._notes.stop
        if not allowed[first:last].any():
            return logits
        scores = logits[first:last].reshape(-1, 4)
        inside = _log_masses(scores, allowed[first:last].reshape(-1, 4))
        outside = _log_masses(scores, self._any_key.allowed(state)[first:last].reshape(-1, 4))
        moved: Logits = logits.copy()
        moved[first:last] = (scores + (outside - inside)).ravel()
        return moved

    def follow(self, state: State, token: int) -> State:
        """The state after an allowed token."""
        return self._within.follow(state, token)

    def begins_line(self, token: int) -> bool:
        """Whether a token is a bass note."""
        return token in self._notes


def _log_masses(scores: Logits, kept: Mask) -> Logits:
    """The logarithm of the summed exponentials of what is kept in each column."""
    masses: Logits = np.logaddexp.reduce(np.where(kept, scores, -np.inf), axis=0)
    return masses


def _find_plans(parts: Collection[Part]) -> Mask:
    """The Density tokens by which all of these parts, and no others, sound."""
    plans = np.zeros(len(VOCABULARY), dtype=np.bool_)
    for drums, bass in product(range(DENSITY_CLASSES), repeat=2):
        if (drums > 0) == ("drums" in parts) and (bass > 0) == ("bass" in parts):
            plans[density_token(Density(drums, bass))] = True
    return plans


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

    def draw(self, logits: Logits, sampling: Sampling) -> int:
        """Draw the next token and take it in; PAD once the take is done."""
        if self.state.done:
            return PAD
        allowed = self._guide.allowed(self.state, self._line_has_begun)
        logits = self._guide.move_to_key(logits, allowed, self.state)
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
