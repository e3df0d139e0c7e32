"""Rendered sound beside recordings: each figure moves with what it is made for, and with nothing else."""

import json
import math

import numpy as np
import pytest

from technogen import Audio
from technogen.cli import main
from technogen.errors import AudioError, EvaluationError, MissingFileError
from technogen.evaluation.sound import BANDS, evaluate_audio, evaluate_audio_files, frechet_distance, measure_sound

RATE = 44100


def tone(frequency, seconds=4.0, level=0.25, rate=RATE):
    t = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def noise(seed, seconds=4.0, level=0.1):
    return (level * np.random.default_rng(seed).normal(size=int(seconds * RATE))).astype(np.float32).clip(-1, 1)


def test_a_tone_of_997_hertz_has_the_loudness_of_the_standard():
    found = measure_sound(Audio(tone(997, level=10 ** (-20 / 20)), RATE)).values
    assert found["loudness"] == pytest.approx(-23.0, abs=0.1)  # one channel: 3 LU below its peak level
    assert found["peak"] == pytest.approx(-20, abs=0.05)
    assert found["crest"] == pytest.approx(3.01, abs=0.05)
    assert found["centroid"] == pytest.approx(0, abs=0.1)
    assert found["loudness_range"] == pytest.approx(0, abs=0.1)


def test_the_spectrum_is_where_the_sound_is():
    spectrum = measure_sound(Audio(tone(1000), RATE)).spectrum
    assert BANDS[int(np.argmax(spectrum))] == 1000
    assert spectrum[BANDS.index(1000.0)] == pytest.approx(0, abs=0.1)
    low = measure_sound(Audio(tone(60), RATE)).values
    assert low["low"] == pytest.approx(0, abs=0.1)
    assert low["high"] < -60


def test_white_noise_rises_by_three_decibels_an_octave_in_thirds():
    assert measure_sound(Audio(noise(0, 8), RATE)).values["tilt"] == pytest.approx(3.01, abs=0.3)


def test_width_is_that_of_the_sides():
    left, right = noise(0), noise(1)
    assert measure_sound(Audio(np.stack([left, left], axis=1), RATE)).values["width"] == -60
    assert measure_sound(Audio(left, RATE)).values["width"] == -60
    apart = measure_sound(Audio(np.stack([left, right], axis=1), RATE)).values
    assert apart["width"] == pytest.approx(0, abs=0.3)
    assert apart["low_width"] == pytest.approx(0, abs=1.5)


def test_hits_have_punch_and_squashed_sound_has_none():
    hits = noise(0) * np.tile(np.exp(-np.arange(RATE // 4) / 2000), 16).astype(np.float32)
    assert measure_sound(Audio(hits, RATE)).values["punch"] > 15
    assert measure_sound(Audio(noise(0), RATE)).values["punch"] < 3


def test_quiet_and_loud_parts_make_a_range():
    samples = np.concatenate([tone(997, 12, 0.25), tone(997, 12, 0.05)])
    assert measure_sound(Audio(samples, RATE)).values["loudness_range"] == pytest.approx(14, abs=1)


def test_the_rate_of_a_recording_does_not_matter():
    ours, theirs = (measure_sound(Audio(tone(440, rate=rate), rate)).values for rate in (44100, 22050))
    for name in ("loudness", "crest", "centroid"):
        assert ours[name] == pytest.approx(theirs[name], abs=0.1)


def test_silence_and_snippets_are_refused():
    with pytest.raises(AudioError, match="silent"):
        measure_sound(Audio(np.zeros(RATE * 2, np.float32), RATE))
    with pytest.raises(AudioError, match="from 1 s on"):
        measure_sound(Audio(tone(440, 0.5), RATE))


def make_set(first_seed, gain=1.0, *, smooth=1):
    kernel = np.ones(smooth) / smooth
    levels = [0.1 * (1 + 0.1 * (i % 3)) for i in range(8)]
    return {
        f"r{i}": Audio((gain * np.convolve(noise(first_seed + i, 2, level), kernel, "same")).astype(np.float32), RATE)
        for i, level in enumerate(levels)
    }


def test_sets_differ_in_what_they_differ_in_alone():
    reference = make_set(0)
    same = evaluate_audio(make_set(50), reference)
    assert [m.key for m in same.measures if m.stands_out] == []
    quiet = evaluate_audio(make_set(50, 0.25), reference)
    assert quiet["sound/loudness"].stands_out
    assert quiet["sound/loudness"].generated - quiet["sound/loudness"].reference == pytest.approx(-12.04, abs=0.1)
    assert not quiet["sound/spectrum"].stands_out
    dull = evaluate_audio(make_set(50, smooth=8), reference)
    assert dull["sound/spectrum"].stands_out
    assert dull["sound/spectrum"].value > 5
    assert dull["sound/centroid"].value < 0
    assert len(dull.spectrum) == len(dull.bands) == len(BANDS)


def test_the_frechet_distance_is_that_of_two_gaussians():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20000, 3)), rng.normal(size=(20000, 3)) * 2 + [1, 0, 0]
    assert frechet_distance(a, b) == pytest.approx(1 + 3 * (2 - 1) ** 2, abs=0.15)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    with pytest.raises(EvaluationError):
        frechet_distance(a, b[:, :2])


def test_an_embedding_of_ones_own_is_measured():
    def embed(audio):
        return np.abs(np.fft.rfft(audio.samples[: RATE // 10 * 10].reshape(-1, RATE // 10)))[:, :4]

    found = evaluate_audio(make_set(0), make_set(9), embed=embed)
    assert found["frechet"].value >= 0
    with pytest.raises(KeyError):
        evaluate_audio(make_set(0), make_set(9))["frechet"]


def test_folders_are_compared_and_what_cannot_be_read_is_told_of(tmp_path, capsys):
    for name, audios in (("ours", make_set(0)), ("theirs", make_set(20))):
        (tmp_path / name).mkdir()
        for stem, audio in list(audios.items())[:3]:
            audio.save(tmp_path / name / f"{stem}.wav")
    (tmp_path / "ours" / "broken.wav").write_bytes(b"RIFF")
    Audio(np.zeros(RATE * 2, np.float32), RATE).save(tmp_path / "ours" / "silent.wav")
    arguments = [
        "evaluate",
        "audio",
        str(tmp_path / "ours"),
        str(tmp_path / "theirs"),
        "--json",
        str(tmp_path / "f.json"),
    ]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "3 rendered recordings beside 3" in said
    assert "broken.wav cannot be read" in said
    assert "silent.wav is left out" in said
    assert "are few" in said
    data = json.loads((tmp_path / "f.json").read_text())
    assert math.isfinite(data["figures"]["sound/spectrum"]["value"])
    assert main(arguments) != 0
    with pytest.raises(MissingFileError):
        evaluate_audio_files(tmp_path / "gone", tmp_path / "theirs")
    (tmp_path / "none").mkdir()
    with pytest.raises(EvaluationError, match="no rendered recording"):
        evaluate_audio_files(tmp_path / "none", tmp_path / "theirs")


def test_one_recording_beside_another_has_levels(tmp_path):
    found = evaluate_audio({"a": Audio(tone(440), RATE)}, {"b": Audio(tone(880, level=0.1), RATE)})
    loud = found["sound/loudness"]
    assert loud.value is None
    assert loud.generated - loud.reference == pytest.approx(7.96, abs=1)
    assert found["sound/spectrum"].value > 0
