"""How far generated music is from human music: every figure of `technogen.evaluation.music` in one report."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogen.errors import EvaluationError
from technogen.evaluation.music.adherence import Asked
from technogen.evaluation.music.classifying import LEAST_GROUPS, require_sklearn
from technogen.evaluation.music.collecting import Collected, collect_files, collect_scores, group_songs, lay_out_all
from technogen.evaluation.music.grid import VIEWS, View, cut_phrases, cut_windows
from technogen.evaluation.music.judging import (
    floor_of_origins,
    judge_diversity,
    judge_interlock,
    judge_originality,
    judge_rules,
    judge_wishes,
    trace_origins,
)
from technogen.evaluation.music.measures import Measure
from technogen.evaluation.music.muspy_figures import compare_muspy
from technogen.evaluation.music.originality import Origin
from technogen.evaluation.music.profiles import BASS_PROFILES, DRUM_PROFILES, profiles_of_songs
from technogen.evaluation.music.spreading import compare_features, compare_phrases, compare_profiles_of
from technogen.evaluation.music.telling_apart import Pair, looks_shared, tell_apart
from technogen.score import Score

_log = logging.getLogger(__name__)
_FEW = 20
_PICTURED: tuple[tuple[View, str], ...] = (
    ("drums", "onset_kick"),
    ("drums", "onset_closed_hat"),
    ("bass", "onset"),
    ("bass", "degree"),
)


@dataclass(frozen=True, slots=True)
class Judging:
    """How sets of music are compared.

    Attributes:
        bars: Of a window, 1..16. Takes one-bar patterns with 1.
        most: Windows a piece at most, so that long songs weigh no more than short ones.
        floors: How often the reference is split by song for the noise floor of a two-sample test.
        seed: Same seed, same figures.
        songs: Whether generated pieces whose names differ by a version (x-01, x-v2) are one song, as those of the
            reference are; else each is a piece of its own.
    """

    bars: int = 4
    most: int = 6
    floors: int = 8
    seed: int = 0
    songs: bool = False

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("bars", self.bars, 1, 16),
            ("most", self.most, 1, 1000),
            ("floors", self.floors, 0, 100),
        ):
            if not low <= value <= high:
                raise EvaluationError(f"{name} must be in {low}..{high}, got {value}")


@dataclass(frozen=True, slots=True)
class GenerationFigures:
    """What a comparison found.

    Attributes:
        measures: All figures; the first part of a key is its chapter.
        generated: How many pieces were measured.
        reference: Likewise.
        reference_songs: How many songs they are, versions of one counted once.
        origins: What of each piece stands in the corpus.
        profiles: Mean profiles for pictures, of the generated and of the reference, by name.
        remarks: What a reader must know: files that were left out, sets too small, songs in both sets.
    """

    measures: tuple[Measure, ...]
    generated: int
    reference: int
    reference_songs: int
    origins: tuple[Origin, ...]
    profiles: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]
    remarks: tuple[str, ...]

    def __getitem__(self, key: str) -> Measure:
        """The measure of a key."""
        for measure in self.measures:
            if measure.key == key:
                return measure
        raise KeyError(key)

    @property
    def standing_out(self) -> tuple[Measure, ...]:
        """The measures that lie outside the noise floor."""
        return tuple(measure for measure in self.measures if measure.stands_out)


def evaluate_generation(
    generated: Mapping[str, Score] | Collected,
    reference: Mapping[str, Score] | Collected,
    *,
    corpus: Mapping[str, Score] | None = None,
    asked: Mapping[str, Asked] | None = None,
    options: Judging | None = None,
) -> GenerationFigures:
    """Compare two sets of scores by all figures.

    Each generated score counts as a piece of its own; those of the reference that are versions of one song count as
    one. Figures that need more pieces than there are have no value, and a remark says so.

    Args:
        generated: By name.
        reference: By name.
        corpus: Where copies are looked for; by default the reference.
        asked: What was asked of generated pieces, by name.
        options: How.

    Raises:
        EvaluationError: If a set has no piece with notes.
        MissingBackendError: If scikit-learn is not installed.
    """
    require_sklearn()
    how = options or Judging()
    ours, theirs = (s if isinstance(s, Collected) else collect_scores(s) for s in (generated, reference))
    for name, found in (("generated", ours), ("reference", theirs)):
        if not found.scores:
            why = next(iter(found.broken.values()), "all are empty" if found.empty else "none was given")
            raise EvaluationError(f"no {name} piece with notes: {why}")
    songs = group_songs(theirs.scores)
    pieces: Pair = (
        lay_out_all(ours.scores, group_songs(ours.scores) if how.songs else None),
        lay_out_all(theirs.scores, songs),
    )
    windows = {view: _windows(pieces, view, how) for view in VIEWS}
    origins = trace_origins(ours.scores, theirs.scores if corpus is None else corpus)
    floors = floor_of_origins(theirs.scores, songs, how.seed)
    measures = (
        *_compare(pieces, windows, how),
        *judge_originality(origins, floors, how.seed),
        *judge_diversity(windows, ours.scores, theirs.scores),
        *compare_muspy(ours.scores, theirs.scores, songs),
        *judge_wishes(ours.scores, asked or {}, how.seed),
        *judge_rules(ours.rules, len(ours.broken), how.seed),
    )
    counts = (len(ours.scores), len(theirs.scores), len(set(songs.values())))
    remarks = (*_remarks(ours, theirs, counts), *_findings(measures, asked, ours))
    return GenerationFigures(measures, *counts, origins, _profiles(windows), remarks)


def evaluate_generation_files(
    generated: str | Path,
    reference: str | Path,
    *,
    corpus: str | Path | None = None,
    asked: Mapping[str, Asked] | None = None,
    options: Judging | None = None,
) -> GenerationFigures:
    """Compare the MIDI files of two folders; see `evaluate_generation`.

    A folder is searched with all folders in it; a text file lists MIDI files, one a line, from where it lies. A file
    that cannot be read is told of in the remarks, and breaks the rules.

    Raises:
        MissingFileError: If a path is not there.
        EvaluationError: If a set has no piece with notes.
        MissingBackendError: If scikit-learn is not installed.
    """
    require_sklearn()
    ours, theirs = collect_files(generated), collect_files(reference)
    held = None if corpus is None else collect_files(corpus).scores
    return evaluate_generation(ours, theirs, corpus=held, asked=asked, options=options)


def _windows(pieces: Pair, view: View, how: Judging) -> Pair:
    first, second = (cut_windows(side, view, how.bars, how.most, np.random.default_rng(how.seed)) for side in pieces)
    return first, second


def _compare(pieces: Pair, windows: dict[View, Pair], how: Judging) -> Iterator[Measure]:
    phrases = (cut_phrases(pieces[0]), cut_phrases(pieces[1]))
    yield from tell_apart(windows, phrases, floors=how.floors, seed=how.seed)
    yield from compare_features(windows, how.seed)
    yield from compare_profiles_of(windows, how.seed)
    yield from compare_phrases(phrases, windows["bass"], how.seed)
    yield from judge_interlock(phrases, how.seed)


def _profiles(windows: Mapping[View, Pair]) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    found = {}
    for view, name in _PICTURED:
        profile = (DRUM_PROFILES if view == "drums" else BASS_PROFILES)[name]
        songs = [profiles_of_songs(side, profile) for side in windows[view]]
        if all(len(side) for side in songs):
            ours, theirs = (tuple(map(float, side.mean(axis=0))) for side in songs)
            found[f"{view}/{name}"] = (ours, theirs)
    return found


def _remarks(ours: Collected, theirs: Collected, counts: tuple[int, int, int]) -> Iterator[str]:
    for name, found in (("generated", ours), ("reference", theirs)):
        for piece, why in list(found.broken.items())[:5]:
            yield f"{name} {piece} cannot be read and is left out: {why}"
        if len(found.broken) > 5:
            yield f"{len(found.broken) - 5} more {name} files cannot be read"
        if found.empty:
            yield f"{len(found.empty)} {name} pieces have no notes and are left out, such as {found.empty[0]}"
    for name, count in (("generated pieces", counts[0]), ("reference songs", counts[2])):
        if count < LEAST_GROUPS:
            yield f"{count} {name}: a two-sample test needs {LEAST_GROUPS} of each set, and says little below {_FEW}"
        elif count < _FEW:
            yield f"{count} {name} are few: intervals are wide, and below {_FEW} a two-sample test says little"


def _findings(measures: tuple[Measure, ...], asked: Mapping[str, Asked] | None, ours: Collected) -> Iterator[str]:
    if shared := [m.words for m in measures if m.key.startswith("c2st/") and looks_shared(m)]:
        yield f"the sets share songs: held out, they are taken for the other side ({'; '.join(shared)})"
    if missing := [m.words for m in measures if m.value is None]:
        yield f"{len(missing)} figures have no value, for want of pieces or notes, such as {missing[0]}"
    if asked and (unknown := sorted(set(asked) - set(ours.scores))):
        yield f"{len(unknown)} pieces were asked for and are not there, such as {unknown[0]}"
