"""The human pieces that the composer learns from as it is trained, imported from the files that a split lists."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from technogen.dataset.importing import import_midi
from technogen.dataset.songs import PERMISSIVE, Kind, find_flaw, find_kind, name_song, read_names
from technogen.errors import DatasetError, MidiError, MissingFileError, TrainingError
from technogen.score import Score

__all__ = ["Kind", "Piece", "is_held_out", "read_split"]

VALIDATION_TENTHS = 1

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
    """Read the permissive files that a split lists; files that are no music with drums in 4/4 are left out.

    Args:
        path: A JSON file with a list `permissive` of MIDI files, relative to the folder `symbolic` beside it.

    Raises:
        MissingFileError: If there is no such file.
        TrainingError: If it is no split, or nothing in it can be read.
    """
    split = Path(path)
    try:
        names = read_names(split, (PERMISSIVE,))
    except DatasetError as error:
        raise TrainingError(str(error)) from error
    pieces = [piece for name in names if (piece := _read_piece(split.parent / "symbolic", name)) is not None]
    if not pieces:
        raise TrainingError(f"{split}: none of its {len(names)} {PERMISSIVE} files can be read as music with drums")
    return tuple(pieces)


def is_held_out(name: str) -> bool:
    """Whether a piece belongs to the tenth for validation; versions and takes of one song stay together."""
    digest = hashlib.sha256(name_song(name).encode()).digest()
    return digest[0] * 10 // 256 < VALIDATION_TENTHS


def _read_piece(folder: Path, name: str) -> Piece | None:
    try:
        imported = import_midi(folder / name)
    except (MidiError, MissingFileError) as error:
        _log.warning("left out: %s", error)
        return None
    if flaw := find_flaw(imported):
        _log.warning("left out: %s: %s", name, flaw)
        return None
    return Piece(name, imported.score, find_kind(imported.score), is_held_out(name))
