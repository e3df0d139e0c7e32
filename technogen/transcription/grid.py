"""The grid of a recording: which 16th of the pulse is the first of a bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogen.transcription.bar_evidence import positions, weigh_bar_lines
from technogen.transcription.features import Array
from technogen.transcription.onsets import Onsets
from technogen.transcription.tempo import Pulse
from technogen.transcription.types import DrumHit, Grid

__all__ = ["find_grid", "positions"]

_EARLY_SECONDS = 0.02  # a bar line this soon after the start of the file is at the start


def find_grid(pulse: Pulse, onsets: Onsets, strength: Array, drums: Sequence[DrumHit]) -> Grid:
    """Find bar one of a pulse.

    What decides: which pieces are played where in a bar; that the music changes, comes in, drops out and ends on bar
    lines; and, where a file starts within a millisecond or two of a 16th, that loops and exports start on bar one.

    Args:
        pulse: The 16ths.
        onsets: Of the recording.
        strength: Onset strength by frame and band, (t, bands).
        drums: Hits, as far as they are known.
    """
    scores = weigh_bar_lines(pulse, onsets, strength, drums)
    best = int(scores.argmax())
    odds = np.exp(scores - scores.max())
    bar = 240 / pulse.tempo
    offset = float(pulse.sixteenths(1, best)[0]) % bar
    if offset > _EARLY_SECONDS:
        offset -= bar
    return Grid(pulse.tempo, offset, pulse.swing, confidence=round(float(pulse.fit * odds[best] / odds.sum()), 3))
