"""The likeliest monophonic line through the steps of a recording: Viterbi over attacks, ties, slides and rests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from technogen.transcription.bass_steps import HOLD_DECIBELS, Glides, Steps, glide_evidence, slide_fit
from technogen.transcription.pitch import GLIDE_DELAYS, GLIDES, LOWEST_PITCH, Glide, Signal

IMPOSSIBLE = 1e3  # nats


class StepKind(IntEnum):
    """What the line does on a step."""

    ATTACK = 0
    TIE = 1
    SLIDE = 2
    REST = 3


@dataclass(frozen=True, slots=True)
class DecodedStep:
    """One step of the line: `pitch` is a MIDI number; `margin` is by how much it beats the next pitch, in nats."""

    kind: StepKind
    pitch: int
    margin: float


@dataclass(frozen=True, slots=True)
class DecodingConfig:
    """How much each cue weighs. Scales are in decibels; weights and limits in nats."""

    evidence_weight: float = 0.25
    worst_pitch: float = 14.0
    best_glide: float = 8.0
    sure_pitch: float = 12.0  # an attack with less evidence is doubtful: drums are loud without a pitch
    faintest_decibels: float = -26.0  # and so is one that is softer: echoes have a pitch
    doubt_scale: float = 2.0
    most_doubt: float = 6.0
    slides: bool = True
    slide_cost: float = 1.5
    present_weight: float = 0.5  # of the level for ties and slides
    rare_pitch: float = 0.01  # of the notes, shared by all pitches that were not heard
    kept_pitch: float = 0.015  # of the notes: pitches to slide between
    attack_decibels: float = 5.0
    attack_scale: float = 1.5
    level_decibels: float = -20.0
    level_scale: float = 4.0
    hold_scale: float = 1.5
    tie_decibels: float = 7.0  # a stronger attack is hardly a tie
    tie_scale: float = 2.0
    lowest_pitch: int = 24  # what fits a lower one best has no pitch: its harmonics are everywhere


# For a bass below other instruments: attacks are faint, gaps say little.
LOW_CONFIG = DecodingConfig(
    slides=False,
    attack_decibels=1.0,
    hold_scale=6.0,
    tie_decibels=1.0,
    tie_scale=1.5,
    lowest_pitch=LOWEST_PITCH,
    most_doubt=0.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Cues:
    """Log-odds of each step, (s,), and log-probabilities of pitches, (p,)."""

    present: Signal
    attack: Signal
    hold: Signal
    gated: float
    prior: Signal


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """What an attack (s, p), a tie (s, p) and a slide (s, origins, targets) on each step is worth, in nats."""

    attacks: Signal
    ties: Signal
    slides: Signal


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A path: its score in nats, and the kind and pitch (from `LOWEST_PITCH`) of each step, (s,)."""

    score: float
    kinds: NDArray[np.int64]
    pitches: NDArray[np.int64]

    def slides(self) -> set[tuple[int, int, int]]:
        """Each slide as (step, pitch it comes from, pitch it ends on)."""
        found = np.flatnonzero(self.kinds == StepKind.SLIDE)
        return {(int(step), int(self.pitches[step - 1]), int(self.pitches[step])) for step in found}


def decode_steps(steps: Steps, config: DecodingConfig | None = None) -> tuple[DecodedStep, ...]:
    """Find the likeliest line.

    Args:
        steps: What was heard in each step.
        config: The weights of the cues.

    Returns:
        One entry a step.
    """
    config = config or DecodingConfig()
    cues = _weigh(steps, config)
    origins, targets = _pitches_to_slide(cues.prior, config) if config.slides else ([0], [0])

    def search(glide: Glide) -> _Line:
        found = glide_evidence(steps, origins, targets, glide)
        return _search(_score(steps, found, cues, targets, config), cues, origins, targets)

    lines = {glide: search(glide) for glide in (GLIDES if config.slides else GLIDES[:1])}
    fitted = _fit_glide(steps, lines)
    line = lines[fitted] if fitted in lines else search(fitted)
    margins = _margins(steps.evidence, line.pitches)
    return tuple(
        DecodedStep(StepKind(int(kind)), int(pitch) + LOWEST_PITCH if kind != StepKind.REST else 0, float(margin))
        for kind, pitch, margin in zip(line.kinds, line.pitches, margins)
    )


def _fit_glide(steps: Steps, lines: dict[Glide, _Line]) -> Glide:
    """The glide that explains best the slides of any of the lines; they may begin a little off the grid."""
    slides = {slide for line in lines.values() for slide in line.slides()}
    if not slides:
        return GLIDES[0]
    choices = [replace(glide, delay=delay) for glide in GLIDES for delay in GLIDE_DELAYS]
    return max(choices, key=lambda glide: slide_fit(steps, slides, glide))


def _log_odds(value: Signal, middle: float, scale: float, limit: float) -> Signal:
    return np.clip((value - middle) / scale, -limit, limit)


def _weigh(steps: Steps, config: DecodingConfig) -> _Cues:
    present = _log_odds(steps.level, config.level_decibels, config.level_scale, 6.0)
    attack = _log_odds(steps.attack, config.attack_decibels, config.attack_scale, 5.0)
    hold = _log_odds(steps.hold, HOLD_DECIBELS, config.hold_scale, 4.0)
    return _Cues(present, attack, hold, steps.gated, _pitch_prior(steps, present, attack, config))


