"""Where something starts: onset strength by frame and band, and onset times refined to about a millisecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import ENVELOPE_RATE, FRAME_RATE, Array, Features

Times = NDArray[np.float64]

_GAIN = 300.0  # the loudest band amplitude becomes this many units before the logarithm
_LAG = 3  # frames between the two spectra that are compared
_NEIGHBOURHOOD_SECONDS = 0.03
_BACKGROUND_SECONDS = 0.25
_END_SECONDS = 0.03
_THRESHOLD = 0.12  # of the strong onsets' strength
_REFINE_SECONDS = 0.03
_LATENCY_SECONDS = 0.0014  # logarithms rise as soon as the window touches an attack
_TRUST_SECONDS = 0.012  # how far from a peak of the strength its onset may lie
_SLICES = 8  # envelope slices on either side of an attack


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """Onsets of a recording.

    Attributes:
        times: Seconds, ascending, (n,).
        strengths: 1 is as strong as the file's strong ones, (n,).
    """

    times: Times
    strengths: Times


def onset_strength(features: Features) -> Array:
    """How much each band rises at each frame, as a difference of logarithms, (t, bands)."""
    loudest = float(np.max(features.bands, initial=0.0))
    if loudest <= 0:
        return np.zeros_like(features.bands)
    level = np.log1p(features.bands * np.float32(_GAIN / loudest))
    rise = level.copy()
    rise[_LAG:] -= np.maximum(level[:-_LAG], level[1 : len(level) - _LAG + 1])
    rise[_LAG - 1 : _LAG] -= level[:1]
    return np.asarray(np.maximum(rise, 0, out=rise), dtype=np.float32)


def find_onsets(features: Features, strength: Array) -> Onsets:
    """Pick the onsets of a recording.

    Args:
        features: The recording.
        strength: From `onset_strength`, or some of its bands.
    """
    total = _smooth(strength.sum(axis=1), 3)
    strong = float(np.percentile(total, 99)) if len(total) else 0.0
    if strong <= 1e-6:
        return Onsets(np.zeros(0), np.zeros(0))
    frames = _pick_peaks(total / strong)
    rough = frames / FRAME_RATE
    return _merge(refine_times(features, rough), total[frames] / strong)


def refine_times(features: Features, times: Times) -> Times:
    """Move times to the steepest relative rise of the fine envelope close by, low, middle and high taken together."""
    envelope = features.envelope
    if not len(times) or len(envelope) < 4 * _SLICES:
        return times
    reach = int(_REFINE_SECONDS * ENVELOPE_RATE)
    shifts = np.arange(-reach, reach + 1)
    centres = np.round(times * ENVELOPE_RATE).astype(int)[:, None] + shifts  # (n, places)
    rise = sum(_rise(envelope[:, band], centres) for band in range(envelope.shape[1]))
    rise = rise - (shifts / ENVELOPE_RATE / _TRUST_SECONDS) ** 2
    best = rise.argmax(axis=1)
    rows = np.arange(len(times))
    clear = rise[rows, best] > 0.3
    return np.clip(np.where(clear, centres[rows, best] / ENVELOPE_RATE + _LATENCY_SECONDS, times), 0, None)


def _rise(envelope: Array, centres: NDArray[np.int64]) -> NDArray[np.float64]:
    """The logarithm of the energy after each place to that before it, none below 0."""
    floor = float(envelope.mean()) * _SLICES * 1e-3 + 1e-12
    sums = np.concatenate([np.zeros(1), np.cumsum(envelope, dtype=np.float64)])
    starts, middles, ends = (sums[np.clip(centres + k, 0, len(envelope))] for k in (-_SLICES, 0, _SLICES))
    return np.asarray(np.maximum(np.log((ends - middles + floor) / (middles - starts + floor)), 0))


def _pick_peaks(total: Array) -> NDArray[np.int64]:
    from scipy.ndimage import maximum_filter1d, uniform_filter1d  # noqa: PLC0415

    near = 2 * round(_NEIGHBOURHOOD_SECONDS * FRAME_RATE) + 1
    background = uniform_filter1d(total, 2 * round(_BACKGROUND_SECONDS * FRAME_RATE) + 1)
    peaks = (total >= maximum_filter1d(total, near)) & (total > _THRESHOLD + 0.5 * background)
    peaks[len(total) - round(_END_SECONDS * FRAME_RATE) :] = False  # a sound that is cut off clicks
    return np.flatnonzero(peaks)


def _smooth(values: Array, width: int) -> Array:
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415

    return np.asarray(uniform_filter1d(values, width), dtype=np.float32)


def _merge(times: Times, strengths: Array) -> Onsets:
    """Onsets that came to within 15 ms of each other are one, at the stronger one's time."""
    order = np.argsort(times, kind="stable")
    kept: list[int] = []
    for i in order:
        if kept and times[i] - times[kept[-1]] < 0.015:
            if strengths[i] > strengths[kept[-1]]:
                kept[-1] = int(i)
            continue
        kept.append(int(i))
    return Onsets(times[kept], np.asarray(strengths, dtype=np.float64)[kept])
