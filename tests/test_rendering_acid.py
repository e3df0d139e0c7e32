"""The 303: laws of its oscillator, ladder, envelopes, accents and slides."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from technogen.rendering import AcidKnobs, acid_circuit
from technogen.rendering import acid_kernels as kernels
from technogen.rendering.acid import AcidLine, play_line, slide_pitch
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


def busy(tempo=138.0, bars=2):
    """Rests, accents in a row, slides into accents, and moving knobs."""
    steps = ((0, 70, 36, 80), (120, 70, 36, 127), (240, 120, 48, 80, True), (360, 70, 39, 127), (600, 240, 34, 80))
    notes = tuple(Note(b * 1920 + s[0], *s[1:]) for b in range(bars) for s in steps)
    turns = tuple(Control(b * 1920 + t, "cutoff", 30 + t // 10) for b in range(bars) for t in range(0, 900, 60))
    return Score(
        tempo, bars, bass=notes, controls=(*turns, Control(0, "resonance", 90), Control(1920, "resonance", 120))
    )


@pytest.mark.parametrize("knobs", [AcidKnobs(), AcidKnobs("square", drive=24.0, free_running=True)])
def test_a_line_in_pieces_is_the_line_bit_for_bit(knobs):
    opening = ((480, 0.0), (1920, 2.0))
    whole = AcidLine(busy(), RATE, knobs, opening=opening).play(2 * RATE)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        line, pieces = AcidLine(busy(), RATE, knobs, opening=opening), []
        while sum(map(len, pieces)) < len(whole):
            pieces.append(line.play(int(rng.choice([0, 1, 3, 64, 100, 511, 4096, 10_000]))))
        assert np.array_equal(np.concatenate(pieces)[: len(whole)], whole)
    assert np.array_equal(play_line(busy(), RATE, RATE, knobs), AcidLine(busy(), RATE, knobs).play(RATE))


def test_a_free_running_oscillator_runs_through_rests():
    score = Score(120, 1, bass=line((0, 480, 45, 80), (960, 480, 45, 80), (1573, 240, 45, 80)))
    alike, free = (play_line(score, 2 * RATE, RATE, replace(STATIC, free_running=on)) for on in (False, True))
    starts = [sample_of(note.start, score, RATE) for note in score.bass]
    notes = [wave[at : at + 8000] for wave in (alike, free) for at in starts]
    assert np.abs(notes[0] - notes[2]).max() < 0.01  # envelopes have not quite let go
    assert np.abs(notes[3] - notes[5]).max() > 0.1
    edges = np.concatenate([falling_edges(note[2000:]) + at for note, at in zip(notes[3:], starts)])
    cycles = (edges - edges[0]) * 110 / RATE
    assert np.abs(cycles - np.round(cycles)).max() < 0.02


def test_a_phrase_is_alike_whatever_was_before():
    """Legato lines never rest; each note that is struck still starts the oscillator anew, so that loops repeat."""
    notes = tuple(Note(k * 240, 240, 36 + k, 80 + 47 * (k % 3 == 0), k % 2 == 0) for k in range(8))
    score = Score(120, 1, bass=notes)
    samples = sample_of(1920, score, RATE)
    wave = play_line(score.repeated(4), 4 * samples, RATE)
    passes = [wave[sample_of(k * 1920, score, RATE) :][: samples - 10] for k in range(1, 4)]
    assert np.abs(passes[1] - passes[2]).max() < 10 ** (-60 / 20)


def centres(wave, width=2048):
    return np.array([treble(wave[at : at + width])[0] for at in range(0, len(wave) - width, width)])


def test_curves_are_heard_as_curves():
    held = Score(
        120, 2, bass=line((0, 3840, 36, 80)), controls=(Control(0, "cutoff", 10), Control(1920, "cutoff", 110))
    )
    knobs = AcidKnobs(envelope=0.0, resonance=0.9, drive=0.0)
    octaves = np.log2(centres(play_line(held, 4 * RATE, RATE, knobs)[2000:]))
    rising, after = octaves[8:40], octaves[44:]
    assert np.diff(rising).max() < 0.25
    assert rising[-1] - rising[0] > 1.0
    assert np.ptp(after) < 0.1


def test_opening_is_added_in_octaves():
    held = Score(120, 2, bass=line((0, 3840, 36, 80)))
    knobs = AcidKnobs(cutoff=0.2, envelope=0.0, resonance=0.95, drive=0.0)
    opened = AcidLine(held, RATE, knobs, opening=((960, 0.0), (1920, 2.0))).play(4 * RATE)
    as_ever = play_line(held, 4 * RATE, RATE, knobs)
    assert np.array_equal(opened[: RATE - 300], as_ever[: RATE - 300])
    top = slice(2 * RATE - 4096, 2 * RATE - 100)
    assert treble(opened[top])[0] > 2 * treble(as_ever[top])[0]
    after = slice(int(2.5 * RATE), 4 * RATE)
    assert np.abs(opened[after] - as_ever[after]).max() < 0.01 * np.abs(as_ever[after]).max()


@pytest.mark.parametrize(
    ("waveform", "key", "drive"), [("saw", 84, 0), ("saw", 84, 24), ("square", 84, 0), ("square", 96, 24)]
)
def test_oscillator_hardly_aliases(waveform, key, drive):
    knobs = replace(STATIC, waveform=waveform, drive=drive)
    wave = play_line(Score(60, 1, bass=line((0, 1920, key, 80))), 2 * RATE, RATE, knobs)[RATE // 2 :][: 1 << 16]
    spectrum = np.abs(np.fft.rfft(wave * np.kaiser(len(wave), 20)))
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE)
    tone = 440 * 2 ** ((key - 69) / 12)
    between = (np.abs(frequencies / tone - np.round(frequencies / tone)) * tone > 20) & (frequencies < 20_000)
    assert 20 * math.log10(spectrum[between].max() / spectrum.max()) < -80


def test_square_has_one_hard_edge_and_is_a_little_narrow():
    knobs = replace(STATIC, waveform="square", envelope=1.0, decay=1.0)
    cycle = play_line(Score(60, 1, bass=line((0, 1920, 45, 80))), RATE, RATE, knobs)[RATE // 20 :][: 40 * RATE // 110]
    steps = np.diff(cycle)
    assert steps.max() > 1.5 * -steps.min()
    assert 0.44 < (cycle > 0.5 * (cycle.max() + cycle.min())).mean() < 0.56


@pytest.mark.parametrize("rate", [8_000, 48_000, 192_000])
@pytest.mark.parametrize("tempo", [40, 300])
@pytest.mark.parametrize("waveform", ["saw", "square"])
def test_extremes_are_finite_and_bounded(rate, tempo, waveform):
    knobs = AcidKnobs(waveform, 12.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0)
    notes = tuple(Note(k * 120, 120 - 50 * (k % 3 == 0), 24 + 17 * k % 100, 127, k % 3 > 0) for k in range(16))
    for drive in (0.0, 40.0):
        wave = play_line(Score(tempo, 1, bass=notes), 2 * rate, rate, replace(knobs, drive=drive))
        assert np.isfinite(wave).all()
        assert 0.01 < np.abs(wave).max() < 2.0


def test_ten_thousand_notes():
    notes = tuple(Note(k * 6, 6, 24 + k * 7 % 80, 127 - 40 * (k % 2), k % 5 > 0) for k in range(10_000))
    wave = play_line(Score(300, 32, bass=notes), 26 * RATE, RATE, AcidKnobs(resonance=1.0, accent=1.0))
    assert np.isfinite(wave).all()
    assert np.abs(wave).max() < 2.0


RECORDINGS = Path(__file__).parents[2] / "shared" / "realdata" / "tb303_open303"


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of another 303 are not here: ../shared is absent")
def test_it_sounds_as_recordings_do():
    """A quarter of the distance of a naive saw through a swept low-pass, on one of the recordings."""
    command = [sys.executable, str(Path(__file__).parents[1] / "benchmarks" / "acid_distance.py"), str(RECORDINGS)]
    done = subprocess.run([*command, "--only", "22"], capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[-1]) < 0.25


def sweeps(resonance, accents=4):
    """How high the accent's capacitor is charged by each of some accents in a row."""
    score = Score(140, 1, bass=tuple(Note(k * 120, 70, 36, 127) for k in range(accents)))
    played, charge = AcidLine(score, RATE, AcidKnobs(resonance=resonance)), []
    step = sample_of(120, score, RATE) // 64
    for _ in range(accents * step):
        played.play(64)
        charge.append(played._moving[kernels.SWEEP])
    return np.reshape(charge, (accents, step)).max(axis=1)


