"""Audio files: what is written is read back, in every format; what is wrong is named or made the best of."""

import logging

import numpy as np
import pytest
import soundfile
from test_audio import tone

from technogen.audio import Audio, read_audio, write_audio
from technogen.errors import AudioError, MissingFileError, OutputError


def noise(seconds=0.5, rate=44100, channels=2, level=0.5, seed=0):
    shape = round(seconds * rate) if channels == 1 else (round(seconds * rate), channels)
    return Audio(np.random.default_rng(seed).uniform(-level, level, shape).astype(np.float32), rate)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("name", "bits", "error"),
    [
        ("a.wav", 16, 1.5 * 2**-15),
        ("a.wav", 24, 2**-24),
        ("a.wav", 32, 0),
        ("a.flac", 16, 1.5 * 2**-15),
        ("a.FLAC", 24, 2**-24),
    ],
)
def test_what_is_written_is_read_back(tmp_path, name, bits, channels, error):
    audio = noise(channels=channels, level=0.99)
    write_audio(audio, tmp_path / name, bit_depth=bits)
    read = read_audio(tmp_path / name)
    assert (read.sample_rate, read.samples.shape) == (44100, audio.samples.shape)
    assert np.abs(read.samples - audio.samples).max() <= error
    first = (tmp_path / name).read_bytes()
    write_audio(read, tmp_path / name, bit_depth=bits)  # nothing is lost by writing once more
    assert read_audio(tmp_path / name) == read
    write_audio(audio, tmp_path / name, bit_depth=bits)
    assert (tmp_path / name).read_bytes() == first


