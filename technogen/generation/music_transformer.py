"""A decoder-only Transformer with relative attention (Huang et al., "Music Transformer", ICLR 2019).

It knows no music: whole numbers below `vocabulary` go in, scores of the next number come out. There are no absolute
positions, so a stream may go on for ever. Sizes: b batch, t tokens, d width, h heads, w = d / h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from technogen.errors import GenerationError
from technogen.generation.attention import Kernel, attend_skewed, attend_step
from technogen.generation.cache import RingCache


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The size of a `MusicTransformer`.

    Attributes:
        vocabulary: How many different tokens there are.
        width: Of each token's vector; a multiple of `heads`.
        layers, heads: Of the network.
        feedforward: Width of the inner layer.
        window: How many tokens a token sees, itself included.
        distances: How many distances the table holds; larger ones count as the largest.
        dropout: 0..1, in training.
    """

    vocabulary: int
    width: int = 192
    layers: int = 4
    heads: int = 4
    feedforward: int = 768
    window: int = 512
    distances: int = 512
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name in ("vocabulary", "width", "layers", "heads", "feedforward", "window", "distances"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise GenerationError(f"model {name} must be a whole number above 0, got {value!r}")
        if self.width % self.heads:
            raise GenerationError(f"model width must be a multiple of its {self.heads} heads, got {self.width}")
        if not 0 <= self.dropout < 1:
            raise GenerationError(f"model dropout must be in 0..1, got {self.dropout!r}")


class MusicTransformer(nn.Module):
    """Scores of the next token, from all tokens before: `forward` for many at once, `step` for one more."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.apply(_initialise)

    def forward(self, ids: Tensor, *, kernel: Kernel = attend_skewed) -> Tensor:
        """Logits (b, t, vocabulary) of the token after each of `ids`, (b, t)."""
        x = self.dropout(self.embedding(ids))  # (b, t, d)
        for layer in self.layers:
            x, _ = layer(x, kernel)
        return self._project(x)

    @torch.inference_mode()
    def prefill(self, ids: Tensor) -> tuple[Tensor, RingCache]:
        """Logits (b, vocabulary) after the last of `ids`, (b, t), and the cache to go on with.

        Raises:
            GenerationError: If there are no ids, or more than the window holds.
        """
        if not 1 <= ids.shape[1] <= self.config.window:
            raise GenerationError(f"a start must have 1..{self.config.window} tokens, got {ids.shape[1]}")
        cache = self.new_cache(ids.shape[0])
        x = self.embedding(ids)
        for index, layer in enumerate(self.layers):
            x, (keys, values) = layer(x, attend_skewed)
            cache.fill(index, keys, values)
        cache.advance(ids.shape[1])
        return self._project(x[:, -1]), cache

    @torch.inference_mode()
    def step(self, ids: Tensor, cache: RingCache) -> Tensor:
        """Logits (b, vocabulary) after one more token for each stream, `ids` (b,), which the cache takes in."""
        x = self.embedding(ids)  # (b, d)
        for index, layer in enumerate(self.layers):
            x = cast("Layer", layer).step(x, cache, index)
        cache.advance()
        return self._project(x)

    def new_cache(self, takes: int) -> RingCache:
        """An empty cache for a number of parallel streams."""
        config = self.config
        shape = (takes, config.heads, config.width // config.heads)
        return RingCache(config.layers, shape, config.window, self.embedding.weight.detach())

    def _project(self, x: Tensor) -> Tensor:
        return functional.linear(self.norm(x), self.embedding.weight)


class Layer(nn.Module):
    """Attention and feed-forward, each normalised before and added to what came in."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads, self.window = config.heads, config.window
        self.attention_norm = nn.LayerNorm(config.width)
        self.query_key_value = nn.Linear(config.width, 3 * config.width, bias=False)
        self.table = nn.Parameter(torch.randn(config.heads, config.distances, config.width // config.heads) * 0.02)
        self.mix = nn.Linear(config.width, config.width, bias=False)
        self.feedforward = nn.Sequential(
            nn.LayerNorm(config.width),
            nn.Linear(config.width, config.feedforward),
            nn.GELU(),
            nn.Linear(config.feedforward, config.width),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, kernel: Kernel) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The output (b, t, d), and the keys and values (b, h, t, w) that a cache wants."""
        q, k, v = self._split(x)
        mixed = kernel(q, k, v, self.table, self.window)  # (b, h, t, w)
        x = x + self.dropout(self.mix(mixed.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.feedforward(x)), (k, v)

    def step(self, x: Tensor, cache: RingCache, index: int) -> Tensor:
        """The output (b, d) for one token of each stream."""
        q, k, v = (part.squeeze(2) for part in self._split(x.unsqueeze(1)))
        keys, values = cache.write(index, k, v)
        x = x + self.mix(attend_step(q, keys, values, self.table).flatten(1))
        return x + torch.as_tensor(self.feedforward(x))

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        b, t, d = x.shape
        split = self.query_key_value(self.attention_norm(x)).view(b, t, 3, self.heads, d // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)  # each (b, h, t, w)
        return q, k, v


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
