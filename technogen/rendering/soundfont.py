"""Scores played with SF2 files: which preset plays what, symusic's synthesiser, and the project's own file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from technogen.errors import MissingFileError, SoundfontError
from technogen.rendering.kits import Kit
from technogen.rendering.options import HAT_GROUP, KitName
from technogen.rendering.soundfont_reading import read_presets
from technogen.score import TICKS_PER_BAR, Score

if TYPE_CHECKING:
    import symusic

_log = logging.getLogger(__name__)

FILE_NAME = "technogen.sf2"
ACID_BANK, ACID_PROGRAM = 0, 38
DRUM_BANK = 128
KIT_PROGRAMS: dict[KitName, int] = {"909": 24, "808": 25}
ONLY_KIT_PROGRAM = 0
_RING_TICKS = 4 * TICKS_PER_BAR


def default_soundfont() -> Path:
    """The project's own soundfont, in the installed package or in a checkout.

    Raises:
        MissingFileError: If it is in neither.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "soundfonts", package.parent / "soundfonts"):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    command = f"python -m technogen.rendering.build_soundfonts {package.parent / 'soundfonts'}"
    raise MissingFileError(f"{FILE_NAME} is not there; `{command}` makes it")


def play_soundfont(
    score: Score, path: Path, sample_rate: int, *, kit: KitName | Kit, fluidsynth: bool
) -> NDArray[np.float64]:
    """Play the MIDI of a score with a soundfont, unmixed.

    Args:
        score: What to play.
        path: An SF2 file.
        sample_rate: Samples a second.
        kit: Which drum preset is wanted.
        fluidsynth: Play with FluidSynth rather than with symusic.

    Returns:
        (samples, 2), about as long as the score.

    Raises:
        MissingFileError: If there is no such file.
        SoundfontError: If it is no SF2 file that can be read.
        MissingBackendError: If FluidSynth is asked for and not installed.
    """
    wanted = KIT_PROGRAMS.get(kit, ONLY_KIT_PROGRAM) if isinstance(kit, str) else ONLY_KIT_PROGRAM
    presets = {(preset.bank, preset.program) for preset in read_presets(path)}
    kits = [program for program in (wanted, ONLY_KIT_PROGRAM) if (DRUM_BANK, program) in presets]
    if score.drums and not kits:
        _log.warning("%s has no drum kit (bank 128, program %d or 0): the drums are silent", path, wanted)
        score = score.muted("drums")
    if score.bass and (ACID_BANK, ACID_PROGRAM) not in presets:
        _log.warning("%s has no bass (bank 0, program %d): the bass is silent", path, ACID_PROGRAM)
        score = score.muted("bass")
    if not score.drums and not score.bass:
        return np.zeros((0, 2))
    program = kits[0] if kits else ONLY_KIT_PROGRAM
    if fluidsynth:
        from technogen.rendering.fluid import play_fluidsynth  # noqa: PLC0415

        return play_fluidsynth(score, path, sample_rate, program)
    return _play_symusic(score, path, sample_rate, program)


def _play_symusic(score: Score, path: Path, sample_rate: int, drum_program: int) -> NDArray[np.float64]:
    import symusic  # noqa: PLC0415

    from technogen.midi import midi_bytes  # noqa: PLC0415

    midi = symusic.Score.from_midi(midi_bytes(score))
    for track in midi.tracks:
        track.program = drum_program if track.is_drum else ACID_PROGRAM
        if track.is_drum:
            _let_ring(track, score.length)
    try:
        synthesiser = symusic.Synthesizer(sf_path=str(path), sample_rate=sample_rate, quality=4)
        samples = synthesiser.render(midi, stereo=True)
    except RuntimeError as error:
        raise SoundfontError(f"{path} cannot be played: {error}") from error
    played: NDArray[np.float64] = np.nan_to_num(np.asarray(samples, dtype=np.float64).T)
    return played


def _let_ring(track: symusic.Track, end: int) -> None:
    """Hold each drum hit until the next of its piece, or of the hats: this synthesiser cuts sounds at note-off."""
    following: dict[int, int] = {}
    for note in reversed(track.notes):
        group = min(HAT_GROUP) if note.pitch in HAT_GROUP else note.pitch
        note.duration = max(1, following.get(group, end + _RING_TICKS) - note.time)
        following[group] = note.time
