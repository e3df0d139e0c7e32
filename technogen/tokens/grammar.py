"""The grammar of tokens as a mask: which token may come next, so that whatever is sampled under it decodes."""

from bisect import bisect_right
from collections.abc import Collection
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from technogen.errors import TokenError
from technogen.score import TICKS_PER_BAR, Part
from technogen.score.quantising import BASS_PITCHES, GATE_TICKS, GRID
from technogen.score.types import MAX_BARS
from technogen.tokens.vocabulary import (
    BAR,
    BASS_CLASSES,
    BOS,
    DENSITY_CLASSES,
    DRUM_CLASSES,
    DRUM_PIECES,
    EOS,
    FILTER_POSITIONS,
    FILTERS,
    FIRST,
    KINDS,
    PAD,
    POSITIONS_PER_BAR,
    TOKEN_DURATIONS,
    VOCABULARY,
    ids_of,
)

Mask = NDArray[np.bool_]

_HEAD = ("Task", "Style", "Source", "Parts")
_BAR_HEAD = ("Style", "Section", "Density")
_POSITION, _DRUM, _BASS = FIRST["Position"], FIRST["Drum"], FIRST["Bass"]
_DURATION, _FILTER = FIRST["Duration"], FIRST["Filter"]
_CLOSED = len(DRUM_PIECES)  # a value of `State.piece`: after the bass note
_FILTER_TIMES = ids_of("Position")[::FILTER_POSITIONS]
_GATE_POSITIONS = -(-GATE_TICKS // GRID)


class Stage(IntEnum):
    """What the last token was, as far as the next one depends on it."""

    START = 0
    HEAD = 1
    BAR = 2
    POSITION = 3
    EVENT = 4
    NOTE = 5
    END = 6


class State(NamedTuple):
    """Where in the grammar a sequence stands; immutable, so a sequence may be continued in several ways.

    Attributes:
        stage: What the last token was.
        bars_left: Bars that are still to come after this one.
        rank: In a head: how many of its kinds are over.
        position: The open position of this bar, -1 before the first.
        piece: The last drum piece at this position by its index, -1 before the first, 17 after the bass note.
        free: The first position, counted from the start of this bar, where the bass may sound again.
        slide_from: The id of the pitch that slides into the next note, -1 where none does.
        knobs: The index of the last Filter token in `FILTERS`, -1 before the first.
    """

    stage: Stage
    bars_left: int
    rank: int = 0
    position: int = -1
    piece: int = -1
    free: int = 0
    slide_from: int = -1
    knobs: int = -1

    @property
    def done(self) -> bool:
        """Whether the sequence is complete: EOS has come."""
        return self.stage is Stage.END


class Grammar:
    """Which tokens may follow which, for scores of a given number of bars.

    What is guaranteed: every sequence sampled under `allowed` ends, has exactly the bars asked for, and decodes; and
    there is always something to sample. A slide that the sequence never leads anywhere is dropped by `decode`.

    Args:
        parts: The parts that may be written.
        scale: Pitch classes 0..11 (0 is C) that the bass keeps to; None for all.

    Raises:
        TokenError: If there is no such part, or the scale is empty or has other values.
    """

    def __init__(self, *, parts: Collection[Part] = ("drums", "bass"), scale: Collection[int] | None = None) -> None:
        if not parts or not set(parts) <= {"drums", "bass"}:
            raise TokenError(f"parts are one or both of 'drums' and 'bass', got {parts!r}")
        if scale is not None and (not scale or not set(scale) <= set(range(12))):
            raise TokenError(f"a scale is a set of pitch classes 0..11, 0 for C, got {scale!r}")
        self.parts = frozenset(parts)
        self.scale = None if scale is None else frozenset(scale)
        self._drums, self._bass = "drums" in self.parts, "bass" in self.parts
        self._hits = _hit_masks(self._drums)
        self._pitches = _bass_masks(self._bass, self.scale)
        self._filters = _filter_masks(self._bass)
        self._later = _nested(ids_of("Position"), reverse=True)
        self._knob_turns = [mask & _mask(*_FILTER_TIMES) for mask in self._later]
        self._durations = _nested(ids_of("Duration"))
        self._turn = (_mask(EOS), _mask(BAR))
        self._heads = _head_masks(_HEAD, self.parts)
        self._bar_heads = _head_masks(_BAR_HEAD, self.parts)
        self._start, self._end = _mask(BOS), _mask(PAD)

    def start(self, bars: int) -> State:
        """The state before BOS of a score with that many bars.

        Raises:
            TokenError: If bars is below 1 or above 20000.
        """
        if not 1 <= bars <= MAX_BARS:
            raise TokenError(f"bars must be in 1..{MAX_BARS}, got {bars!r}")
        return State(Stage.START, int(bars))

    def allowed(self, state: State) -> Mask:
        """The tokens that may come next, (vocabulary,); never all False."""
        first, *more = self._layers(state)
        mask: Mask = first.copy()
        for layer in more:
            mask |= layer
        return mask

    def advance(self, state: State, token: int) -> State:
        """The state after a token.

        Raises:
            TokenError: If the token may not come here.
        """
        if not 0 <= token < len(VOCABULARY):
            raise TokenError(f"a token is in 0..{len(VOCABULARY) - 1}, got {token!r} {_describe(state)}")
        for layer in self._layers(state):
            if layer[token]:
                return self.follow(state, token)
        raise TokenError(f"token {token} ({VOCABULARY[token]}) may not come {_describe(state)}")

    def _layers(self, state: State) -> tuple[Mask, ...]:
        """Masks whose union is what may come next."""
        stage = state.stage
        if stage is Stage.EVENT:
            return (*self._events(state), *self._onward(state))
        if stage is Stage.POSITION:
            return self._events(state)
        if stage is Stage.NOTE:
            room = _room(state)
            held = self._durations[bisect_right(TOKEN_DURATIONS, room)]
            return (held, *self._onward(state)) if room >= GATE_TICKS else (held,)
        if stage is Stage.BAR:
            return (self._bar_heads[state.rank], *self._onward(state))
        if stage is Stage.HEAD:
            return (self._heads[state.rank], self._turn[True])
        return (self._start,) if stage is Stage.START else (self._end,)

    def _events(self, state: State) -> tuple[Mask, ...]:
        """What may sound at the open position."""
        layers: tuple[Mask, ...] = (self._hits[state.piece],)
        if state.piece < _CLOSED and state.position >= state.free:
            layers = (*layers, self._pitches[state.slide_from])
        if state.stage is Stage.POSITION and state.position % FILTER_POSITIONS == 0:
            layers = (*layers, self._filters[state.knobs])
        return layers

    def _onward(self, state: State) -> tuple[Mask, ...]:
        """Later positions of this bar where anything may sound, and the next bar or the end."""
        turn = self._turn[state.bars_left > 0]
        if self._drums:
            return (self._later[state.position + 1], turn)
        following = max(state.position + 1, min(state.free, POSITIONS_PER_BAR))
        return (self._later[following], self._knob_turns[state.position + 1], turn)

    def follow(self, state: State, token: int) -> State:
        """The state after a token that is known to be allowed: `advance` without its check."""
        kind = KINDS[token]
        left, free, slide, knobs = state.bars_left, state.free, state.slide_from, state.knobs
        if kind == "Position":
            return State(Stage.POSITION, left, 0, token - _POSITION, -1, free, slide, knobs)
        if kind == "Drum":
            piece = (token - _DRUM) // len(DRUM_CLASSES)
            return State(Stage.EVENT, left, 0, state.position, piece, free, slide, knobs)
        if kind == "Bass":
            return _after_note(state, token - _BASS)
        if kind == "Duration":
            end = state.position - (-TOKEN_DURATIONS[token - _DURATION] // GRID)
            return State(Stage.EVENT, left, 0, state.position, _CLOSED, end, slide, knobs)
        if kind == "Bar":
            return State(Stage.BAR, left - 1, 0, -1, _CLOSED, max(0, free - POSITIONS_PER_BAR), slide, knobs)
        if kind == "Filter":
            return State(Stage.EVENT, left, 0, state.position, -1, free, slide, token - _FILTER)
        if kind in {"BOS", "EOS", "PAD"}:
            return State(Stage.HEAD if kind == "BOS" else Stage.END, left)
        kinds = _HEAD if state.stage is Stage.HEAD else _BAR_HEAD
        return state._replace(rank=kinds.index(kind) + 1)


def _after_note(state: State, event: int) -> State:
    pitch, variant = divmod(event, len(BASS_CLASSES))
    slides = variant % 2 == 1
    return State(
        Stage.EVENT if slides else Stage.NOTE,
        state.bars_left,
        0,
        state.position,
        _CLOSED,
        state.position + (1 if slides else _GATE_POSITIONS),
        pitch if slides else -1,
        state.knobs,
    )


def _room(state: State) -> int:
    """Ticks from the open position to the end of the score."""
    return state.bars_left * TICKS_PER_BAR + TICKS_PER_BAR - state.position * GRID


def _describe(state: State) -> str:
    where = {
        Stage.START: "at the start, where BOS is",
        Stage.HEAD: "in the head of the score",
        Stage.BAR: "at the start of a bar",
        Stage.POSITION: f"right after position {state.position}",
        Stage.EVENT: f"after the events at position {state.position}",
        Stage.NOTE: f"after the bass note at position {state.position}",
        Stage.END: "after the end",
    }
    return f"{where[state.stage]}, with {state.bars_left} bars to come"


def _mask(*ids: int) -> Mask:
    mask = np.zeros(len(VOCABULARY), dtype=np.bool_)
    mask[list(ids)] = True
    return mask


def _nested(ids: range, *, reverse: bool = False) -> list[Mask]:
    """Masks of the first k ids, or with `reverse` of all but the first k, for k from 0 to their number."""
    masks = np.zeros((len(ids) + 1, len(VOCABULARY)), dtype=np.bool_)
    first_k = np.tri(len(ids) + 1, len(ids), -1, dtype=np.bool_)
    masks[:, ids.start : ids.stop] = ~first_k if reverse else first_k
    return list(masks)


def _hit_masks(allowed: bool) -> list[Mask]:
    """By the last piece that was hit (-1: none, the last mask): the hits that may follow at the same position."""
    from_piece = _nested(ids_of("Drum"), reverse=True)[:: len(DRUM_CLASSES)]
    masks = [*from_piece[1:], _mask(), from_piece[0]]
    return masks if allowed else [_mask()] * len(masks)


def _bass_masks(allowed: bool, scale: Collection[int] | None) -> list[Mask]:
    """By the pitch that slides (-1: none, the last mask): the notes that may follow; none has the same pitch."""
    pitches = np.array([allowed and (scale is None or pitch % 12 in scale) for pitch in BASS_PITCHES])
    masks = np.zeros((len(pitches) + 1, len(VOCABULARY)), dtype=np.bool_)
    others = ~np.eye(len(pitches) + 1, len(pitches), dtype=np.bool_)
    masks[:, _BASS:_DURATION] = np.repeat(pitches & others, len(BASS_CLASSES), axis=1)
    return list(masks)


def _filter_masks(allowed: bool) -> list[Mask]:
    """By the last Filter token (-1: none, the last mask): those that move a knob and leave none untouched again."""
    touched = np.array([[cutoff is not None, resonance is not None] for cutoff, resonance in FILTERS])
    masks = np.zeros((len(FILTERS) + 1, len(VOCABULARY)), dtype=np.bool_)
    moves = ~np.eye(len(FILTERS), dtype=np.bool_) & (touched[None] >= touched[:, None]).all(axis=2)
    masks[:, _FILTER : _FILTER + len(FILTERS)] = np.vstack([moves, np.ones(len(FILTERS), dtype=np.bool_)]) & allowed
    return list(masks)


def _head_masks(kinds: tuple[str, ...], parts: Collection[Part]) -> list[Mask]:
    """By how many kinds of a head are over: the head tokens that may follow, none for a part that is forbidden."""
    by_kind = [_mask(*(t for t in ids_of(kind) if _suits(t, parts))) for kind in kinds]
    from_the_end = accumulate(reversed(by_kind), np.logical_or, initial=_mask())
    return list(from_the_end)[::-1]


def _suits(token: int, parts: Collection[Part]) -> bool:
    if KINDS[token] == "Parts":
        return set(VOCABULARY[token].partition("_")[2].split(".")) <= set(parts)
    if KINDS[token] == "Density":
        drums, bass = divmod(token - FIRST["Density"], DENSITY_CLASSES)
        return ("drums" in parts or not drums) and ("bass" in parts or not bass)
    return True
