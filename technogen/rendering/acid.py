"""The 303: a bassline of a score becomes samples, with its slides, accents and filter movement."""

from __future__ import annotations

import logging
import math

import numpy as np
from numpy.typing import NDArray

from technogen.rendering import acid_kernels as kernels
from technogen.rendering.clock import sample_of
from technogen.rendering.options import AcidKnobs
from technogen.score import Score

_log = logging.getLogger(__name__)

_DECAY_RANGE = (0.2, 2.0)
_ATTACK, _BODY, _RELEASE, _ACCENT_RELEASE = 0.0025, 1.23, 0.0015, 0.03
_ACCENT_FILL, _ACCENT_EMPTY = 0.025, 0.06
_DECLICK, _KNOB_SLACK = 0.0007, 0.005


def play_line(score: Score, samples: int, sample_rate: int, knobs: AcidKnobs | None = None) -> NDArray[np.float64]:
    """Play the bass of a score, dry.

    Args:
        score: Its swing is applied, its filter curves take over the knobs where they start.
        samples: How long the result is; what lies later is left out.
        sample_rate: Samples a second.
        knobs: The sound; as the defaults if not given.

    Returns:
        (samples,), about -1..1.
    """
    knobs = knobs or AcidKnobs()
    out = np.zeros(samples)
    if not score.bass:
        return out
    if not kernels.play_acid.signatures:  # type: ignore[attr-defined]
        _log.info("compiling the 303, or loading it as compiled before; the first time takes some seconds")
    taps = _decimation_taps()
    kernels.play_acid(
        _line_events(score, sample_rate, knobs), _knob_values(knobs, sample_rate), _rates(knobs, sample_rate), taps, out
    )
    return out


def slide_pitch(before: float, after: float, seconds: float) -> float:
    """The pitch that a slide has reached, in semitones: an RC of 22 ms in log-frequency.

    Args:
        before: Pitch that the slide comes from.
        after: Pitch that it goes to.
        seconds: Since the start of the note that is slid into.
    """
    return after + (before - after) * math.exp(-seconds / kernels.SLIDE_SECONDS)


def _line_events(score: Score, sample_rate: int, knobs: AcidKnobs) -> NDArray[np.float64]:
    """What happens when, as rows of `kernels.play_acid`; at one sample, notes end before others start."""
    rows: list[tuple[int, int, int, float, float]] = []
    slid = score.bass[-1].slide and score.bass[-1].end == score.length and score.bass[0].start == 0
    held = False
    for note in score.bass:
        kind = kernels.GLIDE if held else kernels.TRIGGER
        pitch = note.pitch - 69 + knobs.tuning
        rows.append((sample_of(note.start, score, sample_rate), 1, kind, pitch, float(note.accent)))
        held = note.slide
        if not held:
            rows.append((sample_of(note.end, score, sample_rate), 0, kernels.RELEASE, 0.0, 0.0))
    if held and slid:
        rows.append((sample_of(score.length, score, sample_rate), 0, kernels.RELEASE, 0.0, 0.0))
    for control in score.controls:
        kind = kernels.CUTOFF if control.name == "cutoff" else kernels.RESONANCE
        rows.append((sample_of(control.tick, score, sample_rate), 0, kind, control.value / 127, 0.0))
    rows.sort(key=lambda row: row[:2])
    return np.array([(at, kind, value, accent) for at, _, kind, value, accent in rows], dtype=np.float64)


def _knob_values(knobs: AcidKnobs, sample_rate: int) -> NDArray[np.float64]:
    values = np.zeros(8)
    values[kernels.K_RATE] = sample_rate
    values[kernels.K_SQUARE] = knobs.waveform == "square"
    values[kernels.K_CUTOFF] = knobs.cutoff
    values[kernels.K_RESONANCE] = knobs.resonance
    values[kernels.K_ENVELOPE] = knobs.envelope
    values[kernels.K_DECAY] = knobs.decay
    values[kernels.K_ACCENT] = knobs.accent
    values[kernels.K_DRIVE] = 10 ** (knobs.drive / 20)
    return values


def _rates(knobs: AcidKnobs, sample_rate: int) -> NDArray[np.float64]:
    """The share of its way that each RC goes in one sample, in the order that the kernel wants."""
    low, high = _DECAY_RANGE
    seconds = (
        kernels.SLIDE_SECONDS,
        kernels.ACCENT_DECAY,
        low * (high / low) ** knobs.decay,
        _ATTACK,
        _ACCENT_FILL,
        _ACCENT_EMPTY,
        _BODY,
        _RELEASE,
        _ACCENT_RELEASE,
        _DECLICK,
        _KNOB_SLACK,
    )
    return np.array([-math.expm1(-1 / (s * sample_rate)) for s in seconds])


def _decimation_taps() -> NDArray[np.float64]:
    """A windowed sinc that keeps what the sample rate can hold: -6 dB at 0.47 of it, -70 dB from 0.6 on."""
    places = np.arange(-kernels.HALF_TAPS, kernels.HALF_TAPS + 1)
    edge = 0.94 / kernels.OVERSAMPLING
    taps = edge * np.sinc(edge * places) * np.kaiser(len(places), 7.0)
    return np.asarray(taps / taps.sum(), dtype=np.float64)
