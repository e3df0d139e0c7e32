"""The acid line: lines that the tests synthesise themselves, asked for back."""

from __future__ import annotations

import numpy as np
import pytest

from technogen.errors import TranscriptionError
from technogen.transcription.bass import BassLine, transcribe_bass
from technogen.transcription.types import BassNote, Grid

RATE = 22050
GATE = 0.58
GLIDE_SECONDS = 0.022
GRID = Grid(130.0, 0.0)

# step, pitch, accent, slides into the next, steps held
RIFF = (
    (0, 36, True, False, 1),
    (2, 48, False, False, 1),
    (3, 36, False, True, 1),
    (4, 43, False, False, 2),
    (7, 39, True, False, 1),
    (8, 36, False, False, 1),
    (10, 46, False, True, 1),
    (11, 39, False, False, 1),
    (13, 36, True, False, 2),
)


def step_time(step: int, grid: Grid) -> float:
    return grid.seconds_at(120 * step)


def notes_of(bars: int, grid: Grid = GRID, riff: tuple = RIFF) -> list[BassNote]:
    """The riff, bar after bar, as notes in seconds."""
    notes = []
    for bar in range(bars):
        for step, pitch, accent, slides, held in riff:
            start = step_time(16 * bar + step, grid)
            end = step_time(16 * bar + step + held - (0 if slides else 1), grid)
            end += 0 if slides else GATE * grid.beat_seconds / 4
            notes.append(BassNote(start, end, pitch, 127 if accent else 80, slides))
    return notes


def pitch_curve(notes: list[BassNote], time: np.ndarray) -> np.ndarray:
    curve = np.full(len(time), float(notes[0].pitch))
    for before, note in zip([None, *notes], notes):
        after = time >= note.start
        curve[after] = note.pitch
        if before is not None and before.slide:
            curve[after] += (before.pitch - note.pitch) * np.exp(-(time[after] - note.start) / GLIDE_SECONDS)
    return curve


def synthesise(notes: list[BassNote], seconds: float, cutoff=lambda t: 1200.0 + 0 * t) -> np.ndarray:
    """A saw of harmonics through a gentle filter, gated, accents 8 dB louder and brighter; no drums."""
    time = np.arange(int(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch_curve(notes, time) - 69) / 12)
    phase = 2 * np.pi * np.cumsum(frequency) / RATE
    gate, loud = np.zeros(len(time)), np.ones(len(time))
    for note in notes:
        on = (time >= note.start) & (time < note.end)
        gate[on] = 1.0
        loud[on] = 2.5 if note.accent else 1.0
    gate = np.convolve(gate, np.ones(60) / 60, "same")
    sound = np.zeros(len(time))
    for harmonic in range(1, 60):
        place = harmonic * frequency
        weight = 1 / (1 + (place / cutoff(time)) ** 4) ** 0.5 * (place < RATE / 2.2)
        sound += weight * np.sin(harmonic * phase) / harmonic
    return (0.15 * gate * loud * sound).astype(np.float32)


