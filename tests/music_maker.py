"""Sets of pieces whose faults are known, such as random notes and parts of two songs, and pieces whose parts belong."""

import random

from technogen import Note, Score
from technogen.patterns import STYLES, compose
from technogen.score import TICKS_PER_STEP

KICK, CLAP, HAT = 36, 39, 42


def compose_set(count, *, first_seed=0, bars=8):
    styles = list(STYLES)
    return {
        f"piece{i:03d}": compose(styles[i % len(styles)], bars=bars, seed=first_seed + i).quantised()
        for i in range(count)
    }


def random_score(seed, *, bars=8):
    dice = random.Random(seed)
    steps = bars * 16
    hits = {
        (dice.randrange(steps), dice.choice((KICK, 38, CLAP, HAT, 46))): dice.randint(40, 127) for _ in range(9 * bars)
    }
    drums = tuple(Note(step * TICKS_PER_STEP, 60, piece, velocity) for (step, piece), velocity in hits.items())
    bass = tuple(
        Note(step * TICKS_PER_STEP, 70, dice.randint(30, 54), dice.randint(60, 127))
        for step in dice.sample(range(steps), 6 * bars)
    )
    return Score(tempo=130, bars=bars, drums=drums, bass=bass)


def locked_score(seed, *, bars=16):
    """The bass plays on the kicks, whose pattern is the piece's own; both change in the same bars."""
    dice = random.Random(seed)
    patterns = [sorted(dice.sample(range(16), dice.randint(4, 7))) for _ in range(3)]
    form = [dice.randrange(3) for _ in range(bars)]
    steps = [bar * 16 + step for bar, which in enumerate(form) for step in patterns[which]]
    kicks = tuple(Note(step * TICKS_PER_STEP, 60, KICK, 110) for step in steps)
    hats = tuple(Note(step * TICKS_PER_STEP, 60, HAT, 80) for step in range(2, bars * 16, 4))
    bass = tuple(Note(step * TICKS_PER_STEP, 60, 36 + dice.choice((0, 0, 3, 7, 12)), 90) for step in steps)
    return Score(tempo=130, bars=bars, drums=kicks + hats, bass=bass)


def shuffle_pairs(scores):
    """The drums of each piece with the bass of the piece half the set away."""
    names = list(scores)
    moved = names[len(names) // 2 :] + names[: len(names) // 2]
    return {
        name: Score(tempo=scores[name].tempo, bars=scores[name].bars, drums=scores[name].drums, bass=scores[other].bass)
        for name, other in zip(names, moved)
    }
