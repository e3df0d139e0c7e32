"""Chords drawn at random, to lie over the drums of random mixes; in Hz and seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]


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
