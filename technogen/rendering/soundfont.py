"""Scores played with SF2 files: which preset plays what, symusic's synthesiser, and the project's own files."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from technogen.errors import MissingFileError, RenderError, SoundfontError
from technogen.rendering.kits import Kit
from technogen.rendering.options import HAT_GROUP, KitName
from technogen.rendering.soundfont_reading import Contents, read_contents
from technogen.score import TICKS_PER_BAR, Score

if TYPE_CHECKING:
    import symusic

_Float = TypeVar("_Float", np.float32, np.float64)

_log = logging.getLogger(__name__)

SoundfontName = Literal["909", "808", "industrial", "303"]

ACID_BANK, ACID_PROGRAM, SQUARE_PROGRAM, LEGATO_PROGRAM, SQUARE_LEGATO_PROGRAM = 0, 38, 39, 40, 41
DRUM_BANK = 128
KIT_PROGRAMS: dict[KitName, int] = {"909": 24, "808": 25, "industrial": 26}
ONLY_PROGRAM = 0
"""Where a file's only kit is, and the 303, beside the programs above."""

_RING_TICKS = 4 * TICKS_PER_BAR
_GROUPS = (0, 16, 32, 48, 64, 76, 88, 100, 114)  # where the velocities start that symusic plays in one pass


def soundfont_file_name(name: SoundfontName) -> str:
    """What the file is called that holds one of the project's machines."""
    return f"technogen-{name}.sf2"


def find_soundfont(name: SoundfontName) -> Path:
    """One of the project's own SF2 files, in the installed package or in a checkout.

    Args:
        name: "909", "808", "industrial" or "303".

    Raises:
        RenderError: If there is no soundfont of that name.
        MissingFileError: If its file is in neither.
    """
    if name not in get_args(SoundfontName):
        raise RenderError(f"soundfont must be {', '.join(map(repr, get_args(SoundfontName)))}, got {name!r}")
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "soundfonts", package.parent / "soundfonts"):
        if (folder / soundfont_file_name(name)).is_file():
            return folder / soundfont_file_name(name)
    command = f"python -m technogen.rendering.build_soundfonts {package.parent / 'soundfonts'}"
    raise MissingFileError(f"{soundfont_file_name(name)} is not there; `{command}` makes it")


def own_soundfonts(kit: KitName | Kit) -> tuple[Path, Path]:
    """The files that play a built-in kit, or the one that another kit is named after, else the 909, and the 303.

    Raises:
        MissingFileError: If one of them is not there.
    """
    known = _known_name(kit) or "909"
    if isinstance(kit, Kit) and kit != Kit.named(known):
        _log.warning("soundfonts hold the built-in kits as they are; instead of this one, the %s plays", known)
    return find_soundfont(known), find_soundfont("303")


def play_soundfont(
    score: Score,
    paths: str | Path | Sequence[str | Path],
    sample_rate: int,
    *,
    kit: KitName | Kit = "909",
    fluidsynth: bool = False,
) -> NDArray[np.float64]:
    """Play the MIDI of a score with soundfonts, unmixed.

    Args:
        score: What to play.
        paths: An SF2 file, or several: each part plays with the first that has a preset for it.
        sample_rate: Samples a second.
        kit: Which drum preset is wanted.
        fluidsynth: Play with FluidSynth rather than with symusic.

    Returns:
        (samples, 2), about as long as the score.

    Raises:
        MissingFileError: If there is no such file.
        SoundfontError: If one is no SF2 file that can be read.
        MissingBackendError: If FluidSynth is asked for and not installed.
    """
    files = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    contents = {file: read_contents(file) for file in files}
    played = np.zeros((0, 2))
    for file, part, program in _parts(score, contents, kit):
        if fluidsynth:
            from technogen.rendering.fluid import play_fluidsynth  # noqa: PLC0415

            wave = play_fluidsynth(part, file, sample_rate, program)
        else:
            wave = _play_symusic(part, file, sample_rate, program, contents[file])
        played = _sum(played, wave)
    return played


