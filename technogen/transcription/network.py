"""The network that judges which drum pieces start at each candidate, and how hard they were struck.

It is trained by `technogen.training.hearing` on mixes that the project makes itself; here it is numpy alone. Attention
is that of Vaswani et al., "Attention is all you need" (2017), with a learned bias for each pair in place of positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.snapshots import FULL, Bytes
from technogen.weights import load_arrays

Matrix = NDArray[np.float32]
Steps = NDArray[np.int64]

PIECES = (36, 38, 39, 37, 42, 46, 43, 47, 50, 49, 51, 56, 63, 70, 75)
"""What is judged, as General MIDI notes, in the order of the network's outputs."""
STEP_REACH, INDEX_REACH = 32, 16
"""How many 16ths, and how many candidates, apart two candidates are told apart by."""
NO_STEP = -(2**31)
"""The 16th of a candidate where nothing keeps time."""
WINDOW = 128
"""How many candidates are compared with each other at once."""
CHECKPOINT, KIND = "ear", "ear"
_HEAD = 32  # the width of a head of attention
_KERNEL = 5
_LOOKED = 256  # candidates looked at together
_TINY = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The weights, by the names that `technogen.training.ear_network` gives them.

    Attributes:
        weights: float32 arrays.
    """

    weights: Mapping[str, Matrix]

    def judge(self, snapshots: Bytes, steps: Steps) -> tuple[Matrix, Matrix]:
        """Judge the candidates of a recording.

        Args:
            snapshots: From `take_snapshots`, (n, MOMENTS, BANDS).
            steps: The 16th of each, counted from anywhere, or `NO_STEP`, (n,).

        Returns:
            The logarithm of the odds that each of `PIECES` starts, and its velocity in 0..1, each (n, len(PIECES)).
        """
        looked = [self._look(snapshots[at : at + _LOOKED]) for at in range(0, len(snapshots), _LOOKED)]
        seen = np.concatenate([np.zeros((0, self.weights["embed.bias"].size), np.float32), *looked])
        out, total = np.zeros((2, len(seen), len(PIECES)), np.float32), np.zeros((len(seen), 1), np.float32)
        for at in range(0, max(min(1, len(seen)), len(seen) - WINDOW // 2), WINDOW // 2):
            part = slice(at, at + WINDOW)
            rows = self._compare(seen[part], steps[part])
            trust = np.minimum(np.arange(1, len(rows) + 1), np.arange(len(rows), 0, -1))[:, None].astype(np.float32)
            out[0, part] += trust * self._linear("odds", rows)
            out[1, part] += trust / (1 + np.exp(-self._linear("loudness", rows)))
            total[part] += trust
        return out[0] / np.maximum(total, _TINY), out[1] / np.maximum(total, _TINY)

    def _look(self, snapshots: Bytes) -> Matrix:
        """A vector of each candidate alone, (n, width)."""
        x = snapshots.astype(np.float32) / np.float32(FULL)
        x = _halve(_rectify(self._convolve("first", x) + self.weights["place"]))
        x = _halve(_rectify(self._convolve("second", x)))
        return self._linear("embed", x.reshape(len(x), -1))

    def _convolve(self, name: str, x: Matrix) -> Matrix:
        """Along the last axis, silence around it, (n, channels, bands)."""
        weight = self.weights[f"{name}.weight"]
        padded = np.pad(x, ((0, 0), (0, 0), (_KERNEL // 2, _KERNEL // 2)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, _KERNEL, axis=2)  # (n, channels, bands, kernel)
        flat = windows.transpose(0, 2, 1, 3).reshape(-1, weight.shape[1] * _KERNEL)
        out = flat @ weight.reshape(len(weight), -1).T + self.weights[f"{name}.bias"]
        return np.asarray(out.reshape(len(x), x.shape[2], len(weight)).transpose(0, 2, 1))

    def _compare(self, rows: Matrix, steps: Steps) -> Matrix:
        """The candidates beside each other, (n, width)."""
        places = _pair_places(steps)
        layer = 0
        while f"layers.{layer}.asked.weight" in self.weights:
            rows = self._attend(f"layers.{layer}", rows, places)
            layer += 1
        return self._norm("norm", rows)

    def _attend(self, name: str, rows: Matrix, places: tuple[Steps, Steps, Steps]) -> Matrix:
        count, width = rows.shape
        asked = self._linear(f"{name}.asked", self._norm(f"{name}.before", rows))
        q, k, v = asked.reshape(count, 3, width // _HEAD, _HEAD).transpose(1, 2, 0, 3)
        tables = [self.weights[f"{name}.{table}"] for table in ("by_step", "by_place", "by_number")]
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(_HEAD))
        for table, place in zip(tables, places):
            scores += table[:, place]
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        mixed = (scores / scores.sum(axis=2, keepdims=True)) @ v
        rows = rows + self._linear(f"{name}.joined", mixed.transpose(1, 0, 2).reshape(count, width))
        inner = _rectify(self._linear(f"{name}.wider", self._norm(f"{name}.between", rows)))
        return rows + self._linear(f"{name}.narrower", inner)

    def _linear(self, name: str, x: Matrix) -> Matrix:
        return np.asarray(x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"])

    def _norm(self, name: str, x: Matrix) -> Matrix:
        x = x - x.mean(axis=1, keepdims=True)
        scale = np.sqrt((x**2).mean(axis=1, keepdims=True) + np.float32(_TINY))
        return np.asarray(x / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"])


def _rectify(x: Matrix) -> Matrix:
    return np.asarray(np.maximum(x, np.float32(0)))


def _halve(x: Matrix) -> Matrix:
    """The larger of each two bands; an odd last one is dropped."""
    even = x.shape[2] // 2 * 2
    return np.maximum(x[:, :, 0:even:2], x[:, :, 1:even:2])


def _pair_places(steps: Steps) -> tuple[Steps, Steps, Steps]:
    """Where each pair stands in the tables of bias, (n, n) each: by 16ths, by place in the bar, by number."""
    apart = steps[None, :] - steps[:, None]
    bare = (steps == NO_STEP)[None, :] | (steps == NO_STEP)[:, None]
    by_step = np.where(bare, 2 * STEP_REACH + 1, np.clip(apart, -STEP_REACH, STEP_REACH) + STEP_REACH)
    number = np.arange(len(steps))
    by_number = np.clip(number[None, :] - number[:, None], -INDEX_REACH, INDEX_REACH) + INDEX_REACH
    return by_step, np.where(bare, 16, apart % 16), by_number


def load_network(checkpoint: str = CHECKPOINT) -> Network:
    """Read the network from a checkpoint: a file, or a name in the package.

    Raises:
        MissingFileError: If there is no such file or name.
        WeightsError: If it holds no ear, or is damaged.
    """
    return Network({name: a.astype(np.float32) for name, a in load_arrays(checkpoint, kind=KIND).items()})
