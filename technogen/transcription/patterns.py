"""From the loops of a score to patterns: short scores, where they play, what is muted, and which bars are fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note, Part, Score, make_monophonic
from technogen.transcription.loops import STEPS, Hits, Loop, find_loops, is_muted, tabulate
from technogen.transcription.types import Mute, Pattern

_FILL_HITS, _FILL_SHARE = 3, 0.6  # what a fill changes at least, and how much of that in the bar's second half
_PHRASE_BARS = 4
_DRUM_TICKS = TICKS_PER_STEP // 2


def find_patterns(score: Score) -> tuple[Pattern, ...]:
    """The loops that the drums and the bass of a score repeat, drums first.

    A repeat need not be exact: what most repeats play is the pattern, and drums may be muted in it. What is played once
    is no pattern. Loops start where `score.sections` do, if that is as good as elsewhere.
    """
    cuts = [section.bar for section in score.sections]
    return (*_find_part("drums", score, score.drums, cuts), *_find_part("bass", score, score.bass, cuts))


def _find_part(part: Part, score: Score, notes: Sequence[Note], cuts: Sequence[int]) -> list[Pattern]:
    if not notes:
        return []
    pitches = sorted({note.pitch for note in notes})
    hits = tabulate(notes, score.bars, pitches)
    loops = find_loops(hits, mutes=part == "drums", cuts=cuts)
    fills = _find_fills(hits, loops, {*cuts, score.bars}) if part == "drums" else {}
    return [
        Pattern(
            label=_label(number),
            part=part,
            score=_write(part, score, notes, loop, pitches),
            bars=loop.starts,
            mutes=_find_mutes(hits, loop, pitches) if part == "drums" else (),
            fills=tuple(bar for bar, owner in fills.items() if owner == number),
        )
        for number, loop in enumerate(loops)
    ]


def _label(number: int) -> str:
    rest, place = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(rest + 1) if rest else "")


def _write(part: Part, score: Score, notes: Sequence[Note], loop: Loop, pitches: Sequence[int]) -> Score:
    """The loop as a score: velocities, lengths and slides are those of most repeats."""
    bars = len(loop.hits)
    heard: dict[tuple[int, int], list[Note]] = {}
    places = {start + i: i * STEPS for start in loop.starts for i in range(bars)}
    for note in notes:
        step = (note.start + TICKS_PER_STEP // 2) // TICKS_PER_STEP
        if step // STEPS in places:
            heard.setdefault((places[step // STEPS] + step % STEPS, note.pitch), []).append(note)
    steps: list[tuple[int, int]] = [(b * STEPS + s, pitches[r]) for b, r, s in np.argwhere(loop.hits).tolist()]
    written = [_merge(heard[place], place[0] * TICKS_PER_STEP) for place in sorted(steps)]
    if part == "drums":
        drums = tuple(replace(note, duration=_DRUM_TICKS, slide=False) for note in written)
        return Score(tempo=score.tempo, bars=bars, drums=drums, swing=score.swing)
    line = make_monophonic(written, bars * TICKS_PER_BAR)
    return Score(tempo=score.tempo, bars=bars, bass=line, swing=score.swing)


def _merge(notes: Sequence[Note], start: int) -> Note:
    return Note(
        start=start,
        duration=int(np.median([note.duration for note in notes])),
        pitch=notes[0].pitch,
        velocity=int(np.median([note.velocity for note in notes])),
        slide=2 * sum(note.slide for note in notes) > len(notes),
    )


def _find_mutes(hits: Hits, loop: Loop, pitches: Sequence[int]) -> tuple[Mute, ...]:
    """Where a piece is silent in a bar or a repeat in which it should play more than once: one hit may be missed."""
    mutes = []
    due = loop.hits.sum(axis=2)  # (bars, rows)
    for start in loop.starts:
        silent = is_muted(hits[start : start + len(due)].sum(axis=2), due)
        missing = silent & (due > 0) & ((due > 1) | (silent.all(axis=0) & (due.sum(axis=0) > 1)))
        for i, rows in enumerate(missing):
            if rows.any():
                mutes.append(Mute(start + i, tuple(pitches[r] for r in np.flatnonzero(rows).tolist())))
    return tuple(mutes)


def _find_fills(hits: Hits, loops: Sequence[Loop], ends: set[int]) -> dict[int, int]:
    """The bars that are fills, and the loop that each is a fill of, ascending."""
    owners = _own_bars(loops, len(hits))
    lines = _find_lines(loops, ends)
    fills = {}
    for bar in range(1, len(hits)):
        owner, shape = owners[bar] if bar in owners else _continue(owners, loops, bar)
        if shape is not None and (bar + 1 in ends or (bar + 1) % _PHRASE_BARS in lines) and _is_fill(hits[bar], shape):
            fills[bar] = owner
    return fills


def _own_bars(loops: Sequence[Loop], bars: int) -> dict[int, tuple[int, Hits]]:
    return {
        start + i: (number, shape)
        for number, loop in enumerate(loops)
        for start in loop.starts
        for i, shape in enumerate(loop.hits)
        if start + i < bars
    }


def _continue(owners: dict[int, tuple[int, Hits]], loops: Sequence[Loop], bar: int) -> tuple[int, Hits | None]:
    """What the loop of the bar before would play in a bar that belongs to none."""
    if bar - 1 not in owners:
        return -1, None
    number = owners[bar - 1][0]
    start = max(s for s in loops[number].starts if s < bar)
    return number, loops[number].hits[(bar - start) % len(loops[number].hits)]


def _find_lines(loops: Sequence[Loop], ends: set[int]) -> set[int]:
    """Where phrases start, in bars beyond a multiple of `_PHRASE_BARS`: as sections do, or else as the first loop."""
    firsts = {end % _PHRASE_BARS for end in sorted(ends)[:-1]}
    return firsts or {loop.starts[0] % _PHRASE_BARS for loop in loops[:1]}


def _is_fill(bar: Hits, shape: Hits) -> bool:
    apart: NDArray[np.float32] = np.abs(bar - shape)
    apart[~bar.any(axis=1)] = 0  # a mute is no fill
    late = float(apart[:, STEPS // 2 :].sum())
    return late >= _FILL_HITS and late >= _FILL_SHARE * float(apart.sum())
