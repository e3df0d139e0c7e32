"""The steps on the way to the acid line, each by a law of its own."""

from __future__ import annotations

import numpy as np
import pytest

from technogen.transcription.bass_cleaning import remove_repeats
from technogen.transcription.bass_decoding import StepKind, decode_steps
from technogen.transcription.bass_filter import follow_filter
from technogen.transcription.bass_steps import hear_steps, place_steps, share_attacks
from technogen.transcription.bass_strength import split_in_two
from technogen.transcription.pitch import (
    GLIDES,
    LOWEST_PITCH,
    SAMPLE_RATE,
    Glide,
    build_bases,
    cut,
    hertz,
    steady_evidence,
    unglide,
    whiten,
)
from technogen.transcription.types import BassNote, Grid

BAR = 4 * 60 / 125  # a whole number of samples


def saw(pitch: float, samples: int) -> np.ndarray:
    phase = np.arange(samples) / SAMPLE_RATE * float(hertz(pitch)) + 0.13
    return 2 * (phase % 1) - 1


@pytest.mark.parametrize("pitch", [30, 36, 41, 48, 55, 60])
def test_the_best_pitch_of_a_saw_is_its_own(pitch):
    bases = build_bases(500)
    evidence = steady_evidence(saw(pitch, 500)[None], bases)[0]
    assert bases.pitches[evidence.argmax()] == pitch
    assert evidence.max() > 20


def test_a_square_is_not_heard_an_octave_off():
    bases = build_bases(500)
    evidence = steady_evidence(np.sign(saw(40, 500))[None], bases)[0]
    assert bases.pitches[evidence.argmax()] == 40


def test_noise_has_no_pitch():
    noise = np.random.default_rng(5).normal(size=(50, 500))
    assert np.median(steady_evidence(noise, build_bases(500)).max(axis=1)) < 10


def test_bases_are_orthonormal():
    for basis in build_bases(300).bases:
        assert np.allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-6)


@pytest.mark.parametrize("glide", [*GLIDES, Glide(0.022, delay=0.001)])
def test_ungliding_makes_a_slide_steady(glide):
    interval, length = 7, 400
    moment = np.arange(2 * length) / SAMPLE_RATE
    late = np.maximum(moment - glide.delay, 0)
    frequency = float(hertz(40)) * np.where(moment < glide.delay, 2 ** (interval / 12), glide.speed(interval, late))
    signal = 2 * (np.cumsum(frequency) / SAMPLE_RATE % 1) - 1
    bases = build_bases(length)
    steady = steady_evidence(unglide(signal, np.zeros(1), length, interval, glide), bases)[0]
    glided = steady_evidence(signal[None, :length], bases)[0]
    assert bases.pitches[steady.argmax()] == 40
    assert steady[40 - LOWEST_PITCH] > glided[40 - LOWEST_PITCH] + 20


def test_pieces_beyond_the_ends_are_silent():
    pieces = cut(np.ones(10), np.array([-4 / SAMPLE_RATE, 0.0, 8 / SAMPLE_RATE]), 4)
    assert pieces.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]]


def test_whitening_flattens_a_slope():
    rng = np.random.default_rng(2)
    red = np.cumsum(rng.normal(size=6000)) * 0.01
    power = np.abs(np.fft.rfft(whiten(red - red.mean()))) ** 2
    assert 0.2 < power[1:1000].mean() / power[-1000:].mean() < 5


def test_what_repeats_goes_and_what_runs_freely_stays():
    rng = np.random.default_rng(1)
    samples = int(8 * BAR * SAMPLE_RATE)
    drums, bass = np.zeros(samples + SAMPLE_RATE), saw(36.3, samples)
    hit = rng.normal(size=600) * np.exp(-np.arange(600) / 150)
    for beat in range(32):
        place = round(beat * BAR / 4 * SAMPLE_RATE)
        drums[place : place + 600] += 5 * hit
    drums = drums[:samples]
    left = remove_repeats(drums + bass, SAMPLE_RATE, offset_seconds=0.0, bar_seconds=BAR)
    assert ((left - bass) ** 2).mean() < 0.1 * (drums**2).mean()
    assert np.corrcoef(left, bass)[0, 1] > 0.9


