"""The figures of several recordings as one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from technogen.evaluation.matching import Counts
from technogen.evaluation.transcription import EXACT_TEMPO, TranscriptionFigures


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table.

    Attributes:
        key: For programs, such as "drums_techno/clap".
        words: For people.
        value: An F measure, a share, a correlation, milliseconds or beats a minute; None where there is nothing to
            measure.
        counts: Behind an F measure of the events of all recordings together; None where it is a mean over recordings.
    """

    key: str
    words: str
    value: float | None
    counts: Counts | None = None


def summarise_figures(figures: Sequence[TranscriptionFigures]) -> tuple[Figure, ...]:
    """Fold the figures of recordings into one table.

    F measures of drums, notes and sections are micro: events of all recordings are counted together. Those of beats and
    downbeats, and the correlations, are means over the recordings, as usual in the literature; a recording whose beats
    were not found counts as 0. The error of the tempo is the median over the recordings of constant tempo. Times are
    in milliseconds, later than the truth is positive.
    """
    return tuple(row for part in (_beats, _drums, _bass, _rest) for row in part(figures))


def _beats(figures: Sequence[TranscriptionFigures]) -> Iterator[Figure]:
    beats = [f.beats for f in figures if f.beats is not None]
    if not beats:
        return
    yield _mean("beat_f", "beats within 70 ms", (b.beats.f_measure or 0.0 for b in beats))
    yield _mean("beat_f20", "beats within 20 ms", (b.fine_beats.f_measure for b in beats))
    yield _mean("downbeat_f", "first beats of bars", (b.downbeats.f_measure for b in beats if b.downbeats))
    errors = [b.tempo_error for b in beats if b.tempo_error is not None]
    if errors:
        yield Figure("bpm_error", "tempo: median error, beats a minute", median(errors))
        exact = fmean(error < EXACT_TEMPO for error in errors)
        yield Figure("bpm_exact", f"tempo less than {EXACT_TEMPO:g} off, share of recordings", exact)
    yield from _times("beats", "beats", [t for b in beats for t in b.lateness])


def _drums(figures: Sequence[TranscriptionFigures]) -> Iterator[Figure]:
    drums = [f.drums for f in figures if f.drums is not None]
    if not drums:
        return
    yield _micro("drums_five/sum", "drums, five classes", (d.five_sum for d in drums))
    for name in sorted(drums[0].five):
        yield _micro(f"drums_five/{name}", f"  {name}", (d.five[name] for d in drums))
    yield _micro("drums_techno/sum", "drums, classes of techno", (d.techno_sum for d in drums))
    for name in drums[0].techno:
        yield _micro(f"drums_techno/{name}", f"  {name.replace('_', ' ')}", (d.techno[name] for d in drums))
    yield from _times("drums", "drums", [t for d in drums for t in d.agreement.lateness])
    yield _mean("drums/velocity_rank", "drums: velocity, rank correlation", (d.agreement.velocity_rank for d in drums))


def _bass(figures: Sequence[TranscriptionFigures]) -> Iterator[Figure]:
    bass = [f.bass for f in figures if f.bass is not None]
    if not bass:
        return
    yield _micro("bass/note", "bass notes", (b.notes for b in bass))
    yield _micro("bass/chroma", "  whatever the octave", (b.chroma for b in bass))
    yield _micro("bass/onset", "  onsets alone", (b.onsets for b in bass))
    yield _micro("bass/accent", "  accents", (b.accents for b in bass if b.accents))
    yield _micro("bass/slide", "  slides", (b.slides for b in bass if b.slides))
    slid = sum((b.slid_notes for b in bass if b.slid_notes), Counts())
    yield Figure("bass/slid_note_recall", "  notes slid into, share found", slid.recall)
    yield from _times("bass", "bass", [t for b in bass for t in b.agreement.lateness])
    yield _mean("bass/velocity_rank", "bass: velocity, rank correlation", (b.agreement.velocity_rank for b in bass))


def _rest(figures: Sequence[TranscriptionFigures]) -> Iterator[Figure]:
    if any(f.cutoff is not None for f in figures):
        yield _mean("cutoff_rho", "cutoff by beat, rank correlation", (f.cutoff for f in figures))
    if any(f.sections is not None for f in figures):
        yield _micro("sections", "starts of sections within 1 s", (f.sections for f in figures if f.sections))


def _mean(key: str, words: str, values: Iterable[float | None]) -> Figure:
    known = [value for value in values if value is not None]
    return Figure(key, words, fmean(known) if known else None)


def _micro(key: str, words: str, counts: Iterable[Counts]) -> Figure:
    together = sum(counts, Counts())
    return Figure(key, words, together.f_measure, together)


def _times(key: str, words: str, lateness: list[float]) -> Iterator[Figure]:
    """How late in the middle, and within what nine of ten are."""
    late = np.array(lateness)
    middle = 1e3 * float(np.median(late)) if len(late) else None
    most = 1e3 * float(np.percentile(np.abs(late), 90)) if len(late) else None
    yield Figure(f"{key}/late_ms", f"{words}: late by, median, ms", middle)
    yield Figure(f"{key}/within_ms", f"{words}: 90 % are off by less than, ms", most)
