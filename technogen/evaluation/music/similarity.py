"""How alike bars are: F1 of what starts where, bar against bar, and what follows from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from technogen.evaluation.music.grid import STEPS, Bools, Floats, Grid

LAGS = (1, 2, 4, 8)
"""Bars between those that are compared."""


def drum_bars(grid: Grid) -> Bools:
    """The hits of each bar; (bars, steps * classes)."""
    return grid.hits.reshape(grid.bars, -1)


def bass_bars(grid: Grid) -> Bools:
    """The onsets of each bar with their pitches; (bars, steps * pitches)."""
    notes = np.zeros((len(grid.pitch), 128), bool)
    at = np.flatnonzero(grid.onsets)
    notes[at, grid.pitch[at]] = True
    return notes.reshape(grid.bars, -1)


def compare_bars(bars: Bools) -> Floats:
    """The likeness (F1) of each bar to each; 1 where both are empty; (bars, bars).

    References:
        Foote, "Visualizing Music and Audio using Self-Similarity", ACM Multimedia 1999.
    """
    rows = bars.astype(np.float32)
    sizes = rows.sum(axis=1)
    total = sizes[:, None] + sizes
    return np.where(total > 0, 2 * (rows @ rows.T) / np.maximum(total, 1), 1.0).astype(np.float64)


def likeness_at(likeness: Floats, lag: int) -> float:
    """The mean likeness of bars that are so many bars apart; not a number where there are none."""
    diagonal = np.diagonal(likeness, lag)
    return float(diagonal.mean()) if len(diagonal) else float("nan")


def overlap_of(first: Bools, second: Bools) -> float:
    """F1 of two patterns; not a number where both are empty."""
    total = first.sum() + second.sum()
    return float(2 * (first & second).sum() / total) if total else float("nan")


def groove_likeness(onsets: NDArray[Any]) -> float:
    """How alike the rhythms of a piece's bars are: 1 less the share of steps that differ, over pairs of bars.

    Args:
        onsets: Whether anything starts on a step; (steps,).

    References:
        Wu and Yang, "The Jazz Transformer on the Front Line", ISMIR 2020: grooving pattern similarity.
    """
    bars = onsets.reshape(-1, STEPS).astype(np.float64)
    bars = bars[bars.any(axis=1)][:64]
    if len(bars) < 2:
        return float("nan")
    differing = (bars[:, None] != bars).mean(axis=2)
    return float(1 - differing[np.triu_indices(len(bars), 1)].mean())


def correlate(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Pearson's correlation; 0 where one of the two is constant."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    spread = a.std() * b.std()
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 1e-12 else 0.0
