"""How a line goes on from its motif: repeats, answers, single changed notes, progressions, and a second line."""

from dataclasses import replace
from random import Random

from technogen.patterns.acid_line import HIGHEST, LOWEST, Palette, draw_motif
from technogen.patterns.drawing import draw_weighted
from technogen.patterns.steps import Bar, Step

PHRASE_BARS = 8

_FORMS = (("AAAB", 3), ("AABA", 2), ("ABAB", 2), ("ABAC", 2), ("AABC", 1))
"""How the versions of a motif follow each other."""


def develop(rng: Random, palette: Palette, motif: tuple[Bar, ...], bars: int) -> list[Bar]:
    """Repeat a motif over a number of bars, in phrases of eight that come again, answer anew, or bring another line."""
    line: list[Bar] = []
    first = phrase = _develop_phrase(rng, palette, motif)
    while len(line) < bars:
        line += phrase
        drawn, anew = rng.random(), rng.random() < 0.5 * palette.style.change
        if drawn < palette.style.second:
            other = replace(palette, density=rng.uniform(*palette.style.density))
            phrase = _develop_phrase(rng, other, draw_motif(rng, other))
        elif anew:
            phrase = _develop_phrase(rng, palette, evolve(rng, palette, motif) if rng.random() < 0.35 else motif)
        else:
            phrase = first
    return line[:bars]


def evolve(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """The motif of a later section: the same one with more notes changed."""
    return tuple(vary(rng, palette, bar, rng.choice((1, 2, 3, 4))) for bar in motif)


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


def move(palette: Palette, bar: Bar, degrees: int) -> Bar:
    """A bar moved along its scale by a number of degrees, kept within the range of the line by octaves."""
    return tuple(replace(s, pitch=_move_pitch(palette, s.pitch, degrees)) if s.kind == "note" else s for s in bar)


def _move_pitch(palette: Palette, pitch: int, degrees: int) -> int:
    octave, semitones = divmod(pitch, 12)
    octaves, at = divmod(palette.scale.index(semitones) + degrees, len(palette.scale))
    moved = 12 * (octave + octaves) + palette.scale[at]
    while palette.root + moved > HIGHEST:
        moved -= 12
    return moved + 12 if palette.root + moved < LOWEST else moved


def _develop_phrase(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> list[Bar]:
    form = draw_weighted(rng, _FORMS) if rng.random() < palette.style.change else "AAAA"
    versions = {"A": motif} | {name: _answer_motif(rng, palette, motif) for name in "BC"}
    phrase = [bar for name in form for bar in versions[name]][:PHRASE_BARS]
    phrase = (phrase * 2)[:PHRASE_BARS]
    if not palette.walk:
        return phrase
    return [move(palette, bar, palette.walk[at % len(palette.walk)]) for at, bar in enumerate(phrase)]


def _answer_motif(rng: Random, palette: Palette, motif: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """The motif with another end, or on another degree."""
    others = [(pitch, weight) for pitch, weight in palette.pitches if pitch % 12]
    if others and not palette.walk and rng.random() < palette.style.move:
        pitch = draw_weighted(rng, others)
        return tuple(tuple(replace(s, pitch=s.pitch or pitch) for s in bar) for bar in motif)
    return (*motif[:-1], vary(rng, palette, motif[-1], rng.choice((1, 1, 2, 3))))


def _changed(rng: Random, palette: Palette, step: Step, what: str) -> Step:
    if what == "pitch":
        others = [(p, w) for p, w in palette.pitches if p != step.pitch] or [(step.pitch, 1.0)]
        return replace(step, pitch=draw_weighted(rng, others))
    if what == "take":
        return Step(rng.choice(("tie", "rest")))
    return replace(step, accent=not step.accent) if what == "accent" else replace(step, slide=True)
