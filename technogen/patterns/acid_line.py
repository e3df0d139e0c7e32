"""Lines of a TB-303: steps that start a note, prolong it or rest, with pitch, accent and slide; motif and variation.

A line is drawn in beats that rhyme (A A B A, A B A C, ...) or as a short cycle that runs across the bar lines. Then
it repeats, is answered, and changes a note at a time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import SCALES, BassStyle
from technogen.score import TICKS_PER_STEP, Note
from technogen.score.quantising import BASS_VELOCITIES, GATE_TICKS

STEPS = 16
MAX_STEPS = 8
"""The longest note without a slide."""

_RHYMES = (("AABA", 2), ("ABAB", 2), ("ABAC", 3), ("AAAB", 2), ("ABCA", 1), ("ABCB", 1), ("ABCD", 4), ("AABC", 2))
_FORMS = (("AAAA", 2), ("AAAB", 3), ("AABA", 2), ("ABAB", 2), ("ABAC", 2), ("AABC", 1))
_LOWEST, _HIGHEST = 28, 52
_PHRASE_BARS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One 16th of a line.

    Attributes:
        kind: `note` starts one, `tie` prolongs the one before, `rest`.
        pitch: Semitones above the root; means something for a note only.
        accent: Whether the note is accented.
        slide: Whether it slides into the next, where it can.
    """

    kind: str = "rest"
    pitch: int = 0
    accent: bool = False
    slide: bool = False


Bar = tuple[Step, ...]
"""Sixteen steps."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What one line is drawn from.

    Attributes:
        pitches: Semitones above the root with weights, the root first.
        density: Share of steps that start a note.
        tie: Share of steps that prolong one.
        on_kick: Factor of the density on the kick's steps.
        downbeat: How often the bar's first step has a note, whatever the density.
        kick: The kick's steps.
        accents: Whether each step of a cycle is accented.
        repeat: How often a pitch repeats.
        slide: How often a note slides if it can.
        move: How often an answer takes another degree for its root.
    """

    pitches: tuple[tuple[int, float], ...]
    density: float
    tie: float
    on_kick: float
    downbeat: float
    kick: frozenset[int]
    accents: tuple[bool, ...]
    repeat: float
    slide: float
    move: float


def draw_palette(rng: Random, style: BassStyle, scale: Sequence[int], root: int, kick: Collection[int]) -> Palette:
    """Draw what a line is made of; `root` is a MIDI note, `kick` the steps of the kick's bar."""
    return Palette(
        pitches=_draw_pitches(rng, style, scale, root),
        density=rng.uniform(*style.density),
        tie=rng.uniform(*style.tie),
        on_kick=rng.uniform(*style.on_kick),
        downbeat=style.downbeat,
        kick=frozenset(kick),
        accents=_draw_accents(rng, rng.uniform(*style.accent)),
        repeat=style.repeat,
        slide=style.slide,
        move=style.move,
    )


def draw_scale(rng: Random, style: BassStyle) -> tuple[int, ...]:
    """Draw a scale of the style, as semitones above the root."""
    return SCALES[draw_weighted(rng, style.scales)]


def draw_motif(rng: Random, style: BassStyle, palette: Palette) -> tuple[Bar, ...]:
    """Draw the one, two or four bars that the line repeats."""
    cycle = draw_weighted(rng, style.cycles)
    if STEPS % cycle:
        return _accented(_run_cycle(_draw_cycle(rng, palette, cycle), rng.choice((2, 2, 4))), palette)
    first = _draw_bar(rng, palette, cycle)
    bars = draw_weighted(rng, style.motif)
    line = [first]
    while len(line) < bars:
        line.append(line[0] if len(line) == 2 else _answer(rng, palette, line[0], cycle))
    return _accented(tuple(line), palette)


