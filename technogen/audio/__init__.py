"""Sampled sound in seconds: `Audio`, files in and out, resampling, loudness."""

from technogen.audio.loudness import measure_loudness
from technogen.audio.reading import read_audio
from technogen.audio.resampling import resample
from technogen.audio.types import Audio
from technogen.audio.writing import write_audio

__all__ = ["Audio", "measure_loudness", "read_audio", "resample", "write_audio"]
