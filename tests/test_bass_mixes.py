"""The acid line in whole mixes: drums that vary from hit to hit, bars that are copies, and echoes."""

from __future__ import annotations

import numpy as np
import pytest

from technogen.rendering import Mix, Voice, render, render_stems
from technogen.score import Note, Score
from technogen.transcription.bass import transcribe_bass
from technogen.transcription.bass_drums import remove_hits
from technogen.transcription.bass_echo import remove_echo
from technogen.transcription.pitch import SAMPLE_RATE
from technogen.transcription.types import DrumHit, Grid

RATE = 22050
BARS = 6
STEP = 120
TEMPO = 132.0
STEP_SECONDS = 60 / TEMPO / 4
GRID = Grid(TEMPO, 0.0)
RIFF = ((2, 36), (3, 43), (6, 36), (7, 48), (11, 41), (14, 36))


def write_score(*, bass: bool = True, drums: bool = True) -> Score:
    bars = [1920 * bar for bar in range(BARS)]
    line = [Note(bar + STEP * step, 70, pitch, 80) for bar in bars for step, pitch in RIFF if bass]
    hits = [
        Note(bar + STEP * step, 60, pitch, 110 if step % 8 == 4 else 90)
        for bar in bars
        for pitch, steps in ((36, (0, 4, 8, 12)), (38, (4, 12)), (42, (2, 6, 10, 14)), (47, (7, 9)))
        for step in steps
        if drums
    ]
    return Score(tempo=TEMPO, bars=BARS, drums=tuple(sorted(hits)), bass=tuple(sorted(line)))


def hits_of(score: Score) -> tuple[DrumHit, ...]:
    return tuple(DrumHit(note.start * STEP_SECONDS / STEP, note.pitch, note.velocity) for note in score.drums)


def score_notes(score: Score, found: list[tuple[float, int]]) -> float:
    wanted = [(note.start * STEP_SECONDS / STEP, note.pitch) for note in score.bass]
    hit = sum(any(abs(a - b) < 0.03 and p == q for b, q in found) for a, p in wanted)
    return 2 * hit / max(1, len(wanted) + len(found))


def hear(score: Score, mix: Mix) -> tuple[float, float, int]:
    """F of the notes, confidence, and how many notes were heard."""
    samples = render(score, sample_rate=RATE, loop=True, seed=3, voice=Voice(mix=mix)).samples
    line = transcribe_bass(samples.mean(axis=1).astype(np.float32), RATE, GRID, hits_of(score))
    return score_notes(score, [(n.start, n.pitch) for n in line.notes]), line.confidence, len(line.notes)


def test_a_line_whose_bars_are_copies_is_heard_through_varied_drums():
    found, confidence, _ = hear(write_score(), Mix(delay=-60.0))
    assert found > 0.85
    assert confidence > 0.5


def test_echoes_are_few_of_the_notes():
    found, _, count = hear(write_score(drums=False), Mix(delay=-20.0))
    assert found > 0.65
    assert count < 1.95 * BARS * len(RIFF)


def test_a_mix_with_echo_and_drums_is_heard():
    assert hear(write_score(), Mix())[0] > 0.9


def test_varied_drums_alone_are_no_line():
    _, confidence, count = hear(write_score(bass=False), Mix())
    assert count == 0
    assert confidence < 0.3


def test_hits_are_taken_out_and_the_line_stays():
    score = write_score()
    stems = {k: v.samples.mean(axis=1) for k, v in render_stems(score, sample_rate=SAMPLE_RATE * 2, loop=True).items()}
    drums, bass = (stems["kick"] + stems["drums"])[::2], stems["bass"][::2]
    left = remove_hits(drums + bass, SAMPLE_RATE, hits_of(score))
    alone = remove_hits(drums, SAMPLE_RATE, hits_of(score))
    assert (alone**2).mean() < 0.25 * (drums**2).mean()
    assert ((left - bass) ** 2).mean() < 0.3 * (drums**2).mean()
    assert np.array_equal(remove_hits(bass, SAMPLE_RATE, ()), bass)


@pytest.fixture(scope="module")
def echoed() -> tuple[np.ndarray, np.ndarray]:
    """A line and its echo, at the rate of the analysis."""
    stems = render_stems(write_score(drums=False), sample_rate=2 * SAMPLE_RATE, loop=True)
    bass, delay = (stems[name].samples.mean(axis=1).astype(np.float64) for name in ("bass", "delay"))
    return bass[::2], delay[::2]


def test_an_echo_is_taken_out(echoed):
    bass, delay = echoed
    left = remove_echo(bass + delay, SAMPLE_RATE, step_seconds=STEP_SECONDS)
    assert ((left - bass) ** 2).mean() < 0.3 * (delay**2).mean()


def test_a_line_without_echo_stays_as_it_is(echoed):
    bass, _ = echoed
    left = remove_echo(bass, SAMPLE_RATE, step_seconds=STEP_SECONDS)
    assert ((left - bass) ** 2).mean() < 0.01 * (bass**2).mean()
