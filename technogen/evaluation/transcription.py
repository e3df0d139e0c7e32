"""How good the transcription of one recording is, against what is known of it; all windows in seconds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.errors import EvaluationError
from technogen.evaluation.matching import Counts, count_times, first_of_each, match_notes, match_times, require_mir_eval
from technogen.evaluation.truth import (
    Annotation,
    TrueHit,
    TrueNote,
    annotate,
    check_lengths,
    constant_tempo,
)
from technogen.transcription.types import Transcription

BEAT_SECONDS, FINE_BEAT_SECONDS, EVENT_SECONDS, SECTION_SECONDS = 0.07, 0.02, 0.05, 1.0
"""The windows, to each side, within which something is found: beats and downbeats, beats that are to be exact, drums
and notes, and starts of sections."""
EXACT_TEMPO = 0.05
"""A tempo that is less than this off, in beats a minute, is exact."""
_FIRST_SECTION = 0.5
_STILL_KNOB, _LEAST_BEATS, _CURVE_POINTS = 10, 4, 8

FIVE_CLASSES: Mapping[int, str] = {
    **dict.fromkeys((35, 36), "KD"),
    **dict.fromkeys((37, 38, 39, 40), "SD"),
    **dict.fromkeys((42, 44, 46), "HH"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), "TT"),
    **dict.fromkeys((49, 51, 52, 53, 55, 57, 59), "CY"),
}
"""The classes of drum transcription in the literature, by General MIDI note; the rest, PERC, is not in their sum."""
TECHNO_CLASSES: Mapping[int, str] = {
    **dict.fromkeys((35, 36), "kick"),
    37: "rim",
    **dict.fromkeys((38, 40), "snare"),
    39: "clap",
    **dict.fromkeys((42, 44), "closed_hat"),
    46: "open_hat",
    **dict.fromkeys((41, 43, 45, 47, 48, 50), "tom"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
    **dict.fromkeys((51, 53, 59), "ride"),
}
"""The classes that a techno producer tells apart, by General MIDI note; the rest, perc, is in their sum."""
_REST = {"five": "PERC", "techno": "perc"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well the events that were found agree with the true ones in time and velocity.

    Attributes:
        lateness: How much later than the truth each was found, in seconds; negative where it was earlier.
        velocity_rank: Spearman's correlation of the velocities; None where those of the truth are not known, or are all
            the same.
    """

    lateness: tuple[float, ...] = ()
    velocity_rank: float | None = None


@dataclass(frozen=True, slots=True)
class BeatFigures:
    """Beats within 70 and 20 ms, downbeats within 70 ms, and how far the tempo is off.

    Attributes:
        beats: Within 70 ms.
        fine_beats: Within 20 ms.
        downbeats: None where the truth does not say which beats are.
        tempo_error: In beats a minute; no tempo counts as 0; None where the true tempo is not constant.
        lateness: Of the beats within 70 ms, in seconds.
    """

    beats: Counts
    fine_beats: Counts
    downbeats: Counts | None
    tempo_error: float | None
    lateness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DrumFigures:
    """Drum hits within 50 ms, by class; hits of one class within 15 ms of each other count once.

    Attributes:
        five: By the five classes of the literature, and PERC.
        techno: By the classes of techno.
        agreement: Of the hits that were found, by the classes of techno.
    """

    five: Mapping[str, Counts]
    techno: Mapping[str, Counts]
    agreement: Agreement

    @property
    def five_sum(self) -> Counts:
        """All of the five classes; PERC is left out, as in the literature."""
        return sum((c for name, c in self.five.items() if name != _REST["five"]), Counts())

    @property
    def techno_sum(self) -> Counts:
        """All classes of techno."""
        return sum(self.techno.values(), Counts())


