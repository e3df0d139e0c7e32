"""Kits drawn at random, wide around what machines and samples do, as material to train on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from technogen.rendering.drum_sounds import CIRCUITS
from technogen.rendering.kits import ranges
from technogen.rendering.kits.ranges import Range, Recipe
from technogen.rendering.kits.types import HATS, Kit, Piece
from technogen.score import DRUM_NAMES

_RELATIVES = {46: 42, 47: 43, 50: 43, 63: 62, 64: 62}
_WHOLE = frozenset(("count", "hands", "bursts"))


def random_kit(random: np.random.Generator) -> Kit:
    """Draw a kit: each piece from any circuit that can play it, by the tables of `technogen.rendering.kits.ranges`.

    Args:
        random: What draws; the same state gives the same kit.

    Returns:
        A kit in which each piece, however odd, can still be told for what it is.
    """
    made: dict[int, Piece] = {}
    related = {like: bool(random.random() < ranges.RELATED) for like in sorted(set(_RELATIVES.values()))}
    for pitch in sorted(DRUM_NAMES):
        like = _RELATIVES.get(pitch)
        made[pitch] = _draw_piece(random, pitch, made[like] if like is not None and related[like] else None)
    return Kit(f"random {int(random.integers(2**32)):08x}", tuple(made.values()))


def _draw_piece(random: np.random.Generator, pitch: int, like: Piece | None) -> Piece:
    place = ranges.PLACES[pitch]
    if like is not None:
        piece = _alike(random, pitch, like)
    elif random.random() < ranges.FROM_MACHINE:
        piece = _from_machine(random, pitch)
    else:
        piece = _shaped(random, _made(random, pitch, _choice(random, ranges.RECIPES[pitch])))
        if random.random() < ranges.LAYERED:
            layer = _shaped(random, _made(random, pitch, _choice(random, ranges.RECIPES[pitch])))
            piece = replace(piece, layer=replace(layer, level=_draw(random, ranges.LAYER_LEVEL)))
    return replace(
        piece,
        level=_draw(random, place.level),
        pan=float(random.uniform(-place.pan, place.pan)),
        send=float(random.uniform(0, place.send)) if random.random() < 0.7 else 0.0,
        group=HATS if pitch in (42, 46) else 0,
    )


def _choice(random: np.random.Generator, recipes: tuple[Recipe, ...]) -> Recipe:
    return recipes[int(random.integers(len(recipes)))]


def _draw(random: np.random.Generator, span: Range) -> float:
    low, high = span
    return float(np.exp(random.uniform(np.log(low), np.log(high))) if low > 0 else random.uniform(low, high))


def _made(random: np.random.Generator, pitch: int, recipe: Recipe) -> Piece:
    numbers = {name: _draw(random, span) for name, span in recipe.ranges.items()}
    rounded = {name: float(round(x)) if name in _WHOLE else x for name, x in numbers.items()}
    return Piece(pitch, recipe.circuit, tuple(sorted(rounded.items())))


def _shaped(random: np.random.Generator, piece: Piece) -> Piece:
    numbers = {}
    for name, (share, span) in ranges.SHAPING.items():
        if random.random() < share and piece.pitch not in ranges.UNSHAPED.get(name, ()):
            numbers[name] = _draw(random, span)
    return piece.having(**numbers)


def _from_machine(random: np.random.Generator, pitch: int) -> Piece:
    """The piece of a built-in kit, its pitch, length and tone moved."""
    from technogen.rendering.kits.machines import KITS  # noqa: PLC0415

    piece = list(KITS.values())[int(random.integers(len(KITS)))].piece(pitch)
    circuit = CIRCUITS[piece.circuit]
    names = sorted({*circuit.TUNED, *circuit.LENGTHS, *circuit.TONED})
    return _shaped(
        random, piece.having(**{n: piece.value(n) * float(np.exp(random.normal(0, ranges.TURNED))) for n in names})
    )


def _alike(random: np.random.Generator, pitch: int, like: Piece) -> Piece:
    """What the other piece is made of, tuned or lengthened to be this one."""
    span = next((r.ranges for r in ranges.RECIPES[pitch] if r.circuit == like.circuit), {})
    moved = {name: _draw(random, span[name]) for name in ("tune", "decay") if name in span and _moves(pitch, name)}
    layer = _alike(random, pitch, like.layer) if like.layer is not None else None
    gate = {"gate": 0.0} if pitch == 46 else {}
    return replace(like.having(**moved, **gate), pitch=pitch, layer=layer)


def _moves(pitch: int, name: str) -> bool:
    """Toms differ in pitch, hats in length, congas in both."""
    return name == "decay" if pitch == 46 else pitch in (63, 64) or name == "tune"
