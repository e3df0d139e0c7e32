"""The state of a training run in its folder: what resuming needs, bit for bit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from technogen.errors import TrainingError
from technogen.files import write_text
from technogen.generation.music_transformer import MusicTransformer
from technogen.training.config import Measurement, Nats, TrainingConfig
from technogen.training.optimising import make_optimizers
from technogen.weights import load_checkpoint, save_checkpoint

KIND = "training"
STATE, LOG = "state.safetensors", "log.jsonl"


@dataclass(slots=True)
class Run:
    """A training run between two updates.

    Attributes:
        model, average: The weights, and their average.
        optimizers: Of the model.
        step: Updates so far.
        seconds: Since the start, breaks left out.
    """

    model: MusicTransformer
    average: MusicTransformer
    optimizers: tuple[torch.optim.Optimizer, ...]
    step: int = 0
    seconds: float = 0.0


def start_run(config: TrainingConfig) -> Run:
    """A run before its first update."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        model = MusicTransformer(config.model)
    average = MusicTransformer(config.model).requires_grad_(False).eval()
    average.load_state_dict(model.state_dict())
    return Run(model.train(), average, make_optimizers(model, config))


def save_run(folder: Path, config: TrainingConfig, run: Run) -> None:
    """Write the state of a run.

    Raises:
        OutputError: If it cannot be written.
    """
    tensors = {f"model.{name}": tensor for name, tensor in run.model.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in run.average.state_dict().items()}
    for k, optimizer in enumerate(run.optimizers):
        for number, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{k}.{number}.{name}": tensor for name, tensor in values.items()}
    about = {"training": asdict(config), "step": run.step, "seconds": run.seconds}
    save_checkpoint(folder / STATE, tensors, kind=KIND, config=about)


def load_run(folder: Path, config: TrainingConfig) -> Run:
    """Read the state of a run.

    Raises:
        MissingFileError: If there is none in the folder.
        WeightsError: If it is damaged.
        TrainingError: If it was trained with another configuration; its length alone may differ.
    """
    checkpoint = load_checkpoint(folder / STATE, kind=KIND)
    if checkpoint.config.get("training") != _comparable(config, checkpoint.config.get("training")):
        raise TrainingError(f"{folder}: was trained with another configuration; use that one, or another folder")
    run = start_run(config)
    parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "average": {}, "optimizer": {}}
    for name, tensor in checkpoint.tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = tensor
    run.model.load_state_dict(parts["model"])
    run.average.load_state_dict(parts["average"])
    for k, optimizer in enumerate(run.optimizers):
        values: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in parts["optimizer"].items():
            which, number, rest = name.split(".", 2)
            if int(which) == k:
                values.setdefault(int(number), {})[rest] = tensor
        optimizer.load_state_dict({**optimizer.state_dict(), "state": values})
    run.step, run.seconds = checkpoint.config["step"], checkpoint.config["seconds"]
    return run


def _comparable(config: TrainingConfig, saved: object) -> object:
    """What the saved configuration should be: this one, with its length, which may be changed."""
    length = {key: saved[key] for key in ("steps", "minutes", "threads")} if isinstance(saved, dict) else {}
    return asdict(replace(config, **length)) if length else None


def write_log(folder: Path, log: list[Measurement]) -> None:
    """Write the measurements, one JSON object a line.

    Raises:
        OutputError: If they cannot be written.
    """
    write_text(folder / LOG, "".join(json.dumps(asdict(m)) + "\n" for m in log))


def read_log(folder: Path, step: int) -> list[Measurement]:
    """Read the measurements up to a step; none where there is no log.

    Raises:
        TrainingError: If the log is damaged.
    """
    path = folder / LOG
    lines = path.read_text().splitlines() if path.is_file() else []
    try:
        log = [_read_measurement(line) for line in lines]
    except (ValueError, TypeError) as error:
        raise TrainingError(f"{path}: is no log of a training run; delete it to go on without") from error
    return [m for m in log if m.step <= step]


def _read_measurement(line: str) -> Measurement:
    values = json.loads(line)
    nats = {name: Nats(**values[name]) for name in ("rules", "human") if values.get(name)}
    return Measurement(**{**values, **nats})
