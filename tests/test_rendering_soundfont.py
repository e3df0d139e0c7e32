"""Soundfonts: the writer and the bounded reader against each other, two synthesisers, and files that lie."""

import contextlib
import hashlib
import shutil
import struct
import sys

import numpy as np
import pytest

from technogen.errors import MissingBackendError, MissingFileError, RenderError, SoundfontError
from technogen.rendering import find_soundfont, fluid, render
from technogen.rendering.soundfont import play_soundfont
from technogen.rendering.soundfont_reading import Preset, read_presets
from technogen.rendering.soundfont_writing import (
    NO_VELOCITY,
    Entry,
    Instrument,
    Modulator,
    Sample,
    Texts,
    Zone,
    soundfont_bytes,
    timecents,
)
from technogen.score import Note, Score

RATE = 44_100
HOLD = {"decay": timecents(100), "sustain": 1000, "release": timecents(0.1)}
HAS_FLUIDSYNTH = fluid._library() is not None or shutil.which("fluidsynth") is not None
needs_fluidsynth = pytest.mark.skipif(not HAS_FLUIDSYNTH, reason="FluidSynth is not installed")

DRUMS = Score(120, 1, drums=tuple(Note(k * 480, 60, 36, 110) for k in range(4)))
BASS = Score(120, 1, bass=(Note(0, 960, 45, 90), Note(960, 480, 57, 127)))


