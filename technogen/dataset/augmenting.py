"""Changes that leave techno techno: from a score and a seed another score, of the same music in other clothes.

Each function gives a valid score of as many bars, equal for equal seeds; what tokens cannot say is left as it was.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from technogen.errors import DatasetError
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT, Note, Part, Score
from technogen.score.drums import KICK
from technogen.score.notes import Control
from technogen.score.quantising import BASS_PITCHES, DRUM_VELOCITIES, drum_class

MOST_SEMITONES = 6
_DRUM_RANGES = ((1, 63), (64, 99), (100, 127))
_BASS_RANGES = ((1, 99), (100, 127))
_BEATS = range(0, TICKS_PER_BAR, TICKS_PER_BEAT)
_STRONG = TICKS_PER_BEAT


def is_four_on_the_floor(score: Score) -> bool:
    """Whether a kick falls on all four beats of half the bars that have a kick."""
    kicks = {n.start for n in score.drums if n.pitch == KICK}
    bars = {tick // TICKS_PER_BAR for tick in kicks}
    full = sum(all(bar * TICKS_PER_BAR + beat in kicks for beat in _BEATS) for bar in bars)
    return bool(bars) and 2 * full >= len(bars)


def transpose_bass(score: Score, *, seed: int, most: int = MOST_SEMITONES) -> Score:
    """Move the bass by at most so many semitones up or down, the line whole.

    Where it would leave the range of the tokens it moves by octaves as well; where there is no room, it stays.
    """
    if not score.bass:
        return score
    semitones = _random(seed, "transpose").randint(-most, most)
    low, high = min(n.pitch for n in score.bass), max(n.pitch for n in score.bass)
    shifts = sorted((semitones + 12 * k for k in range(-4, 5)), key=lambda shift: abs(shift - semitones))
    fitting = [s for s in shifts if low + s >= BASS_PITCHES.start and high + s < BASS_PITCHES.stop]
    return score.transposed(fitting[0]) if fitting else score


def drop_piece(score: Score, *, seed: int) -> Score:
    """Take one drum piece away, never the last that is left."""
    pieces = sorted({n.pitch for n in score.drums})
    if len(pieces) < 2:
        return score
    silenced = _random(seed, "drop").choice(pieces)
    return replace(score, drums=tuple(n for n in score.drums if n.pitch != silenced))


def drop_part(score: Score, *, seed: int) -> Score:
    """Leave the drums or the bassline out, where a score has both."""
    parts: tuple[Part, Part] = ("drums", "bass")
    return score.muted(_random(seed, "part").choice(parts)) if score.drums and score.bass else score


def mute_blocks(score: Score, *, seed: int, block: int = 4) -> Score:
    """Mute one part in some blocks of so many bars, and never in all; a score of one block stays as it is.

    Raises:
        DatasetError: If a block is no whole number of bars, 1 or more.
    """
    if not isinstance(block, int) or block < 1:
        raise DatasetError(f"a block must be a whole number of bars, 1 or more, got {block!r}")
    blocks = -(-score.bars // block)
    if blocks < 2:
        return score
    random = _random(seed, "mute")
    part: Part = random.choice(("drums", "bass"))
    muted = set(random.sample(range(blocks), random.randint(1, blocks - 1)))
    plays = lambda n: n.start // (block * TICKS_PER_BAR) not in muted  # noqa: E731
    if part == "drums":
        return replace(score, drums=tuple(filter(plays, score.drums)))
    return replace(score, bass=tuple(filter(plays, score.bass)))


def vary_velocities(score: Score, *, seed: int) -> Score:
    """Draw each velocity anew within its class (soft, plain, accent); tokens stay the same, renderings differ."""
    random = _random(seed, "velocity")
    drums = tuple(replace(n, velocity=random.randint(*_DRUM_RANGES[drum_class(n.velocity)])) for n in score.drums)
    bass = tuple(replace(n, velocity=random.randint(*_BASS_RANGES[n.accent])) for n in score.bass)
    return replace(score, drums=drums, bass=bass)


def thin(score: Score, *, seed: int, share: float = 0.25) -> Score:
    """Take places of the bar away, in all bars alike, so that a loop stays a loop: a share of those off the beat.

    A place is a tick of the bar and a drum piece, or a tick of the bar in the bassline.

    Raises:
        DatasetError: If the share is not in 0..1.
    """
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise DatasetError(f"the share to thin out must be a number in 0..1, got {share!r}")
    places = sorted({_place(n) for n in score.drums} | {(n.start % TICKS_PER_BAR, -1) for n in score.bass})
    weak = [place for place in places if place[0] % _STRONG]
    gone = set(_random(seed, "thin").sample(weak, round(share * len(weak))))
    return replace(
        score,
        drums=tuple(n for n in score.drums if _place(n) not in gone),
        bass=tuple(n for n in score.bass if (n.start % TICKS_PER_BAR, -1) not in gone),
    )


def rotate_bars(score: Score, *, seed: int) -> Score:
    """Let a loop start with another of its bars.

    Filter curves go with their bars; a knob that was not touched before the new start keeps its last value.
    """
    first = _random(seed, "rotate").randrange(score.bars)
    return score[first:] + score[:first] if first else score


def cut_window(score: Score, *, bars: int, seed: int) -> Score:
    """So many consecutive bars from anywhere in a score, or all of a shorter one."""
    last = max(0, score.bars - bars)
    first = _random(seed, "window").randint(0, last)
    return score[first : first + bars]


def pair_again(drums: Score, bass: Score) -> Score:
    """The drums of one score with the bassline and the filter curves of another.

    Tempo, swing, length and sections are those of the drums; a shorter bassline is repeated.

    Raises:
        DatasetError: If the drums have no four-on-the-floor kick: only such drums go with any bassline.
    """
    if not is_four_on_the_floor(drums):
        raise DatasetError("only drums with a kick on all four beats go with any bassline; these have none")
    line = bass.repeated(-(-drums.bars // bass.bars)) if bass.bars < drums.bars else bass
    line = line[: drums.bars]
    return replace(drums, bass=line.bass, controls=_thin_controls(line.controls))


def firm_kick(score: Score) -> Score:
    """Raise the kicks by a velocity class where most of them are soft: feet play so, machines do not."""
    kicks = [n for n in score.drums if n.pitch == KICK]
    if 2 * sum(drum_class(n.velocity) == 0 for n in kicks) <= len(kicks):
        return score

    def raise_hit(note: Note) -> Note:
        level = min(drum_class(note.velocity) + 1, len(DRUM_VELOCITIES) - 1)
        return replace(note, velocity=DRUM_VELOCITIES[level]) if note.pitch == KICK else note

    return replace(score, drums=tuple(raise_hit(n) for n in score.drums))


def _thin_controls(controls: tuple[Control, ...]) -> tuple[Control, ...]:
    """Filter curves without points that change nothing."""
    kept: list[Control] = []
    held: dict[str, int] = {}
    for control in controls:
        if held.get(control.name) != control.value:
            kept.append(control)
        held[control.name] = control.value
    return tuple(kept)


def _place(note: Note) -> tuple[int, int]:
    return note.start % TICKS_PER_BAR, note.pitch


def _random(seed: int, matter: str) -> Random:
    return Random(f"{seed}/{matter}")  # a string is seeded by SHA-512, the same in every process
