"""The verbs and their options; each verb's work is in the module of its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from technogen import __version__
from technogen.cli.console import log_to_stderr
from technogen.cli.dataset_app import dataset_app
from technogen.cli.evaluate_app import evaluate_app
from technogen.cli.listening import listen_app
from technogen.cli.options import Force, Json, Quiet, Seed

if TYPE_CHECKING:
    from technogen.transcription.pipeline import BassTracker, BeatTracker

app = typer.Typer(
    name="technogen",
    help="Techno as music data: recordings to drum and acid MIDI, new music by a Music Transformer, and sound again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
train_app = typer.Typer(help="Train the models that the package ships, or your own.", no_args_is_help=True)
app.add_typer(train_app, name="train")
app.add_typer(dataset_app, name="dataset")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(listen_app, name="listen")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"technogen {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Techno as music data: recordings to drum and acid MIDI, new music by a Music Transformer, and sound again."""


@app.command()
def transcribe(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER...", help="Recordings, or folders of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where STEM.mid, STEM.beats, ... go.")],
    json: Annotated[bool, typer.Option("--json", help="Write STEM.json too.")] = False,
    picture: Annotated[bool, typer.Option("--picture", help="Write STEM.svg too.")] = False,
    patterns: Annotated[
        bool, typer.Option("--patterns", help="Write its loops too: STEM.pattern-drums-A.mid, ...")
    ] = False,
    bpm: Annotated[float | None, typer.Option(metavar="N", help="The tempo, where you know it.")] = None,
    bpm_range: Annotated[tuple[float, float], typer.Option(metavar="A B", help="Where to look for it.")] = (
        90.0,
        200.0,
    ),
    jobs: Annotated[int, typer.Option(min=1, help="Recordings worked on at once.")] = 1,
    engine: Annotated[str, typer.Option(metavar="X", help="local, or ray for a Ray cluster.")] = "local",
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out what is done; go on with an interrupted run.")
    ] = False,
    keep_folders: Annotated[bool, typer.Option("--keep-folders", help="Mirror the source folders.")] = False,
    beat_tracker: Annotated[str, typer.Option(metavar="X", help="technogen or madmom.")] = "technogen",
    bass_tracker: Annotated[str, typer.Option(metavar="X", help="technogen or basic-pitch.")] = "technogen",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Hear recordings: tempo, beats, drums and acid line, as MIDI, beats and JSON."""
    from technogen.cli.transcribing import Job, transcribe_all  # noqa: PLC0415
    from technogen.transcription import CollectionOptions, Engine, Existing, Format  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    extra = {"json": json, "svg": picture, "patterns": patterns}
    formats = ["mid", "beats", *(name for name, wanted in extra.items() if wanted)]
    options = CollectionOptions(
        tempo=bpm,
        tempo_range=bpm_range,
        beat_tracker=cast("BeatTracker", beat_tracker),
        bass_tracker=cast("BassTracker", bass_tracker),
        formats=cast("tuple[Format, ...]", tuple(formats)),
        keep_folders=keep_folders,
    )
    existing: Existing = ("update" if force else "skip") if skip_existing else ("replace" if force else "refuse")
    job = Job(tuple(sources), out, options, existing, jobs, cast("Engine", engine))
    raise typer.Exit(1 if transcribe_all(job, quiet=quiet) else 0)


@app.command()
def generate(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT.mid", help="The MIDI file to write.")],
    prompt: Annotated[Path | None, typer.Option(metavar="IN.mid", help="Music to go on from.")] = None,
    bars: Annotated[int, typer.Option(help="How long.")] = 8,
    bpm: Annotated[float | None, typer.Option(help="The tempo.", show_default="the prompt's or style's")] = None,
    style: Annotated[str, typer.Option(help="acid, industrial, hard, dub, hypnotic or electro.")] = "acid",
    by: Annotated[str, typer.Option(metavar="SOURCE", help="transformer or rules.")] = "transformer",
    seed: Seed = None,
    takes: Annotated[int, typer.Option(min=1, max=64, help="Several: OUT-1.mid, OUT-2.mid, ...")] = 1,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest; above 1 dares more.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Draw from the k likeliest; 0: all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Draw from the likeliest that sum to p.")] = 0.99,
    min_p: Annotated[float, typer.Option(help="Leave out what is less likely than p times the likeliest.")] = 0.0,
    key: Annotated[str | None, typer.Option(help="As in 'A minor'; 'any' for all notes.", show_default="drawn")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Weights of your own.")] = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write new music, from nothing or on from a prompt."""
    from technogen.cli.generating import Drawing, Order, generate_files  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    order = Order(out, prompt, bars, bpm, style, by, seed, takes, checkpoint)
    drawing = Drawing(temperature, top_k, top_p, min_p, key)
    generate_files(order, drawing, force=force, json=json, quiet=quiet)


