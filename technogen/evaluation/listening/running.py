"""A listening test that is running: who takes part, what comes next; answers are on the disk before any thanks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import Literal

from technogen.errors import ListeningError
from technogen.evaluation.listening import headphones
from technogen.evaluation.listening.answers import append_answer, start_log
from technogen.evaluation.listening.design import RESPONSES, Design, Trial, Truth, load_design
from technogen.evaluation.listening.records import LONGEST_TEXT, Answer, Finish, Remark, Session
from technogen.evaluation.listening.stimuli import DESIGN, check_sounds, read_manifest

LOG = "answers.jsonl"
MOST_LISTENERS = 10_000
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that look alike
_MOST_SECONDS = 10.0**7

Step = Literal["headphones", "trial", "background", "done"]
Problem = Literal["wrong", "unknown", "conflict", "full"]


class RefusedError(ListeningError):
    """What a listener's browser asked for cannot be; `problem` says of which kind it is."""

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as a browser sends it; see `Answer`."""

    trial: str
    response: Truth
    confidence: int
    preference: Literal["first", "second", "same"] | None
    replays: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Check:
    """The replies to an attempt at the headphone check.

    Attributes:
        attempt: From 0.
        replies: In which noise the tone was, from 0.
        last: Whether the listener goes on even if it was not passed.
    """

    attempt: int
    replies: tuple[int, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class Background:
    """What a listener says at the end; nothing of it tells who it is.

    Attributes:
        expertise: Whether one makes music, and how.
        techno: How often one listens to techno.
        machine: Whether one ever programmed a drum machine, a sequencer or a 303.
        gave_away: What one thinks gave it away.
    """

    expertise: Literal["listener", "maker", "professional"]
    techno: Literal["never", "sometimes", "often"]
    machine: Literal["yes", "no"]
    gave_away: str


@dataclass(frozen=True, slots=True)
class Task:
    """What a listener is to do next.

    Attributes:
        step: The headphone check, a trial, the questions at the end, or nothing more.
        trial: The key of the trial.
        kind: "training" or "trial": a catch trial looks like any other.
        sounds: What it plays, by key.
        position: Of the trial among those that look alike, from 1.
        of: How many there are.
        code: To show that one was through.
    """

    step: Step
    trial: str = ""
    kind: str = ""
    sounds: tuple[str, ...] = ()
    position: int = 0
    of: int = 0
    code: str = ""


@dataclass(slots=True)
class _Listener:
    session: Session
    plan: tuple[Trial, ...]
    answers: dict[str, Answer] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    code: str = ""


class RunningTest:
    """A test in a folder that `prepare_stimuli` made, and its log, which is only ever added to.

    Args:
        folder: The test.
        log: Where answers go; by default `answers.jsonl` in the folder. What is there already counts.

    Raises:
        MissingFileError: If the folder holds no test.
        ListeningError: If a sound is missing, or the log belongs to another test.
    """

    def __init__(self, folder: str | Path, *, log: str | Path | None = None) -> None:
        self.folder = Path(folder)
        self.design: Design = load_design(self.folder / DESIGN)
        self.manifest = read_manifest(self.folder)
        check_sounds(self.folder)
        self.key = self.design.fingerprint[:16]
        self.log = Path(log) if log is not None else self.folder / LOG
        self._lock = Lock()
        self._listeners = self._remember()
        self._sounds = {one.key: self.folder / one.file for one in self.design.stimuli}

    @property
    def through(self) -> int:
        """How many listeners are through."""
        return sum(bool(one.code) for one in self._listeners.values())

    def join(self, participant: str) -> str:
        """Begin with a listener who has agreed to take part.

        Args:
            participant: The code of a recruiting service, or nothing.

        Returns:
            The name of the session, which nobody else knows.

        Raises:
            RefusedError: If somebody with that code takes part already, or all places are taken.
            OutputError: If it cannot be written.
        """
        with self._lock:
            if participant and any(one.session.participant == participant for one in self._listeners.values()):
                raise RefusedError("conflict", "Somebody takes part with this code already. Go on in that window.")
            if len(self._listeners) >= MOST_LISTENERS:
                raise RefusedError("full", "All places in this test are taken.")
            name, number = secrets.token_hex(16), len(self._listeners)
            session = Session(name, number, self.design.fingerprint, _now(), participant)
            append_answer(self.log, session)
            listener = self._listeners[name] = _Listener(session, self.design.plan(number))
            self._remark(listener, "consent", "yes")
        return name

    def task(self, session: str) -> Task:
        """What a listener is to do next.

        Raises:
            RefusedError: If there is no such session.
        """
        listener = self._find(session)
        if "headphones" not in listener.remarks:
            return Task("headphones", of=headphones.TRIALS)
        trial = next((one for one in listener.plan if one.key not in listener.answers), None)
        if trial is None:
            return Task("done", code=listener.code) if listener.code else Task("background")
        training = trial.kind == "training"
        alike = [one.key for one in listener.plan if (one.kind == "training") == training]
        kind = "training" if training else "trial"
        return Task("trial", trial.key, kind, trial.stimuli, alike.index(trial.key) + 1, len(alike))

    def check_headphones(self, session: str, check: Check) -> bool:
        """Whether a listener passed; written down if so, or if it was the last attempt.

        Raises:
            RefusedError: If there is no such session, or the replies cannot be.
            OutputError: If it cannot be written.
        """
        listener = self._find(session)
        if len(check.replies) != headphones.TRIALS or not 0 <= check.attempt < 100:
            raise RefusedError("wrong", f"The check has {headphones.TRIALS} replies, got {len(check.replies)}.")
        right = headphones.right_answers(session, check.attempt)
        passed = sum(a == b for a, b in zip(right, check.replies)) >= headphones.ENOUGH
        if passed or check.last:
            with self._lock:
                self._remark(listener, "headphones", "passed" if passed else "failed")
        return passed

    def answer(self, session: str, reply: Reply) -> Trial:
        """Write an answer down; sent once more, it is not written once more.

        Returns:
            The trial that was answered.

        Raises:
            RefusedError: If there is no such session or trial, it is not its turn, or it was answered otherwise.
            ListeningError: If a value is out of range.
            OutputError: If it cannot be written; then it does not count.
        """
        listener = self._find(session)
        with self._lock:
            trial = next((one for one in listener.plan if one.key == reply.trial), None)
            if trial is None:
                raise RefusedError("wrong", "This trial is none of yours.")
            answer = self._make_answer(session, trial, reply)
            if (before := listener.answers.get(trial.key)) is not None:
                if _same(before, answer):
                    return trial
                raise RefusedError("conflict", "This trial was answered already, perhaps in another window.")
            if self.task(session).trial != trial.key:
                raise RefusedError("conflict", "It is not the turn of this trial.")
            append_answer(self.log, answer)
            listener.answers[trial.key] = answer
        return trial

    def finish(self, session: str, background: Background) -> str:
        """Write down what a listener says at the end.

        Returns:
            The completion code; the same each time.

        Raises:
            RefusedError: If there is no such session, or trials are left.
            OutputError: If it cannot be written.
        """
        listener = self._find(session)
        if len(background.gave_away) > LONGEST_TEXT:
            raise RefusedError("wrong", f"This text is too long; {LONGEST_TEXT} letters are the most.")
        with self._lock:
            if self.task(session).step not in ("background", "done"):
                raise RefusedError("conflict", "There are trials left.")
            for about in ("expertise", "techno", "machine", "gave_away"):
                self._remark(listener, about, getattr(background, about))
            if not listener.code:
                code = self._draw_code()
                append_answer(self.log, Finish(session, code, _now()))
                listener.code = code
        return listener.code

    def sound(self, key: str) -> Path | None:
        """The file of a stimulus; None where there is none of that key."""
        return self._sounds.get(key)

    def _remember(self) -> dict[str, _Listener]:
        log = start_log(self.log, self.design)
        found = {one.session: _Listener(one, self.design.plan(one.plan)) for one in log.sessions}
        for answer in log.answers:
            found[answer.session].answers[answer.trial] = answer
        for remark in log.remarks:
            found[remark.session].remarks.setdefault(remark.about, remark.text)
        for finish in log.finishes:
            found[finish.session].code = finish.code
        return found

    def _find(self, session: str) -> _Listener:
        if (listener := self._listeners.get(session)) is None:
            raise RefusedError("unknown", "This test does not know you. Begin anew.")
        return listener

    def _remark(self, listener: _Listener, about: str, text: str) -> None:
        if about not in listener.remarks:
            append_answer(self.log, Remark(listener.session.session, about, text))
            listener.remarks[about] = text

    def _make_answer(self, session: str, trial: Trial, reply: Reply) -> Answer:
        if reply.response not in RESPONSES[self.design.options.question] or len(reply.replays) != len(trial.stimuli):
            raise RefusedError("wrong", "This cannot be an answer to this trial.")
        return Answer(
            session=session,
            trial=trial.key,
            response=reply.response,
            confidence=reply.confidence,
            preference=None if reply.preference == "same" or len(trial.stimuli) < 2 else reply.preference,
            replays=reply.replays,
            seconds=round(min(max(reply.seconds, 0.0), _MOST_SECONDS), 2),
            answered=_now(),
        )

    def _draw_code(self) -> str:
        taken = {one.code for one in self._listeners.values()}
        while (code := f"{_draw_letters()}-{_draw_letters()}") in taken:
            pass
        return code


def _draw_letters() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def _same(one: Answer, other: Answer) -> bool:
    return (one.response, one.confidence, one.preference) == (other.response, other.confidence, other.preference)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
