"""The drum machines: kits as tables, and the drums of a score placed on the sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from technogen.rendering import drum_sounds as sounds
from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import Strike, Wave
from technogen.rendering.options import HAT_GROUP, KitName
from technogen.score import TICKS_PER_BAR, Note, Score, fold_drum

FORCES = (0.25, 0.6, 1.0)
"""How hard soft, plain and accented hits strike; below 64, below 100, and from 100 on."""
VARIATIONS = 3
_CHOKE_SECONDS = 0.004

Stereo = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a kit.

    Attributes:
        play: Makes a hit.
        level: Peak of a full hit, in dB.
        pan: -1 left .. 1 right.
        send: Share that goes to the room.
    """

    play: Callable[[Strike], Wave]
    level: float
    pan: float = 0.0
    send: float = 0.0


Kit = dict[int, Piece]

_HANDS: Kit = {
    56: Piece(sounds.cowbell, -9, 0.3, 0.3),
    62: Piece(partial(sounds.conga, tune=395.0, length=0.035, slap=0.6), -8, 0.35, 0.3),
    63: Piece(partial(sounds.conga, tune=375.0, length=0.11, slap=0.3), -8, 0.35, 0.3),
    64: Piece(partial(sounds.conga, tune=210.0, length=0.14, slap=0.25), -7, -0.3, 0.3),
    70: Piece(sounds.maracas, -14, -0.4, 0.2),
    75: Piece(sounds.claves, -11, -0.35, 0.4),
}

KITS: dict[KitName, Kit] = {
    "909": {
        36: Piece(sounds.kick_909, -1.5),
        37: Piece(partial(sounds.rim, low=500.0, high=1720.0, length=0.009), -7, 0.15, 0.35),
        38: Piece(
            partial(sounds.snare, shells=(186.0, 332.0), ring=0.07, rattle=0.13, snappy=0.75, bend=0.35), -3, 0, 0.3
        ),
        39: Piece(sounds.clap, -4, 0.0, 0.45),
        42: Piece(partial(sounds.hat, length=0.038, grain=0.55, edge=7000.0, bits=6), -12, 0.12, 0.03),
        43: Piece(partial(sounds.tom, tune=84.0, length=0.2, bend=0.55, skin=0.2), -3, -0.3, 0.2),
        46: Piece(partial(sounds.hat, length=0.2, grain=0.55, edge=6600.0, bits=6), -12, 0.12, 0.05),
        47: Piece(partial(sounds.tom, tune=122.0, length=0.17, bend=0.55, skin=0.2), -4, 0.0, 0.2),
        49: Piece(partial(sounds.cymbal, length=0.75, edge=2600.0, ping=0.0, grain=0.6), -11, -0.25, 0.2),
        50: Piece(partial(sounds.tom, tune=168.0, length=0.14, bend=0.55, skin=0.2), -5, 0.3, 0.2),
        51: Piece(partial(sounds.cymbal, length=0.55, edge=3600.0, ping=0.16, grain=0.3), -14, 0.3, 0.1),
        **_HANDS,
    },
    "808": {
        36: Piece(sounds.kick_808, -3.5),
        37: Piece(partial(sounds.rim, low=455.0, high=1667.0, length=0.006), -8, 0.15, 0.3),
        38: Piece(
            partial(sounds.snare, shells=(177.0, 330.0), ring=0.09, rattle=0.09, snappy=0.5, bend=0.05), -3, 0, 0.25
        ),
        39: Piece(partial(sounds.clap, centre=1000.0, tail=0.11), -4, 0.0, 0.45),
        42: Piece(partial(sounds.hat, length=0.03, grain=0.08, edge=7400.0, bits=16), -12, 0.12, 0.03),
        43: Piece(partial(sounds.tom, tune=80.0, length=0.24, bend=0.12, skin=0.06), -4, -0.3, 0.2),
        46: Piece(partial(sounds.hat, length=0.24, grain=0.08, edge=7000.0, bits=16), -13, 0.12, 0.05),
        47: Piece(partial(sounds.tom, tune=120.0, length=0.2, bend=0.12, skin=0.06), -5, 0.0, 0.2),
        49: Piece(partial(sounds.cymbal, length=0.6, edge=2900.0, ping=0.0, grain=0.1), -12, -0.25, 0.2),
        50: Piece(partial(sounds.tom, tune=165.0, length=0.16, bend=0.12, skin=0.06), -6, 0.3, 0.2),
        51: Piece(partial(sounds.cymbal, length=0.4, edge=4000.0, ping=0.1, grain=0.1), -15, 0.3, 0.1),
        **_HANDS,
    },
}


