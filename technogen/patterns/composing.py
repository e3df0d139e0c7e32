"""From a style to a score: drums and bass are drawn for each other, arranged, and written in ticks."""

from dataclasses import dataclass, replace
from random import Random

from technogen.errors import GenerationError
from technogen.patterns.acid_line import Bar, develop, draw_motif, draw_palette, draw_scale, evolve, write_line
from technogen.patterns.arranging import Frame, Span, draw_curves, plan_frames, plan_sections, split_sections
from technogen.patterns.drawing import draw_weighted, make_stream
from technogen.patterns.drumming import FORMS, REST, Pattern, draw_kick, draw_voices, make_hits, play_fill, write_bar
from technogen.patterns.styles import STYLES
from technogen.patterns.vocabulary import SCALES, BassStyle, Style
from technogen.score import TICKS_PER_BAR, Note, Score, drums
from technogen.score.quantising import DRUM_VELOCITIES
from technogen.score.types import DRUM_TICKS

Onsets = frozenset[int]
"""Steps of a bar."""

_NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


@dataclass(frozen=True, slots=True)
class Key:
    """The root as a MIDI note, and the scale in semitones above it."""

    root: int
    scale: tuple[int, ...]


def compose(
    style: str = "acid",
    *,
    bars: int = 8,
    tempo: float | None = None,
    energy: float = 0.7,
    seed: int | None = None,
    key: str | None = None,
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

    Raises:
        ScoreError: If there is no score of that many bars or of that tempo.
        GenerationError: If style, energy, seed or key are not as above.
    """
    rules = _find_style(style)
    _check_energy(energy)
    number = _find_seed(seed)
    feel = make_stream(number, style, "feel")
    drawn_tempo, swing = feel.randint(*rules.tempo), round(feel.uniform(*rules.swing), 2)
    blank = Score(tempo=drawn_tempo if tempo is None else tempo, bars=bars, swing=swing)
    tone = _draw_key(feel, rules.bass, key)

    form = make_stream(number, style, "form")
    sections = plan_sections(form, blank.bars)
    frames = plan_frames(form, rules.drums, blank.bars, energy, sections)
    spans = split_sections(sections, blank.bars)
    beat = make_stream(number, style, "drums")
    turns = draw_weighted(beat, FORMS)
    kick = draw_kick(beat, rules.drums.kicks, rules.drums.kick_drift, turns)
    line = _draw_line(make_stream(number, style, "bass"), rules.bass, tone, kick, frames, spans)
    loudest = max(frame.energy for frame in frames)
    voices = draw_voices(beat, rules.drums.voices, loudest, _onsets(line), turns)
    return replace(
        blank,
        drums=_write_drums(beat, [kick, *voices], frames),
        bass=write_line(line, tone.root),
        controls=draw_curves(make_stream(number, style, "filter"), rules, frames, spans),
        sections=sections,
    )


def _draw_line(
    rng: Random, style: BassStyle, key: Key, kick: Pattern, frames: list[Frame], spans: list[Span]
) -> list[Bar | None]:
    palette = draw_palette(rng, style, key.scale, key.root, {i for i, m in enumerate(kick.bars[0]) if m != REST})
    motif = draw_motif(rng, style, palette)
    line: list[Bar] = []
    for span in spans:
        line += develop(rng, palette, motif, span.end - span.start)
        if span.label in ("drop", "breakdown") and rng.random() < 0.6:
            motif = evolve(rng, palette, motif)
    return [bar if frame.bass else None for bar, frame in zip(line, frames)]


def _write_drums(rng: Random, patterns: list[Pattern], frames: list[Frame]) -> tuple[Note, ...]:
    hits = []
    for bar, frame in enumerate(frames):
        rows = write_bar(patterns, bar, frame.energy, frame.muted if frame.kick else {drums.KICK, *frame.muted})
        hits += make_hits(play_fill(rows, frame.fill, rng) if frame.fill else rows, bar)
        if frame.crash:
            hits.append(Note(bar * TICKS_PER_BAR, DRUM_TICKS, drums.CRASH, DRUM_VELOCITIES[-1]))
    return tuple(hits)


def _onsets(line: list[Bar | None]) -> Onsets:
    """The steps on which the line's first bar starts notes."""
    first = next((bar for bar in line if bar), ())
    return frozenset(i for i, step in enumerate(first) if step.kind == "note")


def _find_style(name: str) -> Style:
    if not isinstance(name, str) or name not in STYLES:
        raise GenerationError(f"style must be one of {', '.join(STYLES)}, got {name!r}")
    return STYLES[name]


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


def _draw_key(rng: Random, style: BassStyle, key: str | None) -> Key:
    low, high = style.root
    root, scale = rng.randint(low, high), draw_scale(rng, style)
    if key is None:
        return Key(root, scale)
    name, _, mode = key.strip().partition(" ") if isinstance(key, str) else ("", "", "")
    letter, sign, mode = name[:1].upper(), name[1:], mode.strip().lower()
    if letter not in _NAMES or sign not in _SIGNS or (mode and mode not in SCALES):
        raise GenerationError(
            f"key must be a root and perhaps a scale ({', '.join(SCALES)}), as in 'F# minor', got {key!r}"
        )
    pitch_class = (_NAMES[letter] + _SIGNS[sign]) % 12
    return Key(low + (pitch_class - low) % 12, SCALES[mode] if mode else scale)
