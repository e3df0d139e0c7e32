"""Kits drawn at random, wide around what machines and samples do, as material to train on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from technogen.rendering.drum_sounds import CIRCUITS
from technogen.rendering.kits.types import Kit, Piece
from technogen.score import DRUM_NAMES


def random_kit(random: np.random.Generator) -> Kit:
    """A kit whose pieces come from any machine, each with its numbers, level and send moved at random."""
    return Kit("random", tuple(_draw_piece(random, pitch) for pitch in DRUM_NAMES))


def _draw_piece(random: np.random.Generator, pitch: int) -> Piece:
    from technogen.rendering.kits.machines import KITS  # noqa: PLC0415

    piece = list(KITS.values())[int(random.integers(len(KITS)))].piece(pitch)
    circuit = CIRCUITS[piece.circuit]
    names = {*circuit.TUNED, *circuit.LENGTHS, *circuit.TONED}
    piece = piece.having(**{n: piece.value(n) * float(np.exp(random.normal(0, 0.15))) for n in sorted(names)})
    level, send = piece.level + float(random.normal(0, 3)), float(np.clip(piece.send * random.uniform(0, 2), 0, 1))
    return replace(piece, level=level, send=send)
