"""Audio itself, its loudness, its resampling, and how it shows itself."""

import math
import re
import wave
from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest

from technogen.audio import Audio, measure_loudness, resample
from technogen.errors import AudioError


def tone(hertz=1000.0, seconds=1.0, rate=44100, level=0.5, channels=1):
    samples = (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)
    return Audio(samples if channels == 1 else np.stack([samples, samples], axis=1), rate)


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (np.float32(0.5), r"shape \(n,\) or \(n, 2\), got \(\)"),
        (np.zeros((2, 100), np.float32), r"got \(2, 100\)"),
        (np.zeros((100, 1), np.float32), r"got \(100, 1\)"),
        (np.zeros((1, 1, 1), np.float32), "got"),
        (np.zeros(0, np.float32), "at least one"),
        (np.zeros((0, 2), np.float32), "at least one"),
        (np.zeros(10, np.int16), "got int16; divide 16-bit samples by 32768"),
        (np.zeros(10, complex), "got complex128"),
        (np.array([0.0, np.nan]), "finite, got NaN"),
        (np.array([[0.0, np.inf]]), "finite"),
        (["a", "b"], "must be floats"),
        ([[1.0], [1.0, 2.0]], "must be an array"),
    ],
)
def test_samples_that_are_no_sound_are_refused(samples, says):
    with pytest.raises(AudioError, match=says):
        Audio(samples, 44100)


@pytest.mark.parametrize("rate", [0, -44100, 44100.0, True, None, "44100", 10**7])
def test_a_sample_rate_is_a_whole_number_of_hertz(rate):
    with pytest.raises(AudioError, match=r"whole number in 1000\.\.768000 Hz"):
        Audio(np.zeros(10, np.float32), rate)


def test_audio_knows_its_length_channels_and_mix():
    audio = Audio(np.array([[0.5, 0.0], [0.0, -0.5]]), np.int64(48000))
    assert (audio.channels, audio.seconds, audio.samples.dtype) == (2, 2 / 48000, np.float32)
    assert type(audio.sample_rate) is int
    assert audio.mono().tolist() == [0.25, -0.25]
    assert audio.samples.tolist() == [[0.5, 0.0], [0.0, -0.5]]
    assert audio == Audio(audio.samples.copy(), 48000)
    assert audio != Audio(audio.samples, 44100)


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_keeps_its_pitch_level_and_length_when_resampled(rate, channels):
    audio = resample(tone(1000, 1.0, channels=channels), rate)
    assert audio.channels == channels
    assert len(audio.samples) == rate
    spectrum = np.abs(np.fft.rfft(audio.mono() * np.hanning(rate)))
    assert np.argmax(spectrum) == 1000  # bins of 1 Hz
    assert np.sqrt(np.mean(audio.samples**2)) == pytest.approx(0.5 / math.sqrt(2), rel=0.01)


def test_what_the_new_rate_cannot_hold_is_gone():
    assert np.abs(resample(tone(15000), 22050).samples[1000:-1000]).max() < 1e-3


def test_resampling_keeps_what_is_already_right_and_at_least_one_sample():
    audio = tone()
    assert resample(audio, 44100) is audio
    assert len(resample(Audio(np.ones(1, np.float32), 192000), 4000).samples) >= 1
    with pytest.raises(AudioError, match="sample rate"):
        resample(audio, 0)


def test_loudness_of_the_standards_tone():
    """BS.1770: a sine of 997 Hz at full scale in one channel has -3.01 LUFS, in both 0."""
    assert measure_loudness(tone(997, 5, 48000, 1.0)) == pytest.approx(-3.01, abs=0.1)
    assert measure_loudness(tone(997, 5, 48000, 1.0, channels=2)) == pytest.approx(0, abs=0.1)
    assert measure_loudness(tone(997, 5, 48000, 0.1)) == pytest.approx(-23.01, abs=0.1)


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_loudness_of_short_and_of_silent_sound(rate):
    assert measure_loudness(tone(997, 0.1, rate, 1.0)) == pytest.approx(-3.01, abs=0.5)
    assert measure_loudness(Audio(np.zeros(rate, np.float32), rate)) == -math.inf
    assert measure_loudness(Audio(np.full(rate, 1e-7, np.float32), rate)) == -math.inf
    assert math.isfinite(measure_loudness(Audio(np.ones(1, np.float32), rate)))


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.449, 3.77, 31.0])
@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000])
def test_loudness_is_that_of_pyloudnorm(seconds, rate):
    import pyloudnorm

    random = np.random.default_rng(int(100 * seconds))
    swelling = np.repeat(np.exp(2 * random.standard_normal(400)), rate // 10)[: int(seconds * rate), None]
    samples = (0.05 * swelling * random.standard_normal((int(seconds * rate), 2))).astype(np.float32)
    for sound in (samples, samples[:, 0].copy()):
        meter = pyloudnorm.Meter(rate, block_size=min(0.4, len(sound) / rate))
        assert measure_loudness(Audio(sound, rate)) == pytest.approx(
            meter.integrated_loudness(sound.astype(float)), abs=0.001
        )


def _played(html):
    with wave.open(BytesIO(b64decode(re.search(r"base64,([^\"]+)", html)[1]))) as file:
        return file.getnchannels(), file.getframerate(), file.getnframes()


@pytest.mark.parametrize("channels", [1, 2])
def test_a_notebook_gets_a_player_and_a_waveform(channels):
    html = tone(seconds=2, channels=channels)._repr_html_()
    assert _played(html) == (channels, 44100, 88200)
    svg = ElementTree.fromstring(re.search(r"<svg.*</svg>", html, re.S)[0])
    points = next(e for e in svg.iter() if e.tag.endswith("polygon")).get("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert (min(heights), max(heights)) == (20.0, 60.0)  # half of 80, as the tone has half the level
    assert "<script" not in html


def test_long_audio_is_played_in_part_and_says_so():
    html = Audio(np.zeros(44100 * 90, np.float32), 44100)._repr_html_()
    assert _played(html) == (1, 22050, 60 * 22050)
    assert "1:30 min" in html
    assert "player: 1:00 min in mono" in html


@pytest.mark.parametrize("count", [1, 2, 599, 601])
def test_any_length_can_be_drawn(count):
    assert "polygon" in Audio(np.ones((count, 2), np.float32), 8000)._repr_html_()
