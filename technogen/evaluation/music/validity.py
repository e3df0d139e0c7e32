"""Whether a MIDI file keeps the project's conventions, rule by rule; read from its bytes, not from a score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from technogen.midi.conventions import DRUM_CHANNEL
from technogen.midi.storing import read_bounded
from technogen.midi.walking import MAX_BYTES, TEMPO, TIME_SIGNATURE, RawTrack, walk_file
from technogen.score import TICKS_PER_BAR

_FOUR_FOUR = (4, 2)
_GM_DRUMS = range(27, 88)

_Span = tuple[int, int, int]  # start, end, pitch


def check_rules(path: str | Path) -> dict[str, bool]:
    """Which rules a file keeps: one tempo, 4/4, ends on a bar line, notes paired, no pitch over itself, one bass line.

    A slide is two notes of different pitch that overlap; more than two at once, or a note within another, is no line.

    Raises:
        MissingFileError: If there is no such file.
        MidiError: If it cannot be read.
    """
    tracks = walk_file(read_bounded(path, MAX_BYTES))
    metas = [meta for track in tracks for meta in track.metas]
    tempos = [meta for meta in metas if meta.kind == TEMPO]
    metres = [meta for meta in metas if meta.kind == TIME_SIGNATURE]
    voices, unpaired, doubled = _pair(tracks)
    drums = voices.pop(DRUM_CHANNEL, [])
    return {
        "one tempo from the start": len(tempos) == 1 and tempos[0].tick == 0,
        "four four": [(m.tick, *m.data[:2]) for m in metres] == [(0, *_FOUR_FOUR)],
        "ends on a bar line": all(track.end % TICKS_PER_BAR == 0 for track in tracks if track.events),
        "notes paired": not unpaired,
        "no pitch over itself": not doubled,
        "one bass line": len(voices) <= 1 and all(_is_line(sorted(spans)) for spans in voices.values()),
        "general MIDI drums": all(pitch in _GM_DRUMS for _, _, pitch in drums),
        "has notes": bool(drums or voices),
    }


def _pair(tracks: Iterable[RawTrack]) -> tuple[dict[int, list[_Span]], int, int]:
    """The notes of each channel, and how many were unpaired, and how many started while they sounded."""
    voices: dict[int, list[_Span]] = defaultdict(list)
    unpaired = doubled = 0
    for track in tracks:
        sounding: dict[tuple[int, int], int] = {}
        for tick, channel, pitch, starts in _note_events(track):
            begun = sounding.pop((channel, pitch), None)
            if starts:
                doubled += begun is not None
                sounding[channel, pitch] = tick
            elif begun is None or tick <= begun:
                unpaired += 1
            if begun is not None:
                voices[channel].append((begun, tick, pitch))
        unpaired += len(sounding)
    return voices, unpaired, doubled


def _note_events(track: RawTrack) -> Iterator[tuple[int, int, int, bool]]:
    for event in track.events:
        kind = event.status & 0xF0
        if kind in (0x80, 0x90):
            yield event.tick, event.status & 0x0F, event.first, kind == 0x90 and event.second > 0


def _is_line(spans: list[_Span]) -> bool:
    pairs = all(a[0] < b[0] and (a[1] <= b[0] or a[1] <= b[1]) for a, b in zip(spans, spans[1:]))
    return pairs and all(a[1] <= c[0] for a, c in zip(spans, spans[2:]))
