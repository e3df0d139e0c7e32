"""Excerpts of all conditions on common ground: one tempo, one root, the same parts, as dense as the human ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from typing import Literal

from technogen.errors import ListeningError, ScoreError
from technogen.evaluation.listening.design import CATCH, HUMAN
from technogen.evaluation.listening.sources import (
    MODEL,
    RULES,
    Condition,
    Excerpt,
    Origin,
    cut_excerpts,
    make_writer,
)
from technogen.score import Note, Score

Parts = Literal["both", "drums", "bass"]

_TEMPO_OFF = 0.15
"""A score whose tempo would be changed by more is not used."""
_RECORDING_OFF = 0.03
"""A recording is played as it is; its tempo may be this far from that of the test."""
_WRITTEN_TEMPOS = (126, 144)
_SEEDS = 100_000
_FAR = 0.4
"""Octaves of density; what is nearer is near enough."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much material a test is to have, and of which kind.

    Attributes:
        pairs: Excerpts of each condition that count; of the human one as many for each other condition.
        training: Further ones of each side, for practice.
        catches: Broken ones.
        bars: The length of an excerpt.
        tempo: Of all excerpts, in beats a minute; None: the median of the human ones.
        parts: What plays; excerpts in which a part is silent are not used.
        style: That rules and model write in.
        voice: The preset that plays all scores; None: the default one.
    """

    pairs: int = 8
    training: int = 2
    catches: int = 1
    bars: int = 8
    tempo: float | None = None
    parts: Parts = "both"
    style: str = "acid"
    voice: str | None = None

    def __post_init__(self) -> None:
        for name, low, high in (("pairs", 1, 500), ("training", 0, 20), ("catches", 0, 20), ("bars", 1, 64)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise ListeningError(f"{name} must be a whole number in {low}..{high}, got {value!r}")
        if self.parts not in ("both", "drums", "bass"):
            raise ListeningError(f"parts must be both, drums or bass, got {self.parts!r}")

    def humans(self, conditions: int) -> int:
        """How many human excerpts are needed."""
        return self.pairs * conditions + self.training + self.catches

    def others(self, conditions: int) -> int:
        """How many of another condition are needed: each human excerpt may be held against any."""
        return self.pairs * conditions + math.ceil(self.training / conditions)


@dataclass(frozen=True, slots=True)
class Piece:
    """An excerpt and whose it is."""

    condition: str
    excerpt: Excerpt


def gather_material(human: Condition, others: Sequence[Condition], wanted: Wanted, *, seed: int) -> tuple[Piece, ...]:
    """Cut or write as many excerpts as are wanted, and make them alike in all but who wrote them.

    Scores get one tempo, the bass one root; filter curves stay only where every excerpt has them. Of the human pieces
    those are taken that have others nearly as dense in every condition, and of the others those that are.

    Raises:
        ListeningError: If conditions share a name, or one has too few pieces.
        MissingFileError: If a folder is not there.
    """
    _check_conditions(human, others)
    needed, count = wanted.humans(len(others)), wanted.others(len(others))
    humans = _pool(human, wanted, needed, seed, wanted.tempo)
    tempo = humans[0].score.tempo
    pools = {other.name: _pool(other, wanted, count, seed + 1, tempo) for other in others}
    humans = _within_reach(humans, pools.values())[:needed]
    paired, alone = humans[: needed - wanted.catches], humans[needed - wanted.catches :]
    pieces = [Piece(HUMAN, excerpt) for excerpt in humans]
    draw = Random(f"{seed}/catch")
    for excerpt in alone:
        origin = replace(excerpt.origin, broken=True)
        pieces.append(Piece(CATCH, Excerpt(break_score(excerpt.score, draw), origin)))
    for name, pool in pools.items():
        pieces += [Piece(name, excerpt) for excerpt in _nearest_each(paired[:count], pool)]
    root = find_root(humans[0].score)
    moved = [p if p.condition == CATCH else replace(p, excerpt=_move_to_root(p.excerpt, root)) for p in pieces]
    return _settle_filters(moved)


def break_score(score: Score, draw: Random) -> Score:
    """As many hits and notes at random ticks and pitches: what nobody takes for music, to see who listens."""
    pieces = (36, 39, 42, 46, 49)
    hits = tuple(replace(n, start=draw.randrange(score.length), pitch=draw.choice(pieces)) for n in score.drums)
    starts = sorted(draw.sample(range(score.length), len(score.bass)))
    ends = [*starts[1:], score.length]
    notes = tuple(
        Note(start, max(1, min(end - start, note.duration)), draw.randrange(28, 64), note.velocity)
        for note, start, end in zip(score.bass, starts, ends)
    )
    return replace(score, drums=hits, bass=notes)


def find_root(score: Score) -> int | None:
    """The pitch class that the bass moves around; None where there is none."""
    if not score.bass:
        return None
    from technogen.generation.keys import hear_key  # noqa: PLC0415

    return hear_key(score.bass).root


def _check_conditions(human: Condition, others: Sequence[Condition]) -> None:
    if not others:
        raise ListeningError("there is nothing to compare with; give another condition, such as 'model'")
    names = [other.name for other in others]
    if len({HUMAN, CATCH, *names}) < len(names) + 2:
        raise ListeningError(f"conditions need names of their own, not {HUMAN!r} or {CATCH!r}; got {', '.join(names)}")
    if human.name != HUMAN:
        raise ListeningError(f"the condition that others are compared with is {HUMAN!r}, got {human.name!r}")


def _pool(condition: Condition, wanted: Wanted, needed: int, seed: int, tempo: float | None) -> list[Excerpt]:
    """Excerpts that can be used, at one tempo: of a folder all, of what is written some for each that is needed."""
    if condition.source in (RULES, MODEL):
        tempo = tempo or Random(f"{seed}/tempo").randint(*_WRITTEN_TEMPOS)
        write = make_writer(condition, wanted.style)
        like = Excerpt(Score(tempo=tempo, bars=wanted.bars), Origin())
        found = [take for k in range(needed) for take in write(like, seed * _SEEDS + 10 * k)]
    else:
        found = list(cut_excerpts(condition, bars=wanted.bars, seed=seed))
    usable = _usable(found, wanted, tempo or median(one.score.tempo for one in found))
    _check_count(condition, usable, needed, found)
    return usable


def _within_reach(humans: Sequence[Excerpt], pools: Collection[Sequence[Excerpt]]) -> list[Excerpt]:
    """Those first that have others nearly as dense in every condition; all that are near count alike."""
    return sorted(humans, key=lambda one: max(_FAR, *(min(_unlike(one, other) for other in pool) for pool in pools)))


def _nearest_each(like: Sequence[Excerpt], among: Sequence[Excerpt]) -> list[Excerpt]:
    """One for each, such that all differ as little as can be."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    _, columns = linear_sum_assignment([[_unlike(one, other) for other in among] for one in like])
    return [among[column] for column in columns]


