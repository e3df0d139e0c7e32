"""`technogen render`: MIDI files as sound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from technogen.cli.console import fail, refuse_overwriting, say, say_json, show_share
from technogen.errors import MissingFileError, RenderError, TechnoGenError
from technogen.files import make_folder
from technogen.score import Score

if TYPE_CHECKING:
    from technogen.audio import Audio
    from technogen.audio.writing import BitDepth
    from technogen.rendering import KitName, Voice

MIDI_ENDINGS = frozenset({".mid", ".midi"})
SOUND_ENDINGS = frozenset({".wav", ".flac", ".ogg"})


LOUDNESSES = {"streaming": -14.0, "club": -9.0}
"""What `--loudness` calls by name, in LUFS."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How the music is played and written; what is None is as the preset has it.

    Attributes:
        preset: A name of `technogen.rendering.PRESETS`.
        random_voice: The seed of a drawn voice, instead of a preset.
        kit: Another drum kit than the preset's.
        loudness: LUFS as a number, or a name of `LOUDNESSES`.
        soundfont: An SF2 file that plays instead.
        fluidsynth: Whether FluidSynth plays it.
        stems: Whether each part is written too.
        loop: Whether the tail is folded into the start.
        sample_rate: Samples a second.
        bit_depth: 16, 24 or 32.
        seed: Of the small differences between hits.
    """

    preset: str | None = None
    random_voice: int | None = None
    kit: str | None = None
    loudness: str | None = None
    soundfont: Path | None = None
    fluidsynth: bool = False
    stems: bool = False
    loop: bool = False
    sample_rate: int = 44_100
    bit_depth: int = 24
    seed: int = 0


def render_files(sources: tuple[Path, ...], out: Path, sound: Sound, *, force: bool, json: bool, quiet: bool) -> int:
    """Render every file; what fails is reported and the rest goes on.

    Returns:
        How many failed.
    """
    from technogen.audio.writing import find_format  # noqa: PLC0415

    voice = find_voice(sound)
    targets = _plan(sources, out)
    for target in targets.values():
        find_format(target, sound.bit_depth)
    written = [path for target in targets.values() for path in (target, *_stem_paths(target, sound).values())]
    if len(set(written)) < len(written):
        raise RenderError("two of the sounds would have the same name; render the files one by one")
    refuse_overwriting(written, force=force)
    failed = 0
    with show_share(quiet=quiet) as show:
        for done, (source, target) in enumerate(targets.items()):
            report = partial(_report, show, source.name, done, len(targets))
            report(0.0)
            try:
                facts = _render_one(source, target, sound, voice, report)
            except TechnoGenError as error:
                if len(targets) == 1:
                    raise
                failed += 1
                fail(str(error))
            else:
                say_json(facts) if json else _say_facts(facts, quiet=quiet)
    if failed:
        fail(f"{failed} of {len(targets)} files could not be rendered")
    return failed


def find_voice(sound: Sound) -> Voice:
    """The voice that the options ask for.

    Raises:
        RenderError: If an option has no such value, or two of them exclude each other.
    """
    from technogen.rendering import Voice, preset, random_voice  # noqa: PLC0415

    if sound.preset is not None and sound.random_voice is not None:
        raise RenderError("--preset and --random-voice exclude each other; give one of them")
    if sound.stems and (sound.soundfont is not None or sound.fluidsynth):
        raise RenderError(
            "stems come from the project's own 303 and drum machines; leave out --soundfont, --fluidsynth"
        )
    voice = Voice()
    if sound.preset is not None:
        voice = preset(sound.preset)
    elif sound.random_voice is not None:
        voice = random_voice(sound.random_voice)
    if sound.kit is not None:
        voice = replace(voice, kit=cast("KitName", sound.kit))
    if sound.loudness is not None:
        voice = replace(voice, mix=replace(voice.mix, loudness=_read_loudness(sound.loudness)))
    return voice


def _read_loudness(text: str) -> float:
    if text.lower() in LOUDNESSES:
        return LOUDNESSES[text.lower()]
    try:
        return float(text)
    except ValueError:
        raise RenderError(f"loudness must be a number of LUFS, {' or '.join(LOUDNESSES)}; got {text!r}") from None


def _stem_paths(target: Path, sound: Sound) -> dict[str, Path]:
    """Where each stem goes: OUT-kick.wav and so on, beside OUT.wav."""
    if not sound.stems:
        return {}
    from technogen.rendering.mix import STEMS  # noqa: PLC0415

    return {name: target.with_name(f"{target.stem}-{name}{target.suffix}") for name in STEMS}


def _report(show: Callable[[str, float], None], name: str, done: int, total: int, share: float) -> None:
    show(name, (done + share) / total)


def _render_one(
    source: Path, target: Path, sound: Sound, voice: Voice, report: Callable[[float], None]
) -> dict[str, Any]:
    from technogen.audio import measure_loudness  # noqa: PLC0415
    from technogen.rendering import Rendering  # noqa: PLC0415

    rendering = Rendering(
        Score.load(source),
        soundfont=sound.soundfont,
        fluidsynth=sound.fluidsynth,
        sample_rate=sound.sample_rate,
        seed=sound.seed,
        loop=sound.loop,
        voice=voice,
    )
    paths = _stem_paths(target, sound)
    part = 0.6 if paths else 1.0  # of the work is the mix, the rest the stems
    audio = rendering.play(lambda share: report(part * share))
    made = {target: audio}
    if paths:
        stems = rendering.play_stems(lambda share: report(part + (1 - part) * share))
        made.update((paths[name], stem) for name, stem in stems.items())
    make_folder(target.parent)
    for path, wave in made.items():
        _write(wave, path, sound.bit_depth)
    loudness = measure_loudness(audio)
    return {
        "path": str(target),
        "seconds": round(audio.seconds, 3),
        "sample_rate": audio.sample_rate,
        "loudness": round(loudness, 2) if math.isfinite(loudness) else None,
        "stems": {name: str(path) for name, path in paths.items()},
    }


def _write(audio: Audio, path: Path, bit_depth: int) -> None:
    from technogen.audio import write_audio  # noqa: PLC0415

    write_audio(audio, path, bit_depth=cast("BitDepth", bit_depth))


def _say_facts(facts: dict[str, Any], *, quiet: bool) -> None:
    level = "silence" if facts["loudness"] is None else f"{facts['loudness']:.1f} LUFS"
    say(f"{facts['path']}  ({facts['seconds']:.1f} s, {level})", quiet=quiet)
    for path in facts["stems"].values():
        say(path, quiet=quiet)


def _plan(sources: tuple[Path, ...], out: Path) -> dict[Path, Path]:
    """Each MIDI file with the sound file that it becomes."""
    files = [f for s in sources for f in (_find_midi(s) if s.is_dir() else [s])]
    if not files:
        raise MissingFileError(f"no MIDI files in {', '.join(str(s) for s in sources)}")
    if out.suffix.lower() in SOUND_ENDINGS and len(files) > 1:
        raise RenderError(f"{len(files)} files cannot all become {out}; let -o name a folder")
    if out.suffix and len(files) == 1 and not out.is_dir():  # of any ending: what is none of a sound is refused
        return {files[0]: out}
    return {f: out / f"{f.stem}.wav" for f in files}


def _find_midi(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in MIDI_ENDINGS and p.is_file())
