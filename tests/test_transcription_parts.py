import numpy as np
import pytest
from ear_signals import PATTERN, RATE, click, drifting, kick, loop, place

from technogen.audio import Audio
from technogen.score import Note
from technogen.transcription.assembly import Events, assemble_score, snap_tick
from technogen.transcription.bar_levels import measure_bars
from technogen.transcription.beats import follow_beats
from technogen.transcription.candidates import place_candidates
from technogen.transcription.features import BANDS, FRAME_RATE, band_edges, compute_features, prepare_samples
from technogen.transcription.onsets import find_onsets, onset_strength
from technogen.transcription.sections import find_sections
from technogen.transcription.tempo import Pulse, find_pulses, settle_pulse, simplify_tempo, steadiness
from technogen.transcription.types import BassNote, DrumHit, Grid, SectionStart


def hear(audio):
    features = compute_features(audio.mono(), audio.sample_rate)
    strength = onset_strength(features)
    return features, strength, find_onsets(features, strength)


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
@pytest.mark.parametrize("sound", [click, kick])
def test_onsets_have_no_latency(rate, sound):
    times = 0.4 + np.cumsum(np.random.default_rng(2).uniform(0.28, 0.5, 20))
    out = np.zeros(int((times[-1] + 1) * rate))
    wave = (
        sound()
        if rate == 44100
        else np.interp(np.arange(0, len(sound()), RATE / rate), np.arange(len(sound())), sound())
    )
    exact = np.round(times * rate) / rate
    for time in times:
        at = round(time * rate)
        out[at : at + len(wave)] += 0.5 * wave
    found = hear(Audio(out, rate))[2].times
    assert len(found) == len(times)
    assert np.abs(found - exact).max() < 0.005
    assert abs(np.median(found - exact)) < 0.003


def test_a_tone_is_heard_in_its_band():
    edges = band_edges()
    for hertz in (60, 200, 1000, 5000, 12000):
        samples = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
        loudest = int(compute_features(samples, RATE).bands.mean(axis=0).argmax())
        assert edges[max(0, loudest - 1)] <= hertz <= edges[min(BANDS, loudest + 2)]


def test_features_do_not_depend_on_the_length_of_blocks(monkeypatch):
    samples = np.random.default_rng(3).standard_normal(2 * RATE).astype(np.float32)
    whole = compute_features(samples, RATE)
    monkeypatch.setattr("technogen.transcription.features._BLOCK_FRAMES", 37)
    blocks = compute_features(samples, RATE)
    assert np.allclose(whole.bands, blocks.bands, atol=1e-6)
    assert np.allclose(whole.envelope, blocks.envelope, rtol=1e-5)
    assert len(whole.bands) == pytest.approx(2 * FRAME_RATE, abs=2)


def test_samples_are_made_fit_without_touching_the_original():
    samples = np.array([0, np.nan, 4, -np.inf, 2], dtype=np.float32)
    prepared = prepare_samples(samples, RATE)
    assert prepared.tolist() == [0, 0, 1, 0, 0.5]
    assert np.isnan(samples[1])
    assert not prepare_samples(np.zeros(8, np.float32), RATE).any()


@pytest.mark.parametrize(
    ("tempo", "error", "simple"),
    [
        (128.04, 0.02, 128.0),
        (128.04, 0.005, 128.04),
        (97.49, 0.01, 97.5),
        (131.268, 0.001, 131.27),
        (120.4, 9.0, 120.5),
    ],
)
def test_a_tempo_is_as_simple_as_the_onsets_allow(tempo, error, simple):
    assert simplify_tempo(tempo, error) == simple


def test_the_pulse_fits_and_chance_does_not():
    audio, _ = loop(140.0)
    _, strength, onsets = hear(audio)
    best, *others = find_pulses(onsets, strength, (90, 200))
    assert best.fit > 0.85
    assert best.score > others[0].score
    assert steadiness(best, onsets) > 0.95
    settled = settle_pulse(best, onsets)
    assert settled.tempo == 140.0
    sixteenths = settled.sixteenths(8)
    assert np.diff(sixteenths) == pytest.approx(np.full(7, 15 / 140))
    _, strength, onsets = hear(drifting()[0])
    adrift = find_pulses(onsets, strength, (90, 200))[0]
    assert adrift.fit * steadiness(adrift, onsets) < 0.2


def test_beats_follow_a_drift():
    audio, beats = drifting()
    _, strength, onsets = hear(audio)
    found = follow_beats(strength, onsets, 136)
    assert np.mean([np.abs(found - b).min() < 0.05 for b in beats[2:-2]]) > 0.9


def test_candidates_are_the_onsets_and_the_empty_sixteenths():
    pulse = Pulse(tempo=125.0, offset=0.0, swing=0.5, fit=1.0, score=0.0)
    onsets = np.array([0.0, 0.125, 0.48])
    found = place_candidates(onsets, pulse, 1.0)
    assert set(onsets) <= set(found)
    assert np.abs(found - 0.24).min() < 1e-9
    assert np.diff(found).min() > 0.045
    assert np.array_equal(place_candidates(onsets, None, 1.0), onsets)


GRID = Grid(tempo=120.0, offset=0.5, swing=0.5)


def test_events_become_ticks_and_the_bars_cover_the_recording():
    events = Events(
        drums=(DrumHit(0.502, 36, 100), DrumHit(1.126, 42, 80), DrumHit(4.5, 36, 90)),
        bass=(BassNote(0.5, 0.57, 36, 127), BassNote(0.625, 0.75, 48, 80, slide=True), BassNote(0.752, 0.9, 36, 80)),
        cutoff=((0.5, 40.2), (1.0, 40.4), (1.5, 90.0)),
        sections=(SectionStart(0.5, "intro"), SectionStart(2.5, "drop")),
    )
    score = assemble_score(events, GRID, 6.5)
    assert score.bars == 3
    assert [(n.start, n.pitch) for n in score.drums] == [(0, 36), (600, 42), (3840, 36)]
    assert score.bass[1] == Note(120, 120, 48, 80, slide=True)
    assert [n.start for n in score.bass] == [0, 120, 240]
    assert score.bass[0].accent
    assert [(c.tick, c.value) for c in score.controls] == [(0, 40), (960, 90)]
    assert [(s.bar, s.label) for s in score.sections] == [(0, "intro"), (1, "drop")]


def test_what_lies_between_sixteenths_keeps_its_tick():
    assert snap_tick(0.5 + 0.130, GRID) == 120
    assert snap_tick(0.5 + 0.1875, GRID) == 180
    assert snap_tick(0.49, GRID) == 0


def test_an_even_loop_is_one_section():
    audio, _ = loop(128.0, bars=8)
    grid = Grid(128.0, 0.0)
    assert [s.label for s in find_sections(measure_bars(hear(audio)[0], grid), grid)] == ["A"]


def test_a_part_that_comes_in_starts_a_section():
    quiet, _ = loop(128.0, bars=4, pattern={42: PATTERN[42]})
    full, _ = loop(128.0, bars=4)
    audio = Audio(np.concatenate([quiet.samples, full.samples]), RATE)
    grid = Grid(128.0, 0.0)
    sections = find_sections(measure_bars(hear(audio)[0], grid), grid)
    assert [round(s.start / 1.875) for s in sections] == [0, 4]


def test_near_onsets_of_two_sounds_are_one():
    audio = place([(0.5 * k + d, kick() if d else click()) for k in range(8) for d in (0, 0.004)], 4)
    assert len(hear(audio)[2].times) == 8
