"""The grid of a recording: which 16th of the pulse is the first of a bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogen.transcription.bar_evidence import positions, weigh_bar_lines
from technogen.transcription.features import Array
from technogen.transcription.onsets import Onsets, Times
from technogen.transcription.tempo import Pulse, trust_fours
from technogen.transcription.types import DrumHit, Grid

__all__ = ["find_grid", "positions"]

_EARLY_SECONDS = 0.02  # a bar line this soon after the start of the file is at the start


def find_grid(
    pulse: Pulse, onsets: Onsets, strength: Array, drums: Sequence[DrumHit], beats: Times | None = None
) -> Grid:
    """Find bar one of a pulse.

    What decides: which pieces are played where in a bar; that the music changes, comes in, drops out and ends on bar
    lines; and, where a file starts within a millisecond or two of a 16th, that loops and exports start on bar one.

    Args:
        pulse: The 16ths.
        onsets: Of the recording.
        strength: Onset strength by frame and band, (t, bands).
        drums: Hits, as far as they are known.
        beats: Seconds, where beats are known: bars start on these then.
    """
    scores = weigh_bar_lines(pulse, onsets, strength, drums)
    if beats is not None:
        known = np.where(np.arange(len(scores)) % 4 == _find_sixteenth(pulse, beats), scores, -np.inf)
        scores = known if np.isfinite(known).any() else scores  # where 16ths swing, odd ones are no bar lines
    best = int(scores.argmax())
    odds = np.exp(scores - scores.max())
    bar = 240 / pulse.tempo
    offset = float(pulse.sixteenths(1, best)[0]) % bar
    if offset > _EARLY_SECONDS:
        offset -= bar
    sure = pulse.fit * trust_fours(pulse, strength) * odds[best] / odds.sum()
    return Grid(pulse.tempo, offset, pulse.swing, confidence=round(float(sure), 3))


def _find_sixteenth(pulse: Pulse, beats: Times) -> int:
    """On which 16th of a beat of the pulse most beats are, 0..3."""
    beat = 60 / pulse.tempo
    turn = float(np.angle(np.exp(2j * np.pi * (beats - pulse.offset) / beat).sum()) / (2 * np.pi))
    return round(4 * turn) % 4
