"""Standard MIDI Files to scores: the project's own exactly, those of other programs sensibly."""

from __future__ import annotations

import logging
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from technogen.errors import MidiError
from technogen.midi.conventions import (
    DEFAULT_TEMPO,
    DRUM_CHANNEL,
    LOOP_SLIDE_TEXT,
    MICROSECONDS_PER_MINUTE,
    find_swing_text,
)
from technogen.midi.importing import ImportedMidi
from technogen.midi.parts import Voice, choose_bass, make_line, split_voices
from technogen.midi.storing import read_bounded
from technogen.midi.swinging import take_out_swing
from technogen.midi.walking import (
    MARKER,
    MAX_BYTES,
    TEMPO,
    TEXT,
    TIME_SIGNATURE,
    Event,
    Meta,
    RawTrack,
    walk_file,
)
from technogen.score import TICKS_PER_BAR, Note, Score, Section, find_swing
from technogen.score.types import DRUM_TICKS, MAX_TEMPO, MIN_TEMPO

if TYPE_CHECKING:
    import pretty_midi

_log = logging.getLogger(__name__)

_BAR_SLACK = 60
"""How far after a bar line a file may end, in ticks, and not gain a bar: many programs end it one tick late."""
_LONGEST_LABEL = 100


def read_midi(path: str | Path) -> Score:
    """Read a Standard MIDI File of type 0 or 1 as a score.

    Files of this project come back as they were written. Of other programs' files, channel 10 is the drums and the
    track that looks most like one the bassline (see `ImportedMidi` for what is left out); notes that overlap by up
    to a 16th slide; the length is up to the end of track, in whole bars; swing becomes a number. A score has one
    tempo and counts 4/4: of several tempos the first is used (120 if there is none) and other metres are counted
    in 4/4, both with a logged warning. A file without notes is an empty score.

    Raises:
        MissingFileError: If there is no such file.
        MidiError: If it is no MIDI file, is cut short, or is beyond the limits of `technogen.midi.walking`.
    """
    return read_parts(path).score


def read_parts(path: str | Path) -> ImportedMidi:
    """Read a file as `read_midi` does, and tell what of it is not in the score.

    Raises:
        MissingFileError: If there is no such file.
        MidiError: As `read_midi`.
    """
    data = read_bounded(path, MAX_BYTES)
    try:
        imported = parse_midi(data)
    except MidiError as error:
        raise MidiError(f"{path}: {error}") from None
    _warn_of_losses(str(path), imported)
    return imported


def parse_midi(data: bytes) -> ImportedMidi:
    """Read the bytes of a file as `read_parts` does, without a word to the log.

    Raises:
        MidiError: As `read_midi`.
    """
    tracks = walk_file(data)
    metas = sorted((meta for track in tracks for meta in track.metas), key=lambda meta: meta.tick)
    tempos = _find_tempos(metas)
    signatures = _find_time_signatures(metas)
    voices = split_voices(tracks)
    bass = choose_bass(voices)
    score = _assemble(tracks, voices, bass, metas, tempos[0])
    others = [v for v in voices if v is not bass and v.channel != DRUM_CHANNEL and v.notes]
    return ImportedMidi(
        score=score,
        bass_track=bass.label if bass is not None else None,
        dropped_tracks=tuple(v.label for v in others),
        dropped_notes=sum(len(v.notes) for v in others) + (len(bass.notes) - len(score.bass) if bass else 0),
        tempos=tempos,
        time_signatures=signatures,
    )


def score_from_pretty_midi(midi: pretty_midi.PrettyMIDI) -> Score:
    """Read a `pretty_midi.PrettyMIDI` as `read_midi` reads the file that it writes.

    Raises:
        MidiError: If pretty_midi cannot write it, or the file cannot be read.
    """
    buffer = BytesIO()
    try:
        midi.write(buffer)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise MidiError(f"pretty_midi cannot write this object: {error}; every value must fit a MIDI file") from error
    imported = parse_midi(buffer.getvalue())
    _warn_of_losses("the PrettyMIDI object", imported)
    return imported.score


