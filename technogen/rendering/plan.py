"""What is played to get what is asked for: how long, and for a loop what comes before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import index

from technogen.errors import RenderError
from technogen.rendering.clock import sample_of
from technogen.rendering.options import MAX_RATE, MIN_RATE, Mix, Voice
from technogen.rendering.sections import Shaping, shape_sections
from technogen.score import BEATS_PER_BAR, TICKS_PER_BAR, Score

BLOCK = 16_384
"""Samples that are made at a time."""
MAX_SECONDS = 3600.0
_OFF = -60.0
_DRY_SECONDS = 3.5
_SHORT_SECONDS = 60.0
_LEAST_OFF = 1.5
_HEARD = 84.0
"""Decibels: what has fallen so far is no longer heard in the next pass of a loop."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played to get what is asked for.

    Attributes:
        shaping: The score, or enough passes of it, and what its sections do.
        samples: How much is played.
        kept: The part of it that is the result.
        turn: What repeats itself: a loop, or a late pass of a score that consists of equal ones; else None.
        tail: How many samples at its end fade out.
        sample_rate: Samples a second.
        clock_rate: The same for the clock of what repeats itself: so little off that a pass is a whole number of
            samples, and all passes are alike to the sample.
    """

    shaping: Shaping
    samples: int
    kept: slice
    turn: slice | None
    tail: int
    sample_rate: int
    clock_rate: float

    @property
    def score(self) -> Score:
        """What is played."""
        return self.shaping.score

    @property
    def silent(self) -> bool:
        """Whether there is nothing to play."""
        return not self.score.drums and not self.score.bass

    def blocks(self) -> Iterator[int]:
        """The lengths of the blocks to play, one after the other."""
        for start in range(0, self.samples, BLOCK):
            yield min(BLOCK, self.samples - start)


def plan_rendering(score: Score, sample_rate: int, voice: Voice, *, loop: bool) -> Plan:
    """Plan what to play.

    Raises:
        RenderError: If the sample rate is out of range, or the score lasts more than an hour.
    """
    if not isinstance(score, Score):
        raise RenderError(f"a Score is rendered, got {type(score).__name__}; Score.load reads a MIDI file")
    rate = whole_number("sample_rate", sample_rate, MIN_RATE, MAX_RATE)
    if score.seconds > MAX_SECONDS:
        raise RenderError(f"a score of {score.seconds:.0f} s is too long to render; {MAX_SECONDS:.0f} s would do")
    length = sample_of(score.length, score, rate)
    if not score.drums and not score.bass:
        return Plan(Shaping(score), length, slice(0, length), None, 0, rate, rate)
    if loop:
        return _plan_loop(score, rate, length, voice.mix)
    tail = round(voice.mix.tail * rate)
    period = _period(score, voice.mix)
    clock_rate, turn = float(rate), None
    if period < score.bars:
        clock_rate = _whole_rate(score, period, rate)
        turns = score.bars // period
        turn = slice(*(round(length * number / turns) for number in ((1, 2) if turns == 2 else (turns - 2, turns - 1))))
    return Plan(_shape(score, voice.mix), length + tail, slice(0, length + tail), turn, tail, rate, clock_rate)


def _plan_loop(score: Score, rate: int, length: int, mix: Mix) -> Plan:
    """As many bars before the loop as ring into it, and a bar after it for what looks ahead.

    Before a short loop there are whole passes, which start on a sample as it does: then every hit lies on the same
    sample of a pass as in any other pass.
    """
    clock_rate = _loop_rate(score, rate, length, mix)
    length = round(score.seconds * clock_rate)
    bar_seconds = BEATS_PER_BAR * 60 / score.tempo
    bars = math.ceil(_ringing_seconds(score, mix) / bar_seconds)
    passes = math.ceil(bars / score.bars)
    if score.seconds <= _SHORT_SECONDS:
        bars = passes * score.bars
    shaping = _shape(score.repeated(passes + 2), mix).later(passes * score.bars - bars, bars + score.bars + 1)
    first = round(bars * bar_seconds * clock_rate)
    samples = round((bars + score.bars + 1) * bar_seconds * clock_rate)
    kept = slice(first, first + length)
    return Plan(shaping, samples, kept, kept, 0, rate, clock_rate)


def _loop_rate(score: Score, rate: int, length: int, mix: Mix) -> float:
    """The clock that a longer piece of the same passes has, where it changes the length by a sample at most."""
    shortest = _whole_rate(score, _period(score, mix), rate)
    if abs(score.seconds * shortest - length) < _LEAST_OFF:
        return shortest
    return _whole_rate(score, score.bars, rate)


def _whole_rate(score: Score, bars: int, rate: int) -> float:
    """The clock at which so many bars are a whole number of samples."""
    seconds = bars * BEATS_PER_BAR * 60 / score.tempo
    return round(seconds * rate) / seconds


def _period(score: Score, mix: Mix) -> int:
    """After how many bars what is heard of a score repeats itself; all of them, if it does not."""
    parts = (
        [(n.start, (n.pitch, n.velocity)) for n in score.drums],
        [(n.start, (n.duration, n.pitch, n.velocity, n.slide)) for n in score.bass],
        [(c.tick, (c.name, c.value)) for c in score.controls],
        [(s.bar * TICKS_PER_BAR, (s.label,)) for s in score.sections if mix.sections],
    )
    divisors = (bars for bars in range(1, score.bars) if score.bars % bars == 0)
    fitting = (bars for bars in divisors if all(_repeats(part, bars, score.bars // bars) for part in parts))
    return next(fitting, score.bars)


def _repeats(part: Sequence[tuple[int, tuple[object, ...]]], bars: int, times: int) -> bool:
    ticks = bars * TICKS_PER_BAR
    first = sum(tick < ticks for tick, _ in part)
    later = part[first:]
    return len(part) == first * times and all((t + ticks, x) == other for (t, x), other in zip(part, later))


def _shape(score: Score, mix: Mix) -> Shaping:
    return shape_sections(score) if mix.sections else Shaping(score)


def _ringing_seconds(score: Score, mix: Mix) -> float:
    """How long what has sounded is still heard."""
    seconds = [_DRY_SECONDS]
    if mix.reverb > _OFF:
        seconds.append(mix.reverb_seconds * (_HEARD + mix.reverb) / 60)
    if mix.delay > _OFF and score.bass:
        fall = -20 * math.log10(max(mix.feedback, 1e-6))
        seconds.append(mix.delay_beats * 60 / score.tempo * (1 + (_HEARD + mix.delay) / fall))
    return _DRY_SECONDS / 2 + max(seconds)


def whole_number(name: str, value: int, low: int, high: int) -> int:
    """The value, if it is a whole number in low..high.

    Raises:
        RenderError: If it is not.
    """
    try:
        number = index(value)
    except TypeError:
        raise RenderError(f"{name} must be a whole number in {low}..{high}, got {value!r}") from None
    if not low <= number <= high:
        raise RenderError(f"{name} must be in {low}..{high}, got {number}")
    return number
