"""Filters and oversampling for single hits: Butterworth by its poles, since designing one must not outlast a hit."""

from __future__ import annotations

import cmath
import math

import numpy as np

from technogen.rendering.drum_sounds.strike import Wave

_TAPS = 10
_KAISER = 6.0


def band(wave: Wave, rate: int, low: float | None, high: float | None, order: int = 2) -> Wave:
    """Keep what lies between two frequencies; `None` leaves that side open.

    Args:
        wave: What is filtered.
        rate: Samples a second.
        low: High-pass in Hz.
        high: Low-pass in Hz; at the end of the band and beyond it is left out.
        order: Of the Butterworth filter to each side.
    """
    from scipy.signal import sosfilt  # noqa: PLC0415

    return np.asarray(sosfilt(butterworth(rate, low, high, order), wave))


def butterworth(rate: float, low: float | None, high: float | None, order: int) -> Wave:
    """A Butterworth filter as second-order sections, by the bilinear transform; the same as scipy's, made faster.

    Args:
        rate: Samples a second.
        low: High-pass in Hz, or none.
        high: Low-pass in Hz, or none.
        order: Poles to each side.

    Returns:
        (sections, 6), for `scipy.signal.sosfilt`.
    """
    top = 0.49 * rate
    if low is None:
        return _one_sided(math.tan(math.pi * min(high or top, top) / rate), order, high_pass=False)
    if high is None or high >= top:
        return _one_sided(math.tan(math.pi * min(low, 0.98 * top) / rate), order, high_pass=True)
    left, right = (math.tan(math.pi * f / rate) for f in (min(low, 0.9 * high), high))
    width, centre, sections = right - left, left * right, []
    for pole in _poles(order):
        root = cmath.sqrt((pole * width) ** 2 - 4 * centre)
        if abs(pole.imag) < 1e-9:  # its two images belong together
            sections.append(_section((0.0, width, 0.0), -(pole * width).real, centre))
        else:
            for image in ((pole * width + root) / 2, (pole * width - root) / 2):
                sections.append(_section((0.0, width, 0.0), -2 * image.real, abs(image) ** 2))
    return np.array(sections)


def _poles(order: int) -> list[complex]:
    """The poles of the low-pass at 1 that are not below the real axis."""
    return [cmath.exp(1j * math.pi * (0.5 + (k + 0.5) / order)) for k in range((order + 1) // 2)]


def _one_sided(edge: float, order: int, *, high_pass: bool) -> Wave:
    sections = []
    for pole in _poles(order):
        if abs(pole.imag) < 1e-9:
            top, bottom = (1.0, 0.0) if high_pass else (0.0, edge)
            scale = 1.0 + edge
            sections.append([(top + bottom) / scale, (bottom - top) / scale, 0.0, 1.0, (edge - 1.0) / scale, 0.0])
        else:
            above = (1.0, 0.0, 0.0) if high_pass else (0.0, 0.0, edge * edge)
            sections.append(_section(above, -2 * pole.real * edge, edge * edge))
    return np.array(sections)


def _section(above: tuple[float, float, float], middle: float, last: float) -> list[float]:
    """(above) / (s^2 + middle s + last) by s = (1 - 1/z) / (1 + 1/z)."""
    b2, b1, b0 = above
    scale = 1.0 + middle + last
    values = (b2 + b1 + b0, 2 * (b0 - b2), b2 - b1 + b0, scale, 2 * (last - 1.0), 1.0 - middle + last)
    return [value / scale for value in values]


def faster(wave: Wave, times: int) -> Wave:
    """The same at a multiple of its sample rate."""
    from scipy.signal import resample_poly  # noqa: PLC0415

    return np.asarray(resample_poly(wave, times, 1, window=_window(times)))


def slower(wave: Wave, times: int) -> Wave:
    """The same at a fraction of its sample rate, without what that rate cannot hold."""
    from scipy.signal import resample_poly  # noqa: PLC0415

    return np.asarray(resample_poly(wave, 1, times, window=_window(times)))


def clip(wave: Wave, gain: float, *, times: int = 4) -> Wave:
    """A soft clipper, so far above the sample rate that its overtones do not fold back audibly."""
    return slower(np.tanh(gain * faster(wave, times)), times)


def _window(times: int) -> Wave:
    place = np.arange(-_TAPS * times, _TAPS * times + 1)
    taps = np.sinc(place / times) * np.kaiser(len(place), _KAISER)
    return np.asarray(taps / taps.sum())
