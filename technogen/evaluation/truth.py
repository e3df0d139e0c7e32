"""What is known of a recording, from CSV, MIDI or JSON, in seconds of the recording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogen.errors import EvaluationError, MissingFileError
from technogen.transcription.types import SectionStart, Transcription

LATEST_SECONDS = 30_000.0
"""Later events, or events as long before the start, are no times of a recording: over eight hours."""
MOST_EVENTS = 200_000
"""More of one kind are refused."""
_STEADY_SECONDS = 2e-3
"""Beats whose distances differ by less, as a standard deviation, have one constant tempo."""
_MOST_BYTES = 64 * 2**20
_LENGTH_RATIO, _LENGTH_SLACK = 1.5, 10.0


@dataclass(frozen=True, slots=True, order=True)
class TrueHit:
    """A drum hit: seconds, General MIDI drum note, velocity where it is known."""

    time: float
    pitch: int
    velocity: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class TrueNote:
    """A bass note: seconds, MIDI pitch, velocity where it is known, whether it is accented, or slid into."""

    start: float
    end: float
    pitch: int
    velocity: int | None = None
    accent: bool = False
    slide_in: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is known of a recording, in seconds; a part that nobody annotated is None.

    Attributes:
        beats: Ascending.
        downbeats: Ascending.
        tempo: Beats a minute; None where it is not constant, or not known.
        drums: By time.
        bass: By start.
        cutoff: (seconds, 0..127), by time; the curve of the filter between these points is straight.
        sections: By start.
        duration: The length of the recording; None where it is not known.
    """

    beats: tuple[float, ...] | None = None
    downbeats: tuple[float, ...] | None = None
    tempo: float | None = None
    drums: tuple[TrueHit, ...] | None = None
    bass: tuple[TrueNote, ...] | None = None
    cutoff: tuple[tuple[float, float], ...] | None = None
    sections: tuple[SectionStart, ...] | None = None
    duration: float | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that are annotated."""
        return tuple(name for name in ("beats", "drums", "bass", "cutoff", "sections") if getattr(self, name))

    @property
    def latest(self) -> float:
        """The latest moment at which something is said to begin."""
        times = [*(self.beats or ()), *(h.time for h in self.drums or ()), *(n.start for n in self.bass or ())]
        return max([*times, *(t for t, _ in self.cutoff or ()), *(s.start for s in self.sections or ())], default=0.0)


def annotate(transcription: Transcription) -> Annotation:
    """A transcription as what it says of the recording; parts without any event are not annotated."""
    t = transcription
    slides = [False, *(n.slide for n in t.bass)]
    notes = [TrueNote(n.start, n.end, n.pitch, n.velocity, n.accent, s) for n, s in zip(t.bass, slides)]
    return Annotation(
        beats=t.beats or None,
        downbeats=t.downbeats if t.beats else None,
        tempo=t.tempo,
        drums=tuple(TrueHit(h.time, h.pitch, h.velocity) for h in t.drums) or None,
        bass=tuple(notes) or None,
        cutoff=t.cutoff or None,
        sections=t.sections or None,
        duration=t.duration or None,
    )


def read_annotation(path: str | Path) -> Annotation:
    """Read what is known of a recording.

    Args:
        path: A transcription JSON; a MIDI file (drums on channel 10; slides as overlaps, accents as velocities from
            100; its tick 0 is second 0 of the recording); `X.beats.csv`, `X.drums.csv`, `X.notes.csv`, `X.knobs.csv` or
            `X.sections.csv` for that part alone; or `X` without an ending for all of these that are there. In JSON and
            MIDI a part without any event is taken for not annotated; a CSV file without rows says that there is none.

    Raises:
        MissingFileError: If there is no such file.
        EvaluationError: If it cannot be understood, or has no times.
        MidiError: If it is no MIDI file.
    """
    from technogen.evaluation.truth_csv import CSV_PARTS, read_csv_parts  # noqa: PLC0415
    from technogen.evaluation.truth_json import read_json  # noqa: PLC0415
    from technogen.evaluation.truth_midi import read_midi_times  # noqa: PLC0415

    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".json":
        return read_json(path)
    if ending in (".mid", ".midi"):
        return read_midi_times(path)
    if ending == ".csv":
        return read_csv_parts([path])
    if parts := [p for kind in CSV_PARTS if (p := path.with_name(f"{path.name}.{kind}.csv")).exists()]:
        return read_csv_parts(parts)
    if path.exists():
        raise EvaluationError(f"{path} is no truth; give .json, .mid, or .csv such as X.drums.csv")
    raise MissingFileError(f"{path} is not there; give a .json, .mid or .csv file, or X for X.drums.csv and the like")


def check_lengths(truth: Annotation, prediction: Annotation) -> None:
    """Check that a truth and a prediction may well be of one recording.

    Raises:
        EvaluationError: If one goes on for half as long again as the other, and for 10 seconds more.
    """
    if not truth.parts or not prediction.parts:
        return
    for a, b, name, other in (
        (truth, prediction, "the truth", "the prediction"),
        (prediction, truth, "the prediction", "the truth"),
    ):
        end = max(b.latest, b.duration or 0.0)
        if a.latest > _LENGTH_RATIO * end + _LENGTH_SLACK:
            raise EvaluationError(
                f"{name} goes on to {a.latest:.1f} s and {other} ends at {end:.1f} s; they are not of the same "
                "recording, or only a part of it is annotated: cut the recording to that part"
            )


def constant_tempo(beats: tuple[float, ...]) -> float | None:
    """The tempo of beats that keep one; None where they do not."""
    distances = np.diff(beats)
    if not len(distances) or distances.std() >= _STEADY_SECONDS or np.median(distances) <= 0:
        return None
    return 60 / float(np.median(distances))


def read_bounded_text(path: Path) -> str:
    """The text of a file, in UTF-8.

    Raises:
        MissingFileError: If there is no such file, or it is a folder.
        EvaluationError: If it cannot be opened, is longer than 64 MiB, or is no text.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{path} is not there; give the path of a truth or a prediction") from None
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path} cannot be opened: {error}; give a file that can be read") from error
    if len(data) > _MOST_BYTES:
        raise EvaluationError(f"{path} is longer than {_MOST_BYTES // 2**20} MiB; no recording needs so much")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is no text in UTF-8: {error.reason}; save it as UTF-8") from error
