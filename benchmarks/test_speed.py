"""How fast the house is: `pytest benchmarks --benchmark-only`. Figures are for the machine that ran them.

Each benchmark says in `extra_info` how many times faster than the music it is, or how many tokens a second.
"""

import subprocess
import sys

import pytest

from technogen import Generator, compose, render, transcribe
from technogen.tokens import decode, encode

BARS = 32


@pytest.fixture(scope="module")
def score():
    return compose("acid", bars=BARS, tempo=138, seed=1)


@pytest.fixture(scope="module")
def audio(score):
    return render(score)


def test_import(benchmark):
    benchmark(lambda: subprocess.run([sys.executable, "-c", "import technogen"], check=True))


def test_render(benchmark, score, audio):
    benchmark(lambda: render(score))
    benchmark.extra_info["times real time"] = audio.seconds / benchmark.stats["mean"]


def test_transcribe(benchmark, audio):
    benchmark(lambda: transcribe(audio))
    benchmark.extra_info["times real time"] = audio.seconds / benchmark.stats["mean"]


def test_tokens_there_and_back(benchmark, score):
    benchmark(lambda: decode(encode(score)))


def test_write_16_bars(benchmark):
    generator = Generator()
    written = generator.generate(bars=16, tempo=132, seed=1)
    benchmark(lambda: generator.generate(bars=16, tempo=132, seed=1))
    benchmark.extra_info["times real time"] = written.seconds / benchmark.stats["mean"]
    benchmark.extra_info["tokens a second"] = len(encode(written).ids) / benchmark.stats["mean"]


def test_write_eight_takes_of_four_bars(benchmark):
    generator = Generator()
    benchmark(lambda: generator.takes(8, bars=4, tempo=132, seed=1))
