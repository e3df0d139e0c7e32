"""The parts of a data set: choices, windows, arrays, tracks and their splits."""

import json
from pathlib import Path

import numpy as np
import pytest
from dataset_maker import make_tone
from hypothesis import given, settings
from hypothesis import strategies as st

from technogen import Control, Note, Score, compose
from technogen.dataset import DatasetConfig
from technogen.dataset.config import config_from_json, config_to_json
from technogen.dataset.listing import SourceFile, list_sources
from technogen.dataset.representations import cut_samples, make_lens
from technogen.dataset.tracks import choose_split, enter_files
from technogen.dataset.windows import Music, Window, cut_windows, window_score
from technogen.dataset.working import Record
from technogen.errors import DatasetError
from technogen.transcription import BassNote, DrumHit, Transcription


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"window_by": "minutes"}, "window_by must be"),
        ({"length": 0}, "above 0"),
        ({"length": 1.5}, "whole number of bars"),
        ({"window_by": "none", "length": 4}, "has no length"),
        ({"window_by": "seconds", "hop": 0.001}, "at least 0.05 seconds"),
        ({"length": float("nan")}, "above 0"),
        ({"representations": ("midi", "wavelet")}, "some of raw, spectrogram, mel, midi"),
        ({"representations": ()}, "got none"),
        ({"sample_rate": 10}, "sample_rate"),
        ({"fft_hop": 5000}, "fft_hop"),
        ({"tempo_range": (150, 90)}, "tempo_range"),
        ({"tempo_range": 9}, "tempo_range"),
        ({"licence": 7}, "licence"),
    ],
)
def test_choices_that_cannot_be_followed(choices, words):
    with pytest.raises(DatasetError, match=words):
        DatasetConfig(**choices)


def test_choices_survive_json():
    config = DatasetConfig(window_by="seconds", hop=2.5, representations=("midi", "mel"), licence="CC-BY 4.0 ✓")
    assert config_from_json(json.loads(json.dumps(config_to_json(config)))) == config


score_and_cut = st.tuples(
    st.integers(1, 12), st.integers(1, 6), st.integers(1, 6), st.sampled_from(["bars", "beats", "seconds", "none"])
)


@settings(max_examples=60, deadline=None)
@given(score_and_cut, st.sampled_from([0.5, 0.58]), st.floats(-1.5, 0.02))
def test_windows_lie_in_the_track_and_share_out_its_hits(cut, swing, offset):
    bars, length, hop, unit = cut
    score = Score(138, bars, tuple(Note(i * 240, 60, 36, 100) for i in range(bars * 8)), swing=swing)
    music = Music(max(offset + score.seconds, 0.1), score, offset)
    steps = {} if unit == "none" else {"length": length, "hop": hop}
    windows = cut_windows(music, DatasetConfig(window_by=unit, **steps))
    starts = [w.start_seconds for w in windows]
    assert starts == sorted(set(starts))
    for window in windows:
        assert window.start_seconds >= -0.051 or unit == "none"
        assert window.start_seconds + window.seconds <= music.seconds + 0.051
        assert window.start_bar == pytest.approx((window.start_seconds - offset) / (240 / 138), abs=1e-4)
        cut_score = window_score(music, window)
        assert cut_score.tempo == 138
        assert len(cut_score.drums) == pytest.approx(window.seconds / (30 / 138), abs=1.01)


def test_windows_of_bars_are_slices_and_of_beats_keep_their_swing():
    score = compose("acid", bars=8, tempo=125, seed=4)
    music = Music(score.seconds, score)
    windows = cut_windows(music, DatasetConfig(length=4, hop=2))
    assert [window_score(music, w) for w in windows] == [score[0:4], score[2:6], score[4:8]]
    swung = Score(120, 2, tuple(Note(i * 120, 60, 42, 90) for i in range(32)), swing=0.6)
    music = Music(swung.seconds, swung)
    beat = window_score(music, cut_windows(music, DatasetConfig(window_by="beats", length=4, hop=1))[1])
    assert (beat.swing, [n.start for n in beat.drums]) == (0.6, [i * 120 for i in range(16)])


def test_windows_by_seconds_have_their_notes_where_they_are_heard():
    score = Score(120, 2, (Note(480, 60, 36, 100), Note(1920, 60, 38, 90)), controls=(Control(0, "cutoff", 64),))
    music = Music(4.0, score)
    first, second = (window_score(music, w) for w in cut_windows(music, DatasetConfig(window_by="seconds", length=1.7)))
    assert [(n.start, n.pitch) for n in first.drums] == [(480, 36)]
    assert [(n.start, n.pitch) for n in second.drums] == [(1920 - round(1.7 * 960), 38)]
    assert [(c.tick, c.value) for c in second.controls] == [(0, 64)]


