"""The verbs and their options; each verb's work is in the module of its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from technogen import __version__
from technogen.cli.console import log_to_stderr
from technogen.cli.listening import listen_app

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
dataset_app = typer.Typer(help="Make data sets of recordings and MIDI files.", no_args_is_help=True)
app.add_typer(dataset_app, name="dataset")
evaluate_app = typer.Typer(help="Measure how good what TechnoGen makes is.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(listen_app, name="listen")

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors alone.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Overwrite existing files.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
Seed = Annotated[int | None, typer.Option(help="Same seed, same bytes.", show_default="drawn, and printed")]


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


@dataset_app.command("build")
def dataset_build(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A folder of recordings, MIDI files, or both.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of the data set.")],
    window_by: Annotated[str, typer.Option(metavar="X", help="bars, beats, seconds, or none: tracks whole.")] = "bars",
    length: Annotated[float | None, typer.Option(help="Of a window.", show_default="4 bars, 16 beats, 10 s")] = None,
    hop: Annotated[float | None, typer.Option(help="From window to window.", show_default="a window's length")] = None,
    representation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X", help="raw, spectrogram, mel or midi; may be given several times.", show_default="midi"
        ),
    ] = None,
    stereo: Annotated[bool, typer.Option("--stereo/--mono", help="Two channels, or one.")] = False,
    sample_rate: Annotated[int, typer.Option(help="Of raw, spectrogram and mel, in Hz.")] = 44_100,
    fft_size: Annotated[int, typer.Option(help="Samples in a frame of spectrogram and mel.")] = 2048,
    fft_hop: Annotated[int, typer.Option(help="Samples from frame to frame.")] = 512,
    mel_bands: Annotated[int, typer.Option(help="Bands of mel.")] = 128,
    import_midi: Annotated[bool, typer.Option("--import-midi", help="Find drums and bass in any MIDI file.")] = False,
    bpm_range: Annotated[tuple[float, float], typer.Option(metavar="A B", help="Where tempos lie.")] = (90.0, 200.0),
    licence: Annotated[str | None, typer.Option(metavar="TEXT", help="Of the source; stored in each row.")] = None,
    shard_mib: Annotated[int, typer.Option(min=1, max=16_384, help="About the size of a Parquet file, in MiB.")] = 256,
    jobs: Annotated[int, typer.Option(min=1, help="Files worked on at once.")] = 1,
    engine: Annotated[str, typer.Option(metavar="X", help="local, or ray for a Ray cluster.")] = "local",
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace what was built by other choices.")] = False,
    quiet: Quiet = False,
) -> None:
    """Make a data set of a folder, or bring it up to date; what was interrupted goes on."""
    from technogen.cli.dataset import build  # noqa: PLC0415
    from technogen.dataset.config import DatasetConfig, Representation, WindowBy  # noqa: PLC0415
    from technogen.dataset.engines import Engine  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    config = DatasetConfig(
        window_by=cast("WindowBy", window_by),
        length=length,
        hop=hop,
        representations=cast("tuple[Representation, ...]", tuple(representation or ["midi"])),
        stereo=stereo,
        sample_rate=sample_rate,
        fft_size=fft_size,
        fft_hop=fft_hop,
        mel_bands=mel_bands,
        import_midi=import_midi,
        tempo_range=bpm_range,
        licence=licence,
        shard_bytes=shard_mib * 2**20,
    )
    failed = build(source, out, config, jobs=jobs, engine=cast("Engine", engine), force=force, quiet=quiet)
    raise typer.Exit(1 if failed else 0)


@dataset_app.command("info")
def dataset_info(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of a data set.")],
    picture: Annotated[Path | None, typer.Option(metavar="F.svg", help="Draw it too.")] = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say what is in a data set: tempos, bars, drums, keys, bars that repeat."""
    from technogen.cli.dataset import inform  # noqa: PLC0415

    log_to_stderr(quiet=json)
    inform(folder, picture=picture, json=json, force=force)


@dataset_app.command("check")
def dataset_check(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of a data set.")],
    quiet: Quiet = False,
) -> None:
    """Check a data set: hashes, schema, splits, windows."""
    from technogen.cli.dataset import check  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    raise typer.Exit(1 if check(folder, quiet=quiet) else 0)


@dataset_app.command("corpus")
def dataset_corpus(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write.")],
    human: Annotated[Path | None, typer.Option(metavar="SPLIT.json", help="Human files to learn from.")] = None,
    windows: Annotated[int, typer.Option(metavar="N", help="How many, a tenth of them for validation.")] = 20_000,
    bars: Annotated[int, typer.Option(metavar="N", help="The most bars of a window.")] = 16,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed, same bytes.")] = 0,
    share_alike: Annotated[bool, typer.Option("--share-alike", help="Add the split's share-alike songs.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that work.")] = 1,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the training set of a composer: patterns by rules and, if given, human MIDI, as tokens."""
    from technogen.cli.corpus import write  # noqa: PLC0415
    from technogen.dataset.corpus import CorpusConfig  # noqa: PLC0415

    log_to_stderr(quiet=quiet)
    config = CorpusConfig(windows=windows, bars=bars, seed=seed, share_alike=share_alike)
    write(out, config, human=human, jobs=jobs, force=force, json=json, quiet=quiet)


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
