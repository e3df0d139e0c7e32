"""Score to audio as a whole: time, progress, seeds, extremes, and what must never break them."""

import logging
import math
import subprocess
import sys
import threading

import numpy as np
import pytest
from track_maker import acid, line, track, true_peak

from technogen.audio import Audio
from technogen.errors import RenderError
from technogen.rendering import AcidKnobs, Mix, Voice, preset, render, render_stems
from technogen.rendering.clock import sample_of
from technogen.rendering.engine import Rendering
from technogen.score import DRUM_NAMES, Control, Note, Score, swing_tick

RATE = 44_100


# Time


@pytest.mark.parametrize("tempo", [20, 60.01, 132, 137.77, 400])
def test_ticks_fall_on_their_sample(tempo):
    score = Score(tempo, 4, swing=0.62)
    for tick in (0, 1, 120, 479, 1920, 7000):
        exact = swing_tick(tick, 0.62) * 60 / (tempo * 480) * RATE
        assert abs(sample_of(tick, score, RATE) - exact) <= 0.5


def test_length_is_the_score_and_its_tail():
    score = track(137.77)
    exact = sample_of(1920, score, RATE)
    assert len(render(score).samples) == exact + 2 * RATE
    assert len(render(score, voice=Voice(mix=Mix(tail=0.0))).samples) == exact
    assert len(render(score, loop=True).samples) == exact


def test_tail_fades_to_nothing():
    samples = np.abs(render(track()).samples)
    assert samples[-50:].max() < 1e-4
    assert samples[-RATE:].max() < 0.05


def test_progress_rises_to_one_and_can_end_it():
    shares = []
    heard = Rendering(track(), voice="raw").play(shares.append)
    assert heard == render(track(), voice=preset("raw"))
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1 == shares[-1]

    def stop(share):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Rendering(track()).play(stop)
    assert threading.active_count() == before


def test_progress_of_stems():
    shares = []
    stems = Rendering(track()).play_stems(shares.append)
    assert all(stem == other for stem, other in zip(stems.values(), render_stems(track()).values()))
    assert shares == sorted(shares)
    assert shares[-1] == 1


# Seeds and extremes


def test_same_seed_same_bytes_in_another_process():
    code = (
        "import hashlib;from technogen.rendering import render;from technogen.score import Note,Score;"
        "s=Score(138,1,drums=(Note(0,60,36,120),Note(480,60,39,90)),bass=(Note(0,70,36,127),));"
        "print(hashlib.sha256(render(s,seed=3).samples.tobytes()).hexdigest())"
    )
    score = Score(138, 1, drums=line((0, 60, 36, 120), (480, 60, 39, 90)), bass=line((0, 70, 36, 127)))
    import hashlib

    here = hashlib.sha256(render(score, seed=3).samples.tobytes()).hexdigest()
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert here == there
    assert render(score, seed=3) != render(score, seed=4)
    assert render(score, seed=None) != render(score, seed=None)


def test_silence_is_silent_and_as_long_as_the_score():
    audio = render(Score(128, 2))
    assert audio == Audio(np.zeros((sample_of(3840, Score(128, 2), RATE), 2)), RATE)
    assert all(not stem.samples.any() for stem in render_stems(Score(128, 2)).values())


def many_notes():
    drums = tuple(Note(t, 10, p, 100 + t % 28) for t in range(0, 4 * 1920, 30) for p in DRUM_NAMES)
    bass = tuple(Note(t, 12, 24 + t % 60, 127, slide=True) for t in range(0, 4 * 1920, 12))
    return Score(
        140, 4, drums=drums, bass=bass, controls=tuple(Control(t, "resonance", t % 128) for t in range(0, 7000, 7))
    )


@pytest.mark.parametrize(
    ("score", "options"),
    [
        (many_notes(), {}),
        (Score(120, 1, drums=tuple(Note(0, 60, p, 127) for p in range(128))), {}),
        (Score(120, 1, bass=line((0, 1, 0, 1))), {}),
        (Score(120, 1, bass=line((0, 1920, 127, 127))), {}),
        (Score(120, 1, drums=line((1919, 1, 42, 1))), {"loop": True}),
        (track(400), {"loop": True}),
        (track(300), {"voice": "industrial"}),
        (track(40), {"loop": True, "voice": "dub"}),
        (track(20), {"sample_rate": 8000}),
        (track(), {"sample_rate": 96_000}),
        (
            acid(),
            {"voice": Voice(acid=AcidKnobs("square", 12, 1, 1, 1, 1, 1, 40), mix=Mix(loudness=-6, compression=10))},
        ),
    ],
)
def test_extremes_are_finite_and_unclipped(score, options):
    audio = render(score, **options)
    assert np.isfinite(audio.samples).all()
    assert audio.samples.any()
    assert true_peak(audio) <= -1.0
    assert abs(audio.samples.mean()) < 5e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_rate": 0}, "sample_rate must be in 8000..192000, got 0"),
        ({"sample_rate": 44_100.0}, "sample_rate must be a whole number"),
        ({"seed": -1}, "seed must be in"),
        ({"seed": "a"}, "seed must be a whole number"),
        ({"voice": "acidic"}, "preset must be one of acid"),
        ({"voice": Mix()}, "voice must be a Voice or the name of a preset"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(RenderError, match=message):
        render(track(), **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AcidKnobs(cutoff=1.1), "cutoff must be a number in 0..1, got 1.1"),
        (lambda: AcidKnobs(waveform="sine"), "waveform must be 'saw' or 'square', got 'sine'"),
        (lambda: Mix(loudness=math.nan), "loudness must be a number in -60..-6, got nan"),
        (lambda: Mix(tail=-1), "tail must be a number in 0..30"),
        (lambda: Voice(kit="707"), "kit must be '909', '808', 'industrial' or a Kit, got '707'"),
        (lambda: Voice(mix=None), "mix must be of type Mix"),
        (lambda: render("idea.mid"), "a Score is rendered, got str"),
        (lambda: render(Score(20, 20_000)), "too long to render"),
    ],
)
def test_bad_values(make, message):
    with pytest.raises(RenderError, match=message):
        make()


def test_first_call_says_that_it_compiles(caplog):
    code = (
        "import logging;logging.basicConfig(level=20,format='%(message)s');"
        "from technogen.rendering import render;from technogen.score import Note,Score;"
        "s=Score(138,1,bass=(Note(0,70,36,127),));render(s);render(s)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.count("some seconds") == 1
    with caplog.at_level(logging.INFO):
        render(acid())
        render(acid())
    assert caplog.text.count("some seconds") <= 1


def test_import_is_light():
    heavy = ("numba", "scipy", "torch", "symusic")
    code = f"import sys, technogen.rendering; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
