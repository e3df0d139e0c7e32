"""The drum machines: a hit of a piece as samples, and the drums of a score placed on the sample, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import CIRCUITS, Strike, Wave, band
from technogen.rendering.drum_sounds.shaping import SHAPING_FIELDS, Shaping
from technogen.rendering.drum_sounds.strike import at_peak
from technogen.rendering.kits import Kit, Piece
from technogen.rendering.options import KitName
from technogen.score import TICKS_PER_BAR, Note, Score, fold_drum

FORCES = (0.25, 0.6, 1.0)
"""How hard soft, plain and accented hits strike; below 64, below 100, and from 100 on."""
VARIATIONS = {38: 4, 39: 6}
"""How many hits of a piece and force differ, else `_VARIATIONS`: no two claps of a bar are the same."""
_VARIATIONS = 3
_CHOKE_SECONDS = 0.004

Stereo = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
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
    numbers = dict(piece.parameters)
    circuit = CIRCUITS[piece.circuit](**{name: x for name, x in numbers.items() if name not in SHAPING_FIELDS})
    shaping = Shaping(**{name: x for name, x in numbers.items() if name in SHAPING_FIELDS})
    wave = shaping.shape(circuit.play(strike), strike)
    if piece.layer is not None:
        wave = _add(at_peak(wave), make_hit(piece.layer, strike))
    end = min(len(wave), max(2, int(0.012 * strike.rate), len(wave) // 8))
    wave[-end:] *= np.linspace(1.0, 0.0, end)
    wave = band(wave, strike.rate, 20, None, 1)
    wave[-end:] *= np.linspace(1.0, 0.0, end)
    return np.asarray(at_peak(wave) * 10 ** (piece.level / 20))


def _add(one: Wave, other: Wave) -> Wave:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    summed: Wave = longer.copy()
    summed[: len(shorter)] += shorter
    return summed


def hit_gain(velocity: int) -> float:
    """The loudness of a velocity: 1 at 127, 24 dB less towards 0."""
    return float(10 ** (-1.2 * (1 - velocity / 127)))


def play_drums(score: Score, samples: int, sample_rate: int, *, seed: int, kit: KitName | Kit) -> DrumStems:
    """Play the drums of a score from its start.

    Args:
        score: Its swing is applied; notes of other drum maps fold onto the kit's pieces.
        samples: How long the result is; what lies later is left out.
        sample_rate: Samples a second.
        seed: What varies the hits.
        kit: Which machine.
    """
    return DrumMachine(score, sample_rate, seed=seed, kit=kit).play(samples)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int  # where the next hit that silences it starts
    piece: Piece
    velocity: int
    variation: int


class DrumMachine:
    """Plays the drums of a score in blocks of any size; the blocks are, bit for bit, what one long block holds.

    It keeps each hit that it made, since loops repeat, and nothing of what it has played.
    """

    def __init__(self, score: Score, sample_rate: float, *, seed: int, kit: KitName | Kit) -> None:
        """Get ready to play.

        Args:
            score: Its swing is applied; notes of other drum maps fold onto the kit's pieces.
            sample_rate: Samples a second.
            seed: What varies the hits.
            kit: Which machine.
        """
        self._rate, self._seed = round(sample_rate), seed
        self._coming = _place_hits(score, kit if isinstance(kit, Kit) else Kit.named(kit), sample_rate)[::-1]
        self._ringing: list[_Hit] = []
        self._made: dict[tuple[int, int, int], Stereo] = {}
        self._at = 0
        self._fade = max(2, int(_CHOKE_SECONDS * sample_rate))
        self._ramp = np.linspace(1.0, 0.0, self._fade, dtype=np.float32)[:, None]

    def play(self, samples: int) -> DrumStems:
        """The next so many samples."""
        stems = DrumStems(*(np.zeros((samples, 2), dtype=np.float32) for _ in range(3)))
        end = self._at + samples
        while self._coming and self._coming[-1].start < end:
            self._ringing.append(self._coming.pop())
        self._ringing = [hit for hit in self._ringing if self._play_hit(hit, stems, end)]
        self._at = end
        return stems

    def _play_hit(self, hit: _Hit, stems: DrumStems, block_end: int) -> bool:
        """Add the part of a hit that is in the block; whether it goes on after it."""
        wave = self._wave(hit)
        length = min(len(wave), hit.end - hit.start + self._fade)
        first, last = max(0, self._at - hit.start), min(length, block_end - hit.start)
        part = wave[first:last] * np.float32(hit_gain(hit.velocity))
        if length < len(wave) and last > length - self._fade:  # cut off by another
            closing = max(first, length - self._fade)
            part[closing - first :] *= self._ramp[closing - length + self._fade : last - length + self._fade]
        at = hit.start + first - self._at
        target = stems.kick if hit.piece.pitch == 36 else stems.others
        target[at : at + len(part)] += part
        if hit.piece.send:
            stems.room[at : at + len(part)] += part * np.float32(hit.piece.send)
        return last < length

    def _wave(self, hit: _Hit) -> Stereo:
        force = strike_class(hit.velocity)
        key = hit.piece.pitch, force, hit.variation
        if key not in self._made:
            strike = Strike(self._rate, FORCES[force], np.random.default_rng([self._seed, *key]))
            angle = (hit.piece.pan + 1) * np.pi / 4
            pan = np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
            self._made[key] = make_hit(hit.piece, strike).astype(np.float32)[:, None] * pan.astype(np.float32)
        return self._made[key]


def _place_hits(score: Score, kit: Kit, sample_rate: float) -> list[_Hit]:
    """All hits in the order in which they are added up."""
    tracks: dict[int, list[Note]] = {}
    for note in score.drums:
        tracks.setdefault(fold_drum(note.pitch), []).append(note)
    hits = []
    for pitch, notes in tracks.items():
        piece = kit.piece(pitch)
        rivals = [p.pitch for p in kit.pieces if p.pitch == pitch or (p.group == piece.group != 0)]
        chokes = np.array(sorted(n.start for rival in rivals for n in tracks.get(rival, ())))
        following = np.searchsorted(chokes, [n.start for n in notes], side="right")
        for note, after in zip(notes, following):
            end = sample_of(int(chokes[after]), score, sample_rate) if after < len(chokes) else 2**62
            variation = _variation(note.start) % VARIATIONS.get(pitch, _VARIATIONS)
            hits.append(_Hit(sample_of(note.start, score, sample_rate), end, piece, note.velocity, variation))
    return sorted(hits, key=lambda hit: (hit.start, hit.piece.pitch))


def _variation(tick: int) -> int:
    """Another for each step and each beat of a bar, and the same in each bar, so that loops repeat."""
    place = tick % TICKS_PER_BAR // 60
    return place * 5 + place // 8
