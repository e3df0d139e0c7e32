"""The acid line of a recording: a monophonic bass with slides, accents and the movement of its filter, in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from technogen.errors import TranscriptionError
from technogen.transcription.bass_cleaning import remove_repeats
from technogen.transcription.bass_decoding import (
    LOW_CONFIG,
    DecodedStep,
    StepKind,
    decode_steps,
)
from technogen.transcription.bass_drums import remove_hits
from technogen.transcription.bass_echo import remove_echo
from technogen.transcription.bass_evidence import find_evidence, note_begins
from technogen.transcription.bass_filter import follow_filter
from technogen.transcription.bass_steps import (
    GATE,
    LOW_VIEW,
    Steps,
    hear_steps,
    isolate_band,
    mean_decibels,
    place_steps,
    share_attacks,
)
from technogen.transcription.bass_strength import PLAIN_VELOCITY, find_velocities
from technogen.transcription.confidence import NoteEvidence, calibrate_notes
from technogen.transcription.pitch import LOWEST_PITCH, SAMPLE_RATE, Signal
from technogen.transcription.types import BassNote, DrumHit, Grid

Curve = tuple[tuple[float, float], ...]

SHORTEST_SECONDS = 0.5
QUIETEST_DECIBELS = -60.0
LEAST_GATED = 0.3  # of the attacks of an acid line come after a gap
LEAST_CONFIDENCE = 0.1
SURE_EVIDENCE = 60.0  # nats: the steps of a line that nobody doubts
DRUM_DECIBELS = 24.0  # what is that much below the recording is a rest of the drums
AUDIBLE_DECIBELS = 6.0
COPIED_DECIBELS = 4.5  # more pitch without the hits than without the repeats: the line itself repeats
SURE_OF_COPIES = 0.3
ACID_PITCH = 24
LEVEL_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class BassLine:
    """A monophonic line.

    Attributes:
        notes: Ascending, none overlapping another; a note that slides ends where the next begins, on another pitch.
        cutoff: (seconds, 0..127) of the filter's cutoff, logarithmic from 314 to 2394 Hz; true in its
            movement, while 64 is the middle of the recording.
        resonance: (seconds, 0..127).
        confidence: 0..1; 0 where there is no line. Before calibration.
        evidence: What speaks for each note, of a line that was heard in one piece.
    """

    notes: tuple[BassNote, ...] = ()
    cutoff: Curve = ()
    resonance: Curve = ()
    confidence: float = 0.0
    evidence: NoteEvidence = field(default_factory=NoteEvidence, repr=False, compare=False)


def transcribe_bass(
    samples: NDArray[np.float32], sample_rate: int, grid: Grid | None, drums: tuple[DrumHit, ...] = ()
) -> BassLine:
    """Hear the acid line of a recording.

    Args:
        samples: Mono, (n,).
        sample_rate: Samples a second.
        grid: The tempo and bar lines; None where there is no constant tempo.
        drums: What the drums play: tells them from a bass that repeats as exactly as they do.

    Returns:
        The line; empty, with no confidence, for silence, noise and drums alone.

    Raises:
        TranscriptionError: If the samples are not mono or the rate is no rate.
    """
    if samples.ndim != 1 or sample_rate <= 0:
        raise TranscriptionError(f"bass needs mono samples (n,) and a rate above 0, got {samples.shape}, {sample_rate}")
    if len(samples) < SHORTEST_SECONDS * sample_rate:
        return BassLine()
    signal = _prepare(samples, sample_rate)
    if 10 * np.log10(float((signal**2).mean()) + 1e-20) < QUIETEST_DECIBELS:
        return BassLine()
    heard = _hear_through_drums(signal, grid, drums)
    if heard.confidence < LEAST_CONFIDENCE or not heard.notes:
        return BassLine(confidence=min(heard.confidence, LEAST_CONFIDENCE))
    notes = calibrate_notes(find_velocities(heard.signal, heard.notes), heard.evidence)
    cutoff, resonance = follow_filter(samples, sample_rate, notes, grid)
    return BassLine(notes, cutoff, resonance, heard.confidence, heard.evidence)


def _prepare(samples: NDArray[np.float32], sample_rate: int) -> Signal:
    """Resample to the rate of the analysis; what is not a number is silence."""
    import soxr  # noqa: PLC0415

    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(soxr.resample(finite, sample_rate, SAMPLE_RATE), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """A line, the signal it was heard in, how sure it is, and what speaks for its notes."""

    notes: tuple[BassNote, ...]
    signal: Signal
    confidence: float
    evidence: NoteEvidence


def _hear_through_drums(signal: Signal, grid: Grid | None, drums: tuple[DrumHit, ...]) -> _Heard:
    """The line in what does not repeat, or, where the bars of the line are copies as well, in what is not a hit."""
    if grid is None:
        return _decode(hear_steps(signal, *place_steps(signal, grid)), signal, 0.0)
    dry = remove_echo(signal, SAMPLE_RATE, step_seconds=grid.beat_seconds / 4)
    free = remove_repeats(dry, SAMPLE_RATE, offset_seconds=grid.offset, bar_seconds=4 * grid.beat_seconds)
    copied = dry - free if free is not dry else dry
    tonal = remove_hits(copied, SAMPLE_RATE, drums)
    kept = dry - copied + tonal
    placed = place_steps(free, grid)
    steps = hear_steps(free, *placed)
    whole = hear_steps(kept, *placed, bases=steps.bases).masked_by(copied - tonal)
    level, tune, whole_tune = _mean_decibels(signal), *(each.pitched_decibels(ACID_PITCH) for each in (steps, whole))
    if whole_tune < tune + COPIED_DECIBELS:
        loss = _loud_decibels(signal) - _loud_decibels(free)
        return _decode(steps, free, max(loss, level - tune) if steps.gated > LEAST_GATED else loss)
    heard = _decode(whole, kept, level - whole_tune)
    return heard if heard.confidence > SURE_OF_COPIES else replace(heard, confidence=0.0)


def _mean_decibels(signal: Signal) -> float:
    return float(10 * np.log10((isolate_band(signal) ** 2).mean() + 1e-10))


def _loud_decibels(signal: Signal) -> float:
    """The level of the loud moments between kick and hats."""
    moments = np.arange(0, len(signal) / SAMPLE_RATE, LEVEL_SECONDS)
    return float(np.percentile(mean_decibels(isolate_band(signal), moments, LEVEL_SECONDS), 95))


def _decode(steps: Steps, signal: Signal, loss: float) -> _Heard:
    """Decode the middle of the spectrum, or what is below it where the middle is never quiet before an attack.

    The confidence is that the line's steps have its pitches, and that the line is no mere rest of the drums.
    """
    if steps.gated > LEAST_GATED:
        line = decode_steps(steps)
    else:
        attack = share_attacks(steps.attack)
        steps = replace(hear_steps(signal, steps.starts, steps.seconds, LOW_VIEW), attack=attack, gated=0.0)
        line = decode_steps(steps, LOW_CONFIG)
    sounding = np.array([step.kind != StepKind.REST for step in line])
    pitched = np.array([step.pitch > LOWEST_PITCH for step in line])  # the edge of the range catches what has no pitch
    evidence = float(np.median((steps.evidence.max(axis=1) * pitched)[sounding])) if sounding.any() else 0.0
    tonal = np.clip(evidence / SURE_EVIDENCE, 0, 1)
    audible = np.clip((DRUM_DECIBELS - loss) / AUDIBLE_DECIBELS, 0, 1)
    notes, sure = _gather(steps, line), float(tonal * audible)
    return _Heard(notes, signal, sure, find_evidence(steps, line, signal, notes, sure))


def _gather(steps: Steps, line: tuple[DecodedStep, ...]) -> tuple[BassNote, ...]:
    """Steps become notes: ties lengthen, a slide follows on without a gap."""
    notes: list[BassNote] = []
    held = steps.held()
    for begin in note_begins(line):
        end = begin + 1
        while end < len(line) and line[end].kind == StepKind.TIE:
            end += 1
        slides = end < len(line) and line[end].kind == StepKind.SLIDE
        following = steps.starts[end] if end < len(line) else np.inf
        share = 1.0 if slides or held[end - 1] else GATE
        stop = following if slides else min(following, steps.starts[end - 1] + share * steps.seconds)
        start = max(0.0, float(steps.starts[begin]))
        notes.append(BassNote(start, float(stop), line[begin].pitch, PLAIN_VELOCITY, slides))
    return tuple(notes)
