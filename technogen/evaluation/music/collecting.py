"""Sets of pieces from folders of MIDI files, what could not be read, and which of them are versions of one song."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from technogen.errors import EvaluationError, MidiError, MissingFileError
from technogen.evaluation.music.grid import Grid, lay_out
from technogen.evaluation.music.validity import check_rules
from technogen.folders import walk_files
from technogen.midi import read_midi
from technogen.score import Score
from technogen.similarity import find_duplicates

ENDINGS = (".mid", ".midi")
_VERSION = re.compile(r"([-_ ]?v\d+|-\d\d+)+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Collected:
    """A set of pieces.

    Attributes:
        scores: By name; those without notes are left out.
        rules: Of each file that was read, which rules it keeps; empty for scores that are no files.
        broken: Files that cannot be read, and why.
        empty: Names of pieces without notes.
    """

    scores: Mapping[str, Score]
    rules: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


def collect_files(source: str | Path) -> Collected:
    """Read all MIDI files of a folder, or those that a text file lists, or one file.

    Names are paths without their endings, from the folder on.

    Raises:
        MissingFileError: If there is no such path.
        EvaluationError: If no MIDI file is there.
    """
    path = Path(source)
    files = _list_files(path)
    if not files:
        raise EvaluationError(f"{path} holds no MIDI files ({', '.join(ENDINGS)}); give a folder of them")
    scores: dict[str, Score] = {}
    rules: dict[str, dict[str, bool]] = {}
    broken: dict[str, str] = {}
    empty = []
    for name, file in files.items():
        try:
            score = read_midi(file)
            rules[name] = check_rules(file)
        except (MidiError, MissingFileError) as error:
            broken[name] = str(error)
            continue
        if score.drums or score.bass:
            scores[name] = score
        else:
            empty.append(name)
    return Collected(scores, rules, broken, tuple(empty))


def collect_scores(scores: Mapping[str, Score]) -> Collected:
    """A set of scores that were never files."""
    kept = {name: score for name, score in scores.items() if score.drums or score.bass}
    return Collected(kept, empty=tuple(name for name in scores if name not in kept))


def group_songs(scores: Mapping[str, Score]) -> dict[str, str]:
    """The song of each piece: names that differ by a version (x-v2, x-01) and scores that are alike are one."""
    parent = {name: _VERSION.sub("", name).lower() or name for name in scores}
    joined: dict[str, str] = {}

    def find(song: str) -> str:
        while song in joined:
            song = joined[song]
        return song

    for pair in find_duplicates(scores):
        first, second = find(parent[pair.first]), find(parent[pair.second])
        if first != second:
            joined[second] = first
    return {name: find(song) for name, song in parent.items()}


def lay_out_all(scores: Mapping[str, Score], groups: Mapping[str, str] | None = None) -> list[Grid]:
    """Scores on the grid; without groups each is a song of its own."""
    return [lay_out(score, name, None if groups is None else groups[name]) for name, score in scores.items()]


def _list_files(path: Path) -> dict[str, Path]:
    if path.is_dir():
        found = sorted(Path(file) for file in walk_files(path) if file.lower().endswith(ENDINGS))
        return {str(file.relative_to(path).with_suffix("")): file for file in found}
    if not path.exists():
        raise MissingFileError(f"{path} is not there; give a folder of MIDI files")
    if path.suffix.lower() != ".txt":
        return {path.stem: path}
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read as a list of files: {error}") from error
    return {str(Path(line).with_suffix("")): path.parent / line for line in lines if line}
