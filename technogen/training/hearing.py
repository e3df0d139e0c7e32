"""The training of the ear: lessons made from random mixes, and a network that learns to tell drums apart from them.

The checkpoint in the package was made by the command that the model card names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from technogen.errors import TrainingError
from technogen.files import make_folder, write_text
from technogen.training.curves import draw_lines
from technogen.training.ear_network import EarNetwork, export_tensors
from technogen.training.lessons import Lesson, read_lessons, write_lessons
from technogen.transcription.network import KIND, NO_STEP, PIECES, WINDOW
from technogen.transcription.snapshots import BANDS, MOMENTS
from technogen.weights import load_checkpoint, save_checkpoint

Progress = Callable[[str, int, int], None]
Floats = NDArray[np.float32]

CHECKPOINT, STATE, LOG, CURVES = "ear.safetensors", "ear_state.safetensors", "ear_log.jsonl", "ear_curves.svg"
_STATE_KIND = "ear training"
_LESSONS = "lessons"
_LONGEST = 144  # candidates of a lesson at once
_ALONE, _LOUDNESS = 0.3, 0.1  # weights of the judgement without others and of velocity, in the loss
_FORGOTTEN = 0.25  # how often a lesson says nothing of 16ths


@dataclass(frozen=True, slots=True)
class EarConfig:
    """How the ear is trained. The same configuration and human scores give the same weights on the same machine.

    Attributes:
        mixes: How many random mixes it hears.
        validation: How many of them are only for measuring.
        epochs: How often it hears the others.
        width: Of its vectors, a multiple of 32.
        layers: Of attention.
        dropout: Share of units left out.
        batch: Mixes an update.
        rate: The highest learning rate of one cycle.
        seed: Of everything.
    """

    mixes: int = 9000
    validation: int = 200
    epochs: int = 8
    width: int = 128
    layers: int = 3
    dropout: float = 0.15
    batch: int = 8
    rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check that there is something to learn from."""
        if not 0 < self.validation < self.mixes:
            raise TrainingError(
                f"validation must be in 1..{self.mixes - 1} of {self.mixes} mixes, got {self.validation}"
            )
        if self.width < 32 or self.width % 32:
            raise TrainingError(f"width must be a multiple of 32, got {self.width}")
        if min(self.epochs, self.layers, self.batch) < 1:
            raise TrainingError("epochs, layers and batch must be 1 or more")


@dataclass(frozen=True, slots=True)
class EarMeasurement:
    """What an epoch came to.

    Attributes:
        epoch: How many are over.
        loss: Mean of the training loss in this epoch.
        validation: The loss of hits on the mixes kept aside.
        f_measure: Of all hits there, F at even odds.
        pieces: The same by General MIDI note.
    """

    epoch: int
    loss: float
    validation: float
    f_measure: float
    pieces: dict[str, float]


