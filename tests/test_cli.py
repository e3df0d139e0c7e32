"""The command line, called in process: exit codes, one line for an error, nothing overwritten, nothing half-written."""

import json
import logging
import subprocess
import sys

import numpy as np
import pytest

from technogen import Audio, Note, Score, read_audio
from technogen.cli import main


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    logger = logging.getLogger("technogen")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Five seconds of kicks at 128 bpm."""
    rate, beat = 22050, 60 / 128
    samples = np.zeros(int(5 * rate), np.float32)
    t = np.arange(int(0.15 * rate)) / rate
    kick = (np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t * 40)))) * np.exp(-t * 20)).astype(np.float32)
    for k in range(int(5 / beat)):
        start = int(k * beat * rate)
        samples[start : start + len(kick)] += kick[: len(samples) - start]
    path = tmp_path_factory.mktemp("loops") / "loop.wav"
    Audio(samples * 0.8, rate).save(path)
    return path


@pytest.fixture
def pattern(tmp_path):
    path = tmp_path / "pattern.mid"
    Score(tempo=128, bars=1, drums=(Note(0, 60, 36, 110),), bass=(Note(0, 70, 36, 80),)).save(path)
    return path


def test_help_is_fast_and_loads_nothing_heavy():
    code = (
        "import sys; from technogen.cli import main; main(['--help']); "
        "heavy = [m for m in ('torch', 'miditok', 'numba', 'numpy', 'scipy') if m in sys.modules]; sys.exit(len(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("verb", ["transcribe", "generate", "render", "demo", "doctor", "dataset", "train"])
def test_every_verb_has_help(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


def test_wrong_usage_is_exit_code_2(capsys):
    assert main(["generate"]) == 2
    assert main(["nosuch"]) == 2
    assert main(["generate", "-o", "x.mid", "--bars", "many"]) == 2


def test_transcribe_writes_midi_beats_and_json(loop, tmp_path, capsys):
    assert main(["transcribe", str(loop), "-o", str(tmp_path / "out"), "--json", "--picture"]) == 0
    written = json.loads((tmp_path / "out" / "loop.json").read_text())
    assert written["tempo"] == pytest.approx(128, abs=0.05)
    assert Score.load(tmp_path / "out" / "loop.mid").tempo == pytest.approx(128, abs=0.05)
    assert (tmp_path / "out" / "loop.beats").exists()
    assert (tmp_path / "out" / "loop.svg").read_text().startswith("<")
    assert "128" in capsys.readouterr().out


def test_transcribe_takes_bpm_and_range(loop, tmp_path):
    assert main(["transcribe", str(loop), "-o", str(tmp_path), "--json", "--bpm", "64", "-q"]) == 0
    assert json.loads((tmp_path / "loop.json").read_text())["tempo"] == 64
    assert main(["transcribe", str(loop), "-o", str(tmp_path), "--bpm-range", "200", "90", "-f"]) == 1


def test_one_broken_file_among_ten_is_reported_and_the_rest_goes_on(loop, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    for k in range(9):
        (folder / f"good{k}.wav").write_bytes(loop.read_bytes())
    (folder / "broken.wav").write_text("this is no sound")
    assert main(["transcribe", str(folder), "-o", str(tmp_path / "out"), "--jobs", "2"]) == 1
    assert len(list((tmp_path / "out").glob("*.mid"))) == 9
    errors = capsys.readouterr().err.strip().splitlines()
    assert sum("broken.wav" in line for line in errors) == 1
    assert not list((tmp_path / "out").glob("broken*"))


def test_transcribe_skips_what_is_done_and_refuses_to_overwrite(loop, tmp_path, capsys):
    assert main(["transcribe", str(loop), "-o", str(tmp_path), "-q"]) == 0
    before = (tmp_path / "loop.mid").stat().st_mtime_ns
    assert main(["transcribe", str(loop), "-o", str(tmp_path)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["transcribe", str(loop), "-o", str(tmp_path), "--skip-existing"]) == 0
    assert (tmp_path / "loop.mid").stat().st_mtime_ns == before


def test_two_recordings_of_one_name_need_keep_folders(loop, tmp_path, capsys):
    for name in ("a", "b"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "loop.wav").write_bytes(loop.read_bytes())
    assert main(["transcribe", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 1
    assert "--keep-folders" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["transcribe", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--keep-folders", "-q"]) == 0
    assert (tmp_path / "out" / "a" / "loop.mid").exists()
    assert (tmp_path / "out" / "b" / "loop.mid").exists()


def test_a_missing_file_is_one_line_and_exit_code_1(tmp_path, capsys):
    assert main(["transcribe", str(tmp_path / "none.wav"), "-o", str(tmp_path / "out")]) == 1
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 2
    assert "none.wav" in errors[0]
    assert main(["transcribe", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "no recordings" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["transformer", "rules"])
def test_generate_twice_with_one_seed_gives_identical_bytes(by, tmp_path):
    for name in ("a.mid", "b.mid"):
        assert main(["generate", "--by", by, "--bars", "2", "--seed", "7", "-o", str(tmp_path / name), "-q"]) == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    assert main(["generate", "--by", by, "--bars", "2", "--seed", "8", "-o", str(tmp_path / "c.mid"), "-q"]) == 0
    assert (tmp_path / "a.mid").read_bytes() != (tmp_path / "c.mid").read_bytes()


def test_generate_says_what_it_did_as_json(pattern, tmp_path, capsys):
    out = tmp_path / "take.mid"
    arguments = ["generate", "--prompt", str(pattern), "--bars", "2", "--takes", "2", "--json", "-o", str(out)]
    assert main(arguments) == 0
    facts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [f["bars"] for f in facts] == [2, 2]
    assert all(f["tempo"] == 128 for f in facts)
    assert (tmp_path / "take-1.mid").exists()
    assert (tmp_path / "take-2.mid").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--bars", "0", "bars"),
        ("--bpm", "0", "tempo"),
        ("--temperature", "-1", "temperature"),
        ("--by", "nobody", "nobody"),
        ("--style", "polka", "polka"),
        ("--prompt", "none.mid", "none.mid"),
        ("--checkpoint", "none.safetensors", "none.safetensors"),
    ],
)
def test_generate_refuses_what_cannot_be(option, value, said, tmp_path, capsys):
    out = tmp_path / "out.mid"
    assert main(["generate", option, value, "--seed", "1", "-o", str(out)]) == 1
    error = capsys.readouterr().err.strip()
    assert said in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_text_as_weights_soundfont_or_midi_is_refused(pattern, tmp_path, capsys):
    text = tmp_path / "text.bin"
    text.write_text("neither weights nor sounds")
    assert main(["generate", "--checkpoint", str(text), "-o", str(tmp_path / "o.mid")]) == 1
    assert "text.bin" in capsys.readouterr().err
    assert main(["render", str(pattern), "--soundfont", str(text), "-o", str(tmp_path / "o.wav")]) == 1
    assert "text.bin" in capsys.readouterr().err
    assert main(["render", str(text), "-o", str(tmp_path / "o.wav")]) == 1
    assert "text.bin" in capsys.readouterr().err
    assert not list(tmp_path.glob("o.*"))


def test_render_writes_sound_at_the_asked_rate(pattern, tmp_path):
    assert main(["render", str(pattern), "-o", str(tmp_path / "a.wav"), "--sample-rate", "48000", "-q"]) == 0
    audio = read_audio(tmp_path / "a.wav")
    assert audio.sample_rate == 48000
    assert abs(audio.samples).max() > 0.1
    assert main(["render", str(pattern), "-o", str(tmp_path / "a.wav")]) == 1


def test_render_plays_presets_kits_and_drawn_voices_and_they_differ(pattern, tmp_path):
    ways = (
        ["--preset", "industrial"],
        ["--preset", "raw"],
        ["--preset", "raw", "--kit", "808"],
        ["--random-voice", "4"],
    )
    made = []
    for way in ways:
        out = tmp_path / "a.wav"
        assert main(["render", str(pattern), "-o", str(out), *way, "--sample-rate", "22050", "-q", "--force"]) == 0
        made.append(read_audio(out).samples.tobytes())
    assert len(set(made)) == len(ways)


def test_render_help_names_every_preset(capsys):
    from technogen.rendering import PRESETS

    main(["render", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert all(name in said for name in PRESETS)


@pytest.mark.parametrize(("asked", "loudness"), [("club", -9), ("streaming", -14), ("-18.5", -18.5)])
def test_render_reaches_the_loudness_and_says_it(asked, loudness, tmp_path, capsys):
    from technogen import compose
    from technogen.audio import measure_loudness

    compose("acid", bars=1, seed=1).save(tmp_path / "a.mid")
    out = tmp_path / "a.wav"
    asking = ["--loudness", asked, "--loop", "--bit-depth", "16", "--sample-rate", "22050", "--json"]
    assert main(["render", str(tmp_path / "a.mid"), "-o", str(out), *asking]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["path"] == str(out)
    assert abs(facts["loudness"] - loudness) < 0.5
    assert abs(measure_loudness(read_audio(out)) - loudness) < 0.5
    assert facts["seconds"] == pytest.approx(read_audio(out).seconds, abs=0.001)


def test_render_writes_stems_beside_the_mix(pattern, tmp_path, capsys):
    from technogen.rendering import render_stems

    out = tmp_path / "a.wav"
    asking = ["render", str(pattern), "-o", str(out), "--stems", "--bit-depth", "32", "--sample-rate", "22050"]
    (tmp_path / "a-bass.wav").write_text("mine")
    assert main(asking) == 1
    assert "a-bass.wav exists" in capsys.readouterr().err
    assert not out.exists()
    assert main([*asking, "--force", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    expected = render_stems(Score.load(pattern), sample_rate=22050)
    assert facts["stems"] == {name: str(tmp_path / f"a-{name}.wav") for name in expected}
    for name, stem in expected.items():
        np.testing.assert_array_equal(read_audio(tmp_path / f"a-{name}.wav").samples, stem.samples)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--preset", "gabba"], "acid, industrial, 808, raw"),
        (["--kit", "707"], "'909', '808', 'industrial'"),
        (["--loudness", "loud"], "streaming or club"),
        (["--loudness", "3"], "loudness must be a number in -60..-6"),
        (["--loudness", "nan"], "loudness must be a number in -60..-6"),
        (["--random-voice", "-1"], "seed must be a whole number"),
        (["--preset", "acid", "--random-voice", "1"], "exclude each other"),
        (["--stems", "--fluidsynth"], "--soundfont"),
        (["--bit-depth", "12"], "16, 24, 32 bits"),
        (["--sample-rate", "100"], "sample_rate must be in 8000..192000"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_render_refuses_what_it_cannot_do_in_one_line(asked, said, pattern, tmp_path, capsys):
    assert main(["render", str(pattern), "-o", str(tmp_path / "a.wav"), *asked]) == 1
    error = capsys.readouterr().err.strip()
    assert said in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "a.wav").exists()


def test_render_refuses_endings_that_it_cannot_write(pattern, tmp_path, capsys):
    assert main(["render", str(pattern), "-o", str(tmp_path / "a.mp3")]) == 1
    assert ".wav, .flac, .ogg" in capsys.readouterr().err
    assert not (tmp_path / "a.mp3").exists()


def test_render_takes_folders(pattern, tmp_path):
    assert main(["render", str(tmp_path), "-o", str(tmp_path / "sound"), "-q"]) == 0
    assert (tmp_path / "sound" / "pattern.wav").exists()


def test_doctor_knows_what_is_there(capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "torch" in said
    assert "--no-build-isolation madmom" in said or "madmom" in said
    assert main(["doctor", "--json"]) == 0
    found = {f["name"]: f for f in json.loads(capsys.readouterr().out)["found"]}
    assert found["numpy"]["version"]
    assert found["basic-pitch"]["install"].startswith("pip install --no-deps basic-pitch")


def test_demo_goes_the_whole_way_round(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    said = capsys.readouterr().out
    folder = tmp_path / "technogen-demo"
    for name in (
        "rules.mid",
        "rules.wav",
        *(f"heard.{e}" for e in ("mid", "json", "beats", "svg")),
        "idea.mid",
        "idea.wav",
    ):
        assert (folder / name).stat().st_size > 100
        assert name in said
    assert json.loads((folder / "heard.json").read_text())["tempo"] == 138
    assert Score.load(folder / "idea.mid").tempo == 138


def test_demo_takes_a_recording(loop, tmp_path):
    assert main(["demo", str(loop), "-o", str(tmp_path / "d"), "-q"]) == 0
    assert (tmp_path / "d" / "idea.wav").exists()
    assert not (tmp_path / "d" / "rules.wav").exists()
    assert main(["demo", str(loop), "-o", str(tmp_path / "d"), "-q"]) == 1
