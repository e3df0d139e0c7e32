import csv
from pathlib import Path

import numpy as np
import pytest
from ear_signals import PATTERN, RATE, click, drifting, loop, place

from technogen.audio import Audio
from technogen.errors import AudioError, TranscriptionError
from technogen.transcription import transcribe

NOISE = np.random.default_rng(1)


def near(found, wanted, tolerance):
    """The share of `wanted` that has something of `found` close by."""
    found = np.asarray(found, float)
    return float(np.mean([len(found) > 0 and np.abs(found - w).min() <= tolerance for w in wanted]))


@pytest.mark.parametrize("tempo", [93.0, 120.5, 138.0, 174.0])
def test_the_tempo_of_a_sequenced_loop_is_exact(tempo):
    found = transcribe(loop(tempo)[0])
    assert found.tempo == tempo
    assert found.tempo_candidates[0][0] == pytest.approx(tempo, abs=0.05)
    assert found.score.tempo == tempo


def test_an_odd_tempo_is_found_to_a_hundredth():
    assert transcribe(loop(131.27, bars=16)[0]).tempo == pytest.approx(131.27, abs=0.015)


def test_beats_and_downbeats_fall_where_they_are():
    tempo = 128.0
    found = transcribe(loop(tempo, bars=4)[0])
    assert np.allclose(found.beats, np.arange(16) * 60 / tempo, atol=0.004)
    assert np.allclose(found.downbeats, np.arange(4) * 240 / tempo, atol=0.004)
    assert set(found.downbeats) <= set(found.beats)
    assert found.offset == pytest.approx(0, abs=0.004)


@pytest.mark.parametrize("cut", [0.31, 0.83, 1.61])
def test_bar_one_comes_from_the_music_where_the_file_starts_inside_a_bar(cut):
    tempo, bar = 128.0, 240 / 128.0
    whole, _ = loop(tempo, bars=6, pattern={**PATTERN, 36: (0, 4, 8, 11), 42: (0, 2, 4, 8, 12)})
    found = transcribe(Audio(whole.samples[round(cut * RATE) :], RATE))
    phase = (np.array(found.downbeats) + cut) / bar % 1
    assert np.abs((phase + 0.5) % 1 - 0.5).max() * bar < 0.01
    assert found.offset <= 0.02


def test_swing_is_a_number_and_the_score_is_straight():
    found = transcribe(loop(126.0, swing=0.6)[0])
    assert found.swing == pytest.approx(0.6, abs=0.01)
    assert all(n.start % 120 == 0 for n in found.score.drums)


def test_each_piece_is_found_in_its_place():
    audio, truth = loop(130.0)
    found = transcribe(audio)
    for pitch in PATTERN:
        wanted = [t for t, p in truth if p == pitch]
        heard = [h.time for h in found.drums if h.pitch == pitch]
        assert near(heard, wanted, 0.01) >= 0.9, pitch
        assert near(wanted, heard, 0.01) >= 0.8, pitch


