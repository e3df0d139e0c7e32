"""Music in ticks: `Note`, `Score` and what belongs to them. 480 ticks a beat, 4/4, one tempo; standard library only."""

from technogen.score.drums import DRUM_NAMES, fold_drum
from technogen.score.quantising import quantise_score
from technogen.score.swing import find_swing, straight_tick, swing_tick
from technogen.score.types import (
    ACCENT_VELOCITY,
    BEATS_PER_BAR,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
    Control,
    Note,
    Part,
    Score,
    Section,
    make_monophonic,
)

__all__ = [
    "ACCENT_VELOCITY",
    "BEATS_PER_BAR",
    "DRUM_NAMES",
    "TICKS_PER_BAR",
    "TICKS_PER_BEAT",
    "TICKS_PER_STEP",
    "Control",
    "Note",
    "Part",
    "Score",
    "Section",
    "find_swing",
    "fold_drum",
    "make_monophonic",
    "quantise_score",
    "straight_tick",
    "swing_tick",
]
