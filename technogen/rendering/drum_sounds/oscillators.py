"""Sources of metal: squares without aliases, the modes of plates, and the memory of a sampling drum machine."""

from __future__ import annotations

import math

import numpy as np

from technogen.rendering.drum_sounds.strike import Wave

_TABLE = 8192
_HIGHEST = 20_000.0
_GROUP_RATIO = 1.6


def square(frequency: float, samples: int, rate: float, start: float = 0.0) -> Wave:
    """A square without overtones above 20 kHz or 0.45 of the sample rate.

    Args:
        frequency: In Hz.
        samples: How many.
        rate: Samples a second.
        start: Phase in cycles.
    """
    most = int(min(_HIGHEST, 0.45 * rate) / frequency)
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    odd = np.arange(1, min(max(most, 1), _TABLE // 4) + 1, 2)
    spectrum[odd] = -1j * _TABLE * 2 / (math.pi * odd)
    table = np.fft.irfft(spectrum, _TABLE)
    slope = np.roll(table, -1) - table
    place = np.arange(samples) * (frequency / rate * _TABLE) + (start % 1.0) * _TABLE
    whole = place.astype(np.int64)
    index = whole & (_TABLE - 1)
    return np.asarray(table[index] + (place - whole) * slope[index])


def modes(frequencies: Wave, levels: Wave, decays: Wave, samples: int, rate: float) -> Wave:
    """Many sines that die away, each at its speed; those of nearly the same speed are made by one inverse FFT.

    Args:
        frequencies: In Hz, (n,); those above 0.47 of the sample rate are left out.
        levels: (n,).
        decays: Time constants in seconds, (n,), met to a quarter.
        samples: How many.
        rate: Samples a second.
    """
    size = 1 << max(15, (samples - 1).bit_length())
    clock = np.arange(samples) / rate
    groups = np.round(np.log(decays) / math.log(_GROUP_RATIO)).astype(np.int64)
    bins = np.round(frequencies / rate * size).astype(np.int64)
    heard = frequencies < 0.47 * rate
    wave = np.zeros(samples)
    for group in np.unique(groups[heard]):
        members = heard & (groups == group)
        spectrum = np.zeros(size // 2 + 1, dtype=np.complex128)
        np.add.at(spectrum, bins[members], -0.5j * size * levels[members])
        length = math.exp(float(np.log(decays[members]).mean()))
        wave += np.fft.irfft(spectrum, size)[:samples] * np.exp(-clock / length)
    return wave


def plate_modes(random: np.random.Generator, low: float, high: float, count: int) -> Wave:
    """Frequencies of a plate's modes: equally dense everywhere, each a little off its place."""
    return np.asarray(low + (high - low) * (np.arange(count) + random.random(count)) / count)


def held(memory: Wave, clock: float, samples: int, rate: float) -> Wave:
    """What a memory gives that is read at a slower clock, each value held: its steps, averaged over a sample.

    Args:
        memory: The values.
        clock: Values a second.
        samples: How many samples; the memory is read round and round.
        rate: Samples a second.
    """
    edges = np.arange(samples + 1) * (clock / rate)
    needed = int(edges[-1]) + 2
    values = np.resize(memory, needed)
    area = np.concatenate(([0.0], np.cumsum(values)))
    whole = edges.astype(np.int64)
    reached = area[whole] + (edges - whole) * values[whole]
    return np.asarray(np.diff(reached) * (rate / clock))


def stepped(wave: Wave, bits: float) -> Wave:
    """The same in so many bits, full scale at its peak."""
    steps = 2.0 ** (bits - 1) - 0.5
    peak = max(float(np.abs(wave).max()), 1e-9)
    return np.asarray((np.floor(wave / peak * steps) + 0.5) / steps * peak)
