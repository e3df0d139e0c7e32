"""`technogen render`: MIDI files as sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from technogen.cli.console import fail, refuse_overwriting, say, say_json, show_progress
from technogen.errors import MissingFileError, RenderError, TechnoGenError
from technogen.files import make_folder
from technogen.score import Score

if TYPE_CHECKING:
    from technogen.audio.writing import BitDepth
    from technogen.rendering import KitName

MIDI_ENDINGS = frozenset({".mid", ".midi"})
SOUND_ENDINGS = frozenset({".wav", ".flac", ".ogg"})


@dataclass(frozen=True, slots=True)
class Sound:
    """How the music is played and written."""

    soundfont: Path | None
    fluidsynth: bool
    kit: str
    loudness: float
    loop: bool
    sample_rate: int
    bit_depth: int
    seed: int


def render_files(sources: tuple[Path, ...], out: Path, sound: Sound, *, force: bool, json: bool, quiet: bool) -> int:
    """Render every file; what fails is reported and the rest goes on.

    Returns:
        How many failed.
    """
    targets = _plan(sources, out)
    refuse_overwriting(targets.values(), force=force)
    failed = 0
    with show_progress("rendering", len(targets), quiet=quiet) as step:
        for source, target in targets.items():
            step(source.name)
            try:
                facts = _render_one(source, target, sound)
            except TechnoGenError as error:
                if len(targets) == 1:
                    raise
                failed += 1
                fail(str(error))
            else:
                say_json(facts) if json else say(f"{target}  ({facts['seconds']:.1f} s)", quiet=quiet)
    if failed:
        fail(f"{failed} of {len(targets)} files could not be rendered")
    return failed


def _render_one(source: Path, target: Path, sound: Sound) -> dict[str, str | float]:
    from technogen.audio import write_audio  # noqa: PLC0415
    from technogen.rendering import Mix, Voice, render  # noqa: PLC0415

    audio = render(
        Score.load(source),
        soundfont=sound.soundfont,
        fluidsynth=sound.fluidsynth,
        loop=sound.loop,
        sample_rate=sound.sample_rate,
        seed=sound.seed,
        voice=Voice(kit=cast("KitName", sound.kit), mix=Mix(loudness=sound.loudness)),
    )
    make_folder(target.parent)
    write_audio(audio, target, bit_depth=cast("BitDepth", sound.bit_depth))
    return {"path": str(target), "seconds": round(audio.seconds, 3), "sample_rate": audio.sample_rate}


def _plan(sources: tuple[Path, ...], out: Path) -> dict[Path, Path]:
    """Each MIDI file with the sound file that it becomes."""
    files = [f for s in sources for f in (_find_midi(s) if s.is_dir() else [s])]
    if not files:
        raise MissingFileError(f"no MIDI files in {', '.join(str(s) for s in sources)}")
    if out.suffix.lower() in SOUND_ENDINGS:
        if len(files) > 1:
            raise RenderError(f"{len(files)} files cannot all become {out}; let -o name a folder")
        return {files[0]: out}
    targets = {f: out / f"{f.stem}.wav" for f in files}
    if len(set(targets.values())) < len(targets):
        raise RenderError("two of the files have the same name; render them one by one")
    return targets


def _find_midi(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in MIDI_ENDINGS and p.is_file())