def _warn_of_losses(source: str, imported: ImportedMidi) -> None:
    tempos, signatures = imported.tempos, imported.time_signatures
    if len(tempos) > 1:
        _log.warning("%s has %d tempos; a score has one, and the first is used: %g", source, len(tempos), tempos[0])
    if any(signature != (4, 4) for signature in signatures):
        metres = ", ".join(f"{beats}/{unit}" for beats, unit in signatures)
        _log.warning("%s has bars of %s; they are counted in 4/4", source, metres)


def _assemble(
    tracks: list[RawTrack], voices: list[Voice], bass: Voice | None, metas: list[Meta], tempo: float
) -> Score:
    hits = [
        Note(s.start, DRUM_TICKS, s.pitch, s.velocity) for v in voices if v.channel == DRUM_CHANNEL for s in v.notes
    ]
    line = make_line(bass.notes) if bass is not None else []
    bars = _count_bars(tracks, [*hits, *line])
    length = bars * TICKS_PER_BAR
    texts = [meta.text for meta in metas if meta.kind == TEXT]
    if line:
        slides = line[-1].slide or LOOP_SLIDE_TEXT in texts
        line[-1] = replace(line[-1], duration=min(line[-1].end, length) - line[-1].start, slide=slides)
    played = Score(
        tempo=tempo,
        bars=bars,
        drums=tuple(hits),
        bass=tuple(line),
        controls=tuple(c for c in bass.controls if c.tick < length) if bass is not None else (),
        sections=_find_sections(metas, bars),
    )
    swing = find_swing_text(texts)
    return take_out_swing(played, find_swing([n.start for n in (*hits, *line)]) if swing is None else swing)


def _count_bars(tracks: list[RawTrack], notes: list[Note]) -> int:
    end = max((track.end if track.padded else _last_sound(track) for track in tracks), default=0)
    last_onset = max((note.start for note in notes), default=0)
    return max(1, -(-(end - _BAR_SLACK) // TICKS_PER_BAR), last_onset // TICKS_PER_BAR + 1)


def _last_sound(track: RawTrack) -> int:
    """The last tick of a track where something happens; how long drums are held does not matter."""
    event = next((e for e in reversed(track.events) if not _ends_hit(e)), None)
    return max(event.tick if event else 0, track.metas[-1].tick if track.metas else 0)


def _ends_hit(event: Event) -> bool:
    kind, channel = event.status & 0xF0, event.status & 0x0F
    return channel == DRUM_CHANNEL and (kind == 0x80 or (kind == 0x90 and event.second == 0))


def _find_tempos(metas: list[Meta]) -> tuple[float, ...]:
    tempos: dict[float, None] = {}
    for meta in metas:
        if meta.kind == TEMPO:
            microseconds = int.from_bytes(meta.data, "big")
            if len(meta.data) != 3 or microseconds == 0:
                raise MidiError(f"a tempo event says {microseconds} microseconds a beat; export the file again")
            tempos[round(MICROSECONDS_PER_MINUTE / microseconds, 2)] = None
    found = tuple(tempos) or (DEFAULT_TEMPO,)
    if not MIN_TEMPO <= found[0] <= MAX_TEMPO:
        raise MidiError(f"the tempo must be in {MIN_TEMPO:g}..{MAX_TEMPO:g} beats a minute, got {found[0]:g}")
    return found


def _find_time_signatures(metas: list[Meta]) -> tuple[tuple[int, int], ...]:
    found = {(m.data[0], 2 ** min(m.data[1], 8)): None for m in metas if m.kind == TIME_SIGNATURE and len(m.data) >= 2}
    return tuple(found)


def _find_sections(metas: list[Meta], bars: int) -> tuple[Section, ...]:
    """Markers as sections, at the bar line next to them; an empty one is passed over, a long one is cut."""
    placed = [
        ((m.tick + TICKS_PER_BAR // 2) // TICKS_PER_BAR, m.text[:_LONGEST_LABEL]) for m in metas if m.kind == MARKER
    ]
    return tuple(Section(bar, label) for bar, label in placed if bar < bars and label)
