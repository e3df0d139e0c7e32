"""What sounds beside the drums of random mixes: a bassline, and chords, leads, pads, voices and noises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from technogen.rendering import AcidKnobs
from technogen.rendering.acid import play_line
from technogen.rendering.clock import sample_of
from technogen.score import Score

Wave = NDArray[np.float64]
Random = np.random.Generator

_TOP_HZ = 15_000.0
_CYCLE = 2048  # points of a period


def play_bass(random: Random, score: Score, samples: int, rate: int) -> Wave:
    """The bass of the score on a 303 or on another synthesiser, or silence, at a peak of about 1."""
    how = random.random()
    if how < 0.2 or not score.bass:
        return np.zeros(samples)
    if how < 0.65:
        return _peak(play_line(score, samples, rate, _draw_knobs(random)))
    return _play_synth(random, score, samples, rate)


def play_other(random: Random, score: Score, samples: int, rate: int) -> Wave:
    """One more instrument, at a peak of about 1."""
    players: tuple[Callable[[Random, float, int, int], Wave], ...] = (
        _stabs,
        _stabs,
        _lead,
        _pad,
        _voice,
        _sweep,
        _zaps,
    )
    return _peak(players[int(random.integers(len(players)))](random, score.tempo, samples, rate))


def _peak(wave: Wave) -> Wave:
    return np.asarray(wave / (np.abs(wave).max(initial=0) + 1e-9))


def _log(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _draw_knobs(random: Random) -> AcidKnobs:
    cutoff, resonance, envelope, decay, accent = (float(x) for x in random.uniform(0, 1, 5))
    return AcidKnobs(
        waveform="saw" if random.random() < 0.5 else "square",
        cutoff=cutoff,
        resonance=resonance,
        envelope=envelope,
        decay=decay,
        accent=accent,
        drive=float(random.uniform(0, 28)),
        free_running=bool(random.random() < 0.6),
    )


def _play_synth(random: Random, score: Score, samples: int, rate: int) -> Wave:
    """Notes of partials whose treble dies away first; shorter or longer than written, an octave down at times."""
    shift = int(random.choice([0, 0, -12]))
    decay, hold = _log(random, 0.05, 1.5), _log(random, 0.4, 3)
    tones = _draw_tones(random)
    out, made = np.zeros(samples), dict[tuple[int, int], Wave]()
    for note in score.bass:
        start, end = sample_of(note.start, score, rate), sample_of(note.end, score, rate)
        length = min(int((end - start) * hold), rate * 2, samples - start)
        if length < 64:
            continue
        key = note.pitch, length
        if key not in made:
            made[key] = _tone(random, 440 * 2 ** ((note.pitch + shift - 69) / 12), length, decay, tones, rate)
        out[start : start + length] += made[key] * note.velocity
    return _peak(out)


def _draw_tones(random: Random) -> NDArray[np.float64]:
    """Level of each partial: a sine, a square, a saw, or any."""
    k = np.arange(1, int(random.integers(2, 30)))
    shape = int(random.integers(4))
    level = (k == 1).astype(float) if shape == 0 else 1 / k ** random.uniform(0.7, 1.6)
    if shape == 1:
        level = level * (k % 2)
    return level * (random.uniform(0.3, 1, len(k)) if shape == 3 else 1)


def _tone(random: Random, hertz: float, length: int, decay: float, levels: NDArray[np.float64], rate: int) -> Wave:
    t = np.arange(length) / rate
    wave = np.zeros(length)
    detune = float(random.choice([0, 0, random.uniform(0.001, 0.01)]))
    for k, level in enumerate(levels, 1):
        if k * hertz < _TOP_HZ and level > 0.004:
            fall = np.exp(-t * (0.3 + 0.12 * k) / decay) * level
            wave += fall * np.sin(2 * np.pi * k * hertz * t + random.uniform(0, 6))
            if detune:
                wave += fall * np.sin(2 * np.pi * k * hertz * (1 + detune) * t)
    return wave * _edges(length, rate, 0.002, 0.008)


def _edges(length: int, rate: int, rise: float, fall: float) -> Wave:
    t = np.arange(length) / rate
    return np.asarray(np.minimum(1, t / rise) * np.minimum(1, (t[-1] - t) / fall))


def _stabs(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """Chords on random 16ths, the same in each bar."""
    step, roots = rate * 15 / tempo, ((0, 3, 7), (0, 7), (0,), (0, 4, 7, 11), (0, 5, 10))
    length = int(rate * _log(random, 0.08, 1.0))
    root, levels, decay = _log(random, 80, 500), _draw_tones(random), _log(random, 0.03, 0.6)
    chord = roots[int(random.integers(len(roots)))]
    wave = sum(_tone(random, root * 2 ** (k / 12), length, decay, levels, rate) for k in chord)
    steps = np.flatnonzero(random.random(16) < random.choice([0.1, 0.3, 0.6]))
    return _repeat(np.asarray(wave), [(16 * bar + s) * step for bar in range(64) for s in steps], samples)


def _lead(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """Single notes on 8ths or 16ths that wander over a scale."""
    step = rate * float(random.choice([15, 30])) / tempo
    levels, decay, root = _draw_tones(random), _log(random, 0.05, 1), _log(random, 150, 700)
    scale = np.array([0, 3, 5, 7, 10, 12, 15])
    length = int(step * random.uniform(0.5, 1.5))
    tones = [_tone(random, root * 2 ** (k / 12), length, decay, levels, rate) for k in scale]
    places = np.abs(np.cumsum(random.integers(-2, 3, 16))) % len(scale)
    out = np.zeros(samples)
    for i in range(int(samples / step)):
        if random.random() < 0.8:
            _lay(tones[places[i % 16]], [i * step], out)
    return out


def _repeat(wave: Wave, starts: list[float], samples: int) -> Wave:
    out = np.zeros(samples)
    _lay(wave, starts, out)
    return out


def _lay(wave: Wave, starts: list[float], out: Wave) -> None:
    for start in starts:
        at = int(start)
        if at < len(out):
            out[at : at + len(wave)] += wave[: len(out) - at]


def _pad(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """A chord held for a bar or more, swelling."""
    length = int(min(samples, rate * 240 / tempo * float(random.choice([1, 2]))))
    root, t = _log(random, 80, 400), np.arange(length) / rate
    levels = np.arange(1, 7) ** -1.3
    cycle = sum(a * np.sin(np.arange(_CYCLE) * 2 * np.pi * h / _CYCLE) for h, a in enumerate(levels, 1))
    wave = np.zeros(length)
    for k in (0, 3, 7, 12, 0, 7):
        f = root * 2 ** (k / 12) * float(np.exp(random.normal(0, 0.003)))
        wave += cycle[((t * f + random.random()) * _CYCLE).astype(np.int64) % _CYCLE]
    wave *= _edges(length, rate, float(random.uniform(0.02, 0.8)), 0.1)
    return _repeat(wave, [float(k) for k in range(0, samples, length)], samples)


def _voice(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """Pulses through three formants, in syllables, with vibrato."""
    from scipy.signal import lfilter  # noqa: PLC0415

    hertz, t = _log(random, 90, 320), np.arange(samples) / rate
    phase = np.cumsum(hertz * (1 + 0.02 * np.sin(2 * np.pi * 5 * t) + 0.1 * np.sin(2 * np.pi * 0.4 * t))) / rate
    source = np.diff(phase % 1, prepend=0) < 0
    wave = source + random.normal(0, 0.02, samples)
    out = np.zeros(samples)
    for formant in (random.uniform(300, 900), random.uniform(900, 2300), random.uniform(2300, 3500)):
        r = np.exp(-np.pi * 90 / rate)
        out += lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * formant / rate), r * r], wave)
    knots = np.arange(0, t[-1] + 1, 0.12)
    beats = np.interp(t, knots, random.choice([0, 0, 0.5, 1], len(knots)))
    return np.asarray(out * beats)


def _sweep(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """Noise that rises or falls over some bars."""
    length = int(min(samples, rate * 240 / tempo * float(random.choice([1, 2, 4]))))
    rise = np.linspace(0, 1, length) ** float(random.choice([1, 2]))
    noise = np.diff(random.normal(0, 1, length + 1)) * (rise if random.random() < 0.6 else rise[::-1])
    return _repeat(noise, [random.uniform(0, samples)], samples)


def _zaps(random: Random, tempo: float, samples: int, rate: int) -> Wave:
    """Falling or rising tones and blips on a few 16ths."""
    step, length = rate * 15 / tempo, int(rate * _log(random, 0.03, 0.5))
    t = np.linspace(0, 1, length)
    low, high = _log(random, 60, 1500), _log(random, 400, 9000)
    f = low * (high / low) ** (t if random.random() < 0.5 else 1 - t)
    wave = np.sin(2 * np.pi * np.cumsum(f) / rate) * np.exp(-3 * t) * _edges(length, rate, 0.002, 0.005)
    steps = np.flatnonzero(random.random(32) < random.choice([0.04, 0.1]))
    return _repeat(wave, [(32 * bar + s) * step for bar in range(32) for s in steps], samples)
