"""What each step of a recording says about the bass: pitch, loudness, attack, and whether the sound before it holds on.

Steps are the sixteenths of the grid, or, without a grid, the pieces between attacks. Levels are in decibels below the
loud steps of the recording.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfiltfilt

from technogen.score import TICKS_PER_BEAT
from technogen.transcription.pitch import (
    GLIDES,
    HIGHEST_HERTZ,
    LOWEST_PITCH,
    SAMPLE_RATE,
    Glide,
    HarmonicBases,
    Signal,
    build_bases,
    cut,
    find_tuning,
    steady_evidence,
    unglide,
    whiten,
)
from technogen.transcription.types import Grid

Glides = NDArray[np.float32]

STEP_TICKS = TICKS_PER_BEAT // 4
STEPS_PER_BAR = 16
TUNING_STEPS = 32  # the loudest ones tell the tuning
GATE = 0.55  # of a step sounds for certain (the TB-303: 58 %)
SETTLING_SECONDS = 0.003
HOLD_DECIBELS = -6.0  # a sound that falls less than this before the next step has not been let go
WIDEST_GLIDE = 36  # semitones
FREE_STEP_SECONDS = 0.12
FREE_HOP_SECONDS = 0.01
FREE_ATTACK_DECIBELS = 6.0
SILENCE_DECIBELS = -60.0
SURE_EVIDENCE = 20.0  # nats: a pitch that nobody doubts
PITCHED_EVIDENCE = 15.0  # nats: a step that has some pitch
RESIDUE_DECIBELS = -9.0  # of a drum is left when it has been taken out
LEAST_OVERTONES = 3.0  # times what the overtones say is the most that a pitch counts
LEAST_LEFT = 0.01  # of the power of a step
LET_GO_DECIBELS = -26.0  # below the loud steps there is nothing that could hold on


@dataclass(frozen=True, slots=True)
class View:
    """Where to listen: in which band for attacks, up to which harmonics, and over which shares of a step."""

    band_hertz: tuple[float, float]
    highest_hertz: float
    gate: float  # of a step whose sound is let go
    whole: float  # of a step whose sound holds on
    edge: float  # of a step, before and after its beginning


ACID_VIEW = View((150.0, 2000.0), HIGHEST_HERTZ, GATE, 0.95, 0.22)  # above the kick, below the hats
LOW_VIEW = View((30.0, 300.0), 300.0, 1.0, 1.9, 0.47)  # where other instruments fill the middle


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps of a recording and what is heard in them.

    Attributes:
        starts: Seconds, (s,).
        seconds: The length of a straight step.
        evidence: Log-likelihood of each pitch, `LOWEST_PITCH` first, (s, p).
        level: Decibels below the loud steps, (s,).
        attack: How much louder a step's beginning is than what was before it, in decibels, (s,).
        hold: How much louder the end of the step before is than its middle, in decibels; below zero, (s,).
        reference: The level of the loud steps in decibels below full scale.
        whitened: The recording with a flat spectrum, tuned to A4 = 440 Hz.
        rate: Its samples a second.
        bases: Harmonic series over the gate and over the whole step.
        gated: The share of attacks that come out of quiet, 0..1.
    """

    starts: Signal
    seconds: float
    evidence: Signal
    level: Signal
    attack: Signal
    hold: Signal
    reference: float
    whitened: Signal
    rate: float
    bases: tuple[HarmonicBases, HarmonicBases]
    gated: float

    def masked_by(self, drums: Signal, view: View = ACID_VIEW) -> Steps:
        """The same with the levels less what the removal of drums, given as a signal, can have left of them."""
        loud = mean_decibels(isolate_band(drums, view.band_hertz), self.starts + 0.005, 0.5 * self.seconds)
        power = 10 ** (self.level / 10)
        left = 10 ** ((loud - self.reference + RESIDUE_DECIBELS) / 10)
        level = 10 * np.log10(np.maximum(power - left, LEAST_LEFT * power))
        return replace(self, level=level, evidence=self._without_tones())

    def _without_tones(self) -> Signal:
        """The evidence less where the fundamental alone explains most: toms and congas are single tones."""
        pieces = cut(self.whitened, self.starts + SETTLING_SECONDS, len(self.bases[0].window), self.rate)
        tone = steady_evidence(pieces, replace(self.bases[0], bases=self.bases[0].tones))
        return np.asarray(np.minimum(self.evidence, LEAST_OVERTONES * (self.evidence - np.maximum(tone, 0.0))))

    def pitched_decibels(self, lowest_pitch: int) -> float:
        """The mean power of all steps, counting those that have a pitch, in decibels below full scale."""
        pitched = (self.evidence.max(axis=1) > PITCHED_EVIDENCE) & (
            self.evidence.argmax(axis=1) >= lowest_pitch - LOWEST_PITCH
        )
        return float(self.reference + 10 * np.log10((10 ** (self.level / 10) * pitched).mean() + 1e-10))

    def held(self) -> NDArray[np.bool_]:
        """Whether each step sounds on into the next."""
        return np.append(self.hold[1:] > HOLD_DECIBELS, False)


