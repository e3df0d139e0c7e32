"""Swing in and out of ticks: a score holds straight ticks and a number, a file holds the ticks as played."""

from dataclasses import replace

from technogen.score import Note, Score, make_monophonic, straight_tick, swing_tick
from technogen.score.quantising import GATE_TICKS

_USUAL = 20
"""Onsets and durations of sequencers are multiples of this; triplets and 64ths alike."""


def play_swing(score: Score) -> Score:
    """The score with its swing in the ticks and a `swing` of 0.5; notes that fall together once swung become one."""
    if score.swing == 0.5:
        return score

    def move(tick: int) -> int:
        return min(swing_tick(tick, score.swing), score.length - 1)

    bass = [_span(n, move(n.start), swing_tick(n.end, score.swing)) for n in score.bass]
    return replace(
        score,
        swing=0.5,
        drums=tuple(replace(n, start=move(n.start)) for n in score.drums),
        bass=make_monophonic(bass, score.length),
        controls=tuple(replace(c, tick=move(c.tick)) for c in score.controls),
    )


def take_out_swing(played: Score, swing: float) -> Score:
    """A score as played, put back on straight ticks.

    In the short half of a swung 8th several straight ticks fall on one played tick; of these the usual one is taken:
    multiples of 20 for onsets, and for durations the gate of a 303 (70 ticks) or a multiple of 20.
    """
    if swing == 0.5:
        return played
    starts = [_straighten_onset(n.start, swing) for n in played.bass]
    following = [*starts[1:], played.length]
    bass = [_straighten_note(n, start, after, swing) for n, start, after in zip(played.bass, starts, following)]
    return replace(
        played,
        swing=swing,
        drums=tuple(replace(n, start=_straighten_onset(n.start, swing)) for n in played.drums),
        bass=make_monophonic(bass, played.length),
        controls=tuple(replace(c, tick=_straighten_onset(c.tick, swing)) for c in played.controls),
    )


def _span(note: Note, start: int, end: int) -> Note:
    return replace(note, start=start, duration=max(1, end - start))


def _preimages(tick: int, swing: float) -> list[int]:
    """The straight ticks that fall on this tick once swung, or the nearest where there are none."""
    nearest = straight_tick(tick, swing)
    around = range(max(0, nearest - 3), nearest + 4)
    return [straight for straight in around if swing_tick(straight, swing) == tick] or [nearest]


def _straighten_onset(tick: int, swing: float) -> int:
    nearest = straight_tick(tick, swing)
    candidates = _preimages(tick, swing)
    return min(candidates, key=lambda t: (t % _USUAL != 0, t % (_USUAL // 4) != 0, abs(t - nearest)))


def _straighten_note(note: Note, start: int, following: int, swing: float) -> Note:
    """The note from `start`; a slide leads to the start of the following note, whatever the rounding."""
    if note.slide:
        return _span(note, start, following)
    nearest = straight_tick(note.end, swing)
    candidates = _preimages(note.end, swing)
    return _span(note, start, min(candidates, key=lambda end: (not _is_usual(end - start), abs(end - nearest))))


def _is_usual(duration: int) -> bool:
    return duration == GATE_TICKS or duration % _USUAL == 0
