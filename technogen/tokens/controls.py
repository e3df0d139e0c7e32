"""Control tokens: what a model is told about a score, or asked for, beside the notes themselves."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

from technogen.errors import TokenError
from technogen.score import TICKS_PER_BAR, Note, Part, Score
from technogen.tokens.vocabulary import BOS, DENSITY_CLASSES, FIRST, SOURCES, STYLES, TASKS, token_id

Style = Literal["acid", "industrial", "hard", "dub", "hypnotic", "electro", "other"]
Source = Literal["human", "rules", "user"]
Task = Literal["continue", "fill-drums", "fill-bass", "drums-to-bass", "bass-to-drums", "vary"]

_DRUM_DENSITY = (1, 8, 15)
_BASS_DENSITY = (1, 5, 10)


class Density(NamedTuple):
    """How busy a bar is: 0 silent, 1 sparse, 2 medium, 3 dense.

    Attributes:
        drums: 1..7 hits are sparse, 15 and more dense.
        bass: 1..4 notes are sparse, 10 and more dense.
    """

    drums: int
    bass: int


@dataclass(frozen=True, slots=True)
class Controls:
    """What is said of a score in its control tokens; they do not change how it decodes.

    Attributes:
        style: The style, or None to say nothing of it.
        source: Who wrote the score, or None.
        task: What is asked for, or None.
        parts: The parts that the score has; None: found in the score; `()` to say nothing of them.
        densities: One for each bar (None: nothing said of this bar); None: found in the score; `()` to leave them out.

    Raises:
        TokenError: If a value is none of the known ones.
    """

    style: Style | None = None
    source: Source | None = None
    task: Task | None = None
    parts: tuple[Part, ...] | None = None
    densities: tuple[Density | None, ...] | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("style", self.style, STYLES),
            ("source", self.source, SOURCES),
            ("task", self.task, TASKS),
        ):
            if value is not None and value not in known:
                raise TokenError(f"{name} must be one of {', '.join(known)}, got {value!r}")
        if not set(self.parts or ()) <= {"drums", "bass"}:
            raise TokenError(f"parts are 'drums' and 'bass', got {self.parts!r}")
        for density in self.densities or ():
            if density is not None:
                density_token(density)


def density_token(density: Density) -> int:
    """The id of a Density token.

    Raises:
        TokenError: If a class is not in 0..3.
    """
    drums, bass = density
    if drums not in range(DENSITY_CLASSES) or bass not in range(DENSITY_CLASSES):
        raise TokenError(f"a density is two classes of 0..{DENSITY_CLASSES - 1}, drums and bass, got {density!r}")
    return FIRST["Density"] + drums * DENSITY_CLASSES + bass


def find_densities(score: Score) -> tuple[Density, ...]:
    """The density of each bar of a score."""
    drums, bass = _count(score.drums, score.bars), _count(score.bass, score.bars)
    return tuple(Density(bisect_right(_DRUM_DENSITY, d), bisect_right(_BASS_DENSITY, b)) for d, b in zip(drums, bass))


def find_parts(score: Score) -> tuple[Part, ...]:
    """The parts that have any notes."""
    parts: list[Part] = []
    if score.drums:
        parts.append("drums")
    if score.bass:
        parts.append("bass")
    return tuple(parts)


def encode_head(controls: Controls) -> tuple[int, ...]:
    """The tokens before the first bar: BOS, then task, style, source and parts, where something is said of them.

    A prompt for a model that writes from nothing.
    """
    parts = ".".join(part for part in ("drums", "bass") if part in (controls.parts or ()))
    said = (("Task", controls.task), ("Style", controls.style), ("Source", controls.source), ("Parts", parts))
    return (BOS, *(token_id(f"{kind}_{value}") for kind, value in said if value))


def _count(notes: tuple[Note, ...], bars: int) -> list[int]:
    counts = [0] * bars
    for note in notes:
        counts[note.start // TICKS_PER_BAR] += 1
    return counts
