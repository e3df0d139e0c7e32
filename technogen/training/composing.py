"""Training the composer: examples in, a checkpoint, a log and curves out.

The checkpoint in the package was made by this line (21 minutes on one busy core):

    technogen train composer --human symbolic_split.json --steps 2400 --out DIR

It came to 0.734 nats a token (28.9 a bar) on held-out patterns by rules, and 1.315 (42.3) on held-out human music.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch.nn import functional

from technogen.files import make_folder, write_text
from technogen.generation.composer import save_composer
from technogen.generation.music_transformer import MusicTransformer
from technogen.tokens import token_id
from technogen.training.config import Measurement, Nats, TrainingConfig
from technogen.training.corpus import Piece, read_split
from technogen.training.curves import draw_curves
from technogen.training.examples import Material, make_batch
from technogen.training.optimising import find_rate, follow, update
from technogen.training.state import Run, load_run, read_log, save_run, start_run, write_log

CHECKPOINT, CURVES = "composer.safetensors", "curves.svg"
VALIDATION_ROWS = 12
LOG_EVERY = 20

Progress = Callable[[Measurement], None]


def train_composer(
    config: TrainingConfig,
    folder: str | Path,
    *,
    human: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train a composer on patterns by rules and, where given, on human music.

    Args:
        config: How.
        folder: Where the checkpoint, the log, the curves and the state to resume from go; made where it is not there.
        human: A split that lists human files; see `technogen.training.corpus.read_split`. A tenth of its songs is
            held out for validation.
        resume: Go on from the state in the folder; the result is as if there had been no break.
        progress: Called with each measurement.

    Returns:
        The checkpoint, which `Generator(checkpoint=...)` reads.

    Raises:
        MissingFileError: If there is no such split, or no state to resume from.
        TrainingError: If the configuration, the split or the state cannot be used, or the loss is not finite.
        OutputError: If the folder cannot be written.
    """
    out = make_folder(Path(folder))
    pieces = () if human is None else read_split(human)
    run = load_run(out, config) if resume else start_run(config)
    log = read_log(out, run.step) if resume else []
    with _torch_threads(config.threads):
        for measurement in _train(config, run, pieces):
            log.append(measurement)
            if measurement.rules:
                _save(out, config, run, log)
            if progress is not None:
                progress(measurement)
    return out / CHECKPOINT


def _train(config: TrainingConfig, run: Run, pieces: tuple[Piece, ...]) -> Iterator[Measurement]:
    """Update until the end, and tell every few updates where it stands."""
    share = config.rules_share if pieces else 1.0
    material = Material(tuple(p for p in pieces if not p.held_out), config.seed, share)
    held_out = tuple(p for p in pieces if p.held_out)
    losses: list[float] = []
    began = time.monotonic() - run.seconds
    while (done := _find_share(config, run)) < 1:
        rate = find_rate(config, run.step, done)
        losses.append(_update(config, run, material, rate))
        run.step += 1
        run.seconds = time.monotonic() - began
        now = _find_share(config, run)
        evaluated = run.step % config.evaluate_every == 0 or now >= 1
        if evaluated or run.step % LOG_EVERY == 0:
            measurement = Measurement(run.step, min(1.0, now), run.seconds, sum(losses) / len(losses), rate)
            losses.clear()
            yield _evaluate(config, run, held_out, measurement) if evaluated else measurement


def _find_share(config: TrainingConfig, run: Run) -> float:
    return run.step / config.steps if config.steps else run.seconds / (60 * config.minutes)


def _update(config: TrainingConfig, run: Run, material: Material, rate: float) -> float:
    numbers = range(run.step * config.rows, (run.step + 1) * config.rows)
    ids = torch.from_numpy(make_batch(material, numbers, config.tokens + 1))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed * 1_000_003 + run.step)  # of dropout
        loss = update(run.model, run.optimizers, ids, rate=rate, clip=config.clip)
    follow(run.average, run.model, step=run.step, slowness=config.average)
    return loss


def _evaluate(config: TrainingConfig, run: Run, held_out: tuple[Piece, ...], so_far: Measurement) -> Measurement:
    rules = Material(held_out, config.seed, rules_share=1.0, held_out=True)
    human = Material(held_out, config.seed, rules_share=0.0, held_out=True)
    return replace(
        so_far,
        rules=measure_nats(run.average, rules, tokens=config.tokens),
        human=measure_nats(run.average, human, tokens=config.tokens) if held_out else None,
    )


@torch.inference_mode()
def measure_nats(model: MusicTransformer, material: Material, *, tokens: int, rows: int = VALIDATION_ROWS) -> Nats:
    """How surprised a model is by material, over rows of so many tokens."""
    ids = torch.from_numpy(make_batch(material, range(rows), tokens + 1))
    nats = 0.0
    for row in torch.split(ids, 4):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(row[:, :-1])
        nats += float(functional.cross_entropy(logits.float().flatten(0, 1), row[:, 1:].flatten(), reduction="sum"))
    bars = int((ids[:, 1:] == token_id("Bar_None")).sum())
    return Nats(token=nats / (rows * tokens), bar=nats / max(1, bars))


def _save(folder: Path, config: TrainingConfig, run: Run, log: list[Measurement]) -> None:
    about = {"training": asdict(config), "measured": asdict(log[-1])}
    save_composer(folder / CHECKPOINT, run.average, about=about)
    write_log(folder, log)
    write_text(folder / CURVES, draw_curves(log))
    save_run(folder, config, run)


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
