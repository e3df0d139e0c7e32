"""From one file to its rows: read, listened to, cut, and stored as one part, whole or not at all.

Runs in worker processes: everything it takes and gives is small, and the rows go to disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from technogen.audio import Audio, read_audio, resample
from technogen.dataset.config import DatasetConfig, config_from_json, config_to_json
from technogen.dataset.listing import Kind, hash_file
from technogen.dataset.representations import Lens, cut_samples, make_lens
from technogen.dataset.schema import RowWriter, make_list, make_part_schema
from technogen.dataset.windows import Music, Window, cut_windows, window_score
from technogen.errors import (
    AudioError,
    DatasetError,
    MidiError,
    MissingFileError,
    OutputError,
    ScoreError,
    SourceChangedError,
    TranscriptionError,
)
from technogen.files import replace_on_success, write_text
from technogen.midi import midi_bytes, parse_midi
from technogen.midi.storing import read_bounded
from technogen.midi.walking import MAX_BYTES
from technogen.parallel import hear_warnings
from technogen.score import Score
from technogen.transcription import transcribe

Status = Literal["ok", "empty", "failed"]
DISK_FULL = "the disk is full; free some space and build again: it goes on where it was"
_FILE_ERRORS = (
    AudioError,
    DatasetError,
    MidiError,
    MissingFileError,
    ScoreError,
    SourceChangedError,
    TranscriptionError,
)


@dataclass(frozen=True, slots=True)
class Task:
    """A file to work on.

    Attributes:
        path: Where it is.
        kind: "audio" or "midi".
        sha256: Of its bytes, when they were listed.
        parts: The folder that its part goes to.
        config: The choices.
    """

    path: str
    kind: Kind
    sha256: str
    parts: str
    config: DatasetConfig


@dataclass(frozen=True, slots=True)
class Record:
    """What became of the bytes of a file.

    Attributes:
        sha256: Of those bytes.
        kind: "audio" or "midi".
        status: "ok"; "empty" where there is no window; "failed".
        reason: Why not, or what was wrong with it all the same.
        content: The SHA-256 of the music itself: of the mono samples and their rate, or of the notes.
        seconds: How long it is.
        windows: How many rows it has.
    """

    sha256: str
    kind: Kind
    status: Status
    reason: str = ""
    content: str = ""
    seconds: float = 0.0
    windows: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record, or why the whole build must stop."""

    record: Record
    fatal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    content: str
    music: Music
    audio: Audio | None = None
    remark: str = ""


def work_on(task: Task) -> Outcome:
    """Make the part of a file: `SHA256-KIND.parquet` with its rows, then `SHA256-KIND.json` with its record.

    A file that cannot be read gives a record that says so, and no part. What cannot be written stops the build.
    """
    failed = Record(task.sha256, task.kind, "failed")
    with hear_warnings(task.path) as remarks:
        try:
            record = _make_part(task)
        except _FILE_ERRORS as error:
            return Outcome(replace(failed, reason=str(error)))
        except MemoryError:
            return Outcome(replace(failed, reason=f"{task.path} does not fit the memory; cut it, or take fewer --jobs"))
        except OutputError as error:
            return Outcome(failed, _why_unwritten(error, task))
    record = replace(record, reason="; ".join([*([record.reason] if record.reason else []), *remarks]))
    try:
        write_text(_part_stem(task).with_suffix(".json"), json.dumps(asdict(record)))
    except OutputError as error:
        return Outcome(failed, _why_unwritten(error, task))
    return Outcome(record)


def _why_unwritten(error: OutputError, task: Task) -> str:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        return f"{Path(task.parts).parents[1]}: {DISK_FULL}"
    return str(error)


def task_to_json(task: Task) -> str:
    """A task as text, for engines that pass on plain values."""
    return json.dumps({**asdict(task), "config": config_to_json(task.config)})


def task_from_json(text: str) -> Task:
    """The task that `task_to_json` wrote."""
    data = json.loads(text)
    return Task(**{**data, "config": config_from_json(data["config"])})


def read_records(parts: Path) -> dict[str, Record]:
    """The records of the parts in a folder by "SHA256-KIND"; what is not whole is passed over."""
    found = {}
    for path in sorted(parts.glob("*.json")):
        record = Record(**json.loads(path.read_text(encoding="utf-8")))
        if record.windows == 0 or path.with_suffix(".parquet").exists():
            found[path.stem] = record
    return found


