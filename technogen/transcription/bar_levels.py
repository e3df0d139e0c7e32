"""How loud each bar is, register by register and 16th by 16th: tells bars that are alike from those that are not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP
from technogen.transcription.features import FRAME_RATE, Features
from technogen.transcription.tempo import GROUPS
from technogen.transcription.types import Grid

Levels = NDArray[np.float64]

STEPS = TICKS_PER_BAR // TICKS_PER_STEP
REGISTERS = len(GROUPS) - 1
_RANGE_DB = 40.0
_LOUD = 97  # percentile
_BLOCK = 1024  # 16ths at a time, so that memory does not grow
_LEAST_SHARE = 0.03  # a register this much weaker than the loudest is measured by that


@dataclass(frozen=True, slots=True, eq=False)
class BarLevels:
    """The bars of a recording.

    Attributes:
        first: The number of the first bar, counted from the grid's tick 0; at most half of it is missing.
        levels: 0 for 40 dB below the loud 16ths of a register, 1 for those, (bars, STEPS, REGISTERS); not-a-number
            outside the recording.
    """

    first: int
    levels: Levels

    def __len__(self) -> int:
        return len(self.levels)


def measure_bars(features: Features, grid: Grid) -> BarLevels:
    """The levels of the bars of which at least half is in the recording."""
    length = 4 * grid.beat_seconds
    first = math.floor((0.5 * length - grid.offset) / length)
    last = math.floor((features.seconds - grid.offset) / length + 0.5)
    if last <= first or not features.bands.any():
        return BarLevels(first, np.zeros((0, STEPS, REGISTERS)))
    ticks = range(first * TICKS_PER_BAR, last * TICKS_PER_BAR + 1, TICKS_PER_STEP)
    edges = np.round(np.array([grid.seconds_at(tick) for tick in ticks]) * FRAME_RATE).astype(int)
    power = _average(features, edges)
    loud = np.nanpercentile(power, _LOUD, axis=0)
    reference = np.maximum(loud, _LEAST_SHARE * loud.max() + 1e-12)
    levels = 1 + 20 / _RANGE_DB * np.log10(power / reference + 10 ** (-_RANGE_DB / 20 - 1))
    return BarLevels(first, np.clip(levels, 0, 1).reshape(last - first, STEPS, REGISTERS))


def _average(features: Features, edges: NDArray[np.int64]) -> Levels:
    """The mean amplitude from edge to edge by register; not-a-number where less than half of it is recorded."""
    inside = np.clip(edges, 0, len(features.bands))
    counts = np.diff(inside)
    blocks = [inside[at : at + _BLOCK + 1] for at in range(0, len(inside) - 1, _BLOCK)]
    sums = np.concatenate([_sum_between(features.bands[block[0] : block[-1]], block - block[0]) for block in blocks])
    return np.where((counts >= 0.5 * np.diff(edges))[:, None], sums / np.maximum(counts, 1)[:, None], np.nan)


def _sum_between(bands: NDArray[np.floating], edges: NDArray[np.int64]) -> Levels:
    parts = [bands[:, a:b].mean(axis=1, dtype=np.float64) for a, b in zip(GROUPS, GROUPS[1:])]
    running = np.concatenate([np.zeros((1, REGISTERS)), np.cumsum(np.stack(parts, axis=1), axis=0)])
    return np.diff(running[edges], axis=0)


def compare_bars(bars: BarLevels, reach: int) -> Levels:
    """How far each bar is from the ones after it, by register, (bars, reach, REGISTERS); infinite where there is none.

    Entry (i, k) compares bar i with bar i + k + 1: the mean difference of their 16ths.
    """
    out = np.full((len(bars), reach, REGISTERS), np.inf)
    for lag in range(1, min(reach, len(bars) - 1) + 1):
        apart = np.abs(bars.levels[lag:] - bars.levels[:-lag])
        known = np.isfinite(apart)
        sums = np.where(known, apart, 0).sum(axis=1)
        counts = known.sum(axis=1)
        out[:-lag, lag - 1] = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    return out
