"""Effects of the mix, each with what it must remember from one block to the next. Stereo is (n, 2)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from technogen.rendering import bus_kernels, effect_kernels
from technogen.rendering.clock import sample_of
from technogen.rendering.convolving import PARTITION, Convolver, make_room
from technogen.rendering.sections import HIGH_PASS_FROM, Curve
from technogen.score import TICKS_PER_BEAT, Note, Score, swing_tick

Sound = NDArray[np.float32]
Line = NDArray[np.float64]

_MONO_BELOW = 120.0
_DUCK_ATTACK, _DUCK_HOLD, _DUCK_SHARE = 0.002, 0.03, 0.35
_REFERENCE = 0.35
"""The level that saturation leaves as it is."""
_ECHO_LOW, _ECHO_HIGH = 4500.0, 350.0
_DARK_HERTZ = 3500.0
_ROOM_EDGES = (250.0, 9000.0)
RUMBLE_SECONDS = 1.1
_RUMBLE_EDGES = (32.0, 400.0)
_RUMBLE_DRIVE = 2.0
_RUMBLE_RATE = 2700.0


def approach(hertz: float, rate: float) -> float:
    """The share of its way that a filter of 6 dB an octave goes in a sample."""
    return -math.expm1(-2 * math.pi * min(hertz, 0.45 * rate) / rate)


def sections_of(order: int, hertz: float, kind: str, rate: float) -> Line:
    """Butterworth sections (s, 5) as the kernels take them."""
    from scipy.signal import butter  # noqa: PLC0415

    sos = np.atleast_2d(butter(order, min(hertz, 0.45 * rate), kind, fs=rate, output="sos"))
    return np.ascontiguousarray(sos[:, [0, 1, 2, 4, 5]])


def scale(samples: Sound, gain: Sound) -> Sound:
    """Multiply stereo by a gain for each sample, (n,), in place."""
    samples[:, 0] *= gain
    samples[:, 1] *= gain
    return samples


class Filter:
    """Filters of second order, one after the other, on both channels."""

    def __init__(self, sections: Line) -> None:
        """Take sections of (s, 5): b0, b1, b2, a1, a2."""
        self._sections, self._state = sections, np.zeros((len(sections), 4))

    def play(self, samples: Sound) -> Sound:
        """Filter the next block, in place."""
        bus_kernels.filter_stereo(samples, self._sections, self._state)
        return samples


class Narrowing:
    """Makes stereo mono below 120 Hz."""

    def __init__(self, rate: float) -> None:
        """Get ready for a sample rate."""
        self._section, self._state = sections_of(2, _MONO_BELOW, "high", rate)[0], np.zeros(2)

    def play(self, samples: Sound) -> Sound:
        """Narrow the next block, in place."""
        bus_kernels.narrow_lows(samples, self._section, self._state)
        return samples


class Saturation:
    """Soft saturation that leaves a usual level as loud as it is; nothing at 0 dB."""

    def __init__(self, drive: float) -> None:
        """Take the gain into it in dB."""
        self._gain = 10 ** (drive / 20) if drive > 0 else 0.0
        pushed = self._gain * _REFERENCE
        self._level = _REFERENCE * math.sqrt(1 + pushed**2) / pushed if pushed else 1.0
        self._state = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])

    def play(self, samples: Sound) -> Sound:
        """Saturate the next block, in place."""
        if self._gain:
            effect_kernels.saturate(samples, self._gain, self._level, self._state)
        return samples


class Ducking:
    """How hard the kicks push everything else down, 0 to 1: at once, held for a moment, and let go slowly."""

    def __init__(self, kicks: Sequence[Note], score: Score, rate: float, recovery: float) -> None:
        """Take the kicks of a score and the seconds that letting go takes."""
        self._starts = [sample_of(n.start, score, rate) for n in kicks]
        self._forces = [n.velocity / 127 for n in kicks]
        fall = recovery * _DUCK_SHARE
        clock = np.arange(int((_DUCK_HOLD + 8 * fall) * rate)) / rate
        end = math.exp(-8)
        decay = (np.exp(-np.maximum(0, clock - _DUCK_HOLD) / fall) - end) / (1 - end)
        self._shape = (np.minimum(1, clock / _DUCK_ATTACK) * decay).astype(np.float32)
        self._at = self._first = 0

    def play(self, samples: int) -> Sound:
        """The push in the next samples, (n,)."""
        push, end = np.zeros(samples, np.float32), self._at + samples
        while self._first < len(self._starts) and self._starts[self._first] + len(self._shape) <= self._at:
            self._first += 1
        for start, force in zip(self._starts[self._first :], self._forces[self._first :]):
            if start >= end:
                break
            part = self._shape[max(0, self._at - start) : end - start]
            at = max(0, start - self._at)
            place = push[at : at + len(part)]
            np.maximum(place, np.float32(force) * part, out=place)
        self._at = end
        return push


def lower(push: Sound, decibels: float) -> Sound:
    """The gain that is left where something is pushed down by up to so many dB."""
    if decibels == 0 or not push.any():
        return np.ones_like(push)
    return np.asarray(np.exp(push * np.float32(-decibels * math.log(10) / 20)))


class Echo:
    """Echoes of the bass at a distance in beats, left and right in turn."""

    def __init__(self, seconds: float, feedback: float, rate: float) -> None:
        """Take the time between two echoes."""
        self._lines = np.zeros((2, max(1, round(seconds * rate))), np.float32)
        self._rates = np.array([approach(_ECHO_LOW, rate), approach(_ECHO_HIGH, rate)])
        self._feedback, self._state = feedback, np.zeros(5)

    def play(self, send: Sound) -> Sound:
        """The echoes that are heard in the next block, (n,) to (n, 2)."""
        wet = np.empty((len(send), 2), np.float32)
        effect_kernels.repeat_echoes(send, self._lines, self._rates, self._feedback, self._state, wet)
        return wet


class Room:
    """The room that claps, snares and percussion share, another in each ear."""

    def __init__(self, seconds: float, rate: float) -> None:
        """Take the seconds in which it falls by 60 dB."""
        self._answer = Convolver(make_room(seconds, _ROOM_EDGES, rate))

    def play(self, send: Sound) -> Sound:
        """The room of the next block, (n,) to (n, 2)."""
        return self._answer.play(send)


class Rumble:
    """The low end of a dark room in which the kick stands, bent and mono.

    The room is played at a fraction of the sample rate: nothing above some hundred hertz is left of it anyway.
    """

    def __init__(self, cutoff: float, rate: float) -> None:
        """Take the frequency in Hz above which nothing is left."""
        self._factor = max(1, int(rate / _RUMBLE_RATE))
        slow = rate / self._factor
        self._before = Filter(sections_of(6, _RUMBLE_EDGES[1], "low", rate))
        self._room = Convolver(make_room(RUMBLE_SECONDS, _RUMBLE_EDGES, slow, channels=1, seed=36), PARTITION // 16)
        self._after = Filter(np.concatenate([sections_of(4, cutoff, "low", rate), sections_of(2, 30.0, "high", rate)]))
        self._drive = Saturation(20 * math.log10(_RUMBLE_DRIVE / _REFERENCE))
        self._skip = 0

    def play(self, send: Sound) -> Sound:
        """The rumble of the next block, (n, 2) to (n, 2)."""
        dull = self._before.play(send.copy())[self._skip :: self._factor, 0]
        wet = np.zeros_like(send)
        wet[self._skip :: self._factor] = self._factor * self._room.play(dull.copy())
        self._skip = (self._skip - len(send)) % self._factor
        return self._drive.play(self._after.play(wet))


class Movement:
    """A curve of the sections, read sample by sample."""

    def __init__(self, curve: Curve, score: Score, rate: float, rest: float) -> None:
        """Take points in ticks; without any, the value is `rest`."""
        scale = 60 * rate / (score.tempo * TICKS_PER_BEAT)
        self._places = np.array([(t if t < 0 else swing_tick(t, score.swing)) * scale for t, _ in curve])
        self._values = np.array([v for _, v in curve])
        self._rest, self._at = rest, 0

    def play(self, samples: int) -> Line | None:
        """The values of the next samples, (n,), or `None` where all are `rest`."""
        start, end = self._at, self._at + samples
        self._at = end
        if not len(self._places):
            return None
        near = slice(*np.searchsorted(self._places, (start, end)))
        ends = np.interp((start, end), self._places, self._values)
        if (ends == self._rest).all() and (self._values[near] == self._rest).all():
            return None
        return np.asarray(np.interp(np.arange(start, end), self._places, self._values))


class SectionFilter:
    """The high-pass that rises in a build, and the treble that is missing at the ends of a track."""

    def __init__(self, rate: float) -> None:
        """Get ready for a sample rate."""
        self._rate, self._share = rate, approach(_DARK_HERTZ, rate)
        self._high, self._dark = np.zeros(4), np.zeros(2)

    def play(self, samples: Sound, octaves: Line | None, darkness: Line | None) -> Sound:
        """Filter the next block, in place, as far as the curves of its samples say."""
        if octaves is None:
            self._high[:] = 0.0
        else:
            edges = np.tan(np.minimum(math.pi * HIGH_PASS_FROM / self._rate * 2**octaves, 1.4))
            effect_kernels.sweep(samples, edges, np.minimum(1.0, 4 * octaves), self._high)
        if darkness is None:
            self._dark[:] = samples[-1]
        else:
            effect_kernels.darken(samples, self._share, darkness, self._dark)
        return samples
