"""Sections in bars: where the music changes for long, and what such a stretch is called in techno."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import BANDS, FRAME_RATE, LOW_BANDS, Features
from technogen.transcription.types import Grid, SectionStart

Matrix = NDArray[np.float64]

_REACH_BARS = 4
_LEAST_BARS = 2
_CHANGE = 0.22  # of the full range of a bar's loudness in a band


def find_sections(features: Features, grid: Grid) -> tuple[SectionStart, ...]:
    """Cut a recording where its bars change and stay changed; one section covers what does not change.

    Labels are "intro", "build", "drop", "breakdown" and "outro", from how full and how bass-heavy a section is.
    """
    starts, bars = _measure_bars(features, grid)
    if not len(bars):
        return ()
    cuts = _find_cuts(bars)
    labels = _name_sections([bars[a:b] for a, b in zip(cuts, [*cuts[1:], len(bars)])])
    return tuple(SectionStart(round(max(0.0, float(starts[c])), 5), label) for c, label in zip(cuts, labels))


def _measure_bars(features: Features, grid: Grid) -> tuple[NDArray[np.float64], Matrix]:
    """The start of each bar and its level by band, 0 for silence to 1 for the loudest bar, (bars, BANDS)."""
    length = 4 * grid.beat_seconds
    first = math.floor((0.25 * length - grid.offset) / length)
    count = math.floor((features.seconds - grid.offset) / length + 0.5) - first
    if count <= 0 or not features.bands.any():
        return np.zeros(0), np.zeros((0, BANDS))
    starts = np.asarray(grid.offset + length * (first + np.arange(count)), dtype=np.float64)
    edges = np.clip(np.round(np.append(starts, starts[-1] + length) * FRAME_RATE).astype(int), 0, len(features.bands))
    levels = np.stack([features.bands[a : max(b, a + 1)].mean(axis=0) for a, b in zip(edges, edges[1:])])
    decibels = 20 * np.log10(levels / (levels.max(axis=0) + 1e-12) + 1e-3)
    return starts, np.clip(1 + decibels / 40, 0, 1).astype(np.float64)


def _find_cuts(bars: Matrix) -> list[int]:
    """The bars where the mean of the bars after differs most from that of the bars before."""
    novelty = np.zeros(len(bars))
    for i in range(1, len(bars)):
        before = bars[max(0, i - _REACH_BARS) : i].mean(axis=0)
        after = bars[i : i + _REACH_BARS].mean(axis=0)
        novelty[i] = float(np.abs(after - before).mean())
    cuts = [0]
    for i in np.argsort(-novelty):
        if novelty[i] >= _CHANGE and all(abs(int(i) - c) >= _LEAST_BARS for c in cuts) and len(bars) - i >= 1:
            cuts.append(int(i))
    return sorted(cuts)


def _name_sections(sections: list[Matrix]) -> list[str]:
    fullness = [float(s.mean()) for s in sections]
    bass = [float(s[:, : LOW_BANDS // 2].mean()) for s in sections]
    return [_name_section(i, fullness, bass) for i in range(len(sections))]


def _name_section(i: int, fullness: list[float], bass: list[float]) -> str:
    full = fullness[i] >= 0.9 * max(fullness) and bass[i] >= 0.7 * max(bass)
    if full or len(fullness) == 1:
        return "drop"
    if i == 0:
        return "intro"
    if i == len(fullness) - 1:
        return "outro"
    return "build" if fullness[i + 1] > fullness[i] > fullness[i - 1] else "breakdown"
