"""madmom: the real thing on a loop of known beats, our reading of its path against its own, and the borrowed names."""

import collections
import logging
import sys
import warnings
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
from tracker_signals import make_techno_loop

from technogen.audio import Audio
from technogen.errors import AudioError, MissingBackendError, TranscriptionError
from technogen.transcription import backends, madmom_tracker
from technogen.transcription.backends import find_backends
from technogen.transcription.madmom_shim import lend_old_names
from technogen.transcription.madmom_tracker import Beats, track_beats

needs_madmom = pytest.mark.skipif(
    find_spec("madmom") is None, reason=f"madmom is not installed: {backends.MADMOM_INSTALL}"
)
TEMPO = 132.0


@pytest.fixture(scope="module")
def loop():
    return Audio(make_techno_loop(TEMPO, 12.0), 44100)


@pytest.fixture(scope="module")
def tracked(loop):
    return track_beats(loop)


@needs_madmom
def test_finds_the_beats_of_a_loop(tracked):
    played = np.arange(26) * 60 / TEMPO
    found = np.array(tracked.beats)
    near = np.abs(played[:, None] - found[None, :]).min(axis=1)
    assert (near < 0.03).mean() >= 0.95
    assert abs(len(found) - len(played)) <= 1


@needs_madmom
def test_downbeats_are_every_fourth_beat(tracked):
    at = [tracked.beats.index(d) for d in tracked.downbeats]
    assert len(at) >= 5
    assert set(np.diff(at)) == {4}


@needs_madmom
def test_reads_the_path_as_madmom_does(loop, monkeypatch):
    with lend_old_names():
        downbeats = madmom_tracker._import_downbeats()
        activations = madmom_tracker._run_networks(downbeats, loop)
        ours = madmom_tracker._decode_bars(downbeats, activations, (90, 200))
        tolerant = SimpleNamespace(**{**vars(np), **{n: getattr(np, n) for n in ("int", "float")}})
        tolerant.asarray = lambda rows, *rest, **more: (
            np.array([tuple(rows[0])], dtype=object) if isinstance(rows, list) else np.asarray(rows, *rest, **more)
        )
        monkeypatch.setattr(downbeats, "np", tolerant)
        tracker = downbeats.DBNDownBeatTrackingProcessor(beats_per_bar=[4], min_bpm=90, max_bpm=200, fps=100)
        theirs = tracker.process(activations)
    assert ours.beats == pytest.approx(theirs[:, 0])
    assert ours.downbeats == pytest.approx(theirs[theirs[:, 1] == 1, 0])


@needs_madmom
def test_announces_the_licence_once_a_call_and_finds_nothing_in_silence(caplog):
    with caplog.at_level(logging.WARNING):
        assert track_beats(Audio(np.zeros((44100 * 2, 2), dtype=np.float32), 44100)) == Beats((), ())
    assert [r.name for r in caplog.records if "CC BY-NC-SA 4.0" in r.message] == [
        "technogen.transcription.madmom_tracker"
    ]


@needs_madmom
def test_leaves_the_process_as_it_was(tracked):
    assert tracked.beats
    assert not {"float", "int", "object", "complex"} & set(vars(np))
    assert "MutableSequence" not in vars(collections)
    assert "pkg_resources" not in sys.modules or hasattr(sys.modules["pkg_resources"], "working_set")


def test_old_names_are_lent_and_taken_back_also_after_an_error():
    had = set(vars(np)), set(vars(collections)), "pkg_resources" in sys.modules, list(warnings.filters)
    with pytest.raises(KeyError):
        _fail_among_old_names()
    assert (set(vars(np)), set(vars(collections)), "pkg_resources" in sys.modules, list(warnings.filters)) == had


def _fail_among_old_names():
    with lend_old_names():
        assert np.dtype(vars(np)["float"]) == np.float64
        assert "MutableSequence" in vars(collections)
        raise KeyError


def test_absent_package_says_how_to_install_it(monkeypatch, loop):
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    line = "pip install cython numpy scipy mido setuptools wheel && pip install --no-build-isolation madmom==0.16.1"
    with pytest.raises(MissingBackendError) as caught:
        track_beats(loop)
    assert line in str(caught.value)


@needs_madmom
def test_bad_input(loop):
    with pytest.raises(TranscriptionError, match=r"got 200\.\.90"):
        track_beats(loop, tempo_range=(200, 90))
    with pytest.raises(AudioError, match=r"1 s of audio or more, got 0\.50 s"):
        track_beats(Audio(loop.samples[:22050], 44100))


def test_backends_say_what_is_there():
    found = {b.name: b for b in find_backends()}
    assert set(found) == {"madmom", "basic-pitch"}
    for name, backend in found.items():
        assert (backend.version is not None) == (find_spec(name.replace("-", "_")) is not None)
        assert backend.install.startswith("pip install")
    assert "non-commercial" in found["madmom"].licence
