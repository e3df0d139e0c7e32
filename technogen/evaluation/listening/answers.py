"""The log of a listening test: one JSON object a line, written at once, only ever added to.

The first line is the design itself, so that the log alone is enough to analyse; then come sessions, answers, remarks
and ends, in the order in which they happened. What is wrong in a log is told and passed over; it is never written anew.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from technogen.errors import ListeningError, MissingFileError, OutputError
from technogen.evaluation.listening.design import RESPONSES, Design, Trial
from technogen.evaluation.listening.plain_data import from_plain, write_line
from technogen.evaluation.listening.records import (
    Answer,
    AnswerLog,
    Fault,
    FaultKind,
    Finish,
    Record,
    Remark,
    Session,
)

LONGEST_LINE = 64 * 2**20
"""Bytes; the line of a design is long, others are a few hundred."""
_KINDS: dict[str, type[Any]] = {
    "design": Design,
    "session": Session,
    "answer": Answer,
    "remark": Remark,
    "finish": Finish,
}
_COLUMNS = (
    *("session", "participant", "plan", "trial", "position", "kind", "condition", "stimuli", "truth", "response"),
    *("correct", "confidence", "preference", "replays", "seconds", "answered"),
)


def start_log(path: str | Path, design: Design) -> AnswerLog:
    """Begin a log with its design, or go on with one that was begun with the same.

    Raises:
        OutputError: If it cannot be written.
        ListeningError: If the file is the log of another design.
    """
    path = Path(path)
    if not path.exists() or not path.stat().st_size:
        _append_line(path, _record_line("design", design))
    log = read_answers(path)
    if log.design is None or log.design.fingerprint != design.fingerprint:
        raise ListeningError(f"{path} is the log of another test; give another name, or the design that it began with")
    return log


def append_answer(path: str | Path, record: Record) -> None:
    """Add a record to a log, so that it is on the disk when this returns.

    The line is written in one call, which keeps it whole beside other writers; a line that a crash left half-written is
    ended first, so that it spoils nothing but itself.

    Raises:
        OutputError: If it cannot be written.
    """
    kind = next(name for name, kind in _KINDS.items() if kind is type(record))
    _append_line(Path(path), _record_line(kind, record))


def read_answers(path: str | Path, *, design: Design | None = None) -> AnswerLog:
    """Read a log; what is wrong in it is told in `faults`. The file is left as it is.

    Args:
        path: The log.
        design: Of the test, if its first line, which should say it, is broken.

    Raises:
        MissingFileError: If there is no file.
        ListeningError: If it cannot be read.
    """
    reading = _Reading(design)
    try:
        with open(path, "rb") as file:
            for number, line in _lines(file):
                reading.take(number, line)
    except (FileNotFoundError, IsADirectoryError):
        raise MissingFileError(f"{path} is not there, or is a folder; give the log of a listening test") from None
    except OSError as error:
        raise ListeningError(f"{path} cannot be read: {error}") from error
    return reading.result()


def _record_line(kind: str, record: Any) -> str:
    return f'{{"record":"{kind}",{write_line(record)[1:]}'


def _append_line(path: Path, line: str) -> None:
    data = line.encode() + b"\n"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and _last_byte(descriptor, size) != b"\n":
                data = b"\n" + data
            if (written := os.write(descriptor, data)) != len(data):
                raise OutputError(f"{path}: {written} of {len(data)} bytes were written; is the disk full?")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error}; give a file in a folder that exists") from error


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not empty, with their numbers; of one that is too long, its beginning."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if line.strip():
            yield number, line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)


class _FaultyError(Exception):
    """A line does not count."""

    def __init__(self, kind: FaultKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class _Reading:
    """What was read so far."""

    def __init__(self, design: Design | None) -> None:
        self.design = design
        self._fingerprint = design.fingerprint if design else ""
        self.sessions: dict[str, Session] = {}
        self.refused: set[str] = set()
        self.answers: dict[tuple[str, str], Answer] = {}
        self.remarks: list[Remark] = []
        self.finishes: dict[str, Finish] = {}
        self.faults: list[Fault] = []
        self._furthest: dict[str, int] = {}
        self._participants: set[str] = set()
        self._codes: set[str] = set()

    def take(self, number: int, line: bytes) -> None:
        try:
            record = _parse(line)
            if remark := self._count(record):
                self.faults.append(Fault(number, "order", remark, kept=True))
        except _FaultyError as fault:
            self.faults.append(Fault(number, fault.kind, str(fault)))

    def result(self) -> AnswerLog:
        return AnswerLog(
            self.design,
            tuple(self.sessions.values()),
            tuple(self.answers.values()),
            tuple(self.remarks),
            tuple(self.finishes.values()),
            tuple(self.faults),
        )

    def _count(self, record: Design | Record) -> str:
        """Take a record in; what is odd about it, though it counts."""
        if isinstance(record, Design):
            return self._take_design(record)
        if self.design is None:
            raise _FaultyError("design", "comes before any design, so that nobody knows what was asked")
        if isinstance(record, Session):
            return self._take_session(record)
        if record.session not in self.sessions:
            known = record.session in self.refused
            raise _FaultyError("unknown", f"session {record.session} {'does not count' if known else 'never began'}")
        if isinstance(record, Answer):
            return self._take_answer(record, self.design)
        if isinstance(record, Finish):
            return self._take_finish(record)
        self.remarks.append(record)
        return ""

    def _take_design(self, design: Design) -> str:
        if self.design is None:
            self.design, self._fingerprint = design, design.fingerprint
        elif self._fingerprint != design.fingerprint:
            raise _FaultyError("design", "another design; the first counts")
        return ""

    def _take_session(self, session: Session) -> str:
        if session.session in self.sessions:
            raise _FaultyError("twice", f"session {session.session} began before; the first counts")
        self.refused.add(session.session)
        if session.design != self._fingerprint:
            raise _FaultyError("design", f"session {session.session} belongs to another design")
        if session.participant and session.participant in self._participants:
            raise _FaultyError(
                "twice", f"participant {session.participant} began before; session {session.session} does not count"
            )
        self.refused.discard(session.session)
        self.sessions[session.session] = session
        self._participants.add(session.participant)
        return ""

    def _take_answer(self, answer: Answer, design: Design) -> str:
        plan = design.plan(self.sessions[answer.session].plan)
        place = next((i for i, trial in enumerate(plan) if trial.key == answer.trial), None)
        if place is None:
            raise _FaultyError("forged", f"session {answer.session} was never asked trial {answer.trial}")
        _check_answer(answer, plan[place], design)
        key = answer.session, answer.trial
        if (first := self.answers.get(key)) is not None:
            same = "the same again" if first.response == answer.response else f"{first.response} counts"
            raise _FaultyError("twice", f"trial {answer.trial} of session {answer.session} was answered: {same}")
        self.answers[key] = answer
        furthest = self._furthest.get(answer.session, -1)
        self._furthest[answer.session] = max(furthest, place)
        return f"trial {answer.trial} of session {answer.session} after a later one" if place < furthest else ""

    def _take_finish(self, finish: Finish) -> str:
        if finish.session in self.finishes:
            raise _FaultyError("twice", f"session {finish.session} was through before")
        if finish.code in self._codes:
            raise _FaultyError("twice", f"completion code {finish.code} was given before")
        self.finishes[finish.session] = finish
        self._codes.add(finish.code)
        return ""


def _parse(line: bytes) -> Design | Record:
    if not line.endswith(b"\n"):
        raise _FaultyError("broken", "breaks off; it was not written to its end")
    try:
        data = json.loads(line.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _FaultyError("broken", f"no JSON: {error}") from None
    kind = data.pop("record", None) if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _FaultyError("broken", f"no record of a listening test: it must be one of {', '.join(_KINDS)}")
    try:
        record: Design | Record = from_plain(_KINDS[kind], data)
    except ListeningError as error:
        raise _FaultyError("forged", str(error)) from None
    return record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _check_answer(answer: Answer, trial: Trial, design: Design) -> None:
    if answer.response not in (allowed := RESPONSES[design.options.question]):
        raise _FaultyError(
            "forged", f"trial {trial.key} can be answered by {', '.join(allowed)}, not {answer.response}"
        )
    if answer.preference is not None and len(trial.stimuli) < 2:
        raise _FaultyError("forged", f"trial {trial.key} has one excerpt, and one was preferred")
    if answer.replays and len(answer.replays) != len(trial.stimuli):
        raise _FaultyError("forged", f"trial {trial.key} has {len(trial.stimuli)} excerpts, not {len(answer.replays)}")


def export_csv(log: AnswerLog) -> str:
    """Write the answers that count as CSV, one a line, with what was asked and whether it was right.

    Raises:
        ListeningError: If the log has no design.
    """
    if log.design is None:
        raise ListeningError("the log has no design, so that nobody knows what was asked; give the design")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    plans = {one.session: (one, log.design.plan(one.plan)) for one in log.sessions}
    for answer in log.answers:
        session, plan = plans[answer.session]
        place, trial = next((i, trial) for i, trial in enumerate(plan) if trial.key == answer.trial)
        writer.writerow(
            (
                *(answer.session, session.participant, session.plan, trial.key, place + 1, trial.kind),
                *(trial.condition, " ".join(trial.stimuli), trial.truth, answer.response),
                *(int(answer.response == trial.truth), _cell(answer.confidence), _cell(answer.preference)),
                *(" ".join(map(str, answer.replays)), f"{answer.seconds:g}", answer.answered),
            )
        )
    return text.getvalue()


def _cell(value: int | str | None) -> int | str:
    return "" if value is None else value