def _parts(score: Score, contents: dict[Path, Contents], kit: KitName | Kit) -> list[tuple[Path, Score, int]]:
    """What each file plays, with the program of its drum kit; with one file for both parts, it plays the score."""
    found = {file: {(preset.bank, preset.program) for preset in has.presets} for file, has in contents.items()}
    files, known = ", ".join(map(str, found)), _known_name(kit)
    wanted = [ONLY_PROGRAM] if known is None else [KIT_PROGRAMS[known], ONLY_PROGRAM]
    kits = [(file, program) for file, has in found.items() for program in wanted if (DRUM_BANK, program) in has]
    basses = [file for file, has in found.items() if (ACID_BANK, ACID_PROGRAM) in has]
    if score.drums and not kits:
        _log.warning(
            "%s: no drum kit (bank 128, program %s): the drums are silent", files, " or ".join(map(str, wanted))
        )
    if score.bass and not basses:
        _log.warning("%s: no bass (bank 0, program %d): the bass is silent", files, ACID_PROGRAM)
    drums = kits[0] if score.drums and kits else None
    bass = basses[0] if score.bass and basses else None
    if drums and bass and drums[0] == bass:
        return [(bass, score, drums[1])]
    parts = [(drums[0], score.muted("bass"), drums[1])] if drums else []
    return [*parts, *([(bass, score.muted("drums"), ONLY_PROGRAM)] if bass else [])]


def _known_name(kit: KitName | Kit) -> KitName | None:
    name = kit.name if isinstance(kit, Kit) else kit
    return next((known for known in KIT_PROGRAMS if known == name), None)


def _sum(one: NDArray[_Float], other: NDArray[_Float]) -> NDArray[_Float]:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    longer[: len(shorter)] += shorter
    return longer


def _play_symusic(
    score: Score, path: Path, sample_rate: int, drum_program: int, contents: Contents
) -> NDArray[np.float64]:
    """Play in a pass for each group of velocities.

    Of notes of equal pitch and length, this synthesiser gives all the velocity of one: in a pass they differ little.
    Velocities have no loudness in it: each pass is made as loud as the curve of the specification says. A file with
    modulators of its own for that has its layers recorded as loud as they should be, or nobody can tell.
    """
    import symusic  # noqa: PLC0415

    from technogen.midi import midi_bytes  # noqa: PLC0415

    midi = symusic.Score.from_midi(midi_bytes(score))
    for track in midi.tracks:
        track.program = drum_program if track.is_drum else ACID_PROGRAM
        if track.is_drum:
            _let_ring(track, score.length)
    played = np.zeros((0, 2), dtype=np.float32)
    try:
        synthesiser = symusic.Synthesizer(sf_path=str(path), sample_rate=sample_rate, quality=4)
        for part, velocity in _passes(midi):
            gain = 1.0 if contents.own_velocities else (velocity / 127) ** 2
            samples = np.asarray(synthesiser.render(part, stereo=True), dtype=np.float32).T
            played = _sum(played, np.float32(gain) * samples)
    except RuntimeError as error:
        raise SoundfontError(f"{path} cannot be played: {error}") from error
    return np.nan_to_num(played).astype(np.float64)


def _passes(midi: symusic.Score) -> Iterator[tuple[symusic.Score, float]]:
    """The notes by groups of velocities, and the mean velocity of each group."""
    groups: dict[int, list[int]] = {}
    for velocity in (note.velocity for track in midi.tracks for note in track.notes):
        groups.setdefault(bisect_right(_GROUPS, velocity), []).append(velocity)
    for group, velocities in sorted(groups.items()):
        part = midi.copy()
        for track in part.tracks:
            track.notes = [note for note in track.notes if bisect_right(_GROUPS, note.velocity) == group]
        yield part, sum(velocities) / len(velocities)


def _let_ring(track: symusic.Track, end: int) -> None:
    """Hold each drum hit until the next of its piece, or of the hats: this synthesiser cuts sounds at note-off."""
    following: dict[int, int] = {}
    for note in reversed(track.notes):
        group = min(HAT_GROUP) if note.pitch in HAT_GROUP else note.pitch
        note.duration = max(1, following.get(group, end + _RING_TICKS) - note.time)
        following[group] = note.time
