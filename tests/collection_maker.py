"""Small collections of recordings, and workers that meet with accidents."""

import os
import signal

import numpy as np

from technogen import Audio


def write_kicks(path, seconds=2.0, *, tempo=128.0, rate=8000):
    """Kicks on every beat; recordings of other tempos are other music."""
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(0.15 * rate)) / rate
    kick = np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t * 40)))) * np.exp(-t * 20)
    samples = np.zeros(int(seconds * rate) + len(kick), np.float32)
    for start in np.arange(0, seconds, 60 / tempo):
        samples[int(start * rate) :][: len(kick)] += 0.7 * kick
    Audio(samples[: int(seconds * rate)], rate).save(path)


def write_broken_kicks(path):
    """Kicks among samples that are no numbers."""
    import soundfile

    write_kicks(path)
    samples, rate = soundfile.read(path)
    samples[5] = float("nan")
    soundfile.write(path, samples, rate, subtype="FLOAT")


def write_collection(folder, count=3, seconds=2.0):
    for i in range(count):
        write_kicks(folder / f"{i:02}.wav", seconds, tempo=120.0 + i)
    return folder


def read_results(folder):
    """Every result of a collection by its path, as bytes."""
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "manifest.jsonl"]
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths}


def double(number):
    """What workers do with numbers: of 3 they die, of 5 they raise, of 7 they wait for ever."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        raise IndexError("five")
    if number == 7:
        signal.pause()
    return 2 * number


def count_modules(names):
    import sys

    return [name for name in names if name in sys.modules]


def die_of_one(task):
    """What a worker does with a recording; of one it dies, and of another it meets a fault of the program."""
    from technogen.transcription.collection.working import work_on

    if task.output == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.output == "faulty":
        raise IndexError("a fault")
    return work_on(task)


def die_of_one_text(text):
    import json

    from technogen.transcription.collection.working import work_on_text

    if json.loads(text)["output"] == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if json.loads(text)["output"] == "faulty":
        raise IndexError("a fault")
    return work_on_text(text)
