"""From the mix to what is heard: tilt, bus compression, soft clipping, loudness in LUFS, true-peak limiting.

The mix is kept once and changed in place. Beside it, a chunk of some samples leaves two figures: its weighted energy
and its true peak. They are enough to find how far the limiter must be driven, so that it runs only once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from technogen.audio.loudness import BLOCK_SECONDS, block_edges, gate_loudness, gate_powers, weighting_filters
from technogen.rendering import bus_kernels as kernels
from technogen.rendering.effects import Filter, Sound, sections_of
from technogen.rendering.options import Mix
from technogen.rendering.plan import BLOCK, Plan
from technogen.rendering.tilting import tilt_sections

Line = NDArray[np.float64]

_STREAMING = -14.0
_THRESHOLD_ABOVE_TARGET = 6.0
_ATTACK, _RELEASE = 0.008, 0.12
_KNEE, _LOWEST = 0.6, 16.0
_CHUNK_SECONDS = 0.0008
_LOOK_AHEAD_CHUNKS, _LIMITER_RELEASE = 2, 0.15
_MARGIN = 0.25  # dB, for peaks that lie between the places where they are looked for
_MOST_GAIN = 30.0
_CLOSE_ENOUGH = 0.01
_GAIN_STEP = 0.1
"""Gains are whole steps of so many dB, so that a loop and a longer piece of the same passes get the same."""
_ALIKE = 0.4
"""How many LU the loudness of one pass may be off that of the whole, to stand for it."""
_TRIES = 16
_SILENT = 1e-7
_WARM_SECONDS = 2.0
"""How much of what comes before a loop the compressor and the limiter hear."""


class Master:
    """Takes a mix block by block, and gives it back at its loudness and below its ceiling."""

    def __init__(self, plan: Plan, mix: Mix) -> None:
        """Take what is played, and compression, loudness and ceiling."""
        self._mix, self._rate = mix, plan.sample_rate
        self._chunk = max(8, 2 ** int(math.log2(_CHUNK_SECONDS * self._rate)))
        before = min(plan.kept.start, round(_WARM_SECONDS * self._rate)) // self._chunk * self._chunk
        if plan.turn:
            before += (plan.kept.start - plan.turn.start) % self._chunk  # so that its chunks are those of any pass
        self._first = plan.kept.start - before
        self._wave = np.empty((plan.samples - self._first, 2), np.float32)
        self._wave[: max(0, -self._first)] = 0
        self._kept = slice(before, before + plan.kept.stop - plan.kept.start)
        self._turn = plan.turn and slice(plan.turn.start - self._first, plan.turn.stop - self._first)
        self._at = -self._first
        self._tilt = Filter(tilt_sections(mix.tilt, self._rate)) if mix.tilt else None
        self._weights = weighting_filters(self._rate)[:, [0, 1, 2, 4, 5]]

    def take(self, mixed: Sound) -> None:
        """Take the next block, (n, 2); not kept."""
        if self._tilt:
            self._tilt.play(mixed)
        stored = mixed[max(0, -self._at) :]
        start = max(0, self._at)
        self._wave[start : start + len(stored)] = stored
        self._at += len(mixed)

    def finish(self, report: Callable[[float], None]) -> Sound:
        """All that was taken, mastered, (samples, 2).

        Where almost nothing sounds, the loudness that was asked for may be out of reach.

        Args:
            report: Told how much of this is done, 0..1.
        """
        if _highest(self._wave[self._kept]) < _SILENT:
            return np.zeros_like(self._wave[self._kept])
        gain = _rounded(self._missing(self._weigh()))
        report(0.25)
        self._press(10 ** (gain / 20))
        report(0.5)
        with ThreadPoolExecutor(1) as pool:
            weighed = pool.submit(self._weigh)
            peaks = self._peaks()
            energies = weighed.result()
        report(0.75)
        ceiling = 10 ** ((self._mix.ceiling - _MARGIN) / 20)
        boost = 10 ** (self._find_boost(energies, peaks, ceiling) / 20)
        share = -math.expm1(-1 / (_LIMITER_RELEASE * self._rate))
        reach = _LOOK_AHEAD_CHUNKS * self._chunk
        kernels.limit(self._wave, peaks, _interpolation(), np.array([boost, ceiling, share, self._chunk]), reach)
        return self._wave[self._kept]

    def _blocks(self) -> Iterator[tuple[Sound, int]]:
        """The blocks of the wave, each with the number of its first chunk."""
        for start in range(0, len(self._wave), BLOCK):
            yield self._wave[start : start + BLOCK], start // self._chunk

    def _weigh(self) -> Line:
        """The weighted energy of each chunk."""
        energies = np.zeros(-(-len(self._wave) // self._chunk))
        state = np.zeros((2, 4))
        for block, chunk in self._blocks():
            part = energies[chunk : chunk - (-len(block) // self._chunk)]
            kernels.weigh(block, self._weights, state, self._chunk, part)
        return energies

    def _press(self, gain: float) -> None:
        """Compressor and clipper, and a high-pass for the direct current that clipping leaves."""
        mix = self._mix
        target = _STREAMING if mix.loudness is None else mix.loudness
        threshold = 10 ** ((target + _THRESHOLD_ABOVE_TARGET) / 20) / gain
        rates = -np.expm1(-1 / (np.array([_ATTACK, _RELEASE]) * self._rate))
        level, last = np.zeros(1), np.zeros(2)
        subsonic = None
        if _highest(self._wave) * gain > _KNEE:
            subsonic = Filter(sections_of(2, _LOWEST, "high", self._rate))
        for block, _ in self._blocks():
            if mix.compression > 1:
                kernels.compress(block, rates, threshold, mix.compression, level)
            kernels.clip_softly(block, gain, _KNEE, last)
            if subsonic:
                subsonic.play(block)

    def _peaks(self) -> Sound:
        """The true peak of each chunk, found in two halves at once."""
        peaks = np.zeros(-(-len(self._wave) // self._chunk), np.float32)
        half, phases = len(peaks) // 2, _interpolation()
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(kernels.true_peaks, self._wave, phases, self._chunk, half, peaks[half:])
            kernels.true_peaks(self._wave, phases, self._chunk, 0, peaks[:half])
            other.result()
        return peaks

    def _loudness(self, energies: Line) -> float:
        """By the energies of the chunks, the loudness of what repeats itself, where that is like the whole's."""
        whole = self._whole_loudness(energies)
        endless = self._endless_loudness(energies, self._turn) if self._turn else whole
        return endless if abs(endless - whole) < _ALIKE else whole

    def _whole_loudness(self, energies: Line) -> float:
        samples, start = self._kept.stop - self._kept.start, self._kept.start // self._chunk
        sums = np.concatenate([[0.0], np.cumsum(energies[start:])])
        places = np.minimum(np.arange(len(sums)) * self._chunk, len(self._wave) - self._kept.start)
        quarters = np.diff(np.interp(block_edges(samples, self._rate), places, sums))
        return gate_loudness(quarters, min(BLOCK_SECONDS * self._rate, samples))

    def _endless_loudness(self, energies: Line, turn: slice) -> float:
        """The loudness of a pass played for ever, by blocks that begin at each of its chunks."""
        sums = np.concatenate([[0.0], np.cumsum(energies)])
        places = np.minimum(np.arange(len(sums)) * self._chunk, len(self._wave))
        block, samples = BLOCK_SECONDS * self._rate, turn.stop - turn.start
        starts = np.arange(0, samples, self._chunk)
        turns, ends = np.divmod(starts + block, samples)
        first, last = np.interp([turn.start, turn.stop], places, sums)
        reached = np.interp(turn.start + ends, places, sums) + turns * (last - first)
        return gate_powers((reached - np.interp(turn.start + starts, places, sums)) / block)

    def _missing(self, energies: Line) -> float:
        """The gain in dB that brings this to its loudness, as far as it has one; else 0."""
        if self._mix.loudness is None:
            return 0.0
        loudness = self._loudness(energies)
        return float(np.clip(self._mix.loudness - loudness, -60, 40)) if np.isfinite(loudness) else 0.0

    def _find_boost(self, energies: Line, peaks: Sound, ceiling: float) -> float:
        """The gain into the limiter in dB that brings what leaves it to the loudness that is wanted."""
        tried: list[tuple[float, float]] = []
        boost = self._missing(energies)
        for _ in range(_TRIES):
            boost = min(boost, _MOST_GAIN)
            missing = self._missing(energies * self._gains(peaks, boost, ceiling) ** 2)
            if abs(missing) < _CLOSE_ENOUGH or (boost >= _MOST_GAIN and missing > 0):
                break
            tried.append((boost, missing))
            boost = _next_try(tried)
        return _rounded(boost)

    def _gains(self, peaks: Sound, decibels: float, ceiling: float) -> Line:
        """The gain of each chunk: a boost, turned down ahead of what would pass the ceiling, up again slowly."""
        from scipy.ndimage import minimum_filter1d, uniform_filter1d  # noqa: PLC0415

        boost = 10 ** (decibels / 20)
        high = peaks * boost
        if float(high.max()) <= ceiling:
            return np.full(len(peaks), boost)
        gains = minimum_filter1d(ceiling / np.maximum(high, ceiling), 2 * _LOOK_AHEAD_CHUNKS + 1, mode="nearest")
        kernels.recover(gains, -math.expm1(-self._chunk / (_LIMITER_RELEASE * self._rate)))
        return np.asarray(boost * uniform_filter1d(gains, 2 * _LOOK_AHEAD_CHUNKS + 1, mode="nearest"))


def _highest(wave: Sound) -> float:
    """The highest value, found without a second array of this size."""
    return max(float(wave.max(initial=0.0)), -float(wave.min(initial=0.0)))


def _rounded(decibels: float) -> float:
    return round(decibels / _GAIN_STEP) * _GAIN_STEP


def _next_try(tried: list[tuple[float, float]]) -> float:
    """Where the missing loudness should be none, by the last two tries."""
    boost, missing = tried[-1]
    if len(tried) > 1:
        before, missed = tried[-2]
        slope = (missing - missed) / (boost - before) if boost != before else -1.0
        return boost + min(12.0, missing / max(0.05, -slope))
    return boost + missing


def _interpolation() -> Sound:
    """Windowed sincs for a sample and three places up to the next, (4, 24)."""
    places = np.arange(-11, 13)[None, :] - np.arange(4)[:, None] / 4
    return np.asarray(np.sinc(places) * np.cos(np.pi * places / 26) ** 2, dtype=np.float32)
