"""Beats and downbeats by madmom 0.16.1: its recurrent networks, its bars as states, our reading of the path."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio, resample
from technogen.errors import AudioError, MissingBackendError, TranscriptionError
from technogen.transcription.backends import MADMOM_INSTALL, require_backend
from technogen.transcription.madmom_shim import lend_old_names

SAMPLE_RATE = 44100
FRAME_RATE = 100
BEATS_PER_BAR = 4
MIN_ACTIVATION = 0.05
"""Frames before the first and after the last activation of this strength are no music."""
MIN_SECONDS = 1.0
_LOWEST_TEMPO, _HIGHEST_TEMPO = 20.0, 400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beats:
    """Beats and downbeats in seconds, ascending; every downbeat is also a beat."""

    beats: tuple[float, ...]
    downbeats: tuple[float, ...]


def track_beats(audio: Audio, *, tempo_range: tuple[float, float] = (90, 200)) -> Beats:
    """Find the beats and downbeats of a recording in 4/4 with madmom.

    Logs, once a call, that madmom's models are for non-commercial use only.

    Args:
        audio: At any sample rate; stereo is mixed down.
        tempo_range: The slowest and the fastest tempo that is considered, in beats a minute.

    Returns:
        Beats and downbeats on madmom's frames of 10 ms; none where it hears no music.

    Raises:
        MissingBackendError: If madmom is not installed; the message says how to install it.
        TranscriptionError: If the tempo range is none.
        AudioError: If the recording is shorter than a second.

    References:
        Böck, Krebs and Widmer, "Joint Beat and Downbeat Tracking with Recurrent Neural Networks", ISMIR 2016.
        Krebs, Böck and Widmer, "An Efficient State-Space Model for Joint Tempo and Meter Tracking", ISMIR 2015.
    """
    require_backend("madmom")
    _check_tempo_range(tempo_range)
    if audio.seconds < MIN_SECONDS:
        raise AudioError(f"madmom needs {MIN_SECONDS:g} s of audio or more, got {audio.seconds:.2f} s")
    _log.warning("madmom's models are under CC BY-NC-SA 4.0: what they find is for non-commercial use only")
    with lend_old_names():
        downbeats = _import_downbeats()
        activations = _run_networks(downbeats, audio)
        return _decode_bars(downbeats, activations, tempo_range)


def _check_tempo_range(tempo_range: tuple[float, float]) -> None:
    low, high = tempo_range
    if not _LOWEST_TEMPO <= low < high <= _HIGHEST_TEMPO:
        raise TranscriptionError(
            f"tempo_range must rise within {_LOWEST_TEMPO:g}..{_HIGHEST_TEMPO:g} beats a minute, got {low:g}..{high:g}"
        )


def _import_downbeats() -> Any:
    try:
        from madmom.features import downbeats  # noqa: PLC0415
    except ImportError as error:
        raise MissingBackendError(
            f"madmom is installed but does not load ({error}); install it again by: {MADMOM_INSTALL}"
        ) from error
    return downbeats


def _run_networks(downbeats: Any, audio: Audio) -> NDArray[np.float64]:
    """The activations of beats and of downbeats, (frames, 2)."""
    from madmom.audio.signal import Signal  # noqa: PLC0415

    samples = resample(Audio(audio.mono(), audio.sample_rate), SAMPLE_RATE).samples
    signal = Signal(samples, sample_rate=SAMPLE_RATE, num_channels=1)
    return np.asarray(downbeats.RNNDownBeatProcessor()(signal), dtype=np.float64)


def _decode_bars(downbeats: Any, activations: NDArray[np.float64], tempo_range: tuple[float, float]) -> Beats:
    """Follow the likeliest path through madmom's bars; its own reading of that path breaks with numpy 2."""
    heard = np.flatnonzero(activations.max(axis=1) >= MIN_ACTIVATION)
    if not len(heard):
        return Beats((), ())
    first = int(heard[0])
    activations = activations[first : heard[-1] + 1]
    low, high = tempo_range
    tracker = downbeats.DBNDownBeatTrackingProcessor(
        beats_per_bar=[BEATS_PER_BAR], min_bpm=low, max_bpm=high, fps=FRAME_RATE
    )
    model = tracker.hmms[0]
    path, _ = model.viterbi(activations)
    numbers = model.transition_model.state_space.state_positions[path].astype(int)
    on_beat = model.observation_model.pointers[path] >= 1
    frames = _peak_frames(activations.max(axis=1), on_beat)
    seconds = [(first + k) / FRAME_RATE for k in frames]
    return Beats(tuple(seconds), tuple(s for s, k in zip(seconds, frames) if numbers[k] == 0))


def _peak_frames(strength: NDArray[np.float64], inside: NDArray[np.bool_]) -> list[int]:
    """The strongest frame of each run of frames that are inside."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False]))))
    return [int(left + np.argmax(strength[left:right])) for left, right in zip(edges[::2], edges[1::2])]
