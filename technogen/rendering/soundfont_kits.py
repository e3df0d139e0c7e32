"""The hits of a kit as its soundfonts hold them: the layers of each piece, and what of the piece a player must know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.drum_sounds import Strike
from technogen.rendering.drums import FORCES, hit_gain, make_hit, strike_class
from technogen.rendering.kits import Kit, Piece
from technogen.score import DRUM_NAMES

RATE = 44_100
_THREE, _TWO, _ONE = ((1, 63), (64, 99), (100, 127)), ((1, 99), (100, 127)), ((1, 127),)
_LAYERS = {**dict.fromkeys((36, 37, 38, 39, 42, 46), _THREE), **dict.fromkeys((43, 47, 49, 50), _ONE)}
"""Velocities from softest to hardest, by note, and two layers where nothing is said; one for long sounds that are
seldom played soft, to keep the files small."""

_SEED = 0
_QUIET, _QUIET_IF_LONG = 0.001, 0.0056  # of the peak of a full hit: -60 and -45 dB
_LONG = (43, 47, 49, 50, 51)
_LOWEST_NOTE = 36  # groups of a kit are small numbers, notes of pieces are not


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """One recorded hit.

    Attributes:
        piece: What is hit.
        velocities: Softest and hardest velocity that play it.
        layer: 1 soft, 2 plain, 3 accented.
        variation: From 0 on.
        wave: (n,), at the level of its piece: as loud as it would be at velocity 127.
    """

    piece: Piece
    velocities: tuple[int, int]
    layer: int
    variation: int
    wave: NDArray[np.float64]

    @property
    def name(self) -> str:
        """As "open hat 3", or "open hat 3b" for a variation."""
        letter = chr(ord("a") + self.variation) if self.variation else ""
        return f"{DRUM_NAMES[self.piece.pitch]} {self.layer}{letter}"

    @property
    def choke_group(self) -> int:
        """A number that it shares with what cuts it off: each piece cuts itself off, the hats each other."""
        return self.piece.group or self.piece.pitch


def kit_hits(kit: Kit, variations: dict[int, int] | None = None) -> Iterator[Hit]:
    """Make the hits of a kit, those that `render` with seed 0 plays: by piece, then layer, then variation.

    Args:
        kit: The drum machine.
        variations: How many hits a layer has, by note; one where nothing is said.
    """
    for piece in kit.pieces:
        quiet = _QUIET_IF_LONG if piece.pitch in _LONG else _QUIET
        assert piece.group < _LOWEST_NOTE
        for velocities in _LAYERS.get(piece.pitch, _TWO):
            force = strike_class(velocities[1])
            for variation in range((variations or {}).get(piece.pitch, 1)):
                random = np.random.default_rng([_SEED, piece.pitch, force, variation])
                wave = make_hit(piece, Strike(RATE, FORCES[force], random))
                wave = _trimmed(wave, quiet * float(np.abs(wave).max()) / hit_gain(velocities[1]))
                yield Hit(piece, velocities, force + 1, variation, wave)


def as_frames(wave: NDArray[np.float64]) -> NDArray[np.int16]:
    """Samples of -1..1 in 16 bits."""
    return np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)


def _trimmed(wave: NDArray[np.float64], quiet: float) -> NDArray[np.float64]:
    """Without its inaudible end, faded over the last fifth."""
    heard = np.flatnonzero(np.abs(wave) > quiet)
    kept: NDArray[np.float64] = wave[: max(64, int(heard[-1]) + 1)].copy()
    fade = len(kept) // 5
    kept[-fade:] *= np.linspace(1.0, 0.0, fade)
    return kept
