"""How fast the voice is, and how much memory it takes: `pytest benchmarks/test_voice_speed.py -s`.

The speed is that of a full mix with every effect on, after the first call, beside FluidSynth's command line with a
General MIDI soundfont on the same score, on the same machine in the same run.
"""

import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from technogen import compose
from technogen.rendering import Mix, Voice, render

FONTS = [Path("/usr/share/sounds/sf2") / name for name in ("TimGM6mb.sf2", "FluidR3_GM.sf2", "default-GM.sf2")]
EVERYTHING = Mix(drive=9, delay=-8, feedback=0.5, reverb=-10, reverb_seconds=2, rumble=-10, compression=3, tilt=-0.7)
TEN_MINUTES = 344
"""Bars at 138 beats a minute."""


@pytest.fixture(scope="module")
def score():
    return compose("acid", bars=128, tempo=138, seed=1)


def report(benchmark, what, seconds):
    times = seconds / benchmark.stats["min"]
    benchmark.extra_info["times real time"] = times
    print(f"\n{what}: {times:.0f} times real time")
    return times


def test_full_mix(benchmark, score):
    voice = Voice(mix=EVERYTHING)
    processor = []

    def run():
        start = time.process_time()
        audio = render(score, voice=voice)
        processor.append(time.process_time() - start)
        return audio

    audio = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    report(benchmark, "full mix", audio.seconds)
    one_core = audio.seconds / min(processor)
    print(f"full mix, by the processor time of one core: {one_core:.0f} times real time")
    assert one_core > 20  # 40 on two cores that have nothing else to do


def test_fluidsynth(benchmark, score, tmp_path):
    fonts = [font for font in FONTS if font.is_file()]
    if not shutil.which("fluidsynth") or not fonts:
        pytest.skip("needs the fluidsynth command and a General MIDI soundfont")
    score.save(tmp_path / "score.mid")
    command = ["fluidsynth", "-ni", "-r", "44100", "-F", tmp_path / "score.wav", fonts[0], tmp_path / "score.mid"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=3)
    one_core = 3 * score.seconds / (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    report(benchmark, f"fluidsynth with {fonts[0].name}", score.seconds)
    print(f"fluidsynth, by the processor time of one core: {one_core:.0f} times real time")


def test_memory_of_ten_minutes():
    code = (
        "import resource;from technogen import compose;from technogen.rendering import Voice, render;"
        "from technogen.rendering.options import Mix;"
        f"audio = render(compose('acid', bars={TEN_MINUTES}, tempo=138, seed=1), voice=Voice(mix={EVERYTHING!r}));"
        "print(audio.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    print(f"\n{seconds:.0f} s of music: {megabytes:.0f} MB at most")
    assert seconds > 595
    assert megabytes < 1000
