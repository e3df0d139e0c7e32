"""Taking echoes out of a recording: what sounds again a few steps later, softer, in the waveform of its first time.

A delay repeats the waveform itself, always as loud, and so also where the line rests. For each frequency the
coefficient is sought that leaves the quiet moments quietest; a note that is played again leaves them as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from scipy.signal import oaconvolve

Signal = NDArray[np.float64]
Spectra = NDArray[np.complex128]

WINDOW = 256
HOP = 128
LAGS = (2, 3, 4, 6)  # sixteenths
LOWEST_HERTZ = 200.0  # echoes have no lows; kicks have
LOUDEST_ECHO = 0.5
MOST_ECHOES = 2  # of different lags: an echo's echo has another level
ROUNDS = 6
FLOOR = 1e-3  # of the mean power: what is quieter counts as silence
LEAST_GAIN = 0.15  # nats that an echo must explain of a frame and bin in which it would be loud
TINY = 1e-12


def remove_echo(signal: Signal, sample_rate: int, *, step_seconds: float) -> Signal:
    """Subtract the echoes that explain most of the quiet moments, if there are any.

    Args:
        signal: Mono, (n,).
        sample_rate: Samples a second.
        step_seconds: The length of a sixteenth: delays are set to some of them.

    Returns:
        What is left, (n,); the signal itself if it has no echo.
    """
    for _ in range(MOST_ECHOES):
        dry = _remove_clearest(signal, sample_rate, step_seconds)
        if dry is signal:
            break
        signal = dry
    return signal


def _remove_clearest(signal: Signal, sample_rate: int, step_seconds: float) -> Signal:
    lags = [lag * step_seconds * sample_rate for lag in LAGS]
    now = _analyse(signal)
    found = [_fit_echo(now, _analyse(_delay(signal, lag)), sample_rate) for lag in lags]
    best = int(np.argmax([gain for gain, _ in found]))
    gain, response = found[best]
    return signal if gain < LEAST_GAIN else signal - _filter(_delay(signal, lags[best]), response)


def _fit_echo(now: Spectra, before: Spectra, sample_rate: int) -> tuple[float, Spectra]:
    """How much quieter a recording gets by taking out an echo, in nats, and the echo's response, (bins,)."""
    power, earlier, shared = _power(now), _power(before), now * before.conj()
    floor = FLOOR * power.mean(axis=0) + TINY
    pair = (np.ascontiguousarray(shared.real), np.ascontiguousarray(shared.imag))
    response = np.zeros(now.shape[1], dtype=np.complex128)
    for _ in range(ROUNDS):
        weight = 1 / (_left(power, earlier, pair, response) + floor)
        real, imag, loud = (np.einsum("tf,tf->f", weight, part) for part in (*pair, earlier))
        response = (real + 1j * imag) / (loud + TINY)
        response *= np.minimum(1, LOUDEST_ECHO / (np.abs(response) + TINY))
    response[: int(LOWEST_HERTZ * WINDOW / sample_rate) + 1] = 0
    audible = earlier * (np.abs(response) > 0) > power.mean(axis=0)
    if not audible.any():
        return 0.0, response
    gain = np.log((power + floor)[audible]) - np.log((_left(power, earlier, pair, response) + floor)[audible])
    return float(gain.mean()), response


def _left(power: Signal, earlier: Signal, shared: tuple[Signal, Signal], response: Spectra) -> Signal:
    """The power that is left when the echo is taken out, from the powers of both and their cross spectrum."""
    left = earlier * _power(response)
    left += power
    left -= shared[0] * (2 * response.real)
    left -= shared[1] * (2 * response.imag)
    return np.maximum(left, 0.0, out=left)


def _delay(signal: Signal, samples: float) -> Signal:
    """The signal later by a number of samples that need not be whole."""
    size = next_fast_len(len(signal) + int(samples) + WINDOW, real=True)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * samples)
    return np.asarray(np.fft.irfft(np.fft.rfft(signal, size) * turn, size)[: len(signal)])


def _analyse(signal: Signal) -> Spectra:
    count = max(1, (len(signal) - WINDOW) // HOP)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(signal, (0, WINDOW)), WINDOW)[::HOP][:count]
    return np.asarray(np.fft.rfft(frames * np.hanning(WINDOW)))


def _filter(signal: Signal, response: Spectra) -> Signal:
    kernel = np.fft.fftshift(np.fft.irfft(response, WINDOW)) * np.hanning(WINDOW)
    return np.asarray(oaconvolve(signal, kernel)[WINDOW // 2 : WINDOW // 2 + len(signal)])


def _power(spectra: Spectra) -> Signal:
    return np.asarray(spectra.real**2 + spectra.imag**2)
