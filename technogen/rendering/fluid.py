"""Scores played by FluidSynth, through pyfluidsynth where it and its library are there, else through the command."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from technogen.errors import MissingBackendError, RenderError, SoundfontError
from technogen.midi import midi_bytes
from technogen.score import Score

if TYPE_CHECKING:
    import mido

_GAIN = 0.3
_TAIL_SECONDS = 2.0
_DRUM_CHANNEL, _DRUM_TRACK, _ACID_TRACK = 9, "Drums", "Acid"
_SLIDE_MILLISECONDS = 50  # in a straight line, nearest to an RC of 22 ms
_SLIDING = {68: 127, 65: 127, 5: 0, 37: _SLIDE_MILLISECONDS}
"""Controllers by which FluidSynth plays one voice that glides where notes overlap: pedal, portamento, and its time."""
_MOST_SECONDS = 600
_HIGHEST_RATE = 96_000
_INSTALL = "`apt-get install fluidsynth` (or `brew install fluid-synth`), and `pip install technogen[fluidsynth]`"

Wave = NDArray[np.float64]


def play_fluidsynth(score: Score, path: Path, sample_rate: int, drum_program: int) -> Wave:
    """Play the MIDI of a score, without reverb and chorus; its slides glide.

    Args:
        score: What to play.
        path: An SF2 file that has been checked.
        sample_rate: Samples a second; FluidSynth knows 8000..96000.
        drum_program: Of bank 128.

    Returns:
        (samples, 2), with 2 seconds after the score.

    Raises:
        MissingBackendError: If neither pyfluidsynth with its library nor the command is installed.
        SoundfontError: If FluidSynth refuses the file.
        RenderError: If the sample rate is more than 96000.
    """
    if sample_rate > _HIGHEST_RATE:
        raise RenderError(f"FluidSynth plays at sample_rate 8000..{_HIGHEST_RATE}, got {sample_rate}")
    library = _library()
    if library is not None:
        return _play_library(library, score, path, sample_rate, drum_program)
    command = shutil.which("fluidsynth")
    if command is None:
        raise MissingBackendError(f"FluidSynth is not installed; {_INSTALL} does that")
    return _play_command(command, score, path, sample_rate, drum_program)


def find_fluidsynth() -> str | None:
    """What FluidSynth would be played through, in words; None where it is not installed."""
    if _library() is not None:
        return f"pyfluidsynth {version('pyfluidsynth')}"
    return shutil.which("fluidsynth")


def _library() -> ModuleType | None:
    """The module of pyfluidsynth; its import fails where the C library is missing."""
    try:
        import fluidsynth  # noqa: PLC0415
    except (ImportError, OSError, AttributeError):
        return None
    return fluidsynth if hasattr(fluidsynth, "Synth") else None


def _midi(score: Score, drum_program: int) -> mido.MidiFile:
    """The parts that sound, with the drum kit chosen, slides switched on, and time for the last sound to ring."""
    import mido  # noqa: PLC0415

    midi = mido.MidiFile(file=BytesIO(midi_bytes(score)))
    silent = {name for name, part in ((_DRUM_TRACK, score.drums), (_ACID_TRACK, score.bass)) if not part}
    midi.tracks = [track for track in midi.tracks if track.name not in silent]
    for track in midi.tracks:
        if track.name == _DRUM_TRACK:
            track.insert(0, mido.Message("program_change", channel=_DRUM_CHANNEL, program=drum_program))
        if track.name == _ACID_TRACK:
            track[:0] = [mido.Message("control_change", control=number, value=x) for number, x in _SLIDING.items()]
        track[-1].time += round(_TAIL_SECONDS * score.tempo / 60 * midi.ticks_per_beat)
    return midi


def _play_library(library: ModuleType, score: Score, path: Path, sample_rate: int, drum_program: int) -> Wave:
    synth = library.Synth(gain=_GAIN, samplerate=float(sample_rate))
    try:
        for setting in ("synth.reverb.active", "synth.chorus.active"):
            synth.setting(setting, 0)
        font = synth.sfload(str(path))
        if font < 0:
            raise SoundfontError(f"{path} cannot be played: FluidSynth refuses it")
        if score.drums:
            synth.program_select(_DRUM_CHANNEL, font, 128, drum_program)
        pieces, seconds, made = [], 0.0, 0
        for message in _midi(score, drum_program):
            seconds += message.time
            due = round(seconds * sample_rate) - made
            if due > 0:
                pieces.append(synth.get_samples(due))
                made += due
            _send(synth, message)
    finally:
        synth.delete()
    return np.concatenate(pieces).reshape(-1, 2) / 32768


def _send(synth: object, message: mido.Message) -> None:
    actions = {
        "note_on": ("noteon", ("channel", "note", "velocity")),
        "note_off": ("noteoff", ("channel", "note")),
        "control_change": ("cc", ("channel", "control", "value")),
        "program_change": ("program_change", ("channel", "program")),
    }
    if message.type in actions:
        method, fields = actions[message.type]
        getattr(synth, method)(*(getattr(message, field) for field in fields))


def _play_command(command: str, score: Score, path: Path, sample_rate: int, drum_program: int) -> Wave:
    from technogen.audio import read_audio  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder) / "song.mid", Path(folder) / "sound.wav"
        _midi(score, drum_program).save(str(song))
        options = ["-n", "-i", "-q", "-R", "0", "-C", "0", "-g", str(_GAIN), "-r", str(sample_rate), "-F", str(sound)]
        arguments = [command, *options, "--", str(path.resolve()), str(song)]
        try:
            done = subprocess.run(arguments, capture_output=True, timeout=_MOST_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise SoundfontError(f"{path} cannot be played: FluidSynth took more than {_MOST_SECONDS} s") from None
        if done.returncode or not sound.exists():
            raise SoundfontError(
                f"{path} cannot be played: FluidSynth says {done.stderr.decode(errors='replace')[:200]!r}"
            )
        samples = read_audio(sound).samples
    return np.asarray(samples, dtype=np.float64).reshape(len(samples), -1)[:, [0, -1]]
