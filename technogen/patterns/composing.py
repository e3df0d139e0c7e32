"""From a style to a score: drums and bass are drawn for each other, arranged, and written in ticks."""

from dataclasses import replace
from random import Random

from technogen.errors import GenerationError
from technogen.patterns.acid_line import Bar, develop, draw_motif, draw_palette, draw_scale, write_line
from technogen.patterns.arranging import Frame, draw_curves, plan_frames, plan_sections
from technogen.patterns.drawing import make_stream
from technogen.patterns.drumming import REST, Pattern, draw_kick, draw_voices, make_hits, write_bar
from technogen.patterns.styles import STYLES
from technogen.patterns.vocabulary import SCALES, Style
from technogen.score import TICKS_PER_BAR, Note, Score, drums
from technogen.score.quantising import DRUM_VELOCITIES
from technogen.score.types import DRUM_TICKS

_NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


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
    root, scale = _draw_key(feel, rules, key)

    form = make_stream(number, style, "form")
    sections = plan_sections(form, blank.bars)
    frames = plan_frames(form, rules.drums, blank.bars, energy, sections)
    beat = make_stream(number, style, "drums")
    kick = draw_kick(beat, rules.drums.kicks, rules.drums.kick_drift)
    line = _draw_line(make_stream(number, style, "bass"), rules, (root, scale), kick, frames)
    bass = write_line(line, root)
    return replace(
        blank,
        drums=_write_drums(beat, rules, kick, frames, _onsets(line)),
        bass=bass,
        controls=draw_curves(make_stream(number, style, "filter"), rules, frames) if bass else (),
        sections=sections,
    )


def _draw_line(
    rng: Random, style: Style, key: tuple[int, tuple[int, ...]], kick: Pattern, frames: list[Frame]
) -> list[Bar | None]:
    root, scale = key
    palette = draw_palette(rng, style.bass, scale, root, {i for i, mark in enumerate(kick.bars[0]) if mark != REST})
    motif = draw_motif(rng, style.bass, palette)
    line = develop(rng, palette, motif, len(frames))
    return [bar if frame.bass else None for bar, frame in zip(line, frames)]


def _write_drums(
    rng: Random, style: Style, kick: Pattern, frames: list[Frame], bass: frozenset[int]
) -> tuple[Note, ...]:
    energy = max(frame.energy for frame in frames)
    patterns = draw_voices(rng, style.drums.voices, energy, bass)
    hits = []
    for bar, frame in enumerate(frames):
        playing = [kick, *patterns] if frame.kick else patterns
        hits += make_hits(write_bar(playing, bar, frame.energy, frame.fill, rng), bar)
        if frame.crash:
            hits.append(Note(bar * TICKS_PER_BAR, DRUM_TICKS, drums.CRASH, DRUM_VELOCITIES[-1]))
    return tuple(hits)


def _onsets(line: list[Bar | None]) -> frozenset[int]:
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


def _draw_key(rng: Random, style: Style, key: str | None) -> tuple[int, tuple[int, ...]]:
    """The root as a MIDI note, and the scale."""
    low, high = style.bass.root
    root, scale = rng.randint(low, high), draw_scale(rng, style.bass)
    if key is None:
        return root, scale
    name, _, mode = key.strip().partition(" ") if isinstance(key, str) else ("", "", "")
    letter, sign, mode = name[:1].upper(), name[1:], mode.strip().lower()
    if letter not in _NAMES or sign not in _SIGNS or (mode and mode not in SCALES):
        raise GenerationError(
            f"key must be a root and perhaps a scale ({', '.join(SCALES)}), as in 'F# minor', got {key!r}"
        )
    pitch_class = (_NAMES[letter] + _SIGNS[sign]) % 12
    return low + (pitch_class - low) % 12, SCALES[mode] if mode else scale
