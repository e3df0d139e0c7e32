"""Sounds that the tests of trackers make for themselves: the same samples everywhere, from numpy alone."""

import numpy as np
from numpy.typing import NDArray

RATE = 22050
LINE_STEP = 0.15
LINE = (36, 36, 48, 39, 0, 43, 36, 51, 34, 36, 0, 46, 41, 36, 48, 31) * 4  # 0 is a rest


def make_bass_line(rate: int = RATE, *, chord: bool = True) -> NDArray[np.float32]:
    """Sixteen pitches, four times over, each with eight harmonics and a decay, over a quiet held chord; 10.6 s."""
    times = np.arange(int((len(LINE) * LINE_STEP + 1) * rate)) / rate
    samples = np.zeros(len(times))
    for step, pitch in enumerate(LINE):
        if pitch:
            samples += 0.5 * _tone(times, step * LINE_STEP, LINE_STEP * (0.6 + 0.4 * (step % 3 == 0)), pitch)
    for pitch in (60, 63, 67) if chord else ():
        samples += 0.05 * _tone(times, 1.2, 6.0, pitch)
    return (0.6 * samples / np.abs(samples).max()).astype(np.float32)


def make_techno_loop(tempo: float, seconds: float, rate: int = 44100) -> NDArray[np.float32]:
    """Kick on each beat, clap on 2 and 4, open hat between, a crash on each bar line; the first beat at 0."""
    noise = np.random.Generator(np.random.PCG64(303)).standard_normal(rate)
    samples = np.zeros(int(seconds * rate) + rate)
    beat = 60 / tempo
    for k in range(int(seconds / beat)):
        _add(samples, k * beat, _kick(rate), rate)
        _add(samples, (k + 0.5) * beat, 0.25 * _burst(noise, rate, 0.04), rate)
        if k % 2:
            _add(samples, k * beat, 0.5 * _burst(noise, rate, 0.08), rate)
        if k % 4 == 0:
            _add(samples, k * beat, 0.4 * _burst(noise, rate, 0.5), rate)
    return (0.5 * samples[: int(seconds * rate)]).astype(np.float32)


def _tone(times: NDArray[np.float64], start: float, seconds: float, pitch: int) -> NDArray[np.float64]:
    local = times - start
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    shape = np.clip(local / 0.004, 0, 1) * np.clip((seconds - local) / 0.01, 0, 1) * np.exp(-2.5 * np.maximum(0, local))
    return shape * sum(np.sin(2 * np.pi * frequency * h * local) / h for h in range(1, 9))


def _kick(rate: int) -> NDArray[np.float64]:
    times = np.arange(int(0.25 * rate)) / rate
    return np.sin(2 * np.pi * (50 * times - 6 * np.exp(-times / 0.03))) * np.exp(-times / 0.08)


def _burst(noise: NDArray[np.float64], rate: int, seconds: float) -> NDArray[np.float64]:
    times = np.arange(int(3 * seconds * rate)) / rate
    return np.diff(noise[: len(times) + 1] if len(times) < rate else np.resize(noise, len(times) + 1)) * np.exp(
        -times / seconds
    )


def _add(samples: NDArray[np.float64], start: float, sound: NDArray[np.float64], rate: int) -> None:
    first = round(start * rate)
    room = samples[first : first + len(sound)]
    room += sound[: len(room)]
