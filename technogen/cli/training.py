"""`technogen train`: train, show how it goes, say where the weights are."""

from __future__ import annotations

from pathlib import Path

from technogen.cli.console import refuse_overwriting, say, show_share
from technogen.errors import OutputError
from technogen.training import EarConfig, Measurement, TrainingConfig, train_composer, train_ear


def train(out: Path, config: TrainingConfig, *, human: Path | None, resume: bool, force: bool, quiet: bool) -> None:
    """Train a composer into a folder.

    Raises:
        OutputError: If a checkpoint is there already, and neither `resume` nor `force` is set.
    """
    if (out / "composer.safetensors").exists() and not (resume or force):
        raise OutputError(f"{out} holds a checkpoint; --resume goes on from it, --force starts anew")
    checkpoint = train_composer(
        config, out, human=human, resume=resume, progress=lambda m: say(_in_words(m), quiet=quiet)
    )
    say(f"{checkpoint}  the weights; try: technogen generate --checkpoint {checkpoint} -o idea.mid", quiet=quiet)


def teach(
    out: Path, config: EarConfig, *, human: Path | None, jobs: int, resume: bool, force: bool, quiet: bool
) -> None:
    """Train the ear into a folder.

    Raises:
        OutputError: If a checkpoint is there already, and neither `resume` nor `force` is set.
    """
    if not resume:
        refuse_overwriting([out / "ear.safetensors"], force=force)
        (out / "ear_state.safetensors").unlink(missing_ok=True)
    with show_share(quiet=quiet) as show:
        checkpoint = train_ear(
            config,
            out,
            human=human,
            jobs=jobs,
            progress=lambda what, done, of: show(f"{what}: {done} of {of}", done / of),
        )
    say(f"{checkpoint}  the weights", quiet=quiet)


def _in_words(at: Measurement) -> str:
    words = f"{at.share:4.0%}  step {at.step}  {at.seconds:.0f} s  loss {at.loss:.3f}"
    for name, nats in (("rules", at.rules), ("human", at.human)):
        if nats is not None:
            words += f"  {name} {nats.token:.3f} nats a token, {nats.bar:.1f} a bar"
    return words
