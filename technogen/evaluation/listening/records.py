"""What is written down of listeners: that they began, what they answered and remarked, that they are through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from technogen.errors import ListeningError
from technogen.evaluation.listening.design import Design, Trial, Truth, check_name

FaultKind = Literal["broken", "forged", "twice", "order", "design", "unknown"]

LONGEST_TEXT = 2000
MOST_CONFIDENT = 5


@dataclass(frozen=True, slots=True)
class Session:
    """A listener begins.

    Attributes:
        session: Its name; drawn by the server, long enough that nobody guesses another's.
        plan: Which plan of the design it follows, from 0.
        design: The fingerprint of the design.
        started: When, as ISO 8601.
        participant: A code of a recruiting service, or empty; no name and no address.
    """

    session: str
    plan: int
    design: str
    started: str
    participant: str = ""

    def __post_init__(self) -> None:
        check_name("session", self.session)
        _check_range("plan", self.plan, 0, 10**9)
        _check_text("started", self.started, 40)
        if self.participant:
            check_name("participant", self.participant)


@dataclass(frozen=True, slots=True)
class Answer:
    """A listener answers a trial.

    Attributes:
        session: Whose.
        trial: The key of the trial in the plan.
        response: "first" or "second" was made by a person; or "person", "machine".
        confidence: 1 (guessed) .. 5 (certain), or None.
        preference: Which of two is liked better, whoever made it; None where that was not asked or is the same.
        replays: How often each excerpt was started.
        seconds: From the first sound to the answer.
        answered: When, as ISO 8601.
    """

    session: str
    trial: str
    response: Truth
    confidence: int | None = None
    preference: Literal["first", "second"] | None = None
    replays: tuple[int, ...] = ()
    seconds: float = 0.0
    answered: str = ""

    def __post_init__(self) -> None:
        check_name("session", self.session)
        check_name("trial", self.trial)
        if self.confidence is not None:
            _check_range("confidence", self.confidence, 1, MOST_CONFIDENT)
        if len(self.replays) > 2:
            raise ListeningError(f"replays must be one number an excerpt, got {len(self.replays)}")
        for count in self.replays:
            _check_range("replays", count, 0, 100_000)
        _check_range("seconds", self.seconds, 0, 10**7)
        _check_text("answered", self.answered, 40)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something else that a listener said, or that was found out.

    Attributes:
        session: Whose.
        about: What: "consent", "headphones" ("passed", "failed"), "expertise" ("listener", "maker", "professional"),
            "gave_away", ...
        text: The reply, up to 2000 characters.
        trial: The trial that it is about; empty where it is about the whole.
    """

    session: str
    about: str
    text: str
    trial: str = ""

    def __post_init__(self) -> None:
        check_name("session", self.session)
        check_name("about", self.about)
        _check_text(self.about, self.text, LONGEST_TEXT)
        if self.trial:
            check_name("trial", self.trial)


@dataclass(frozen=True, slots=True)
class Finish:
    """A listener is through.

    Attributes:
        session: Whose.
        code: The completion code that was shown.
        finished: When, as ISO 8601.
    """

    session: str
    code: str
    finished: str

    def __post_init__(self) -> None:
        check_name("session", self.session)
        check_name("code", self.code)
        _check_text("finished", self.finished, 40)


Record = Session | Answer | Remark | Finish
"""A line of a log, after the first."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a log that is not as it should be.

    Attributes:
        line: Its number, from 1.
        kind: "broken": no record; "forged": no listener can have said that; "twice": it was said before; "order": not
            the trial whose turn it was; "design": of another test; "unknown": of a session that never began.
        message: What is wrong, in words.
        kept: Whether the line counts all the same.
    """

    line: int
    kind: FaultKind
    message: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLog:
    """What a log says, without what is wrong with it.

    Attributes:
        design: The test; None where the log does not begin with it.
        sessions: Those that began.
        answers: The first to each trial of each session.
        remarks: As they came.
        finishes: One a session at most.
        faults: What was wrong, in order of the lines.
    """

    design: Design | None = None
    sessions: tuple[Session, ...] = ()
    answers: tuple[Answer, ...] = ()
    remarks: tuple[Remark, ...] = ()
    finishes: tuple[Finish, ...] = ()
    faults: tuple[Fault, ...] = ()

    def answers_of(self, session: str) -> tuple[Answer, ...]:
        """The answers of a session, in order."""
        return tuple(answer for answer in self.answers if answer.session == session)

    def next_trial(self, session: str) -> Trial | None:
        """The trial whose turn it is; None where all are answered.

        Raises:
            ListeningError: If there is no such session, or no design.
        """
        plan = self.plan_of(session)
        done = {answer.trial for answer in self.answers_of(session)}
        return next((trial for trial in plan if trial.key not in done), None)

    def plan_of(self, session: str) -> tuple[Trial, ...]:
        """What a session hears.

        Raises:
            ListeningError: If there is no such session, or no design.
        """
        for one in self.sessions:
            if one.session == session and self.design is not None:
                return self.design.plan(one.plan)
        raise ListeningError(f"no session {session[:80]!r} has begun")


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ListeningError(f"{name} must be in {least:g}..{most:g}, got {value:g}")


def _check_text(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ListeningError(f"{name} must be {most} signs at most, got {len(text)}")
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ListeningError(f"{name} must be text, got signs that are none")
