"""What a long recording costs: memory that hardly grows with its length, and the same result as in one piece."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from ear_signals import RATE, loop

from technogen.audio import Audio
from technogen.transcription import features, recording, transcribe
from technogen.transcription.features import FRAME_RATE, measure_features
from technogen.transcription.onsets import find_onsets, onset_strength
from technogen.transcription.recording import open_recording

BYTES_A_SECOND = 40_000
_ASK = """
import resource, sys
from technogen import transcribe
found = transcribe(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, found.tempo, len(found.drums), found.duration)
"""


def write_mix(path, minutes):
    """Minutes at 128 beats a minute, in stereo."""
    music, _ = loop(128.0, bars=32)
    minute = np.stack([music.samples, 0.9 * music.samples], axis=1)
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        for _ in range(minutes):
            file.write(minute)
    return path


def test_what_is_kept_of_a_recording_is_small():
    music, _ = loop(128.0, bars=4)
    heard = measure_features(open_recording(music))
    strength = onset_strength(heard)
    assert (heard.bands.nbytes + heard.envelope.nbytes + strength.nbytes) / music.seconds < BYTES_A_SECOND
    assert len(heard.bands) == pytest.approx(music.seconds * FRAME_RATE, abs=2)


def test_a_recording_that_is_not_held_is_heard_as_one_that_is(tmp_path, monkeypatch):
    music, _ = loop(128.0, bars=8)
    soundfile.write(tmp_path / "in.wav", music.samples, RATE, subtype="FLOAT")
    held = transcribe(tmp_path / "in.wav")
    monkeypatch.setattr(recording, "HELD_SECONDS", 1.0)
    assert transcribe(tmp_path / "in.wav") == held
    assert transcribe(Audio(music.samples, RATE)) == held


def test_onsets_do_not_depend_on_the_length_of_blocks(monkeypatch):
    music, _ = loop(128.0, bars=8)

    def hear():
        heard = measure_features(open_recording(music))
        return find_onsets(heard, onset_strength(heard))

    whole = hear()
    monkeypatch.setattr(features, "_BLOCK_FRAMES", 61)
    for name in ("_BLOCK", "_ONSETS"):
        monkeypatch.setattr(f"technogen.transcription.onsets.{name}", 17)
    blocks = hear()
    assert np.allclose(whole.times, blocks.times, atol=1e-9)
    assert np.allclose(whole.strengths, blocks.strengths, rtol=1e-3)


@pytest.mark.slow
def test_two_hours_take_less_than_a_gigabyte(tmp_path):
    path = write_mix(tmp_path / "two.flac", 120)
    run = subprocess.run(
        [sys.executable, "-c", _ASK, str(path)], capture_output=True, text=True, check=True, env=os.environ
    )
    kilobytes, tempo, drums, seconds = run.stdout.split()
    assert float(tempo) == 128.0
    assert float(seconds) == pytest.approx(7200, abs=0.1)
    assert int(drums) > 72_000  # of 72,960
    assert int(kilobytes) < 1_000_000
