"""Drum sounds and chords drawn at random, wide around what machines and kits do; in Hz and seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.templates import Noise, Sound, Tone, play_part

Wave = NDArray[np.float64]
_TOMS = {43: (65.0, 105.0), 47: (105.0, 150.0), 50: (150.0, 260.0)}


def draw_sound(random: np.random.Generator, pitch: int) -> Sound:
    """A sound for a General MIDI drum note of the kits."""
    if pitch in _TOMS:
        return _tom(random, *_TOMS[pitch])
    if pitch in (42, 46, 49, 51, 70):
        return _metal(random, pitch)
    return _skin(random, pitch)


def play_sound(sound: Sound, samples: int, random: np.random.Generator) -> Wave:
    """The sound as samples at the ear's rate."""
    return np.asarray(sum(play_part(part, samples, random) for part in sound))


def draw_chords(random: np.random.Generator, samples: int, tempo: float, rate: int) -> Wave:
    """Chords or a lead on random 16ths, the same in each bar, at a peak of about 1."""
    step = int(rate * 15 / tempo)
    steps = np.flatnonzero(random.random(16) < random.choice([0.1, 0.3, 0.6]))
    wave = _chord(random, int(rate * _log(random, 0.08, 1.0)), rate)
    out = np.zeros(samples)
    for start in [(16 * bar + s) * step for bar in range(samples // (16 * step) + 1) for s in steps]:
        if start < samples:
            out[start : start + len(wave)] += wave[: samples - start]
    return out


def _chord(random: np.random.Generator, samples: int, rate: int) -> Wave:
    t = np.arange(samples) / rate
    root, cutoff = random.uniform(110, 440), _log(random, 300, 6000)
    roots = [root * 2 ** (k / 12) for k in ((0, 3, 7) if random.random() < 0.5 else (0,))]
    tones = [(f * k, 1 / k / (1 + (f * k / cutoff) ** 2)) for f in roots for k in range(1, 20) if f * k < 16000]
    wave = sum(level * np.sin(2 * np.pi * f * t + random.uniform(0, 6)) for f, level in tones)
    fade = np.minimum(1, t / random.choice([0.002, 0.002, 0.02, 0.1])) * np.minimum(1, (t[-1] - t) / 0.01)
    wave = wave * fade * np.exp(-t / _log(random, 0.04, 0.6))
    return np.asarray(wave / (np.abs(wave).max() + 1e-9))


def _log(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _tom(random: np.random.Generator, low: float, high: float) -> Sound:
    hertz = _log(random, low, high)
    body = Tone(hertz, 1, _log(random, 0.08, 0.3), random.uniform(0, 0.8), _log(random, 0.02, 0.05))
    overtone = Tone(1.5 * hertz, random.uniform(0, 0.4), _log(random, 0.04, 0.1))
    return body, overtone, Noise(_log(random, 600, 3000), 1.3, _log(random, 0.01, 0.3), _log(random, 0.005, 0.08))


def _metal(random: np.random.Generator, pitch: int) -> Sound:
    def hiss(hertz: tuple[float, float], width: tuple[float, float], decay: tuple[float, float]) -> Noise:
        return Noise(_log(random, *hertz), random.uniform(*width), 1, _log(random, *decay))

    if pitch in (42, 46):
        decay = (0.01, 0.06) if pitch == 42 else (0.1, 0.5)
        body = hiss((6500, 13000), (0.3, 0.9), decay)
        return body, Noise(_log(random, 3500, 6000), 0.5, random.uniform(0, 0.3), 0.7 * body.decay)
    if pitch == 49:
        return (hiss((5000, 10000), (0.8, 1.5), (0.4, 1.2)),)
    if pitch == 70:
        return (Noise(_log(random, 4500, 9000), random.uniform(0.4, 1), 1, _log(random, 0.012, 0.05), (0.01,)),)
    bell = _log(random, 2500, 6000)
    tones = [Tone(bell * k, random.uniform(0, 0.5), _log(random, 0.15, 0.5)) for k in (1, 1.48, 1.93)]
    stick = Noise(_log(random, 4500, 10000), 0.7, random.uniform(0, 1), 0.04)
    return (*tones, hiss((4500, 10000), (0.5, 1), (0.2, 0.6)), stick)


def _skin(random: np.random.Generator, pitch: int) -> Sound:
    def log(low: float, high: float) -> float:
        return _log(random, low, high)

    level = random.uniform
    if pitch == 36:
        sweep = Tone(log(40, 65), 1, log(0.06, 0.4), level(0.2, 6), log(0.006, 0.06))
        return sweep, Noise(log(800, 6000), 1.5, log(0.005, 0.4), log(0.003, 0.015))
    if pitch == 38:
        hertz, tone = log(150, 280), level(0, 1.2)
        shells = Tone(hertz, tone, log(0.03, 0.12), level(0, 1), 0.02), Tone(1.65 * hertz, 0.6 * tone, log(0.02, 0.08))
        wires = Noise(log(2000, 9000), level(0.8, 2.2), log(0.3, 1.2), log(0.04, 0.2))
        return (*shells, wires, Noise(log(800, 3000), level(0.7, 1.5), level(0, 0.6), log(0.02, 0.15)))
    if pitch == 39:
        bursts = tuple(level(0.008, 0.013) * k for k in range(int(random.integers(2, 5))))
        body = Noise(log(800, 2200), level(0.3, 0.9), 1, log(0.03, 0.16), bursts)
        return body, Noise(log(3000, 9000), 1, level(0, 0.5), log(0.02, 0.12), bursts)
    if pitch == 37:
        tones = Tone(log(220, 900), level(0.2, 1), log(0.006, 0.02)), Tone(log(900, 2600), 1, log(0.006, 0.02))
        return (*tones, Noise(4000, 1, level(0, 0.5), log(0.002, 0.008)))
    if pitch == 56:
        hertz, decay = log(480, 620), log(0.04, 0.2)
        return Tone(hertz, 0.8, decay), Tone(1.49 * hertz, 1, decay), Tone(3 * hertz, 0.3, 0.05)
    if pitch == 75:
        return (Tone(log(1800, 3200), 1, log(0.01, 0.03)),)
    hand = Tone(log(190, 430), 1, log(0.03, 0.16), level(0, 0.2), 0.02)
    return hand, Noise(2000, 1.2, level(0, 0.3), 0.004)
