"""Scores to Standard MIDI Files: exact tempo, exact loop length, slides as overlaps, swing in the ticks."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from technogen.errors import MidiError
from technogen.files import write_bytes
from technogen.midi.conventions import (
    ACID_CHANNEL,
    ACID_PROGRAM,
    ACID_TRACK,
    CONDUCTOR_TRACK,
    CONTROLLERS,
    DRUM_CHANNEL,
    DRUM_TRACK,
    END_TEXT,
    LOOP_SLIDE_TEXT,
    MICROSECONDS_PER_MINUTE,
    SINGLE_TRACK,
    SLIDE_TICKS,
    swing_text,
)
from technogen.midi.swinging import play_swing
from technogen.midi.walking import END_OF_TRACK, MARKER, TEMPO, TEXT, TIME_SIGNATURE, TRACK_NAME
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT, Part, Score

if TYPE_CHECKING:
    import pretty_midi

FileType = Literal[0, 1]
_Timed = tuple[int, int, bytes]  # tick, order among the events of one tick, bytes
_HEAD, _CONTROL, _OFF, _ON = range(4)
_FOUR_FOUR = bytes((4, 2, 24, 8))  # 4, the power of two of the other 4, clocks a click, 32nds a beat
_OFF_VELOCITY = 64


def write_midi(score: Score, path: str | Path, *, part: Part | None = None, file_type: FileType | None = None) -> None:
    """Write a Standard MIDI File; an existing file is replaced at once, or on failure left as it was.

    Args:
        score: Any score.
        path: Where to.
        part: One part alone, for hardware; by default both.
        file_type: 1 is a conductor track and one track a part, 0 a single track. By default 1 for the whole score
            and 0 for one part.

    Raises:
        MidiError: If `part` or `file_type` is none of these.
        OutputError: If the file cannot be written.
    """
    write_bytes(path, midi_bytes(score, part=part, file_type=file_type))


def midi_bytes(score: Score, *, part: Part | None = None, file_type: FileType | None = None) -> bytes:
    """The bytes that `write_midi` writes; equal scores give equal bytes.

    Raises:
        MidiError: If `part` or `file_type` is none of the known.
    """
    if part not in (None, "drums", "bass"):
        raise MidiError(f"a part is 'drums' or 'bass', got {part!r}; leave it out for both")
    if file_type not in (None, 0, 1):
        raise MidiError(f"MIDI files of type 0 and 1 are written, got {file_type!r}")
    kind = file_type if file_type is not None else int(part is None)
    played = play_swing(score)
    events = {
        DRUM_TRACK: _drum_events(played) if part != "bass" else None,
        ACID_TRACK: _acid_events(played, with_program=kind == 1) if part != "drums" else None,
    }
    tracks = {name: track for name, track in events.items() if track is not None}
    head = _conductor_events(played, score.swing, loop_slide=part != "drums")
    if kind == 0:
        name = SINGLE_TRACK if len(tracks) == 2 else next(iter(tracks))
        tracks = {name: head + [event for track in tracks.values() for event in track]}
    else:
        tracks = {CONDUCTOR_TRACK: head, **tracks}
    header = b"MThd" + b"".join((n).to_bytes(size, "big") for n, size in _header_numbers(kind, len(tracks)))
    return header + b"".join(_encode_track(name, track, score.length) for name, track in tracks.items())


def score_to_pretty_midi(score: Score) -> pretty_midi.PrettyMIDI:
    """The score as `pretty_midi` reads the file of it; its ticks a beat are 480.

    pretty_midi knows no markers, so sections are not in it; swing and loop length are, as text events.
    """
    import pretty_midi  # noqa: PLC0415

    midi = pretty_midi.PrettyMIDI(BytesIO(midi_bytes(score)))
    midi.text_events.append(pretty_midi.Text(END_TEXT, midi.tick_to_time(score.length)))
    return midi


def _header_numbers(kind: int, tracks: int) -> tuple[tuple[int, int], ...]:
    return (6, 4), (kind, 2), (tracks, 2), (TICKS_PER_BEAT, 2)


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _encode_number(len(data)) + data


def _conductor_events(played: Score, swing: float, *, loop_slide: bool) -> list[_Timed]:
    microseconds = round(MICROSECONDS_PER_MINUTE / played.tempo)
    texts = [swing_text(swing)]
    if loop_slide and played.bass and played.bass[-1].slide:
        texts.append(LOOP_SLIDE_TEXT)
    heads = [
        _meta(TEMPO, microseconds.to_bytes(3, "big")),
        _meta(TIME_SIGNATURE, _FOUR_FOUR),
        *(_meta(TEXT, text.encode()) for text in texts),
    ]
    markers = [
        (section.bar * TICKS_PER_BAR, _HEAD, _meta(MARKER, section.label.encode("utf-8", "surrogatepass")))
        for section in played.sections
    ]
    return [(0, _HEAD, head) for head in heads] + markers


def _drum_events(played: Score) -> list[_Timed]:
    events = []
    for hit in played.drums:
        events.append((hit.start, _ON, bytes((0x90 | DRUM_CHANNEL, hit.pitch, hit.velocity))))
        events.append((hit.end, _OFF, bytes((0x80 | DRUM_CHANNEL, hit.pitch, _OFF_VELOCITY))))
    return events


def _acid_events(played: Score, *, with_program: bool) -> list[_Timed]:
    events: list[_Timed] = [(0, _HEAD, bytes((0xC0 | ACID_CHANNEL, ACID_PROGRAM)))] if with_program else []
    for control in played.controls:
        message = bytes((0xB0 | ACID_CHANNEL, CONTROLLERS[control.name], control.value))
        events.append((control.tick, _CONTROL, message))
    for note, following in zip(played.bass, (*played.bass[1:], None)):
        # Not beyond the note slid into: the note after it may have this one's pitch.
        overlap = min(SLIDE_TICKS, following.duration) if note.slide and following else 0
        events.append((note.start, _ON, bytes((0x90 | ACID_CHANNEL, note.pitch, note.velocity))))
        events.append((note.end + overlap, _OFF, bytes((0x80 | ACID_CHANNEL, note.pitch, _OFF_VELOCITY))))
    return events


def _encode_track(name: str, events: list[_Timed], length: int) -> bytes:
    """A track chunk that ends at `length`: head, controls, note-offs, note-ons of a tick in this order."""
    body = bytearray(_encode_number(0) + _meta(TRACK_NAME, name.encode()))
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        body += _encode_number(tick - now) + message
        now = tick
    body += _encode_number(length - now) + _meta(END_OF_TRACK, b"")
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _encode_number(number: int) -> bytes:
    """A number of variable length: seven bits a byte, the highest first, all but the last with their top bit set."""
    encoded = [number & 0x7F]
    while number := number >> 7:
        encoded.append(number & 0x7F | 0x80)
    return bytes(reversed(encoded))
