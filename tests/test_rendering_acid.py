"""The 303: laws of its oscillator, ladder, envelopes, accents and slides."""

import math
from dataclasses import replace

import numpy as np
import pytest

from technogen.rendering import AcidKnobs, acid_circuit
from technogen.rendering.acid import play_line, slide_pitch
from technogen.rendering.clock import sample_of
from technogen.score import Control, Note, Score

RATE = 44_100
STATIC = AcidKnobs(cutoff=1.0, resonance=0.0, envelope=0.0, accent=0.0, drive=0.0)


def line(*notes):
    return tuple(Note(*note) for note in notes)


def treble(wave):
    """The centre of what lies above 500 Hz, and its level in dB."""
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE)
    high = power * (frequencies > 500)
    return float((high * frequencies).sum() / high.sum()), 10 * math.log10(high.sum())


def falling_edges(wave):
    """Times in samples at which a saw falls fastest, between samples."""
    fall = -np.diff(wave)
    at = np.flatnonzero((fall[1:-1] > fall[:-2]) & (fall[1:-1] >= fall[2:]) & (fall[1:-1] > 0.1 * fall.max())) + 1
    before, here, after = fall[at - 1], fall[at], fall[at + 1]
    return at + 0.5 * (before - after) / (before - 2 * here + after)


def rising_crossings(wave):
    """Times in samples at which a wave rises through zero, between samples."""
    at = np.flatnonzero((wave[:-1] < 0) & (wave[1:] >= 0))
    return at + wave[at] / (wave[at] - wave[at + 1])


def test_slide_follows_the_rc_in_log_frequency():
    score = Score(240, 1, bass=line((0, 480, 57, 80, True), (480, 960, 69, 80)))
    wide_open = replace(STATIC, envelope=1.0, decay=1.0)
    rate = 192_000
    edges = falling_edges(play_line(score, rate, rate, wide_open)) / rate
    start = 0.25
    fine = np.arange(start - 0.05, start + 0.2, 1e-6)
    pitch = [57.0 if t < start else slide_pitch(57, 69, t - start) for t in fine]
    cycles = np.cumsum(440 * 2 ** ((np.array(pitch) - 69) / 12)) * 1e-6
    within = edges[(edges > start - 0.045) & (edges < start + 0.19)]
    periods = np.diff(np.interp(within, fine, cycles))
    assert len(periods) > 60
    assert np.abs(1200 * np.log2(periods)).max() < 3


def test_slide_law():
    assert slide_pitch(36, 48, 0) == 36
    assert slide_pitch(36, 48, 0.022) == pytest.approx(48 - 12 / math.e)
    assert slide_pitch(48, 36, 1.0) == pytest.approx(36)


@pytest.mark.parametrize("key", [28, 40, 57, 69])
@pytest.mark.parametrize("waveform", ["saw", "square"])
def test_notes_are_in_tune(key, waveform):
    wave = play_line(Score(60, 1, bass=line((0, 1920, key, 80))), 2 * RATE, RATE, replace(STATIC, waveform=waveform))
    periods = np.diff(rising_crossings(wave[RATE // 2 :]))
    assert RATE / np.median(periods) == pytest.approx(440 * 2 ** ((key - 69) / 12), rel=1e-4)


def test_slide_does_not_retrigger_and_a_new_note_does():
    slid = Score(120, 1, bass=line((0, 480, 36, 80, True), (480, 480, 43, 80)))
    struck = Score(120, 1, bass=line((0, 480, 36, 80), (480, 480, 43, 80)))
    after = slice(int(0.505 * RATE), int(0.6 * RATE))
    soft, hard = (play_line(score, RATE, RATE)[after] for score in (slid, struck))
    assert hard.std() > 1.2 * soft.std()
    assert treble(hard)[1] > treble(soft)[1] + 3


def test_slide_keeps_sounding_and_a_gate_closes():
    score = Score(120, 1, bass=line((0, 120, 36, 80, True), (120, 70, 48, 80), (240, 70, 36, 80)))
    wave = np.abs(play_line(score, RATE, RATE))
    step = RATE // 8
    assert wave[step - 400 : step + 400].reshape(4, 200).max(axis=1).min() > 0.02
    assert wave[int(1.75 * step) : 2 * step - 10].max() < 1e-3


def test_accent_is_louder_and_brighter():
    knobs = AcidKnobs(accent=1.0)
    plain, accented = (play_line(Score(120, 1, bass=line((0, 120, 36, v))), RATE // 8, RATE, knobs) for v in (80, 127))
    assert accented.std() > 1.4 * plain.std()
    (centre, level), (plain_centre, plain_level) = treble(accented), treble(plain)
    assert centre > 1.2 * plain_centre
    assert level > plain_level + 3


def test_accents_in_a_row_sweep_higher():
    knobs = AcidKnobs(resonance=1.0, accent=1.0, cutoff=0.2, drive=0.0)
    score = Score(140, 1, bass=tuple(Note(k * 120, 70, 36, 127) for k in range(4)))
    wave = play_line(score, RATE, RATE, knobs)
    notes = [wave[sample_of(k * 120, score, RATE) :][:2500] for k in range(4)]
    tops = [treble(note)[0] for note in notes]
    assert tops[1] > 1.2 * tops[0]
    assert tops[2] > tops[1]


def test_controls_move_the_filter():
    held = Score(120, 1, bass=line((0, 1920, 36, 80)))
    tops = []
    for value in (0, 64, 127):
        wave = play_line(replace(held, controls=(Control(0, "cutoff", value),)), RATE, RATE)
        tops.append(treble(wave[: RATE // 2])[0])
    assert tops[0] * 1.2 < tops[1] < tops[2] / 1.2


@pytest.mark.parametrize("feedback", [0.0, 8.0, 15.0])
def test_ladder_answers_as_the_circuit(feedback):
    """The impulse response against 1 / (s^4/2 + 4 s^3 + 10 s^2 + 8 s + 1 + k h), h the high-pass of 150 Hz."""
    fast, cutoff = 4 * RATE, 1000.0
    c = acid_circuit.set_ladder(cutoff, feedback, float(fast))
    z, response = (0.0,) * 6, np.zeros(1 << 16)
    for n in range(len(response)):
        z = acid_circuit.filter_sample(1e-3 if n == 0 else 0.0, c, z)
        response[n] = z[5]
    frequencies = np.array([50.0, 100, 200, 400, 700, 1000, 1400, 2000, 4000, 8000])
    turns = np.exp(-2j * np.pi * np.outer(frequencies / fast, np.arange(len(response))))
    measured = np.abs(turns @ response) / 1e-3
    s = 1j * frequencies / cutoff * math.sqrt(2)
    high_pass = frequencies / (frequencies - 150j)
    circuit = 1 / np.abs(s**4 / 2 + 4 * s**3 + 10 * s**2 + 8 * s + 1 + feedback * high_pass)
    assert np.abs(20 * np.log10(measured / circuit)).max() < 0.5


def test_saw_hardly_aliases():
    wave = play_line(Score(60, 1, bass=line((0, 1920, 84, 80))), 2 * RATE, RATE, STATIC)[RATE // 2 :][: 1 << 15]
    spectrum = np.abs(np.fft.rfft(wave * np.blackman(len(wave))))
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE)
    tone = 440 * 2 ** (15 / 12)
    between = (np.abs(frequencies / tone - np.round(frequencies / tone)) * tone > 12) & (frequencies < 20_000)
    assert 20 * math.log10(spectrum[between].max() / spectrum.max()) < -60
