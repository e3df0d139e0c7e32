"""From one recording to its files and its line in the manifest.

Runs in worker processes: everything it takes and gives is small, and loads nothing that transcription does not need.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from technogen import __version__
from technogen.errors import MissingBackendError, OutputError, SourceChangedError, TechnoGenError, WeightsError
from technogen.files import write_bytes
from technogen.parallel import hear_warnings
from technogen.score import Score
from technogen.transcription.collection.manifest import ManifestEntry, OutputFile, entry_to_json, read_entry
from technogen.transcription.collection.options import CollectionOptions
from technogen.transcription.pipeline import transcribe
from technogen.transcription.types import Transcription

CHANGED = "there already, and not as TechnoGen wrote it; --force overwrites it"
_PATTERN = "pattern-"
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to work on.

    Attributes:
        source: Where it is.
        output: What its files are called in `out`, less the ending.
        out: The output folder.
        options: How.
        ear: The SHA-256 of the weights.
        force: Overwrite whatever is there.
        known: Name and SHA-256 of what was ever written of it, which may be overwritten.
    """

    source: str
    output: str
    out: str
    options: CollectionOptions
    ear: str
    force: bool = False
    known: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An entry, and the name of the error if it must stop all the rest."""

    entry: ManifestEntry
    fatal: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The size of a file, and when it was modified, in seconds since 1970."""

    bytes: int
    modified: float


def work_on(task: Task) -> Outcome:
    """Transcribe a recording and write its files: all of them, or none where any is in the way."""
    wall, processor = time.perf_counter(), time.process_time()
    with hear_warnings(task.source) as remarks:
        entry, fatal = _try(task)
    entry = replace(
        entry,
        reason="; ".join([*([entry.reason] if entry.reason else []), *remarks]),
        work_seconds=round(time.perf_counter() - wall, 3),
        cpu_seconds=round(time.process_time() - processor, 3),
        finished=_now(),
    )
    return Outcome(entry, fatal)


def fail(task: Task, reason: str) -> ManifestEntry:
    """The entry of a recording that could not be transcribed."""
    look = look_at(task.source) or Look(0, 0.0)
    return ManifestEntry(
        output=task.output,
        source=task.source,
        status="failed",
        reason=reason,
        source_bytes=look.bytes,
        source_modified=look.modified,
        version=__version__,
        ear=task.ear,
        formats=task.options.formats,
        options=task.options.describe(),
        finished=_now(),
    )


def look_at(path: str) -> Look | None:
    """The size and time of a file; None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return Look(status.st_size, round(status.st_mtime, 6))


def hash_file(path: str) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        SourceChangedError: If it cannot be read any more.
    """
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise SourceChangedError(f"{path} cannot be read any more: {error.strerror or error}") from error
    return digest.hexdigest()


def work_on_text(text: str) -> str:
    """What `work_on` does, from text to text, for engines that pass on plain values."""
    outcome = work_on(task_from_json(text))
    return json.dumps({"entry": entry_to_json(outcome.entry), "fatal": outcome.fatal})


def task_to_json(task: Task) -> str:
    """A task as text."""
    return json.dumps(asdict(task))


def task_from_json(text: str) -> Task:
    """The task that `task_to_json` wrote."""
    data = json.loads(text)
    options = data["options"]
    options = {**options, "tempo_range": tuple(options["tempo_range"]), "formats": tuple(options["formats"])}
    return Task(**{**data, "options": CollectionOptions(**options), "known": tuple(map(tuple, data["known"]))})


def outcome_from_json(text: str) -> Outcome:
    """The outcome that `work_on_text` gave."""
    data = json.loads(text)
    return Outcome(read_entry(data["entry"]), data["fatal"])


def _try(task: Task) -> tuple[ManifestEntry, str]:
    try:
        return _transcribe(task), ""
    except (MissingBackendError, WeightsError) as error:  # no other recording would fare better
        return fail(task, str(error)), type(error).__name__
    except TechnoGenError as error:
        return fail(task, str(error)), OutputError.__name__ if _is_full(error) else ""
    except MemoryError:
        return fail(task, f"{task.source} does not fit the memory; cut it, or take fewer --jobs"), ""


def _is_full(error: TechnoGenError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def _transcribe(task: Task) -> ManifestEntry:
    before, options = look_at(task.source), task.options
    result = transcribe(
        task.source,
        tempo=options.tempo,
        tempo_range=options.tempo_range,
        beat_tracker=options.beat_tracker,
        bass_tracker=options.bass_tracker,
    )
    contents = _make_files(task, result)
    digest = hash_file(task.source)
    if before is None or look_at(task.source) != before:
        raise SourceChangedError(f"{task.source} changed while it was read; transcribe it again when it is complete")
    entry = replace(
        fail(task, ""),
        status="ok",
        seconds=float(result.duration),
        tempo=None if result.tempo is None else float(result.tempo),
        confidence={part: float(value) for part, value in result.confidence.items() if math.isfinite(value)},
        drums=len(result.drums),
        bass=len(result.bass),
        source_sha256=digest,
    )
    in_the_way = [name for name, (_, data) in contents.items() if not _may_write(task, name, data)]
    if in_the_way:
        return replace(entry, status="skipped", reason=f"{', '.join(in_the_way)}: {CHANGED}")
    _remove_others(task, contents)
    return replace(entry, files=tuple(_write(task, name, *content) for name, content in contents.items()))


def _make_files(task: Task, result: Transcription) -> dict[str, tuple[str, bytes]]:
    """Format and bytes of each file to write, by its name in the output folder."""
    made: dict[str, tuple[str, bytes]] = {}
    for name in task.options.formats:
        if name == "svg":
            made[f"{task.output}.svg"] = (name, _draw(task, result).encode())
        elif name == "patterns":
            for pattern in result.patterns:
                file = f"{task.output}.{_PATTERN}{pattern.part}-{pattern.label}.mid"
                made[file] = (name, _save(pattern.score, ".mid"))
        else:
            made[f"{task.output}.{name}"] = (name, _save(result, f".{name}"))
    return made


def _save(music: Transcription | Score, ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"music{ending}"
        music.save(path)
        return path.read_bytes()


def _draw(task: Task, result: Transcription) -> str:
    from technogen.audio import read_audio  # noqa: PLC0415
    from technogen.transcription.picture import draw_transcription  # noqa: PLC0415

    return draw_transcription(result, read_audio(task.source))


def _may_write(task: Task, name: str, data: bytes) -> bool:
    """Whether a file is not there, is empty, or is what is to be written or was written before."""
    path = Path(task.out) / name
    if task.force or not path.exists():
        return True
    try:
        there = path.read_bytes()
    except OSError:
        return False
    return there in (b"", data) or (name, hashlib.sha256(there).hexdigest()) in task.known


def _remove_others(task: Task, contents: dict[str, tuple[str, bytes]]) -> None:
    """Remove patterns that were written before, and are none any more."""
    for name, digest in task.known:
        path = Path(task.out) / name
        gone = (
            "patterns" in task.options.formats and name not in contents and name.startswith(f"{task.output}.{_PATTERN}")
        )
        if gone and path.is_file() and hash_file(str(path)) == digest:
            path.unlink(missing_ok=True)


def _write(task: Task, name: str, ending: str, data: bytes) -> OutputFile:
    write_bytes(Path(task.out) / name, data)
    return OutputFile(name, ending, len(data), hashlib.sha256(data).hexdigest())


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
