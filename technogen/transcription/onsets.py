"""Where something starts: onset strength by frame and band, and onset times refined to about a millisecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import ENVELOPE_RATE, FRAME_RATE, Array, Features, Half

Times = NDArray[np.float64]

_GAIN = 300.0  # the loudest band amplitude becomes this many units before the logarithm
_LAG = 3  # frames between the two spectra that are compared
_NEIGHBOURHOOD_SECONDS = 0.03
_BACKGROUND_SECONDS = 0.25
_END_SECONDS = 0.03
_THRESHOLD = 0.12  # of the strong onsets' strength
_LEAST_STRONG = 12.0  # strong onsets of any music are over 15, the ripple of a tone is 0.1
_STANDS_OUT = 3.0  # times what goes on all the time: 2 in noise, 5 and more in music
_REFINE_SECONDS = 0.03
_LATENCY_SECONDS = 0.0014  # logarithms rise as soon as the window touches an attack
_TRUST_SECONDS = 0.012  # how far from a peak of the strength its onset may lie
_SLICES = 8  # envelope slices on either side of an attack
_PAUSE_SECONDS, _FAINT = 1.0, 1e-3  # quieter than 60 dB below the loudest for longer than this on either side: a pause
_BLOCK, _ONSETS = 4096, 1024


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
    bands = features.bands
    out = np.zeros(bands.shape, dtype=np.float32)
    loudest = float(np.max(bands, initial=0.0))
    if loudest <= 0:
        return out
    gain = np.float32(_GAIN / loudest)
    for at in range(0, len(bands), _BLOCK):
        first = max(0, at - _LAG)
        level = np.log1p(bands[first : at + _BLOCK].astype(np.float32) * gain)
        level = np.pad(level, ((_LAG - (at - first), 0), (0, 0)))  # silence before the recording
        out[at : at + _BLOCK] = np.maximum(
            level[_LAG:] - np.maximum(level[:-_LAG], level[1 : len(level) - _LAG + 1]), 0
        )
    return out


def find_onsets(features: Features, strength: Array) -> Onsets:
    """Pick the onsets of a recording.

    Args:
        features: The recording.
        strength: From `onset_strength`, or some of its bands.
    """
    total = _smooth(strength.sum(axis=1), 3)
    sounding = total[_sounding(features)]
    usual, strong = np.percentile(sounding, (50, 99)) if len(sounding) else (0.0, 0.0)
    if strong < _STANDS_OUT * usual or not len(sounding):
        return Onsets(np.zeros(0), np.zeros(0))
    strong = max(_LEAST_STRONG, float(strong))
    frames = _pick_peaks(total / strong)
    rough = frames / FRAME_RATE
    return _merge(refine_times(features, rough), total[frames] / strong)


def _sounding(features: Features) -> NDArray[np.bool_]:
    """Where there is sound, or was or will be within a second: a long silence says nothing of what is strong."""
    from scipy.ndimage import maximum_filter1d  # noqa: PLC0415

    level = features.bands.max(axis=1).astype(np.float32)
    nearby = maximum_filter1d(level, 2 * round(_PAUSE_SECONDS * FRAME_RATE) + 1)
    return np.asarray(nearby > _FAINT * level.max())


def refine_times(features: Features, times: Times) -> Times:
    """Move times to the steepest relative rise of the fine envelope close by, low, middle and high taken together."""
    envelope = features.envelope
    if not len(times) or len(envelope) < 4 * _SLICES:
        return times
    blocks = (envelope[at : at + _BLOCK].astype(np.float64) for at in range(0, len(envelope), _BLOCK))
    floor = sum((block**2).sum(axis=0) for block in blocks) / len(envelope) * _SLICES * 1e-3 + 1e-12  # (3,)
    parts = [_refine_block(envelope, times[at : at + _ONSETS], floor) for at in range(0, len(times), _ONSETS)]
    return np.concatenate(parts)


def _refine_block(envelope: Half, times: Times, floor: Times) -> Times:
    reach = int(_REFINE_SECONDS * ENVELOPE_RATE)
    shifts = np.arange(-reach, reach + 1)
    centres = np.round(times * ENVELOPE_RATE).astype(int)
    rise = _rise(_cut(envelope, centres, reach + _SLICES), floor)
    rise = rise - (shifts / ENVELOPE_RATE / _TRUST_SECONDS) ** 2
    best = rise.argmax(axis=1)
    clear = rise[np.arange(len(times)), best] > 0.3
    found = (centres + shifts[best]) / ENVELOPE_RATE + _LATENCY_SECONDS
    return np.asarray(np.clip(np.where(clear, found, times), 0, None))


def _cut(envelope: Half, centres: NDArray[np.int64], reach: int) -> Times:
    """The energy from `reach` slices before each centre up to as many after it, (n, 2 * reach, 3)."""
    rows = centres[:, None] + np.arange(-reach, reach)
    energy = envelope[np.clip(rows, 0, len(envelope) - 1)].astype(np.float64) ** 2
    energy[(rows < 0) | (rows >= len(envelope))] = 0
    return np.asarray(energy)


def _rise(energy: Times, floor: Times) -> Times:
    """The logarithm of the energy after each place to that before it, none below 0, summed over registers."""
    sums = np.cumsum(np.pad(energy, ((0, 0), (1, 0), (0, 0))), axis=1)
    windows = sums[:, _SLICES:] - sums[:, :-_SLICES]
    ratio = (windows[:, _SLICES:] + floor) / (windows[:, :-_SLICES] + floor)
    return np.asarray(np.maximum(np.log(ratio), 0).sum(axis=2))


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
