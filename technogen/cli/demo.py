"""`technogen demo`: the whole way round, on material that it makes itself or on a recording of the user's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from technogen.cli.console import refuse_overwriting, say, show_progress
from technogen.files import make_folder, write_text

if TYPE_CHECKING:
    from technogen.audio import Audio
    from technogen.score import Score
    from technogen.transcription import Transcription

BARS = 8
_STEPS = 6


def run_demo(source: Path | None, out: Path | None, *, seed: int, force: bool, quiet: bool) -> None:
    """Make or read a recording, transcribe it, let the model go on, render that; print each path."""
    folder = _free_folder() if out is None else out
    names = ["idea.mid", "idea.wav", "heard.mid", "heard.json", "heard.beats", "heard.svg"]
    names += ["rules.mid", "rules.wav"] if source is None else []
    refuse_overwriting((folder / name for name in names), force=force)
    started = perf_counter()
    with show_progress("starting", _STEPS, quiet=quiet) as step:
        if source is None:
            audio = _make_recording(make_folder(folder), seed, step)
        else:
            audio = _read(source, step)
            make_folder(folder)
        heard = _hear(audio, folder, step)
        _compose(heard, folder, seed, step)
    _report(heard, folder, names, perf_counter() - started, quiet=quiet)


def _free_folder() -> Path:
    """The first of technogen-demo, technogen-demo-2, ... that is not there yet."""
    folder, number = Path("technogen-demo"), 1
    while folder.exists():
        number += 1
        folder = Path(f"technogen-demo-{number}")
    return folder


def _make_recording(folder: Path, seed: int, begin: Callable[[str], None]) -> Audio:
    from technogen.patterns import compose  # noqa: PLC0415
    from technogen.rendering import render  # noqa: PLC0415

    begin("writing a pattern by rules")
    score = compose("acid", bars=BARS, tempo=138, seed=seed)
    score.save(folder / "rules.mid")
    begin("rendering it (the first time, the synthesiser is compiled)")
    audio = render(score, seed=seed, loop=True)
    audio.save(folder / "rules.wav")
    return audio


def _read(source: Path, begin: Callable[[str], None]) -> Audio:
    from technogen.audio import read_audio  # noqa: PLC0415

    begin(f"reading {source.name}")
    return read_audio(source)


def _hear(audio: Audio, folder: Path, begin: Callable[[str], None]) -> Transcription:
    from technogen.transcription import transcribe  # noqa: PLC0415
    from technogen.transcription.picture import draw_transcription  # noqa: PLC0415

    begin("transcribing")
    heard = transcribe(audio)
    for ending in (".mid", ".json", ".beats"):
        heard.save(folder / f"heard{ending}")
    write_text(folder / "heard.svg", draw_transcription(heard, audio))
    return heard


def _compose(heard: Transcription, folder: Path, seed: int, begin: Callable[[str], None]) -> None:
    from technogen.generation import Generator  # noqa: PLC0415
    from technogen.rendering import render  # noqa: PLC0415

    begin("writing what could come next")
    idea: Score = Generator().generate(heard.score, bars=BARS, seed=seed)
    idea.save(folder / "idea.mid")
    begin("rendering it")
    render(idea, seed=seed).save(folder / "idea.wav")


_FILES = {
    "rules.mid": "a pattern written by rules",
    "rules.wav": "the pattern played by the 303 and the drum machine",
    "heard.mid": "what the ear heard in it",
    "heard.json": "the same in seconds, with confidences",
    "heard.beats": "its beats, for Sonic Visualiser",
    "heard.svg": "a picture: waveform with beats and bars, drum grid, acid lane",
    "idea.mid": "what the Music Transformer wrote on from it",
    "idea.wav": "that, played",
}


def _report(heard: Transcription, folder: Path, names: list[str], seconds: float, *, quiet: bool) -> None:
    tempo = f"{heard.tempo:.2f} bpm" if heard.tempo else "no constant tempo"
    say(f"heard {tempo}, {len(heard.drums)} drum hits, {len(heard.bass)} bass notes", quiet=quiet)
    for name in (name for name in _FILES if name in names):
        say(f"{folder / name}  {_FILES[name]}", quiet=quiet)
    say(f"done in {seconds:.1f} s", quiet=quiet)
