"""What random mixes play: pieces by rules, bars thrown together, and human files, at any tempo and swing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from technogen.patterns import STYLES, compose
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note, Score

_STEPS = 16
_SHARES = {
    36: 0.92, 38: 0.55, 39: 0.45, 37: 0.35, 42: 0.8, 46: 0.5, 43: 0.25, 47: 0.25, 50: 0.25,
    49: 0.15, 51: 0.25, 56: 0.2, 63: 0.2, 62: 0.08, 64: 0.12, 70: 0.18, 75: 0.16,
}  # fmt: skip
"""How often each piece is in bars thrown together."""
_USUAL = {36: (0.6, range(0, 16, 4)), 38: (0.7, (4, 12)), 39: (0.7, (4, 12)), 46: (0.4, range(2, 16, 4))}
_USUAL |= {42: (0.7, range(0, 16, 2)), 51: (0.5, range(0, 16, 2))}
_VELOCITIES = (40, 60, 80, 90, 100, 112, 127)
_SWINGS = (0.5, 0.5, 0.5, 0.54, 0.56, 0.58, 0.62, 0.66)
_TEMPOS = (85.0, 178.0)
_HUMAN, _THROWN = 0.3, 0.35
_ENERGY = (0.3, 1.0)


def draw_score(random: np.random.Generator, seconds: float, humans: Sequence[Score] = ()) -> Score:
    """Draw a score that lasts at least so long.

    Args:
        random: What draws.
        seconds: How long.
        humans: Scores of people to cut pieces from; without them rules take their share.
    """
    if len(humans) and random.random() < _HUMAN:
        return _cut(random, humans[int(random.integers(len(humans)))], seconds)
    low, high = np.log(_TEMPOS)
    tempo = float(round(math.exp(random.uniform(low, high))))
    bars = math.ceil(seconds * tempo / 240) + 1
    style = list(STYLES)[int(random.integers(len(STYLES)))]
    seed, energy = int(random.integers(2**31)), float(random.uniform(*_ENERGY))
    score = compose(style, bars=bars, tempo=tempo, seed=seed, energy=energy)
    if random.random() < _THROWN / (1 - _HUMAN):
        score = replace(score, drums=_throw(random, bars))
    return replace(score, swing=float(random.choice(_SWINGS)), drums=_mute(random, score.drums, bars), controls=())


def _cut(random: np.random.Generator, score: Score, seconds: float) -> Score:
    """Some bars of a score, repeated where there are too few, its tempo moved a little."""
    tempo = round(float(np.clip(score.tempo * random.uniform(0.9, 1.12), 60, 190)), 1)
    bars = math.ceil(seconds * tempo / 240) + 1
    first = int(random.integers(max(1, score.bars - bars + 1)))
    piece = score[first : min(score.bars, first + bars)]
    while piece.bars < bars:
        piece = piece.repeated(2)
    return replace(piece, tempo=tempo, controls=(), sections=())


def _throw(random: np.random.Generator, bars: int) -> tuple[Note, ...]:
    """Usual steps or none, and others at random: a bar or two that repeat, with some hits left out and some more."""
    notes: list[Note] = []
    length = int(random.choice([1, 1, 2]))
    loudness = {pitch: int(random.choice(_VELOCITIES)) for pitch in _SHARES}
    loose = bool(random.random() < 0.4)
    for pitch, share in _SHARES.items():
        if random.random() > share:
            continue
        often, usual = _USUAL.get(pitch, (0.0, ()))
        base = set(usual) if random.random() < often else set()
        density = random.choice([0.03, 0.1, 0.25])
        cells = [base | set(np.flatnonzero(random.random(_STEPS) < density).tolist()) for _ in range(length)]
        for bar in range(bars):
            for step in sorted(cells[bar % length]):
                if random.random() > 0.04:
                    velocity = int(random.choice(_VELOCITIES)) if loose else loudness[pitch]
                    notes.append(Note(TICKS_PER_BAR * bar + TICKS_PER_STEP * step, 60, pitch, velocity))
    return tuple(sorted(notes, key=lambda n: (n.start, n.pitch)))


def _mute(random: np.random.Generator, drums: tuple[Note, ...], bars: int) -> tuple[Note, ...]:
    """Now and then a piece is silent for some bars, or all are."""
    if random.random() < 0.04:
        return ()
    pieces = sorted({n.pitch for n in drums})
    for pitch in pieces:
        if random.random() < 0.12:
            first, count = int(random.integers(bars)), int(random.integers(1, 5))
            drums = tuple(n for n in drums if n.pitch != pitch or not first <= n.start // TICKS_PER_BAR < first + count)
    return drums
