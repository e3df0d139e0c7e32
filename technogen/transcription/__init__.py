"""Audio to `Transcription`: tempo, beats, drums, acid bassline and sections in seconds, and the score on one grid."""

from technogen.transcription.collection import (
    MANIFEST,
    CollectionOptions,
    Engine,
    Existing,
    Format,
    ManifestEntry,
    OutputFile,
    read_manifest,
    transcribe_folder,
)
from technogen.transcription.files import save_patterns
from technogen.transcription.pipeline import LEAST_SECONDS, SURE_SECONDS, BassTracker, BeatTracker, transcribe
from technogen.transcription.types import BassNote, DrumHit, Grid, Mute, Pattern, SectionStart, Transcription

__all__ = [
    "LEAST_SECONDS",
    "MANIFEST",
    "SURE_SECONDS",
    "BassNote",
    "BassTracker",
    "BeatTracker",
    "CollectionOptions",
    "DrumHit",
    "Engine",
    "Existing",
    "Format",
    "Grid",
    "ManifestEntry",
    "Mute",
    "OutputFile",
    "Pattern",
    "SectionStart",
    "Transcription",
    "read_manifest",
    "save_patterns",
    "transcribe",
    "transcribe_folder",
]
