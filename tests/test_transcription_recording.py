import logging

import numpy as np
import pytest
import soundfile
from ear_signals import loop

from technogen.audio import Audio
from technogen.audio.reading import stream_audio
from technogen.errors import AudioError, MissingFileError
from technogen.transcription import features, recording
from technogen.transcription.recording import RATE, from_samples, open_recording

NOISE = (np.random.default_rng(4).standard_normal((9 * RATE, 2)) * 0.1).astype(np.float32)


@pytest.fixture
def long(monkeypatch):
    """Nothing is short enough to be held, and little may be read again."""
    monkeypatch.setattr(recording, "HELD_SECONDS", 1.0)
    monkeypatch.setattr(recording, "_BEHIND", 5000)


def write(path, samples, rate=RATE):
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def whole(source):
    found = open_recording(source)
    return found.read(0, len(found))


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 192000])
def test_a_long_file_a_short_one_and_its_samples_are_the_same_sound(rate, tmp_path, monkeypatch):
    samples = NOISE[: 3 * rate]
    path = write(tmp_path / "in.wav", samples, rate)
    held, of_samples = whole(path), whole(Audio(samples, rate))
    monkeypatch.setattr(recording, "HELD_SECONDS", 0.5)
    assert np.array_equal(whole(path), held)
    assert np.allclose(of_samples, held, atol=1e-6)
    assert len(held) == pytest.approx(len(samples) / rate * RATE, abs=1)
    assert np.abs(held).max() == pytest.approx(1)


def test_any_part_can_be_read_in_any_order(long, tmp_path):
    path = write(tmp_path / "in.wav", NOISE)
    mono = NOISE.mean(axis=1)
    mono /= np.abs(mono).max()
    found = open_recording(path)
    for start, stop in [
        (70000, 90000),
        (88000, 200000),
        (86000, 86010),
        (10, 5000),
        (300000, 300000),
        (396000, 396900),
    ]:
        assert np.allclose(found.read(start, stop), mono[start:stop], atol=1e-6)
    assert np.allclose(np.concatenate(list(found.blocks(7001))), mono, atol=1e-6)


def test_silence_lies_around_a_recording(long, tmp_path):
    found = open_recording(write(tmp_path / "in.wav", NOISE))
    around = found.read(-7, len(found) + 5)
    assert len(around) == len(found) + 12
    assert not around[:7].any()
    assert not around[-5:].any()
    assert np.array_equal(around[7:-5], found.read(0, len(found)))
    for start, stop in [(-9, -3), (len(found) + 2, len(found) + 8)]:
        assert found.read(start, stop).tolist() == [0] * 6


def test_what_left_and_right_take_from_each_other_is_read_from_their_difference(tmp_path):
    for samples in (NOISE[:, 0], 0.4 * NOISE[:, 1]):
        opposite = np.stack([samples, -samples], axis=1)
        wanted = samples / np.abs(samples).max()
        for source in (write(tmp_path / "in.wav", opposite), Audio(opposite, RATE)):
            assert np.allclose(whole(source), wanted, atol=1e-6)
    assert not whole(write(tmp_path / "in.wav", np.zeros((RATE, 2)))).any()


def test_samples_of_any_level_come_to_a_peak_of_one_and_are_not_touched():
    samples = np.array([0, np.nan, 4, -np.inf, 2], dtype=np.float32)
    found = from_samples(samples, RATE)
    assert found.read(0, 5).tolist() == [0, 0, 1, 0, 0.5]
    assert np.isnan(samples[1])
    assert from_samples(1e-5 * NOISE, RATE).read(0, 9 * RATE).max() > 0.5


def test_features_of_a_file_that_is_read_again_are_those_of_samples(long, tmp_path):
    audio, _ = loop(125.0)
    of_file = features.measure_features(open_recording(write(tmp_path / "in.wav", audio.samples)))
    of_samples = features.compute_features(audio.samples, audio.sample_rate)
    assert np.array_equal(of_file.bands, of_samples.bands)
    assert np.array_equal(of_file.envelope, of_samples.envelope)
    assert of_file.seconds == of_samples.seconds


def test_what_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(MissingFileError):
        open_recording(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_bytes(b"no sound at all\n" * 99)
    with pytest.raises(AudioError, match="no audio"):
        open_recording(tmp_path / "text.wav")
    with pytest.raises(AudioError, match="no samples"):
        open_recording(write(tmp_path / "none.wav", np.zeros(0, np.float32)))
    with pytest.raises(AudioError, match="sample rate"):
        next(stream_audio(tmp_path / "text.wav", sample_rate=5))


def test_a_file_that_was_cut_short_after_it_was_opened_ends_in_silence(long, tmp_path, caplog):
    path = write(tmp_path / "in.wav", NOISE)
    found = open_recording(path)
    path.write_bytes(path.read_bytes()[: 4 * RATE * 8])
    with caplog.at_level(logging.ERROR):
        tail = found.read(len(found) - RATE, len(found))
    assert len(tail) == RATE
    assert not tail.any()
