"""Soundfonts: the writer and the bounded reader against each other, two synthesisers, and files that lie."""

import contextlib
import hashlib
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from technogen.errors import MissingBackendError, MissingFileError, OutputError, RenderError, SoundfontError
from technogen.rendering import Voice, default_soundfont, fluid, render
from technogen.rendering.build_soundfonts import RATE, main, write_soundfont
from technogen.rendering.soundfont_reading import Preset, read_presets
from technogen.rendering.soundfont_writing import Entry, Instrument, Sample, Texts, Zone, soundfont_bytes, timecents
from technogen.score import DRUM_NAMES, Note, Score

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


# The project's own file


def test_shipped_file_is_what_the_command_builds(tmp_path):
    main([str(tmp_path / "new folder")])
    built = (tmp_path / "new folder" / "technogen.sf2").read_bytes()
    assert built == default_soundfont().read_bytes()
    assert len(built) < 4_000_000


def test_shipped_file_holds_its_presets_and_licence():
    assert read_presets(default_soundfont()) == (
        Preset(0, 0, "303 Saw"),
        Preset(0, 38, "303 Saw"),
        Preset(128, 0, "909 Kit"),
        Preset(128, 24, "909 Kit"),
        Preset(128, 25, "808 Kit"),
    )
    assert b"MIT License" in default_soundfont().read_bytes()[:1000]


def test_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        write_soundfont(tmp_path / "file")


@pytest.mark.parametrize("backend", ["symusic", pytest.param("fluidsynth", marks=needs_fluidsynth)])
@pytest.mark.parametrize("pitch", DRUM_NAMES)
def test_every_piece_sounds(backend, pitch):
    score = Score(120, 1, drums=(Note(0, 60, pitch, 120),))
    audio = render(score, soundfont=default_soundfont(), fluidsynth=backend == "fluidsynth")
    assert np.abs(audio.samples[: RATE // 10]).max() > 0.02
    assert np.isfinite(audio.samples).all()


@pytest.mark.parametrize("backend", ["symusic", pytest.param("fluidsynth", marks=needs_fluidsynth)])
def test_bass_is_in_tune_and_kicks_ring(backend):
    wave = render(BASS, soundfont=default_soundfont(), fluidsynth=backend == "fluidsynth").samples[:, 0]
    assert loudest_frequency(wave[RATE // 4 : RATE]) == pytest.approx(110, abs=2)
    assert loudest_frequency(wave[RATE + 2000 : RATE + RATE // 2]) == pytest.approx(220, abs=4)
    kicks = np.abs(render(DRUMS, soundfont=default_soundfont(), fluidsynth=backend == "fluidsynth").samples[:, 0])
    assert kicks[int(0.2 * RATE) : int(0.25 * RATE)].max() > 0.1 * kicks[:2000].max()


def test_kits_differ():
    kits = [render(DRUMS, soundfont=default_soundfont(), voice=Voice(kit=kit)).samples for kit in ("909", "808")]
    assert np.abs(kits[0] - kits[1]).max() > 0.1


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
    wave = render(score, soundfont=default_soundfont(), fluidsynth=fluidsynth, sample_rate=rate).samples[:, 0]
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


def test_default_soundfont_is_there():
    assert isinstance(default_soundfont(), Path)
    assert default_soundfont().is_file()
