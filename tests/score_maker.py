"""Random scores for tests: every shape a score may have, from a seed."""

import random

from technogen.score import DRUM_NAMES, TICKS_PER_BAR, Control, Note, Score, Section, swing_tick


def make_score(seed: int) -> Score:
    """A score of 1..6 bars, on a grid or off it, swung or straight, with slides, controls and sections or without."""
    dice = random.Random(seed)
    bars = dice.randint(1, 6)
    length = bars * TICKS_PER_BAR
    grid = dice.choice([1, 1, 20, 60, 120, 120])
    swing = dice.choice([0.5, 0.5, dice.randint(50, 75) / 100])
    as_played = dice.random() < 0.3

    def onset() -> int:
        tick = dice.randrange(length) // grid * grid
        return min(length - 1, swing_tick(tick, swing)) if as_played else tick

    drums = [_make_hit(dice, onset()) for _ in range(dice.choice([0, 5, 20 * bars]))]
    starts = {onset() for _ in range(dice.choice([0, 1, 2, 10 * bars, 40 * bars]))} | {0} if dice.random() < 0.8 else ()
    return Score(
        tempo=dice.randint(2000, 40000) / 100,
        bars=bars,
        drums=tuple(drums),
        bass=_make_line(dice, sorted(starts), length),
        swing=0.5 if as_played else swing,
        controls=tuple(_make_control(dice, length) for _ in range(dice.choice([0, 0, 3, 20]))),
        sections=tuple(Section(dice.randrange(bars), dice.choice(["intro", "drop", "my own"])) for _ in range(3)),
    )


def _make_hit(dice: random.Random, start: int) -> Note:
    pitch = dice.randint(0, 127) if dice.random() < 0.3 else dice.choice(list(DRUM_NAMES))
    return Note(start, dice.randint(1, 200), pitch, dice.randint(1, 127))


def _make_line(dice: random.Random, starts: list[int], length: int) -> tuple[Note, ...]:
    line = []
    for start, following in zip(starts, [*starts[1:], length]):
        duration = following - start if dice.random() < 0.5 else dice.randint(1, following - start)
        pitch = dice.choice([36, 38, 48, dice.randint(0, 127)])
        line.append(Note(start, duration, pitch, dice.randint(1, 127), dice.random() < 0.5))
    return tuple(line)


def _make_control(dice: random.Random, length: int) -> Control:
    return Control(dice.randrange(length), dice.choice(["cutoff", "resonance"]), dice.randint(0, 127))
