"""Drumming as played by hand, put on the grid that it was played to: its delay and swing are found first. In ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technogen.score import TICKS_PER_BEAT, TICKS_PER_STEP, Note

_FINE_TICKS, _SLACK = TICKS_PER_BEAT // 24, 2
_PROGRAMMED = 0.75
"""A part is programmed where so many of its onsets lie within 2 ticks of the 24ths of a beat; by chance 1 in 4 do."""

_BIN = 4
_BINS = TICKS_PER_BEAT // _BIN
_SPREADS = (10.0, 16.0, 24.0)
"""How far from their places hands play, in ticks; the likeliest is taken."""
_OFFSETS = range(-44, 45, _BIN)
_USUAL_OFFSET = 20.0
_SWINGS = tuple(k / 100 for k in range(50, 71, 2))
_PRICE = 4.0
"""By how many nats any other grid must be likelier than straight 16ths."""
_STRAY = 0.05
"""The share of onsets that are on no grid."""
_CHORD_GAP, _CHORD_SPREAD = 12, 24
"""Hits of different pieces this close were meant as one."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How drumming lay in time.

    Attributes:
        played: Whether it was played by hand; else nothing was moved.
        offset: Ticks that it was late by, in the middle.
        swing: Of its 16ths, 0.5..0.7.
        triplets: Whether its grid is 8th triplets.
        doubtful: The share of hits that lay more than a third of a 16th from where they were put.
    """

    played: bool = False
    offset: int = 0
    swing: float = 0.5
    triplets: bool = False
    doubtful: float = 0.0


@dataclass(frozen=True, slots=True)
class _Grid:
    """Places in a beat, as played and as written, in ticks."""

    played: tuple[float, ...]
    written: tuple[int, ...]
    swing: float = 0.5


def _make_sixteenths(swing: float) -> _Grid:
    late = TICKS_PER_BEAT / 2 * swing
    return _Grid((0, late, 240, 240 + late), (0, 120, 240, 360), swing)


_TRIPLETS = _Grid((0, 160, 320), (0, 160, 320))
_SEXTUPLETS = _Grid(tuple(range(0, 480, 80)), tuple(range(0, 480, 80)))


def is_played(onsets: Sequence[int]) -> bool:
    """Whether onsets were played by hand, and not programmed: fewer than three in four lie on a fine grid."""
    near = sum(min(onset % _FINE_TICKS, -onset % _FINE_TICKS) <= _SLACK for onset in onsets)
    return near < _PROGRAMMED * len(onsets)


def snap_hits(hits: Sequence[Note], length: int) -> tuple[tuple[Note, ...], Timing]:
    """Put drum hits that were played by hand onto straight 16ths or triplets.

    One delay and one grid (16ths with a swing, or 8th triplets) explain the whole part; single beats that are clearly
    played in triplets, or in 16ths among triplets, are taken so. Hits of a chord move together. Velocities stay.

    Args:
        hits: Drum hits in ticks as played, sorted.
        length: Ticks; hits that belong to a bar line at or after it are left out.

    Returns:
        The hits in straight ticks, and how they lay.
    """
    if not hits:
        return (), Timing()
    chords = _find_chords(hits)
    times = np.array([sum(n.start for n in chord) / len(chord) for chord in chords])
    grid, offset, spread = _fit_grid(times)
    placed = _place(times - offset, grid, spread)
    moved = [n.start - offset - tick for tick, chord in zip(placed, chords) for n in chord]
    swing_moves = np.array(moved) - _swing_shifts(placed, chords, grid)
    snapped = [
        replace(n, start=max(0, tick)) for tick, chord in zip(placed, chords) for n in chord if max(0, tick) < length
    ]
    doubtful = float(np.mean(np.abs(swing_moves) > TICKS_PER_STEP / 3))
    return tuple(snapped), Timing(True, offset, grid.swing, grid is _TRIPLETS, round(doubtful, 4))


def _swing_shifts(placed: Sequence[int], chords: Sequence[Sequence[Note]], grid: _Grid) -> NDArray[np.float64]:
    """How far swing alone moves each hit."""
    late = {written: played - written for played, written in zip(grid.played, grid.written)}
    return np.array([late.get(tick % TICKS_PER_BEAT, 0.0) for tick, chord in zip(placed, chords) for _ in chord])


def _find_chords(hits: Sequence[Note]) -> list[list[Note]]:
    """Hits that were meant to fall together; no piece twice in one chord."""
    chords: list[list[Note]] = []
    for hit in hits:
        last = chords[-1] if chords else []
        together = last and hit.start - last[-1].start <= _CHORD_GAP and hit.start - last[0].start <= _CHORD_SPREAD
        if together and all(n.pitch != hit.pitch for n in last):
            last.append(hit)
        else:
            chords.append([hit])
    return chords


def _score_phases(phases: NDArray[np.floating[Any]], grid: _Grid, spread: float) -> NDArray[np.float64]:
    """The log-likelihood of onsets at these ticks after a beat, each."""
    away = np.abs(phases[:, None] - np.array(grid.played)) % TICKS_PER_BEAT
    away = np.minimum(away, TICKS_PER_BEAT - away)
    peaks = np.exp(-0.5 * (away / spread) ** 2).sum(axis=1) / (spread * np.sqrt(2 * np.pi) * len(grid.played))
    scores: NDArray[np.float64] = np.log((1 - _STRAY) * peaks + _STRAY / TICKS_PER_BEAT)
    return scores


def _fit_grid(times: NDArray[np.float64]) -> tuple[_Grid, int, float]:
    """The likeliest grid, with the delay and the spread that go with it."""
    counts = np.bincount((times % TICKS_PER_BEAT / _BIN).astype(int), minlength=_BINS)
    centres = (np.arange(_BINS) + 0.5) * _BIN
    offsets = np.array(_OFFSETS)
    delayed = (np.arange(_BINS) - offsets[:, None] // _BIN) % _BINS  # (offsets, bins)
    unusual = 0.5 * (offsets / _USUAL_OFFSET) ** 2
    best: tuple[float, _Grid, int, float] | None = None
    for grid in (*(_make_sixteenths(swing) for swing in _SWINGS), _TRIPLETS):
        price = 0.0 if grid.swing == 0.5 and grid is not _TRIPLETS else _PRICE
        for spread in _SPREADS:
            fits = _score_phases(centres, grid, spread)[delayed] @ counts - price - unusual
            at = int(np.argmax(fits))
            if best is None or fits[at] > best[0]:
                best = (float(fits[at]), grid, _OFFSETS[at], spread)
    assert best is not None
    return best[1:]


def _place(times: NDArray[np.float64], grid: _Grid, spread: float) -> list[int]:
    """The straight tick of each onset, beat by beat."""
    other = _make_sixteenths(0.5) if grid is _TRIPLETS else _SEXTUPLETS
    placed: list[int] = []
    # an onset just before a beat belongs to that beat
    beats = np.floor((times + TICKS_PER_STEP / 2) / TICKS_PER_BEAT).astype(int)
    for beat, group in groupby(range(len(times)), key=lambda at: int(beats[at])):
        start = beat * TICKS_PER_BEAT
        within = times[list(group)] - start
        gain = float((_score_phases(within, other, spread) - _score_phases(within, grid, spread)).sum())
        placed += [start + tick for tick in _nearest(within, other if gain > _PRICE else grid)]
    return placed


def _nearest(within: NDArray[np.float64], grid: _Grid) -> list[int]:
    """The written place nearest to each onset, the next beat among them."""
    played = np.array([*grid.played, TICKS_PER_BEAT])
    written = (*grid.written, TICKS_PER_BEAT)
    return [written[int(np.argmin(np.abs(played - tick)))] for tick in within]
