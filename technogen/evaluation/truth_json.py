"""A transcription JSON as what it says of the recording; keys that are not there are not annotated."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

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

_SHORTEST_NOTE = 0.01
_FASTEST_TEMPO = 1000.0
Event = TypeVar("Event")


def read_json(path: Path) -> Annotation:
    """Read a transcription JSON; a part without any event is not annotated.

    Raises:
        MissingFileError: If there is no such file.
        EvaluationError: If it is no transcription JSON, or has a value that cannot be.
    """
    try:
        content = json.loads(read_bounded_text(path))
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path} is no JSON: {error}; give what `technogen transcribe --json` writes") from error
    if not isinstance(content, dict):
        raise EvaluationError(f"{path} holds a {type(content).__name__}; a transcription JSON is an object")
    try:
        return _annotation(content)
    except EvaluationError as error:
        raise EvaluationError(f"{path}: {error}") from None


def _annotation(content: dict[str, Any]) -> Annotation:
    beats = _events(content, "beats", _time, float)
    downbeats = _events(content, "downbeats", _time, float) if beats else None
    tempo = _number("tempo", content["tempo"], 0, _FASTEST_TEMPO) if content.get("tempo") is not None else None
    duration = _time(content["duration"]) if content.get("duration") else None
    return Annotation(
        beats=beats or None,
        downbeats=downbeats,
        tempo=tempo if "tempo" in content else constant_tempo(beats),
        drums=_events(content, "drums", _hit, lambda h: h.time) or None,
        bass=_line(content) or None,
        cutoff=_events(content, "cutoff", _point, lambda p: p[0]) or None,
        sections=_events(content, "sections", _section, lambda s: s.start) or None,
        duration=duration,
    )


def _events(
    content: dict[str, Any], key: str, make: Callable[[Any], Event], order: Callable[[Event], float]
) -> tuple[Event, ...]:
    values = content.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > MOST_EVENTS:
        raise EvaluationError(f"{key!r} must be a list of at most {MOST_EVENTS} events")
    try:
        return tuple(sorted(map(make, values), key=order))
    except EvaluationError as error:
        raise EvaluationError(f"{key!r}: {error}") from None
    except KeyError as error:
        raise EvaluationError(f"{key!r}: an event lacks {error.args[0]!r}") from None
    except (TypeError, ValueError, IndexError, AttributeError):
        raise EvaluationError(f"{key!r}: an event is not what the transcription JSON has there") from None


def _line(content: dict[str, Any]) -> tuple[TrueNote, ...]:
    """The bass notes; the file says of a note that it slides on, an annotation of the next that it was slid into."""
    notes = _events(content, "bass", lambda x: (_note(x), bool(x.get("slide"))), lambda pair: pair[0].start)
    before = (False, *(slide for _, slide in notes))
    return tuple(TrueNote(n.start, n.end, n.pitch, n.velocity, n.accent, slid) for (n, _), slid in zip(notes, before))


def _note(x: Any) -> TrueNote:
    start, velocity = _time(x["start"]), _velocity(x)
    end = _time(x["end"]) if "end" in x else start + _SHORTEST_NOTE
    accent = bool(x["accent"]) if "accent" in x else (velocity or 0) >= ACCENT_VELOCITY
    return TrueNote(start, end, _pitch(x["pitch"]), velocity, accent)


def _hit(x: Any) -> TrueHit:
    return TrueHit(_time(x["time"]), _pitch(x["pitch"]), _velocity(x))


def _point(x: Any) -> tuple[float, float]:
    return _time(x[0]), _number("a value of the curve", x[1], 0, 127)


def _section(x: Any) -> SectionStart:
    return SectionStart(_time(x["start"]), str(x.get("label", "")))


def _velocity(x: Any) -> int | None:
    return round(_number("velocity", x["velocity"], 0, 127)) if x.get("velocity") is not None else None


def _time(value: Any) -> float:
    return _number("a time", value, -LATEST_SECONDS, LATEST_SECONDS)


def _pitch(value: Any) -> int:
    return round(_number("pitch", value, 0, 127))


def _number(name: str, value: Any, low: float, high: float) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not low <= value <= high:
        raise EvaluationError(f"{name} must be a number in {low:g}..{high:g}, got {value!r}")
    return float(value)
