"""What the ear says of a piece before calibration, beside what is true: the evidence that confidences are fitted to."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ear_pieces import Piece
from numpy.typing import NDArray

from technogen.audio import read_audio
from technogen.transcription.bass import BassLine, transcribe_bass
from technogen.transcription.confidence import drum_class, drum_evidence, log_odds
from technogen.transcription.pipeline import hear_recording
from technogen.transcription.types import Grid, Transcription

EVENT_SECONDS, BAR_SECONDS, EXACT_TEMPO = 0.05, 0.07, 0.05
_OLD_MARGIN = 0.5
"""Before calibration a note's confidence was a logistic of its margin, 20 nats wide; evidence is in tens of nats."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was said: its evidence, whether it is right (a share, for parts), and what was said before."""

    evidence: tuple[float, ...]
    right: float
    before: float


@dataclass(frozen=True, slots=True)
class Observation:
    """Rows by kind, and of the parts the F measures."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    parts: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """By part: F, other evidence, what was said before."""


def observe(piece: Piece) -> Observation:
    """Hear a piece, and judge all that is said of it."""
    heard = hear_recording(piece.audio)
    found = Observation()
    if piece.drums is not None:
        _observe_drums(piece.drums, heard, found)
    if piece.bass is not None:
        grid = Grid(heard.tempo, heard.offset, heard.swing) if heard.tempo else None
        line = transcribe_bass(piece.audio.mono(), piece.audio.sample_rate, grid, heard.drums)
        _observe_bass(piece, line, found)
    if piece.tempo is not None and heard.tempo:
        right = abs(heard.tempo - piece.tempo) < EXACT_TEMPO
        _add(found, "tempo", (log_odds(heard.confidence["tempo"]),), right, heard.confidence["tempo"])
    if piece.downbeats is not None and heard.downbeats and heard.tempo:
        said = heard.confidence["downbeat"]
        _add(found, "downbeat", (log_odds(said),), _bars_agree(piece.downbeats, heard.downbeats), said)
    return found


def _add(found: Observation, kind: str, evidence: Sequence[float], right: float, before: float) -> None:
    row = Row(tuple(round(float(e), 4) for e in evidence), float(right), round(float(before), 4))
    found.rows.setdefault(kind, []).append(row)


def _observe_drums(known: Sequence[tuple[float, int]], heard: Transcription, found: Observation) -> None:
    hits = [(hit.time, drum_class(hit.pitch)) for hit in heard.drums]
    truth = [(time, drum_class(pitch)) for time, pitch in known]
    matches = match_events(truth, hits)
    evidence = drum_evidence(heard.drums, heard.confidence["tempo"])
    for hit, (_, name), match, row in zip(heard.drums, hits, matches, evidence):
        _add(found, f"drum {name}", row, match is not None, hit.confidence)
    if hits:
        pulse, said = log_odds(heard.confidence["tempo"]), heard.confidence["drums"]
        found.parts["drums"] = (_f_measure(matches, truth), pulse, said)


def _observe_bass(piece: Piece, line: BassLine, found: Observation) -> None:
    truth = piece.bass or ()
    matches = match_events([(t[0], t[1]) for t in truth], [(n.start, n.pitch) for n in line.notes])
    slides = [*(t[3] for t in truth[1:]), False if truth and truth[-1][3] is not None else None]
    seen = line.evidence
    for i, (note, match) in enumerate(zip(line.notes, matches)):
        old = 1 / (1 + math.exp(-_OLD_MARGIN * math.sinh(float(seen.notes[i][0]))))
        _add(found, "deep" if seen.deep else "note", seen.notes[i], match is not None, old)
        if match is None:
            continue
        if truth[match][2] is not None:
            kind, evidence = ("accent", seen.accents) if note.accent else ("plain", seen.plain)
            _add(found, kind, evidence[i], truth[match][2] == note.accent, 1.0)
        if slides[match] is not None:
            kind, evidence = ("slide", seen.slides) if note.slide else ("apart", seen.apart)
            _add(found, kind, evidence[i], slides[match] == note.slide, 1.0)
    if line.notes:
        found.parts["bass"] = (_f_measure(matches, truth), log_odds(line.confidence), line.confidence)


def _f_measure(matches: Sequence[int | None], truth: Sequence[object]) -> float:
    return 2 * sum(m is not None for m in matches) / max(1, len(matches) + len(truth))


def _bars_agree(truth: Sequence[float], found: Sequence[float]) -> bool:
    bars = np.array(truth)
    return bool(np.mean([np.abs(bars - bar).min() < BAR_SECONDS for bar in found]) > 0.5) if len(bars) else False


def match_events(truth: Sequence[tuple[float, object]], found: Sequence[tuple[float, object]]) -> list[int | None]:
    """For each event found, as (seconds, label), the event of the same label within 50 ms that it stands for.

    Each stands for one; in order of time, which leaves none out that could be matched.
    """
    matches: list[int | None] = [None] * len(found)
    for label in {each for _, each in found}:
        theirs = sorted((time, i) for i, (time, each) in enumerate(truth) if each == label)
        ours = sorted((time, i) for i, (time, each) in enumerate(found) if each == label)
        next_one = 0
        for time, index in ours:
            while next_one < len(theirs) and theirs[next_one][0] < time - EVENT_SECONDS:
                next_one += 1
            if next_one < len(theirs) and theirs[next_one][0] <= time + EVENT_SECONDS:
                matches[index] = theirs[next_one][1]
                next_one += 1
    return matches


def read_annotated(folder: Path) -> Iterator[tuple[str, Piece]]:
    """Recordings with annotations beside them, as GROUP/NAME.flac with NAME.beats.csv and so on, by group."""
    for beats in sorted(folder.glob("*/*.beats.csv")):
        stem = beats.with_name(beats.name.removesuffix(".beats.csv"))
        if stem.with_name(stem.name + ".flac").exists():
            yield beats.parent.name, _read_piece(stem)


def _read_rows(stem: Path, kind: str) -> list[dict[str, str]] | None:
    path = stem.with_name(f"{stem.name}.{kind}.csv")
    if not path.exists():
        return None
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _read_piece(stem: Path) -> Piece:
    beats = _read_rows(stem, "beats") or []
    times: NDArray[np.float64] = np.array([float(row["time_s"]) for row in beats])
    steady = len(times) > 1 and float(np.std(np.diff(times))) < 0.002
    notes = _read_rows(stem, "notes")
    drums = _read_rows(stem, "drums")
    knobs = _read_rows(stem, "knobs") is not None
    return Piece(
        read_audio(stem.with_name(stem.name + ".flac")),
        None if drums is None else tuple((float(row["time_s"]), int(row["gm_note"])) for row in drums),
        None if notes is None else tuple(_read_note(row, knobs) for row in notes),
        60 / float(np.median(np.diff(times))) if steady else None,
        tuple(float(row["time_s"]) for row in beats if row["beat_in_bar"] == "1"),
    )


def _read_note(row: dict[str, str], knobs: bool) -> tuple[float, int, bool | None, bool | None]:
    """Accents and slides are annotated where the knobs are."""
    accent, slid = (row[name] == "1" if knobs else None for name in ("accent", "slide_in"))
    return float(row["onset_s"]), int(row["midi_pitch"]), accent, slid