def test_a_muted_bar_does_not_get_the_drums_upside_down():
    rng = np.random.default_rng(1)
    drums = np.zeros(int(8 * BAR * SAMPLE_RATE) + SAMPLE_RATE)
    hit = rng.normal(size=600)
    for bar in (0, 1, 2, 4, 5, 6, 7):
        place = round(bar * BAR * SAMPLE_RATE)
        drums[place : place + 600] = hit
    left = remove_repeats(drums, SAMPLE_RATE, offset_seconds=0.0, bar_seconds=BAR)
    muted = slice(round(3 * BAR * SAMPLE_RATE), round(4 * BAR * SAMPLE_RATE) - 300)
    assert np.abs(left[muted]).max() < 0.1 * np.abs(hit).max()


def test_three_bars_are_too_few_to_compare():
    signal = np.random.default_rng(0).normal(size=int(2.5 * BAR * SAMPLE_RATE))
    assert remove_repeats(signal, SAMPLE_RATE, offset_seconds=0.0, bar_seconds=BAR) is signal


def test_steps_lie_on_the_swung_grid():
    starts, seconds = place_steps(np.zeros(2 * SAMPLE_RATE), Grid(120.0, 0.1, 0.6))
    assert seconds == 0.125
    assert starts[:4] == pytest.approx([0.0, 0.1, 0.25, 0.35])
    assert starts[-1] < 2


def test_a_step_is_kept_that_begins_a_hair_before_the_recording():
    starts, _ = place_steps(np.zeros(SAMPLE_RATE), Grid(120.0, -1e-6))
    assert starts[0] == pytest.approx(0, abs=1e-5)


def test_two_tones_and_a_gap_are_decoded():
    seconds = 0.12
    signal = np.zeros(int(0.96 * SAMPLE_RATE))
    for step, pitch, length in ((0, 40, 0.07), (2, 45, 0.19), (5, 40, 0.07)):
        begin = int(step * seconds * SAMPLE_RATE)
        signal[begin : begin + int(length * SAMPLE_RATE)] = saw(pitch, int(length * SAMPLE_RATE))
    line = decode_steps(hear_steps(signal, np.arange(8) * seconds, seconds))
    kinds = [step.kind for step in line]
    assert kinds[:6] == [StepKind.ATTACK, StepKind.REST, StepKind.ATTACK, StepKind.TIE, StepKind.REST, StepKind.ATTACK]
    assert [line[step].pitch for step in (0, 2, 5)] == [40, 45, 40]
    assert kinds[6:] == [StepKind.REST] * 2


def test_attacks_are_shared_between_bars():
    attack = np.tile(np.arange(16.0), 3)
    attack[0] = 9.0
    assert share_attacks(attack)[0] == 4.5
    assert share_attacks(attack)[16:32].tolist() == list(range(16))
    assert share_attacks(attack[:20]) is not None


def test_two_classes_are_split_and_one_is_not():
    assert 2 < split_in_two(np.array([1.0, 1.1, 0.9, 7.0, 7.2]), 3.0) < 6
    assert split_in_two(np.array([1.0, 1.1, 0.9, 1.2, 1.05]), 3.0) == float("inf")
    assert split_in_two(np.array([1.0, 9.0]), 3.0) == float("inf")


def test_a_filter_that_stands_still_stays_in_the_middle():
    notes = tuple(BassNote(0.12 * step, 0.12 * step + 0.07, 40, 80) for step in range(32))
    samples = saw(40, 4 * SAMPLE_RATE).astype(np.float32)
    cutoff, resonance = follow_filter(samples, SAMPLE_RATE, notes, Grid(125.0, 0.0))
    assert all(abs(value - 64) < 8 for _, value in cutoff)
    assert [seconds for seconds, _ in cutoff] == [seconds for seconds, _ in resonance]


def test_a_tempo_that_is_a_little_off_does_not_keep_the_drums():
    rng = np.random.default_rng(4)
    drums = np.zeros(int(16 * BAR * SAMPLE_RATE) + SAMPLE_RATE)
    hit = np.convolve(rng.normal(size=600), np.hanning(12), "same")
    for beat in range(64):
        place = round(beat * BAR / 4 * SAMPLE_RATE)
        drums[place : place + 600] += hit
    off = BAR + 0.4 / SAMPLE_RATE
    left = remove_repeats(drums[:-SAMPLE_RATE], SAMPLE_RATE, offset_seconds=0.0, bar_seconds=off)
    assert (left**2).mean() < 0.05 * (drums**2).mean()
