"""What random mixes go through: rooms, echoes, ducking, compression, drive, equalisers, noise and worn-out media."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.convolving import make_room

Wave = NDArray[np.float32]
Random = np.random.Generator

_HOP = 64  # samples between the points of an envelope


def duck(random: Random, samples: Wave, kicks: list[float], rate: int) -> Wave:
    """Push down at each kick, and let go."""
    depth, recovery = float(random.uniform(0.2, 0.95)), float(random.uniform(0.06, 0.35))
    gain = np.ones(len(samples) // _HOP + 2)
    t = np.arange(int(recovery * 4 * rate / _HOP)) * _HOP / rate
    dip = 1 - depth * np.exp(-t / recovery)
    for kick in kicks:
        at = int(kick * rate / _HOP)
        gain[at : at + len(dip)] = np.minimum(gain[at : at + len(dip)], dip[: max(0, len(gain) - at)])
    return samples * _stretch(gain, len(samples))


def _stretch(points: NDArray[np.float64], samples: int) -> Wave:
    return np.interp(np.arange(samples), np.arange(len(points)) * _HOP, points).astype(np.float32)


def add_rooms(random: Random, dry: list[tuple[Wave, float]], tempo: float, rate: int) -> Wave:
    """What comes back of the parts, each with the level of its send: from a room, or from an echo in time."""
    from scipy.fft import irfft, next_fast_len, rfft  # noqa: PLC0415

    send = np.asarray(sum(part * np.float32(level) for part, level in dry))
    if random.random() < 0.75:
        seconds = float(np.exp(random.uniform(np.log(0.08), np.log(2.5))))
        edges = float(np.exp(random.uniform(np.log(60), np.log(500)))), float(random.uniform(3000, 14000))
        answer = make_room(seconds, edges, rate, channels=1, seed=int(random.integers(2**31)))[0]
    else:
        step = rate * 60 / tempo * float(random.choice([0.25, 0.375, 0.5, 0.75, 1.0]))
        feedback = float(random.uniform(0.2, 0.75))
        answer = np.zeros(int(8 * step) + 1, dtype=np.float32)
        for k in range(1, 8):
            answer[int(k * step)] = feedback ** (k - 1)
    length = next_fast_len(len(send) + len(answer), real=True)
    return np.asarray(irfft(rfft(send, length) * rfft(answer, length), length)[: len(send)], dtype=np.float32)


def compress(random: Random, samples: Wave, rate: int) -> Wave:
    """Louder than a threshold is made quieter, after an attack, until a release."""
    count = len(samples) // _HOP
    level = np.sqrt((samples[: count * _HOP].reshape(count, _HOP) ** 2).mean(axis=1) + 1e-10).astype(np.float64)
    ratio, release = float(random.uniform(1.5, 8)), float(random.uniform(0.03, 0.3))
    decibels = 20 * np.log10(level)
    over = np.maximum(0, decibels - np.percentile(decibels, random.uniform(40, 85)))
    follow, up, down = 0.0, 1 - np.exp(-_HOP / (0.005 * rate)), 1 - np.exp(-_HOP / (release * rate))
    followed = np.empty(count)
    for i, value in enumerate(over):
        follow += (up if value > follow else down) * (value - follow)
        followed[i] = follow
    return samples * _stretch(10 ** (-followed * (1 - 1 / ratio) / 20), len(samples))


def colour(random: Random, samples: Wave, rate: int) -> Wave:
    """Often tilted and equalised, at times band-limited, noisy, driven or crushed."""
    samples = equalise(random, samples, rate)
    if random.random() < 0.35:
        drive = float(np.exp(random.uniform(-0.5, 1.6)))
        samples = np.tanh(samples / (np.abs(samples).max() + 1e-9) * drive)
    if random.random() < 0.06:
        steps = 2 ** float(random.uniform(5, 9))
        samples = np.round(samples / (np.abs(samples).max() + 1e-9) * steps) / steps
    if random.random() < 0.2:
        noise = random.standard_normal(len(samples), dtype=np.float32)
        samples = samples + np.float32(np.abs(samples).max() * 10 ** (random.uniform(-60, -30) / 20)) * noise
    return np.asarray(samples, dtype=np.float32)


def equalise(random: Random, samples: Wave, rate: int) -> Wave:
    """A tilt, some broad bells, and the edges of what a medium or a codec lets through."""
    from scipy.fft import irfft, next_fast_len, rfft  # noqa: PLC0415

    length = next_fast_len(len(samples) + 2048, real=True)
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / rate), 20)
    octaves = np.log2(hertz / 1000)
    decibels = np.zeros(len(hertz))
    if random.random() < 0.6:
        decibels += octaves * random.normal(0, 1.0)
    for _ in range(int(random.choice([0, 1, 2, 4]))):
        centre, width = random.uniform(-4.5, 3.8), random.uniform(0.3, 1.2)
        decibels += random.uniform(-9, 9) * np.exp(-0.5 * ((octaves - centre) / width) ** 2)
    if random.random() < 0.2:
        decibels -= 60 * np.log10(1 + (hertz / np.exp(random.uniform(np.log(6000), np.log(17000)))) ** 8) / 3
    if random.random() < 0.15:
        decibels -= 20 * np.log10(1 + (np.exp(random.uniform(np.log(25), np.log(150))) / hertz) ** 2)
    spectrum = rfft(samples, length) * (10 ** (decibels / 20)).astype(np.float32)
    return np.asarray(irfft(spectrum, length)[: len(samples)], dtype=np.float32)
