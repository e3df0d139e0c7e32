"""What tokens can say of a score: onsets on 24 a beat, velocity classes, a table of durations, coarse filter curves."""

from bisect import bisect_left, bisect_right
from dataclasses import replace

from technogen.score.drums import fold_drum
from technogen.score.swing import find_swing, straight_tick
from technogen.score.types import TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP, Control, ControlName, Note, Score

Notes = tuple[Note, ...]

GRID = TICKS_PER_BEAT // 24
GATE_TICKS = 70
"""The gate of a TB-303: 58 % of a 16th."""

BASS_VELOCITIES = (80, 127)
"""Plain and accented."""
DRUM_VELOCITIES = (50, 85, 120)
"""Soft, plain and accented."""
_DRUM_LIMITS = (64, 100)

BASS_PITCHES = range(24, 73)
"""What lies outside is moved by octaves."""

DURATIONS: tuple[int, ...] = tuple(
    sorted(
        {GRID, 2 * GRID, GATE_TICKS, 100}
        | {k * TICKS_PER_STEP + more for k in range(1, 8) for more in (0, GATE_TICKS)}
        | {k * TICKS_PER_STEP for k in (8, 10, 12, 14, 16, 24, 32, 48, 64)}
    )
)
"""The durations of bass notes in ticks; a note that slides ends where the next starts instead."""

FILTER_TICKS = TICKS_PER_BAR // 2
CUTOFF_LEVELS = tuple(round(k * 127 / 15) for k in range(16))
RESONANCE_LEVELS = (16, 48, 80, 112)
SECTION_LABELS = ("intro", "build", "drop", "breakdown", "outro")


def quantise_score(score: Score) -> Score:
    """Round a score to what tokens can say; a score that is already so comes back equal.

    Swing that is in the ticks becomes the number `swing`. Onsets go to the nearest 24th of a beat, velocities to
    `BASS_VELOCITIES` and `DRUM_VELOCITIES`, drum notes to the pieces of `DRUM_NAMES`, bass pitches into
    `BASS_PITCHES` by octaves, durations to the nearest of `DURATIONS` that ends before the next note, filter curves to
    one value each half bar. Slides, swing, length and tempo stay; of the sections those of `SECTION_LABELS` do.
    """
    swing, drums, bass = _take_out_swing(score)
    return replace(
        score,
        swing=swing,
        drums=tuple(_quantise_hit(n, score.length) for n in drums),
        bass=_quantise_line(bass, score.length),
        controls=_quantise_controls(score.controls, score.length),
        sections=tuple(s for s in score.sections if s.label in SECTION_LABELS),
    )


def drum_class(velocity: int) -> int:
    """The velocity class of a drum hit: 0 soft, 1 plain, 2 accented."""
    return bisect_right(_DRUM_LIMITS, velocity)


def _take_out_swing(score: Score) -> tuple[float, Notes, Notes]:
    """Swing, drums and bass; onsets that all lie on the grid are taken at their word, so nothing is rounded twice."""
    onsets = [n.start for n in (*score.drums, *score.bass)]
    played_straight = score.swing != 0.5 or all(onset % GRID == 0 for onset in onsets)
    swing = 0.5 if played_straight else find_swing(onsets)
    if swing == 0.5:
        return score.swing, score.drums, score.bass
    return swing, _straighten(score.drums, swing), _straighten(score.bass, swing)


def _straighten(notes: Notes, swing: float) -> Notes:
    """Notes without the swing in their ticks; they may overlap by the rounding."""
    spans = [(note, straight_tick(note.start, swing), straight_tick(note.end, swing)) for note in notes]
    return tuple(replace(note, start=start, duration=max(1, end - start)) for note, start, end in spans)


def _snap(tick: int, length: int) -> int:
    return min((tick + GRID // 2) // GRID * GRID, length - GRID)


def _quantise_hit(note: Note, length: int) -> Note:
    velocity = DRUM_VELOCITIES[drum_class(note.velocity)]
    return Note(_snap(note.start, length), note.duration, fold_drum(note.pitch), velocity)


def _quantise_line(notes: tuple[Note, ...], length: int) -> tuple[Note, ...]:
    by_start = {_snap(n.start, length): n for n in notes}
    starts = sorted(by_start)
    first_again = starts[0] + length if starts else length
    line = []
    for start, following in zip(starts, [*starts[1:], first_again]):
        note = by_start[start]
        end = min(following, length)
        duration = end - start if note.slide and end == following else nearest_duration(note.duration, end - start)
        velocity = BASS_VELOCITIES[note.accent]
        line.append(Note(start, duration, _fold_pitch(note.pitch), velocity, note.slide))
    return _settle_slides(tuple(line), length)


def _settle_slides(line: tuple[Note, ...], length: int) -> tuple[Note, ...]:
    """Give the notes whose slide leads nowhere, now that pitches are folded, a duration of the table."""
    kept = []
    following = (*line[1:], *(replace(n, start=n.start + length) for n in line[:1]))
    for note, after in zip(line, following):
        slides = note.slide and note.end == after.start and note.pitch != after.pitch
        duration = note.duration if slides else nearest_duration(note.duration, min(after.start, length) - note.start)
        same = slides == note.slide and duration == note.duration
        kept.append(note if same else replace(note, slide=slides, duration=duration))
    return tuple(kept)


def nearest_duration(duration: int, room: int) -> int:
    """The duration of `DURATIONS` nearest to one, of those that fit into the room (at least `GRID` ticks)."""
    allowed = DURATIONS[: bisect_right(DURATIONS, room)]
    at = bisect_left(allowed, duration)
    return min(allowed[max(0, at - 1) : at + 1], key=lambda d: abs(d - duration))


def _fold_pitch(pitch: int) -> int:
    while pitch < BASS_PITCHES.start:
        pitch += 12
    while pitch >= BASS_PITCHES.stop:
        pitch -= 12
    return pitch


def _quantise_controls(controls: tuple[Control, ...], length: int) -> tuple[Control, ...]:
    levels: dict[ControlName, tuple[int, ...]] = {"cutoff": CUTOFF_LEVELS, "resonance": RESONANCE_LEVELS}
    quantised = []
    for name, steps in levels.items():
        curve = [c for c in controls if c.name == name]
        held: int | None = None
        for tick in range(0, length if curve else 0, FILTER_TICKS):
            value = _value_at(curve, tick)
            if value is not None and (level := min(steps, key=lambda s: abs(s - value))) != held:
                quantised.append(Control(tick, name, level))
                held = level
    return tuple(quantised)


def _value_at(curve: list[Control], tick: int) -> int | None:
    """The last value by this tick, or the first inside this half bar where there is none yet."""
    at = bisect_right([c.tick for c in curve], tick)
    if at:
        return curve[at - 1].value
    return curve[0].value if curve[0].tick < tick + FILTER_TICKS else None
