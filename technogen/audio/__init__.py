"""Sampled sound in seconds: `Audio`, files in and out, resampling."""

from technogen.audio.files import read_audio, write_audio
from technogen.audio.types import Audio

__all__ = ["Audio", "read_audio", "write_audio"]
