"""Audio to `Transcription`: tempo, beats, drums, acid bassline and sections in seconds, and the score on one grid."""

from technogen.transcription.pipeline import LEAST_SECONDS, SURE_SECONDS, BassTracker, BeatTracker, transcribe
from technogen.transcription.types import BassNote, DrumHit, Grid, SectionStart, Transcription

__all__ = [
    "LEAST_SECONDS",
    "SURE_SECONDS",
    "BassNote",
    "BassTracker",
    "BeatTracker",
    "DrumHit",
    "Grid",
    "SectionStart",
    "Transcription",
    "transcribe",
]
