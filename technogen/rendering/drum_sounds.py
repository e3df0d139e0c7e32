"""The circuits of the drum machines, hit by hit: a function is one kind of voice, numbers make it a piece of a kit.

Times are in seconds, frequencies in Hz. Sources: service notes and published analyses of the TR-808 and TR-909.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]

METAL = (1.0, 1.304, 1.466, 1.787, 1.932, 2.536)
"""The six oscillators of the 808's hats and cymbals, as multiples of the lowest."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One hit of a voice.

    Attributes:
        rate: Samples a second.
        force: 0..1, how hard; above about 0.8 an accent.
        random: What makes this hit differ a little from others.
    """

    rate: int
    force: float
    random: np.random.Generator

    def clock(self, seconds: float) -> Wave:
        """Times from 0 on."""
        return np.arange(max(2, int(seconds * self.rate))) / self.rate

    def noise(self, samples: int) -> Wave:
        """White noise in -1..1."""
        return self.random.uniform(-1.0, 1.0, samples)

    def about(self, value: float, spread: float) -> float:
        """The value, off by up to a share of it."""
        return value * (1.0 + spread * float(self.random.uniform(-1.0, 1.0)))


def fall(clock: Wave, seconds: float) -> Wave:
    """An exponential decay from 1."""
    return np.exp(-clock / seconds)


def band(wave: Wave, rate: int, low: float | None, high: float | None, order: int = 2) -> Wave:
    """Keep what lies between two frequencies; `None` leaves that side open."""
    from scipy.signal import sosfilt  # noqa: PLC0415

    return np.asarray(sosfilt(_sections(rate, low, high, order), wave))


def _sections(rate: int, low: float | None, high: float | None, order: int) -> Wave:
    from scipy.signal import butter  # noqa: PLC0415

    top = 0.49 * rate
    if low is None:
        return np.asarray(butter(order, min(high or top, top), "low", fs=rate, output="sos"))
    if high is None or high >= top:
        return np.asarray(butter(order, min(low, 0.98 * top), "high", fs=rate, output="sos"))
    return np.asarray(butter(order, (min(low, 0.9 * high), high), "band", fs=rate, output="sos"))


def kick_909(s: Strike, tune: float = 49.0, decay: float = 0.17, attack: float = 1.0) -> Wave:
    """A triangle rounded to nearly a sine, swept down fast, with a click of pulse and noise beside it."""
    t = s.clock(decay * 3.2 + 0.06)
    depth = 2.6 + 1.4 * s.force
    f = s.about(tune, 0.004) * (1.0 + depth * fall(t, 0.009) + 0.9 * fall(t, 0.038))
    phase = np.cumsum(f) / s.rate
    triangle = 2.0 / math.pi * np.arcsin(np.sin(2 * math.pi * phase))
    body = np.tanh((1.3 + 0.9 * s.force) * triangle)
    loud = np.where(t < 0.03, 1.0, fall(np.maximum(t - 0.03, 0), decay * s.about(1.0, 0.02)))
    click = 0.5 * fall(t, 0.0008) + 0.7 * band(s.noise(len(t)), s.rate, 300, 5000) * fall(t, 0.0045)
    return body * loud + attack * (0.2 + 0.5 * s.force) * click


def kick_808(s: Strike, tune: float = 51.0, decay: float = 0.3) -> Wave:
    """A ringing bridged T; hit hard, it starts an octave up for its first half wave, then sinks with a sigh."""
    t = s.clock(decay * 4.0)
    first = 0.5 / (tune * 2.0)
    f = s.about(tune, 0.004) * (0.94 + 0.06 * fall(t, 0.15) + (0.4 + 0.6 * s.force) * fall(t, first))
    body = np.sin(2 * math.pi * np.cumsum(f) / s.rate) * fall(t, decay)
    click = band(fall(t, 0.0007), s.rate, None, 2500 + 3000 * s.force) * (0.15 + 0.45 * s.force)
    return np.tanh(1.15 * body) + click


def snare(s: Strike, shells: tuple[float, float], ring: float, rattle: float, snappy: float, bend: float) -> Wave:
    """Two shells, struck with a little bend, and noise that an accent makes longer and louder."""
    t = s.clock(max(ring, rattle) * 5.0)
    tones = np.zeros(len(t))
    for frequency, level, length in zip(shells, (1.0, 0.55), (ring, 0.6 * ring)):
        f = s.about(frequency, 0.006) * (1.0 + bend * fall(t, 0.012))
        tones += level * np.sin(2 * math.pi * np.cumsum(f) / s.rate) * fall(t, length)
    noise = s.noise(len(t))
    low, high = band(noise, s.rate, 700, 5500), band(noise, s.rate, 3000, None)
    hiss = (low * fall(t, 0.55 * rattle) + 0.8 * high * fall(t, rattle * (0.7 + 0.4 * s.force))) * snappy
    snap = band(s.noise(len(t)), s.rate, 1500, 9000) * fall(t, 0.003) * s.force
    return np.tanh(1.2 * (0.75 * tones + hiss * (0.7 + 0.5 * s.force) + 0.6 * snap))


def clap(s: Strike, centre: float = 1100.0, tail: float = 0.085) -> Wave:
    """Four bursts of noise 11 ms apart and the room after them."""
    t = s.clock(0.035 + tail * 5.0)
    bursts = np.zeros(len(t))
    for k in range(4):
        late = t - s.about(0.011, 0.04) * k
        bursts += np.where(late >= 0, np.exp(-np.maximum(late, 0) / (0.0035 if k < 3 else 0.012)), 0)
    room = np.where(t > 0.03, fall(np.maximum(t - 0.03, 0), tail), 0) * 0.5
    noise = s.noise(len(t))
    body = band(noise, s.rate, 0.72 * centre, 1.5 * centre, 1) + 0.25 * band(noise, s.rate, 2500, 8500)
    return np.tanh((1.6 + s.force) * body * (bursts + room))


def rim(s: Strike, low: float, high: float, length: float) -> Wave:
    """Two short resonators, overdriven, high-passed."""
    t = s.clock(length * 9.0)
    ring = 0.7 * np.sin(2 * math.pi * s.about(low, 0.004) * t) * fall(t, length * 1.4)
    ring += np.sin(2 * math.pi * s.about(high, 0.004) * t + 0.4) * fall(t, length)
    tick = band(s.noise(len(t)), s.rate, 2500, None) * fall(t, 0.0015)
    return band(np.tanh((1.6 + 2.0 * s.force) * (ring + 0.8 * tick)), s.rate, 300, None)


def tom(s: Strike, tune: float, length: float, bend: float, skin: float) -> Wave:
    """A tone that sinks, an overtone, and a breath of noise; hit hard, it bends further."""
    t = s.clock(length * 4.5)
    f = s.about(tune, 0.004) * (1.0 + bend * (0.6 + 0.6 * s.force) * fall(t, 0.035))
    phase = 2 * math.pi * np.cumsum(f) / s.rate
    tone = np.sin(phase) * fall(t, length) + 0.3 * np.sin(1.5 * phase) * fall(t, 0.4 * length)
    hiss = band(s.noise(len(t)), s.rate, 200, 2200 + 2000 * s.force) * fall(t, 0.4 * length)
    click = band(s.noise(len(t)), s.rate, 800, 6000) * fall(t, 0.003) * s.force
    return np.tanh(1.1 * tone + skin * hiss + 0.35 * click)


def _metal(s: Strike, t: Wave, lowest: float) -> Wave:
    """Six squares that do not fit each other, multiplied crosswise as a non-linear amplifier does."""
    squares = [
        np.sign(np.sin(2 * math.pi * (s.about(lowest, 0.003) * ratio * t + s.random.random()))) for ratio in METAL
    ]
    return np.asarray(sum(squares)) / 6.0 + 0.4 * squares[0] * squares[3] * squares[5]


def hat(s: Strike, length: float, grain: float, edge: float, bits: int) -> Wave:
    """Metal and noise above an edge; `bits` below 16 gives the steps of a sampled hat.

    Args:
        s: The hit.
        length: Decay.
        grain: Share of noise beside the metal.
        edge: High-pass; an accent lowers it a little and lets more through.
        bits: Resolution.
    """
    t = s.clock(length * 5.5 + 0.01)
    source = (1 - grain) * _metal(s, t, 414.0) + grain * s.noise(len(t))
    ringing = band(band(source, s.rate, edge * (1.08 - 0.13 * s.force), None, 3), s.rate, None, 10_500)
    presence = band(source, s.rate, 3200, 6500) * 0.16
    loud = 0.75 * fall(t, length * (0.75 + 0.35 * s.force)) + 0.25 * fall(t, 0.2 * length)
    wave = (ringing + presence) * loud
    if bits < 16:
        peak = float(np.abs(wave).max())
        steps = 2.0 ** (bits - 1)
        wave = 0.5 * wave + 0.5 * np.round(wave / peak * steps) / steps * peak * fall(t, length * 2)
    soft_start = np.minimum(1.0, t * 4000)
    return np.asarray(wave * soft_start * np.minimum(1.0, (t[-1] - t) * 200))


def cymbal(s: Strike, length: float, edge: float, ping: float, grain: float) -> Wave:
    """Metal that falls at three speeds, high bands last longest in none; `ping` is the stick of a ride."""
    t = s.clock(length * 3.2)
    source = (1 - grain) * _metal(s, t, 377.0) + grain * s.noise(len(t))
    low = band(source, s.rate, edge, 2.2 * edge) * fall(t, 0.35 * length)
    high = band(source, s.rate, 1.6 * edge, 12_000) * fall(t, length * (0.8 + 0.25 * s.force))
    splash = band(source, s.rate, 3 * edge, None) * fall(t, 0.05) * (0.4 + 0.8 * s.force)
    bell = np.zeros(len(t))
    for k, ratio in enumerate((1.0, 1.483, 1.932, 2.546)):
        tone = np.sin(2 * math.pi * s.about(2950.0, 0.003) * ratio * t + s.random.random())
        bell += tone * fall(t, 0.5 * length / (1 + k))
    end = np.minimum(1.0, (t[-1] - t) / (0.3 * t[-1]))
    mixed = 0.6 * low + high + splash + ping * (0.5 + 0.5 * s.force) * bell
    return np.asarray(mixed * end * np.minimum(1.0, t * 3000))


def cowbell(s: Strike, length: float = 0.12) -> Wave:
    """Two squares through a band-pass, falling fast and then slowly."""
    t = s.clock(length * 5.0)
    tones = [np.sign(np.sin(2 * math.pi * s.about(f, 0.003) * t)) for f in (540.0, 800.0)]
    loud = 0.6 * fall(t, 0.012) + 0.4 * fall(t, length)
    return np.asarray(np.tanh((1.0 + s.force) * band(0.5 * (tones[0] + tones[1]), s.rate, 540, 2600) * loud))


def conga(s: Strike, tune: float, length: float, slap: float) -> Wave:
    """A bridged T with little bend; `slap` is the hand."""
    t = s.clock(length * 5.0)
    f = s.about(tune, 0.004) * (1.0 + 0.06 * (0.5 + s.force) * fall(t, 0.02))
    tone = np.sin(2 * math.pi * np.cumsum(f) / s.rate) * fall(t, length)
    return tone + slap * (0.3 + s.force) * band(s.noise(len(t)), s.rate, 900, 5000) * fall(t, 0.004)


def maracas(s: Strike, length: float = 0.022) -> Wave:
    """High noise that swells for a few milliseconds before it falls."""
    t = s.clock(0.012 + length * 6.0)
    swell = np.where(t < 0.012, (t / 0.012) ** 2, fall(np.maximum(t - 0.012, 0), length * (0.8 + 0.4 * s.force)))
    return band(s.noise(len(t)), s.rate, 4800 - 800 * s.force, None) * swell


def claves(s: Strike, tune: float = 2500.0, length: float = 0.016) -> Wave:
    """One bright resonator; an accent overdrives it."""
    t = s.clock(length * 7.0)
    tone = np.sin(2 * math.pi * s.about(tune, 0.003) * t) * fall(t, length)
    return np.tanh((1.0 + 1.5 * s.force) * tone)
