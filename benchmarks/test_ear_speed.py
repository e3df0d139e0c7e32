"""How fast the ear is, beside other people's: `pytest benchmarks/test_ear_speed.py -s`.

A three-minute file that the project's own voice renders is read and transcribed with everything on, and given to
madmom's beats and to basic-pitch's notes in the same run; each after a first call on something short. Real time divided
by the wall clock is what a user waits for; divided by processor time, what one core does, whatever else it has to do.
"""

import time

import pytest

from technogen import compose, read_audio, render, transcribe

TEMPO, BARS = 132, 99
LEAST = 20
"""Times real time of one core's processor time."""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    for name, bars in (("short", 4), ("long", BARS)):
        render(compose("acid", bars=bars, tempo=TEMPO, seed=303)).save(folder / f"{name}.wav")
    return folder


def _hear(path):
    return transcribe(path)


def _hear_as_others(path):
    from technogen.transcription.basic_pitch_tracker import transcribe_bass_notes
    from technogen.transcription.madmom_tracker import track_beats

    audio = read_audio(path)
    return track_beats(audio, tempo_range=(90, 200)), transcribe_bass_notes(audio)


def _measure(benchmark, recordings, listen, rounds):
    """Run; say and give back how many times real time one core's processor time is."""
    listen(recordings / "short.wav")
    seconds, worked = read_audio(recordings / "long.wav").seconds, []

    def run():
        begun = time.process_time()
        listen(recordings / "long.wav")
        worked.append(time.process_time() - begun)

    benchmark.pedantic(run, rounds=rounds)
    by_clock, by_core = seconds / benchmark.stats["min"], seconds / min(worked)
    benchmark.extra_info |= {"times real time": by_clock, "times real time, processor": by_core}
    print(f"\n{seconds:.0f} s: {by_clock:.1f} x real time by the clock, {by_core:.1f} x by processor time")
    return by_core


@pytest.mark.filterwarnings("ignore")
def test_madmom_and_basic_pitch(benchmark, recordings):
    pytest.importorskip("basic_pitch", reason="basic-pitch is not installed", exc_type=ImportError)
    _measure(benchmark, recordings, _hear_as_others, rounds=1)


def test_the_ear(benchmark, recordings):
    assert _measure(benchmark, recordings, _hear, rounds=3) >= LEAST
