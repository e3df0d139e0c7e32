"""One constant tempo over a whole recording: the pulse of 16ths that explains the onsets, to 0.01 beats a minute."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.features import BANDS, FRAME_RATE, Array
from technogen.transcription.onsets import Onsets

Vector = NDArray[np.float64]

USUAL_TEMPO = 130.0
_USUAL_OCTAVES = 0.3  # standard deviation of the prior on the tempo
_FEW_ONSETS = 4
_WINDOW_SECONDS = 12.0
_STEADY_SECONDS = 4.0
_MAX_WINDOWS = 24
_ELSEWHERE_SECONDS, _ELSEWHERE_RANGE, _ELSEWHERE_ONSETS = 6.0, 0.35, 12
_THREES = 10.0
_CLEAR = 0.75  # of the onsets' weight keep time
_COARSE_STEP = 0.25  # beats a minute
_SLACK = 0.01  # how far outside the range asked for a fit may end
_SPREAD_SECONDS = 0.008  # how far machine-made onsets lie from their grid
_PEAKS = 8
_RATIOS = (1.0, 2.0, 0.5, 4 / 3, 3 / 4, 3 / 2, 2 / 3)
_SWINGS = np.arange(0.5, 0.7001, 0.01)
GROUPS = (0, 5, 9, 14, 19, 24, BANDS)
"""The registers of the bands: where each starts, and the end."""
_REPEAT_WEIGHT, _FIT_WEIGHT, _TEMPO_WEIGHT, _SIXTEENTH_WEIGHT = 4.0, 8.0, 1.0, 1.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """A train of 16ths, on which it is not yet known which of them is a beat.

    Attributes:
        tempo: Beats a minute.
        offset: Seconds of one even 16th (one that swing leaves in place).
        swing: 0.5 to 0.75; with 0.5 there is nothing to tell even 16ths from odd ones.
        fit: How well the onsets fall on the 16ths: 1 all, 0 as by chance.
        score: How likely this pulse is among others (a logarithm).
        tempo_error: The standard error of the tempo.
    """

    tempo: float
    offset: float
    swing: float
    fit: float
    score: float
    tempo_error: float = 0.0

    def sixteenths(self, count: int, first: int = 0) -> Vector:
        """The seconds of `count` 16ths from number `first` on; number 0 is at `offset`."""
        number = np.arange(first, first + count)
        eighth = 30 / self.tempo
        return np.asarray(self.offset + (number // 2 + np.where(number % 2, self.swing, 0.0)) * eighth)


def find_pulses(onsets: Onsets, strength: Array, tempo_range: tuple[float, float]) -> list[Pulse]:
    """The likeliest pulses, best first; none where fewer than four onsets were heard.

    Args:
        onsets: Of the whole recording.
        strength: Onset strength by frame and band, (t, bands).
        tempo_range: The lowest and the highest tempo allowed; equal where the tempo is given.
    """
    if len(onsets.times) < 4:
        return []
    weights = np.minimum(onsets.strengths, 1.0)
    low, high = tempo_range
    groups = group_strength(strength)
    pulses: list[Pulse] = []
    fixed = high - low < 1e-6
    for tempo in [low] if fixed else _candidates(onsets.times, weights, low, high):
        pulse = _fit_pulse(onsets.times, weights, tempo, fixed=fixed)
        inside = low * (1 - _SLACK) <= pulse.tempo <= high * (1 + _SLACK)
        if inside and all(abs(pulse.tempo / other.tempo - 1) > 0.004 for other in pulses):
            pulses.append(_score_pulse(pulse, groups))
    return sorted(pulses, key=lambda p: -p.score)


def settle_pulse(pulse: Pulse, onsets: Onsets, tempo: float | None = None) -> Pulse:
    """Round the tempo to the simplest figure that the onsets allow, and fit the phase to that.

    Sequencers run at whole beats a minute more often than not, then at halves: these are taken where the fit does not
    speak against it.

    Args:
        pulse: As fitted.
        onsets: What it was fitted to.
        tempo: The tempo that it must have, where that is known.
    """
    settled = simplify_tempo(pulse.tempo, pulse.tempo_error) if tempo is None else tempo
    weights = np.minimum(onsets.strengths, 1.0)
    middle = float(np.average(onsets.times, weights=weights))
    steps = (middle - pulse.offset) / (15 / pulse.tempo)
    offset = middle - steps * 15 / settled
    for reach in (4.0, 2.0, 1.0):
        beside = _places(onsets.times, settled, offset, pulse.swing)[2]
        near = np.abs(beside) < reach * 2 * _SPREAD_SECONDS
        if near.any():
            offset += _weighted_median(beside[near], weights[near])
    return replace(pulse, tempo=settled, offset=offset, swing=round(pulse.swing, 2))


def simplify_tempo(tempo: float, error: float) -> float:
    """The nearest whole, half or hundredth of a beat a minute, whichever is the first within three standard errors."""
    reach = min(max(3 * error, 0.02), 0.2)
    for step in (1.0, 0.5):
        simple = round(tempo / step) * step
        if abs(simple - tempo) <= reach:
            return simple
    return round(tempo, 2)


def steadiness(pulse: Pulse, onsets: Onsets) -> float:
    """How well one phase serves all windows of a recording, beside one phase for each: 1 steady, 0 adrift.

    Windows that have another tempo, and that one clearly, count against it.
    """
    weights = np.minimum(onsets.strengths, 1.0)
    beside = _places(onsets.times, pulse.tempo, pulse.offset, pulse.swing)[2]
    turn = np.exp(2j * np.pi * beside / (15 / pulse.tempo))
    count = max(1, int(onsets.times[-1] / _STEADY_SECONDS))
    window = np.minimum((onsets.times / _STEADY_SECONDS).astype(int), count - 1)
    sums = np.bincount(window, weights * turn.real, count) + 1j * np.bincount(window, weights * turn.imag, count)
    return float(abs(sums.sum()) / (np.abs(sums).sum() + 1e-9)) * (1 - _share_elsewhere(onsets, pulse.tempo)) ** 2


def looseness(pulse: Pulse, onsets: Onsets) -> float:
    """How many seconds half of the onsets lie beside their 16ths: about 0.001 for machines, 0.004 or more for hands."""
    beside = np.abs(_places(onsets.times, pulse.tempo, pulse.offset, pulse.swing)[2])
    return _weighted_median(beside, np.minimum(onsets.strengths, 1.0))


def _share_elsewhere(onsets: Onsets, tempo: float) -> float:
    """The share of windows whose onsets another tempo explains far better."""
    tempos = tempo * np.exp(np.arange(-_ELSEWHERE_RANGE, _ELSEWHERE_RANGE, 0.01))
    starts = np.arange(onsets.times[0], max(onsets.times[-1] - _ELSEWHERE_SECONDS, onsets.times[0] + 1e-3), 3.0)
    elsewhere = judged = 0
    for start in starts:
        chosen = slice(*np.searchsorted(onsets.times, (start, start + _ELSEWHERE_SECONDS)))
        times, weights = onsets.times[chosen] - start, np.minimum(onsets.strengths[chosen], 1.0)
        if len(times) < _ELSEWHERE_ONSETS:
            continue
        judged += 1
        own, best = (float(measure_pulses(times, weights, t / 15).max()) for t in (np.array([tempo]), tempos))
        elsewhere += best > _CLEAR and own < best / 2
    return elsewhere / max(1, judged)


def measure_pulses(times: Vector, weights: Vector, rates: Vector) -> Vector:
    """How far onsets keep to a train of pulses, whatever its phase: 1 all, about 1 / sqrt(n) by chance.

    Args:
        times: Seconds, (n,).
        weights: How much each counts, (n,).
        rates: Pulses a second.
    """
    return np.asarray(np.abs(np.exp(2j * np.pi * np.outer(rates, times)) @ weights) / (weights.sum() + 1e-9))


def _weighted_median(values: Vector, weights: Vector) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def group_strength(strength: Array) -> Array:
    """Onset strength in six broad bands, each of equal weight, (t, 6)."""
    from scipy.ndimage import maximum_filter1d  # noqa: PLC0415

    parts = [strength[:, a:b].sum(axis=1) for a, b in zip(GROUPS, GROUPS[1:])]
    groups = np.stack(parts, axis=1)
    return np.asarray(maximum_filter1d(groups, 5, axis=0) / (groups.std(axis=0) + 1e-6), dtype=np.float32)


def _candidates(times: Vector, weights: Vector, low: float, high: float) -> list[float]:
    """Tempos to look at closely: peaks of the coarse scan, and what stands in simple ratios to them."""
    tempos = np.arange(low / 2, high * 2 + _COARSE_STEP, _COARSE_STEP)
    salience = _scan(times, weights, tempos)
    inner = (salience[1:-1] >= salience[:-2]) & (salience[1:-1] > salience[2:])
    peaks = np.flatnonzero(inner) + 1
    best = tempos[peaks[np.argsort(-salience[peaks])[:_PEAKS]]]
    related = [float(t * ratio) for t in best for ratio in _RATIOS if low <= t * ratio <= high]
    return related or [min(max(USUAL_TEMPO, low), high)]


def _scan(times: Vector, weights: Vector, tempos: Vector) -> Vector:
    """How strongly 16ths of each tempo are in the onsets, averaged over windows, so that phase may drift."""
    total = np.zeros(len(tempos))
    for window in _windows(times):
        t, w = times[window], weights[window]
        if len(t) >= 4:
            phase = np.exp(2j * np.pi * np.outer(tempos / 15, t - t[0]))
            total += np.abs(phase @ w)
    return total


def _windows(times: Vector) -> list[slice]:
    first, end = float(times[0]), float(times[-1])
    count = int(min(_MAX_WINDOWS, max(1, (end - first) // _WINDOW_SECONDS)))
    starts = np.linspace(first, max(first, end - _WINDOW_SECONDS), count)
    return [slice(*np.searchsorted(times, (s, s + _WINDOW_SECONDS + 1e-6))) for s in starts]


def _fit_pulse(times: Vector, weights: Vector, tempo: float, *, fixed: bool) -> Pulse:
    """Zoom in on a tempo over longer and longer spans, find phase and swing, and settle them by least squares.

    Where the tempo is fixed, phase and swing alone are found.
    """
    tempo = tempo if fixed else _zoom(times, weights, tempo)
    offset, swing = _find_phase(times, weights, tempo)
    pulse = Pulse(tempo, offset, swing, 0.0, 0.0, 1.0)
    for spread in () if fixed else (2.0, 1.0, 0.5):
        pulse = _regress(times, weights, pulse, spread * _SPREAD_SECONDS)
    return replace(pulse, fit=_fit_of(times, weights, pulse))


def _zoom(times: Vector, weights: Vector, tempo: float) -> float:
    span, end = _WINDOW_SECONDS, float(times[-1] - times[0])
    middle = float(np.median(times))
    while True:
        near = np.abs(times - middle) <= span / 2
        t, w = times[near] - middle, weights[near]
        width = 0.6 * 15 / min(span, max(end, 1.0))
        around = tempo + np.linspace(-width, width, 25)
        rates = np.concatenate([around / 15, around / 30, around / 60])
        energy = np.abs(np.exp(2j * np.pi * np.outer(rates, t)) @ w) if len(t) else np.zeros(75)
        tempo = float(around[energy.reshape(3, -1).sum(axis=0).argmax()])
        if span >= 2 * end:
            return tempo
        span *= 2


def _find_phase(times: Vector, weights: Vector, tempo: float) -> tuple[float, float]:
    """The phase within an 8th and the swing that most onsets agree with; straight unless swing is clearly better."""
    eighth = 30 / tempo
    bins = 100
    histogram = np.bincount(np.floor(times / eighth % 1 * bins).astype(int) % bins, weights, bins)
    spread = _SPREAD_SECONDS / eighth * bins
    distance = np.minimum(np.arange(bins), bins - np.arange(bins))
    kernel = np.exp(-0.5 * (distance / max(spread, 1.0)) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(histogram) * np.fft.rfft(kernel), bins)
    scores = np.stack([smooth + np.roll(smooth, -round(s * bins)) for s in _SWINGS])
    best_swing, best_phase = np.unravel_index(scores.argmax(), scores.shape)
    swing = float(_SWINGS[best_swing])
    if swing < 0.53 or scores.max() < 1.1 * scores[0].max():
        swing, best_phase = 0.5, scores[0].argmax()
    return (float(best_phase) + 0.5) / bins * eighth, swing


def _places(times: Vector, tempo: float, offset: float, swing: float) -> tuple[Vector, Vector, Vector]:
    """For each onset: its 8th, whether it is on the second 16th of that, and how many seconds it lies beside it."""
    eighth = 30 / tempo
    position = (times - offset) / eighth
    number = np.floor(position + (1 - swing) / 2)
    within = position - number  # from -(1 - swing) / 2 on
    odd = (within > swing / 2).astype(float)
    return number, odd, (within - odd * swing) * eighth


def _regress(times: Vector, weights: Vector, pulse: Pulse, spread: float) -> Pulse:
    """Weighted least squares of onset times on their numbers; what lies far beside its place counts for little."""
    number, odd, beside = _places(times, pulse.tempo, pulse.offset, pulse.swing)
    trust = weights * np.exp(-0.5 * (beside / spread) ** 2)
    swung = pulse.swing > 0.5
    columns = [np.ones_like(number), number + (0 if swung else 0.5) * odd, *([odd] if swung else [])]
    if trust.sum() < 1e-3 or np.ptp(number) < 4:
        return pulse
    root = np.sqrt(trust)
    solution = np.linalg.lstsq(np.stack(columns, axis=1) * root[:, None], times * root, rcond=None)[0]
    eighth = float(solution[1])
    if not 0.98 < eighth * pulse.tempo / 30 < 1.02:
        return pulse
    swing = float(np.clip(solution[2] / eighth, 0.5, 0.75)) if swung else 0.5
    deviation = np.sqrt(float(trust @ beside**2) / trust.sum() + 1e-6)  # a millisecond at least
    effective = trust.sum() ** 2 / float(trust @ trust)
    spread_of_numbers = np.sqrt(np.cov(number, aweights=trust)) + 1e-9
    error = deviation / np.sqrt(effective) / spread_of_numbers / eighth * 30 / eighth
    return replace(pulse, tempo=30 / eighth, offset=float(solution[0]), swing=swing, tempo_error=float(error))


def _fit_of(times: Vector, weights: Vector, pulse: Pulse) -> float:
    """The share of onsets on the grid, less what chance would put there; few onsets prove little."""
    beside = _places(times, pulse.tempo, pulse.offset, pulse.swing)[2]
    spread = 1.5 * _SPREAD_SECONDS
    share = float(weights @ np.exp(-0.5 * (beside / spread) ** 2) / weights.sum())
    chance = min(0.9, spread * math.sqrt(2 * math.pi) * pulse.tempo / 15)
    return max(0.0, (share - chance) / (1 - chance)) * len(times) / (len(times) + _FEW_ONSETS)


def _score_pulse(pulse: Pulse, groups: Array) -> Pulse:
    octaves = np.log2(pulse.tempo / USUAL_TEMPO) / _USUAL_OCTAVES
    numbers, slots = slot_strength(pulse, groups)
    score = _FIT_WEIGHT * pulse.fit + _REPEAT_WEIGHT * _repetition(slots) - _TEMPO_WEIGHT * 0.5 * octaves**2
    return replace(pulse, score=float(score) + _SIXTEENTH_WEIGHT * _odd_share(numbers, slots))


def _odd_share(numbers: NDArray[np.int64], slots: Array) -> float:
    """Whether there is something on odd 16ths, 0 to 1: else the true tempo may be half of this."""
    odd, even = float(slots[numbers % 2 == 1].sum()), float(slots[numbers % 2 == 0].sum())
    return min(1.0, 4 * min(odd, even) / (odd + even + 1e-9))


def slot_strength(pulse: Pulse, groups: Array) -> tuple[NDArray[np.int64], Array]:
    """The numbers of the pulse's 16ths inside the recording, (slots,), and what starts at each, (slots, groups)."""
    sixteenth = 15 / pulse.tempo
    first = int(np.ceil(-pulse.offset / sixteenth - 1))
    count = int(len(groups) / FRAME_RATE / sixteenth) + 3
    frames = np.round(pulse.sixteenths(count, first) * FRAME_RATE).astype(int)
    inside = (frames >= 0) & (frames < len(groups))
    return np.arange(first, first + count)[inside], groups[frames[inside]]


def _repetition(slots: Array) -> float:
    """How much better music matches itself a bar later than at other distances, -1..1."""
    lags = [lag for lag in range(1, 33) if lag < 0.7 * len(slots)]
    if len(lags) < 16:
        return 0.0
    alike = {lag: _likeness(slots[:-lag], slots[lag:]) for lag in lags}
    return alike[16] - float(np.mean(list(alike.values())))


def trust_fours(pulse: Pulse, strength: Array) -> float:
    """How far to trust bars of four beats, 0..1: less where music matches itself better three and six beats later."""
    slots = slot_strength(pulse, group_strength(strength))[1]
    if len(slots) < 48:
        return 1.0
    three, four = (_likeness(slots[:-n], slots[n:]) + _likeness(slots[: -2 * n], slots[2 * n :]) for n in (12, 16))
    return math.exp(-_THREES * max(0.0, three - four))


def _likeness(a: Array, b: Array) -> float:
    return float((a * b).sum() / (np.sqrt((a**2).sum() * (b**2).sum()) + 1e-9))
