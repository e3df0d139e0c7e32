"""Random mixes with known drums, to train the ear on: far wider in sound than records are, and all made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.score import Score
from technogen.training.mix_drums import Drums, Rack, play_drums
from technogen.training.mix_effects import add_rooms, colour, compress, duck, equalise
from technogen.training.mix_lines import play_bass, play_other
from technogen.training.mix_scores import draw_score

Array = NDArray[np.float32]

RATE = 44100
SECONDS = 12.0
KIT_MIXES = 5
"""How many mixes in a row share a kit, each bending its sounds another way."""
_STREAM = 11
_BARE = 0.1  # of the mixes are drums alone, dry
_BASS_DB, _OTHER_DB = (-16.0, 3.0), (-30.0, -1.0)  # of their peak, beside that of the drums


@dataclass(frozen=True, slots=True, eq=False)
class KnownMix:
    """A mix and what is in it.

    Attributes:
        samples: At `RATE`, (n,).
        hits: Seconds, General MIDI note and velocity of each drum hit.
        tempo: Beats a minute.
    """

    samples: Array
    hits: tuple[tuple[float, int, int], ...]
    tempo: float


def make_mix(seed: int, humans: Sequence[Score] = (), rack: Rack | None = None) -> KnownMix:
    """One mix of about twelve seconds that starts anywhere in a bar; the same seed and scores make the same.

    Args:
        seed: Which.
        humans: Scores of people, from which some mixes take what they play.
        rack: Makes mixes of neighbouring seeds faster, and no different: they share drum kits.
    """
    random = np.random.default_rng((_STREAM, seed))
    skip = float(random.uniform(0, 2.5)) if random.random() < 0.6 else 0.0
    seconds = skip + SECONDS
    score = draw_score(random, seconds, humans)
    count = int(seconds * RATE)
    drums = play_drums(random, score, count, rack or Rack(RATE), seed // KIT_MIXES, RATE)
    samples = _mix(random, score, drums, count)
    first = int(skip * RATE)
    hits = tuple((t - skip, pitch, velocity) for t, pitch, velocity in drums.hits if t >= skip - 0.003)
    return KnownMix(samples[first:] * np.float32(0.9 / (np.abs(samples).max() + 1e-9)), hits, score.tempo)


def _mix(random: np.random.Generator, score: Score, drums: Drums, count: int) -> Array:
    beats = drums.kick + drums.others
    if random.random() < _BARE:
        return equalise(random, beats, RATE) if random.random() < 0.5 else beats
    full = float(np.abs(beats).max(initial=0)) or 1.0
    bass = (_at(random, _BASS_DB, full) * play_bass(random, score, count, RATE)).astype(np.float32)
    others = np.zeros(count, dtype=np.float32)
    for _ in range(int(random.choice([0, 0, 1, 1, 2, 3]))):
        others += (_at(random, _OTHER_DB, full) * play_other(random, score, count, RATE)).astype(np.float32)
    if random.random() < 0.4:
        kicks = [t for t, pitch, _ in drums.hits if pitch == 36]
        bass, others = duck(random, bass, kicks, RATE), duck(random, others, kicks, RATE)
    samples = beats + bass + others
    if random.random() < 0.55:
        sends = [(drums.kick, _send(random) * 0.3), (drums.others, _send(random)), (bass, _send(random) * 0.5)]
        samples = samples + add_rooms(random, [*sends, (others, _send(random))], score.tempo, RATE)
    if random.random() < 0.4:
        samples = compress(random, samples, RATE)
    return colour(random, samples, RATE)


def _at(random: np.random.Generator, span: tuple[float, float], full: float) -> float:
    return float(full * 10 ** (random.uniform(*span) / 20))


def _send(random: np.random.Generator) -> float:
    return float(10 ** (random.uniform(-30, -3) / 20)) if random.random() < 0.7 else 0.0
