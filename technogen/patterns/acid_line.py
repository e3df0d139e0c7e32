"""What a line of a TB-303 is drawn from, and its motif: rhythm, pitches, accents and slides for a few bars.

A bar is drawn in beats that rhyme (A A B A, A B A C, ...), as a short cycle that runs across the bar lines, or as a
figure that rolls between the kicks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.steps import STEPS, Bar, Step, onsets_of
from technogen.patterns.vocabulary import BassStyle

LOWEST, HIGHEST = 28, 54
"""MIDI notes between which a line stays."""

_RHYMES = (("AABA", 2), ("ABAB", 2), ("ABAC", 3), ("AAAB", 2), ("ABCA", 1), ("ABCB", 1), ("ABCD", 4), ("AABC", 2))
_MOTIFS: dict[int, tuple[tuple[str, float], ...]] = {
    1: (("A", 1),),
    2: (("AB", 1),),
    4: (("ABAC", 3), ("AAAB", 2), ("ABCD", 1), ("AABC", 1)),
    8: (("ABACABAD", 2), ("ABCDABCE", 2), ("AAABAAAC", 1)),
}
"""Bars of a motif by its length: letters that are the same are the same bar."""

_ROLLS = ((".xxx", 4.0), ("..xx", 2.0), (".xx.", 1.0), (".x.x", 1.0), ("..x.", 2.0))
"""What rolls between the kicks, a beat each; the kick's own steps stay free."""

_WALKS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((0, -2), 2),
    ((0, 2), 1),
    ((0, 3), 1),
    ((0, -1), 1),
    ((0, 0, 0, -1), 1),
    ((0, 0, 2, -1), 1),
    ((0, 0, -2, -1), 2),
    ((0, -2, 2, -1), 2),
    ((0, 2, -1, 3), 1),
    ((0, -1, -2, -1), 2),
    ((0, 3, -2, -1), 1),
    ((0, 0, 3, 2), 1),
)
"""Progressions: by how many degrees of its scale each bar of a line is moved."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What one line is drawn from.

    Attributes:
        style: Its style, for the rates that every draw uses.
        root: A MIDI note.
        scale: Semitones above the root.
        pitches: Semitones above the root with weights, the root first.
        density: Share of steps that start a note.
        tie: Share of steps that prolong one.
        on_kick: Factor of the density on the kick's steps.
        kick: The kick's steps.
        accents: Whether each step of a cycle is accented.
        roll: What each beat plays between the kicks, or nothing where the rhythm is drawn.
        walk: By how many degrees of the scale each bar is moved; nothing where it stays.
    """

    style: BassStyle
    root: int
    scale: tuple[int, ...]
    pitches: tuple[tuple[int, float], ...]
    density: float
    tie: float
    on_kick: float
    kick: frozenset[int]
    accents: tuple[bool, ...]
    roll: str = ""
    walk: tuple[int, ...] = ()


def draw_palette(
    rng: Random,
    style: BassStyle,
    scale: Sequence[int],
    root: int,
    *,
    kick: Collection[int] = (),
    clap: Collection[int] = (),
) -> Palette:
    """Draw what a line is made of; `root` is a MIDI note, `kick` and `clap` are steps of the drums' first bar."""
    rolls, walks, answers = (rng.random() < rate for rate in (style.rolling, style.walk, style.answer))
    roll, walk = draw_weighted(rng, _ROLLS), draw_weighted(rng, _WALKS)
    stretch = rng.choice((1, 1, 2)) if len(walk) > 1 else 1
    return Palette(
        style=style,
        root=root,
        scale=tuple(scale),
        pitches=_draw_pitches(rng, style, scale, root),
        density=rng.uniform(*style.density),
        tie=rng.uniform(*style.tie),
        on_kick=rng.uniform(*style.on_kick),
        kick=frozenset(kick),
        accents=_draw_accents(rng, rng.uniform(*style.accent), clap if answers else ()),
        roll=roll if rolls else "",
        walk=tuple(shift for shift in walk for _ in range(stretch)) if walks else (),
    )


def draw_motif(rng: Random, palette: Palette) -> tuple[Bar, ...]:
    """Draw the one to eight bars that the line repeats; of several pitches it uses two at least, if it can be."""
    for _ in range(20):
        motif = _draw_bars(rng, palette)
        if len({step.pitch for bar in motif for step in bar if step.kind == "note"}) > 1 or len(palette.pitches) == 1:
            break
    return motif


def _draw_bars(rng: Random, palette: Palette) -> tuple[Bar, ...]:
    cycle = draw_weighted(rng, palette.style.cycles)
    if STEPS % cycle and not palette.roll:
        return _accented(_run_cycle(_draw_cycle(rng, palette, cycle), rng.choice((2, 2, 4))), palette)
    letters = draw_weighted(rng, _MOTIFS[draw_weighted(rng, palette.style.motif)])
    bars = {"A": _draw_bar(rng, palette, cycle)}
    for letter in sorted(set(letters) - {"A"}):
        bars[letter] = _answer(rng, palette, bars["A"], cycle)
    return _accented(tuple(bars[letter] for letter in letters), palette)