def train_ear(
    config: EarConfig,
    folder: str | Path,
    *,
    human: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Make lessons, train the ear on them, and leave its checkpoint, a log and its curves; go on where it stopped.

    Args:
        config: How.
        folder: Where everything goes; made where it is not there. Lessons and the state after each epoch that stand
            there are used.
        human: A split that lists human files, which some mixes play; see `read_humans`.
        jobs: Processes that make lessons, and threads that learn.
        progress: Told what is done, how much of it, and of how much.

    Returns:
        The checkpoint.

    Raises:
        MissingFileError: If there is no such split.
        TrainingError: If the folder holds a run of another configuration, or the loss becomes infinite.
        OutputError: If something cannot be written.
    """
    out, tell = make_folder(Path(folder)), progress or _tell_nobody
    paths = write_lessons(out / _LESSONS, config.mixes, seed=config.seed, human=human, jobs=jobs, progress=tell)
    lessons = read_lessons(paths)
    kept, rest = lessons[: config.validation], lessons[config.validation :]
    threads = torch.get_num_threads()
    torch.set_num_threads(jobs)
    try:
        network = _fit(config, out, rest, kept, tell)
    finally:
        torch.set_num_threads(threads)
    about = {"pieces": list(PIECES), "training": asdict(config)}
    save_checkpoint(out / CHECKPOINT, export_tensors(network), kind=KIND, config=about)
    return out / CHECKPOINT


def _tell_nobody(what: str, done: int, of: int) -> None:
    """Progress that nobody asked for."""


def _fit(config: EarConfig, out: Path, lessons: Sequence[Lesson], kept: Sequence[Lesson], tell: Progress) -> EarNetwork:
    run = _Run(config, max(1, len(lessons) // config.batch))
    log = run.resume(out)
    while len(log) < config.epochs:
        epoch = len(log)
        loss = run.learn(lessons, epoch)
        log.append(_measure(run.network, kept, epoch + 1, loss))
        run.save(out, log)
        tell("epochs", epoch + 1, config.epochs)
    return run.network.eval()


class _Run:
    """A network and what trains it, from epoch to epoch."""

    def __init__(self, config: EarConfig, batches: int) -> None:
        self.config, self.batches = config, batches
        torch.manual_seed(config.seed)
        self.network = EarNetwork(config.width, config.layers, config.dropout)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), config.rate, weight_decay=0.02)

    def learn(self, lessons: Sequence[Lesson], epoch: int) -> float:
        """One epoch; what is drawn in it depends on its number alone.

        Raises:
            TrainingError: If the loss is not finite.
        """
        torch.manual_seed(1000 * self.config.seed + epoch)
        random = np.random.default_rng((self.config.seed, epoch))
        self.network.train()
        total = 0.0
        for k, chosen in enumerate(_draw_batches(random, lessons, self.config.batch)):
            share = (epoch * self.batches + k) / (self.config.epochs * self.batches)
            for group in self.optimiser.param_groups:
                group["lr"] = self.config.rate * _cycle(share)
            loss = _loss(self.network, [_vary(random, lessons[i]) for i in chosen])
            if not math.isfinite(loss.item()):
                raise TrainingError(
                    f"the loss became {loss.item()} at a learning rate of {self.config.rate:g}; lower it"
                )
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimiser.step()
            total += loss.item()
        return total / self.batches

    def save(self, out: Path, log: Sequence[EarMeasurement]) -> None:
        """Keep everything that going on needs."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        for number, values in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{number}.{name}": value for name, value in values.items()}
        about = {"training": asdict(self.config), "epochs": len(log)}
        save_checkpoint(out / STATE, tensors, kind=_STATE_KIND, config=about)
        write_text(out / LOG, "".join(json.dumps(asdict(m)) + "\n" for m in log))
        points = {
            "training loss": [(m.epoch, m.loss) for m in log],
            "validation loss": [(m.epoch, m.validation) for m in log],
            "validation 1 - F": [(m.epoch, 1 - m.f_measure) for m in log],
        }
        write_text(out / CURVES, draw_lines(points, "epochs", "loss"))

    def resume(self, out: Path) -> list[EarMeasurement]:
        """Take up the state in a folder, if there is one; gives the log so far."""
        if not (out / STATE).exists():
            return []
        checkpoint = load_checkpoint(out / STATE, kind=_STATE_KIND)
        if checkpoint.config.get("training") != asdict(self.config):
            raise TrainingError(f"{out} holds a run of another configuration; use that one, or another folder")
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimiser": {}}
        for name, tensor in checkpoint.tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        self.network.load_state_dict(parts["network"])
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in parts["optimiser"].items():
            number, _, field = name.partition(".")
            state.setdefault(int(number), {})[field] = tensor
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": state})
        lines = (out / LOG).read_text().splitlines()[: checkpoint.config["epochs"]]
        return [EarMeasurement(**json.loads(line)) for line in lines]


def _cycle(share: float) -> float:
    """The learning rate over the run, as a share of the highest: up over a tenth, then down as a cosine."""
    if share < 0.1:
        return 0.05 + 0.95 * share / 0.1
    return 0.002 + 0.998 * (1 + math.cos(math.pi * (share - 0.1) / 0.9)) / 2


