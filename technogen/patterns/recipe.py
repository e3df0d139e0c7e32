"""What can be asked of a composition beside its style: named parameters that narrow the style's own ranges."""

from dataclasses import dataclass, fields, replace
from typing import get_args

from technogen.errors import GenerationError
from technogen.patterns.vocabulary import SCALES, Arc, BassStyle, DrumStyle, Style

_RANGES: dict[str, tuple[float, float]] = {
    "swing": (0.5, 0.75),
    "density": (0.02, 1.0),
    "on_kick": (0.0, 2.0),
    "pitches": (1, 7),
    "cycle": (3, 16),
    "motif": (1, 8),
    "cutoff": (0, 127),
    "resonance": (0, 127),
}
"""What a parameter may be; all others are shares, 0..1."""

_WHOLE = {"pitches": range(1, 8), "cycle": range(3, 17), "motif": (1, 2, 4, 8)}
_PAIRS = ("cutoff", "resonance")
_WORDS: dict[str, tuple[str, ...]] = {"scale": tuple(SCALES), "arc": get_args(Arc)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Wishes for `technogen.patterns.compose`. What is None is drawn from the ranges of the style.

    Attributes:
        swing: Where the second 16th of each 8th falls, 0.5 (straight) to 0.75.
        scale: A name of `SCALES`; a scale in `key` goes before it.
        density: Share of steps on which the bassline starts a note, 0.02..1.
        ties: Share of steps that prolong the note before, 0..1.
        accents: Share of notes that are accented, 0..1.
        slides: Share of notes that slide where the next one follows at once on another pitch, 0..1.
        octaves: How often a line uses its root an octave away, 0..1.
        pitches: How many different pitches a motif uses, 1..7.
        on_kick: How much of the density is left on the kick's steps: 0 avoids the kick, 1 does not mind it, 2 doubles
            it.
        rolling: How often the line rolls between the kicks, 0..1.
        answer: How often its accents answer the clap, 0..1.
        cycle: Steps after which its rhythm repeats, 3..16; what does not divide 16 runs across the bar lines.
        motif: Bars before the line repeats: 1, 2, 4 or 8.
        walk: How often it follows a progression, 0..1.
        contrast: How often a later phrase of eight bars has a line of its own, 0..1.
        variation: How much repeats differ, 0 (drums and bass repeat exactly) to 1.
        percussion: How many voices play beside the kick: 0 none, 0.5 what the style does, 1 all that the energy allows.
        fills: How often every fourth bar has a fill, 0..1; every eighth has more, and drums may hold their breath.
        mutes: How often voices, kick and bass of a loop longer than eight bars come and go, 0..1; voices half as often
            in a shorter loop.
        cutoff: The lowest and highest filter cutoff, 0..127; a piece uses some of it.
        resonance: The lowest and highest resonance, 0..127.
        arc: How the filter moves: an `Arc`.

    Raises:
        GenerationError: If a value is not as above.
    """

    swing: float | None = None
    scale: str | None = None
    density: float | None = None
    ties: float | None = None
    accents: float | None = None
    slides: float | None = None
    octaves: float | None = None
    pitches: int | None = None
    on_kick: float | None = None
    rolling: float | None = None
    answer: float | None = None
    cycle: int | None = None
    motif: int | None = None
    walk: float | None = None
    contrast: float | None = None
    variation: float | None = None
    percussion: float | None = None
    fills: float | None = None
    mutes: float | None = None
    cutoff: tuple[int, int] | None = None
    resonance: tuple[int, int] | None = None
    arc: Arc | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                _check(field.name, value)


def apply_recipe(style: Style, recipe: Recipe) -> Style:
    """The style with its ranges narrowed to what a recipe asks for."""
    style = replace(style, drums=_apply_to_drums(style.drums, recipe), bass=_apply_to_bass(style.bass, recipe))
    if recipe.swing is not None:
        style = replace(style, swing=(recipe.swing, recipe.swing))
    if recipe.cutoff is not None:
        style = replace(style, cutoff=recipe.cutoff)
    if recipe.resonance is not None:
        style = replace(style, resonance=recipe.resonance)
    return style if recipe.arc is None else replace(style, arcs=((recipe.arc, 1.0),))


def name_scale(style: BassStyle, scale: str) -> BassStyle:
    """A style in one scale, each of whose degrees is now worth a note now and then."""
    least = 0.04 * sum(style.degrees)
    degrees = tuple(max(w, least) if d and d in SCALES[scale] else w for d, w in enumerate(style.degrees))
    return replace(style, scales=((scale, 1.0),), degrees=degrees)


def _apply_to_bass(style: BassStyle, recipe: Recipe) -> BassStyle:
    pairs = {"density": recipe.density, "tie": recipe.ties, "accent": recipe.accents, "on_kick": recipe.on_kick}
    changes: dict[str, object] = {name: (value, value) for name, value in pairs.items() if value is not None}
    rates = {
        "slide": recipe.slides,
        "octave": recipe.octaves,
        "rolling": recipe.rolling,
        "answer": recipe.answer,
        "walk": recipe.walk,
        "second": recipe.contrast,
        "change": recipe.variation,
        "pause": recipe.mutes,
    }
    changes |= {name: value for name, value in rates.items() if value is not None}
    if recipe.density is not None:
        changes["downbeat"] = 0.0
    if recipe.pitches is not None:
        changes["pitches"] = (recipe.pitches, recipe.pitches)
    if recipe.cycle is not None:
        changes["cycles"] = ((recipe.cycle, 1.0),)
    if recipe.motif is not None:
        changes["motif"] = ((recipe.motif, 1.0),)
        changes.setdefault("cycles", ((16, 1.0),))
    style = replace(style, **changes)  # type: ignore[arg-type]
    return style if recipe.scale is None else name_scale(style, recipe.scale)


def _apply_to_drums(style: DrumStyle, recipe: Recipe) -> DrumStyle:
    if recipe.variation is not None:
        voices = tuple(replace(v, drift=min(1.0, 2 * v.drift * recipe.variation)) for v in style.voices)
        style = replace(style, voices=voices, kick_drift=min(1.0, 2 * style.kick_drift * recipe.variation))
    if recipe.percussion is not None:
        share = recipe.percussion
        style = replace(style, voices=tuple(replace(v, chance=_shift(v.chance, share)) for v in style.voices))
    if recipe.fills is not None:
        style = replace(style, fill_rate=recipe.fills, turn_rate=min(1.0, 1.6 * recipe.fills))
    if recipe.mutes is not None:
        style = replace(style, mute_rate=recipe.mutes, break_rate=recipe.mutes)
    return style


def _shift(chance: float, share: float) -> float:
    """A chance at 0.5, none at 0, certainty at 1."""
    return 2 * share * chance if share <= 0.5 else chance + (1 - chance) * (2 * share - 1)


def _check(name: str, value: object) -> None:
    if name in _WORDS:
        if value not in _WORDS[name]:
            raise GenerationError(f"{name} must be one of {', '.join(_WORDS[name])}, got {value!r}")
    elif name in _WHOLE:
        if isinstance(value, bool) or not isinstance(value, int) or value not in _WHOLE[name]:
            raise GenerationError(f"{name} must be one of {', '.join(map(str, _WHOLE[name]))}, got {value!r}")
    elif name in _PAIRS:
        if not isinstance(value, tuple) or len(value) != 2 or not all(_is_within(name, v) for v in value):
            raise GenerationError(f"{name} must be a pair of numbers in 0..127, the lower first, got {value!r}")
        if value[0] > value[1]:
            raise GenerationError(f"{name} must be a pair of numbers, the lower first, got {value!r}")
    elif not _is_within(name, value):
        low, high = _RANGES.get(name, (0.0, 1.0))
        raise GenerationError(f"{name} must be a number in {low:g}..{high:g}, got {value!r}")


def _is_within(name: str, value: object) -> bool:
    low, high = _RANGES.get(name, (0.0, 1.0))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
