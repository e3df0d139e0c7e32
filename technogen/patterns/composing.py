"""From a style to a score: drums and bass are drawn for each other, arranged, and written in ticks."""

from dataclasses import replace
from random import Random

from technogen.errors import GenerationError
from technogen.patterns.acid_line import Palette, draw_motif, draw_palette
from technogen.patterns.arranging import Frame, Span, hold_back, plan_frames, plan_sections, split_sections
from technogen.patterns.developing import develop, evolve
from technogen.patterns.drawing import draw_weighted, make_stream
from technogen.patterns.drumming import (
    ACCENT,
    FORMS,
    PLAIN,
    Pattern,
    cast_voices,
    draw_kick,
    draw_voices,
    make_hits,
    onsets_of_row,
    play_fill,
    write_bar,
)
from technogen.patterns.filtering import draw_curves
from technogen.patterns.keys import Key, draw_key, read_key
from technogen.patterns.recipe import Recipe, apply_recipe, name_scale
from technogen.patterns.steps import Bar, onsets_of, write_line
from technogen.patterns.styles import STYLES
from technogen.patterns.vocabulary import Style
from technogen.score import TICKS_PER_BAR, Note, Score, drums
from technogen.score.quantising import DRUM_VELOCITIES
from technogen.score.types import DRUM_TICKS

_BACKBEAT = (drums.CLAP, drums.SNARE)
"""What the accents of the bassline may answer."""


_SPARE = 3
"""A track of more voices than these keeps one for its second drop."""


def compose(
    style: str = "acid",
    *,
    bars: int = 8,
    tempo: float | None = None,
    energy: float = 0.7,
    seed: int | None = None,
    key: str | None = None,
    recipe: Recipe | None = None,
) -> Score:
    """Compose drums and an acid bassline by rules.

    The score loops. From 32 bars on it has sections, with mutes and automation. `score.quantised()` changes nothing.

    Args:
        style: A key of `STYLES`.
        bars: 1..20000.
        tempo: Beats a minute; by default drawn from the style's range.
        energy: 0..1: how many drum voices play, and how far the filter opens.
        seed: Makes the same score again, in any process; None draws one.
        key: A root and, if wanted, a scale of `SCALES`, as in "A", "F# phrygian"; by default drawn.
        recipe: Further wishes; what it leaves open is drawn from the style's ranges.

    Raises:
        ScoreError: If there is no score of that many bars or of that tempo.
        GenerationError: If style, energy, seed or key are not as above.
    """
    root, scale = read_key(key)
    rules = _find_rules(style, recipe, scale)
    _check_energy(energy)
    number = _find_seed(seed)
    feel = make_stream(number, style, "feel")
    drawn_tempo, swing = feel.randint(*rules.tempo), round(feel.uniform(*rules.swing), 2)
    blank = Score(tempo=drawn_tempo if tempo is None else tempo, bars=bars, swing=swing)
    tone = draw_key(feel, rules.bass, root)

    form = make_stream(number, style, "form")
    sections = plan_sections(form, blank.bars)
    frames = plan_frames(form, rules, blank.bars, energy, sections)
    spans = split_sections(sections, blank.bars)
    patterns, line = _draw_parts(number, style, rules, tone, frames, spans)
    if len(patterns) > _SPARE:
        frames = hold_back(frames, spans, patterns[-1].piece)
    return replace(
        blank,
        drums=_write_drums(make_stream(number, style, "fills"), patterns, frames),
        bass=write_line([bar if frame.bass else None for bar, frame in zip(line, frames)], tone.root),
        controls=draw_curves(make_stream(number, style, "filter"), rules, frames, spans),
        sections=sections,
    )


def _draw_parts(
    seed: int, name: str, style: Style, key: Key, frames: list[Frame], spans: list[Span]
) -> tuple[list[Pattern], list[Bar]]:
    """The drums and the bassline: kick and backbeat first, then a line that knows them, then drums that know it."""
    beat = make_stream(seed, name, "drums")
    turns = draw_weighted(beat, FORMS)
    kick = draw_kick(beat, style.drums.kicks, style.drums.kick_drift, turns)
    more = 2 if len(spans) > 1 else 0  # a track has time to bring them in
    cast = cast_voices(beat, style.drums.voices, max(frame.energy for frame in frames), more)
    back = draw_voices(beat, [voice for voice in cast if voice.piece in _BACKBEAT], (), turns)
    clap = {step for pattern in back for step in onsets_of_row(pattern.bars[0], ACCENT)}
    rng = make_stream(seed, name, "bass")
    kicks = onsets_of_row(kick.bars[0], PLAIN + ACCENT)  # a rumble is no reason to keep silent
    palette = draw_palette(rng, style.bass, key.scale, key.root, kick=kicks, clap=clap)
    line = _draw_line(rng, palette, spans)
    rest = [voice for voice in cast if voice.piece not in _BACKBEAT]
    return [kick, *back, *draw_voices(beat, rest, onsets_of(line[0]), turns)], line


def _draw_line(rng: Random, palette: Palette, spans: list[Span]) -> list[Bar]:
    motif = draw_motif(rng, palette)
    line: list[Bar] = []
    for span in spans:
        line += develop(rng, palette, motif, span.end - span.start)
        if span.label in ("drop", "breakdown") and rng.random() < 0.85 * palette.style.change:
            motif = evolve(rng, palette, motif)
    return line


def _write_drums(rng: Random, patterns: list[Pattern], frames: list[Frame]) -> tuple[Note, ...]:
    hits = []
    for bar, frame in enumerate(frames):
        if not frame.drums:
            continue
        rows = write_bar(patterns, bar, frame.energy, frame.muted if frame.kick else {drums.KICK, *frame.muted})
        hits += make_hits(play_fill(rows, frame.fill, rng) if frame.fill else rows, bar)
        if frame.crash:
            hits.append(Note(bar * TICKS_PER_BAR, DRUM_TICKS, drums.CRASH, DRUM_VELOCITIES[-1]))
    return tuple(hits)


def _find_rules(name: str, recipe: Recipe | None, scale: str | None) -> Style:
    if not isinstance(name, str) or name not in STYLES:
        raise GenerationError(f"style must be one of {', '.join(STYLES)}, got {name!r}")
    if recipe is not None and not isinstance(recipe, Recipe):
        raise GenerationError(f"recipe must be a Recipe or None, got {recipe!r}")
    style = apply_recipe(STYLES[name], recipe) if recipe else STYLES[name]
    return replace(style, bass=name_scale(style.bass, scale)) if scale else style


def _check_energy(energy: float) -> None:
    number = isinstance(energy, (int, float)) and not isinstance(energy, bool)
    if not number or not 0 <= energy <= 1:
        raise GenerationError(f"energy must be a number in 0..1, got {energy!r}")


def _find_seed(seed: int | None) -> int:
    if seed is None:
        return Random().getrandbits(63)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise GenerationError(f"seed must be a whole number or None, got {seed!r}")
    return seed
