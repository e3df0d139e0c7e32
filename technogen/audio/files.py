"""Audio files in and out."""

from pathlib import Path

import soundfile

from technogen.audio.types import Audio


def read_audio(path: str | Path) -> Audio:
    """Read an audio file."""
    samples, rate = soundfile.read(str(path), dtype="float32")
    return Audio(samples if samples.ndim == 1 else samples[:, :2], rate)


def write_audio(audio: Audio, path: str | Path) -> None:
    """Write an audio file."""
    soundfile.write(str(path), audio.samples, audio.sample_rate)
