"""What is measured of the drums of a window: numbers by name, in hits, steps and shares."""

from __future__ import annotations

import numpy as np

from technogen.evaluation.music.grid import (
    CLAP,
    CLOSED_HAT,
    DRUM_CLASSES,
    KICK,
    OPEN_HAT,
    SNARE,
    STEPS,
    Bools,
    Floats,
    Grid,
)
from technogen.evaluation.music.similarity import compare_bars, drum_bars, likeness_at, overlap_of
from technogen.score import ACCENT_VELOCITY

Features = dict[str, float]


def measure_drums(window: Grid) -> Features:
    """How busy the drums are, what plays where, and how they repeat."""
    hits = window.hits
    together = hits.any(axis=1)
    return {
        "hits_per_bar": hits.sum() / window.bars,
        "drum_classes": float(hits.any(axis=0).sum()),
        "steps_hit": float(together.mean()),
        "hits_at_once": hits.sum() / max(together.sum(), 1),
        "off_16ths": hits[1::2].sum() / max(hits.sum(), 1),
        **_places(hits),
        **_roles(hits),
        **_repeats(window),
    }


def measure_drum_velocities(window: Grid) -> Features:
    """How hard the drums are hit."""
    velocities = window.drums[window.hits]
    if not len(velocities):
        return dict.fromkeys(("drum_velocity", "drum_velocity_spread", "drum_accents", "drum_velocities"), float("nan"))
    return {
        "drum_velocity": float(velocities.mean()),
        "drum_velocity_spread": float(velocities.std()),
        "drum_accents": float((velocities >= ACCENT_VELOCITY).mean()),
        "drum_velocities": float(len(np.unique(velocities))),
    }


def entropy_of(counts: Floats) -> float:
    """Shannon's entropy of counts, in bits; not a number where there are none."""
    total = counts.sum()
    if total <= 0:
        return float("nan")
    shares = counts[counts > 0] / total
    return float(-(shares * np.log2(shares)).sum())


def _places(hits: Bools) -> Features:
    profile = hits.reshape(-1, STEPS, len(DRUM_CLASSES)).mean(axis=0)
    found: Features = {}
    for at, name in enumerate(DRUM_CLASSES):
        onsets = profile[:, at]
        found[f"{name}_rate"] = float(onsets.sum())
        found[f"{name}_on_beats"] = float(onsets[::4].sum())
        found[f"{name}_on_8ths"] = float(onsets[2::4].sum())
        found[f"{name}_on_16ths"] = float(onsets[1::2].sum())
        bars = hits[:, at].reshape(-1, STEPS)
        found[f"{name}_each_beat"] = overlap_of(bars[:, :-4], bars[:, 4:])
        found[f"{name}_each_half"] = overlap_of(bars[:, :8], bars[:, 8:])
    return found


def _roles(hits: Bools) -> Features:
    back = hits[:, SNARE] | hits[:, CLAP]
    return {
        "four_on_the_floor": float(hits[::4, KICK].mean()),
        "backbeat": float(back[4::8].mean()),
        "hats_clash": (hits[:, CLOSED_HAT] & hits[:, OPEN_HAT]).sum() / max(hits[:, OPEN_HAT].sum(), 1),
        "kick_under_backbeat": (hits[:, KICK] & back).sum() / max(back.sum(), 1),
    }


def _repeats(window: Grid) -> Features:
    bars = drum_bars(window)
    likeness = compare_bars(bars)
    return {
        "drums_lag1": likeness_at(likeness, 1),
        "drums_lag2": likeness_at(likeness, 2),
        "drums_different_bars": len({bar.tobytes() for bar in bars}) / len(bars),
        "drums_last_bar_new": float(1 - likeness[0, -1]),
    }