def test_the_score_has_the_pattern_and_covers_the_recording():
    audio, _ = loop(130.0, bars=5)
    score = transcribe(audio).score
    assert score.bars == 5
    assert [n.start // 120 % 16 for n in score.drums if n.pitch == 36] == list(PATTERN[36]) * 5


def test_stereo_other_rates_and_files_are_heard_alike(tmp_path):
    audio, _ = loop(125.0)
    stereo = Audio(np.stack([audio.samples, 0.5 * audio.samples], axis=1), RATE)
    slow = Audio(audio.samples[::2], RATE // 2)
    audio.save(tmp_path / "loop.wav")
    wanted = transcribe(audio)
    for source in (stereo, slow, tmp_path / "loop.wav", str(tmp_path / "loop.wav")):
        assert transcribe(source).tempo == wanted.tempo
    assert transcribe(tmp_path / "loop.wav").downbeats == pytest.approx(wanted.downbeats, abs=1e-3)


def test_the_same_sound_gives_the_same_result_at_any_level():
    audio, _ = loop(125.0)
    wanted = transcribe(audio)
    assert transcribe(audio) == wanted
    quiet = transcribe(Audio(audio.samples * np.float32(0.25), RATE))
    assert (quiet.tempo, quiet.beats) == (wanted.tempo, wanted.beats)
    assert [(h.time, h.pitch) for h in quiet.drums] == [(h.time, h.pitch) for h in wanted.drums]


def test_a_given_tempo_is_taken_as_it_is_and_a_range_is_kept():
    audio, _ = loop(125.0)
    assert transcribe(audio, tempo=125.02).tempo == 125.02
    assert transcribe(audio, tempo=62.5).tempo == 62.5
    assert transcribe(loop(125.0, pattern={36: (0, 4, 8, 12), 46: (2, 6, 10)})[0], tempo_range=(50, 80)).tempo == 62.5


def test_a_drifting_tempo_gives_beats_and_no_grid():
    audio, beats = drifting()
    found = transcribe(audio)
    assert found.tempo is None
    assert found.score is None
    assert near(found.beats, beats[2:-2], 0.05) > 0.9
    assert len(found.beats) < 1.15 * len(beats)
    assert found.confidence["tempo"] < 0.3
    assert set(found.downbeats) <= set(found.beats)


def test_silence_holds_nothing():
    for samples in (np.zeros(5 * RATE), np.zeros((5 * RATE, 2)), np.full(5 * RATE, 1e-9)):
        found = transcribe(Audio(samples, RATE))
        assert (found.drums, found.bass, found.beats, found.score) == ((), (), (), None)
        assert set(found.confidence.values()) == {0.0}
        assert found.duration == 5


@pytest.mark.parametrize("kind", ["noise", "sine", "step", "one click", "8 kHz"])
def test_what_is_no_music_gives_a_result_of_low_confidence(kind):
    t = np.arange(4 * RATE) / RATE
    samples = {
        "noise": 0.3 * NOISE.standard_normal(4 * RATE),
        "sine": 0.5 * np.sin(2 * np.pi * 440 * t),
        "step": np.ones(4 * RATE),
        "one click": np.eye(1, 4 * RATE, RATE)[0],
        "8 kHz": 0.3 * NOISE.standard_normal(4 * 8000),
    }[kind]
    found = transcribe(Audio(samples, 8000 if kind == "8 kHz" else RATE))
    assert found.confidence["tempo"] < 0.5
    assert found.confidence["drums"] < 0.5


def test_short_recordings_give_less_confidence_and_too_short_ones_an_error():
    long, short = transcribe(loop(130.0, bars=2)[0]), transcribe(loop(130.0, bars=1)[0])
    assert 1 < short.duration < 4
    assert short.confidence["tempo"] < long.confidence["tempo"]
    with pytest.raises(AudioError, match=r"lasts 0\.50 s; transcription needs 1 s"):
        transcribe(Audio(np.zeros(RATE // 2), RATE))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tempo": 0}, "tempo must be in 20..400 beats per minute, got 0"),
        ({"tempo": float("nan")}, "got nan"),
        ({"tempo": True}, "got True"),
        ({"tempo_range": (200, 90)}, "from the lower to the higher tempo, got 200..90"),
        ({"tempo_range": (1, 90)}, "tempo_range must be in 20..400"),
        ({"tempo_range": 120}, "tempo_range must be a pair"),
        ({"beat_tracker": "ears"}, "beat_tracker must be 'technogen' or 'madmom', got 'ears'"),
        ({"bass_tracker": None}, "bass_tracker must be 'technogen' or 'basic-pitch', got None"),
    ],
)
def test_options_are_checked_before_any_work(options, message):
    with pytest.raises(TranscriptionError, match=message):
        transcribe("there is no such file.wav", **options)


def test_sections_start_where_the_music_changes():
    tempo, bar = 128.0, 240 / 128.0
    hats, _ = loop(tempo, bars=4, pattern={42: PATTERN[42]})
    full, _ = loop(tempo, bars=8)
    audio = Audio(np.concatenate([hats.samples, full.samples, hats.samples]), RATE)
    found = transcribe(audio)
    assert [s.start for s in found.sections] == pytest.approx([0, 4 * bar, 12 * bar], abs=0.02)
    assert [s.label for s in found.sections] == ["intro", "drop", "outro"]
    assert [(s.bar, s.label) for s in found.score.sections] == [(0, "intro"), (4, "drop"), (12, "outro")]


def test_confidence_is_within_its_range():
    found = transcribe(place([(0.5 * k, click()) for k in range(12)], 6))
    assert set(found.confidence) == {"tempo", "downbeat", "drums", "bass"}
    assert all(0 <= value <= 1 for value in found.confidence.values())


REAL = Path(__file__).parents[2] / "shared" / "realdata"


@pytest.mark.skipif(not REAL.exists(), reason="the reference recordings are not here")
@pytest.mark.parametrize(
    ("group", "kicks"),
    [("acid_mixes", 0.75), ("drummachine_loops", 0.9), ("hydrogen_songs", 0.8), ("tb303_open303", 0)],
)
def test_real_recordings_keep_their_beats(group, kicks):
    path = sorted((REAL / group).glob("*.flac"))[0]
    found = transcribe(path)
    with open(path.with_suffix(".beats.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    beats = [float(row["time_s"]) for row in rows]
    downbeats = [float(row["time_s"]) for row in rows if row["beat_in_bar"] == "1"]
    assert found.tempo == pytest.approx(60 / np.median(np.diff(beats)), abs=0.02)
    assert near(found.beats, beats, 0.02) > 0.95
    assert near(found.downbeats, downbeats, 0.02) > 0.95
    if kicks:
        with open(path.with_suffix(".drums.csv"), newline="") as file:
            wanted = [float(row["time_s"]) for row in csv.DictReader(file) if row["gm_note"] in ("35", "36")]
        assert near([h.time for h in found.drums if h.pitch == 36], wanted, 0.05) > kicks
    else:
        assert len(found.bass) > 20
