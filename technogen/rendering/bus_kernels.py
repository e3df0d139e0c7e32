"""Loops over single samples of the mix: compressor and limiter, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.compiling import compiled

Array = NDArray[np.float64]
Sound = NDArray[np.float32]


@compiled
def compress(samples: Sound, rates: Array, threshold: float, ratio: float) -> None:
    """Turn loud passages down in place, both channels alike; `rates` are attack and release a sample."""
    level = 0.0
    for n in range(len(samples)):
        x = max(abs(samples[n, 0]), abs(samples[n, 1]))
        level += (x - level) * (rates[0] if x > level else rates[1])
        if level > threshold:
            gain = (level / threshold) ** (1.0 / ratio - 1.0)
            samples[n, 0] *= gain
            samples[n, 1] *= gain


@compiled
def true_peaks(samples: Sound, phases: Array, floor: float) -> Sound:
    """The highest value between each sample and the next, of both channels.

    Args:
        samples: (n, 2).
        phases: (p, t), t even: the interpolation filter of each place between two samples, the first (0) included.
        floor: Where the samples beside stay below 0.6 of it, the value of the sample alone is given.
    """
    n, taps = len(samples), phases.shape[1]
    before = taps // 2 - 1
    peaks = np.empty(n, np.float32)
    for i in range(n):
        peaks[i] = max(abs(samples[i, 0]), abs(samples[i, 1]))
    for channel in range(2):
        for i in range(before, n - taps + before):
            if max(abs(samples[i, channel]), abs(samples[i + 1, channel])) < 0.6 * floor:
                continue
            for p in range(1, len(phases)):
                total = 0.0
                for k in range(taps):
                    total += phases[p, k] * samples[i - before + k, channel]
                peaks[i] = max(peaks[i], abs(total))
    return peaks


@compiled
def recover(gains: Sound, share: float) -> None:
    """Let a gain fall at once and rise slowly, in place."""
    held = 1.0
    for n in range(len(gains)):
        held = min(gains[n], held + (1.0 - held) * share)
        gains[n] = held
