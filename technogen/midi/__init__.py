"""Scores as Standard MIDI Files and back, on the clock of a score: 480 ticks a beat."""

from technogen.midi.importing import ImportedMidi
from technogen.midi.reading import parse_midi, read_midi, read_parts, score_from_pretty_midi
from technogen.midi.writing import midi_bytes, score_to_pretty_midi, write_midi

__all__ = [
    "ImportedMidi",
    "midi_bytes",
    "parse_midi",
    "read_midi",
    "read_parts",
    "score_from_pretty_midi",
    "score_to_pretty_midi",
    "write_midi",
]
