"""Causal attention with relative distances (Huang et al. 2018), as three kernels that compute the same.

    weights[i, j] = softmax over j of (q_i . k_j + q_i . e[i - j]) / sqrt(width)        for j in i - window + 1 .. i

The vectors `e` are one table a layer, (heads, distances, width), whose last row is distance 0; larger distances than
the table holds use its first row. Sizes: b batch, h heads, t tokens, w head width, m distances in the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Kernel = Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]
"""What maps queries, keys, values (b, h, t, w), the table (h, m, w) and the window to outputs (b, h, t, w)."""


def attend_naive(q: Tensor, k: Tensor, v: Tensor, table: Tensor, window: int) -> Tensor:
    """The definition, pair by pair; for tests."""
    tokens, last = q.shape[2], table.shape[1] - 1
    rows = []
    for i in range(tokens):
        first = max(0, i - window + 1)
        scores = [
            (q[:, :, i] * (k[:, :, j] + table[:, max(0, last - (i - j))])).sum(-1) / math.sqrt(q.shape[-1])
            for j in range(first, i + 1)
        ]
        weights = torch.softmax(torch.stack(scores, -1), -1)  # (b, h, keys)
        rows.append(torch.einsum("bhj,bhjw->bhw", weights, v[:, :, first : i + 1]))
    return torch.stack(rows, 2)


def attend_skewed(q: Tensor, k: Tensor, v: Tensor, table: Tensor, window: int) -> Tensor:
    """All pairs at once: Q E^T is padded by a column and viewed a row later, which shifts row i by i places.

    What the view leaves above the diagonal is garbage, and is exactly what the causal mask hides.
    """
    b, h, t, w = q.shape
    q = q / math.sqrt(w)
    relative = q @ _reach(table, t).transpose(-1, -2)  # (b, h, t, t)
    skewed = functional.pad(relative, (1, 0)).view(b * h, t + 1, t)[:, 1:]
    scores = torch.baddbmm(skewed, q.reshape(b * h, t, w), k.reshape(b * h, t, w).transpose(-1, -2))
    weights = scores.masked_fill(_hidden(t, window, q.device), -math.inf).softmax(-1)
    return (weights.to(v.dtype) @ v.reshape(b * h, t, w)).view(b, h, t, w)


def attend_step(q: Tensor, keys: Tensor, values: Tensor, table: Tensor) -> Tensor:
    """One new query, (b, h, w), against its keys and values, (b, h, t, w), oldest first and its own last."""
    t = keys.shape[2]
    q = q / math.sqrt(q.shape[-1])
    relative = (q.transpose(0, 1) @ _reach(table, t).transpose(-1, -2)).transpose(0, 1)  # (b, h, t)
    content = (keys @ q.unsqueeze(-1)).squeeze(-1)
    weights = (content + relative).softmax(-1)
    return (weights.unsqueeze(-2) @ values).squeeze(-2)


def _reach(table: Tensor, t: int) -> Tensor:
    """The table for distances t - 1 .. 0, its farthest row standing in for those beyond it."""
    beyond = t - table.shape[1]
    if beyond <= 0:
        return table[:, -beyond:]
    return torch.cat((table[:, :1].expand(-1, beyond, -1), table), 1)


def _hidden(t: int, window: int, device: torch.device) -> Tensor:
    ones = torch.ones(t, t, dtype=torch.bool, device=device)
    later = ones.triu(1)
    return later if window >= t else later | ones.tril(-window)