@dataclass(frozen=True, slots=True)
class DrumStems:
    """Drums by what the mix does with them, each (samples, 2).

    Attributes:
        kick: The kick.
        others: Everything else.
        room: What goes to the room.
    """

    kick: Stereo
    others: Stereo
    room: Stereo


def strike_class(velocity: int) -> int:
    """How hard a velocity strikes: 0 soft, 1 plain, 2 accented."""
    return (velocity >= 64) + (velocity >= 100)


def make_hit(piece: Piece, strike: Strike) -> Wave:
    """One hit at the piece's level: its peak is that of a full hit, without any direct current, ending in silence."""
    wave = piece.play(strike)
    end = min(len(wave), max(2, int(0.012 * strike.rate)))
    wave[-end:] *= np.linspace(1.0, 0.0, end)
    wave = sounds.band(wave, strike.rate, 20, None, 1)
    wave[-end:] *= np.linspace(1.0, 0.0, end)
    return wave / max(float(np.abs(wave).max()), 1e-9) * 10 ** (piece.level / 20)


def hit_gain(velocity: int) -> float:
    """The loudness of a velocity: 1 at 127, 24 dB less towards 0."""
    return float(10 ** (-1.2 * (1 - velocity / 127)))


def play_drums(score: Score, samples: int, sample_rate: int, *, seed: int, kit: KitName) -> DrumStems:
    """Play the drums of a score.

    Args:
        score: Its swing is applied; notes of other drum maps fold onto the kit's pieces.
        samples: How long the result is; what lies later is left out.
        sample_rate: Samples a second.
        seed: What varies the hits.
        kit: Which machine.
    """
    stems = DrumStems(*(np.zeros((samples, 2), dtype=np.float32) for _ in range(3)))
    tracks: dict[int, list[Note]] = {}
    for note in score.drums:
        tracks.setdefault(fold_drum(note.pitch), []).append(note)
    hats = sorted(n.start for pitch in HAT_GROUP for n in tracks.get(pitch, ()))
    for pitch, notes in sorted(tracks.items()):
        chokes = np.array(hats if pitch == 46 else [n.start for n in notes])
        hits = _place(notes, chokes, score, sample_rate)
        _play_piece(hits, pitch, kit, Strike(sample_rate, 0.0, np.random.default_rng(seed)), seed, stems)
    return stems


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int  # where the next hit that silences it starts
    velocity: int
    variation: int


def _place(notes: list[Note], chokes: NDArray[np.int64], score: Score, sample_rate: int) -> list[_Hit]:
    hits = []
    following = np.searchsorted(chokes, [n.start for n in notes], side="right")
    for note, after in zip(notes, following):
        end = sample_of(int(chokes[after]), score, sample_rate) if after < len(chokes) else 2**62
        variation = note.start % TICKS_PER_BAR // 60 * 7 % VARIATIONS  # the same in each bar: loops repeat
        hits.append(_Hit(sample_of(note.start, score, sample_rate), end, note.velocity, variation))
    return hits


def _play_piece(hits: list[_Hit], pitch: int, kit: KitName, like: Strike, seed: int, stems: DrumStems) -> None:
    piece = KITS[kit][pitch]
    made: dict[tuple[int, int], Wave] = {}
    pan = np.array([np.cos((piece.pan + 1) * np.pi / 4), np.sin((piece.pan + 1) * np.pi / 4)]) * np.sqrt(2)
    target = stems.kick if pitch == 36 else stems.others
    fade = max(2, int(_CHOKE_SECONDS * like.rate))
    for hit in hits:
        force = strike_class(hit.velocity)
        if (force, hit.variation) not in made:
            random = np.random.default_rng([seed, int(kit), pitch, force, hit.variation])
            made[force, hit.variation] = make_hit(piece, Strike(like.rate, FORCES[force], random))[:, None] * pan
        wave = made[force, hit.variation] * hit_gain(hit.velocity)
        if hit.end - hit.start < len(wave) - fade:
            wave = wave[: hit.end - hit.start + fade]
            wave[-fade:] *= np.linspace(1.0, 0.0, fade)[:, None]
        wave = wave[: max(0, len(target) - hit.start)]
        target[hit.start : hit.start + len(wave)] += wave
        if piece.send:
            stems.room[hit.start : hit.start + len(wave)] += piece.send * wave
