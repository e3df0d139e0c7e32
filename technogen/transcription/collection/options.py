"""How the recordings of a collection are transcribed, and what becomes of files that are there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from technogen.errors import TranscriptionError
from technogen.transcription.pipeline import BassTracker, BeatTracker, check_options

Format = Literal["mid", "beats", "json", "svg", "patterns"]
"""What a recording becomes: MIDI, beats for Sonic Visualiser, everything in seconds, a picture, and each of its loops
as `STEM.pattern-PART-LABEL.mid`."""
Existing = Literal["refuse", "skip", "replace", "update"]
"""What becomes of results that are there already.

- "refuse": an error before any work.
- "skip": what is done is left out; what TechnoGen did not write, or what was changed since, is never overwritten.
- "replace": everything is done again.
- "update": what is done is left out, and all else overwritten.
"""
Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """How each recording is transcribed, and what is written of it.

    Attributes:
        tempo, tempo_range, beat_tracker, bass_tracker: As of `transcribe`.
        formats: What to write.
        keep_folders: Mirror the folders of the source; else all files go to one.
    """

    tempo: float | None = None
    tempo_range: tuple[float, float] = (90.0, 200.0)
    beat_tracker: BeatTracker = "technogen"
    bass_tracker: BassTracker = "technogen"
    formats: tuple[Format, ...] = ("mid", "beats")
    keep_folders: bool = False

    def check(self) -> None:
        """Refuse what cannot be followed.

        Raises:
            TranscriptionError: If an option cannot be.
        """
        check_options(self.tempo, self.tempo_range, self.beat_tracker, self.bass_tracker)
        strange = [name for name in self.formats if name not in get_args(Format)]
        if strange or not self.formats:
            raise TranscriptionError(f"formats must be of {', '.join(get_args(Format))}, got {self.formats!r}")

    def describe(self) -> dict[str, Any]:
        """What a result depends on, as JSON gives it back."""
        return {
            "tempo": self.tempo,
            "tempo_range": list(self.tempo_range) if self.tempo is None else None,
            "beat_tracker": self.beat_tracker,
            "bass_tracker": self.bass_tracker,
        }