def place_steps(signal: Signal, grid: Grid | None) -> tuple[Signal, float]:
    """The moments at which notes can begin in a signal at `SAMPLE_RATE`, and the length of a step, both in seconds."""
    length = len(signal) / SAMPLE_RATE
    if grid is None:
        return _free_starts(signal), FREE_STEP_SECONDS
    seconds = grid.beat_seconds / 4
    first = math.ceil(-grid.offset / seconds - 0.3)
    last = math.floor((length - grid.offset) / seconds)
    return np.array([grid.seconds_at(STEP_TICKS * step) for step in range(first, last)]), seconds


def _free_starts(signal: Signal) -> Signal:
    """Attacks, and between them a moment every `FREE_STEP_SECONDS`."""
    moments = np.arange(0, len(signal) / SAMPLE_RATE, FREE_HOP_SECONDS)
    band = isolate_band(signal)
    before, after = (mean_decibels(band, moments + shift, 0.02) for shift in (-0.022, 0.002))
    rise = np.where(after > after.max(initial=-100) - 40, after - before, 0.0)
    attacks = [0.0]
    for frame in np.argsort(-rise):
        if rise[frame] < FREE_ATTACK_DECIBELS:
            break
        if min(abs(moments[frame] - other) for other in attacks) > FREE_STEP_SECONDS / 2:
            attacks.append(float(moments[frame]))
    bounds = [*sorted(attacks), len(signal) / SAMPLE_RATE]
    counts = [max(1, round((b - a) / FREE_STEP_SECONDS)) for a, b in zip(bounds, bounds[1:])]
    return np.concatenate([np.linspace(a, b, n, endpoint=False) for a, b, n in zip(bounds, bounds[1:], counts)])


def isolate_band(signal: Signal, band_hertz: tuple[float, float] = ACID_VIEW.band_hertz) -> Signal:
    """What lies in a band, between the kick and the hats if nothing else is asked for."""
    return np.asarray(sosfilt(butter(2, band_hertz, "bandpass", fs=SAMPLE_RATE, output="sos"), signal))


def mean_decibels(signal: Signal, starts: Signal, seconds: float) -> Signal:
    """The level of pieces of a signal, in decibels below full scale."""
    power = (cut(signal, starts, max(1, int(seconds * SAMPLE_RATE))) ** 2).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-10))


def build_step_bases(seconds: float, view: View = ACID_VIEW) -> tuple[HarmonicBases, HarmonicBases]:
    """Harmonic series over the gate and over the whole of a step of so many seconds."""
    gate, whole = (int(share * seconds * SAMPLE_RATE) for share in (view.gate, view.whole))
    return build_bases(gate, view.highest_hertz), build_bases(whole, view.highest_hertz)


def hear_steps(
    signal: Signal,
    starts: Signal,
    seconds: float,
    view: View = ACID_VIEW,
    bases: tuple[HarmonicBases, HarmonicBases] | None = None,
) -> Steps:
    """Measure each step.

    Args:
        signal: The recording without drums, at `SAMPLE_RATE`.
        starts: Seconds.
        seconds: The length of a straight step.
        view: Where to listen.
        bases: From `build_step_bases` for the same step and view; built if not given.
    """
    band = isolate_band(signal, view.band_hertz)
    level = mean_decibels(band, starts + 0.005, 0.5 * seconds)
    middle = mean_decibels(band, starts + 0.25 * seconds, 0.25 * seconds)
    gap = mean_decibels(band, starts - (view.edge + 0.03) * seconds, view.edge * seconds)
    attack = mean_decibels(band, starts + 0.005, min(view.edge, 0.2) * seconds) - gap
    reference = float(np.percentile(level, 95))
    before = np.append(-np.inf, middle[:-1])
    hold = np.where(before > reference + LET_GO_DECIBELS, gap - before, SILENCE_DECIBELS)
    gate, whole = bases or build_step_bases(seconds, view)
    whitened, rate = _tune(_flatten(signal, view), starts[np.argsort(-level)[:TUNING_STEPS]], gate)
    held = np.append(hold[1:] > HOLD_DECIBELS, False)
    evidence = np.empty((len(starts), len(gate.bases)))
    for view_bases, rows in ((gate, ~held), (whole, held)):
        evidence[rows] = _steady(whitened, starts[rows], view_bases, rate)
    gated = _let_go(level - reference, attack, hold)
    return Steps(
        starts, seconds, evidence, level - reference, attack, hold, reference, whitened, rate, (gate, whole), gated
    )


