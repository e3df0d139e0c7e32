"""The bytes of a Standard MIDI File as raw events: the project's own reader, which believes nothing that it is told."""

from dataclasses import dataclass, field
from typing import NamedTuple

from technogen.errors import MidiError
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT
from technogen.score.types import MAX_BARS

MAX_BYTES = 16 * 2**20
MAX_EVENTS = 1_000_000
MAX_TRACKS = 256
DIVISIONS = range(24, 15_361)

TEXT, TRACK_NAME, MARKER, END_OF_TRACK, TEMPO, TIME_SIGNATURE = 0x01, 0x03, 0x06, 0x2F, 0x51, 0x58
_KEPT_META = frozenset((TEXT, TRACK_NAME, MARKER, TEMPO, TIME_SIGNATURE))
_SYSEX = (0xF0, 0xF7)
_META = 0xFF


class Event(NamedTuple):
    """A message of a channel: its tick, its status byte and its two data bytes (the second 0 where there is one)."""

    tick: int
    status: int
    first: int
    second: int


class Meta(NamedTuple):
    """A meta event: its tick, its type and its bytes."""

    tick: int
    kind: int
    data: bytes

    @property
    def text(self) -> str:
        """The bytes as text: UTF-8, or Latin-1 where they are not."""
        try:
            return self.data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return self.data.decode("latin-1")


@dataclass(slots=True)
class RawTrack:
    """One track in the ticks of a score, whatever those of the file are.

    Attributes:
        events: In their order.
        metas: Those that matter to a score, in their order.
        end: The end of track.
        padded: Whether the end of track was put somewhere, and not just where the last event is or one tick later.
    """

    events: list[Event] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)
    end: int = 0
    padded: bool = False

    @property
    def name(self) -> str:
        """What the track calls itself, or nothing."""
        return next((meta.text.strip("\0 \t\r\n") for meta in self.metas if meta.kind == TRACK_NAME), "")


def walk_file(data: bytes) -> list[RawTrack]:
    """Read every track of a file of type 0 or 1.

    A track that lacks its end-of-track event ends with its last event. Chunks of unknown kinds are passed over.

    Raises:
        MidiError: If the bytes are no MIDI file, are cut short, or are beyond the limits: 16 MiB, a million events,
            256 tracks, 24..15360 ticks a beat, 20,000 bars.
    """
    if not data:
        raise MidiError("the file is empty; a MIDI file starts with MThd")
    if len(data) > MAX_BYTES:
        raise MidiError(f"the file has {len(data)} bytes; at most {MAX_BYTES} are read")
    claimed, division = _read_header(data)
    chunks = _find_tracks(data, claimed)
    tracks: list[RawTrack] = []
    budget = MAX_EVENTS
    for number, chunk in enumerate(chunks, 1):
        track = RawTrack()
        try:
            budget = _walk_track(chunk, track, budget)
        except IndexError:
            raise MidiError(f"track {number} is cut short in the middle of an event; export the file again") from None
        tracks.append(_rescale(track, division))
    return tracks


def _read_header(data: bytes) -> tuple[int, int]:
    """The number of tracks that the file claims to have, and its ticks a beat."""
    if data[:4] != b"MThd":
        raise MidiError(f"it starts with {data[:4]!r}, and a MIDI file starts with b'MThd'")
    size = int.from_bytes(data[4:8], "big")
    if len(data) < 14 or not 6 <= size <= len(data) - 8:
        raise MidiError("the header is cut short; export the file again")
    file_type, claimed, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    if file_type not in (0, 1):
        raise MidiError(f"MIDI files of type 0 and 1 are read, got type {file_type}; export it as type 1")
    if division & 0x8000:
        raise MidiError("its clock counts SMPTE frames, not beats; export it with ticks per quarter note, such as 480")
    if division not in DIVISIONS:
        raise MidiError(
            f"ticks a beat must be in {DIVISIONS.start}..{DIVISIONS.stop - 1}, got {division}; 480 is usual"
        )
    return claimed, division


def _find_tracks(data: bytes, claimed: int) -> list[bytes]:
    chunks: list[bytes] = []
    position = 8 + int.from_bytes(data[4:8], "big")
    while len(chunks) < min(claimed, MAX_TRACKS + 1) and position + 8 <= len(data):
        kind, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "big")
        position += 8
        if position + size > len(data):
            raise MidiError(f"a chunk of {size} bytes is cut short after {len(data) - position}; export the file again")
        if kind == b"MTrk":
            chunks.append(data[position : position + size])
        position += size
    if len(chunks) > MAX_TRACKS:
        raise MidiError(f"at most {MAX_TRACKS} tracks are read, the header claims {claimed}")
    if len(chunks) < claimed:
        raise MidiError(f"the header claims {claimed} tracks, the file holds {len(chunks)}; export the file again")
    return chunks


def _walk_track(data: bytes, track: RawTrack, budget: int) -> int:
    """Put a track's events into `track`; give back how many more events the file may have."""
    position = tick = status = delta = 0
    size, keep = len(data), track.events.append
    while position < size:
        budget -= 1
        if budget < 0:
            raise MidiError(f"it has more than {MAX_EVENTS:,} events, more than any score needs; split it")
        delta, position = _read_number(data, position)
        tick += delta
        byte = data[position]
        if byte >= 0xF0:
            kind, position = _read_meta(data, position, tick, track)
            if kind == END_OF_TRACK:
                track.padded = delta > 1
                break
            continue
        if byte >= 0x80:
            status = byte
            position += 1
        elif not status:
            raise MidiError(f"a data byte {byte} stands where an event must start; export the file again")
        first, second = data[position], 0
        position += 1
        if not 0xC0 <= status < 0xE0:
            second = data[position]
            position += 1
        if (first | second) & 0x80:
            raise MidiError(f"a data byte is over 127 in an event at tick {tick}; export the file again")
        keep(Event(tick, status, first, second))
    track.end = tick
    return budget


def _read_number(data: bytes, position: int) -> tuple[int, int]:
    """A number of variable length, of at most four bytes, and the position after it."""
    byte = data[position]
    if byte < 0x80:
        return byte, position + 1
    number = 0
    for at in range(position, position + 4):
        byte = data[at]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + 1
    raise MidiError("a number has more than four bytes; export the file again")


def _read_meta(data: bytes, position: int, tick: int, track: RawTrack) -> tuple[int, int]:
    """Read or pass over a meta or system event; its kind (-1: a system event) and the position after it."""
    byte = data[position]
    if byte != _META and byte not in _SYSEX:
        raise MidiError(f"an event 0x{byte:02X} has no place in a file; export the file again")
    kind = data[position + 1] if byte == _META else -1
    size, start = _read_number(data, position + (2 if byte == _META else 1))
    if start + size > len(data):
        raise IndexError
    if kind in _KEPT_META:
        track.metas.append(Meta(tick, kind, data[start : start + size]))
    return kind, start + size


def _rescale(track: RawTrack, division: int) -> RawTrack:
    """Bring a track to the ticks of a score."""
    end = _scale(track.end, division)
    if end > MAX_BARS * TICKS_PER_BAR:
        raise MidiError(f"it is {end // TICKS_PER_BAR} bars long; at most {MAX_BARS} are read")
    if division == TICKS_PER_BEAT:
        return track
    events = [Event(_scale(tick, division), status, first, second) for tick, status, first, second in track.events]
    return RawTrack(events, [Meta(_scale(m.tick, division), m.kind, m.data) for m in track.metas], end, track.padded)


def _scale(tick: int, division: int) -> int:
    return (2 * tick * TICKS_PER_BEAT + division) // (2 * division)
