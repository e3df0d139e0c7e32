"""The figures of MusPy, by MusPy itself where it is installed: of each piece, held against the reference's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from technogen.errors import MissingBackendError
from technogen.evaluation.music.measures import Measure, measure_shift
from technogen.score import BEATS_PER_BAR, TICKS_PER_BEAT, Score
from technogen.similarity import FINE

_OF_BASS = ("pitch_range", "n_pitches_used", "n_pitch_classes_used", "pitch_entropy", "pitch_class_entropy",
            "scale_consistency", "polyphony", "empty_beat_rate")  # fmt: skip
_OF_BARS = ("groove_consistency", "empty_measure_rate")
_CELL = TICKS_PER_BEAT // FINE


def has_muspy() -> bool:
    """Whether MusPy is installed."""
    return find_spec("muspy") is not None


def measure_muspy(score: Score) -> dict[str, float]:
    """MusPy's figures of a piece: pitches of the bassline, groove of both parts, drums in 16ths.

    Raises:
        MissingBackendError: If MusPy is not installed.

    References:
        Dong et al., "MusPy: A Toolkit for Symbolic Music Generation", ISMIR 2020.
    """
    if not has_muspy():
        raise MissingBackendError("figures of MusPy need it: pip install 'technogen[muspy]'")
    import muspy  # noqa: PLC0415

    both, bass, drums = (_to_muspy(muspy, s) for s in (score, score.muted("drums"), score.muted("bass")))
    figures: list[tuple[str, Any, tuple[Any, ...]]] = [(name, bass, ()) for name in _OF_BASS]
    figures += [(name, both, (BEATS_PER_BAR * FINE,)) for name in _OF_BARS]
    figures += [("drum_in_pattern_rate", drums, ("duple",)), ("drum_pattern_consistency", drums, ())]
    return {
        name: float(getattr(muspy, name)(music, *options)) if music.tracks else float("nan")
        for name, music, options in figures
    }


def compare_muspy(
    scores: Mapping[str, Score], reference: Mapping[str, Score], songs: Mapping[str, str]
) -> Iterator[Measure]:
    """Shifts of MusPy's figures; nothing where MusPy is not installed."""
    if not has_muspy():
        return
    rows = [[measure_muspy(score) for score in side.values()] for side in (scores, reference)]
    groups = (list(scores), [songs[name] for name in reference])
    for name in rows[0][0]:
        values = [np.array([row[name] for row in side]) for side in rows]
        yield measure_shift(f"muspy/{name}", name.replace("_", " "), (values[0], values[1]), groups, 0)


def _to_muspy(muspy: Any, score: Score) -> Any:
    tracks = []
    for notes, is_drum, program in ((score.drums, True, 0), (score.bass, False, 38)):
        made = [muspy.Note(n.start // _CELL, n.pitch, max(n.duration // _CELL, 1), n.velocity) for n in notes]
        if made:
            tracks.append(muspy.Track(program=program, is_drum=is_drum, notes=made))
    return muspy.Music(resolution=FINE, tempos=[muspy.Tempo(0, score.tempo)], tracks=tracks)
