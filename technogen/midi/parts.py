"""Which notes of a MIDI file are the drums and which the bassline, and the bassline as one line with slides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from technogen.midi.conventions import CONTROLLERS, DRUM_CHANNEL, LONGEST_SLIDE
from technogen.midi.walking import Event, RawTrack
from technogen.score import Control, Note

_BASS_NAME = re.compile(r"bass|acid|303", re.IGNORECASE)
_ACID_NAME = re.compile(r"acid|303", re.IGNORECASE)
_NO_BASS_NAME = re.compile(r"bass\s*drum|kick", re.IGNORECASE)
_BASS_PROGRAMS = range(32, 40)
_HIGHEST_BASS = 60
"""A voice whose middle pitch is above this is a lead, not a bass."""
_MONOPHONIC_SHARE = 0.8

_NAMES_OF_CONTROLLERS = {number: name for name, number in CONTROLLERS.items()}


class Span(NamedTuple):
    """A note as a file holds it, overlaps and all, in ticks."""

    start: int
    pitch: int
    end: int
    velocity: int


@dataclass(slots=True)
class Voice:
    """What one channel of one track plays."""

    track: str
    channel: int
    program: int | None = None
    notes: list[Span] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name of its track, or its channel, counted from 1."""
        return self.track or f"channel {self.channel + 1}"


def split_voices(tracks: Iterable[RawTrack]) -> list[Voice]:
    """The voices of a file in the order of its tracks and channels; drums are those of channel 10."""
    return [voice for track in tracks for voice in _voices_of_track(track)]


def choose_bass(voices: Iterable[Voice]) -> Voice | None:
    """The voice that is the bassline: by its name, else by its program, else by its register; None if none is.

    A name says "acid", "303" or "bass"; a program is one of the basses of General MIDI (33..40); else it is the
    lowest voice that mostly plays one note at a time, if its middle pitch is not above middle C. Of several that
    qualify, the one with most notes.
    """
    melodic = [v for v in voices if v.channel != DRUM_CHANNEL and not _NO_BASS_NAME.search(v.track)]
    if named := [v for v in melodic if _BASS_NAME.search(v.track)]:
        return max(named, key=lambda v: (bool(v.notes), bool(_ACID_NAME.search(v.track)), len(v.notes)))
    sounding = [v for v in melodic if v.notes]
    if basses := [v for v in sounding if v.program in _BASS_PROGRAMS]:
        return max(basses, key=lambda v: len(v.notes))
    lines = [v for v in sounding if _is_line(v.notes) and _register(v) <= _HIGHEST_BASS]
    return min(lines, key=lambda v: (_register(v), -len(v.notes)), default=None)


def make_line(spans: Iterable[Span]) -> list[Note]:
    """One line of notes: of a chord the lowest, each ending where the next starts, slides where notes overlap.

    A note that sounds on into the next by at most a 16th, at another pitch, slides into it; a longer overlap is
    polyphony, and is cut.
    """
    lowest: dict[int, Span] = {}
    for span in sorted(spans):
        lowest.setdefault(span.start, span)
    line = list(lowest.values())
    notes = []
    for span, following in zip(line, (*line[1:], None)):
        end, slide = span.end, False
        if following is not None and end > following.start:
            slide = end - following.start <= LONGEST_SLIDE and span.pitch != following.pitch
            end = following.start
        notes.append(Note(span.start, end - span.start, span.pitch, span.velocity, slide))
    return notes


def _voices_of_track(track: RawTrack) -> list[Voice]:
    name = track.name
    voices: dict[int, Voice] = {}
    keys: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in track.events:
        kind, channel = event.status & 0xF0, event.status & 0x0F
        if kind in (0x80, 0x90):
            keys[channel, event.first].append(event)
        elif kind == 0xC0 or (kind == 0xB0 and event.first in _NAMES_OF_CONTROLLERS):
            _turn_knob(voices.setdefault(channel, Voice(name, channel)), event)
    for (channel, pitch), events in keys.items():
        voices.setdefault(channel, Voice(name, channel)).notes += _pair_notes(events, pitch, track.end)
    for voice in voices.values():
        voice.notes.sort()
    return [voices[channel] for channel in sorted(voices) if voices[channel].notes or voices[channel].controls]


def _turn_knob(voice: Voice, event: Event) -> None:
    if event.status & 0xF0 == 0xB0:
        voice.controls.append(Control(event.tick, _NAMES_OF_CONTROLLERS[event.first], event.second))
    elif voice.program is None:
        voice.program = event.first


def _pair_notes(events: list[Event], pitch: int, end: int) -> list[Span]:
    """The notes of one key: each note-off ends the oldest sounding note, if that leaves none hanging.

    Where a note-off is missing, each note-on ends the note before it, and the track's end the last. Notes of one
    pitch never overlap: what is left of an overlap belongs to the later note.
    """
    paired = _pair_first_in_first_out(events)
    if paired is None:
        paired = _pair_retriggered(events, end)
    spans: dict[int, Span] = {}
    for start, stop, velocity in paired:
        held = spans.get(start)
        if held is None or (velocity, stop) > (held.velocity, held.end):
            spans[start] = Span(start, pitch, max(stop, start + 1), velocity)
    ordered = [spans[start] for start in sorted(spans)]
    return [
        span._replace(end=min(span.end, following.start)) for span, following in zip(ordered, ordered[1:])
    ] + ordered[-1:]


def _is_on(event: Event) -> bool:
    return event.status & 0xF0 == 0x90 and event.second > 0


def _pair_first_in_first_out(events: list[Event]) -> list[tuple[int, int, int]] | None:
    """(start, end, velocity) of each note; None if a note hangs."""
    paired: list[tuple[int, int, int]] = []
    sounding: list[Event] = []
    oldest = 0
    for event in events:
        if _is_on(event):
            sounding.append(event)
        elif oldest < len(sounding):
            paired.append((sounding[oldest].tick, event.tick, sounding[oldest].second))
            oldest += 1
    return paired if oldest == len(sounding) else None


def _pair_retriggered(events: list[Event], end: int) -> list[tuple[int, int, int]]:
    paired = []
    held: Event | None = None
    for event in events:
        if held is not None:
            paired.append((held.tick, event.tick, held.second))
        held = event if _is_on(event) else None
    if held is not None:
        paired.append((held.tick, end, held.second))
    return paired


def _is_line(spans: list[Span]) -> bool:
    """Whether notes mostly come one at a time; a short overlap is a slide, and counts as one at a time."""
    apart = sum(a.start < b.start and a.end - b.start <= LONGEST_SLIDE for a, b in zip(spans, spans[1:]))
    return apart >= _MONOPHONIC_SHARE * (len(spans) - 1)


def _register(voice: Voice) -> float:
    return median(span.pitch for span in voice.notes)
