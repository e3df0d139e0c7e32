"""A bassline once more, by its loops: what one repeat leaves in doubt the others tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note
from technogen.transcription.assembly import Events, assemble_score
from technogen.transcription.patterns import find_patterns
from technogen.transcription.types import BassNote, Grid, Pattern

_LEAST_REPEATS = 3
_EARLY_SECONDS = 0.01


def pool_bass(notes: Sequence[BassNote], grid: Grid, seconds: float) -> tuple[BassNote, ...]:
    """The notes of a line; where it repeats, those of most repeats.

    A note of most repeats that one lacks is added, another pitch in its place is put right, and a note that most
    repeats do not have is left out. Loops of fewer than three repeats stay as they were heard.

    Args:
        notes: As heard, ascending.
        grid: Where its bars are.
        seconds: The length of the recording.
    """
    patterns = find_patterns(assemble_score(Events(bass=tuple(notes)), grid, seconds)) if notes else ()
    heard = {_find_step(note, grid): note for note in notes}
    pooled: dict[int, BassNote | None] = {**heard}
    for pattern in patterns:
        if len(pattern.bars) >= _LEAST_REPEATS:
            pooled.update(_agree(heard, pattern, grid))
    beside = [note for note in notes if heard[_find_step(note, grid)] is not note]  # two on one 16th
    kept = [*beside, *(note for note in pooled.values() if note is not None)]
    inside = sorted(replace(n, start=max(0.0, n.start)) for n in kept if -_EARLY_SECONDS <= n.start < seconds)
    return _join(inside, grid.beat_seconds / 4)


def _find_step(note: BassNote, grid: Grid) -> int:
    return (grid.tick_at(note.start) + TICKS_PER_STEP // 2) // TICKS_PER_STEP


def _agree(heard: dict[int, BassNote], pattern: Pattern, grid: Grid) -> dict[int, BassNote | None]:
    """What each 16th of the repeats of a pattern should have."""
    said: dict[int, BassNote | None] = {}
    steps = TICKS_PER_BAR // TICKS_PER_STEP
    due = {note.start // TICKS_PER_STEP: note for note in pattern.score.bass}
    for place in range(pattern.score.bars * steps):
        numbers = [bar * steps + place for bar in pattern.bars]
        note = due.get(place)
        same = [heard[n] for n in numbers if note is not None and n in heard and heard[n].pitch == note.pitch]
        for number in numbers:
            said[number] = _settle(heard.get(number), note, number, same, len(numbers), grid)
    return said


def _settle(
    heard: BassNote | None, due: Note | None, number: int, same: Sequence[BassNote], repeats: int, grid: Grid
) -> BassNote | None:
    if due is None or not same:
        return None
    if heard is not None and heard.pitch == due.pitch:
        return heard
    sure = sum(note.confidence for note in same) / repeats
    if heard is not None:
        return replace(heard, pitch=due.pitch, confidence=round(sure, 3))
    start = number * TICKS_PER_STEP
    first, last = grid.seconds_at(start), grid.seconds_at(start + due.duration)
    best = max(same, key=lambda note: note.confidence)
    return replace(best, start=first, end=last, velocity=due.velocity, slide=due.slide, confidence=round(sure, 3))


def _join(notes: Sequence[BassNote], step_seconds: float) -> tuple[BassNote, ...]:
    """The notes as one line: none overlaps the next, and a slide leads into it on another pitch."""
    line = []
    for note, following in zip(notes, [*notes[1:], None]):
        if following is None:
            line.append(note)
            continue
        near = following.start - note.end < step_seconds and following.pitch != note.pitch
        end = following.start if note.slide and near else min(note.end, following.start)
        line.append(replace(note, end=end, slide=note.slide and near))
    return tuple(note for note in line if note.end > note.start)
