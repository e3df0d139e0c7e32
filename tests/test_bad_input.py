"""What people really hand in, through the command line: a result, or one clear line, and nothing half-written."""

import json
import logging

import numpy as np
import pytest
import soundfile

from technogen.cli import main

RATE = 22050
RNG = np.random.default_rng(1)
NOISE = (RNG.standard_normal(5 * RATE) * 0.1).astype(np.float32)


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    logger = logging.getLogger("technogen")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def _wav(samples, rate=RATE):
    def write(path):
        soundfile.write(path, samples, rate, subtype="FLOAT")

    return write


def _bytes(data):
    return lambda path: path.write_bytes(data)


def _truncated(path):
    soundfile.write(path, NOISE, RATE)
    path.write_bytes(path.read_bytes()[: RATE * 9])


HEARD = {
    "silent": _wav(np.zeros(5 * RATE, np.float32)),
    "noise": _wav(NOISE),
    "one second": _wav(NOISE[:RATE]),
    "not a number": _wav(np.where(np.arange(5 * RATE) % 7 == 0, np.nan, NOISE)),
    "eight channels": _wav(np.repeat(NOISE[:, None], 8, axis=1)),
    "8 kHz": _wav(NOISE[: 5 * 8000], 8000),
    "truncated": _truncated,
}
REFUSED = {
    "empty file": _bytes(b""),
    "no samples": _wav(np.zeros(0, np.float32)),
    "text": _bytes(b"this is a text file, whatever its name says\n" * 50),
    "half a header": _bytes(b"RIFF\x10\x00\x00\x00WAVEfm"),
    "a tenth of a second": _wav(NOISE[: RATE // 10]),
}


@pytest.mark.parametrize("make", HEARD.values(), ids=HEARD)
def test_what_can_be_read_gets_a_result_without_much_confidence(make, tmp_path):
    make(tmp_path / "in.wav")
    assert main(["transcribe", str(tmp_path / "in.wav"), "-o", str(tmp_path / "out"), "--json", "-q"]) == 0
    said = json.loads((tmp_path / "out" / "in.json").read_text())
    assert said["tempo"] is None or said["confidence"]["tempo"] < 0.5
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"in.mid", "in.json", "in.beats", "manifest.jsonl"}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_one_line_and_leaves_nothing(make, tmp_path, capfd):
    make(tmp_path / "in.wav")
    assert main(["transcribe", str(tmp_path / "in.wav"), "-o", str(tmp_path / "out"), "--json"]) == 1
    first, last = capfd.readouterr().err.strip().splitlines()
    assert "in.wav" in first
    assert "1 of 1" in last
    assert {p.name for p in (tmp_path / "out").iterdir()} <= {"manifest.jsonl"}


@pytest.mark.slow
def test_two_hours_are_transcribed(tmp_path):
    minute = np.zeros(60 * RATE, np.float32)
    t = np.arange(2000) / RATE
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-t * 30)
    for beat in range(0, 128, 4):
        start = int(beat * 60 / 128 * RATE)
        minute[start : start + 2000] += kick[: len(minute) - start]
    with soundfile.SoundFile(tmp_path / "long.flac", "w", RATE, 1) as file:
        for _ in range(120):
            file.write(minute * 0.8)
    assert main(["transcribe", str(tmp_path / "long.flac"), "-o", str(tmp_path), "--json", "-q"]) == 0
    said = json.loads((tmp_path / "long.json").read_text())
    assert said["duration"] == pytest.approx(7200)
    assert said["drums"][0]["time"] < 10
    assert said["drums"][-1]["time"] > 7190


def test_midi_that_is_none_is_refused_by_every_verb_that_reads_it(tmp_path, capfd):
    bad = tmp_path / "bad.mid"
    bad.write_bytes(b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00")  # 65535 tracks
    for arguments in (["render", str(bad), "-o"], ["generate", "--prompt", str(bad), "-o"]):
        out = tmp_path / ("out.wav" if arguments[0] == "render" else "out.mid")
        assert main([*arguments, str(out)]) == 1
        assert "bad.mid" in capfd.readouterr().err
        assert not out.exists()
