"""Sections in bars: where the music changes and stays changed, and what such a stretch is called in techno."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import FRAME_RATE, Array, Features, Half
from technogen.transcription.tempo import GROUPS
from technogen.transcription.types import Grid, SectionStart

Matrix = NDArray[np.float64]

_REACH_BARS = 2
"""A section has two bars at least: bars are compared by twos."""
_CHANGE = 0.3  # of the full range of a bar's attacks or loudness in one register
_QUIET = 0.15  # a register this much weaker than the strongest does not count as one


def find_sections(features: Features, strength: Array, grid: Grid) -> tuple[SectionStart, ...]:
    """Cut a recording where its bars change and stay changed; one section covers what does not change.

    Labels are "intro", "build", "drop", "breakdown" and "outro", from how full and how bass-heavy a section is.

    Args:
        features: The recording.
        strength: Its onset strength by frame and band, (t, bands).
        grid: Where its bars are.
    """
    edges = _bar_edges(features, grid)
    if len(edges) < 2 or not features.bands.any():
        return ()
    bars = np.concatenate([_attacks(strength, edges), _loudness(features.bands, edges)], axis=1)
    cuts = _find_cuts(bars)
    labels = _name_sections([bars[a:b] for a, b in zip(cuts, [*cuts[1:], len(bars)])])
    starts = [max(0.0, float(edges[c])) for c in cuts]
    return tuple(SectionStart(round(start, 6), label) for start, label in zip(starts, labels))


def _bar_edges(features: Features, grid: Grid) -> Matrix:
    """The seconds of the bar lines, the end of the last bar included; a bar of which half is missing is none."""
    length = 4 * grid.beat_seconds
    first = math.floor((0.5 * length - grid.offset) / length)
    last = math.floor((features.seconds - grid.offset) / length + 0.5)
    return np.asarray(grid.offset + length * np.arange(first, last + 1), dtype=np.float64)


def _by_register(values: Array | Half, edges: Matrix) -> Matrix:
    """The mean of each bar by register, (bars, registers)."""
    frames = np.clip(np.round(edges * FRAME_RATE).astype(int), 0, len(values))
    means = np.stack([values[a : max(b, a + 1)].mean(axis=0) for a, b in zip(frames, frames[1:])])
    return np.stack([means[:, a:b].mean(axis=1) for a, b in zip(GROUPS, GROUPS[1:])], axis=1).astype(np.float64)


def _attacks(strength: Array, edges: Matrix) -> Matrix:
    attacks = _by_register(strength, edges)
    return np.asarray(attacks / np.maximum(attacks.max(axis=0), _QUIET * attacks.max() + 1e-9))


def _loudness(bands: Half, edges: Matrix) -> Matrix:
    """0 for 40 dB below the loudest bar of a register, 1 for that bar."""
    levels = _by_register(bands, edges)
    return np.asarray(np.clip(1 + np.log10(levels / (levels.max(axis=0) + 1e-12) + 1e-3) / 2, 0, 1))


def _find_cuts(bars: Matrix) -> list[int]:
    novelty = np.zeros(len(bars) + 1)
    for i in range(1, len(bars)):
        before, after = bars[max(0, i - _REACH_BARS) : i], bars[i : i + _REACH_BARS]
        novelty[i] = float(np.abs(after.mean(axis=0) - before.mean(axis=0)).max())
    cuts = [0]
    for i in range(_REACH_BARS, len(bars) - _REACH_BARS + 1):
        clear = novelty[i] >= max(_CHANGE, novelty[i - 1], novelty[i + 1])
        if clear and i - cuts[-1] >= _REACH_BARS:
            cuts.append(i)
    return cuts


def _name_sections(sections: list[Matrix]) -> list[str]:
    fullness = [float(s.mean()) for s in sections]
    bass = [float(s[:, 0].mean()) for s in sections]
    return [_name_section(i, fullness, bass) for i in range(len(sections))]


def _name_section(i: int, fullness: list[float], bass: list[float]) -> str:
    full = fullness[i] >= 0.8 * max(fullness) and bass[i] >= 0.7 * max(bass)
    if full or len(fullness) == 1:
        return "drop"
    if i == 0:
        return "intro"
    if i == len(fullness) - 1:
        return "outro"
    return "build" if fullness[i + 1] > fullness[i] > fullness[i - 1] else "breakdown"