def test_ogg_of_more_than_a_minute(tmp_path):
    """libsndfile crashes where this much is written in one call."""
    audio = tone(440, 65, 48000, channels=2)
    audio.save(tmp_path / "long.ogg")
    read = read_audio(tmp_path / "long.ogg")
    assert read.samples.shape == audio.samples.shape
    assert np.abs(read.samples - audio.samples)[4800:-4800].max() < 0.05


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("rate", [8000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_is_read(tmp_path, ending, rate, channels):
    audio = tone(500, 1.0, rate, channels=channels)
    soundfile.write(tmp_path / f"a.{ending}", audio.samples, rate)
    read = read_audio(str(tmp_path / f"a.{ending}"))
    assert (read.sample_rate, read.channels) == (rate, channels)
    assert read.seconds == pytest.approx(1.0, abs=0.1)
    middle = read.mono()[rate // 4 : rate // 4 * 3]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("rate", [4000, 11025, 96000, 192000, 384000])
def test_any_rate_is_read_and_resampled(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", tone(500, 1.0, rate).samples, rate, subtype="FLOAT")
    assert read_audio(tmp_path / "a.wav").sample_rate == rate
    read = read_audio(tmp_path / "a.wav", sample_rate=22050)
    assert (read.sample_rate, len(read.samples)) == (22050, 22050)
    np.testing.assert_allclose(read.samples[500:-500], tone(500, 1.0, 22050).samples[500:-500], atol=2e-3)


def test_eight_channels_are_mixed(tmp_path):
    samples = np.tile(np.arange(8, dtype=np.float32) / 8, (8000, 1))
    soundfile.write(tmp_path / "eight.wav", samples, 8000, subtype="FLOAT")
    assert read_audio(tmp_path / "eight.wav").samples[10].tolist() == [3 / 8, 4 / 8]
    assert read_audio(tmp_path / "eight.wav", mono=True).samples[10] == 3.5 / 8
    soundfile.write(tmp_path / "three.wav", samples[:, :3], 8000, subtype="FLOAT")
    assert read_audio(tmp_path / "three.wav").samples[10].tolist() == [1 / 8, 1 / 8]


def test_what_is_no_number_is_read_as_silence(tmp_path, caplog):
    samples = np.full(20000, 0.25, np.float32)
    samples[[3, 5000, 15000]] = np.nan, -np.inf, 1e30
    soundfile.write(tmp_path / "nan.wav", samples, 44100, subtype="FLOAT")
    with caplog.at_level(logging.WARNING):
        read = read_audio(tmp_path / "nan.wav")
    assert np.flatnonzero(read.samples == 0).tolist() == [3, 5000, 15000]
    assert "3 samples are NaN" in caplog.text


def test_loud_float_samples_are_kept(tmp_path):
    soundfile.write(tmp_path / "loud.wav", np.full(100, 1.5, np.float32), 44100, subtype="FLOAT")
    assert read_audio(tmp_path / "loud.wav").samples.max() == 1.5


@pytest.mark.parametrize("seconds", [1 / 44100, 1.0])
def test_short_and_silent_files_are_read(tmp_path, seconds):
    soundfile.write(tmp_path / "short.wav", np.zeros(round(seconds * 44100), np.int16), 44100)
    read = read_audio(tmp_path / "short.wav")
    assert read.seconds == pytest.approx(seconds)
    assert not read.samples.any()


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_half_a_file_gives_about_half_the_sound(tmp_path, ending, capfd):
    path = tmp_path / f"half.{ending}"
    soundfile.write(path, noise(4).samples, 44100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1.5 < read_audio(path).seconds < 2.6


def test_a_damaged_file_is_told(tmp_path, caplog):
    path = tmp_path / "half.flac"
    soundfile.write(path, noise(4).samples, 44100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with caplog.at_level(logging.WARNING):
        read_audio(path)
    assert "half.flac is damaged after" in caplog.text


def test_a_stream_that_does_not_know_its_length_is_read(tmp_path):
    """As other programs write FLAC into a pipe: the number of samples in the header is 0."""
    soundfile.write(tmp_path / "a.flac", noise().samples, 44100)
    data = bytearray((tmp_path / "a.flac").read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    (tmp_path / "b.flac").write_bytes(data)
    assert read_audio(tmp_path / "b.flac") == read_audio(tmp_path / "a.flac")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.wav", b"", "is empty"),
        ("text.wav", b"Dear listener, this is a letter.\n" * 100, "is no audio that can be read"),
        ("random.mp3", bytes(range(1, 255)), "is no audio that can be read"),
        ("cut.flac", b"fLaC\0\0", "is no audio that can be read"),
        ("nul.wav", bytes(1000), "is no audio that can be read"),
    ],
)
def test_what_is_no_audio_is_named(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AudioError, match=says) as caught:
        read_audio(tmp_path / name)
    assert name in str(caught.value)


def test_a_file_without_samples_is_named(tmp_path):
    soundfile.write(tmp_path / "none.wav", np.zeros(0, np.int16), 44100)
    with pytest.raises(AudioError, match=r"none\.wav holds no samples"):
        read_audio(tmp_path / "none.wav")


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(MissingFileError, match=r"gone\.wav is not there"):
        read_audio(tmp_path / "gone.wav")
    with pytest.raises(MissingFileError, match="is a folder"):
        read_audio(tmp_path)
    with pytest.raises(MissingFileError, match="is not there"):
        read_audio("nul\0byte.wav")


def test_rates_channels_and_lengths_beyond_the_limits_are_refused_by_the_header(tmp_path):
    soundfile.write(tmp_path / "slow.wav", np.zeros(100), 1000)
    with pytest.raises(AudioError, match=r"slow\.wav: the sample rate must be in 4000..768000 Hz, got 1000"):
        read_audio(tmp_path / "slow.wav")
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 65)), 8000)
    with pytest.raises(AudioError, match="at most 64 channels are read, got 65"):
        read_audio(tmp_path / "many.wav")
    header = bytearray(_silence(tmp_path / "long.flac", 1))
    header[21:26] = bytes((header[21] & 0xF0 | 0x0F, 0xFF, 0xFF, 0xFF, 0xFF))
    (tmp_path / "long.flac").write_bytes(header)
    with pytest.raises(AudioError, match="at most 4 hours are read, got"):
        read_audio(tmp_path / "long.flac")
    with pytest.raises(AudioError, match="a sample rate must be"):
        read_audio(tmp_path / "long.flac", sample_rate=0)


def _silence(path, seconds, rate=44100):
    """Silence in FLAC, which takes a thousandth of its room."""
    with soundfile.SoundFile(path, "w", rate, 2, subtype="PCM_16", format="FLAC") as file:
        for _ in range(round(seconds)):
            file.write(np.zeros((rate, 2), np.int16))
    return path.read_bytes()


def test_two_hours_are_read_with_little_memory(tmp_path):
    """At 4 kHz, to be quick: the whole in float32 and stereo would be 230 MB, in mono at 1 kHz it is 29."""
    import tracemalloc

    _silence(tmp_path / "long.flac", 7200, rate=4000)
    tracemalloc.start()
    read = read_audio(tmp_path / "long.flac", sample_rate=1000, mono=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.seconds == pytest.approx(7200, abs=0.01)
    assert peak < 2 * read.samples.nbytes


@pytest.mark.slow
def test_two_hours_of_stereo_are_read(tmp_path):
    _silence(tmp_path / "long.flac", 7200)
    assert read_audio(tmp_path / "long.flac", sample_rate=22050, mono=True).seconds == pytest.approx(7200, abs=0.01)


def test_what_does_not_fit_the_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("technogen.audio.reading.MAX_BYTES", 2**20)
    _silence(tmp_path / "a.flac", 10)
    with pytest.raises(AudioError, match=r"read it with sample_rate=22050, mono=True"):
        read_audio(tmp_path / "a.flac")
    assert read_audio(tmp_path / "a.flac", sample_rate=8000, mono=True).seconds == pytest.approx(10)


def test_dither_leaves_silence_and_16_bit_sound_alone(tmp_path):
    steps = np.arange(-1000, 1000, dtype=np.float32) / 2**15
    for samples in (np.zeros(1000, np.float32), steps):
        write_audio(Audio(samples, 44100), tmp_path / "a.wav", bit_depth=16)
        assert np.array_equal(read_audio(tmp_path / "a.wav").samples, samples)


def test_dither_keeps_a_tone_smaller_than_a_step(tmp_path):
    """Rounded without dither, a sine of 0.4 steps would be silence."""
    write_audio(tone(1000, 2.0, level=0.4 / 2**15), tmp_path / "a.wav", bit_depth=16)
    spectrum = np.abs(np.fft.rfft(read_audio(tmp_path / "a.wav").samples))
    assert np.argmax(spectrum) == 2000  # bins of half a hertz


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg"])
def test_what_is_too_loud_is_clipped_and_told(tmp_path, name, caplog):
    audio = Audio(np.repeat(np.array([1.5, -1.5, 0.5], np.float32), 5000), 44100)
    with caplog.at_level(logging.WARNING):
        audio.save(tmp_path / name)
    assert "samples up to 1.50 were clipped to 1" in caplog.text
    read = read_audio(tmp_path / name).samples
    assert read[2500] == pytest.approx(1, abs=0.05)
    assert read[7500] == pytest.approx(-1, abs=0.05)
    assert read[12500] == pytest.approx(0.5, abs=0.05)


def test_float_files_keep_what_is_too_loud(tmp_path, caplog):
    audio = Audio(np.full(100, 1.5, np.float32), 44100)
    with caplog.at_level(logging.WARNING):
        audio.save(tmp_path / "a.wav", bit_depth=32)
    assert read_audio(tmp_path / "a.wav") == audio
    assert not caplog.text


@pytest.mark.parametrize("name", ["a.aac", "a.mp3", "a", ".wav", "a.wav.txt"])
def test_unknown_endings_are_answered_with_the_known(tmp_path, name):
    with pytest.raises(AudioError, match=r"\.wav, \.flac, \.ogg"):
        noise().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_depths_and_rates_that_a_format_cannot_hold_are_refused(tmp_path):
    with pytest.raises(AudioError, match="FLAC is written in 16, 24 bits, got 32"):
        noise().save(tmp_path / "a.flac", bit_depth=32)
    with pytest.raises(AudioError, match="WAV is written in 16, 24, 32 bits, got 8"):
        noise().save(tmp_path / "a.wav", bit_depth=8)
    with pytest.raises(AudioError, match="FLAC cannot hold this audio at 768000 Hz"):
        noise(0.1, 768000).save(tmp_path / "a.flac")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing/a.wav", "taken.wav", "file/a.wav", "x" * 300 + ".wav"])
def test_what_cannot_be_written_leaves_nothing(tmp_path, name):
    (tmp_path / "taken.wav").mkdir()
    (tmp_path / "file").write_text("kept")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OutputError, match="cannot be written"):
        noise().save(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg"])
def test_a_full_disk_leaves_the_old_file(tmp_path, name):
    resource = pytest.importorskip("resource")
    path = tmp_path / name
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            noise(20).save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert path.read_bytes() == b"old"


def test_float_files_do_not_hold_the_time_of_writing(tmp_path):
    noise().save(tmp_path / "a.wav", bit_depth=32)
    data = (tmp_path / "a.wav").read_bytes()
    assert data[data.index(b"PEAK") + 12 :][:4] == bytes(4)
