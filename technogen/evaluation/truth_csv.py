"""Annotations as CSV files: one a part, a header, then a row an event, times in seconds."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from technogen.errors import EvaluationError
from technogen.evaluation.truth import (
    LATEST_SECONDS,
    MOST_EVENTS,
    Annotation,
    TrueHit,
    TrueNote,
    constant_tempo,
    read_bounded_text,
)
from technogen.score import ACCENT_VELOCITY
from technogen.transcription.types import SectionStart

CSV_PARTS = ("beats", "drums", "notes", "knobs", "sections")
"""The parts by the names that their files end with: X.beats.csv and so on."""
_COLUMNS = {
    "beats": ("time_s",),
    "drums": ("time_s", "gm_note"),
    "notes": ("onset_s", "midi_pitch"),
    "knobs": ("time_s", "cutoff_0_127"),
    "sections": ("start_s",),
}
_SHORTEST_NOTE = 0.01
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, and how to speak of it."""

    place: str
    cells: dict[str, str]

    def seconds(self, column: str) -> float:
        return self.number(column, -LATEST_SECONDS, LATEST_SECONDS)

    def number(self, column: str, low: float, high: float) -> float:
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise EvaluationError(
                f"{self.place}: {column} must be a number in {low:g}..{high:g}, got {self.cells[column]!r}"
            )
        return value

    def pitch(self, column: str) -> int:
        return round(self.number(column, 0, 127))

    def velocity(self) -> int | None:
        return round(self.number("velocity", 0, 127)) if self.cells.get("velocity", "").strip() else None

    def flag(self, column: str) -> bool:
        return self.cells.get(column, "").strip().lower() in ("1", "true", "yes")


def read_csv_parts(paths: Iterable[Path]) -> Annotation:
    """Read the CSV files of one recording.

    Raises:
        MissingFileError: If there is no such file.
        EvaluationError: If one is of no known part, lacks a column, or has a row that cannot be.
    """
    by_part = {_part_of(path): path for path in paths}
    beats, downbeats = _read_beats(by_part["beats"]) if "beats" in by_part else (None, None)

    def read(part: str, make: Callable[[_Row], Event], order: Callable[[Event], float]) -> tuple[Event, ...] | None:
        return tuple(sorted(map(make, _rows(by_part[part], part)), key=order)) if part in by_part else None

    return Annotation(
        beats=beats,
        downbeats=downbeats,
        tempo=constant_tempo(beats or ()),
        drums=read("drums", _hit, lambda h: h.time),
        bass=read("notes", _note, lambda n: n.start),
        cutoff=read("knobs", lambda r: (r.seconds("time_s"), r.number("cutoff_0_127", 0, 127)), lambda p: p[0]),
        sections=read("sections", lambda r: SectionStart(r.seconds("start_s"), r.cells.get("label", "")), _start),
    )


def _start(section: SectionStart) -> float:
    return section.start


def _part_of(path: Path) -> str:
    part = path.name.lower().removesuffix(".csv").rpartition(".")[2]
    if part not in CSV_PARTS:
        names = ", ".join(f"X.{name}.csv" for name in CSV_PARTS)
        raise EvaluationError(f"{path} does not say what it annotates; name it one of {names}")
    return part


def _read_beats(path: Path) -> tuple[tuple[float, ...], tuple[float, ...] | None]:
    rows = sorted(((r.seconds("time_s"), r) for r in _rows(path, "beats")), key=lambda pair: pair[0])
    beats = tuple(seconds for seconds, _ in rows)
    if rows and "beat_in_bar" not in rows[0][1].cells:
        return beats, None
    return beats, tuple(seconds for seconds, row in rows if row.cells["beat_in_bar"].strip() == "1")


def _hit(row: _Row) -> TrueHit:
    return TrueHit(row.seconds("time_s"), row.pitch("gm_note"), row.velocity())


def _note(row: _Row) -> TrueNote:
    start = row.seconds("onset_s")
    end = row.seconds("offset_s") if row.cells.get("offset_s", "").strip() else start + _SHORTEST_NOTE
    velocity = row.velocity()
    accent = row.flag("accent") if "accent" in row.cells else (velocity or 0) >= ACCENT_VELOCITY
    return TrueNote(start, end, row.pitch("midi_pitch"), velocity, accent, row.flag("slide_in"))


def _rows(path: Path, part: str) -> Iterator[_Row]:
    """The rows of a file, as long as its header each."""
    text = read_bounded_text(path)
    needed = ", ".join(_COLUMNS[part])
    try:
        reader = csv.DictReader(StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in _COLUMNS[part] if name not in header]:
            raise EvaluationError(
                f"{path} has no column {', '.join(missing)}; its first line must name {needed}, divided by commas"
            )
        reader.fieldnames = header
        for number, cells in enumerate(reader, 1):
            place = f"{path}, line {reader.line_num}"
            if None in cells or None in cells.values():
                raise EvaluationError(f"{place}: it must have {len(header)} values, as many as the first line")
            if number > MOST_EVENTS:
                raise EvaluationError(f"{path} has more than {MOST_EVENTS} rows; no recording needs so many")
            yield _Row(place, cells)
    except csv.Error as error:
        raise EvaluationError(f"{path} is no CSV file: {error}; save it anew, divided by commas") from error
