"""What a MIDI file of any program says, as a score, and what of it a score cannot say."""

from dataclasses import dataclass

from technogen.score import Score


@dataclass(frozen=True, slots=True)
class ImportedMidi:
    """A MIDI file as a score, and what was left out.

    Attributes:
        score: Drums and bassline.
        bass_track: The name of the track that became the bassline (or its channel); None if none did.
        dropped_tracks: The names of the other melodic tracks, or their channels.
        dropped_notes: How many notes are in those tracks, or were in chords of the bassline.
        tempos: All different tempos, in their order; the first is the score's.
        time_signatures: All different time signatures as (beats, unit); the score counts 4/4 all the same.
    """

    score: Score
    bass_track: str | None
    dropped_tracks: tuple[str, ...]
    dropped_notes: int
    tempos: tuple[float, ...]
    time_signatures: tuple[tuple[int, int], ...]
