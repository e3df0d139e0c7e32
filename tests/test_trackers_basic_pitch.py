"""basic-pitch: our windows, decoding and line, against what its own `predict` gave for the same sound."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tracker_signals import LINE, LINE_STEP, RATE, make_bass_line

from technogen.audio import Audio
from technogen.errors import MissingBackendError
from technogen.transcription import backends
from technogen.transcription.basic_pitch_model import (
    EDGE_FRAMES,
    HOP,
    WINDOW_FRAMES,
    cut_windows,
    find_model,
    frame_seconds,
    run_network,
)
from technogen.transcription.basic_pitch_notes import DecodingOptions, PitchEvent, decode_notes
from technogen.transcription.basic_pitch_tracker import make_line, transcribe_bass_notes

REFERENCE = Path(__file__).parent / "data" / "basic_pitch_notes.json"
needs_basic_pitch = pytest.mark.skipif(
    find_spec("basic_pitch") is None, reason=f"basic-pitch is not installed: {backends.BASIC_PITCH_INSTALL}"
)


@pytest.fixture(scope="module")
def heard():
    return run_network(Audio(make_bass_line(), RATE))


@needs_basic_pitch
@pytest.mark.parametrize(
    ("settings", "options"),
    [("defaults", DecodingOptions()), ("bass", DecodingOptions(min_frames=4, pitches=range(21, 77)))],
)
def test_same_notes_as_predict(heard, settings, options):
    theirs = json.loads(REFERENCE.read_text())[settings]
    ours = [
        (heard.seconds[e.start], heard.seconds[e.end], e.pitch, e.strength)
        for e in decode_notes(heard.notes, heard.onsets, options)
    ]
    assert len(theirs) > 70
    assert _matched(theirs, ours) >= 0.95 * len(theirs)
    assert _matched(theirs, ours) >= 0.95 * len(ours)


def _matched(theirs, ours):
    """How many notes agree: onset and end within 20 ms, pitch, and amplitude within 0.02."""
    free = list(ours)
    count = 0
    for start, end, pitch, amplitude in theirs:
        near = [
            n
            for n in free
            if n[2] == pitch and abs(n[0] - start) < 0.02 and abs(n[1] - end) < 0.02 and abs(n[3] - amplitude) < 0.02
        ]
        if near:
            free.remove(near[0])
            count += 1
    return count


@needs_basic_pitch
def test_hears_the_line_that_was_played():
    notes = transcribe_bass_notes(Audio(make_bass_line(chord=False), RATE))
    played = [(k * LINE_STEP, pitch) for k, pitch in enumerate(LINE) if pitch]
    found = [p for p in played if any(n.pitch == p[1] and abs(n.start - p[0]) < 0.05 for n in notes)]
    assert len(found) >= 0.9 * len(played)
    assert len(notes) <= 1.15 * len(played)
    assert all(a.end <= b.start for a, b in zip(notes, notes[1:]))
    assert all(n.start < n.end and not n.accent and 0 < n.confidence <= 1 for n in notes)
    assert {(n.accent_confidence, n.slide_confidence) for n in notes} == {(0.5, 0.5)}


@needs_basic_pitch
def test_takes_any_rate_and_stereo(heard):
    mono = make_bass_line(44100)[: 3 * 44100]
    stereo = run_network(Audio(np.stack([mono, mono], axis=1), 44100))
    frames = len(stereo.notes)
    assert np.abs(stereo.notes - heard.notes[:frames])[: frames - 20].mean() < 0.02


@needs_basic_pitch
@pytest.mark.parametrize("samples", [1, 5000])
def test_short_and_silent_audio_has_no_notes(samples):
    assert transcribe_bass_notes(Audio(np.zeros(samples, dtype=np.float32), RATE)) == ()


@needs_basic_pitch
def test_model_is_found_without_importing_the_package():
    import sys

    assert find_model().name == "nmp.onnx"
    assert "basic_pitch" not in sys.modules


def test_absent_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(MissingBackendError, match=r"pip install --no-deps basic-pitch==0\.4\.0"):
        transcribe_bass_notes(Audio(np.zeros(RATE, dtype=np.float32), RATE))


@pytest.mark.parametrize("length", [1, 36163, 36164, 36165, 200_000])
def test_kept_frames_cover_the_recording_and_lie_on_its_samples(length):
    ramp = np.arange(1, length + 1, dtype=np.float32)
    windows = cut_windows(ramp)
    starts = windows[:, EDGE_FRAMES * HOP, 0]  # the sample under the first kept frame of each window
    seconds = frame_seconds(len(windows)).reshape(len(windows), WINDOW_FRAMES - 2 * EDGE_FRAMES)
    assert starts - 1 == pytest.approx(seconds[:, 0] * RATE)
    assert seconds[-1, -1] * RATE + HOP >= length
    assert (np.diff(seconds.ravel()) > 0).all()


def test_onset_starts_a_note_that_lasts_while_it_sounds():
    notes, onsets = _silence(100)
    notes[20:60, 15] = 0.6
    onsets[20, 15] = 0.9
    assert decode_notes(notes, onsets, DecodingOptions()) == (PitchEvent(20, 60, 36, pytest.approx(0.6)),)


def test_short_gap_is_bridged_and_long_gap_ends_the_note():
    notes, onsets = _silence(120)
    notes[20:40, 15] = notes[50:60, 15] = notes[72:90, 15] = 0.6
    onsets[20, 15] = 0.9
    onsets[72, 15] = 0.9
    assert [(e.start, e.end) for e in decode_notes(notes, onsets, DecodingOptions())] == [(20, 60), (72, 90)]


def test_what_sounds_without_an_onset_is_a_note_and_neighbours_are_not():
    notes, onsets = _silence(100)
    notes[10:50, 30] = np.linspace(0.4, 0.9, 40)
    notes[12:48, 31] = 0.35
    assert [e.pitch for e in decode_notes(notes, onsets, DecodingOptions())] == [51]


def test_short_notes_and_other_pitches_are_left_out():
    notes, onsets = _silence(100)
    notes[20:28, 15] = notes[20:60, 70] = 0.8
    onsets[20, [15, 70]] = 0.9
    options = DecodingOptions(pitches=range(21, 77))
    assert decode_notes(notes, onsets, options) == ()
    assert len(decode_notes(notes, onsets, DecodingOptions(min_frames=4))) == 2


def _silence(frames):
    return np.zeros((frames, 88), dtype=np.float32), np.zeros((frames, 88), dtype=np.float32)


def test_line_keeps_the_strongest_of_a_chord_and_cuts_at_the_next_note():
    chord = (PitchEvent(0, 30, 36, 0.8), PitchEvent(1, 30, 48, 0.4), PitchEvent(10, 20, 60, 0.1))
    assert make_line((*chord, PitchEvent(20, 40, 38, 0.7))) == (
        PitchEvent(0, 20, 36, 0.8),
        PitchEvent(20, 40, 38, 0.7),
    )
