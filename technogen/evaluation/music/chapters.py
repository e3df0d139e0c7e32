"""What the chapters of a report are called and say, for the command line and the page alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from technogen.evaluation.music.measures import Measure


@dataclass(frozen=True, slots=True)
class Chapter:
    """A group of measures.

    Attributes:
        key: How the keys of its measures begin.
        title: For people.
        words: How to read it, in a sentence or two.
        low: Where its scale begins.
        high: Where it ends.
        neutral: What no difference looks like.
    """

    key: str
    title: str
    words: str
    low: float = 0.0
    high: float = 1.0
    neutral: float | None = None


_SHIFT = "Shifts of the mean, in standard deviations of the reference."

CHAPTERS = (
    Chapter(
        "c2st",
        "Can a machine tell them apart?",
        "The chance that a classifier, trained on other songs, takes the generated one of two excerpts for the "
        "generated one: 0.5 is a guess. It sees simple statistics alone; that it cannot tell does not mean that a "
        "listener cannot.",
        neutral=0.5,
    ),
    Chapter(
        "overlap",
        "Overlap of distances",
        "How much distances from generated to reference overlap those within the reference: 1 is all (Yang and Lerch).",
    ),
    Chapter("shift", "Features", _SHIFT, -3, 3, 0.0),
    Chapter(
        "divergence",
        "Profiles",
        "Jensen-Shannon distances of onsets, degrees, intervals and velocities: 0 the same, 1 nothing in common.",
    ),
    Chapter("form", "Form of 16 bars", f"{_SHIFT} Lags: how alike bars are that are 1, 2, 4, 8 apart.", -3, 3, 0.0),
    Chapter("loop", "Loops", f"{_SHIFT} Whether the seam is as smooth as the bar lines within.", -3, 3, 0.0),
    Chapter("acid", "Acid", _SHIFT, -3, 3, 0.0),
    Chapter(
        "interlock",
        "Drums and bass",
        "How often a bassline's own drums suit it better than the drums of another piece: 0.5 is no better.",
        neutral=0.5,
    ),
    Chapter(
        "originality",
        "Originality",
        "What stands in the corpus bar by bar, transposition aside. A clean figure says nothing about quality.",
        0,
        16,
    ),
    Chapter("diversity", "Diversity", "Whether the pieces differ from each other.", 0, 2),
    Chapter("adherence", "What was asked", "How much of it is there."),
    Chapter("validity", "Files", "The share that keeps each rule."),
    Chapter("muspy", "Figures of MusPy", _SHIFT, -3, 3, 0.0),
)


def measures_of(chapter: Chapter, measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures of a chapter."""
    return tuple(m for m in measures if m.key.startswith(f"{chapter.key}/"))
