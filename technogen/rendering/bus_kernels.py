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
        state: (1,): the level, 0 at first.
    """
    level, power = state[0], 1.0 / ratio - 1.0
    for n in range(len(samples)):
        x = max(abs(samples[n, 0]), abs(samples[n, 1]))
        level += (x - level) * (rates[0] if x > level else rates[1])
        if level > threshold:
            gain = math.exp(power * math.log(level / threshold))
            samples[n, 0] *= gain
            samples[n, 1] *= gain
    state[0] = level if level > _SILENT else 0.0


@compiled
def _bent(x: float, knee: float) -> float:
    """What a soft clipper takes away from a sample beyond its knee."""
    u = (abs(x) - knee) / (1.0 - knee)
    if u <= 0.0:
        return 0.0
    taken = (1.0 - knee) * (u / math.sqrt(1.0 + u * u) - u)
    return taken if x > 0.0 else -taken


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
def _find_peaks(samples: Sound, phases: Sound, at: int, near: Sound, line: Sound, high: Sound) -> None:
    """The highest value of both channels from each sample of a chunk up to the next, into `high`, (chunk,)."""
    taps, width = phases.shape[1], len(line)
    flat, start = samples.reshape(-1), 2 * at - taps + 2
    for j in range(len(near)):
        near[j] = flat[start + j] if 0 <= start + j < len(flat) else 0.0
    high[:] = 0.0
    for p in range(len(phases)):
        line[:] = 0.0
        for t in range(taps):
            weight, part = phases[p, t], near[2 * t : 2 * t + width]
            for j in range(width):
                line[j] += weight * part[j]
        for j in range(len(high)):
            high[j] = max(high[j], abs(line[2 * j]), abs(line[2 * j + 1]))


@compiled
def true_peaks(samples: Sound, phases: Sound, chunk: int, first: int, peaks: Sound) -> None:
    """The highest value in each chunk of both channels, between the samples too.

    Args:
        samples: (n, 2).
        phases: (p, t), t even: the interpolation filter of each place from a sample up to the next.
        chunk: Samples a chunk.
        first: The chunk to begin with.
        peaks: One for each chunk from there on, written to.
    """
    near, line = np.zeros(2 * (chunk + phases.shape[1]), np.float32), np.zeros(2 * chunk, np.float32)
    high = np.zeros(chunk, np.float32)
    for k in range(len(peaks)):
        _find_peaks(samples, phases, (first + k) * chunk, near, line, high)
        peaks[k] = high.max()


@compiled
def recover(gains: Array, share: float) -> None:
    """Let a gain fall at once and rise slowly."""
    held = 1.0
    for n in range(len(gains)):
        held = min(gains[n], held + (1.0 - held) * share)
        gains[n] = held


@compiled
def limit(samples: Sound, peaks: Sound, phases: Sound, knobs: Array, reach: int) -> None:
    """Boost, and turn down smoothly ahead of each true peak that would pass the ceiling, up again slowly.

    The gain that a peak needs is spread `reach` samples to both sides (the lowest in a sliding window), let rise
    slowly, and averaged over as many samples: so it is never higher than what is needed, and has no corner.

    Args:
        samples: (n, 2), all there is.
        peaks: From `true_peaks`, of all chunks.
        phases: As there.
        knobs: The boost, the ceiling, the share of its way that the gain recovers in a sample, and samples a chunk.
        reach: Samples.
    """
    boost, ceiling, share = knobs[0], knobs[1], knobs[2]
    chunk, width = int(knobs[3]), 2 * reach + 1
    near, line = np.zeros(2 * (chunk + phases.shape[1]), np.float32), np.zeros(2 * chunk, np.float32)
    high = np.zeros(chunk, np.float32)
    mask = 1
    while mask < width:
        mask = 2 * mask + 1
    places, lows = np.zeros(mask + 1, np.int64), np.ones(mask + 1)  # a queue of ever higher gains
    front, back = 0, 0
    past, total, held = np.ones(mask + 1), float(width), 1.0
    for k in range(len(peaks) + (2 * reach) // chunk + 1):
        hot = k < len(peaks) and peaks[k] * boost > ceiling
        if hot:
            _find_peaks(samples, phases, k * chunk, near, line, high)
        for i in range(k * chunk, (k + 1) * chunk):
            need = min(1.0, ceiling / max(boost * high[i - k * chunk], 1e-9)) if hot else 1.0
            while back != front and lows[(back - 1) & mask] >= need:
                back -= 1
            lows[back & mask], places[back & mask] = need, i
            back += 1
            if places[front & mask] < i - 2 * reach:
                front += 1
            held = min(lows[front & mask], held + (1.0 - held) * share)
            total += held - past[(i - width) & mask]
            past[i & mask] = held
            if 0 <= i - 2 * reach < len(samples):
                gain = boost / width * total
                samples[i - 2 * reach, 0] *= gain
                samples[i - 2 * reach, 1] *= gain
