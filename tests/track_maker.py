"""Small scores that the tests of rendering play, and the true peak of what comes out."""

import math
from dataclasses import replace

import numpy as np

from technogen.score import Note, Score


def line(*notes):
    return tuple(Note(*note) for note in notes)


def acid(tempo=138.0, bars=1):
    steps = ((0, 70, 36, 80), (120, 70, 36, 127), (240, 120, 48, 80, True), (360, 70, 39, 127), (600, 240, 34, 80))
    return Score(tempo, bars, bass=tuple(Note(b * 1920 + s[0], *s[1:]) for b in range(bars) for s in steps))


def beat(tempo=138.0, bars=1):
    hits = [(k * 480, 36, 120) for k in range(4)] + [(k * 480 + 240, 46, 100) for k in range(4)]
    hits += [(k * 120, 42, 70 + 40 * (k % 4 == 0)) for k in range(16) if k % 4 != 2] + [(480, 39, 110), (1440, 39, 110)]
    return Score(tempo, bars, drums=tuple(Note(b * 1920 + t, 60, p, v) for b in range(bars) for t, p, v in hits))


def track(tempo=138.0, bars=1):
    return replace(acid(tempo, bars), drums=beat(tempo, bars).drums)


def true_peak(audio):
    from scipy.signal import resample_poly

    return 20 * math.log10(np.abs(resample_poly(audio.samples.astype(float), 8, 1)).max())
