"""The network of basic-pitch 0.4.0, run by onnxruntime without importing its package: audio in, salience out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio, resample
from technogen.errors import MissingBackendError
from technogen.transcription.backends import BASIC_PITCH_INSTALL, require_backend

SAMPLE_RATE = 22050
HOP = 256
WINDOW = 2 * SAMPLE_RATE - HOP
WINDOW_FRAMES = 172
EDGE_FRAMES = 15
"""The frames at each end of a window that lack context, and are taken from its neighbours instead."""
STRIDE = WINDOW - 2 * EDGE_FRAMES * HOP
LOWEST_PITCH = 21
PITCHES = 88

_BATCH = 16
_INPUT = "serving_default_input_2:0"
_OUTPUTS = ("StatefulPartitionedCall:1", "StatefulPartitionedCall:2")

Salience = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Activations:
    """What the network hears.

    Attributes:
        notes: How likely each pitch sounds, 0..1, (frames, 88), from MIDI pitch 21.
        onsets: How likely it starts, likewise.
        seconds: When each frame is, (frames,).
    """

    notes: Salience
    onsets: Salience
    seconds: NDArray[np.float64]


def run_network(audio: Audio) -> Activations:
    """Hear the pitches of a recording.

    Args:
        audio: At any sample rate; stereo is mixed down.

    Returns:
        Notes and onsets on frames of about 11.6 ms.

    Raises:
        MissingBackendError: If basic-pitch is not installed; the message says how to install it.

    References:
        Bittner et al., "A Lightweight Instrument-Agnostic Model for Polyphonic Note Transcription and Multipitch
        Estimation", ICASSP 2022.
    """
    path = find_model()
    samples = resample(Audio(audio.mono(), audio.sample_rate), SAMPLE_RATE).samples
    notes, onsets = _run_windows(path, cut_windows(samples))
    seconds = frame_seconds(len(notes))
    inside = seconds < audio.seconds
    return Activations(_join_windows(notes)[inside], _join_windows(onsets)[inside], seconds[inside])


def find_model() -> Path:
    """Find the model file of an installed basic-pitch; the package, which would print and warn, is not imported.

    Raises:
        MissingBackendError: If basic-pitch is not installed, or its model file is missing.
    """
    require_backend("basic-pitch")
    spec = find_spec("basic_pitch")
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    found = sorted(path for folder in folders for path in Path(folder).rglob("nmp.onnx"))
    if not found:
        raise MissingBackendError(
            f"basic-pitch has no nmp.onnx in {folders}; install it again by: {BASIC_PITCH_INSTALL}"
        )
    return found[0]


def cut_windows(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a recording into the overlapping windows that the network reads, (windows, samples, 1).

    The first window starts `EDGE_FRAMES` frames early, in silence, so that what is kept of it starts the recording.
    """
    windows = max(1, -(-len(samples) // STRIDE))
    padded = np.zeros((windows - 1) * STRIDE + WINDOW, dtype=np.float32)
    padded[EDGE_FRAMES * HOP :][: len(samples)] = samples
    return np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STRIDE, :, None]


def frame_seconds(windows: int) -> NDArray[np.float64]:
    """When the kept frames of so many windows are.

    A window's stride is 0.7 frames less than its kept frames take, so the first frame of a window follows 3 ms after
    the last of the one before.
    """
    within = np.arange(WINDOW_FRAMES - 2 * EDGE_FRAMES) * HOP
    return np.asarray((STRIDE * np.arange(windows)[:, None] + within).ravel() / SAMPLE_RATE)


def _run_windows(path: Path, windows: NDArray[np.float32]) -> tuple[Salience, Salience]:
    """Notes and onsets of each window, (windows, frames, 88)."""
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    batches = [windows[k : k + _BATCH] for k in range(0, len(windows), _BATCH)]
    results = [session.run(_OUTPUTS, {_INPUT: batch}) for batch in batches]
    notes, onsets = (np.concatenate(parts) for parts in zip(*results))
    return notes, onsets


def _join_windows(windows: Salience) -> Salience:
    return windows[:, EDGE_FRAMES:-EDGE_FRAMES].reshape(-1, PITCHES)