@dataclass(frozen=True, slots=True)
class BassFigures:
    """Bass notes: onset within 50 ms and the same semitone, without regard to their ends.

    Attributes:
        notes: Onset and pitch.
        chroma: Onset and pitch, whatever the octave.
        onsets: Onset alone.
        accents: Accented notes that were found, and as accented; None where the truth has none.
        slides: Notes that are slid into, found, and as slid into; None where the truth has none and no filter either.
        slid_notes: Notes that are slid into, found, flag or not (its recall is what counts); None likewise.
        agreement: Of the notes that were found.
    """

    notes: Counts
    chroma: Counts
    onsets: Counts
    accents: Counts | None
    slides: Counts | None
    slid_notes: Counts | None
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class TranscriptionFigures:
    """How good the transcription of one recording is; a part that the truth lacks is None.

    Attributes:
        beats: Beats, downbeats and tempo.
        drums: Drum hits.
        bass: Bass notes.
        cutoff: Spearman's correlation of the cutoff, averaged over each beat with a note; 0 where the prediction does
            not move; None where the true knob moves by less than 10 of 127.
        sections: Starts of sections within 1 second; the start of the recording is left out.
    """

    beats: BeatFigures | None = None
    drums: DrumFigures | None = None
    bass: BassFigures | None = None
    cutoff: float | None = None
    sections: Counts | None = None


def evaluate_transcription(
    truth: Annotation | Transcription, prediction: Annotation | Transcription
) -> TranscriptionFigures:
    """Measure a transcription against the truth, by the matching of mir_eval.

    A reference and a found event match at most once each: beats and downbeats within 70 ms of each other, drums and
    notes within 50 ms, starts of sections within 1 s. What the truth does not annotate is not measured.

    Args:
        truth: From `read_annotation`, or a transcription that was set right by hand.
        prediction: Likewise; an empty `Annotation` found nothing.

    Raises:
        EvaluationError: If the truth annotates nothing, or one of the two goes on far beyond the end of the other.
        MissingBackendError: If mir_eval is not installed.

    References:
        Raffel et al., "mir_eval: A Transparent Implementation of Common MIR Metrics", ISMIR 2014.
    """
    require_mir_eval()
    known, said = (annotate(x) if isinstance(x, Transcription) else x for x in (truth, prediction))
    if not known.parts:
        raise EvaluationError("the truth annotates nothing; it needs beats, drums, bass notes, a cutoff or sections")
    check_lengths(known, said)
    return TranscriptionFigures(
        beats=_measure_beats(known, known.beats, said) if known.beats is not None else None,
        drums=_measure_drums(known.drums, said.drums or ()) if known.drums is not None else None,
        bass=_measure_bass(known, known.bass, said.bass or ()) if known.bass is not None else None,
        cutoff=_measure_cutoff(known, said.cutoff or ((0.0, 0.0),)) if known.cutoff else None,
        sections=_measure_sections(known, said) if known.sections is not None else None,
    )


def _measure_beats(truth: Annotation, beats: tuple[float, ...], said: Annotation) -> BeatFigures:
    true, found = np.array([b for b in beats if b >= 0]), np.array(said.beats or (), float)
    pairs = match_times(true, found, BEAT_SECONDS)
    tempo = constant_tempo(beats)
    return BeatFigures(
        beats=Counts(len(pairs), len(true), len(found)),
        fine_beats=count_times(beats, found, FINE_BEAT_SECONDS),
        downbeats=_count(truth.downbeats, said.downbeats, BEAT_SECONDS) if truth.downbeats is not None else None,
        tempo_error=abs((said.tempo or 0.0) - tempo) if tempo is not None else None,
        lateness=_lateness(true, found, pairs),
    )


def _count(true: Sequence[float] | None, found: Sequence[float] | None, window: float) -> Counts:
    return count_times(true or (), found or (), window)


def _measure_drums(truth: Sequence[TrueHit], said: Sequence[TrueHit]) -> DrumFigures:
    five, _ = _by_class(truth, said, FIVE_CLASSES, _REST["five"])
    techno, pairs = _by_class(truth, said, TECHNO_CLASSES, _REST["techno"])
    return DrumFigures(five, techno, _agree([(a.time, a.velocity, b.time, b.velocity) for a, b in pairs]))


def _by_class(
    truth: Sequence[TrueHit], said: Sequence[TrueHit], classes: Mapping[int, str], rest: str
) -> tuple[dict[str, Counts], list[tuple[TrueHit, TrueHit]]]:
    counts, matched = {}, []
    for name in (*dict.fromkeys(classes.values()), rest):
        true, found = (_once(hits, classes, name, rest) for hits in (truth, said))
        pairs = match_times([h.time for h in true], [h.time for h in found], EVENT_SECONDS)
        counts[name] = Counts(len(pairs), len(true), len(found))
        matched += [(true[i], found[j]) for i, j in pairs]
    return counts, matched


