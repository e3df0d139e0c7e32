"""From dry parts to stems: levels, ducking, delay, room and a mono low end. The stems add up to the mix."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import band
from technogen.rendering.drums import DrumStems, Stereo, hit_gain
from technogen.rendering.options import Mix
from technogen.score import Score, fold_drum

STEMS = ("kick", "drums", "bass", "delay", "room")
HEADROOM = 0.5
_OFF = -60.0
_MONO_BELOW = 120.0
_BASS_LEVEL = 0.95
_DUCK_ATTACK, _DUCK_HOLD, _DUCK_RELEASE = 0.002, 0.03, 0.07
_ECHO_BAND = (350.0, 4500.0)
_ROOM_SECONDS, _ROOM_BAND = 0.55, (280.0, 7500.0)
_MOST_ECHOES = 24

Line = NDArray[np.float64]


def mix_stems(score: Score, drums: DrumStems, line: Line, sample_rate: int, mix: Mix) -> Iterator[tuple[str, Stereo]]:
    """Bring dry parts to the level that they have in the mix, with their effects.

    Args:
        score: What is played; its kicks push the bass down.
        drums: From `play_drums`.
        line: From `play_line`, as long.
        sample_rate: Samples a second.
        mix: Levels and effects.

    Yields:
        The names of `STEMS` in their order, each with (samples, 2); a part with nothing in it as zeros.
    """
    drum_gain = np.float32(_gain(mix.drums) * HEADROOM)
    yield "kick", drums.kick * drum_gain
    yield "drums", _narrow_lows(drums.others * drum_gain, sample_rate)
    bass = line * (_gain(mix.bass) * _BASS_LEVEL * HEADROOM) * _ducking(score, len(line), sample_rate, mix.ducking)
    yield "bass", np.repeat(bass.astype(np.float32)[:, None], 2, axis=1)
    yield "delay", _narrow_lows(_echo(bass, score.tempo, sample_rate, mix), sample_rate)
    room = np.zeros_like(drums.room) if mix.reverb <= _OFF else _reverberate(drums.room.mean(axis=1), sample_rate)
    yield "room", room * (drum_gain * np.float32(_gain(mix.reverb) * 4))


def _gain(level: float) -> float:
    return float(10 ** (level / 20))


def _narrow_lows(wave: Stereo, sample_rate: int) -> Stereo:
    """The same in mono below 120 Hz."""
    side = (wave[:, 0] - wave[:, 1]) * np.float32(0.5)
    if not side.any():
        return wave
    lost = side - band(side, sample_rate, _MONO_BELOW, None).astype(np.float32)
    wave[:, 0] -= lost
    wave[:, 1] += lost
    return wave


def _ducking(score: Score, samples: int, sample_rate: int, depth: float) -> Line:
    """The gain that kicks leave to the bass: down in 2 ms, held, and up again in about 200 ms."""
    gain = np.ones(samples)
    clock = np.arange(int((_DUCK_HOLD + 6 * _DUCK_RELEASE) * sample_rate)) / sample_rate
    shape = np.minimum(1, clock / _DUCK_ATTACK) * np.exp(-np.maximum(0, clock - _DUCK_HOLD) / _DUCK_RELEASE)
    for note in score.drums:
        start = sample_of(note.start, score, sample_rate)
        if fold_drum(note.pitch) == 36 and start < samples and depth:
            dip = 10 ** (-depth / 20 * hit_gain(note.velocity) * shape[: samples - start])
            place = gain[start : start + len(dip)]
            np.minimum(place, dip, out=place)
    return gain


def _echo(bass: Line, tempo: float, sample_rate: int, mix: Mix) -> Stereo:
    """Echoes a dotted 8th apart, left and right in turn, without lows."""
    wet = np.zeros((len(bass), 2), dtype=np.float32)
    if mix.delay <= _OFF or not bass.any():
        return wet
    dull = band(bass, sample_rate, *_ECHO_BAND, order=1).astype(np.float32)
    step = round(0.75 * 60 / tempo * sample_rate)
    for k in range(1, _MOST_ECHOES + 1):
        level = _gain(mix.delay) * mix.feedback ** (k - 1)
        if level < 1e-4 or k * step >= len(bass):
            break
        near, far = (0, 1) if k % 2 else (1, 0)
        wet[k * step :, near] += np.float32(level) * dull[: len(bass) - k * step]
        wet[k * step :, far] += np.float32(0.3 * level) * dull[: len(bass) - k * step]
    return wet


def _reverberate(send: NDArray[np.float32], sample_rate: int) -> Stereo:
    """A small room: noise that dies away, another in each ear."""
    from scipy.signal import oaconvolve  # noqa: PLC0415

    room = np.zeros((len(send), 2), dtype=np.float32)
    if not send.any():
        return room
    clock = np.arange(int(_ROOM_SECONDS * sample_rate)) / sample_rate
    random = np.random.default_rng(909)  # the room is always the same
    for channel in range(2):
        noise = random.standard_normal(len(clock)) * np.exp(-clock / 0.085) * np.minimum(1, clock / 0.004)
        response = band(noise, sample_rate, *_ROOM_BAND, order=1)
        response /= np.sqrt((response**2).sum())
        room[:, channel] = oaconvolve(send, response.astype(np.float32))[: len(send)]
    return room


def fade_tail(wave: Stereo, tail: int) -> Stereo:
    """The same, its last `tail` samples faded to silence."""
    if tail:
        wave[len(wave) - tail :] *= (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, tail, dtype=np.float32)))[:, None]
    return wave