def _part_stem(task: Task) -> Path:
    return Path(task.parts) / f"{task.sha256}-{task.kind}"


def _make_part(task: Task) -> Record:
    lens = make_lens(task.config)
    source = _read_midi(task) if task.kind == "midi" else _read_audio(task)
    record = Record(task.sha256, task.kind, "empty", content=source.content, seconds=round(source.music.seconds, 6))
    if source.audio is None and "midi" not in task.config.representations:
        return replace(record, reason="a MIDI file gives no sound; ask for the representation midi too")
    windows = cut_windows(source.music, task.config)
    if not windows:
        return replace(record, reason=_why_empty(source.music, task.config))
    with replace_on_success(_part_stem(task).with_suffix(".parquet")) as temporary:
        writer = RowWriter(temporary, make_part_schema(task.config))
        try:
            for window in windows:
                writer.write(_make_row(source, window, lens))
        finally:
            writer.close()
    return replace(record, status="ok", reason=source.remark, windows=len(windows))


def _why_empty(music: Music, config: DatasetConfig) -> str:
    if config.window_by in ("bars", "beats") and music.score is None and not music.marks:
        return "no beats were found in it; windows by seconds, or none, take it all the same"
    return (
        f"it lasts {music.seconds:.2f} s, which is shorter than a window of {config.window_length:g} {config.window_by}"
    )


def _read_midi(task: Task) -> _Source:
    data = read_bounded(task.path, MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != task.sha256:
        raise _changed(task)
    try:
        score, remark = _import(data) if task.config.import_midi else (parse_midi(data).score, "")
    except MidiError as error:
        raise MidiError(f"{task.path}: {error}") from None
    content = hashlib.sha256(midi_bytes(score)).hexdigest()
    return _Source(content, Music(score.seconds, score), remark=remark)


def _import(data: bytes) -> tuple[Score, str]:
    """A file of any program as a score, and what of it was left out."""
    from technogen.dataset.importing import import_bytes  # noqa: PLC0415

    imported = import_bytes(data)
    losses = [f"{loss.notes} notes left out: {loss.reason}" for loss in imported.report.dropped if loss.notes]
    return imported.score, "; ".join(losses)


def _read_audio(task: Task) -> _Source:
    config = task.config
    audio = read_audio(task.path, mono=not config.stereo)
    if hash_file(Path(task.path)) != task.sha256:
        raise _changed(task)
    mono = Audio(audio.mono(), audio.sample_rate)
    content = hashlib.sha256(mono.sample_rate.to_bytes(4, "big"))
    content.update(np.ascontiguousarray(mono.samples).data)
    music = _listen(mono, config)
    wanted = resample(audio if config.stereo else mono, config.sample_rate) if config.sounds else audio
    return _Source(content.hexdigest(), music, _as_stereo(wanted) if config.stereo else wanted)


def _changed(task: Task) -> SourceChangedError:
    return SourceChangedError(f"{task.path} changed while it was read; build again when it is complete")


def _as_stereo(audio: Audio) -> Audio:
    if audio.channels == 2:
        return audio
    return Audio(np.stack([audio.samples, audio.samples], axis=1), audio.sample_rate)


def _listen(audio: Audio, config: DatasetConfig) -> Music:
    if not config.hears:
        return Music(audio.seconds)
    heard = transcribe(audio, tempo_range=config.tempo_range)
    return Music(audio.seconds, heard.score, heard.offset, heard)


def _make_row(source: _Source, window: Window, lens: Lens) -> pa.Table:
    values: dict[str, pa.Array] = {
        "start_seconds": pa.array([window.start_seconds], pa.float64()),
        "start_bar": pa.array([window.start_bar], pa.float64()),
        "tempo": pa.array([source.music.tempo], pa.float64()),
        "bars": pa.array([window.bars], pa.float64()),
    }
    for name in lens.config.sounds:
        array = lens.view(cut_samples(source.audio, window), name) if source.audio else None
        values[name] = make_list(array, name)
        values[f"{name}_shape"] = make_list(None if array is None else np.array(array.shape), f"{name}_shape")
    if "midi" in lens.config.representations:
        values["midi"] = pa.array([midi_bytes(window_score(source.music, window))], pa.binary())
    schema = make_part_schema(lens.config)
    return pa.Table.from_arrays([values[field.name] for field in schema], schema=schema)