def tone(name="tone", frequency=440.0):
    wave = 0.5 * np.sin(2 * np.pi * frequency * np.arange(RATE // 2) / RATE)
    return Sample(name, (wave * 32767).astype(np.int16), RATE, 69, (4410, 8820))


def small(bank=0, program=38, zone=None):
    zone = zone or Zone("tone", (0, 127), generators={"root": 69, "loops": 1, **HOLD})
    entry = Entry("Tone", bank, program, "tone")
    return soundfont_bytes(Texts("Test", "We", "Free", "No comment"), [tone()], [Instrument("tone", (zone,))], [entry])


@pytest.fixture
def small_file(tmp_path):
    path = tmp_path / "small.sf2"
    path.write_bytes(small())
    return path


def loudest_frequency(wave):
    return np.abs(np.fft.rfft(wave * np.hanning(len(wave)))).argmax() * RATE / len(wave)


# The writer


def test_equal_input_equal_bytes():
    assert hashlib.sha256(small()).digest() == hashlib.sha256(small()).digest()


def test_written_chunks_are_those_of_the_specification():
    data = small()
    assert data[:4] == b"RIFF"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    order = [data.index(kind) for kind in (b"sfbk", b"INFO", b"ifil", b"sdta", b"smpl", b"pdta")]
    order += [data.index(k) for k in (b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen", b"shdr")]
    assert order == sorted(order)


def test_written_tone_has_its_pitch_and_loops(small_file):
    score = Score(120, 1, bass=(Note(0, 1920, 69, 100),))  # a loop makes half a second last two
    wave = render(score, soundfont=small_file).samples[:, 0]
    assert loudest_frequency(wave[RATE : 2 * RATE - 4000]) == pytest.approx(440, abs=1)


def test_keys_and_velocities_choose_the_sample(tmp_path):
    zones = (
        Zone("low", (0, 127), (1, 99), generators={"root": 69, "loops": 1, **HOLD}),
        Zone("high", (0, 127), (100, 127), generators={"root": 69, "loops": 1, **HOLD}),
    )
    samples, instrument = [tone("low"), tone("high", 880)], Instrument("layers", zones)
    path = tmp_path / "layers.sf2"
    path.write_bytes(soundfont_bytes(Texts("T", "W", "F", "C"), samples, [instrument], [Entry("L", 0, 38, "layers")]))
    for velocity, frequency in ((80, 440), (127, 880)):
        wave = render(Score(120, 1, bass=(Note(0, 960, 69, velocity),)), soundfont=path).samples[:, 0]
        assert loudest_frequency(wave[4000 : RATE // 2]) == pytest.approx(frequency, abs=3)


MODULATED = Zone(
    "tone",
    (0, 127),
    generators={"root": 69, "loops": 1, **HOLD},
    modulators=(Modulator("no velocity", "attenuation", 240), Modulator("key", "pan", 500)),
)


def test_modulators_lie_where_the_tables_say(tmp_path):
    instrument = Instrument("tone", (MODULATED, MODULATED), NO_VELOCITY)
    data = soundfont_bytes(Texts("T", "W", "F", "C"), [tone()], [instrument], [Entry("T", 0, 38, "tone")])
    bags, mods = data.index(b"ibag") + 8, data.index(b"imod") + 8
    places = [struct.unpack_from("<HH", data, bags + 4 * n) for n in range(4)]
    assert places == [(0, 0), (0, 3), (8, 5), (16, 7)]  # the zone of all: modulators alone
    rows = [struct.unpack_from("<HHhHH", data, mods + 10 * n) for n in range(8)]
    assert rows[0] == (0x0502, 48, 0, 0, 0)
    assert rows[2] == (0x0102, 8, 0, 0x0D02, 0)
    assert rows[3:5] == rows[5:7] == [(0x0102, 48, 240, 0, 0), (0x0003, 17, 500, 0, 0)]
    assert rows[7] == (0, 0, 0, 0, 0)
    (tmp_path / "tone.sf2").write_bytes(data)
    assert read_presets(tmp_path / "tone.sf2") == (Preset(0, 38, "T"),)


@needs_fluidsynth
def test_modulators_do_what_they_say(tmp_path):
    path = tmp_path / "tone.sf2"
    instrument = Instrument("tone", (MODULATED,), NO_VELOCITY)
    path.write_bytes(soundfont_bytes(Texts("T", "W", "F", "C"), [tone()], [instrument], [Entry("T", 0, 38, "tone")]))
    loud = {}
    for key, velocity in ((64, 127), (64, 64), (127, 127)):
        score = Score(120, 1, bass=(Note(0, 480, key, velocity),))
        wave = play_soundfont(score, path, RATE, fluidsynth=True)[2000:20_000]
        loud[key, velocity] = np.sqrt(np.mean(wave**2, axis=0))
    assert 20 * np.log10(loud[64, 64][0] / loud[64, 127][0]) == pytest.approx(-24 * 63 / 127, abs=0.2)
    assert loud[127, 127][0] < 0.05 * loud[127, 127][1]  # full pan at the highest key
    angle = np.arctan2(loud[64, 127][1], loud[64, 127][0]) * 4 / np.pi - 1
    assert angle == pytest.approx(0.5, abs=0.02)  # half of it in the middle


def test_velocities_are_heard_where_the_synthesiser_ignores_them(small_file):
    """symusic gives notes of equal pitch and length one velocity, and velocities no loudness."""
    score = Score(120, 1, bass=(Note(0, 480, 69, 40), Note(960, 480, 69, 120)))
    wave = play_soundfont(score, small_file, RATE)[:, 0]
    soft, loud = (np.abs(wave[start : start + RATE // 4]).max() for start in (0, RATE))
    assert 20 * np.log10(loud / soft) == pytest.approx(40 * np.log10(3), abs=0.8)


@pytest.mark.parametrize(
    ("sample", "zone", "instrument", "message"),
    [
        (tone("a name of twenty char"), None, "tone", "1..19 ASCII characters, got 'a name of twenty"),
        (tone("tön"), None, "tone", "1..19 ASCII characters, got 't"),
        (tone(), "other", "tone", "no sample 'other'; there are tone"),
        (tone(), "tone", "other", "no instrument 'other'; there are tone"),
        (Sample("tone", np.zeros(90, np.int16), RATE, 69, (50, 100)), "tone", "tone", r"\(50, 100\) of 90 frames"),
    ],
)
def test_what_cannot_be_written(sample, zone, instrument, message):
    instruments = [Instrument("tone", (Zone(zone or sample.name, (0, 127)),))]
    with pytest.raises(SoundfontError, match=message):
        soundfont_bytes(Texts("T", "W", "F", "C"), [sample], instruments, [Entry("T", 0, 38, instrument)])


# Several files


def test_each_part_plays_with_the_first_file_that_has_it(tmp_path):
    bass, kit, other = tmp_path / "bass.sf2", tmp_path / "kit.sf2", tmp_path / "other.sf2"
    for path, bank, program in ((bass, 0, 38), (kit, 128, 0), (other, 128, 24)):
        path.write_bytes(small(bank, program))
    score = Score(120, 1, drums=DRUMS.drums[:1], bass=BASS.bass[:1])
    both = play_soundfont(score, [bass, kit, other], RATE)
    apart = [
        play_soundfont(part, path, RATE) for part, path in ((score.muted("drums"), bass), (score.muted("bass"), kit))
    ]
    summed = np.zeros_like(both)
    for wave in apart:
        summed[: len(wave)] += wave
    assert np.abs(both - summed).max() < 1e-9
    assert np.abs(both).max() > 0.1


# What is missing


def test_part_without_preset_is_silent_with_a_warning(small_file, caplog):
    both = Score(120, 1, drums=DRUMS.drums, bass=(Note(960, 480, 69, 100),))
    wave = render(both, soundfont=small_file).samples
    assert "no drum kit" in caplog.text
    assert str(small_file) in caplog.text
    assert not wave[: RATE - 100].any()
    assert wave[RATE : RATE + 2000].any()


def test_drums_alone_without_a_kit_are_silence(small_file, caplog):
    assert not render(DRUMS, soundfont=small_file).samples.any()
    assert "no drum kit" in caplog.text


def test_missing_backend_says_how_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingBackendError, match=r"apt-get install fluidsynth.*pip install technogen.fluidsynth"):
        render(DRUMS, fluidsynth=True)


@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="the command fluidsynth is not installed")
def test_command_plays_where_the_library_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    wave = np.abs(render(DRUMS, fluidsynth=True).samples[:, 0])
    for k in range(4):
        start = k * RATE // 2
        assert wave[start + 200 : start + 2000].max() > 0.2
    assert wave[RATE // 2 - 400 : RATE // 2 - 100].max() < 0.1


# Files that lie


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(MissingFileError, match="is not there"):
        render(DRUMS, soundfont=tmp_path / "none.sf2")
    with pytest.raises(MissingFileError, match="is a folder"):
        render(DRUMS, soundfont=tmp_path)


def test_paths_that_are_none():
    with pytest.raises(RenderError, match="path of an SF2 file, got 5"):
        render(DRUMS, soundfont=5)
    with pytest.raises((SoundfontError, MissingFileError)):
        render(DRUMS, soundfont="a\0b.sf2")


def test_fluidsynth_has_a_highest_rate():
    with pytest.raises(RenderError, match=r"8000\.\.96000, got 192000"):
        render(DRUMS, fluidsynth=True, sample_rate=192_000)


@pytest.mark.parametrize("rate", [8000, 22_050, 48_000])
@pytest.mark.parametrize("fluidsynth", [False, pytest.param(True, marks=needs_fluidsynth)])
def test_other_rates_keep_pitch_and_time(rate, fluidsynth):
    score = Score(120, 1, bass=(Note(960, 960, 69, 90),))
    wave = render(score, soundfont=find_soundfont("303"), fluidsynth=fluidsynth, sample_rate=rate).samples[:, 0]
    sound = wave[int(1.1 * rate) : int(1.6 * rate)]
    assert np.abs(wave[: int(0.99 * rate)]).max() < 0.01
    assert np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).argmax() * 2 == pytest.approx(440, abs=3)


@pytest.mark.parametrize("fluidsynth", [False, True])
@pytest.mark.parametrize("data", [b"", b"RIFF", b"this is a text file\n" * 50])
def test_text_as_soundfont(tmp_path, data, fluidsynth):
    path = tmp_path / "notes.sf2"
    path.write_bytes(data)
    with pytest.raises(SoundfontError, match=r"notes\.sf2 is no soundfont"):
        render(DRUMS, soundfont=path, fluidsynth=fluidsynth)


def damaged(change):
    data = bytearray(small())
    change(data)
    return bytes(data)


def put(kind, offset, layout, value):
    def change(data):
        struct.pack_into(layout, data, data.index(kind) + offset, value)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.__delitem__(slice(len(d) // 2, None)), "cut off"),
        (put(b"smpl", 4, "<I", 2**31), "damaged: chunk"),
        (put(b"ifil", 8, "<H", 3), "version 3"),
        (put(b"phdr", 0, "<4s", b"xxxx"), "phdr are missing"),
        (put(b"phdr", 8 + 24, "<H", 9), "phdr points outside"),
        (put(b"phdr", 8 + 38 + 24, "<H", 9), "phdr points outside"),
        (put(b"pgen", 8 + 2, "<H", 7), "generator 41"),
        (put(b"shdr", 8 + 24, "<I", 2**31), "sample 'tone'"),
        (put(b"shdr", 8 + 36, "<I", 0), "sample 'tone'"),
        (put(b"shdr", 8 + 44, "<H", 0x11), "compressed"),
    ],
)
def test_damaged_files(tmp_path, change, message):
    path = tmp_path / "damaged.sf2"
    path.write_bytes(damaged(change))
    with pytest.raises(SoundfontError, match=message) as caught:
        read_presets(path)
    assert str(path) in str(caught.value)


def test_any_cut_is_an_error(tmp_path):
    data, path = small(), tmp_path / "cut.sf2"
    for size in range(0, len(data) - 1, 997):
        path.write_bytes(data[:size])
        with pytest.raises(SoundfontError):
            read_presets(path)


def test_random_bytes_never_crash_the_reader(tmp_path):
    random, data, path = np.random.default_rng(0), small(), tmp_path / "noise.sf2"
    head = data.index(b"pdta")
    for _ in range(200):
        noisy = bytearray(data)
        for at in random.integers(head, len(data), 4):
            noisy[at] = random.integers(256)
        path.write_bytes(noisy)
        with contextlib.suppress(SoundfontError):  # and nothing else
            read_presets(path)
