"""The music that the composer learns from: patterns by rules, and human files that a split lists by song."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from technogen.errors import MidiError, MissingFileError, TrainingError
from technogen.midi import read_midi
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP, Note, Score
from technogen.score.drums import KICK
from technogen.score.quantising import BASS_VELOCITIES, DRUM_VELOCITIES

Kind = Literal["dance", "songs", "drumming"]

VALIDATION_TENTHS = 1
LIST = "permissive"
"""The list of the split that shipped weights may learn from."""

_DEFAULT_SHARE = 0.75

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """A human piece, quantised.

    Attributes:
        name: Its path in the split.
        score: All of it.
        kind: "dance" and "songs" have drums and bass, "drumming" has drums alone.
        held_out: Whether it is kept for validation.
    """

    name: str
    score: Score
    kind: Kind
    held_out: bool


def read_split(path: str | Path) -> tuple[Piece, ...]:
    """Read the permissive files that a split lists; files that hold no drums are left out.

    Args:
        path: A JSON file with a list `permissive` of MIDI files, relative to the folder `symbolic` beside it.

    Raises:
        MissingFileError: If there is no such file.
        TrainingError: If it is no split, or nothing in it can be read.
    """
    split = Path(path)
    names = _read_names(split)
    pieces = [piece for name in names if (piece := _read_piece(split.parent / "symbolic", name)) is not None]
    if not pieces:
        raise TrainingError(f"{split}: none of its {len(names)} {LIST} files can be read as music with drums")
    return tuple(pieces)


def is_held_out(name: str) -> bool:
    """Whether a piece belongs to the tenth for validation; versions and takes of one song stay together."""
    source, _, stem = name.rpartition("/")
    song = re.split(r"__\d|-v\d|_beat_|_fill_", stem.removesuffix(".mid"))[0].lower()
    digest = hashlib.sha256(f"{source}/{song}".encode()).digest()
    return digest[0] * 10 // 256 < VALIDATION_TENTHS


def _read_names(split: Path) -> list[str]:
    try:
        listed = json.loads(split.read_text())[LIST]
    except OSError as error:
        raise MissingFileError(f"{split}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{split}: no split: it must be JSON with a list {LIST!r} of MIDI files") from error
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise TrainingError(f"{split}: its list {LIST!r} must hold names of MIDI files")
    return listed


def _read_piece(folder: Path, name: str) -> Piece | None:
    try:
        score = level_accents(snap_played(read_midi(folder / name)).quantised())
    except (MidiError, MissingFileError) as error:
        _log.warning("left out: %s", error)
        return None
    if len(score.drums) < 2 * score.bars:
        return None
    return Piece(name, score, _find_kind(score), is_held_out(name))


def _find_kind(score: Score) -> Kind:
    if len(score.bass) < score.bars:
        return "drumming"
    return "dance" if _is_dance(score) else "songs"


def _is_dance(score: Score) -> bool:
    """110 to 160 beats a minute, with a kick on all four beats of half the bars that have one."""
    kicks = {n.start for n in score.drums if n.pitch == KICK}
    bars = {tick // TICKS_PER_BAR for tick in kicks}
    beats = range(0, TICKS_PER_BAR, TICKS_PER_BEAT)
    floor = [bar for bar in bars if all(bar * TICKS_PER_BAR + beat in kicks for beat in beats)]
    return 110 <= score.tempo <= 160 and bool(bars) and 2 * len(floor) >= len(bars)


def snap_played(score: Score) -> Score:
    """Drumming as played by hand moved to the nearest 16ths; music that is on a grid stays as it is."""
    starts = [n.start for n in score.drums]
    near = sum(min(start % 40, -start % 40) <= 4 for start in starts)
    if near >= 0.9 * len(starts):
        return score
    return replace(score, drums=tuple(_snap(n, score.length) for n in score.drums), swing=0.5)


def level_accents(score: Score) -> Score:
    """Take the accents off a part where nearly every note is one: there they are a program's default velocity."""
    return replace(
        score,
        drums=_soften(score.drums, DRUM_VELOCITIES[1]),
        bass=_soften(score.bass, BASS_VELOCITIES[0]),
    )


def _soften(notes: tuple[Note, ...], velocity: int) -> tuple[Note, ...]:
    if sum(n.accent for n in notes) <= _DEFAULT_SHARE * len(notes):
        return notes
    return tuple(replace(n, velocity=velocity) if n.accent else n for n in notes)


def _snap(note: Note, length: int) -> Note:
    start = round(note.start / TICKS_PER_STEP) * TICKS_PER_STEP
    return replace(note, start=min(start, length - TICKS_PER_STEP))
