"""The way from a recording to a transcription: features, onsets, pulse, drums, bar one, bass, sections, score."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from technogen.audio import Audio, read_audio
from technogen.errors import AudioError, TranscriptionError
from technogen.transcription.assembly import Events, assemble_score
from technogen.transcription.bar_levels import measure_bars
from technogen.transcription.bass_pooling import pool_bass
from technogen.transcription.beats import follow_beats
from technogen.transcription.candidates import place_candidates
from technogen.transcription.confidence import calibrate_transcription
from technogen.transcription.drums import decide_drums
from technogen.transcription.features import Array, Features, measure_features
from technogen.transcription.grid import find_grid, positions
from technogen.transcription.network import NO_STEP, Steps, load_network
from technogen.transcription.onsets import Onsets, Times, find_onsets, onset_strength
from technogen.transcription.patterns import find_patterns
from technogen.transcription.recording import Recording, open_recording
from technogen.transcription.sections import find_sections
from technogen.transcription.snapshots import take_snapshots
from technogen.transcription.tempo import (
    USUAL_TEMPO,
    Pulse,
    find_pulses,
    looseness,
    settle_pulse,
    simplify_tempo,
    steadiness,
)
from technogen.transcription.types import BassNote, DrumHit, Grid, Transcription

BeatTracker = Literal["technogen", "madmom"]
BassTracker = Literal["technogen", "basic-pitch"]

LEAST_SECONDS = 1.0
"""Shorter recordings are refused."""
SURE_SECONDS = 4.0
"""Shorter recordings give a result whose confidence shrinks with them."""
USUAL_TEMPOS = (90.0, 200.0)
"""Where tempos are looked for, in beats a minute."""
_TEMPO_LIMITS = (20.0, 400.0)
_LEAST_FIT, _LEAST_STEADINESS = 0.25, 0.75
_BY_HAND_SECONDS = 0.003  # onsets of machines lie within this of their 16ths, half of them at least
_BY_HAND_SHARE = 0.05  # of a beat: beats that were followed and are further off are no beats


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What is known of a recording before it is known where its beats are."""

    features: Features
    strength: Array
    onsets: Onsets
    pulses: list[Pulse]
    drums: tuple[DrumHit, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the beats are; `grid` is None where no constant tempo explains them."""

    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    grid: Grid | None = None
    confidence: float = 0.0
    candidates: tuple[tuple[float, float], ...] = ()


def transcribe(
    source: str | Path | Audio,
    *,
    tempo: float | None = None,
    tempo_range: tuple[float, float] = USUAL_TEMPOS,
    beat_tracker: BeatTracker = "technogen",
    bass_tracker: BassTracker = "technogen",
) -> Transcription:
    """Write down the drums and the bassline of a recording, on one exact grid.

    Any recording of 4 seconds or more gives a result; `confidence` says how far to trust it. From 1 to 4 seconds it
    does too, with less confidence.

    Args:
        source: A file, or sound.
        tempo: Beats a minute, where it is known: taken as it is.
        tempo_range: The lowest and the highest tempo to look for.
        beat_tracker: "madmom" asks madmom for the beats (it must be installed; its models are for non-commercial use).
        bass_tracker: "basic-pitch" asks basic-pitch for the bass notes (it must be installed).

    Raises:
        TranscriptionError: If an option cannot be followed.
        MissingFileError: If there is no such file.
        AudioError: If it cannot be read, or is shorter than 1 second.
        MissingBackendError: If the tracker asked for is not installed.
    """
    heard = hear_recording(
        source, tempo=tempo, tempo_range=tempo_range, beat_tracker=beat_tracker, bass_tracker=bass_tracker
    )
    return calibrate_transcription(heard, own_beats=beat_tracker == "technogen", own_bass=bass_tracker == "technogen")


def hear_recording(
    source: str | Path | Audio,
    *,
    tempo: float | None = None,
    tempo_range: tuple[float, float] = USUAL_TEMPOS,
    beat_tracker: BeatTracker = "technogen",
    bass_tracker: BassTracker = "technogen",
) -> Transcription:
    """What `transcribe` gives; but confidences of hits, tempo, downbeats and parts are as heard, no probabilities."""
    low, high = check_options(tempo, tempo_range, beat_tracker, bass_tracker)
    recording = open_recording(source)
    if recording.seconds < LEAST_SECONDS:
        name = "the recording" if isinstance(source, Audio) else str(source)
        raise AudioError(f"{name} lasts {recording.seconds:.2f} s; transcription needs {LEAST_SECONDS:g} s, better 4 s")
    hearing = _listen(recording, tempo, (low, high))
    by_madmom = beat_tracker == "madmom"
    timing = _ask_madmom(_hold(source), hearing, (low, high)) if by_madmom else _find_timing(hearing, tempo)
    notes = _ask_basic_pitch(_hold(source), hearing) if bass_tracker == "basic-pitch" else None
    events, confidence = _hear_events(recording, hearing, timing.grid, notes)
    return _assemble(recording.seconds, timing, events, confidence)


def _hold(source: str | Path | Audio) -> Audio:
    """The whole of a recording, for those who cannot read it in blocks."""
    return source if isinstance(source, Audio) else read_audio(source)


def check_options(
    tempo: float | None, tempo_range: tuple[float, float], beat_tracker: str, bass_tracker: str
) -> tuple[float, float]:
    """The lowest and highest tempo to look for, after options were looked at as `transcribe` does."""
    if beat_tracker not in ("technogen", "madmom"):
        raise TranscriptionError(f"beat_tracker must be 'technogen' or 'madmom', got {beat_tracker!r}")
    if bass_tracker not in ("technogen", "basic-pitch"):
        raise TranscriptionError(f"bass_tracker must be 'technogen' or 'basic-pitch', got {bass_tracker!r}")
    if tempo is not None:
        _check_tempo("tempo", tempo)
        return float(tempo), float(tempo)
    if not isinstance(tempo_range, (tuple, list)) or len(tempo_range) != 2:
        raise TranscriptionError(f"tempo_range must be a pair such as (90, 200), got {tempo_range!r}")
    low, high = (_check_tempo("tempo_range", t) for t in tempo_range)
    if low >= high:
        raise TranscriptionError(f"tempo_range must go from the lower to the higher tempo, got {low:g}..{high:g}")
    return low, high


def _check_tempo(name: str, value: float) -> float:
    least, most = _TEMPO_LIMITS
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not least <= value <= most:
        raise TranscriptionError(f"{name} must be in {least:g}..{most:g} beats per minute, got {value!r}")
    return float(value)


def _listen(recording: Recording, tempo: float | None, tempo_range: tuple[float, float]) -> Hearing:
    features = measure_features(recording)
    strength = onset_strength(features)
    onsets = find_onsets(features, strength)
    pulses = find_pulses(onsets, strength, tempo_range)
    steady = bool(pulses) and (tempo is not None or _is_steady(pulses[0], onsets))
    if steady:
        pulses[0] = settle_pulse(pulses[0], onsets, tempo)
    drums = _hear_drums(recording, onsets, pulses[0] if steady else None)
    return Hearing(features, strength, onsets, pulses, drums)


def _hear_drums(recording: Recording, onsets: Onsets, pulse: Pulse | None) -> tuple[DrumHit, ...]:
    times = place_candidates(onsets.times, pulse, recording.seconds)
    odds, velocities = load_network().judge(take_snapshots(recording, times), count_steps(pulse, times))
    return decide_drums(times, odds, velocities)


def count_steps(pulse: Pulse | None, times: Times) -> Steps:
    """The 16th that each candidate is on, counted from anywhere, or `NO_STEP`, (n,)."""
    return np.full(len(times), NO_STEP) if pulse is None else positions(pulse, times)


def find_candidates(recording: Recording) -> tuple[Times, Steps]:
    """The seconds where drums are looked for, and the 16th that each is on, or `NO_STEP`."""
    features = measure_features(recording)
    strength = onset_strength(features)
    onsets = find_onsets(features, strength)
    pulses = find_pulses(onsets, strength, USUAL_TEMPOS)
    steady = bool(pulses) and _is_steady(pulses[0], onsets)
    pulse = settle_pulse(pulses[0], onsets, None) if steady else None
    times = place_candidates(onsets.times, pulse, recording.seconds)
    return times, count_steps(pulse, times)


def _is_steady(pulse: Pulse, onsets: Onsets) -> bool:
    return pulse.fit >= _LEAST_FIT and steadiness(pulse, onsets) >= _LEAST_STEADINESS


def _find_timing(hearing: Hearing, tempo: float | None) -> Timing:
    if not hearing.pulses:
        return Timing()
    pulse, candidates = hearing.pulses[0], _weigh(hearing.pulses)
    if tempo is None and not _is_steady(pulse, hearing.onsets):
        return _follow(hearing, candidates)
    beats = _hear_hands(hearing) if tempo is None else None
    grid = find_grid(pulse, hearing.onsets, hearing.strength, hearing.drums, beats)
    timing = _lay_beats(grid, hearing, float(pulse.fit * candidates[0][1]), candidates)
    if beats is None:
        return timing
    downbeats = beats[np.round((beats - grid.offset) / grid.beat_seconds) % 4 == 0]
    return replace(timing, beats=_rounded(beats), downbeats=_rounded(downbeats))


def _hear_hands(hearing: Hearing) -> Times | None:
    """The beats of somebody who drums, and keeps a tempo as people do; None where machines play."""
    pulse = hearing.pulses[0]
    if not hearing.drums or looseness(pulse, hearing.onsets) <= _BY_HAND_SECONDS:
        return None
    beats = follow_beats(hearing.strength, hearing.onsets, pulse.tempo)
    steady = len(beats) > 1 and abs(float(np.median(np.diff(beats))) * pulse.tempo / 60 - 1) < _BY_HAND_SHARE
    return beats if steady else None


def _weigh(pulses: list[Pulse]) -> tuple[tuple[float, float], ...]:
    scores = np.array([p.score for p in pulses[:5]])
    odds = np.exp(scores - scores.max())
    return tuple((round(p.tempo, 2), round(float(w), 4)) for p, w in zip(pulses, odds / odds.sum()))


def _lay_beats(grid: Grid, hearing: Hearing, confidence: float, candidates: tuple[tuple[float, float], ...]) -> Timing:
    """Beats in whole bars from the first onset to the last, inside the recording."""
    bar, seconds = 4 * grid.beat_seconds, hearing.features.seconds
    first = math.floor((float(hearing.onsets.times[0]) - grid.offset + 0.03) / bar)
    last = math.floor((float(hearing.onsets.times[-1]) - grid.offset + 0.03) / bar) + 1
    times = [(i, grid.offset + i * grid.beat_seconds) for i in range(4 * first, 4 * last)]
    inside = [(i, round(max(0.0, t), 6)) for i, t in times if -0.02 <= t <= seconds]
    beats = tuple(t for _, t in inside)
    downbeats = tuple(t for i, t in inside if i % 4 == 0)
    return Timing(beats, downbeats, grid, confidence, candidates)


def _follow(hearing: Hearing, candidates: tuple[tuple[float, float], ...]) -> Timing:
    """Beats that follow a drifting tempo; every fourth is called a downbeat, from the strongest of four on."""
    tempo = candidates[0][0] if candidates else USUAL_TEMPO
    beats = _rounded(follow_beats(hearing.strength, hearing.onsets, tempo))
    return Timing(beats, beats[_strongest_of_four(hearing, beats) :: 4], None, 0.1, candidates)


def _rounded(times: Times) -> tuple[float, ...]:
    return tuple(round(float(time), 6) for time in times)


def _strongest_of_four(hearing: Hearing, beats: tuple[float, ...]) -> int:
    kicks = np.array([h.time for h in hearing.drums if h.pitch == 36])
    counts = [0] * 4
    for i, beat in enumerate(beats):
        counts[i % 4] += bool(len(kicks)) and bool(np.abs(kicks - beat).min() < 0.05)
    return int(np.argmax(counts))


def _ask_madmom(audio: Audio, hearing: Hearing, tempo_range: tuple[float, float]) -> Timing:
    from technogen.transcription.madmom_tracker import track_beats  # noqa: PLC0415

    low, high = tempo_range
    wide = tempo_range if high > low else (0.97 * low, 1.03 * high)
    found = track_beats(audio, tempo_range=wide)
    grid = _fit_grid(found.beats, found.downbeats, tempo=low if low == high else None)
    if grid is None:
        return Timing(found.beats, found.downbeats, None, 0.3)
    return Timing(found.beats, found.downbeats, grid, 0.7, ((grid.tempo, 1.0),))


def _fit_grid(beats: tuple[float, ...], downbeats: tuple[float, ...], *, tempo: float | None) -> Grid | None:
    """A constant tempo through beats, where all lie within a sixth of a 16th of it or so; else None."""
    if len(beats) < 8 or not downbeats:
        return None
    numbers = np.arange(len(beats))
    period, start = np.polyfit(numbers, beats, 1)
    beside = np.array(beats) - start - period * numbers
    if np.percentile(np.abs(beside), 90) > 0.02:
        return None
    error = float((beside.std() + 0.001) / np.sqrt(len(beats)) / numbers.std() / period)
    settled = tempo or simplify_tempo(60 / float(period), 60 / float(period) * error)
    if not _TEMPO_LIMITS[0] <= settled <= _TEMPO_LIMITS[1]:
        return None
    bar = 240 / settled
    phases = np.exp(2j * np.pi * np.array(downbeats) / bar)
    offset = float(np.angle(phases.sum()) / (2 * np.pi) * bar)
    return Grid(settled, offset if offset <= 0.02 else offset - bar, 0.5, 0.7)


def _ask_basic_pitch(audio: Audio, hearing: Hearing) -> tuple[BassNote, ...]:
    from technogen.transcription.basic_pitch_tracker import transcribe_bass_notes  # noqa: PLC0415

    return transcribe_bass_notes(audio) if len(hearing.onsets.times) else ()


def _hear_events(
    recording: Recording, hearing: Hearing, grid: Grid | None, notes: tuple[BassNote, ...] | None
) -> tuple[Events, dict[str, float]]:
    """All that sounds; the bass is `notes` where those are known."""
    drums = hearing.drums
    sections = find_sections(measure_bars(hearing.features, grid), grid, drums) if grid else ()
    events = Events(drums=drums, sections=sections)
    confidence = {"drums": _drum_confidence(hearing), "bass": 0.0}
    if not len(hearing.onsets.times):
        return events, confidence
    if notes is not None:
        confidence["bass"] = round(float(np.mean([n.confidence for n in notes])), 3) if notes else 0.0
        return replace(events, bass=notes), confidence
    from technogen.transcription.bass_blocks import transcribe_long_bass  # noqa: PLC0415

    line = transcribe_long_bass(recording, grid, drums)
    confidence["bass"] = round(line.confidence, 3)
    pooled = pool_bass(line.notes, grid, recording.seconds) if grid else line.notes
    return replace(events, bass=pooled, cutoff=line.cutoff, resonance=line.resonance), confidence


def _drum_confidence(hearing: Hearing) -> float:
    """The mean of the hits', less where they keep no time."""
    fit = hearing.pulses[0].fit if hearing.pulses else 0.0
    mean = float(np.mean([h.confidence for h in hearing.drums])) if hearing.drums else 0.0
    return round(mean * (0.2 + 0.8 * fit), 3)


def _assemble(seconds: float, timing: Timing, events: Events, confidence: dict[str, float]) -> Transcription:
    grid, sure = timing.grid, min(1.0, seconds / SURE_SECONDS)
    score = assemble_score(events, grid, seconds) if grid else None
    return Transcription(
        score=score,
        tempo=grid.tempo if grid else None,
        swing=grid.swing if grid else 0.5,
        offset=round(grid.offset, 6) if grid else 0.0,
        beats=timing.beats,
        downbeats=timing.downbeats,
        drums=events.drums,
        bass=events.bass,
        cutoff=events.cutoff,
        resonance=events.resonance,
        sections=events.sections,
        confidence={
            "tempo": round(sure * timing.confidence, 3),
            "downbeat": round(sure * (grid.confidence if grid else 0.1 * bool(timing.downbeats)), 3),
            **{part: round(sure * value, 3) for part, value in confidence.items()},
        },
        tempo_candidates=timing.candidates,
        duration=round(seconds, 6),
        patterns=find_patterns(score) if score else (),
    )
