"""The loops of a part: which stretches of one, two or four bars are the same, heard well or badly, muted or not.

The shortest way to write the part down decides: patterns once, each repeat's differences, and each change of pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note

Hits = NDArray[np.float32]

STEPS = TICKS_PER_BAR // TICKS_PER_STEP
LENGTHS = (1, 2, 4)
_DIFFERENT = 0.35  # of the hits of two stretches
_ROW_DIFFERENT = 0.7
_FEW = 3.0  # hits a bar of one piece that may always differ
_OFTEN = 0.3  # of the repeats: what plays in fewer is no part of the loop
_SWITCH, _DIFFERENCE = 2.0, 2.5  # what a change of pattern, and a hit that differs from it, cost beside a hit of it
_SURE_HITS = 3
_MOST_COMPARED = 1200


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A stretch of bars that is played more than once.

    Attributes:
        hits: 1 where most repeats have a hit, (bars, rows, STEPS).
        starts: The first bar of each repeat, ascending.
    """

    hits: Hits
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Writing:
    """One way to write a part down: its loops, and what that costs in hits."""

    loops: tuple[Loop, ...]
    cost: float


def tabulate(notes: Sequence[Note], bars: int, pitches: Sequence[int]) -> Hits:
    """Which pitch starts on which 16th, (bars, pitches, STEPS); what rounds up to the end stays in."""
    hits = np.zeros((bars, len(pitches), STEPS), dtype=np.float32)
    rows = {pitch: row for row, pitch in enumerate(pitches)}
    for note in notes:
        step = min((note.start + TICKS_PER_STEP // 2) // TICKS_PER_STEP, bars * STEPS - 1)
        hits[step // STEPS, rows[note.pitch], step % STEPS] = 1
    return hits


def find_loops(hits: Hits, *, mutes: bool, cuts: Sequence[int] = ()) -> tuple[Loop, ...]:
    """The loops of a part, by first appearance.

    Args:
        hits: From `tabulate`.
        mutes: Whether a stretch that lacks a row altogether may still be the same loop.
        cuts: Bars where sections start: a loop that starts elsewhere costs a change of pattern.
    """
    ways = [(length, phase) for length in LENGTHS for phase in range(min(length, len(hits)))]
    best = _Writing((), np.inf)
    for length, phase in ways:
        writing = _write_down(hits, length, phase, mutes=mutes)
        cost = writing.cost + _SWITCH * sum((cut - phase) % length != 0 for cut in cuts)
        if cost < best.cost:
            best = _Writing(writing.loops, cost)
    return tuple(sorted(best.loops, key=lambda loop: loop.starts[0]))


def _write_down(hits: Hits, length: int, phase: int, *, mutes: bool) -> _Writing:
    count = (len(hits) - phase) // length
    units = hits[phase : phase + count * length].reshape(count, length * hits.shape[1], STEPS)
    outside = np.concatenate([hits[:phase], hits[phase + count * length :]])
    members = _cover(units, mutes=mutes, least=_FEW * length)
    if not members:
        return _Writing((), float(hits.sum()))
    shapes = np.stack([_agree(units[m], mutes=mutes) for m in members])
    differing, same = _compare(units, shapes, mutes=mutes, least=_FEW * length)
    differing = np.where(same, differing, np.inf)
    chosen = np.where(same.any(axis=1), differing.argmin(axis=1), -1)
    loops, kept, layers = [], np.full(count, -1), 0
    for number in range(len(shapes)):
        own = np.flatnonzero(chosen == number)
        if len(own) >= 2:
            shape = _agree(units[own], mutes=mutes).reshape(length, hits.shape[1], STEPS)
            loops.append(Loop(shape, tuple(int(phase + length * i) for i in own)))
            kept[own] = number
            layers += _count_layers(units[own], loops[-1].hits) if mutes else 0
    written = sum(float(loop.hits.sum()) for loop in loops)
    left = np.where(kept >= 0, _DIFFERENCE * differing[np.arange(count), np.maximum(kept, 0)], units.sum(axis=(1, 2)))
    switches = 1 + int((np.diff(kept) != 0).sum())
    cost = written + float(left.sum()) + _price_rest(outside, loops, mutes=mutes) + _SWITCH * (switches + layers)
    return _Writing(tuple(loops), cost)


def _price_rest(bars: Hits, loops: Sequence[Loop], *, mutes: bool) -> float:
    """What bars before the first and after the last whole repeat cost: they may be part of one."""
    if not len(bars) or not loops:
        return float(bars.sum())
    differing, same = _compare(bars, np.concatenate([loop.hits for loop in loops]), mutes=mutes, least=_FEW)
    best = np.where(same, _DIFFERENCE * differing, np.inf).min(axis=1)
    return float(np.minimum(best, bars.sum(axis=(1, 2))).sum())


def _count_layers(units: Hits, shape: Hits) -> int:
    """How often a row of a loop is muted or comes back from one repeat to the next."""
    due = shape.reshape(-1, STEPS).sum(axis=1)
    muted = is_muted(units.sum(axis=2), due) & (due > 0)
    return int((muted[1:] != muted[:-1]).sum())


def _cover(units: Hits, *, mutes: bool, least: float) -> list[NDArray[np.int64]]:
    """Groups of units that one of them stands for: at each turn the one that saves most, while one saves something."""
    shapes, which, counts = np.unique(units, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    sizes = shapes.sum(axis=(1, 2))
    order = [i for i in np.argsort(-counts * sizes, kind="stable")[:_MOST_COMPARED] if sizes[i] > 0]
    if not order:
        return []
    shapes, counts, sizes = shapes[order], counts[order], sizes[order]
    differing, same = _compare(shapes, shapes, mutes=mutes, least=least)
    saved = np.where(same, (sizes[:, None] - differing) * counts[:, None], 0)
    free = np.ones(len(order), dtype=bool)
    groups = []
    while free.any():
        gains = saved[free].sum(axis=0) - sizes
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        taken = free & same[:, best]
        groups.append(np.flatnonzero(np.isin(which, np.array(order)[taken])))
        free &= ~taken
    return groups


def _compare(units: Hits, shapes: Hits, *, mutes: bool, least: float) -> tuple[Hits, NDArray[np.bool_]]:
    """The hits in which each unit differs from each shape, and whether it is the same, both (units, shapes)."""
    differing = np.zeros((len(units), len(shapes)), dtype=np.float32)
    together, odd = np.zeros_like(differing), np.zeros(differing.shape, dtype=bool)
    for row in range(units.shape[1]):
        a, b = units[:, row].sum(axis=1)[:, None], shapes[:, row].sum(axis=1)[None]
        if not a.any() and not b.any():
            continue
        common = units[:, row] @ shapes[:, row].T
        apart = a + b - 2 * common
        muted = is_muted(a, b) & mutes
        apart = np.where(muted | ((b == 0) & mutes), a, apart)
        differing += apart
        together += np.where(muted, a, a + b - common)
        odd |= ~muted & (b > 0) & (a > 0) & (apart > least) & (apart > _ROW_DIFFERENT * (a + b - common))
    return differing, (together > 0) & ~odd & (differing <= _DIFFERENT * together)


def is_muted(heard: Hits, due: Hits) -> NDArray[np.bool_]:
    """Whether a row is silent in a bar: no hits, or one that is not to be believed where there should be three."""
    return np.asarray((heard == 0) | ((heard == 1) & (due >= _SURE_HITS)), dtype=np.bool_)


def _agree(units: Hits, *, mutes: bool) -> Hits:
    """What at least half of the units have; where rows may be muted, half of those in which the row plays."""
    if not mutes:
        return np.asarray(units.mean(axis=0) >= 0.5, dtype=np.float32)
    playing = units.any(axis=2).sum(axis=0)
    usual = playing >= max(min(2, len(units)), _OFTEN * len(units))
    return np.asarray((units.sum(axis=0) >= 0.5 * playing[:, None]) & usual[:, None], dtype=np.float32)