def _draw_batches(random: np.random.Generator, lessons: Sequence[Lesson], size: int) -> Iterator[list[int]]:
    """All lessons once, those of like length together, in random order."""
    count = max(1, len(lessons) // size)
    chosen = random.permutation(len(lessons))[: count * size]
    lengths = np.array([min(len(lessons[i].steps), _LONGEST) for i in chosen]) + random.normal(0, 12, len(chosen))
    chosen = chosen[np.argsort(lengths, kind="stable")]
    for k in random.permutation(count):
        yield chosen[k * size : (k + 1) * size].tolist()


def _vary(random: np.random.Generator, lesson: Lesson) -> tuple[Floats, NDArray[np.int32], Floats]:
    """A stretch of a lesson, louder or softer, through another equaliser, a band higher or lower, a little noisy."""
    count = len(lesson.steps)
    most = int(random.integers(10, WINDOW)) if random.random() < 0.25 else _LONGEST
    first = int(random.integers(0, count - most)) if count > most else 0
    part = slice(first, first + most)
    x = lesson.snapshots[part].astype(np.float32)
    if random.random() < 0.3:
        x = np.roll(x, int(random.choice([-1, 1])), axis=2)
    sounding = x > 0
    x = x + sounding * (random.normal(0, 10) + random.normal(0, 6, BANDS)).astype(np.float32)
    x += random.standard_normal(x.shape, dtype=np.float32) * 4 * sounding
    x = np.clip(x, 0, 255)
    steps = lesson.steps[part]
    if random.random() < _FORGOTTEN:
        steps = np.full_like(steps, NO_STEP)
    return x, steps, lesson.velocities[part].astype(np.float32) / np.float32(127)


def _loss(network: EarNetwork, lessons: Sequence[tuple[Floats, NDArray[np.int32], Floats]]) -> Tensor:
    snapshots, steps, there, velocities = _pack(lessons)
    with torch.autocast("cpu", torch.bfloat16):
        odds, alone, loudness = network(snapshots, steps, there)
    wanted = velocities[there]
    hits = (wanted > 0).float()
    loss = functional.binary_cross_entropy_with_logits(odds.float(), hits)
    loss = loss + _ALONE * functional.binary_cross_entropy_with_logits(alone.float(), hits)
    missed = (hits * (loudness.float() - wanted) ** 2).sum() / (hits.sum() + 1)
    return torch.add(loss, missed, alpha=_LOUDNESS)


def _pack(lessons: Sequence[tuple[Floats, NDArray[np.int32], Floats]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Lessons side by side, the shorter filled up."""
    rows, longest = len(lessons), max(len(steps) for _, steps, _ in lessons)
    snapshots = torch.zeros(rows, longest, MOMENTS, BANDS)
    steps = torch.full((rows, longest), NO_STEP, dtype=torch.int32)
    there = torch.zeros(rows, longest, dtype=torch.bool)
    velocities = torch.zeros(rows, longest, len(PIECES))
    for row, (x, s, v) in enumerate(lessons):
        snapshots[row, : len(s)], steps[row, : len(s)] = torch.from_numpy(x), torch.from_numpy(s)
        velocities[row, : len(s)], there[row, : len(s)] = torch.from_numpy(v), True
    return snapshots, steps, there, velocities


@torch.no_grad()
def _measure(network: EarNetwork, kept: Sequence[Lesson], epoch: int, loss: float) -> EarMeasurement:
    network.eval()
    odds, hits = [], []
    for lesson in kept:
        whole = (
            lesson.snapshots.astype(np.float32),
            lesson.steps,
            lesson.velocities.astype(np.float32) / np.float32(127),
        )
        snapshots, steps, there, velocities = _pack([whole])
        odds.append(network(snapshots, steps, there)[0])
        hits.append((velocities[there] > 0).float())
    judged, wanted = torch.cat(odds), torch.cat(hits)
    right = ((judged > 0) & (wanted > 0)).sum(0).double()
    told = (judged > 0).sum(0) + wanted.sum(0)
    pieces = {str(p): round(float(2 * r / t), 4) for p, r, t in zip(PIECES, right, told) if t > 0}
    validation = float(functional.binary_cross_entropy_with_logits(judged, wanted))
    return EarMeasurement(epoch, loss, validation, round(float(2 * right.sum() / told.sum().clamp(min=1)), 4), pieces)
