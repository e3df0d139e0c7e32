"""From the mix to what is heard: bus compression, soft clipping, loudness in LUFS, true-peak limiting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio, measure_loudness
from technogen.rendering import bus_kernels as kernels
from technogen.rendering.options import Mix

Wave = NDArray[np.float32]

_THRESHOLD_ABOVE_TARGET = 6.0
_ATTACK, _RELEASE = 0.008, 0.12
_KNEE = 0.6
_LOOK_AHEAD, _LIMITER_RELEASE = 0.0015, 0.08
_MARGIN = 0.12  # dB, for meters that interpolate otherwise than ours
_MOST_GAIN = 30.0
_CLOSE_ENOUGH = 0.05


def master_mix(wave: Wave, sample_rate: int, mix: Mix, kept: slice) -> Wave:
    """Bring a mix to its loudness and below its ceiling.

    Args:
        wave: (samples, 2); not kept.
        sample_rate: Samples a second.
        mix: Compression, loudness and ceiling.
        kept: The part whose loudness counts; what lies around it is heard by the compressor only.

    Returns:
        The kept part, (samples, 2). Where almost nothing sounds, the loudness that was asked for may be out of reach.
    """
    if float(np.abs(wave[kept]).max(initial=0.0)) < 1e-7:
        return np.zeros_like(wave[kept])
    wave *= 10 ** (_missing(wave[kept], sample_rate, mix) / 20)
    target = -14.0 if mix.loudness is None else mix.loudness
    if mix.compression > 1:
        rates = -np.expm1(-1 / (np.array([_ATTACK, _RELEASE]) * sample_rate))
        kernels.compress(wave, rates, 10 ** ((target + _THRESHOLD_ABOVE_TARGET) / 20), mix.compression)
    _clip_softly(wave)
    ceiling = 10 ** ((mix.ceiling - _MARGIN) / 20)
    gain = 0.0
    for _ in range(6):
        limited = _limit(wave, 10 ** (gain / 20), ceiling, sample_rate)[kept]
        missing = _missing(limited, sample_rate, mix)
        if abs(missing) < _CLOSE_ENOUGH or gain >= _MOST_GAIN:
            break
        gain = min(gain + missing, _MOST_GAIN)
    highest = float(kernels.true_peaks(limited, _interpolation(), ceiling).max())
    return np.asarray(limited * np.float32(min(1.0, ceiling / highest)))


def _missing(wave: Wave, sample_rate: int, mix: Mix) -> float:
    """The gain in dB that brings this to its loudness, as far as it has one."""
    if mix.loudness is None:
        return 0.0
    loudness = measure_loudness(Audio(wave, sample_rate))
    return float(np.clip(mix.loudness - loudness, -60, 40)) if np.isfinite(loudness) else 0.0


def _clip_softly(wave: Wave) -> None:
    loud = np.abs(wave) > _KNEE
    over = wave[loud]
    wave[loud] = np.sign(over) * (_KNEE + (1 - _KNEE) * np.tanh((np.abs(over) - _KNEE) / (1 - _KNEE)))


def _limit(wave: Wave, boost: float, ceiling: float, sample_rate: int) -> Wave:
    """Boosted, and turned down smoothly ahead of each peak that would pass the ceiling, up again slowly."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d  # noqa: PLC0415

    peaks = kernels.true_peaks(wave, _interpolation(), ceiling / boost) * np.float32(boost)
    if float(peaks.max()) <= ceiling:
        return np.asarray(wave * np.float32(boost))
    window = 2 * max(1, int(_LOOK_AHEAD * sample_rate)) + 1
    gains = minimum_filter1d(np.float32(ceiling) / np.maximum(peaks, np.float32(ceiling)), window + 2, mode="nearest")
    kernels.recover(gains, -np.expm1(-1 / (_LIMITER_RELEASE * sample_rate)))
    return np.asarray(wave * (np.float32(boost) * uniform_filter1d(gains, window, mode="nearest"))[:, None])


def _interpolation() -> NDArray[np.float64]:
    """Windowed sincs for four places between two samples, (4, 24)."""
    places = np.arange(-11, 13)[None, :] - np.arange(4)[:, None] / 4
    return np.asarray(np.sinc(places) * np.cos(np.pi * places / 26) ** 2)
