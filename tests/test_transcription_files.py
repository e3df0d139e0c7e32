import json
from dataclasses import replace

import mido
import numpy as np
import pretty_midi
import pytest

from technogen.errors import OutputError
from technogen.score import Note, Score
from technogen.transcription import BassNote, DrumHit, SectionStart, Transcription
from technogen.transcription.files import format_beats, make_beat_midi

STEADY = Transcription(
    score=Score(tempo=128.5, bars=2, drums=(Note(0, 60, 36, 100),)),
    tempo=128.5,
    swing=0.5,
    offset=-0.25,
    beats=(0.25, 0.75, 1.25, 1.75, 2.25),
    downbeats=(0.75,),
    drums=(DrumHit(0.25, 36, 110, 0.9), DrumHit(0.5, 42, 60)),
    bass=(BassNote(0.25, 0.4, 36, 127, True, 0.8), BassNote(0.4, 0.5, 39, 80)),
    cutoff=((0.0, 64.0),),
    sections=(SectionStart(0.0, "intro"),),
    confidence={"tempo": 0.5},
    tempo_candidates=((128.5, 0.9), (96.4, 0.1)),
    duration=3.0,
)
BEATS = tuple(np.round(0.3 + np.cumsum([0.0, 0.5, 0.52, 0.47, 0.44, 0.5, 0.6, 0.61]), 4).tolist())
ADRIFT = replace(STEADY, score=None, tempo=None, beats=BEATS, downbeats=BEATS[1::4], duration=5.0)


def test_json_says_all(tmp_path):
    STEADY.save(tmp_path / "x.json")
    said = json.loads((tmp_path / "x.json").read_text())
    assert said["version"] == 1
    assert (said["tempo"], said["swing"], said["offset"]) == (128.5, 0.5, -0.25)
    assert said["beats"] == list(STEADY.beats)
    assert said["downbeats"] == [0.75]
    assert said["drums"][0] == {"time": 0.25, "pitch": 36, "velocity": 110, "confidence": 0.9}
    assert said["bass"][0] == {
        "start": 0.25, "end": 0.4, "pitch": 36, "velocity": 127, "accent": True, "slide": True, "confidence": 0.8,
        "accent_confidence": 1.0, "slide_confidence": 1.0,
    }  # fmt: skip
    assert said["cutoff"] == [[0.0, 64.0]]
    assert said["resonance"] == []
    assert said["sections"] == [{"start": 0.0, "label": "intro"}]
    assert said["confidence"] == {"tempo": 0.5}
    assert said["tempo_candidates"] == [[128.5, 0.9], [96.4, 0.1]]


def test_json_without_a_tempo_says_null(tmp_path):
    ADRIFT.save(tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["tempo"] is None


def test_beats_are_lines_of_time_and_number(tmp_path):
    STEADY.save(tmp_path / "x.beats")
    lines = [line.split("\t") for line in (tmp_path / "x.beats").read_text().splitlines()]
    assert [float(t) for t, _ in lines] == list(STEADY.beats)
    assert [int(n) for _, n in lines] == [4, 1, 2, 3, 4]
    assert format_beats(replace(STEADY, beats=(), downbeats=())) == ""


def test_midi_on_a_grid_is_the_score(tmp_path):
    STEADY.save(tmp_path / "x.mid")
    assert Score.load(tmp_path / "x.mid").tempo == 128.5


def test_midi_without_a_tempo_follows_the_beats(tmp_path):
    ADRIFT.save(tmp_path / "x.mid")
    midi = pretty_midi.PrettyMIDI(str(tmp_path / "x.mid"))
    heard = sorted(n.start for i in midi.instruments for n in i.notes if i.is_drum)
    assert heard == pytest.approx([0.25, 0.5], abs=2e-3)
    assert [midi.tick_to_time(480 * (k + 1)) for k in range(len(BEATS))] == pytest.approx(BEATS, abs=1e-5)
    assert midi.get_end_time() <= 5.01
    ends = {sum(message.time for message in track) for track in make_beat_midi(ADRIFT).tracks}
    assert len(ends) == 1


def test_midi_of_nothing_can_be_read(tmp_path):
    empty = Transcription(None, None, 0.5, 0.0, (), (), duration=4.0)
    empty.save(tmp_path / "x.mid")
    assert mido.MidiFile(tmp_path / "x.mid").length == pytest.approx(4.0, abs=0.01)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OutputError, match="No space left"):
        STEADY.save(tmp_path / "x.json")
    assert list(tmp_path.iterdir()) == []


def test_other_endings_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(OutputError, match=r"saved as \.json, \.mid or \.beats, got 'x\.txt'"):
        STEADY.save(tmp_path / "x.txt")
    with pytest.raises(OutputError, match="cannot be written"):
        STEADY.save(tmp_path / "nowhere" / "x.json")