def _once(hits: Sequence[TrueHit], classes: Mapping[int, str], name: str, rest: str) -> list[TrueHit]:
    """The hits of a class, by time; those within 15 ms of the one before are left out."""
    ours = [h for h in hits if classes.get(h.pitch, rest) == name]
    return [ours[i] for i in first_of_each([h.time for h in ours])]


def _measure_bass(truth: Annotation, notes: Sequence[TrueNote], said: Sequence[TrueNote]) -> BassFigures:
    true, found = ([(n.start, n.pitch) for n in line] for line in (notes, said))
    pairs = match_notes(true, found, EVENT_SECONDS)
    true_chroma, found_chroma = ([(t, p % 12) for t, p in line] for line in (true, found))
    chroma = match_notes(true_chroma, found_chroma, EVENT_SECONDS)
    both = [(notes[i], said[j]) for i, j in pairs]
    accented, slid = (sum(getattr(n, flag) for n in notes) for flag in ("accent", "slide_in"))
    caught = sum(a.slide_in for a, _ in both)
    right = sum(a.slide_in and b.slide_in for a, b in both)
    accents = Counts(sum(a.accent and b.accent for a, b in both), accented, sum(b.accent for b in said))
    return BassFigures(
        notes=Counts(len(pairs), len(notes), len(said)),
        chroma=Counts(len(chroma), len(notes), len(said)),
        onsets=count_times([t for t, _ in true], [t for t, _ in found], EVENT_SECONDS),
        accents=accents if accented else None,
        slides=Counts(right, slid, sum(b.slide_in for b in said)) if slid or truth.cutoff is not None else None,
        slid_notes=Counts(caught, slid, caught) if slid else None,
        agreement=_agree([(a.start, a.velocity, b.start, b.velocity) for a, b in both]),
    )


def _agree(pairs: Sequence[tuple[float, int | None, float, int | None]]) -> Agreement:
    velocities = [(a, b) for _, a, _, b in pairs if a is not None and b is not None]
    true, found = (np.array(v, float) for v in zip(*velocities)) if velocities else (np.empty(0), np.empty(0))
    return Agreement(tuple(round(late - early, 6) for early, _, late, _ in pairs), _rank(true, found))


def _lateness(true: NDArray[np.float64], found: NDArray[np.float64], pairs: NDArray[np.int64]) -> tuple[float, ...]:
    return tuple(np.round(found[pairs[:, 1]] - true[pairs[:, 0]], 6).tolist()) if len(pairs) else ()


def _rank(true: NDArray[np.float64], found: NDArray[np.float64]) -> float | None:
    """Spearman's correlation; 0 where what was found is all the same, None where the truth is."""
    from scipy.stats import spearmanr  # noqa: PLC0415

    if not len(true) or np.ptp(true) == 0:
        return None
    return float(spearmanr(true, found).statistic) if np.ptp(found) > 0 else 0.0


def _measure_cutoff(truth: Annotation, said: Sequence[tuple[float, float]]) -> float | None:
    beats, curve = truth.beats or (), truth.cutoff or ()
    if np.ptp([value for _, value in curve]) <= _STILL_KNOB:
        return None
    spans = _sounding(list(zip(beats, beats[1:])), truth.bass or ())
    if len(spans) < _LEAST_BEATS:
        return None
    return _rank(_mean_by_beat(curve, spans), _mean_by_beat(said, spans))


def _sounding(spans: list[tuple[float, float]], notes: Sequence[TrueNote]) -> list[tuple[float, float]]:
    """The spans in which a note sounds."""
    starts, ends = [n.start for n in notes], np.maximum.accumulate([-np.inf, *(n.end for n in notes)])
    return [(a, b) for a, b in spans if ends[bisect_left(starts, b)] > a]


def _mean_by_beat(curve: Sequence[tuple[float, float]], spans: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    times, values = np.array(curve, float).T
    points = np.array([np.linspace(a, b, _CURVE_POINTS) for a, b in spans])  # (spans, points)
    means: NDArray[np.float64] = np.interp(points, times, values).mean(axis=1)
    return means


def _measure_sections(truth: Annotation, said: Annotation) -> Counts:
    true, found = (
        [s.start for s in part or () if s.start > _FIRST_SECTION] for part in (truth.sections, said.sections)
    )
    return count_times(true, found, SECTION_SECONDS)
