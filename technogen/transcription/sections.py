"""Sections in bars: where the music changes and stays changed, and what such a stretch is called in techno."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.bar_levels import BarLevels, compare_bars
from technogen.transcription.types import DrumHit, Grid, SectionStart

Vector = NDArray[np.float64]

_LEAST_BARS = 2
"""A section has two bars at least."""
_MEMORY_BARS = 3
"""Of five bars in a row two are alike where the music is a loop of up to four, and that is no change."""
_CHANGE, _MORE_THAN_USUAL = 0.06, 3.0
_OFF_PHRASE = 1.5  # so much more must change where a phrase of two bars is cut
_KICK = 36
_FULL_KICK, _FULL_LOW, _FULL_ENERGY = 0.7, 0.92, 0.9
_NO_KICK, _NO_LOW = 0.5, 0.6
_RISE = 0.02  # of a section's second half over its first


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What a section is named by: each relative to the section that has most of it."""

    kick: float
    low: float
    energy: float
    rise: float

    @property
    def full(self) -> bool:
        return self.kick >= _FULL_KICK and self.low >= _FULL_LOW and self.energy >= _FULL_ENERGY

    @property
    def empty(self) -> bool:
        return self.kick < _NO_KICK or self.low < _NO_LOW


def find_sections(bars: BarLevels, grid: Grid, drums: Sequence[DrumHit] = ()) -> tuple[SectionStart, ...]:
    """Cut a recording where its bars change and stay changed; one section covers what does not change.

    With everything in, kick and bass, a section is a "drop"; one without them is a "breakdown"; what grows towards a
    drop is a "build"; what comes first or last and is not full is an "intro" or an "outro". Where all sections are as
    full, nothing tells them apart but likeness: they are "A", "B" and so on.

    Args:
        bars: The recording, bar by bar.
        grid: Where its bars are.
        drums: Its hits.
    """
    if not len(bars):
        return ()
    cuts = find_cuts(bars)
    spans = list(zip(cuts, [*cuts[1:], len(bars)]))
    stretches = _describe(bars, spans, _count_kicks(bars, grid, drums))
    contrast = not all(s.full for s in stretches)
    labels = [_name(i, stretches) for i in range(len(spans))] if contrast else _letter(bars, spans)
    length = 4 * grid.beat_seconds
    starts = [0.0, *(grid.offset + (bars.first + first) * length for first in cuts[1:])]
    return tuple(SectionStart(round(start, 6), label) for start, label in zip(starts, labels))


def find_cuts(bars: BarLevels) -> list[int]:
    """The bars where sections start, counted from the first; 0 is always one."""
    novelty = _measure_novelty(bars)
    if not len(novelty):
        return [0]
    least = max(_CHANGE, _MORE_THAN_USUAL * float(np.median(novelty[1:-1]))) if len(novelty) > 2 else np.inf
    cuts = [0, len(bars)]
    for at in np.argsort(-novelty, kind="stable"):
        whole = len(cuts) == 2 or (int(at) - cuts[2]) % 2 == 0  # the strongest cut says where phrases start
        far = min(abs(int(at) - cut) for cut in cuts) >= _LEAST_BARS
        if far and novelty[at] >= least * (1.0 if whole else _OFF_PHRASE):
            cuts.append(int(at))
    return sorted(cuts)[:-1]


def _measure_novelty(bars: BarLevels) -> Vector:
    """How much changes at each bar line in the register that changes most, (bars + 1,).

    That is the distance of the two bars that are most alike across the line: two bars after it and three before it, or
    the other way round. A loop comes back within that, and one odd bar changes nothing.
    """
    far = compare_bars(bars, _MEMORY_BARS + _LEAST_BARS - 1)
    novelty = np.zeros(len(bars) + 1)
    for line in range(1, len(bars)):
        for before, after in ((_MEMORY_BARS, _LEAST_BARS), (_LEAST_BARS, _MEMORY_BARS)):
            if before <= line <= len(bars) - after:
                pairs = [far[i, j - i - 1] for i in range(line - before, line) for j in range(line, line + after)]
                nearest = np.min(pairs, axis=0)
                novelty[line] = max(novelty[line], float(nearest[np.isfinite(nearest)].max(initial=0)))
    return novelty


def _count_kicks(bars: BarLevels, grid: Grid, drums: Sequence[DrumHit]) -> Vector:
    length = 4 * grid.beat_seconds
    kicks = np.array([hit.time for hit in drums if hit.pitch == _KICK])
    numbers = np.floor((kicks - grid.offset) / length + 1 / 64).astype(int) - bars.first
    return np.bincount(numbers[(numbers >= 0) & (numbers < len(bars))], minlength=len(bars)).astype(np.float64)


def _describe(bars: BarLevels, spans: Sequence[tuple[int, int]], kicks: Vector) -> list[_Stretch]:
    means = np.nanmean(bars.levels, axis=1)  # (bars, registers)
    kick = [float(kicks[a:b].mean()) for a, b in spans]
    low = [float(np.nanmean(means[a:b, 0])) for a, b in spans]
    energy = [float(np.nanmean(means[a:b])) for a, b in spans]
    rise = [
        float(np.nanmean(means[(a + b) // 2 : b]) - np.nanmean(means[a : max(a + 1, (a + b) // 2)])) for a, b in spans
    ]
    return [
        _Stretch(k / max(kick) if max(kick) > 0 else 1.0, v / (max(low) or 1.0), e / (max(energy) or 1.0), r)
        for k, v, e, r in zip(kick, low, energy, rise)
    ]


def _name(i: int, stretches: Sequence[_Stretch]) -> str:
    here, last = stretches[i], len(stretches) - 1
    if here.full:
        return "drop"
    if i == 0:
        return "intro"
    if i == last:
        return "outro"
    grows = here.rise > _RISE or here.energy > stretches[i - 1].energy
    if stretches[i + 1].energy > here.energy and grows:
        return "build"
    return "breakdown" if here.empty or stretches[i + 1].energy >= here.energy else "drop"


def _letter(bars: BarLevels, spans: Sequence[tuple[int, int]]) -> list[str]:
    """A letter for each section; those whose bars sound alike have the same."""
    letters: list[str] = []
    for i, (first, last) in enumerate(spans):
        alike = [j for j in range(i) if _apart(bars, spans[j], (first, last)) < _CHANGE]
        letters.append(letters[alike[0]] if alike else _letter_of(len(set(letters))))
    return letters


def _letter_of(number: int) -> str:
    rest, place = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(rest + 1) if rest else "")


def _apart(bars: BarLevels, one: tuple[int, int], other: tuple[int, int]) -> float:
    """The distance of the bars of two sections that are most alike, in the register where they differ most."""
    a, b = bars.levels[slice(*one)][:8], bars.levels[slice(*other)][:8]
    pairs = np.abs(a[:, None] - b[None])
    means = np.nanmean(pairs, axis=2)  # (bars, bars, registers)
    return float(means.min(axis=(0, 1)).max())
