"""The verbs of `technogen dataset` and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from technogen.cli.console import log_to_stderr
from technogen.cli.options import Force, Json, Quiet

dataset_app = typer.Typer(help="Make data sets of recordings and MIDI files.", no_args_is_help=True)


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
