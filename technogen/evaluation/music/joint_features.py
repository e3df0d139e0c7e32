"""What is measured of drums and bass together, and of the form of phrases: numbers by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from technogen.evaluation.music.drum_features import Features
from technogen.evaluation.music.grid import (
    CLAP,
    CLOSED_HAT,
    KICK,
    OPEN_HAT,
    SNARE,
    Bools,
    Floats,
    Grid,
)
from technogen.evaluation.music.similarity import (
    LAGS,
    bass_bars,
    compare_bars,
    correlate,
    drum_bars,
    groove_likeness,
    likeness_at,
)

_NAN = float("nan")


def measure_joint(window: Grid) -> Features:
    """Where the bass meets the drums, and how busy the one is beside the other."""
    bass, hits = window.onsets, window.hits
    voices: dict[str, Any] = {
        "kick": hits[:, KICK],
        "backbeat": hits[:, SNARE] | hits[:, CLAP],
        "closed_hat": hits[:, CLOSED_HAT],
        "open_hat": hits[:, OPEN_HAT],
        "any": hits.any(axis=1),
    }
    found: Features = {"density_ratio": float(np.log((1 + hits.sum()) / (1 + bass.sum())))}
    for name, voice in voices.items():
        found[f"bass_on_{name}"] = (bass & voice).sum() / max(bass.sum(), 1)
        found[f"{name}_under_bass"] = (bass & voice).sum() / voice.sum() if voice.any() else _NAN
        found[f"bass_with_{name}"] = correlate(bass, voice)
    return found


def measure_form(phrase: Grid) -> Features:
    """How bars repeat over 1, 2, 4 and 8 bars, where they change, and whether both parts change together."""
    sides = {"drums": drum_bars(phrase), "bass": bass_bars(phrase)}
    likeness = {part: compare_bars(bars) for part, bars in sides.items()}
    found: Features = {}
    for part, bars in sides.items():
        found |= {f"{part}_form_{name}": value for name, value in _form_of(bars, likeness[part]).items()}
    found["drums_form_groove"] = groove_likeness(np.asarray(phrase.hits.any(axis=1)))
    found["bass_form_groove"] = groove_likeness(phrase.onsets)
    changes = [1 - np.diagonal(likeness[part], 1) for part in sides]
    found["changes_together"] = correlate(changes[0], changes[1])
    return found


def measure_loop(phrase: Grid) -> Features:
    """How well the end leads back to the beginning: the seam beside the bar lines within.

    The likeness of the last bar and the first, and the size of the bass's step across the seam, each as the share of
    the inner bar lines that are no smoother: 1 is as smooth as any, 0 the roughest of all.
    """
    found: Features = {}
    for part, bars in (("drums", drum_bars(phrase)), ("bass", bass_bars(phrase))):
        likeness = compare_bars(bars)
        inner = np.diagonal(likeness, 1)
        found[f"seam_{part}"] = float((inner <= likeness[-1, 0] + 1e-9).mean()) if len(inner) else _NAN
    moves = np.abs(np.diff(phrase.pitch[phrase.onsets]))
    notes = phrase.pitch[phrase.onsets]
    found["seam_step"] = float((moves >= abs(notes[0] - notes[-1])).mean()) if len(moves) else _NAN
    return found


def _form_of(bars: Bools, likeness: Floats) -> Features:
    change = 1 - np.diagonal(likeness, 1)
    at = np.arange(1, len(bars))
    sizes = bars.sum(axis=1)
    return {
        **{f"lag{lag}": likeness_at(likeness, lag) for lag in LAGS},
        "exact_repeats": float((change < 1e-6).mean()),
        "different_bars": len({bar.tobytes() for bar in bars}) / len(bars),
        "change_on_4": _difference(change, at % 4 == 0, at % 4 != 0),
        "change_on_8": _difference(change, at % 8 == 0, at % 8 == 4),
        "density_range": float((sizes.max() - sizes.min()) / max(sizes.mean(), 1)),
        "empty_bars": float((sizes == 0).mean()),
    }


def _difference(values: Floats, first: Bools, second: Bools) -> float:
    return float(values[first].mean() - values[second].mean()) if first.any() and second.any() else _NAN
