"""Each example runs as the script that it is."""

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def recording(tmp_path_factory):
    from technogen import compose, render

    path = tmp_path_factory.mktemp("recording") / "loop.wav"
    render(compose("acid", bars=4, tempo=130, seed=1)).save(path)
    return path


def _run(name, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_acid_line(tmp_path, monkeypatch):
    from technogen import Score, read_audio

    _run("acid_line.py", monkeypatch, tmp_path)
    score = Score.load(tmp_path / "acid_line.mid")
    assert [n.slide for n in score.bass].count(True) == 8
    assert abs(read_audio(tmp_path / "acid_line.wav").samples).max() > 0.1


def test_round_trip(capsys, monkeypatch):
    _run("round_trip.py", monkeypatch)
    assert "written 138.00, heard 138.0" in capsys.readouterr().out


def test_continue_a_recording(recording, tmp_path, monkeypatch):
    _run("continue_a_recording.py", monkeypatch, recording, tmp_path)
    assert len(list(tmp_path.glob("idea-*.wav"))) == 3


def test_four_voices(tmp_path, monkeypatch):
    from technogen import read_audio

    _run("four_voices.py", monkeypatch, tmp_path)
    made = {path.name: read_audio(path) for path in tmp_path.iterdir()}
    assert len(made) == 4
    assert {round(audio.seconds, 2) for audio in made.values()} == {round(16 * 60 / 134, 2)}
    assert len({audio.samples.tobytes() for audio in made.values()}) == 4


def test_pretty_midi_bridge(monkeypatch):
    _run("pretty_midi_bridge.py", monkeypatch)


def test_own_data(recording, capsys, monkeypatch):
    _run("own_data.py", monkeypatch, recording.parent, recording.parent.parent / "data")
    assert "2 windows; tempos ((130, 1),)" in capsys.readouterr().out


def test_every_example_is_run():
    source = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert f'"{example.name}"' in source
        assert len(example.read_text().splitlines()) <= 45