def _pitch_prior(steps: Steps, present: Signal, attack: Signal, config: DecodingConfig) -> Signal:
    """How often each pitch occurs, by expectation-maximisation over attacks and over steps that agree with the next."""
    evidence = steps.evidence
    best = evidence.argmax(axis=1)
    agrees = (best == np.append(-1, best[:-1])) & (steps.hold > HOLD_DECIBELS)
    steady = agrees | np.append(agrees[1:], False)
    fresh = (attack > 0) & (steps.hold < HOLD_DECIBELS)
    chosen = evidence[(present > 0) & (evidence.max(axis=1) > 10) & (fresh | steady)]
    prior = np.full(evidence.shape[1], -np.log(evidence.shape[1]))
    for _ in range(3 if len(chosen) else 0):
        score = config.evidence_weight * chosen + prior
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        frequency = share.mean(axis=0) + config.rare_pitch / len(prior)
        prior = np.log(frequency / frequency.sum())
    return prior


def _pitches_to_slide(prior: Signal, config: DecodingConfig) -> tuple[list[int], list[int]]:
    """The pitches that were heard and their octaves, and these with all between them."""
    kept = np.flatnonzero(prior > np.log(config.kept_pitch))
    if not len(kept):
        kept = np.array([int(prior.argmax())])
    octaves = {int(pitch) + shift for pitch in kept for shift in (-12, 0, 12) if 0 <= pitch + shift < len(prior)}
    return sorted(octaves), sorted(octaves | set(range(int(kept.min()), int(kept.max()) + 1)))


def _score(steps: Steps, glides: Glides, cues: _Cues, targets: list[int], config: DecodingConfig) -> _Scores:
    top = steps.evidence.max(axis=1)[:, None]
    pitch = np.maximum(config.evidence_weight * (steps.evidence - top), -config.worst_pitch)
    pitch[:, : config.lowest_pitch - LOWEST_PITCH] = -IMPOSSIBLE
    slides = config.evidence_weight * (glides - top[:, :, None])
    slides = np.where(np.isfinite(slides), np.clip(slides, -config.worst_pitch, config.best_glide), -np.inf)
    slides[:, :, np.array(targets) < config.lowest_pitch - LOWEST_PITCH] = -np.inf
    sustained = cues.hold + config.present_weight * cues.present
    weak = np.minimum(steps.evidence - config.sure_pitch, steps.level[:, None] - config.faintest_decibels)
    doubt = np.clip(weak / config.doubt_scale, -config.most_doubt, 0.0)
    attacks = pitch + doubt + cues.prior + (cues.present + cues.attack)[:, None]
    ties = pitch + (sustained - _log_odds(steps.attack, config.tie_decibels, config.tie_scale, 2.0))[:, None]
    return _Scores(attacks, ties, slides + (sustained - config.slide_cost)[:, None, None])


def _search(scores: _Scores, cues: _Cues, origins: list[int], targets: list[int]) -> _Line:
    """Viterbi: the best line; the state after the last pitch is silence."""
    count, pitches = scores.attacks.shape
    every = np.arange(pitches)
    score = np.append(np.full(pitches, -np.inf), 0.0)
    kinds = np.full((count, pitches + 1), int(StepKind.REST))
    origin = np.zeros((count, pitches + 1), dtype=np.int64)
    for step in range(count):
        letting_go, stopping = score.copy(), score.copy()
        letting_go[:-1] -= cues.hold[step] * (cues.gated if cues.hold[step] > 0 else 1.0)
        stopping[:-1] -= cues.hold[step]
        sliding = (score[origins, None] + scores.slides[step] + cues.prior[targets]).astype(np.float64)
        sources = np.stack([np.full(pitches, letting_go.argmax()), every, every])
        sources[StepKind.SLIDE, targets] = np.array(origins)[sliding.argmax(axis=0)]
        slid = np.full(pitches, -np.inf)
        slid[targets] = sliding.max(axis=0)
        options = np.stack([letting_go.max() + scores.attacks[step], score[:-1] + scores.ties[step], slid])
        kinds[step, :-1] = options.argmax(axis=0)
        origin[step] = np.append(sources[kinds[step, :-1], every], stopping.argmax())
        score = np.append(options.max(axis=0), stopping.max())
    path = np.zeros(count, dtype=np.int64)
    state = int(score.argmax())
    for step in range(count - 1, -1, -1):
        path[step], state = state, int(origin[step, state])
    return _Line(float(score.max()), kinds[np.arange(count), path], path)


def _margins(evidence: Signal, pitches: NDArray[np.int64]) -> Signal:
    """By how much the chosen pitch beats every other (silence: nothing)."""
    steps = np.arange(len(evidence))
    chosen = np.minimum(pitches, evidence.shape[1] - 1)
    others = evidence.copy()
    others[steps, chosen] = -np.inf
    return np.asarray(evidence[steps, chosen] - np.maximum(others.max(axis=1), 0.0))
