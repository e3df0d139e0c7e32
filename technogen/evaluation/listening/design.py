"""What a listening test is, as data: stimuli, trials, what each listener hears, and what was fixed before anyone did.

Density is in notes a bar, keys are pitch classes. Nothing here is shown to a listener but the keys of the stimuli.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from technogen.errors import ListeningError, MissingFileError
from technogen.evaluation.listening.plain_data import from_plain, write_line
from technogen.files import write_text

Question = Literal["pair", "single"]
Kind = Literal["training", "catch", "trial"]
Truth = Literal["first", "second", "person", "machine"]

HUMAN = "human"
"""The condition of what a person made."""
CATCH = "catch"
"""The condition of what is so broken that whoever listens hears it: nobody's music, on purpose."""
RESPONSES: dict[str, tuple[Truth, Truth]] = {"pair": ("first", "second"), "single": ("person", "machine")}
"""What may be answered to each question: which was made by a person, or who made this."""
LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One excerpt.

    Attributes:
        key: Its name, everywhere; it must not tell where the excerpt comes from.
        condition: Who made it: "human", or a name such as "model", "rules", "lstm", "markov"; "catch" where it is
            broken on purpose.
        tempo: In beats a minute.
        density: Notes a bar.
        tonic: Pitch class of the key, 0..11; None where there is none.
        piece: What it was cut from.
        file: Its name in the folder of the test.
        sha256: Of the file, in hexadecimal; empty where it is not known.
    """

    key: str
    condition: str
    tempo: float
    density: float
    tonic: int | None = None
    piece: str = ""
    file: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        check_name("key of a stimulus", self.key)
        check_name("condition", self.condition)
        if not 20 <= self.tempo <= 400:
            raise ListeningError(f"tempo of {self.key} must be in 20..400 beats per minute, got {self.tempo}")
        if not 0 <= self.density <= 10_000:
            raise ListeningError(f"density of {self.key} must be in 0..10000 notes a bar, got {self.density}")
        if self.tonic is not None and not 0 <= self.tonic <= 11:
            raise ListeningError(f"tonic of {self.key} must be a pitch class, 0..11, or none, got {self.tonic}")
        if "/" in self.file or "\\" in self.file or self.file.startswith("."):
            raise ListeningError(f"file of {self.key} must be a name in the folder of the test, got {self.file!r}")


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to one listener.

    Attributes:
        key: Its name, once in the plan of a listener.
        kind: "training" tells the right answer afterwards and does not count; "catch" has an answer that any listener
            knows; "trial" counts.
        condition: Whose music is held against a person's.
        stimuli: Keys, in the order that they are heard: two of a pair, or one.
        truth: The right answer. It stays with the server until the listener has answered.
    """

    key: str
    kind: Kind
    condition: str
    stimuli: tuple[str, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class DesignOptions:
    """What to ask, how often, and what is to count as shown.

    Attributes:
        question: "pair": which of two was made by a person; "single": was this made by a person or a machine.
        conditions: What to hold against "human"; empty for all that the stimuli have.
        pairs: Pairs of a condition that one listener is asked about (of a "single" test: one excerpt of each); None for
            as many as there is material for, up to 12.
        training: Trials before those that count.
        catches: Trials with a broken excerpt; each needs a stimulus of the condition "catch".
        listeners: Plans to make; after the last, the first comes again.
        margin: Equivalence is claimed within 50 % and this much up or down, as a share of answers.
        alpha: The share of studies that may claim what is not so.
        caught: A listener who misses more catch trials than this does not count.
        tempo_within: Tempos of a pair differ by this share at most.
        density_within: Densities of a pair differ by this factor at most.
        key_within: Keys of a pair lie this many steps apart at most on the circle of fifths; 6 allows all.
        rehearsal: Something else stands in for the person's music, so that nothing is shown about people.
    """

    question: Question = "pair"
    conditions: tuple[str, ...] = ()
    pairs: int | None = None
    training: int = 3
    catches: int = 1
    listeners: int = 60
    margin: float = 0.1
    alpha: float = 0.05
    caught: int = 0
    tempo_within: float = 0.06
    density_within: float = 2.0
    key_within: int = 6
    rehearsal: bool = False

    def __post_init__(self) -> None:
        _check_range("pairs", 1 if self.pairs is None else self.pairs, 1, 1000)
        _check_range("training", self.training, 0, 100)
        _check_range("catches", self.catches, 0, 100)
        _check_range("listeners", self.listeners, 1, 10_000)
        _check_range("margin", self.margin, 0.01, 0.45)
        _check_range("alpha", self.alpha, 0.0001, 0.2)
        _check_range("caught", self.caught, 0, 100)
        _check_range("tempo_within", self.tempo_within, 0, 10)
        _check_range("density_within", self.density_within, 1, 1000)
        _check_range("key_within", self.key_within, 0, 6)


@dataclass(frozen=True, slots=True)
class Design:
    """A listening test, whole: the same seed and stimuli make the same.

    Attributes:
        seed: That it was drawn with.
        options: What was fixed beforehand; `conditions` and `pairs` are filled in.
        stimuli: All excerpts that are heard.
        plans: What each listener hears, in order.
        version: Of this form.
    """

    seed: int
    options: DesignOptions
    stimuli: tuple[Stimulus, ...]
    plans: tuple[Plan, ...]
    version: int = 1

    def __post_init__(self) -> None:
        if self.version != 1:
            raise ListeningError(f"version of a design must be 1, got {self.version}")
        if not self.plans:
            raise ListeningError("a design needs at least one plan")
        known = {one.key: one.condition for one in self.stimuli}
        if len(known) < len(self.stimuli):
            raise ListeningError("keys of stimuli must differ")
        for plan in self.plans:
            _check_plan(plan, self.options.question, known)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it: answers say by it which test they belong to."""
        return hashlib.sha256(write_line(self).encode()).hexdigest()

    def plan(self, listener: int) -> tuple[Trial, ...]:
        """What the nth listener hears, from 0."""
        return self.plans[listener % len(self.plans)].trials

    def stimulus(self, key: str) -> Stimulus:
        """Find an excerpt by its key.

        Raises:
            ListeningError: If there is none.
        """
        for one in self.stimuli:
            if one.key == key:
                return one
        raise ListeningError(f"no stimulus has the key {key!r}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What one listener hears, in order."""

    trials: tuple[Trial, ...]


def save_design(path: str | Path, design: Design) -> None:
    """Write a design as JSON, whole or not at all.

    Raises:
        OutputError: If it cannot be written.
    """
    write_text(path, write_line(design) + "\n")


def load_design(path: str | Path) -> Design:
    """Read a design.

    Raises:
        MissingFileError: If there is no file.
        ListeningError: If it holds no design.
    """
    try:
        data = json.loads(Path(path).read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        raise MissingFileError(f"{path} is not there, or is a folder; give the JSON of a listening test") from None
    except (ValueError, RecursionError, OSError) as error:
        raise ListeningError(f"{path} is no design of a listening test: {error}") from None
    return from_plain(Design, data)


def check_name(what: str, name: str) -> None:
    """Refuse a name that cannot go into an address or the name of a file as it is.

    Raises:
        ListeningError: If it has other signs than letters, digits, point, dash and underscore, or is too long.
    """
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ListeningError(
            f"{what} must be 1..{LONGEST_NAME} letters, digits, points, dashes and underscores, got {name[:80]!r}"
        )


def _check_plan(plan: Plan, question: str, conditions: dict[str, str]) -> None:
    if len({trial.key for trial in plan.trials}) < len(plan.trials):
        raise ListeningError("keys of the trials of a listener must differ")
    for trial in plan.trials:
        check_name("key of a trial", trial.key)
        if len(trial.stimuli) != (2 if question == "pair" else 1):
            raise ListeningError(f"trial {trial.key} has {len(trial.stimuli)} stimuli; a {question} has another number")
        if missing := [key for key in trial.stimuli if key not in conditions]:
            raise ListeningError(f"trial {trial.key} names a stimulus that is not there: {missing[0]!r}")
        if trial.truth != _true_answer(question, [conditions[key] == HUMAN for key in trial.stimuli]):
            raise ListeningError(f"trial {trial.key} says {trial.truth!r}; its stimuli say otherwise")


def _true_answer(question: str, human: list[bool]) -> str | None:
    if question == "single":
        return "person" if human[0] else "machine"
    return None if human[0] == human[1] else "first" if human[0] else "second"


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ListeningError(f"{name} must be in {least:g}..{most:g}, got {value:g}")