def develop(rng: Random, palette: Palette, motif: tuple[Bar, ...], bars: int) -> list[Bar]:
    """Repeat a motif over a number of bars, with answers that differ in a few notes; each eight bars answer anew."""
    line: list[Bar] = []
    while len(line) < bars:
        line += _develop_phrase(rng, palette, motif)
        motif = evolve(rng, palette, motif) if rng.random() < 0.35 else motif
    return line[:bars]


def evolve(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """The motif of a later section: the same one with more notes changed."""
    return tuple(vary(rng, palette, bar, rng.choice((1, 2, 3, 4))) for bar in motif)


def _develop_phrase(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> list[Bar]:
    form = draw_weighted(rng, _FORMS)
    versions = {"A": motif} | {name: _answer_motif(rng, palette, motif) for name in "BC"}
    phrase = [bar for name in form for bar in versions[name]]
    return (phrase * 2)[:_PHRASE_BARS] if len(phrase) < _PHRASE_BARS else phrase


def _answer_motif(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """The motif with another end, or on another degree."""
    others = [(pitch, weight) for pitch, weight in palette.pitches if pitch % 12]
    if others and rng.random() < palette.move:
        pitch = draw_weighted(rng, others)
        return tuple(tuple(replace(s, pitch=s.pitch or pitch) for s in bar) for bar in motif)
    return (*motif[:-1], vary(rng, palette, motif[-1], rng.choice((1, 1, 2, 3))))


def vary(rng: Random, palette: Palette, bar: Bar, changes: int) -> Bar:
    """Change single notes of a bar: another pitch, accent or slide, a note more or less, a longer one."""
    steps = list(bar)
    for _ in range(changes):
        notes = [i for i, s in enumerate(steps) if s.kind == "note"]
        others = [i for i, s in enumerate(steps) if s.kind != "note"]
        what = rng.choice(("pitch", "pitch", "pitch", "accent", "slide", "add", "take"))
        if what == "add" and others:
            steps[rng.choice(others)] = Step("note", draw_weighted(rng, palette.pitches), rng.random() < 0.5)
        elif len(notes) > 3:
            at = rng.choice(notes[1:])
            steps[at] = _changed(rng, palette, steps[at], what)
    return tuple(steps)


def write_line(bars: Sequence[Bar | None], root: int) -> tuple[Note, ...]:
    """The notes of a line as a loop; a bar that is None is silent."""
    steps = [step for bar in bars for step in (bar or (Step(),) * STEPS)]
    starts = [i for i, step in enumerate(steps) if step.kind == "note"]
    notes = []
    for at, after in zip(starts, [*starts[1:], starts[0] + len(steps)] if starts else []):
        held = at + 1
        while held < min(after, len(steps)) and steps[held].kind == "tie":
            held += 1
        notes.append(_make_note(steps[at], at, held, root, steps[after % len(steps)] if held == after else None))
    return tuple(notes)


def _make_note(step: Step, at: int, end: int, root: int, into: Step | None) -> Note:
    slide = into is not None and step.slide and into.pitch != step.pitch
    length = end - at if slide else min(end - at, MAX_STEPS)
    duration = length * TICKS_PER_STEP if slide else (length - 1) * TICKS_PER_STEP + GATE_TICKS
    return Note(at * TICKS_PER_STEP, duration, root + step.pitch, BASS_VELOCITIES[step.accent], slide)


def _draw_pitches(rng: Random, style: BassStyle, scale: Sequence[int], root: int) -> tuple[tuple[int, float], ...]:
    """The root, perhaps its octave, and a few degrees of the scale that lie well on a 303."""
    wanted = rng.randint(*style.pitches) - 1
    chosen: dict[int, float] = {}
    octaves = [o for o in (12, -12, 12) if _LOWEST <= root + o <= _HIGHEST + 2]
    if octaves and rng.random() < style.octave:
        chosen[rng.choice(octaves)] = 1.0
        wanted -= rng.random() < 0.5
    weights = {degree: style.degrees[degree] for degree in scale if style.degrees[degree] > 0}
    heaviest = max(weights.values(), default=1.0)
    while len(chosen) < wanted and weights:
        degree = draw_weighted(rng, weights.items())
        below = degree - 12
        pitch = below if root + below >= _LOWEST and rng.random() < 0.35 else degree
        chosen[pitch] = rng.uniform(0.4, 1.2) * (0.5 + weights.pop(degree) / heaviest)
    total = sum(chosen.values())
    share = style.root_share if chosen else 1.0
    return ((0, share), *((pitch, (1 - share) * weight / total) for pitch, weight in chosen.items()))


def _draw_accents(rng: Random, rate: float) -> tuple[bool, ...]:
    """Accents go round in a cycle of their own, which need not be that of the notes."""
    cycle = rng.choice((3, 4, 6, 8, 8, 16, 16, 16))
    while True:
        accents = tuple(rng.random() < rate for _ in range(cycle))
        if any(accents) and not all(accents):
            return accents


def _draw_bar(rng: Random, palette: Palette, cycle: int) -> Bar:
    while True:
        bar = _run_cycle(_draw_cycle(rng, palette, cycle), 1)[0] if cycle < STEPS else _rhyme(rng, palette)
        if sum(step.kind == "note" for step in bar) >= 2:
            return bar


def _rhyme(rng: Random, palette: Palette) -> Bar:
    scheme = draw_weighted(rng, _RHYMES)
    cells: dict[str, Bar] = {}
    for beat, letter in enumerate(scheme):
        if letter not in cells:
            cells[letter] = _draw_cell(rng, palette, beat * 4, 4)
    return tuple(step for letter in scheme for step in cells[letter])


def _draw_cycle(rng: Random, palette: Palette, length: int) -> Bar:
    """Draw a cycle in which something happens."""
    while True:
        cell = _draw_cell(rng, palette, 0, length)
        if sum(step.kind == "note" for step in cell) * 6 >= length:
            return cell


def _draw_cell(rng: Random, palette: Palette, at: int, length: int) -> Bar:
    """Draw neighbouring steps, the first of which is step `at` of the bar."""
    cell: list[Step] = []
    pitch = draw_weighted(rng, palette.pitches)
    for step in range(at, at + length):
        density = palette.density * (palette.on_kick if step in palette.kick else 1.0)
        drawn = rng.random()
        if step == 0 and rng.random() < palette.downbeat:
            drawn = 0.0
        if drawn < density or drawn == 0.0:
            pitch = pitch if rng.random() < palette.repeat else draw_weighted(rng, palette.pitches)
            cell.append(Step("note", pitch, slide=rng.random() < palette.slide))
        else:
            cell.append(Step("tie" if drawn < density + palette.tie and step else "rest"))
    return tuple(cell)


def _run_cycle(cell: Bar, bars: int) -> tuple[Bar, ...]:
    line = (cell * STEPS * bars)[: STEPS * bars]
    return tuple(line[at : at + STEPS] for at in range(0, len(line), STEPS))


def _answer(rng: Random, palette: Palette, call: Bar, cycle: int) -> Bar:
    """A bar that starts like the call and ends otherwise, or one of its own."""
    fresh = _draw_bar(rng, palette, cycle)
    cut = rng.choice((0, 8, 8, 12))
    return (*call[:cut], *fresh[cut:])


def _accented(line: tuple[Bar, ...], palette: Palette) -> tuple[Bar, ...]:
    cycle = palette.accents
    return tuple(
        tuple(replace(s, accent=cycle[i % len(cycle)]) if s.kind == "note" else s for i, s in enumerate(bar))
        for bar in line
    )


def _changed(rng: Random, palette: Palette, step: Step, what: str) -> Step:
    if what == "pitch":
        others = [(p, w) for p, w in palette.pitches if p != step.pitch] or [(step.pitch, 1.0)]
        return replace(step, pitch=draw_weighted(rng, others))
    if what == "take":
        return Step(rng.choice(("tie", "rest")))
    return replace(step, accent=not step.accent) if what == "accent" else replace(step, slide=True)