def test_a_drifting_track_is_cut_at_its_own_bar_lines():
    beats = tuple(float(b) for b in np.cumsum([0.25, *np.linspace(0.5, 0.4, 16)]))
    hits = tuple(DrumHit(t, 36, 100) for t in beats)
    notes = (BassNote(beats[8] + 0.01, beats[9] - 0.01, 36, 80),)
    heard = Transcription(None, None, 0.5, 0.0, beats, beats[::4], hits, notes, duration=8.0)
    music = Music(8.0, None, 0.0, heard)
    windows = cut_windows(music, DatasetConfig(length=2))
    assert [(w.start_seconds, w.bars) for w in windows] == [(beats[0], 2), (beats[8], 2)]
    second = window_score(music, windows[1])
    assert [n.start for n in second.drums] == [480 * i for i in range(8)]
    assert second.tempo == pytest.approx(60 * 8 / (beats[16] - beats[8]), abs=0.01)
    assert second.bass[0].pitch == 36
    clock = window_score(music, Window(1.0, 2.0))
    assert (clock.tempo, clock.bars) == (120, 1)


def test_a_track_without_beats_has_no_windows_of_bars():
    heard = Transcription(None, None, 0.5, 0.0, (), (), duration=8.0)
    assert cut_windows(Music(8.0, None, 0.0, heard), DatasetConfig()) == []


def test_samples_beyond_the_recording_are_silent():
    audio = make_tone(1.0, rate=8000)
    cut = cut_samples(audio, Window(-0.01, 1.02))
    assert len(cut) == 8160
    assert not cut[:80].any()
    assert not cut[8080:].any()
    assert np.array_equal(cut[80:8080], audio.samples)


def test_a_full_sine_has_amplitude_1_and_0_decibels():
    config = DatasetConfig(representations=("spectrogram", "mel"), sample_rate=44100)
    lens, tone = make_lens(config), make_tone(1.0, rate=44100, hz=44100 / 2048 * 100, level=1.0)
    spectrogram, mel = (lens.view(tone.samples, name) for name in ("spectrogram", "mel"))
    assert spectrogram.shape == (44100 // 512 + 1, 1025)
    assert mel.shape == (44100 // 512 + 1, 128)
    assert spectrogram[40].argmax() == 100
    assert spectrogram[40, 100] == pytest.approx(1, abs=1e-3)
    assert abs(float(mel[40].max())) < 2
    assert lens.view(np.zeros(2048, np.float32), "mel").max() == -100


def test_stereo_has_its_channels_first():
    lens = make_lens(DatasetConfig(representations=("mel",), sample_rate=44100, stereo=True))
    tone = make_tone(0.5, rate=44100, hz=1000, channels=2)
    both = lens.view(tone.samples, "mel")
    assert both.shape == (2, 22050 // 512 + 1, 128)
    assert both[0, 20].max() - both[1, 20].max() == pytest.approx(6.02, abs=0.01)


def test_more_mel_bands_than_frames_can_tell_apart():
    with pytest.raises(DatasetError, match="longer frames"):
        make_lens(DatasetConfig(representations=("mel",), mel_bands=500))


names = st.sampled_from([f"{folder}{stem}{end}" for folder in ("", "a/") for stem in "xyz" for end in (".wav", ".mid")])
contents = st.integers(0, 4)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, contents, min_size=1))
def test_no_track_and_no_music_is_in_two_splits(folder):
    files, records = [], {}
    for name, content in sorted(folder.items()):
        kind = "midi" if name.endswith(".mid") else "audio"
        files.append(SourceFile(Path(name), name, kind))
        status = "failed" if content == 4 else "ok"
        records[name] = Record(f"{name}", kind, status, content=f"{content:064d}"[::-1], windows=1)
    entries = enter_files(files, records, "1")
    splits = {}
    for entry in entries:
        if entry.status == "failed":
            assert entry.track_id == ""
            continue
        assert entry.split == choose_split(entry.track_id)
        for key in (entry.track_id, entry.content, entry.file.rsplit(".", 1)[0]):
            assert splits.setdefault(key, entry.split) == entry.split
    with_rows = [e.content for e in entries if e.status == "ok"]
    assert len(with_rows) == len(set(with_rows))


def test_the_splits_have_their_shares():
    draws = [choose_split(f"{i:016x}") for i in range(20_000)]
    assert draws.count("train") == pytest.approx(16_000, abs=250)
    assert draws.count("test") == pytest.approx(2_000, abs=200)


def test_ten_thousand_files_are_listed_fast(tmp_path):
    import time

    for folder in range(100):
        (tmp_path / str(folder)).mkdir()
        for i in range(100):
            (tmp_path / str(folder) / f"{i}.wav").touch()
    begun = time.process_time()
    listing = list_sources(tmp_path)
    assert len(listing.files) == 10_000
    assert time.process_time() - begun < 2
    assert [f.name for f in listing.files] == sorted(f.name for f in listing.files)
