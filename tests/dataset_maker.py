"""Small sources for data sets: MIDI files by rules, and recordings that last seconds."""

import os

import numpy as np

from technogen import Audio, compose


def write_midi(path, *, seed=1, bars=8, tempo=130.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    compose("acid", bars=bars, tempo=tempo, seed=seed).save(path)


def make_tone(seconds, *, rate=8000, hz=440.0, level=0.5, channels=1):
    wave = (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)
    return Audio(wave if channels == 1 else np.stack([wave, wave / 2], axis=1), rate)


def write_tone(path, seconds=3.0, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    make_tone(seconds, **options).save(path)


def read_all(folder):
    """Every file of a folder by its path, as bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def die_of_one(task):
    """What a worker does with a file; of one it dies."""
    from technogen.dataset.working import work_on

    if task.path.endswith("deadly.mid"):
        os._exit(9)
    return work_on(task)
