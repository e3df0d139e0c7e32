"""Pieces with exact truth, made by rules and rendered by drawn voices, and whether what was heard of them is right.

Their seeds are far from those of the training sets of the ear and of the composer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from technogen import Audio
from technogen.patterns import STYLES, compose
from technogen.rendering import PRESETS, preset, random_voice, render
from technogen.rendering.clock import sample_of
from technogen.score import TICKS_PER_BAR, Score
from technogen.training.mixes import make_mix
from technogen.training.sounds import draw_chords

FIRST_SEED = 5_000_000
KINDS_OF_PIECES = 16
RATE = 44100
_MIXES, _NO_MUSIC, _DRIFTING, _DEEP = (3, 7, 11), (5,), (13,), (2, 10)
"""Of 16 pieces: mixes of the kind that the ear learns from, with drums as their only truth; and so on."""
_BARS = (4, 8, 8, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A recording and what is in it, in seconds; None where nobody knows.

    Attributes:
        drums: (seconds, General MIDI note).
        bass: (seconds, pitch, accent, slid into).
        tempo: Beats a minute; 0 where there is no constant one.
        downbeats: Bar lines.
    """

    audio: Audio
    drums: tuple[tuple[float, int], ...] | None
    bass: tuple[tuple[float, int, bool | None, bool | None], ...] | None = None
    tempo: float | None = None
    downbeats: tuple[float, ...] | None = None


def make_piece(number: int) -> Piece:
    """The piece of a number from 0 on: always the same."""
    seed, kind = FIRST_SEED + number, number % KINDS_OF_PIECES
    if kind in _NO_MUSIC:
        return _make_noise(seed)
    if kind in _DRIFTING:
        return _bend_time(_make_composed(seed), seed)
    return _make_mix(seed) if kind in _MIXES else _make_composed(seed, deep=kind in _DEEP)


def _make_mix(seed: int) -> Piece:
    mix = make_mix(seed)
    return Piece(Audio(mix.samples, RATE), tuple((hit[0], hit[1]) for hit in mix.hits))


def _make_composed(seed: int, *, deep: bool = False) -> Piece:
    """Drums and bass, or one alone; half by a named voice, half by a drawn one; half start anywhere in a bar.

    A deep bass is none of a 303: low, held, of few harmonics, under chords.
    """
    random = np.random.default_rng((11, seed))
    score = _draw_score(random, seed)
    voice = random_voice(seed) if random.random() < 0.5 else preset(str(random.choice(list(PRESETS))))
    score = _deepen(score) if deep else score
    played = score.muted("bass") if deep else score
    samples = render(played, seed=seed, voice=voice).mono().astype(np.float64)
    if deep:
        samples = samples + _play_deep(random, score, len(samples)) * max(0.1, np.abs(samples).max())
    for _ in range(int(random.choice([1, 2] if deep else [0, 0, 1, 2]))):
        level = np.abs(samples).max() * np.exp(random.uniform(np.log(0.03), np.log(0.4)))
        samples = samples + level * draw_chords(random, len(samples), score.tempo, RATE)
    start = int(random.uniform(0, _sample(TICKS_PER_BAR, score))) if random.random() < 0.5 else 0
    samples = samples[start : start + _sample((score.bars - 1) * TICKS_PER_BAR, score)]
    return _tell(score, Audio((samples / max(1.0, np.abs(samples).max())).astype(np.float32), RATE), start)


def _deepen(score: Score) -> Score:
    """The bass of a score an octave lower, each note held for two 16ths or until the next, and all of it plain."""
    ends = [*(note.start for note in score.bass[1:]), score.bars * TICKS_PER_BAR]
    bass = tuple(
        replace(n, duration=min(end - n.start, 240), pitch=n.pitch - 12, velocity=80, slide=False)
        for n, end in zip(score.bass, ends)
    )
    return replace(score, bass=bass)


