"""How loud sound is to a listener, in LUFS, found in blocks: no second copy of the sound is made."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from technogen.audio.types import Audio, Samples

BLOCK_SECONDS = 0.4
"""The length of the blocks whose loudness is averaged, from the standard."""
OVERLAP = 4
"""A block begins at each quarter of the one before."""
_OFFSET, _ABSOLUTE_GATE, _RELATIVE_GATE = -0.691, -70.0, -10.0
_QUARTERS_AT_ONCE = 64

Array = NDArray[np.float64]


def measure_loudness(audio: Audio) -> float:
    """The integrated loudness in LUFS; minus infinity for silence.

    Sound shorter than the standard's block of 0.4 s is measured as one block.

    References:
        ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level".
    """
    block = min(BLOCK_SECONDS, audio.seconds)
    edges = block_edges(len(audio.samples), audio.sample_rate)
    energies = np.concatenate(list(_quarter_energies(audio.samples, edges, weighting_filters(audio.sample_rate))))
    return gate_loudness(energies, block * audio.sample_rate)


def block_edges(samples: int, sample_rate: float) -> NDArray[np.int64]:
    """Where the quarters of the measured blocks begin, and where the last ends."""
    block = min(BLOCK_SECONDS, samples / sample_rate)
    blocks = round((samples / sample_rate - block) / (block / OVERLAP)) + 1
    edges = (block * (np.arange(blocks + OVERLAP) / OVERLAP) * sample_rate + 1e-6).astype(np.int64)
    return np.minimum(edges, samples)


def gate_loudness(energies: Array, block: float) -> float:
    """The loudness by the energies of weighted sound between the edges of `block_edges`.

    Args:
        energies: The sums of squares of all channels in each quarter of a block.
        block: Samples a block.
    """
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    return gate_powers(np.maximum(sums[OVERLAP:] - sums[:-OVERLAP], 0) / block)


def gate_powers(powers: Array) -> float:
    """The loudness by the mean weighted powers of overlapping blocks, those far below the others left out."""
    loud = powers[powers >= 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)]
    if not len(loud):
        return -math.inf
    loud = loud[loud > 10 ** (_RELATIVE_GATE / 10) * loud.mean()]
    return _OFFSET + 10 * math.log10(float(loud.mean()))


def weighting_filters(sample_rate: float) -> Array:
    """The standard's two filters, which weigh frequencies as the head and the ear do, as sections (2, 6)."""
    import pyloudnorm  # noqa: PLC0415

    filters = pyloudnorm.Meter(sample_rate)._filters.values()
    return np.array([[*(f.passband_gain * f.b), *f.a] for f in filters])


def _quarter_energies(samples: Samples, edges: NDArray[np.int64], sections: Array) -> Iterator[Array]:
    from scipy.signal import sosfilt  # noqa: PLC0415

    channels = 1 if samples.ndim == 1 else 2
    state = np.zeros((len(sections), channels, 2))
    for first in range(0, len(edges) - 1, _QUARTERS_AT_ONCE):
        part = edges[first : first + _QUARTERS_AT_ONCE + 1]
        sound = samples[part[0] : part[-1]].reshape(-1, channels).T.astype(np.float64)
        weighted, state = sosfilt(sections, sound, zi=state)
        squares = np.concatenate([(weighted**2).sum(axis=0), [0.0]])
        yield np.where(np.diff(part) > 0, np.add.reduceat(squares, part[:-1] - part[0]), 0.0)