def test_accents_pile_up_and_more_so_with_resonance():
    for resonance in (0.0, 0.5, 1.0):
        tops = sweeps(resonance)
        assert tops[0] < tops[1] < tops[2]
    gains = [tops[2] / tops[0] for tops in map(sweeps, (0.0, 0.5, 1.0))]
    assert gains[0] < gains[1] < gains[2]
    assert gains[2] > 1.1


def test_rests_are_silent():
    score = Score(120, 4, bass=line((0, 120, 36, 127), (3840, 120, 36, 80)))
    wave = play_line(score, 6 * RATE, RATE)
    assert not wave[2 * RATE : 4 * RATE - 20].any()
    assert np.abs(wave[4 * RATE :]).max() > 0.1


def test_coupling_capacitors_thin_the_bass():
    """Harmonics of a low saw: 1/n through high-passes, all-pass, notch, and the ladder at rest."""
    knobs = replace(STATIC, decay=0.0)
    wave = play_line(Score(40, 1, bass=line((0, 1920, 24, 80))), 5 * RATE, RATE, knobs)[3 * RATE : 5 * RATE]
    base = 440 * 2 ** ((24 - 69) / 12)
    n = np.arange(1, 9)
    turns = np.exp(-2j * np.pi * np.outer(n * base / RATE, np.arange(len(wave)))) @ (wave * np.blackman(len(wave)))
    s = 1j * n * base
    width = 2 * math.sinh(math.log(2) / 2 * 4.7) * 7.5
    coupled = s / (s + 44.5) * s / (s + 24.2) * (s**2 + 7.5**2) / (s**2 + width * s + 7.5**2)
    p = s / acid_circuit.ladder_frequency(1.0, 0.0, 0.0, 0.0) * math.sqrt(2)
    expected = np.abs(coupled / (p**4 / 2 + 4 * p**3 + 10 * p**2 + 8 * p + 1)) / n
    decibels = 20 * np.log10(np.abs(turns) / expected)
    assert np.ptp(decibels) < 0.5
    assert 20 * math.log10(expected[0] / expected[1]) < 2


def test_overdrive_bends_and_none_is_clean():
    held = Score(120, 1, bass=line((0, 960, 45, 80)))
    soft, clean, hot = (play_line(held, RATE, RATE, AcidKnobs(drive=d, resonance=0.2)) for d in (0.0, 3.0, 40.0))
    bent = clean - soft * (clean @ soft) / (soft @ soft)
    assert bent.std() < 0.1 * clean.std()
    assert np.abs(hot).max() / hot.std() < 0.6 * np.abs(soft).max() / soft.std()
