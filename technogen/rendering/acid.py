"""The 303: a bassline of a score becomes samples, with its slides, accents and filter movement."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from technogen.rendering import acid_kernels as kernels
from technogen.rendering.clock import sample_of
from technogen.rendering.options import AcidKnobs
from technogen.score import TICKS_PER_BEAT, Score

_log = logging.getLogger(__name__)

SLIDE_SECONDS = 0.022
_DECAY_RANGE = (0.2, 2.0)
_ACCENT_DECAY, _ATTACK, _SWEEP = 0.2, 0.003, 0.015
_BODY, _RELEASE, _ACCENT_RELEASE = 1.23, 0.001, 0.05
_DECLICK_HERTZ, _KNOB_SLACK = 200.0, 0.005
_COUPLING_IN, _COUPLING_OUT, _ALL_PASS = 44.5, 24.2, 14.0
_NOTCH, _NOTCH_OCTAVES = 7.5, 4.7
_LONGEST_RAMP = 4 * TICKS_PER_BEAT
_BLOCK_SECONDS = 1.8e-4
_OVERDRIVE = 0.7


class AcidLine:
    """The bass of a score, played on and on.

    Args:
        score: Its swing is applied, its filter curves take over the knobs where they start.
        sample_rate: Samples a second.
        knobs: The sound; as the defaults if not given.
        opening: How many octaves the filter is opened further at which tick: straight lines between, 0 outside.
    """

    def __init__(
        self,
        score: Score,
        sample_rate: float,
        knobs: AcidKnobs | None = None,
        *,
        opening: Sequence[tuple[int, float]] = (),
    ) -> None:
        knobs = knobs or AcidKnobs()
        self._silent = not score.bass
        self._events = _line_events(score, sample_rate, knobs, opening)
        self._constants = _constants(knobs, sample_rate)
        self._taps = _decimation_taps()
        self._moving = _start(knobs)
        self._line = np.zeros(kernels.TAPS - 1 + kernels.OVERSAMPLING * kernels.CHUNK)
        self._places = np.array([0, 0, 1])
        self._spare = np.zeros(0)
        self._late = kernels.DELAY

    def play(self, samples: int) -> NDArray[np.float64]:
        """The next samples, dry: however they are asked for, the same in all.

        Returns:
            (samples,), about -1..1.
        """
        if self._silent:
            return np.zeros(samples)
        missing = samples - len(self._spare)
        if missing > 0:
            self._spare = np.concatenate((self._spare, self._make(missing)))
        out, self._spare = self._spare[:samples], self._spare[samples:]
        return out.copy() if len(self._spare) else out

    def _make(self, samples: int) -> NDArray[np.float64]:
        """At least so many samples, in whole blocks."""
        if not kernels.play_acid.signatures:  # type: ignore[attr-defined]
            _log.info("compiling the 303, or loading it as compiled before; the first time takes some seconds")
        fresh = np.empty(samples + self._late + int(self._constants[kernels.BLOCK]))
        state = self._moving, self._line, self._places
        made = kernels.play_acid(self._events, self._constants, self._taps, *state, fresh)
        late, self._late = self._late, 0
        return fresh[late:made]


def play_line(score: Score, samples: int, sample_rate: float, knobs: AcidKnobs | None = None) -> NDArray[np.float64]:
    """Play the bass of a score, dry.

    Args:
        score: Its swing is applied, its filter curves take over the knobs where they start.
        samples: How long the result is; what lies later is left out.
        sample_rate: Samples a second.
        knobs: The sound; as the defaults if not given.

    Returns:
        (samples,), about -1..1.
    """
    return AcidLine(score, sample_rate, knobs).play(samples)


def slide_pitch(before: float, after: float, seconds: float) -> float:
    """The pitch that a slide has reached, in semitones: an RC of 22 ms in log-frequency.

    Args:
        before: Pitch that the slide comes from.
        after: Pitch that it goes to.
        seconds: Since the start of the note that is slid into.
    """
    return after + (before - after) * math.exp(-seconds / SLIDE_SECONDS)


_Row = tuple[int, int, int, float, float]
"""Sample, which goes first at one sample, kind, value, and accent or samples."""


def _line_events(
    score: Score, sample_rate: float, knobs: AcidKnobs, opening: Sequence[tuple[int, float]]
) -> NDArray[np.float64]:
    """What happens when, as rows of `kernels.play_acid`; at one sample, notes end before others start."""

    def sample(tick: int) -> int:
        return sample_of(tick, score, sample_rate)

    rows = list(_note_rows(score, knobs.tuning, sample))
    for name, kind in (("cutoff", kernels.CUTOFF), ("resonance", kernels.RESONANCE)):
        curve = [(control.tick, control.value / 127) for control in score.controls if control.name == name]
        rows += _curve_rows(kind, curve, _LONGEST_RAMP, sample)
    rows += _curve_rows(kernels.OPENING, sorted(opening, key=lambda point: point[0]), None, sample)
    rows += [(sample(max(tick for tick, _ in opening)), 0, kernels.OPENING, 0.0, 0.0)] if opening else []
    rows.sort(key=lambda row: row[:2])
    return np.array([(at, kind, value, extra) for at, _, kind, value, extra in rows], dtype=np.float64).reshape(-1, 4)


def _note_rows(score: Score, tuning: float, sample: Callable[[int], int]) -> Iterator[_Row]:
    held = False
    for note in score.bass:
        kind = kernels.GLIDE if held else kernels.TRIGGER
        yield sample(note.start), 1, kind, note.pitch - 69 + tuning, float(note.accent)
        held = note.slide
        if not held:
            yield sample(note.end), 0, kernels.RELEASE, 0.0, 0.0
    if held and score.bass[-1].end == score.length and score.bass[0].start == 0:
        yield sample(score.length), 0, kernels.RELEASE, 0.0, 0.0


def _curve_rows(
    kind: int, curve: Sequence[tuple[int, float]], longest: int | None, sample: Callable[[int], int]
) -> Iterator[_Row]:
    """Straight lines between points of (tick, value); one that takes longer than `longest` ticks starts late."""
    for k, (tick, value) in enumerate(curve):
        end = start = sample(tick)
        if k > 0:
            before = curve[k - 1][0]
            start = sample(before if longest is None else max(before, tick - longest))
        yield start, 0, kind, value, float(end - start)


def _start(knobs: AcidKnobs) -> NDArray[np.float64]:
    moving = np.zeros(kernels.MOVING)
    moving[kernels.CUT : kernels.CUT + 2] = knobs.cutoff
    moving[kernels.FEED : kernels.FEED + 2] = knobs.resonance
    moving[kernels.PHASE] = kernels.REST_PHASE
    return moving


def _constants(knobs: AcidKnobs, sample_rate: float) -> NDArray[np.float64]:
    """By the places that the kernels name, in that order."""
    drive = 10 ** (knobs.drive / 20)
    low, high = _DECAY_RANGE
    decay = low * (high / low) ** knobs.decay
    seconds = (SLIDE_SECONDS, _ACCENT_DECAY, decay, _ATTACK, _SWEEP, _BODY, _RELEASE, _ACCENT_RELEASE, _KNOB_SLACK)
    poles, weights = _coupling()
    return np.array(
        [
            sample_rate,
            knobs.waveform == "square",
            knobs.envelope,
            knobs.accent,
            _OVERDRIVE * drive,
            1 / (_OVERDRIVE * math.sqrt(drive)),
            knobs.free_running,
            max(1, round(_BLOCK_SECONDS * sample_rate)),
            *(_share(s, sample_rate) for s in seconds),
            *_declick(sample_rate),
            _share(1 / (2 * math.pi * _COUPLING_IN), sample_rate * kernels.OVERSAMPLING),
            *(_share(1 / (2 * math.pi * pole), sample_rate) for pole in poles),
            *weights,
        ],
        dtype=np.float64,
    )


def _share(seconds: float, rate: float) -> float:
    """The share of its way that an RC goes in one sample."""
    return -math.expm1(-1 / (seconds * rate))


def _declick(sample_rate: float) -> tuple[float, float, float]:
    """A low-pass of second order without overshoot to speak of, which rounds the amplifier's envelope."""
    x = math.tan(math.pi * min(_DECLICK_HERTZ / sample_rate, 0.25))
    norm = 1 / (1 + math.sqrt(2) * x + x * x)
    return x * x * norm, 2 * (x * x - 1) * norm, (1 - math.sqrt(2) * x + x * x) * norm