def _unlike(one: Excerpt, other: Excerpt) -> float:
    """How many octaves the densities are apart, of both parts together and, less, of each."""
    apart = [abs(math.log2((a + 1) / (b + 1))) for a, b in zip(one.density, other.density)]
    return abs(math.log2((sum(one.density) + 1) / (sum(other.density) + 1))) + sum(apart) / 4


def _usable(found: Iterable[Excerpt], wanted: Wanted, tempo: float) -> list[Excerpt]:
    """Those in which all parts play, near enough to the tempo, at that tempo and with these parts alone."""
    parts = ("drums", "bass") if wanted.parts == "both" else (wanted.parts,)
    usable = []
    for one in found:
        off = abs(one.score.tempo / tempo - 1)
        if off > (_TEMPO_OFF if one.sound is None else _RECORDING_OFF) or not all(getattr(one.score, p) for p in parts):
            continue
        score = replace(one.score, tempo=tempo)
        if wanted.parts != "both":
            score = score.muted("bass" if wanted.parts == "drums" else "drums")
        usable.append(replace(one, score=score))
    return usable


def _check_count(condition: Condition, usable: Sequence[Excerpt], needed: int, found: Sequence[Excerpt]) -> None:
    if len(usable) < needed:
        raise ListeningError(
            f"condition {condition.name!r} has {len(usable)} excerpts that can be used, {needed} are needed (of "
            f"{len(found)} pieces; each gives one, in which all parts play, and whose tempo is near the others'); "
            "give more pieces, fewer pairs, or fewer bars"
        )


def _move_to_root(excerpt: Excerpt, root: int | None) -> Excerpt:
    own = find_root(excerpt.score)
    if excerpt.sound is not None or root is None or own is None:
        return excerpt
    steps = (root - own + 6) % 12 - 6
    try:
        moved = excerpt.score.transposed(steps)
    except ScoreError:
        steps += 12 if steps < 0 else -12
        moved = excerpt.score.transposed(steps)
    return replace(excerpt, score=moved, origin=replace(excerpt.origin, semitones=steps))


def _settle_filters(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Filter curves of a kind stay only if every score has them."""
    scores = [piece.excerpt.score for piece in pieces if piece.excerpt.sound is None]
    kept = set.intersection(*({c.name for c in score.controls} for score in scores)) if scores else set()
    return tuple(
        replace(
            piece,
            excerpt=replace(
                piece.excerpt,
                score=replace(
                    piece.excerpt.score,
                    controls=tuple(c for c in piece.excerpt.score.controls if c.name in kept),
                ),
            ),
        )
        for piece in pieces
    )