def _draw_pitches(rng: Random, style: BassStyle, scale: Sequence[int], root: int) -> tuple[tuple[int, float], ...]:
    """The root, perhaps its octave, and a few degrees of the scale that lie well on a 303."""
    wanted = rng.randint(*style.pitches) - 1
    chosen: dict[int, float] = {}
    octaves = [o for o in (12, -12, 12) if LOWEST <= root + o <= HIGHEST]
    if octaves and rng.random() < style.octave:
        chosen[rng.choice(octaves)] = 1.0
        wanted -= rng.random() < 0.5
    weights = {degree: style.degrees[degree] for degree in scale if style.degrees[degree] > 0}
    heaviest = max(weights.values(), default=1.0)
    while len(chosen) < wanted and weights:
        degree = draw_weighted(rng, weights.items())
        below = degree - 12
        pitch = below if root + below >= LOWEST and rng.random() < 0.35 else degree
        chosen[pitch] = rng.uniform(0.4, 1.2) * (0.25 + weights.pop(degree) / heaviest)
    total = sum(chosen.values())
    share = style.root_share if chosen else 1.0
    return ((0, share), *((pitch, (1 - share) * weight / total) for pitch, weight in chosen.items()))


def _draw_accents(rng: Random, rate: float, clap: Collection[int]) -> tuple[bool, ...]:
    """Accents go round in a cycle of their own, which need not be that of the notes, or answer the clap."""
    cycle = STEPS if clap else rng.choice((3, 4, 6, 8, 8, 16, 16, 16))
    near = {(step + after) % STEPS for step in clap for after in (0, 1)}
    weights = [2.5 if step in near else 1.0 for step in range(cycle)]
    chances = [rate * weight * cycle / sum(weights) for weight in weights]
    for _ in range(100):
        accents = tuple(rng.random() < chance for chance in chances)
        if any(accents) and not all(accents):
            break
    return accents


def _draw_bar(rng: Random, palette: Palette, cycle: int) -> Bar:
    if palette.roll:
        return _roll(rng, palette)
    for _ in range(100):
        bar = _run_cycle(_draw_cycle(rng, palette, cycle), 1)[0] if cycle < STEPS else _rhyme(rng, palette)
        if len(onsets_of(bar)) >= 2:
            break
    return bar


def _roll(rng: Random, palette: Palette) -> Bar:
    """Notes between the kicks, most of them on the root, with a phrase of pitches that comes back each half bar."""
    pitches = [draw_weighted(rng, palette.pitches) for _ in range(STEPS // 2)]
    free = {step for step in range(STEPS) if palette.roll[step % 4] == "x"}
    bar = []
    for step in range(STEPS):
        plays = step in (free - palette.kick or free)
        pitch = 0 if rng.random() < palette.style.repeat / 2 else pitches[step % len(pitches)]
        bar.append(Step("note", pitch, slide=rng.random() < palette.style.slide) if plays else Step())
    return tuple(bar)


def _rhyme(rng: Random, palette: Palette) -> Bar:
    scheme = draw_weighted(rng, _RHYMES)
    cells: dict[str, Bar] = {}
    for beat, letter in enumerate(scheme):
        if letter not in cells:
            cells[letter] = _draw_cell(rng, palette, beat * 4, 4)
    return tuple(step for letter in scheme for step in cells[letter])


def _draw_cycle(rng: Random, palette: Palette, length: int) -> Bar:
    """Draw a cycle in which something happens."""
    for _ in range(100):
        cell = _draw_cell(rng, palette, 0, length)
        if len(onsets_of(cell)) * 6 >= length:
            break
    return cell


def _draw_cell(rng: Random, palette: Palette, at: int, length: int) -> Bar:
    """Draw neighbouring steps, the first of which is step `at` of the bar."""
    cell: list[Step] = []
    pitch = draw_weighted(rng, palette.pitches)
    for step in range(at, at + length):
        density = palette.density * (palette.on_kick if step in palette.kick else 1.0)
        drawn = rng.random()
        if step == 0 and rng.random() < palette.style.downbeat:
            drawn = 0.0
        if drawn < density or drawn == 0.0:
            pitch = pitch if rng.random() < palette.style.repeat else draw_weighted(rng, palette.pitches)
            cell.append(Step("note", pitch, slide=rng.random() < palette.style.slide))
        else:
            cell.append(Step("tie" if drawn < density + palette.tie and step else "rest"))
    return tuple(cell)


def _run_cycle(cell: Bar, bars: int) -> tuple[Bar, ...]:
    line = (cell * STEPS * bars)[: STEPS * bars]
    return tuple(line[at : at + STEPS] for at in range(0, len(line), STEPS))


def _answer(rng: Random, palette: Palette, call: Bar, cycle: int) -> Bar:
    """A bar that starts like the call and ends otherwise, one of its own, or its rhythm on other pitches."""
    fresh = _draw_bar(rng, palette, cycle)
    if rng.random() < 0.35:
        pitch = iter([draw_weighted(rng, palette.pitches) for _ in call])
        return tuple(replace(s, pitch=next(pitch)) if s.kind == "note" else s for s in call)
    cut = rng.choice((0, 4, 8, 8, 12))
    return (*call[:cut], *fresh[cut:])


def _accented(line: tuple[Bar, ...], palette: Palette) -> tuple[Bar, ...]:
    cycle = palette.accents
    return tuple(
        tuple(replace(s, accent=cycle[i % len(cycle)]) if s.kind == "note" else s for i, s in enumerate(bar))
        for bar in line
    )
