"""Examples by number: the same seed and number make the same example, whatever came before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from technogen.patterns import STYLES, compose
from technogen.score import Score
from technogen.tokens import Controls, Density, encode, find_densities
from technogen.training.corpus import Kind, Piece

MIN_BARS, MAX_BARS = 4, 16
RULES_SHARE = 0.62
"""Of the examples, where there are human pieces."""

_HUMAN_SHARES: dict[Kind, float] = {"dance": 0.55, "songs": 0.25, "drumming": 0.2}
_REPAIRED = 0.3
_TRANSPOSITIONS = 6
_VALIDATION_SEEDS = 1 << 40
_ACID_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Material:
    """What examples are drawn from.

    Attributes:
        pieces: Human pieces of one side of the split; may be empty.
        seed: Of all that is random.
        rules_share: How many of the examples are patterns by rules, 0..1.
        held_out: Whether it is for validation: rules with other seeds, nothing augmented, no control tokens.
    """

    pieces: tuple[Piece, ...]
    seed: int
    rules_share: float
    held_out: bool = False


def make_example(material: Material, number: int) -> tuple[int, ...]:
    """The tokens of one example, from BOS to EOS."""
    random = np.random.default_rng((material.seed, material.held_out, number))
    if random.random() < material.rules_share:
        score, controls = _by_rules(random, material)
    else:
        score, controls = _by_humans(random, material)
    if material.held_out:
        return encode(score, controls=Controls(parts=(), densities=())).ids
    score = _mute(random, score)
    return encode(score, controls=_forget(random, controls, score)).ids


def make_row(material: Material, number: int, tokens: int) -> NDArray[np.int64]:
    """Examples one after the other, (tokens,); half of the rows start within their first one."""
    random = np.random.default_rng((material.seed, material.held_out, number, 1))
    ids: list[int] = list(make_example(material, number << 8))
    if random.random() < 0.5 and not material.held_out:
        ids = ids[int(random.integers(len(ids))) :]
    more = 1
    while len(ids) < tokens:
        ids += make_example(material, (number << 8) + more)
        more += 1
    return np.array(ids[:tokens], dtype=np.int64)


def make_batch(material: Material, numbers: Sequence[int], tokens: int) -> NDArray[np.int64]:
    """Rows of these numbers, (rows, tokens)."""
    return np.stack([make_row(material, number, tokens) for number in numbers])


def _by_rules(random: np.random.Generator, material: Material) -> tuple[Score, Controls]:
    style = "acid" if random.random() < _ACID_SHARE else str(random.choice(list(STYLES)))
    seed = int(random.integers(_VALIDATION_SEEDS)) + material.held_out * _VALIDATION_SEEDS
    score = compose(style, bars=_draw_bars(random), energy=float(random.uniform(0.45, 1)), seed=seed)
    return score, Controls(style=style, source="rules")  # type: ignore[arg-type]


def _by_humans(random: np.random.Generator, material: Material) -> tuple[Score, Controls]:
    score = _draw_window(random, material.pieces)
    if material.held_out:
        return score, Controls()
    if random.random() < _REPAIRED or not score.bass:
        score = _pair_again(random, score, material.pieces)
    if random.random() < 0.2 and score.drums:
        silenced = random.choice([n.pitch for n in score.drums])
        score = replace(score, drums=tuple(n for n in score.drums if n.pitch != silenced))
    return _transpose(random, score), Controls(source="human")


def _draw_bars(random: np.random.Generator) -> int:
    return int(random.integers(MIN_BARS, MAX_BARS + 1))


def _draw_window(random: np.random.Generator, pieces: Sequence[Piece]) -> Score:
    """Some bars of some piece, with some notes in them."""
    kinds = sorted({piece.kind for piece in pieces})
    shares = np.array([_HUMAN_SHARES[kind] for kind in kinds])
    kind = random.choice(kinds, p=shares / shares.sum())
    chosen = [piece for piece in pieces if piece.kind == kind]
    for _ in range(8):
        whole = chosen[int(random.integers(len(chosen)))].score
        first = int(random.integers(max(1, whole.bars - MIN_BARS + 1)))
        window = whole[first : first + _draw_bars(random)]
        if len(window.drums) + len(window.bass) >= 4 * window.bars:
            break
    return window


def _pair_again(random: np.random.Generator, score: Score, pieces: Sequence[Piece]) -> Score:
    """The drums of one score with a bass of another, human or by rules."""
    basses = [piece for piece in pieces if piece.kind != "drumming"]
    if basses and random.random() < 0.5:
        other = _draw_window(random, basses)
    else:
        other = compose("acid", bars=score.bars, seed=int(random.integers(_VALIDATION_SEEDS)))
    other = other.repeated(-(-score.bars // other.bars))[: score.bars]
    return replace(score, bass=other.bass, controls=other.controls)


def _transpose(random: np.random.Generator, score: Score) -> Score:
    semitones = int(random.integers(-_TRANSPOSITIONS, _TRANSPOSITIONS + 1))
    pitches = [n.pitch + semitones for n in score.bass]
    return score.transposed(semitones) if pitches and min(pitches) >= 0 and max(pitches) <= 127 else score


def _mute(random: np.random.Generator, score: Score) -> Score:
    part = random.choice(["", "drums", "bass"], p=[0.86, 0.07, 0.07])
    return score.muted(part) if part else score


def _forget(random: np.random.Generator, controls: Controls, score: Score) -> Controls:
    """Leave out some of what could be said of a score, so that a model can also do without."""
    if random.random() < 0.1:
        controls = replace(controls, style=None)
    if random.random() < 0.2:
        controls = replace(controls, source=None)
    if random.random() < 0.3:
        controls = replace(controls, parts=())
    choice = random.random()
    if choice < 0.25:
        return replace(controls, densities=())
    known = random.random(score.bars) < (1.0 if choice < 0.75 else random.random())
    densities: list[Density | None] = [d if k else None for d, k in zip(find_densities(score.quantised()), known)]
    return replace(controls, densities=tuple(densities))
