"""Whole collections: every recording to its files, and a manifest that says what became of each."""

from technogen.transcription.collection.manifest import MANIFEST, ManifestEntry, OutputFile, read_manifest
from technogen.transcription.collection.options import CollectionOptions, Engine, Existing, Format
from technogen.transcription.collection.running import transcribe_folder

__all__ = [
    "MANIFEST",
    "CollectionOptions",
    "Engine",
    "Existing",
    "Format",
    "ManifestEntry",
    "OutputFile",
    "read_manifest",
    "transcribe_folder",
]
