"""`technogen listen`: make the stimuli of a listening test, serve it, hand it to another tool."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from technogen.cli.console import log_to_stderr, say, show_progress, warn
from technogen.errors import ListeningError

if TYPE_CHECKING:
    from technogen.evaluation.listening.design import Design, DesignOptions, Question
    from technogen.evaluation.listening.material import Parts, Wanted

listen_app = typer.Typer(help="Ask listeners, blind, which music a person made.")

Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder of the test.")]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="127.0.0.1: this machine alone; 0.0.0.0: all networks.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Where to serve; 0: any that is free.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Same seed and sources, same test.", show_default="drawn")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors alone.")]

FOLDER, PORT = Path("technogen-listen"), 8303
_RULES, _MODEL = "rules", "model"


@listen_app.callback(invoke_without_command=True)
def listen(
    context: typer.Context,
    out: Out = FOLDER,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    seed: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Ask listeners, blind, which music a person made; alone, a rehearsal with material of its own."""
    if context.invoked_subcommand is not None:
        return
    from technogen.evaluation.listening.design import DesignOptions  # noqa: PLC0415
    from technogen.evaluation.listening.material import Wanted  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    if not (out / "design.json").exists():
        _prepare(out, None, [_MODEL], Wanted(pairs=6, training=1, bars=4), DesignOptions(), seed, quiet=quiet)
    _serve(out, host, port, None, quiet=quiet)


@listen_app.command("prepare")
def prepare(  # noqa: PLR0913, PLR0917
    out: Out,
    human: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="MIDI files or recordings that people made.", show_default="none: rules stand in"
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="model, rules, or NAME=FOLDER; several times.", show_default="model"),
    ] = None,
    question: Annotated[str, typer.Option(metavar="X", help="pair: which of two; single: person or machine.")] = "pair",
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of each condition that a listener hears.")] = 8,
    training: Annotated[int, typer.Option(min=0, help="Practice trials.")] = 2,
    catches: Annotated[int, typer.Option(min=0, help="Trials with a broken excerpt, to see who listens.")] = 1,
    bars: Annotated[int, typer.Option(min=1, help="The length of an excerpt.")] = 8,
    bpm: Annotated[float | None, typer.Option(metavar="N", help="Of all.", show_default="the human median")] = None,
    parts: Annotated[str, typer.Option(metavar="X", help="both, drums or bass.")] = "both",
    style: Annotated[str, typer.Option(help="That rules and model write in.")] = "acid",
    preset: Annotated[str | None, typer.Option(metavar="X", help="The sound of all, as in render.")] = None,
    margin: Annotated[float, typer.Option(help="Fixed now: within 50 % and this much counts as equivalent.")] = 0.1,
    listeners: Annotated[int, typer.Option(min=1, help="Plans to draw; then the first comes again.")] = 60,
    again: Annotated[bool, typer.Option("--again", help="Make missing sounds of DIR again, and nothing else.")] = False,
    seed: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Make the stimuli of a test: cut on bars, equally long and loud, played alike; and draw who hears what."""
    from technogen.evaluation.listening.design import DesignOptions  # noqa: PLC0415
    from technogen.evaluation.listening.material import Wanted  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    if again:
        _make_again(out, human, quiet=quiet)
        return
    if question not in ("pair", "single"):
        raise ListeningError(f"question must be pair or single, got {question!r}")
    wanted = Wanted(pairs, training, catches, bars, bpm, cast("Parts", parts), style, preset)
    options = DesignOptions(question=cast("Question", question), margin=margin, listeners=listeners)
    _prepare(out, human, against or [_MODEL], wanted, options, seed, quiet=quiet)


@listen_app.command("serve")
def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `listen prepare` made.")],
    host: Host = "127.0.0.1",
    port: Port = PORT,
    log: Annotated[
        Path | None, typer.Option(metavar="F.jsonl", help="Where answers go.", show_default="DIR/answers.jsonl")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Serve a test until Ctrl+C; started again, it goes on where it was."""
    log_to_stderr(quiet=quiet)
    _serve(folder, host, port, log, quiet=quiet)


@listen_app.command("webmushra")
def webmushra(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `listen prepare` made.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="A new folder.")],
    listener: Annotated[int, typer.Option(min=0, help="Whose plan, from 0.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Write the same trials for webMUSHRA: a configuration and the sounds."""
    from technogen.evaluation.listening.webmushra import export_webmushra  # noqa: PLC0415

    say(f"{export_webmushra(folder, out, listener=listener)}", quiet=quiet)


def _prepare(
    out: Path,
    human: Path | None,
    against: Sequence[str],
    wanted: Wanted,
    options: DesignOptions,
    seed: int | None,
    *,
    quiet: bool,
) -> None:
    from technogen.evaluation.listening.sources import Condition  # noqa: PLC0415
    from technogen.evaluation.listening.stimuli import prepare_stimuli  # noqa: PLC0415

    if human is None:
        warn("no music by people was given (--human), so rules stand in for the person: a rehearsal, and no evidence")
    others = [Condition(*_name_source(text)) for text in against]
    needed = wanted.humans(len(others)) + wanted.catches + len(others) * wanted.others(len(others))
    number = secrets.randbelow(2**31) if seed is None else seed
    with show_progress("choosing excerpts", needed + 1, quiet=quiet) as step:
        source = Condition("human", _RULES if human is None else human)
        design = prepare_stimuli(out, source, others, wanted=wanted, options=options, seed=number, report=step)
    say(_describe(out, design, wanted), quiet=quiet)


def _name_source(text: str) -> tuple[str, str | Path]:
    name, mark, source = text.partition("=")
    if not mark and name not in (_RULES, _MODEL):
        raise ListeningError(f"--against is model, rules, or a name and a folder as in lstm=music/lstm, got {text!r}")
    return name, (name if not mark else source if source in (_RULES, _MODEL) else Path(source))


def _describe(out: Path, design: Design, wanted: Wanted) -> str:
    trials = len(design.plan(0))
    return (
        f"{out}  {len(design.stimuli)} excerpts of {wanted.bars} bars, {trials} trials a listener, "
        f"margin {design.options.margin:.0%}, seed {design.seed}"
    )


def _make_again(out: Path, source: Path | None, *, quiet: bool) -> None:
    from technogen.evaluation.listening.stimuli import read_manifest, recreate_stimuli  # noqa: PLC0415

    with show_progress("making sounds again", len(read_manifest(out).stimuli), quiet=quiet) as step:
        made = recreate_stimuli(out, source=source, report=step)
    for path in made:
        say(str(path), quiet=quiet)
    say(f"{len(made)} sounds were made again" if made else "all sounds are as they were made", quiet=quiet)


def _serve(folder: Path, host: str, port: int, log: Path | None, *, quiet: bool) -> None:
    from technogen.evaluation.listening.running import RunningTest  # noqa: PLC0415
    from technogen.evaluation.listening.server import serve_test  # noqa: PLC0415

    test = RunningTest(folder, log=log)
    if host not in ("127.0.0.1", "localhost", "::1"):
        warn(f"everybody who can reach {host} can take part; there is no password and no encryption")

    def ready(port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        say(f"http://{shown}:{port}/  (Ctrl+C ends it; answers go to {test.log})", quiet=quiet)

    serve_test(test, host=host, port=port, ready=ready)
