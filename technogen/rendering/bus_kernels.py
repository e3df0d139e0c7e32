"""Loops over single samples of the whole mix: weighting, compressor, clipper, true peaks and limiter, compiled.

Stereo is (n, 2) float32, and all of it is changed in place. What must be remembered until the next block is in the
`state` arrays.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.compiling import compiled

Array = NDArray[np.float64]
Sound = NDArray[np.float32]

GAIN_STEP = 8
"""The compressor finds its gain anew every so many samples."""
_SILENT = 1e-20


@compiled
def filter_stereo(samples: Sound, sections: Array, state: Array) -> None:
    """Second-order filters one after the other.

    Args:
        samples: (n, 2).
        sections: (s, 5): b0, b1, b2, a1, a2 of each.
        state: (s, 4), zeros at first.
    """
    for s in range(len(sections)):
        b0, b1, b2, a1, a2 = sections[s, 0], sections[s, 1], sections[s, 2], sections[s, 3], sections[s, 4]
        l1, l2, r1, r2 = state[s, 0], state[s, 1], state[s, 2], state[s, 3]
        for n in range(len(samples)):
            x, y = samples[n, 0], samples[n, 1]
            left, right = b0 * x + l1, b0 * y + r1
            l1, l2 = b1 * x - a1 * left + l2, b2 * x - a2 * left
            r1, r2 = b1 * y - a1 * right + r2, b2 * y - a2 * right
            samples[n, 0], samples[n, 1] = left, right
        state[s, 0], state[s, 1], state[s, 2], state[s, 3] = l1, l2, r1, r2
        for k in range(4):  # numbers too small for the processor would make it slow
            if abs(state[s, k]) < _SILENT:
                state[s, k] = 0.0


@compiled
def narrow_lows(samples: Sound, section: Array, state: Array) -> None:
    """High-pass the difference of the channels: below that, they become the same.

    Args:
        samples: (n, 2).
        section: b0, b1, b2, a1, a2 of the high-pass.
        state: (2,), zeros at first.
    """
    b0, b1, b2, a1, a2 = section[0], section[1], section[2], section[3], section[4]
    s1, s2 = state[0], state[1]
    for n in range(len(samples)):
        middle, x = 0.5 * (samples[n, 0] + samples[n, 1]), 0.5 * (samples[n, 0] - samples[n, 1])
        side = b0 * x + s1
        s1, s2 = b1 * x - a1 * side + s2, b2 * x - a2 * side
        samples[n, 0], samples[n, 1] = middle + side, middle - side
    state[0] = s1 if abs(s1) > _SILENT else 0.0
    state[1] = s2 if abs(s2) > _SILENT else 0.0


@compiled
def weigh(samples: Sound, sections: Array, state: Array, chunk: int, energies: Array) -> None:
    """The energy of each chunk, both channels together, after two second-order filters.

    Args:
        samples: (n, 2); stays as it is.
        sections: (2, 5), see `filter_stereo`.
        state: (2, 4), zeros at first.
        chunk: Samples a chunk.
        energies: One for each chunk begun, written to.
    """
    b0, b1, b2, a1, a2 = sections[0, 0], sections[0, 1], sections[0, 2], sections[0, 3], sections[0, 4]
    c0, c1, c2, d1, d2 = sections[1, 0], sections[1, 1], sections[1, 2], sections[1, 3], sections[1, 4]
    l1, l2, r1, r2 = state[0, 0], state[0, 1], state[0, 2], state[0, 3]
    p1, p2, q1, q2 = state[1, 0], state[1, 1], state[1, 2], state[1, 3]
    for k in range(len(energies)):
        total = 0.0
        for n in range(k * chunk, min(len(samples), (k + 1) * chunk)):
            x, y = samples[n, 0], samples[n, 1]
            left, right = b0 * x + l1, b0 * y + r1
            l1, l2 = b1 * x - a1 * left + l2, b2 * x - a2 * left
            r1, r2 = b1 * y - a1 * right + r2, b2 * y - a2 * right
            one, two = c0 * left + p1, c0 * right + q1
            p1, p2 = c1 * left - d1 * one + p2, c2 * left - d2 * one
            q1, q2 = c1 * right - d1 * two + q2, c2 * right - d2 * two
            total += one * one + two * two
        energies[k] = total
        if total < _SILENT:
            l1, l2, r1, r2 = 0.0, 0.0, 0.0, 0.0
            p1, p2, q1, q2 = 0.0, 0.0, 0.0, 0.0
    state[0, 0], state[0, 1], state[0, 2], state[0, 3] = l1, l2, r1, r2
    state[1, 0], state[1, 1], state[1, 2], state[1, 3] = p1, p2, q1, q2


@compiled
def compress(samples: Sound, rates: Array, threshold: float, ratio: float, state: Array) -> None:
    """Turn loud passages down, both channels alike.

    Args:
        samples: (n, 2).
        rates: Attack and release, as the share of the way that the level goes in a sample.
        threshold: The level from which on it works.
        ratio: By how much less the level rises above it.
        state: (4,): the level, the gain, its step, and how many samples until it is found anew; 0, 1, 0, 0 at first.
    """
    level, gain, step, left = state[0], state[1], state[2], int(state[3])
    power = 1.0 / ratio - 1.0
    for n in range(len(samples)):
        x = max(abs(samples[n, 0]), abs(samples[n, 1]))
        level += (x - level) * (rates[0] if x > level else rates[1])
        if left == 0:
            goal = math.exp(power * math.log(level / threshold)) if level > threshold else 1.0
            step = (goal - gain) / GAIN_STEP
            left = GAIN_STEP
        left -= 1
        gain += step
        samples[n, 0] *= gain
        samples[n, 1] *= gain
    state[0], state[1], state[2], state[3] = level if level > _SILENT else 0.0, gain, step, left


@compiled
def _bent(x: float, knee: float) -> float:
    """What a soft clipper takes away from a sample beyond its knee."""
    u = (abs(x) - knee) / (1.0 - knee)
    if u <= 0.0:
        return 0.0
    return math.copysign((1.0 - knee) * (u / math.sqrt(1.0 + u * u) - u), x)


@compiled
def _bent_area(x: float, knee: float) -> float:
    """The integral of that from 0 on."""
    u = (abs(x) - knee) / (1.0 - knee)
    if u <= 0.0:
        return 0.0
    return (1.0 - knee) ** 2 * (math.sqrt(1.0 + u * u) - 1.0 - 0.5 * u * u)


@compiled
def clip_softly(samples: Sound, gain: float, knee: float, state: Array) -> None:
    """Bend what lies beyond a knee towards 1; what is taken away is averaged between samples, against aliasing.

    Args:
        samples: (n, 2), multiplied by `gain` first.
        gain: The gain.
        knee: Up to here nothing changes.
        state: (2,): the last sample of each channel.
    """
    for channel in range(2):
        before = state[channel]
        for n in range(len(samples)):
            x = samples[n, channel] * gain
            y = x
            if max(abs(x), abs(before)) > knee:
                if abs(x - before) > 1e-4:
                    y += (_bent_area(x, knee) - _bent_area(before, knee)) / (x - before)
                else:
                    y += _bent(0.5 * (x + before), knee)
            samples[n, channel] = y
            before = x
        state[channel] = before


@compiled
def true_peaks(samples: Sound, phases: Sound, chunk: int, first: int, peaks: Sound) -> None:
    """The highest value in each chunk of both channels, between the samples too.

    Args:
        samples: (n, 2).
        phases: (p, t), t even: the interpolation filter of each place between two samples.
        chunk: Samples a chunk.
        first: The chunk to begin with.
        peaks: One for each chunk from there on, written to.
    """
    width, taps = 2 * chunk, phases.shape[1]
    lead = taps - 2
    near, line = np.zeros(width + 2 * taps, np.float32), np.zeros(width, np.float32)
    flat = samples.reshape(-1)
    for k in range(len(peaks)):
        start = (first + k) * width - lead
        for j in range(len(near)):
            near[j] = flat[start + j] if 0 <= start + j < len(flat) else 0.0
        highest = np.float32(0.0)
        for j in range(lead, lead + width):
            highest = max(highest, abs(near[j]))
        for p in range(len(phases)):
            line[:] = 0.0
            for t in range(taps):
                weight, part = phases[p, t], near[2 * t : 2 * t + width]
                for j in range(width):
                    line[j] += weight * part[j]
            for j in range(width):
                highest = max(highest, abs(line[j]))
        peaks[k] = highest


@compiled
def recover(gains: Array, share: float) -> None:
    """Let a gain fall at once and rise slowly."""
    held = 1.0
    for n in range(len(gains)):
        held = min(gains[n], held + (1.0 - held) * share)
        gains[n] = held


@compiled
def turn_down(samples: Sound, gains: Array, chunk: int) -> None:
    """Multiply by gains that are given in the middle of each chunk, and lie on straight lines in between.

    Args:
        samples: (n, 2).
        gains: One for each chunk.
        chunk: Samples a chunk, even.
    """
    half, last = chunk // 2, len(gains) - 1
    for k in range(len(gains)):
        for side in range(2):
            before, after = gains[max(0, k - 1 + side)], gains[min(last, k + side)]
            start = k * chunk + side * half
            for n in range(min(half, len(samples) - start)):
                gain = before + (after - before) * (n + 0.5 + half * (1 - side)) / chunk
                samples[start + n, 0] *= gain
                samples[start + n, 1] *= gain
