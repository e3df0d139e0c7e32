"""The 303 as its soundfont holds it: notes with their filter sweep, plain and accented, that end in a loop in tune."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.acid import play_line
from technogen.rendering.options import AcidKnobs, Waveform
from technogen.rendering.soundfont_kits import RATE, as_frames
from technogen.rendering.soundfont_writing import NO_VELOCITY, Instrument, Sample, Zone, timecents
from technogen.score import Note, Score

_ROOT_KEYS = range(26, 70, 5)
_LOWEST_KEY, _HIGHEST_KEY = 12, 96
_SWEEP_SECONDS, _LOOP_SECONDS = 0.6, 0.08
_LAYERS = (("plain", (1, 99), 80), ("accent", (100, 127), 127))  # velocities that play it, the velocity played
_HIGHEST_PEAK = 0.98
_LEGATO_ROOT = 46
_GENERATORS = {
    "loops": 1,
    "exclusive": 1,  # one voice, as in the instrument
    "hold": timecents(_SWEEP_SECONDS),
    "decay": timecents(14.0),  # to -100 dB: the amplifier's time constant of 1.23 s
    "sustain": 1000,
    "release": timecents(0.03),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Tone:
    key: int
    layer: str
    velocities: tuple[int, int]
    wave: NDArray[np.float64]
    loop: tuple[int, int]


def acid_instruments(waveform: Waveform) -> tuple[Instrument, Instrument, list[Sample]]:
    """One waveform: the instrument, the same for legato, and the samples that they name, as loud as `render` plays it.

    Notes play accented from velocity 100 on and know no other velocities, as those of the machine. Players that can
    slide go on with the running sample as long as the key stays in its zone. In the second instrument one zone spans
    all keys: nothing starts anew within a slide, and far from the root key the filter is as far off as the pitch.
    """
    tones = list(_tones(waveform))
    gain = min(1.0, _HIGHEST_PEAK / max(float(np.abs(tone.wave).max()) for tone in tones))
    zones, legato, samples = [], [], []
    for tone in tones:
        frames = as_frames(gain * tone.wave)
        samples.append(Sample(f"{waveform} {tone.key} {tone.layer}", frames, RATE, tone.key, tone.loop))
        low = _LOWEST_KEY if tone.key == _ROOT_KEYS[0] else tone.key - 2
        high = _HIGHEST_KEY if tone.key == _ROOT_KEYS[-1] else tone.key + 2
        generators = {"root": tone.key, **_GENERATORS}
        zones.append(Zone(samples[-1].name, (low, high), tone.velocities, generators))
        if tone.key == _LEGATO_ROOT:
            legato.append(Zone(samples[-1].name, (_LOWEST_KEY, _HIGHEST_KEY), tone.velocities, generators))
    names = f"303 {waveform}", f"303 {waveform} legato"
    one, other = (Instrument(name, tuple(made), NO_VELOCITY) for name, made in zip(names, (zones, legato)))
    return one, other, samples


def _tones(waveform: Waveform) -> Iterator[_Tone]:
    for layer, velocities, velocity in _LAYERS:
        for key in _ROOT_KEYS:
            wave, loop = _tone(key, velocity, waveform)
            yield _Tone(key, layer, velocities, wave, loop)


def _tone(key: int, velocity: int, waveform: Waveform) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """A note that is tuned a fraction of a cent off, so that whole periods fill whole samples, and its loop."""
    frequency = 440 * 2 ** ((key - 69) / 12)
    periods = max(1, round(_LOOP_SECONDS * frequency))
    length = round(periods * RATE / frequency)
    tuning = 12 * float(np.log2(periods * RATE / length / frequency))
    start = round(_SWEEP_SECONDS * RATE)
    score = Score(60.0, 1, bass=(Note(0, 1920, key, velocity),))
    wave = play_line(score, start + length, RATE, AcidKnobs(waveform=waveform, tuning=tuning))
    fade = np.linspace(0.0, 1.0, length)
    wave[start:] = (1 - fade) * wave[start:] + fade * wave[start - length : start]  # so that the loop closes
    return np.append(wave, wave[start : start + 16]), (start, start + length)  # interpolation looks beyond the end
