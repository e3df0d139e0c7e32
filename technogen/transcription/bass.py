"""The acid line of a recording: a monophonic bass with slides, accents and the movement of its filter, in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from technogen.errors import TranscriptionError
from technogen.transcription.bass_cleaning import remove_repeats
from technogen.transcription.bass_decoding import LOW_CONFIG, DecodedStep, StepKind, decode_steps
from technogen.transcription.bass_filter import follow_filter
from technogen.transcription.bass_steps import GATE, LOW_VIEW, Steps, hear_steps, place_steps, share_attacks
from technogen.transcription.bass_strength import find_velocities
from technogen.transcription.pitch import SAMPLE_RATE, Signal
from technogen.transcription.types import BassNote, DrumHit, Grid

Curve = tuple[tuple[float, float], ...]

SHORTEST_SECONDS = 0.5
QUIETEST_DECIBELS = -60.0
LEAST_GATED = 0.3  # of the attacks of an acid line come after a gap


@dataclass(frozen=True, slots=True)
class BassLine:
    """A monophonic line.

    Attributes:
        notes: Ascending, none overlapping another; a note that slides ends where the next begins, on another pitch.
        cutoff: (seconds, 0..127) of the filter's cutoff, logarithmic from 314 to 2394 Hz; true in its
            movement, while 64 is the middle of the recording.
        resonance: (seconds, 0..127).
        confidence: 0..1; 0 where there is no line.
    """

    notes: tuple[BassNote, ...] = ()
    cutoff: Curve = ()
    resonance: Curve = ()
    confidence: float = 0.0


def transcribe_bass(
    samples: NDArray[np.float32], sample_rate: int, grid: Grid | None, drums: tuple[DrumHit, ...] = ()
) -> BassLine:
    """Hear the acid line of a recording.

    Args:
        samples: Mono, (n,).
        sample_rate: Samples a second.
        grid: The tempo and bar lines; None where there is no constant tempo.
        drums: What the drums play; tells an accent from a drum on the same step.

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
    if grid is not None:
        signal = remove_repeats(signal, SAMPLE_RATE, offset_seconds=grid.offset, bar_seconds=4 * grid.beat_seconds)
    notes = _hear_notes(signal, grid)
    if not notes:
        return BassLine()
    notes = find_velocities(signal, notes)
    cutoff, resonance = follow_filter(samples, sample_rate, notes, grid)
    return BassLine(notes, cutoff, resonance, float(np.mean([note.confidence for note in notes])))


def _prepare(samples: NDArray[np.float32], sample_rate: int) -> Signal:
    """Resample to the rate of the analysis; what is not a number is silence."""
    import soxr  # noqa: PLC0415

    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(soxr.resample(finite, sample_rate, SAMPLE_RATE), dtype=np.float64)


def _hear_notes(signal: Signal, grid: Grid | None) -> tuple[BassNote, ...]:
    """The notes in the middle of the spectrum, or below it where the middle is never quiet before an attack."""
    starts, seconds = place_steps(signal, grid)
    steps = hear_steps(signal, starts, seconds)
    if steps.gated > LEAST_GATED:
        return _gather(steps, decode_steps(steps))
    low = hear_steps(signal, starts, seconds, LOW_VIEW)
    return _gather(low, decode_steps(replace(low, attack=share_attacks(steps.attack), gated=0.0), LOW_CONFIG))


def _gather(steps: Steps, line: tuple[DecodedStep, ...]) -> tuple[BassNote, ...]:
    """Steps become notes: ties lengthen, a slide follows on without a gap."""
    notes: list[BassNote] = []
    begins = [index for index, step in enumerate(line) if step.kind in (StepKind.ATTACK, StepKind.SLIDE)]
    for begin in begins:
        end = begin + 1
        while end < len(line) and line[end].kind == StepKind.TIE:
            end += 1
        slides = end < len(line) and line[end].kind == StepKind.SLIDE
        stop = steps.starts[end] if slides else steps.starts[end - 1] + GATE * steps.seconds
        sure = 1 / (1 + np.exp(-max(step.margin for step in line[begin:end]) / 20))
        notes.append(
            BassNote(float(steps.starts[begin]), float(stop), line[begin].pitch, 80, bool(slides), float(sure))
        )
    return tuple(notes)
