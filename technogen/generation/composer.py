"""The trained composer as a checkpoint: a `MusicTransformer` and the vocabulary that it was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from technogen.errors import GenerationError, WeightsError
from technogen.generation.cache import RingCache
from technogen.generation.music_transformer import ModelConfig, MusicTransformer
from technogen.tokens import VOCABULARY
from technogen.weights import find_checkpoint, load_checkpoint, save_checkpoint

KIND = "composer"
SHIPPED = "composer"


class CachedStreams:
    """A model that scores the next token of several takes which start alike, each step from its cache."""

    def __init__(self, model: MusicTransformer) -> None:
        self._model = model
        self._cache: RingCache | None = None

    def start(self, ids: Sequence[int], takes: int) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after a start, of which the model sees what its window holds."""
        seen = torch.tensor([ids[-self._model.config.window :]] * takes)
        logits, self._cache = self._model.prefill(seen)
        return logits.double().numpy()

    def step(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Scores (takes, vocabulary) after one more token of each take."""
        assert self._cache is not None, "start comes before step"
        return self._model.step(torch.tensor(ids), self._cache).double().numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work in one thread: for one small stream more are slower, and one gives the same bits everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def save_composer(path: str | Path, model: MusicTransformer, *, about: Mapping[str, Any]) -> None:
    """Write a model as a checkpoint in half precision.

    Args:
        path: Of the file to write.
        model: Of the vocabulary of `technogen.tokens`.
        about: What else should travel with it, as JSON can hold it.

    Raises:
        OutputError: If the file cannot be written.
    """
    tensors = {name: tensor.half() for name, tensor in model.state_dict().items()}
    config = {"model": asdict(model.config), "vocabulary": _vocabulary_hash(), "about": dict(about)}
    save_checkpoint(path, tensors, kind=KIND, config=config)


def load_composer(source: str | Path = SHIPPED) -> MusicTransformer:
    """Read a model, ready to write music.

    Args:
        source: A file, or the name of a checkpoint in the package.

    Raises:
        MissingFileError: If there is no such checkpoint.
        WeightsError: If it cannot be used: no checkpoint, damaged, or of another vocabulary or shape.
    """
    checkpoint = load_checkpoint(source, kind=KIND)
    path = find_checkpoint(source)
    if checkpoint.config.get("vocabulary") != _vocabulary_hash():
        raise WeightsError(f"{path}: trained on other tokens than this TechnoGen writes; train it again")
    try:
        config = ModelConfig(**checkpoint.config["model"])
    except (GenerationError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: it does not say what model it is: {error}; train it again") from error
    return _fill_model(path, config, {name: tensor.float() for name, tensor in checkpoint.tensors.items()})


def _fill_model(path: Path, config: ModelConfig, tensors: dict[str, torch.Tensor]) -> MusicTransformer:
    with torch.device("meta"):
        model = MusicTransformer(config)
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if wanted != {name: tuple(tensor.shape) for name, tensor in tensors.items()}:
        raise WeightsError(f"{path}: its weights do not fit the model that it names; copy it again, or train it again")
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise WeightsError(f"{path}: some of its weights are not finite; train it again")
    model.load_state_dict(tensors, assign=True)
    return model.requires_grad_(False).eval()


def _vocabulary_hash() -> str:
    return hashlib.sha256("\n".join(VOCABULARY).encode()).hexdigest()