def _play_deep(random: np.random.Generator, score: Score, count: int) -> NDArray[np.float64]:
    """A bass of few harmonics, at a peak of 0.15 to 0.9."""
    out = np.zeros(count)
    edge, attack = np.exp(random.uniform(np.log(60), np.log(500))), random.uniform(0.002, 0.03)
    for note in score.bass:
        start, end = _sample(note.start, score), min(count, _sample(note.start + note.duration, score))
        time = np.arange(max(0, end - start)) / RATE
        hertz = 440 * 2 ** ((note.pitch - 69) / 12)
        tones = sum(np.sin(2 * np.pi * hertz * k * time) / k / (1 + (hertz * k / edge) ** 2) for k in range(1, 9))
        fade = np.minimum(1, time / attack) * np.minimum(1, time[::-1] / 0.01)
        out[start : start + len(time)] += tones * fade
    level = np.exp(random.uniform(np.log(0.15), np.log(0.9)))
    return np.asarray(out * level / (np.abs(out).max() + 1e-9))


def _make_noise(seed: int) -> Piece:
    """Noise, a chord that stands still, clicks or chords at random times: nothing of it is a drum, a bass or a beat."""
    random = np.random.default_rng((12, seed))
    kind, samples = random.integers(4), 0.003 * random.standard_normal(8 * RATE)
    if kind == 0:
        samples *= 100 * np.abs(np.sin(np.arange(len(samples)) * random.uniform(1, 20) / RATE)) ** random.uniform(0, 2)
    elif kind == 1:
        tones = 55 * 2 ** random.uniform(0, 5, 4)
        samples += 0.1 * np.sin(np.outer(tones, np.arange(len(samples))) * 2 * np.pi / RATE).sum(axis=0)
    for start in random.integers(0, len(samples) - RATE, 30) if kind > 1 else ():
        sound = draw_chords(random, RATE // 2, 120, RATE) if kind == 2 else random.standard_normal(RATE // 50)
        samples[start : start + len(sound)] += 0.3 * sound
    return Piece(Audio((samples / max(1.0, np.abs(samples).max())).astype(np.float32), RATE), (), (), 0.0)


def _bend_time(piece: Piece, seed: int) -> Piece:
    """The same played at a speed that wanders by 6 % or more: no constant tempo explains it."""
    random = np.random.default_rng((13, seed))
    places = np.linspace(0, 1, len(piece.audio.samples))
    turns, most = random.uniform(0.4, 1.2), random.uniform(0.06, 0.15)
    bent = places + most * (np.cos(random.uniform(0, 7) + turns * 2 * np.pi * places)) / (2 * np.pi * turns)
    bent = (bent - bent[0]) / (bent[-1] - bent[0])
    seconds = piece.audio.seconds

    def move(time: float) -> float:
        return float(np.interp(time / seconds, bent[::100], places[::100]) * seconds)

    samples = np.interp(bent, places, piece.audio.samples).astype(np.float32)
    return replace(
        piece,
        audio=Audio(samples, RATE),
        drums=tuple((move(time), pitch) for time, pitch in piece.drums or ()),
        bass=tuple((move(note[0]), *note[1:]) for note in piece.bass or ()),
        tempo=0.0,
        downbeats=tuple(move(time) for time in piece.downbeats or ()),
    )


def _draw_score(random: np.random.Generator, seed: int) -> Score:
    """One bar more than is heard; the tempo is whole three times of four."""
    style = list(STYLES)[seed % len(STYLES)]
    score = compose(style, bars=1 + int(random.choice(_BARS)), energy=float(random.uniform(0.3, 1)), seed=seed)
    if random.random() < 0.25:
        score = replace(score, tempo=round(score.tempo + float(random.uniform(-1, 1)), 2))
    alone = random.random()
    return score.muted("drums") if alone < 0.12 else score.muted("bass") if alone < 0.24 else score


def _sample(tick: int, score: Score) -> int:
    return int(sample_of(tick, score, RATE))


def _tell(score: Score, audio: Audio, start: int) -> Piece:
    def seconds(tick: int) -> float:
        return (_sample(tick, score) - start) / RATE

    heard = range(score.bars + 1)
    slid = [False, *(note.slide for note in score.bass[:-1])]
    bass = [(seconds(n.start), n.pitch, n.accent, into) for n, into in zip(score.bass, slid)]
    return Piece(
        audio,
        tuple((seconds(n.start), n.pitch) for n in score.drums if 0 <= seconds(n.start) < audio.seconds),
        tuple(note for note in bass if 0 <= note[0] < audio.seconds),
        score.tempo,
        tuple(seconds(b * TICKS_PER_BAR) for b in heard if 0 <= seconds(b * TICKS_PER_BAR) <= audio.seconds),
    )
