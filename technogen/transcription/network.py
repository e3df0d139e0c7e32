"""A small network that judges which drum pieces start at each onset, from the onset's sound and what explains it.

It is trained by `technogen.training.hearing` on mixes that the project makes itself; here it is numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.activations import Activations, emphasis
from technogen.transcription.features import BANDS
from technogen.transcription.patches import SEGMENTS, Patches
from technogen.transcription.templates import OTHER
from technogen.weights import load_arrays

Matrix = NDArray[np.float64]

PIECES = (36, 38, 39, 37, 42, 46, 43, 47, 50, 49, 51, 56, 63, 70, 75)
"""What is judged, as General MIDI notes, in the order of the network's outputs."""
INPUTS = (SEGMENTS + 1) * BANDS + 2 * (1 + len(PIECES)) + SEGMENTS
CHECKPOINT, KIND = "ear", "ear"
_SOURCES = (OTHER, *PIECES)  # what explains onsets
_GAIN = 3000.0  # a loud onset adds up to this over all bands and segments before the logarithm
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Layers of a perceptron with rectifiers between them.

    Attributes:
        mean, scale: What is taken from the inputs, and what they are then divided by, (INPUTS,).
        weights: Of each layer, (outputs, inputs).
        biases: Of each layer, (outputs,).
    """

    mean: Matrix
    scale: Matrix
    weights: tuple[Matrix, ...]
    biases: tuple[Matrix, ...]

    def judge(self, inputs: Matrix) -> Matrix:
        """The logarithm of the odds that each of `PIECES` starts, (n, len(PIECES)), from `describe_onsets`."""
        values = (inputs - self.mean) / self.scale
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            values = (np.maximum(values, 0) if i else values) @ weight.T + bias
        return np.asarray(values)


def load_network(checkpoint: str = CHECKPOINT) -> Network:
    """Read the network from a checkpoint: a file, or a name in the package.

    Raises:
        MissingFileError: If there is no such file or name.
        WeightsError: If it holds no ear, or is damaged.
    """
    tensors = {name: array.astype(np.float64) for name, array in load_arrays(checkpoint, kind=KIND).items()}
    layers = range(sum(name.startswith("weight") for name in tensors))
    return Network(
        mean=tensors["mean"],
        scale=tensors["scale"],
        weights=tuple(tensors[f"weight{i}"] for i in layers),
        biases=tuple(tensors[f"bias{i}"] for i in layers),
    )


def describe_onsets(patches: Patches, activations: Activations) -> Matrix:
    """What the network is told of each onset, (n, INPUTS).

    That is its sound and the sound before it, relative to the recording's loud onsets; the levels and shares of the
    pieces that explain it; and how long it could be heard.
    """
    weights = emphasis()
    sound, before = patches.values * weights, patches.before * weights[:BANDS]
    loudness = np.sort((sound * patches.heard).sum(axis=1))
    gain = _GAIN / (loudness[-max(1, len(loudness) // 10) :].mean() + _TINY) if len(loudness) else 0.0
    levels = np.stack([activations.piece(pitch) for pitch in _SOURCES], axis=1)
    shares = levels / (activations.levels.sum(axis=1, keepdims=True) + 1e-9)
    heard = patches.heard.reshape(-1, SEGMENTS, BANDS)[:, :, 0]
    return np.concatenate([np.log1p(gain * sound), np.log1p(gain * before), np.log1p(levels), shares, heard], axis=1)
