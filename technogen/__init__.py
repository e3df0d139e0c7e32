"""Techno as music data: recordings to drum and acid MIDI, a Music Transformer that writes more, and sound again."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from technogen.audio import Audio, read_audio
    from technogen.errors import TechnoGenError
    from technogen.generation import Generator, Sampling
    from technogen.patterns import compose
    from technogen.rendering import render
    from technogen.score import Control, Note, Score, Section
    from technogen.transcription import Transcription, transcribe

__version__ = "0.1.0"

_HOMES = {
    "Audio": "audio",
    "Control": "score",
    "Generator": "generation",
    "Note": "score",
    "Sampling": "generation",
    "Score": "score",
    "Section": "score",
    "TechnoGenError": "errors",
    "Transcription": "transcription",
    "compose": "patterns",
    "read_audio": "audio",
    "render": "rendering",
    "transcribe": "transcription",
}

__all__ = [
    "Audio",
    "Control",
    "Generator",
    "Note",
    "Sampling",
    "Score",
    "Section",
    "TechnoGenError",
    "Transcription",
    "__version__",
    "compose",
    "read_audio",
    "render",
    "transcribe",
]


def __getattr__(name: str) -> Any:
    """Fetch a public name from its room when it is first asked for, so that the import itself loads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'technogen' has no attribute {name!r}")
    value = getattr(import_module(f"technogen.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
