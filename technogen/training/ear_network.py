"""The network of the ear in torch, to be trained; `technogen.transcription.network` is the same in numpy."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from technogen.transcription.network import INDEX_REACH, NO_STEP, PIECES, STEP_REACH
from technogen.transcription.snapshots import BANDS, FULL, MOMENTS

_KERNEL = 5
_BARE = 2 * STEP_REACH + 1  # the place in the table of pairs of which one is on no 16th


class EarNetwork(nn.Module):
    """Snapshots of the candidates of a recording, looked at one by one, then beside each other.

    Two convolutions over frequency, whose channels are the moments of a snapshot, and a matrix make a vector of each
    candidate. Layers of attention over all candidates compare them: what sounds alike is alike, and what was played a
    bar ago is likely now. A bias on pairs knows how many 16ths, and how many candidates, one is from the other.
    """

    def __init__(self, width: int, layers: int, dropout: float) -> None:
        """Make it with random weights.

        Args:
            width: Of the vectors; heads are 32 wide.
            layers: Of attention.
            dropout: Share left out while training.
        """
        super().__init__()
        first, second = width // 2, 3 * width // 4
        self.first = nn.Conv1d(MOMENTS, first, _KERNEL, padding=_KERNEL // 2)
        self.first_norm = nn.BatchNorm1d(first)
        self.place = nn.Parameter(torch.zeros(first, BANDS))
        self.second = nn.Conv1d(first, second, _KERNEL, padding=_KERNEL // 2)
        self.second_norm = nn.BatchNorm1d(second)
        self.dropout = nn.Dropout(dropout)
        self.embed = nn.Linear(second * (BANDS // 4), width)
        self.layers = nn.ModuleList(_Layer(width, width // 32, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.alone = nn.Linear(width, len(PIECES))
        self.odds = nn.Linear(width, len(PIECES))
        self.loudness = nn.Linear(width, len(PIECES))

    def forward(self, snapshots: Tensor, steps: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Judge recordings.

        Args:
            snapshots: (b, n, MOMENTS, BANDS), 0..255.
            steps: The 16th of each candidate, or `NO_STEP`, (b, n).
            there: Which candidates are there, (b, n); the rest fills up.

        Returns:
            Of the candidates that are there, (m, len(PIECES)): the logarithm of the odds that each piece starts; the
            same without the other candidates; and velocity, 0..1.
        """
        seen = self._look(snapshots[there])
        rows = seen.new_zeros(*there.shape, seen.shape[-1])
        rows[there] = seen
        shapes = pair_places(steps)
        for layer in self.layers:
            rows = layer(rows, shapes, there)
        heard = self.dropout(self.norm(rows[there]))
        return self.odds(heard), self.alone(torch.relu(seen)), torch.sigmoid(self.loudness(heard))

    def _look(self, snapshots: Tensor) -> Tensor:
        x = torch.relu(self.first_norm(self.first(snapshots / FULL)) + self.place)
        x = functional.max_pool1d(x, 2)
        x = functional.max_pool1d(torch.relu(self.second_norm(self.second(x))), 2)
        out: Tensor = self.embed(self.dropout(x.flatten(1)))
        return out


def pair_places(steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where each pair stands in the tables of bias, (b, n, n) or (n, n): by 16ths, by place in the bar, by number."""
    apart = steps[:, None, :] - steps[:, :, None]
    bare = (steps == NO_STEP)[:, None, :] | (steps == NO_STEP)[:, :, None]
    by_step = torch.where(bare, _BARE, apart.clamp(-STEP_REACH, STEP_REACH) + STEP_REACH)
    by_place = torch.where(bare, 16, apart % 16)
    number = torch.arange(steps.shape[1])
    by_number = (number[None, :] - number[:, None]).clamp(-INDEX_REACH, INDEX_REACH) + INDEX_REACH
    return by_step, by_place, by_number


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.wider = nn.Linear(width, 2 * width)
        self.narrower = nn.Linear(2 * width, width)
        self.by_step = nn.Parameter(torch.zeros(heads, _BARE + 1))
        self.by_place = nn.Parameter(torch.zeros(heads, 17))
        self.by_number = nn.Parameter(torch.zeros(heads, 2 * INDEX_REACH + 1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: Tensor, places: tuple[Tensor, Tensor, Tensor], there: Tensor) -> Tensor:
        b, n, width = rows.shape
        q, k, v = self.asked(self.before(rows)).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        bias = self.by_step[:, places[0]].transpose(0, 1) + self.by_place[:, places[1]].transpose(0, 1)
        bias = bias + self.by_number[:, places[2]]
        bias = bias.masked_fill(~there[:, None, None, :], float("-inf"))
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        rows = rows + self.dropout(self.joined(mixed.transpose(1, 2).reshape(b, n, width)))
        inner = torch.relu(self.wider(self.between(rows)))
        out: Tensor = rows + self.dropout(self.narrower(inner))
        return out


def export_tensors(network: EarNetwork) -> dict[str, Tensor]:
    """The weights for use: what normalises batches is folded into the convolutions, what only trained is left out."""
    tensors = {name: t for name, t in network.state_dict().items() if not name.startswith(("first", "second", "alone"))}
    for name in ("first", "second"):
        convolution, norm = getattr(network, name), getattr(network, f"{name}_norm")
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        tensors[f"{name}.weight"] = convolution.weight * scale[:, None, None]
        tensors[f"{name}.bias"] = (convolution.bias - norm.running_mean) * scale + norm.bias
    return {name: tensor.detach() for name, tensor in tensors.items()}
