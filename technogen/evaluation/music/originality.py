"""What stands in other music: the longest shared run of bars, parts of two songs put together, pieces made twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from technogen.evaluation.music.grid import Floats, Grid, View, name_window
from technogen.score import Score
from technogen.similarity import FINE, BarIndex, Part, Run, hash_bars

COPIED: dict[Part, int] = {"bass": 7, "joint": 5}
"""A run with so many different bars of another song is a copy: human songs that share none reach fewer."""
_PATCHED = 4
_STILL, _FAR = 1e-6, 4.0


@dataclass(frozen=True, slots=True)
class Origin:
    """What of a piece stands in a corpus.

    Attributes:
        name: The piece.
        bass: The longest run of bars of its bassline, transposition aside.
        drums: Of its drums.
        joint: Of both together.
        moved: By how many semitones the run of the bass, or of both if that has more different bars, was transposed.
        known: Share of its telling bars, of bass or both, that the corpus holds; None if it has no telling bar.
    """

    name: str
    bass: Run
    drums: Run
    joint: Run
    moved: int
    known: float | None

    @property
    def is_copied(self) -> bool:
        """Whether the bass alone, or both parts together, go on for long as in one other piece."""
        return self.bass.different >= COPIED["bass"] or self.joint.different >= COPIED["joint"]

    @property
    def is_patched(self) -> bool:
        """Whether the bass comes from one piece and the drums from another."""
        alone = min(self.bass.different, self.drums.different)
        return alone >= _PATCHED and self.bass.name != self.drums.name and self.joint.different < alone


class Corpus:
    """Scores that others are looked for in."""

    def __init__(self, scores: Mapping[str, Score]) -> None:
        self._scores = scores
        self._index = BarIndex.build(scores, grid=FINE)

    def trace(self, name: str, score: Score) -> Origin:
        """Find what of a score stands here; a hash of each bar tells, so that nothing near but unlike is found."""
        bass, drums, joint = (self._index.longest_run(score, part=part) for part in _PARTS)
        shares = [self._index.share_known(score, part=part) for part in ("bass", "joint")]
        known = [share for share in shares if share is not None]
        run = joint if joint.different >= bass.different else bass
        return Origin(name, bass, drums, joint, self._transposition(score, run), max(known) if known else None)

    def _transposition(self, score: Score, run: Run) -> int:
        if not run.bars:
            return 0
        there = self._scores[run.name][run.name_start : run.name_start + 1]
        here = score[run.start : run.start + 1]
        return hash_bars(here)[0].pitch - hash_bars(there)[0].pitch


def spread_of(table: Floats, groups: Sequence[str], like: Floats) -> float:
    """How far pieces are from each other: the mean distance of their features, in standard deviations of the reference.

    Args:
        table: Features of windows, (windows, features).
        groups: The piece of each.
        like: The features of the reference's windows, which say how wide each feature is.
    """
    told = like[:, np.isfinite(like).any(axis=0)]
    middle, deviation = np.nanmean(told, axis=0), np.nanstd(told, axis=0)
    used = deviation > _STILL
    ours = table[:, np.isfinite(like).any(axis=0)]
    scaled = np.clip(np.nan_to_num((ours - middle)[:, used] / deviation[used]), -_FAR, _FAR)
    names = np.array(groups)
    centres = np.array([scaled[names == name].mean(axis=0) for name in sorted(set(groups))])
    if len(centres) < 2:
        return float("nan")
    apart = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=2))
    return float(apart[np.triu_indices(len(centres), 1)].mean())


def share_in_several(windows: Sequence[Grid], view: View) -> float:
    """The share of windows that stand in more than one piece, transposition aside."""
    owners: dict[bytes, set[str]] = defaultdict(set)
    keys = [name_window(window, view) for window in windows]
    for key, window in zip(keys, windows):
        owners[key].add(window.group)
    return float(np.mean([len(owners[key]) > 1 for key in keys])) if keys else float("nan")


_PARTS: tuple[Part, ...] = ("bass", "drums", "joint")
