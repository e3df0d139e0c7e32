"""`technogen generate`: new music as MIDI files."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from technogen.cli.console import refuse_overwriting, say, say_json
from technogen.errors import OutputError
from technogen.files import make_folder
from technogen.score import Score


@dataclass(frozen=True, slots=True)
class Order:
    """What to write, and where to."""

    out: Path
    prompt: Path | None
    bars: int
    bpm: float | None
    style: str
    by: str
    seed: int | None
    takes: int
    checkpoint: Path | None

    @property
    def paths(self) -> list[Path]:
        """The files to write: the one named, or numbered ones for several takes."""
        if self.takes == 1:
            return [self.out]
        return [self.out.with_name(f"{self.out.stem}-{k + 1}{self.out.suffix}") for k in range(self.takes)]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How freely to draw; see `technogen.Sampling`."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    key: str | None


def generate_files(order: Order, drawing: Drawing, *, force: bool, json: bool, quiet: bool) -> None:
    """Write the takes of an order, and say where."""
    if order.out.suffix.lower() not in (".mid", ".midi"):
        raise OutputError(f"{order.out}: music is written as .mid; `technogen render` makes sound of it")
    refuse_overwriting(order.paths, force=force)
    seed = secrets.randbelow(2**31) if order.seed is None else order.seed
    scores = _write_takes(order, seed, drawing)
    make_folder(order.out.parent)
    for path, score in zip(order.paths, scores, strict=True):
        score.save(path)
        if json:
            facts = {"path": str(path), "seed": seed, "tempo": score.tempo, "bars": score.bars, "by": order.by}
            say_json({**facts, "style": order.style, "drums": len(score.drums), "bass": len(score.bass)})
        else:
            say(f"{path}  ({score.bars} bars at {score.tempo:g} bpm, seed {seed})", quiet=quiet)


def _write_takes(order: Order, seed: int, drawing: Drawing) -> tuple[Score, ...]:
    from technogen.generation import Generator, Sampling  # noqa: PLC0415

    prompt = None if order.prompt is None else Score.load(order.prompt)
    return Generator(by=order.by, checkpoint=order.checkpoint).takes(
        order.takes,
        prompt,
        bars=order.bars,
        tempo=order.bpm,
        style=order.style,
        seed=seed,
        sampling=Sampling(**asdict(drawing)),
    )