def drum_track(bars: int, grid: Grid, seed: int = 1) -> np.ndarray:
    """A gliding kick on each beat, noise on the off-beats: the same samples each bar."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(0.2 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (50 * time + 6 * (1 - np.exp(-time / 0.02)))) * np.exp(-time / 0.06)
    hat = rng.normal(0, 0.3, len(time)) * np.exp(-time / 0.03)
    out = np.zeros(int(bars * 4 * grid.beat_seconds * RATE) + RATE)
    for step in range(0, 16 * bars, 2):
        place = round(step_time(step, grid) * RATE)
        out[place : place + len(time)] += 0.8 * kick if step % 4 == 0 else hat
    return out.astype(np.float32)


def matches(line: BassLine, wanted: list[BassNote]) -> int:
    return sum(any(abs(n.start - w.start) < 0.02 and n.pitch == w.pitch for n in line.notes) for w in wanted)


def assert_monophonic(line: BassLine) -> None:
    for note, following in zip(line.notes, line.notes[1:]):
        assert note.start < note.end <= following.start + 1e-9
        if note.slide:
            assert note.end == pytest.approx(following.start)
            assert note.pitch != following.pitch
    if line.notes:
        assert not line.notes[-1].slide


@pytest.fixture(scope="module")
def solo() -> tuple[BassLine, list[BassNote]]:
    notes = notes_of(4)
    return transcribe_bass(synthesise(notes, 7.6), RATE, GRID, ()), notes


def test_a_solo_line_comes_back_note_for_note(solo):
    line, wanted = solo
    assert [note.pitch for note in line.notes] == [note.pitch for note in wanted]
    assert np.allclose([n.start for n in line.notes], [w.start for w in wanted], atol=1e-6)
    assert line.confidence > 0.5
    assert_monophonic(line)


def test_slides_are_on_the_note_before_the_glide(solo):
    line, wanted = solo
    assert [note.slide for note in line.notes] == [note.slide for note in wanted]


def test_accents_are_the_loud_notes(solo):
    line, wanted = solo
    assert [note.accent for note in line.notes] == [note.accent for note in wanted]


def test_a_held_note_is_one_long_note(solo):
    line, _ = solo
    held = next(note for note in line.notes if note.pitch == 43)
    assert held.end - held.start == pytest.approx(1.58 * GRID.beat_seconds / 4, abs=0.03)


def test_drums_are_heard_through():
    wanted = notes_of(8)
    mix = synthesise(wanted, 14.8)
    mix = 0.6 * mix + drum_track(8, GRID)[: len(mix)]
    line = transcribe_bass(mix, RATE, GRID, ())
    assert matches(line, wanted) > 0.9 * len(wanted)
    assert len(line.notes) < 1.15 * len(wanted)
    assert_monophonic(line)


def test_swing_and_an_offset_are_followed():
    grid = Grid(124.0, 0.3, 0.6)
    wanted = notes_of(3, grid)
    line = transcribe_bass(synthesise(wanted, 6.4), RATE, grid, ())
    assert matches(line, wanted) >= len(wanted) - 1
    assert_monophonic(line)


def test_without_a_grid_most_notes_are_found():
    wanted = notes_of(4)
    line = transcribe_bass(synthesise(wanted, 7.6), RATE, None, ())
    attacked = [note for before, note in zip([None, *wanted], wanted) if before is None or not before.slide]
    assert matches(line, attacked) > 0.8 * len(attacked)
    assert_monophonic(line)


def test_the_cutoff_curve_rises_with_the_knob():
    notes = notes_of(8)
    sweep = synthesise(notes, 14.8, lambda t: 500 * 2 ** (2 * t / 14.8))
    line = transcribe_bass(sweep, RATE, GRID, ())
    seconds, value = np.array(line.cutoff).T
    assert np.all(np.diff(seconds) > 0)
    assert np.corrcoef(seconds, value)[0, 1] > 0.9
    assert all(0 <= v <= 127 for curve in (line.cutoff, line.resonance) for _, v in curve)


def test_drums_alone_are_no_bass():
    line = transcribe_bass(drum_track(8, GRID), RATE, GRID, ())
    assert line.notes == ()
    assert line.confidence <= 0.1


@pytest.mark.parametrize("grid", [GRID, None])
@pytest.mark.parametrize("kind", ["empty", "short", "silence", "noise", "nan"])
def test_what_holds_no_bass_gives_an_empty_line(kind, grid):
    noise = np.random.default_rng(3).normal(0, 0.1, 5 * RATE).astype(np.float32)
    samples = {
        "empty": noise[:0],
        "short": noise[:1000],
        "silence": 0 * noise,
        "noise": noise,
        "nan": np.full(2 * RATE, np.nan, np.float32),
    }[kind]
    line = transcribe_bass(samples, RATE, grid, ())
    assert line.notes == ()
    assert line.confidence <= 0.1


def test_the_same_samples_give_the_same_line(solo):
    line, notes = solo
    assert transcribe_bass(synthesise(notes, 7.6), RATE, GRID, ()) == line


@pytest.mark.parametrize(("samples", "rate"), [(np.zeros((9, 2), np.float32), RATE), (np.zeros(9, np.float32), 0)])
def test_stereo_or_no_rate_is_refused(samples, rate):
    with pytest.raises(TranscriptionError, match="mono"):
        transcribe_bass(samples, rate, GRID, ())


@pytest.mark.parametrize("cents", [-35, 30])
def test_a_machine_out_of_tune_plays_the_same_line(cents):
    wanted = notes_of(3)
    bent = [BassNote(n.start, n.end, n.pitch + cents / 100, n.velocity, n.slide) for n in wanted]
    line = transcribe_bass(synthesise(bent, 5.7), RATE, GRID, ())
    assert matches(line, wanted) >= len(wanted) - 1
