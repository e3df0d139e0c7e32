"""Loops over single samples of the effects: saturation, echo, and the filters that sections move, compiled.

Stereo is (n, 2) float32. What must be remembered until the next block is in the `state` arrays.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.compiling import compiled

Array = NDArray[np.float64]
Sound = NDArray[np.float32]

PRESENCE = 0.4
"""Pole of the filter that gives back the treble that averaging between samples takes."""
ACROSS = 0.3
"""How much of an echo is heard on the other side."""
_SILENT = 1e-20


@compiled
def saturate(samples: Sound, gain: float, level: float, state: Array) -> None:
    """Bend samples by x / sqrt(1 + x^2), in place.

    Each value is the mean of the curve between two samples, against aliasing: with F(x) = sqrt(1 + x^2) that is
    (F(x1) - F(x0)) / (x1 - x0) = (x1 + x0) / (F(x1) + F(x0)), which never divides by little.

    Args:
        samples: (n, 2).
        gain: Into the curve.
        level: Out of it.
        state: (6,): the last sample, its F and the last result of each channel; 0, 1, 0 at first.

    References:
        Parker, Zavalishin, Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time
        convolution", DAFx 2016.
    """
    for channel in range(2):
        before, area, held = state[3 * channel], state[3 * channel + 1], state[3 * channel + 2]
        for n in range(len(samples)):
            x = samples[n, channel] * gain
            here = math.sqrt(1.0 + x * x)
            mean = (x + before) / (here + area)
            held = (1.0 + PRESENCE) * mean - PRESENCE * held
            samples[n, channel] = level * held
            before, area = x, here
        state[3 * channel], state[3 * channel + 1] = before, area
        state[3 * channel + 2] = held if abs(held) > _SILENT else 0.0


@compiled
def repeat_echoes(send: Sound, lines: Sound, rates: Array, feedback: float, state: Array, wet: Sound) -> None:
    """Echoes that jump from left to right and back, each duller and thinner than the one before.

    Args:
        send: (n,).
        lines: (2, samples between two echoes): what is on its way.
        rates: Share of the way in a sample of the low-pass and of the high-pass that an echo goes through.
        feedback: Share of an echo that goes round again.
        state: (5,): both filters of both sides, and where in the lines the next sample is.
        wet: (n, 2), written to.
    """
    low, high = rates[0], rates[1]
    a1, a2, b1, b2, at = state[0], state[1], state[2], state[3], int(state[4])
    length = lines.shape[1]
    for n in range(len(send)):
        left, right = lines[0, at], lines[1, at]
        wet[n, 0], wet[n, 1] = left + ACROSS * right, right + ACROSS * left
        a1 += (send[n] + feedback * right - a1) * low
        a2 += (a1 - a2) * high
        b1 += (feedback * left - b1) * low
        b2 += (b1 - b2) * high
        lines[0, at], lines[1, at] = a1 - a2, b1 - b2
        at += 1
        if at == length:
            at = 0
    state[0], state[1], state[2], state[3], state[4] = a1, a2, b1, b2, at
    for k in range(4):
        if abs(state[k]) < _SILENT:
            state[k] = 0.0


@compiled
def sweep(samples: Sound, edges: Array, shares: Array, state: Array) -> None:
    """A moving high-pass of 12 dB an octave, in place.

    Args:
        samples: (n, 2).
        edges: (n,): where it cuts, as tan(pi f / rate).
        shares: (n,): how much of it is heard, 0..1.
        state: (4,), zeros at first.

    References:
        Zavalishin, "The Art of VA Filter Design": the trapezoidal state-variable filter.
    """
    for channel in range(2):
        s1, s2 = state[2 * channel], state[2 * channel + 1]
        for n in range(len(samples)):
            if shares[n] == 0.0:
                s1, s2 = 0.0, 0.0
                continue
            g, x = edges[n], samples[n, channel]
            high = (x - (math.sqrt(2.0) + g) * s1 - s2) / (1.0 + g * (math.sqrt(2.0) + g))
            band = g * high + s1
            low = g * band + s2
            s1, s2 = band + g * high, low + g * band
            samples[n, channel] = x + shares[n] * (high - x)
        state[2 * channel], state[2 * channel + 1] = s1, s2


@compiled
def darken(samples: Sound, share_a_sample: float, shares: Array, state: Array) -> None:
    """A low-pass of 6 dB an octave, in place.

    Args:
        samples: (n, 2).
        share_a_sample: Of the way that it goes in a sample.
        shares: (n,): how much of it is heard, 0..1.
        state: (2,), zeros at first.
    """
    for channel in range(2):
        low = state[channel]
        for n in range(len(samples)):
            x = samples[n, channel]
            low = x if shares[n] == 0.0 else low + (x - low) * share_a_sample
            samples[n, channel] = x + shares[n] * (low - x)
        state[channel] = low if abs(low) > _SILENT else 0.0
