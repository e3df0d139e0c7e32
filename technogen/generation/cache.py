"""The keys and values of the last tokens of one stream or of several takes, in constant memory."""

from __future__ import annotations

import torch
from torch import Tensor


class RingCache:
    """Keys and values of the last `window` tokens of every layer.

    Each is written twice, `window` places apart, so that the last `window` of them always lie side by side, in order,
    and are read as a view. Since distances alone count, forgetting the oldest needs no other change.

    Attributes:
        length: How many tokens were written so far; those before the last `window` are gone.
    """

    def __init__(self, layers: int, shape: tuple[int, int, int], window: int, like: Tensor) -> None:
        """Args: the number of layers; (b, h, w); tokens to remember; a tensor whose type and device to share."""
        b, h, w = shape
        self.window = window
        self.length = 0
        self._store = like.new_zeros(layers, 2, b, h, 2 * window, w)

    def write(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Put the key and value, (b, h, w), of the token at `length`; give back all that it sees, (b, h, t, w)."""
        slot = self.length % self.window
        store = self._store[layer]
        for place in (slot, slot + self.window):
            store[0, :, :, place] = key
            store[1, :, :, place] = value
        end = slot + 1 + (self.window if self.length >= self.window else 0)
        first = end - min(self.length + 1, self.window)
        return store[0, :, :, first:end], store[1, :, :, first:end]

    def fill(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Put the keys and values, (b, h, t, w), of the first t tokens, t being at most `window`."""
        t = keys.shape[2]
        for first in (0, self.window):
            self._store[layer, 0, :, :, first : first + t] = keys
            self._store[layer, 1, :, :, first : first + t] = values

    def advance(self, tokens: int = 1) -> None:
        """Count tokens as written, once every layer has them."""
        self.length += tokens

    @property
    def bytes(self) -> int:
        """The memory it holds, whatever was written."""
        return torch.numel(self._store) * self._store.element_size()
