"""Random mixes with known drums, to train the ear on: kits, patterns, lines, chords and effects, all made here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from technogen.patterns import STYLES, compose
from technogen.rendering import AcidKnobs, KitName, Mix, Voice, render
from technogen.rendering.clock import sample_of
from technogen.rendering.kits import random_kit
from technogen.score import TICKS_PER_BAR, Note, Score
from technogen.training.sounds import draw_chords

Array = NDArray[np.float32]

RATE = 44100
_BARS = 4
_SHARES = {
    36: 0.92, 38: 0.6, 39: 0.5, 37: 0.3, 42: 0.8, 46: 0.55, 43: 0.25, 47: 0.25, 50: 0.25,
    49: 0.1, 51: 0.2, 56: 0.12, 63: 0.2, 62: 0.08, 64: 0.1, 70: 0.15, 75: 0.08,
}  # fmt: skip
"""How often each piece is in a pattern."""
_USUAL = {36: (0.6, range(0, 16, 4)), 38: (0.7, (4, 12)), 39: (0.7, (4, 12)), 46: (0.4, range(2, 16, 4))}
_USUAL |= {42: (0.7, range(0, 16, 2)), 51: (0.5, range(0, 16, 2))}
_VELOCITIES = (50, 80, 90, 100, 112, 127)


@dataclass(frozen=True, slots=True, eq=False)
class KnownMix:
    """A mix and what is in it.

    Attributes:
        samples: At `RATE`, (n,).
        hits: Seconds and General MIDI note of each drum hit.
    """

    samples: Array
    hits: tuple[tuple[float, int], ...]


def make_mix(seed: int) -> KnownMix:
    """One mix of four bars; the same seed makes the same."""
    random = np.random.default_rng((7, seed))
    score = _draw_score(random, seed)
    audio = render(score, seed=seed, loop=bool(random.random() < 0.7), voice=_draw_voice(random))
    samples = audio.mono().astype(np.float64)
    for _ in range(int(random.choice([0, 0, 1, 2]))):
        level = np.abs(samples).max() * _spread(random, 0.05, 0.6)
        samples = samples + level * draw_chords(random, len(samples), score.tempo, RATE)
    hits = tuple((sample_of(n.start, score, RATE) / RATE, n.pitch) for n in score.drums)
    return KnownMix(_colour(random, samples).astype(np.float32), hits)


def _spread(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _draw_score(random: np.random.Generator, seed: int) -> Score:
    style = list(STYLES)[seed % len(STYLES)]
    tempo, energy = int(random.integers(100, 165)), float(random.uniform(0.3, 1))
    score = compose(style, bars=_BARS, tempo=tempo, seed=100_000 + seed, energy=energy)
    if random.random() < 0.6:
        score = replace(score, drums=_draw_drums(random))
    return replace(score, bass=()) if random.random() < 0.2 else score


def _draw_drums(random: np.random.Generator) -> tuple[Note, ...]:
    """Usual steps or none, and others at random; a few hits are left out."""
    notes = []
    for pitch, share in _SHARES.items():
        if random.random() > share:
            continue
        often, usual = _USUAL.get(pitch, (0.0, ()))
        base = set(usual) if random.random() < often else set()
        steps = base | set(np.flatnonzero(random.random(16) < random.choice([0.03, 0.1, 0.25])).tolist())
        notes += [_draw_note(random, pitch, TICKS_PER_BAR * bar + 120 * s) for bar in range(_BARS) for s in steps]
    return tuple(sorted((n for n in notes if random.random() > 0.07), key=lambda n: (n.start, n.pitch)))


def _draw_note(random: np.random.Generator, pitch: int, start: int) -> Note:
    return Note(pitch=pitch, start=start, duration=60, velocity=int(random.choice(_VELOCITIES)))


def _draw_voice(random: np.random.Generator) -> Voice:
    cutoff, resonance, envelope, decay = (float(x) for x in random.uniform(0, 1, 4))
    acid = AcidKnobs(
        waveform="saw" if random.random() < 0.5 else "square",
        cutoff=cutoff,
        resonance=resonance,
        envelope=envelope,
        decay=decay,
        drive=float(random.uniform(0, 25)),
    )
    mix = Mix(
        bass=float(random.uniform(-15, 3)),
        delay=float(random.choice([-60, -11, -6])),
        reverb=float(random.choice([-60, -60, -18, -12, -12, -6, -3])),
        compression=float(random.uniform(1, 4)),
    )
    usual: KitName = "909" if random.random() < 0.5 else "808"
    return Voice(acid=acid, kit=random_kit(random) if random.random() < 0.7 else usual, mix=mix)


def _colour(random: np.random.Generator, samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Often tilted, sometimes driven."""
    if random.random() < 0.6:
        hertz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 30)
        tilted = np.fft.rfft(samples) * (hertz / 1000) ** random.normal(0, 0.15)
        samples = np.fft.irfft(tilted, len(samples))
    if random.random() < 0.3:
        samples = np.tanh(samples / np.abs(samples).max() * np.exp(random.uniform(0, 1.4)))
    return samples
