"""What speaks for each note of a bass line, for its slide and for its accent: the evidence behind their confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogen.transcription.bass_decoding import DecodedStep, StepKind
from technogen.transcription.bass_steps import STEPS_PER_BAR, Steps
from technogen.transcription.bass_strength import measure_accents
from technogen.transcription.confidence import Matrix, NoteEvidence, log_odds
from technogen.transcription.pitch import Signal
from technogen.transcription.types import BassNote

MARGIN_SCALE = 10.0  # nats
DECIBELS_SCALE = 10.0
FARTHEST_DECIBELS = 20.0
NEVER = -60.0  # decibels: nothing holds on at the end
BASS_CEILING = 60  # chords and leads are above
MODERATE_DECIBELS = 10.0  # accents are hardly louder than this beside plain notes: echoes and gaps are


def note_begins(line: Sequence[DecodedStep]) -> list[int]:
    """The steps on which notes begin."""
    return [index for index, step in enumerate(line) if step.kind in (StepKind.ATTACK, StepKind.SLIDE)]


def find_evidence(
    steps: Steps, line: Sequence[DecodedStep], signal: Signal, notes: Sequence[BassNote], line_confidence: float
) -> NoteEvidence:
    """What speaks for the notes of a line.

    Args:
        steps: What was heard.
        line: The steps as decoded.
        signal: The recording without drums, at `SAMPLE_RATE`.
        notes: The notes of the line, one for each of its beginnings.
        line_confidence: Of the whole line, 0..1.
    """
    begins = note_begins(line)
    if not begins:
        return NoteEvidence()
    following = np.array([*begins[1:], len(line)])
    held, attack = (
        _decibels(np.append(cue, end))[following] for cue, end in ((steps.hold, NEVER), (steps.attack, 0.0))
    )
    beside, contrast, share = measure_accents(signal, notes)
    moderate = np.full(len(notes), -abs(contrast) / MODERATE_DECIBELS)
    return NoteEvidence(
        deep=steps.gated == 0.0,
        notes=_note_cues(steps, line, begins, line_confidence),
        slides=np.stack([held, -attack], axis=1),
        apart=np.stack([-held, attack], axis=1),
        accents=np.stack([beside, moderate, np.full(len(notes), 1 - share)], axis=1),
        plain=np.stack([beside, moderate, np.full(len(notes), share)], axis=1),
    )


def _decibels(values: Signal) -> Signal:
    return np.asarray(np.clip(values, -FARTHEST_DECIBELS, FARTHEST_DECIBELS) / DECIBELS_SCALE)


def _note_cues(steps: Steps, line: Sequence[DecodedStep], begins: list[int], line_confidence: float) -> Matrix:
    ends = [*begins[1:], len(line)]
    spans = [[i for i in range(a, b) if i == a or line[i].kind == StepKind.TIE] for a, b in zip(begins, ends)]
    margins = np.arcsinh(np.array([max(line[i].margin for i in span) for span in spans]) / MARGIN_SCALE)
    level = _decibels(np.minimum(steps.level[begins], 0.0))
    low = (BASS_CEILING - np.array([line[i].pitch for i in begins])) / 12
    whole = np.tile([steps.gated, log_odds(line_confidence)], (len(begins), 1))
    return np.concatenate([np.stack([margins, level, _share_repeats(line, begins), low], axis=1), whole], axis=1)


def _share_repeats(line: Sequence[DecodedStep], begins: list[int]) -> Signal:
    """The share of the other bars in which the same pitch begins on the same step."""
    bars = -(-len(line) // STEPS_PER_BAR)
    pitches = np.full(bars * STEPS_PER_BAR, -1)
    pitches[begins] = [line[i].pitch for i in begins]
    table = pitches.reshape(bars, STEPS_PER_BAR)
    own = pitches[begins]
    same = (table[:, np.array(begins) % STEPS_PER_BAR] == own).sum(axis=0) - 1
    return np.asarray(same / max(1, bars - 1))
