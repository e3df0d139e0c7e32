"""The verbs of `technogen evaluate` and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technogen.cli.console import log_to_stderr
from technogen.cli.options import Force

evaluate_app = typer.Typer(help="Measure how good what TechnoGen makes is.", no_args_is_help=True)


@evaluate_app.command("transcription")
def evaluate_transcription(
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="STEM.json, STEM.mid, STEM.drums.csv ..., or a folder.")
    ],
    predictions: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="STEM.json or STEM.mid, or a folder of them.")
    ],
    json: Annotated[Path | None, typer.Option("--json", metavar="OUT.json", help="Write all figures there.")] = None,
    items: Annotated[bool, typer.Option("--items", help="Say them of each recording too.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print them as CSV.")] = False,
    force: Force = False,
) -> None:
    """Hold transcriptions against annotated recordings: beats, tempo, drums, bass, filter, sections."""
    from technogen.cli.evaluating import measure  # noqa: PLC0415

    log_to_stderr(quiet=False)
    measure(truth, predictions, out=json, items=items, as_csv=csv, force=force)


@evaluate_app.command("generation")
def evaluate_generation(
    generated: Annotated[Path, typer.Argument(metavar="GENERATED", help="MIDI files: a folder, or a list in a .txt.")],
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="Human MIDI files, likewise.")],
    corpus: Annotated[
        Path | None, typer.Option(help="Where copies are looked for, as what a model was trained on; else REFERENCE.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="OUT.json", help="Write all figures there.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="OUT.html", help="Write a page with pictures.")] = None,
    bars: Annotated[int, typer.Option(help="Of a window; 1 for collections of patterns.")] = 4,
    songs: Annotated[bool, typer.Option("--songs", help="GENERATED x-01, x-v2 are one song.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every feature.")] = False,
    seed: Annotated[int, typer.Option(help="Same seed, same figures.")] = 0,
    force: Force = False,
) -> None:
    """Hold generated music against human music: can a machine tell, by what, and is anything copied?"""
    from technogen.cli.judging import Outputs, judge_music  # noqa: PLC0415
    from technogen.evaluation.generation import Judging  # noqa: PLC0415

    log_to_stderr(quiet=True)
    options = Judging(bars=bars, seed=seed, songs=songs)
    judge_music(generated, reference, corpus, Outputs(json, html, everything, force), options)


@evaluate_app.command("audio")
def evaluate_audio(
    rendered: Annotated[Path, typer.Argument(metavar="RENDERED", help="Recordings: a folder, or one file.")],
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="Real recordings, likewise.")],
    json: Annotated[Path | None, typer.Option("--json", metavar="OUT.json", help="Write all figures there.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same figures.")] = 0,
    force: Force = False,
) -> None:
    """Hold rendered sound against reference recordings: loudness, dynamics, spectrum, width."""
    from technogen.cli.judging import Outputs, judge_sound  # noqa: PLC0415

    log_to_stderr(quiet=True)
    judge_sound(rendered, reference, Outputs(json, None, True, force), seed)
