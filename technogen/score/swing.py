"""Swing as a number: the position of the second 16th in its 8th, 0.5 (straight) to 0.75. All positions in ticks."""

from collections.abc import Sequence
from statistics import median

EIGHTH = 240
SIXTEENTH = 120
_SLACK = 7  # how far from its place an onset may be and still count as there


def swing_tick(tick: int, swing: float) -> int:
    """Where a straight tick falls once swung; 8ths stay, what lies between is stretched and squeezed evenly."""
    within = tick % EIGHTH
    late = _second_sixteenth(swing)
    second_half = max(0, within - SIXTEENTH)
    moved = ((within - second_half) * late + second_half * (EIGHTH - late)) / SIXTEENTH
    return tick - within + int(moved + 0.5)


def straight_tick(tick: int, swing: float) -> int:
    """The straight tick that `swing_tick` moves here: exact for 16ths, elsewhere to the tick."""
    within = tick % EIGHTH
    late = _second_sixteenth(swing)
    second_half = max(0, within - late)
    moved = SIXTEENTH * ((within - second_half) / late + second_half / (EIGHTH - late))
    return tick - within + int(moved + 0.5)


def _second_sixteenth(swing: float) -> int:
    return int(EIGHTH * swing + 0.5)


def find_swing(onsets: Sequence[int]) -> float:
    """The swing that a set of onsets was played with, 0.5 where they do not agree on one.

    Args:
        onsets: Ticks as played.

    Returns:
        A multiple of 0.01 in 0.5..0.75.
    """
    within = [onset % EIGHTH for onset in onsets]
    late = [w for w in within if SIXTEENTH - 20 <= w <= EIGHTH * 0.78]
    if len(late) < 4:
        return 0.5
    middle = median(late)
    agree = sum(abs(w - middle) <= _SLACK for w in late) >= 0.8 * len(late)
    triplets = sum(abs(w - 80) <= _SLACK for w in within) >= 0.25 * len(late)
    found = round(middle / EIGHTH, 2)
    return found if agree and not triplets and 0.52 <= found <= 0.75 else 0.5