def _flatten(signal: Signal, view: View) -> Signal:
    whitened = whiten(signal)
    if view.highest_hertz >= HIGHEST_HERTZ:
        return whitened
    return np.asarray(sosfiltfilt(butter(2, view.highest_hertz, fs=SAMPLE_RATE, output="sos"), whitened))


def _let_go(level: Signal, attack: Signal, hold: Signal) -> float:
    """The share of attacks that come out of quiet; 1 where there are hardly any."""
    strong = (attack > 7) & (level > -15)
    quiet = (hold < HOLD_DECIBELS) | np.append(True, level[:-1] < -15)
    return float(quiet[strong].mean()) if strong.sum() > 4 else 1.0


def share_attacks(attack: Signal) -> Signal:
    """The mean of each step's attack and of the median attack on the same step of all bars, (s,)."""
    bars = len(attack) // STEPS_PER_BAR
    if bars < 2:
        return attack
    usual = np.median(attack[: bars * STEPS_PER_BAR].reshape(bars, STEPS_PER_BAR), axis=0)
    return np.asarray((attack + usual[np.arange(len(attack)) % STEPS_PER_BAR]) / 2)


def _tune(whitened: Signal, starts: Signal, bases: HarmonicBases) -> tuple[Signal, float]:
    """Bring a signal to A4 = 440 Hz by playing it faster or slower; also its new samples a second."""
    import soxr  # noqa: PLC0415

    tuning = find_tuning(whitened, starts, bases)
    rate = SAMPLE_RATE * 2 ** (tuning / 12)
    return (whitened if tuning == 0 else soxr.resample(whitened, SAMPLE_RATE, rate)), rate


def _steady(whitened: Signal, starts: Signal, bases: HarmonicBases, rate: float) -> Signal:
    return steady_evidence(cut(whitened, starts + SETTLING_SECONDS, len(bases.window), rate), bases)


def glide_evidence(steps: Steps, origins: list[int], targets: list[int], glide: Glide = GLIDES[0]) -> Glides:
    """Log-likelihood of a slide into each step, by the pitch it comes from and the pitch it ends on.

    Args:
        steps: What was heard.
        origins: Pitches to come from, counted from `LOWEST_PITCH`.
        targets: Pitches to end on.
        glide: How the instrument slides.

    Returns:
        (s, origins, targets); minus infinity where no slide was looked for: after a gap, or where the pitch of the
        step before sounds on.
    """
    found = np.full((len(steps.starts), len(origins), len(targets)), -np.inf, dtype=np.float32)
    row, column = ({pitch: place for place, pitch in enumerate(pitches)} for pitches in (origins, targets))
    best = steps.evidence.argmax(axis=1)
    tied = (best == np.append(-1, best[:-1])) & (steps.evidence.max(axis=1) > SURE_EVIDENCE)
    likely = (steps.hold > HOLD_DECIBELS - 3) & ~tied
    held = steps.held()
    single = (bases.single() for bases in steps.bases)
    for bases, chosen in zip(single, (np.flatnonzero(likely & ~held), np.flatnonzero(likely & held))):
        for interval in range(-WIDEST_GLIDE, WIDEST_GLIDE + 1):
            which = [pitch for pitch in targets if interval and pitch + interval in row]
            if which and len(chosen):
                pieces = unglide(
                    steps.whitened, steps.starts[chosen] * steps.rate / SAMPLE_RATE, len(bases.window), interval, glide
                )
                rows, columns = [row[pitch + interval] for pitch in which], [column[pitch] for pitch in which]
                found[chosen[:, None], rows, columns] = steady_evidence(pieces.astype(np.float32), bases, which)
    return found


def slide_fit(steps: Steps, slides: set[tuple[int, int, int]], glide: Glide) -> float:
    """How well a way to slide explains slides, given as (step, origin, target): the best of each step, added up."""
    held = steps.held()
    alike: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for step, origin, target in sorted(slides):
        alike[int(held[step]), origin - target].append((step, target))
    best: dict[int, float] = defaultdict(float)
    for (whole, interval), members in alike.items():
        bases, starts = steps.bases[whole], steps.starts[[step for step, _ in members]] * steps.rate / SAMPLE_RATE
        pieces = unglide(steps.whitened, starts, len(bases.window), interval, glide)
        for piece, (step, target) in zip(pieces, members):
            best[step] = max(float(steady_evidence(piece[None], bases, [target])[0, 0]), best[step])
    return sum(best[step] for step in sorted(best))