def _coupling() -> tuple[list[float], list[float]]:
    """What the capacitors behind the ladder do, as 1 + sum of weights over one-pole low-passes at some poles in Hz.

    A high-pass, an all-pass and a notch so wide that its poles are real: four poles in all, so that partial fractions
    make four low-passes side by side of them.
    """
    width = 2 * math.sinh(math.log(2) / 2 * _NOTCH_OCTAVES) * _NOTCH
    spread = math.sqrt(width * width / 4 - _NOTCH**2)
    poles = [_COUPLING_OUT, _ALL_PASS, width / 2 + spread, width / 2 - spread]
    weights = [
        (pole + _ALL_PASS) * (pole**2 + _NOTCH**2) / math.prod(other - pole for other in poles if other != pole)
        for pole in poles
    ]
    return poles, weights


def _decimation_taps() -> NDArray[np.float64]:
    """A windowed sinc that keeps what the sample rate can hold: -6 dB at 0.47 of it, -70 dB from 0.6 on."""
    places = np.arange(-kernels.HALF_TAPS, kernels.HALF_TAPS + 1)
    edge = 0.94 / kernels.OVERSAMPLING
    taps = edge * np.sinc(edge * places) * np.kaiser(len(places), 7.0)
    return np.asarray(taps / taps.sum(), dtype=np.float64)
