"""The training of the ear: random mixes, what the ear hears of their onsets, and a network that tells drums apart.

The checkpoint in the package was made by `technogen train ear -o DIR`, in about ten minutes on one core, when kits were
drawn from other tables. With the kits of today the same line gives weights that hear full mixes a little less well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from technogen.files import make_folder
from technogen.training.mixes import RATE, KnownMix, make_mix
from technogen.transcription.activations import explain_patches
from technogen.transcription.network import KIND, PIECES, describe_onsets
from technogen.transcription.patches import cut_patches
from technogen.transcription.pipeline import find_candidates
from technogen.weights import save_checkpoint

Array = NDArray[np.float32]
Progress = Callable[[str, int, int], None]

CHECKPOINT = "ear.safetensors"

_FOLDED = {62: 63, 64: 63}
_NEAR_SECONDS = 0.03
_BATCH = 256


@dataclass(frozen=True, slots=True)
class EarConfig:
    """How the ear is trained.

    Attributes:
        mixes: How many random mixes it hears.
        width: Of its two hidden layers.
        epochs: How often it hears them.
        dropout: Share of hidden units left out.
        noise: Standard deviation of what is added to the normalised inputs.
        rate: The highest learning rate of one cycle.
        seed: Of everything.
    """

    mixes: int = 600
    width: int = 128
    epochs: int = 25
    dropout: float = 0.25
    noise: float = 0.1
    rate: float = 4e-3
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Onsets and what they are: inputs (n, INPUTS) and 1 for each of `PIECES` that starts, (n, len(PIECES))."""

    inputs: Array
    pieces: Array


def train_ear(config: EarConfig, folder: str | Path, *, progress: Progress | None = None) -> Path:
    """Train the ear on mixes made for it; the same configuration gives the same weights.

    Args:
        config: How.
        folder: Where the checkpoint goes; made where it is not there.
        progress: Told what is done, how much of it, and of how much.

    Returns:
        The checkpoint.

    Raises:
        OutputError: If it cannot be written.
    """
    out = make_folder(Path(folder))
    lesson = join_lessons(_make_lessons(config, progress or _tell_nobody))
    mean, scale = lesson.inputs.mean(axis=0), lesson.inputs.std(axis=0) + 0.05
    network = fit_network(Lesson((lesson.inputs - mean) / scale, lesson.pieces), config, progress or _tell_nobody)
    linear = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
    tensors = {"mean": torch.from_numpy(mean), "scale": torch.from_numpy(scale)}
    for i, layer in enumerate(linear):
        tensors |= {f"weight{i}": layer.weight, f"bias{i}": layer.bias}
    save_checkpoint(out / CHECKPOINT, tensors, kind=KIND, config={"pieces": list(PIECES), "training": asdict(config)})
    return out / CHECKPOINT


def _make_lessons(config: EarConfig, progress: Progress) -> Iterator[Lesson]:
    for k in range(config.mixes):
        yield make_lesson(make_mix(config.seed + k))
        progress("mixes heard", k + 1, config.mixes)


def _tell_nobody(what: str, done: int, of: int) -> None:
    """Progress that nobody asked for."""


def make_lesson(mix: KnownMix) -> Lesson:
    """What the ear hears of a mix, and what is there."""
    features, times = find_candidates(mix.samples, RATE)
    pieces = np.zeros((len(times), len(PIECES)), dtype=np.float32)
    patches = cut_patches(features, times)
    inputs = describe_onsets(patches, explain_patches(patches, times)).astype(np.float32)
    for seconds, pitch in mix.hits:
        nearest = int(np.abs(times - seconds).argmin()) if len(times) else -1
        if nearest >= 0 and abs(times[nearest] - seconds) < _NEAR_SECONDS:
            pieces[nearest, PIECES.index(_FOLDED.get(pitch, pitch))] = 1
    return Lesson(inputs, pieces)


def join_lessons(lessons: Iterable[Lesson]) -> Lesson:
    """All of them as one."""
    parts = list(lessons)
    return Lesson(np.concatenate([p.inputs for p in parts]), np.concatenate([p.pieces for p in parts]))


def fit_network(lesson: Lesson, config: EarConfig, progress: Progress = _tell_nobody) -> torch.nn.Sequential:
    """Fit a perceptron to normalised inputs by cross entropy, with AdamW and one cycle of the learning rate."""
    torch.manual_seed(config.seed)
    inputs, pieces = torch.from_numpy(lesson.inputs), torch.from_numpy(lesson.pieces)
    network = _make_network(inputs.shape[1], config)
    optimiser = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=0.01)
    batches = max(1, len(inputs) // _BATCH)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.rate, max(2, config.epochs * batches))
    for epoch in range(config.epochs):
        for chosen in torch.randperm(len(inputs)).tensor_split(batches):
            noisy = inputs[chosen] + config.noise * torch.randn(len(chosen), inputs.shape[1])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(network(noisy), pieces[chosen])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            cycle.step()
        progress("epochs", epoch + 1, config.epochs)
    return network.eval()


def _make_network(inputs: int, config: EarConfig) -> torch.nn.Sequential:
    layers: list[torch.nn.Module] = []
    for size in (inputs, config.width):
        layers += [torch.nn.Linear(size, config.width), torch.nn.ReLU(), torch.nn.Dropout(config.dropout)]
    return torch.nn.Sequential(*layers, torch.nn.Linear(config.width, len(PIECES)))