@app.command()
def render(
    sources: Annotated[list[Path], typer.Argument(metavar="IN.mid...", help="MIDI files, or folders of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="OUT.wav, .flac or .ogg; a folder for several.")],
    preset: Annotated[
        str | None, typer.Option(metavar="X", help="acid, industrial, 808, raw, dub or hypnotic.")
    ] = None,
    kit: Annotated[
        str | None, typer.Option(help="909, 808 or industrial.", show_default="the preset's; without one, 909")
    ] = None,
    loudness: Annotated[
        str | None,
        typer.Option(
            metavar="LUFS",
            help="A number, streaming (-14) or club (-9).",
            show_default="the preset's; without one, -14",
        ),
    ] = None,
    stems: Annotated[bool, typer.Option("--stems", help="Write OUT-kick.wav, ... too, before mastering.")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Exactly the bars, the tail folded into the start.")] = False,
    random_voice: Annotated[
        int | None, typer.Option(metavar="SEED", help="A drawn voice, in place of a preset.")
    ] = None,
    soundfont: Annotated[Path | None, typer.Option(metavar="F.sf2", help="Play by a soundfont.")] = None,
    fluidsynth: Annotated[bool, typer.Option("--fluidsynth", help="Let FluidSynth play the soundfont.")] = False,
    sample_rate: Annotated[int, typer.Option(help="Samples a second.")] = 44100,
    bit_depth: Annotated[int, typer.Option(help="Of WAV: 16, 24, or 32 for float.")] = 24,
    seed: Annotated[int, typer.Option(help="Of the small differences from hit to hit.")] = 0,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Play MIDI through the project's own 303 and drum machines, or a soundfont, into an audio file."""
    from technogen.cli.rendering import Sound, render_files  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    sound = Sound(preset, random_voice, kit, loudness, soundfont, fluidsynth, stems, loop, sample_rate, bit_depth, seed)
    failed = render_files(tuple(sources), out, sound, force=force, json=json, quiet=quiet)
    raise typer.Exit(1 if failed else 0)


@app.command()
def demo(
    source: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A recording of your own.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where the results go.")] = None,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 303,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Go the whole way round: rules or a recording, transcription, the model, sound again."""
    from technogen.cli.demo import run_demo  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    run_demo(source, out, seed=seed, force=force, quiet=quiet)


@app.command()
def doctor(json: Json = False) -> None:
    """Say what is installed, and the line that installs what is not."""
    from technogen.cli.doctor import examine  # noqa: PLC0415

    examine(json=json)


@train_app.command("composer")
def train_composer(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Checkpoints, log and curves go here.")],
    human: Annotated[Path | None, typer.Option(metavar="SPLIT.json", help="Human files to learn from.")] = None,
    minutes: Annotated[float, typer.Option(help="How long to train, where --steps is not given.")] = 25.0,
    steps: Annotated[int | None, typer.Option(help="Updates; the same number gives the same weights.")] = None,
    seed: Annotated[int, typer.Option(help="Of the first weights and the examples.")] = 0,
    threads: Annotated[int, typer.Option(help="Cores to use.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last state in DIR.")] = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Train the Music Transformer on patterns by rules and, if given, human MIDI."""
    from technogen.cli.training import train  # noqa: PLC0415
    from technogen.training import TrainingConfig  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    config = TrainingConfig(steps=steps, minutes=minutes, seed=seed, threads=threads)
    train(out, config, human=human, resume=resume, force=force, quiet=quiet)


@train_app.command("ear")
def train_ear(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Checkpoint, lessons, log, curves go here.")],
    human: Annotated[Path | None, typer.Option(metavar="SPLIT.json", help="Human files for mixes to play.")] = None,
    mixes: Annotated[int, typer.Option(min=2, help="How many mixes to make and hear.")] = 9000,
    epochs: Annotated[int, typer.Option(min=1, help="How often to hear them.")] = 8,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that make mixes, threads that learn.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the lessons and the state in DIR.")] = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Train the part of the ear that tells drums apart, on mixes made for it."""
    from technogen.cli.training import teach  # noqa: PLC0415
    from technogen.training import EarConfig  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    config = EarConfig(mixes=mixes, epochs=epochs, seed=seed, validation=max(1, min(200, mixes // 5)))
    teach(out, config, human=human, jobs=jobs, resume=resume, force=force, quiet=quiet)


@listen_app.command("report")
def listen_report(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="The answers, as JSON lines.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT.html", help="Write a page for people too.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the answers as CSV instead.")] = False,
    design: Annotated[
        Path | None, typer.Option(metavar="DESIGN.json", help="The design, where the log has lost it.")
    ] = None,
    title: Annotated[str, typer.Option(help="Of the page.")] = "Listening test",
    force: Force = False,
) -> None:
    """Say what the answers of a listening test show, and what they do not."""
    from technogen.cli.listening_report import report  # noqa: PLC0415

    log_to_stderr(quiet=False)
    report(log, out=out, design=design, as_csv=csv, title=title, force=force)
