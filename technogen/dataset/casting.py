"""Which tracks of a MIDI file are drums, which may be the bassline, and which are neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from technogen.midi.conventions import DRUM_CHANNEL, LONGEST_SLIDE
from technogen.midi.parts import Voice
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT
from technogen.score.drums import (
    CLAP,
    CLAVES,
    CLOSED_HAT,
    COWBELL,
    CRASH,
    HIGH_CONGA,
    KICK,
    MARACAS,
    MID_TOM,
    OPEN_HAT,
    RIDE,
    RIM,
    SNARE,
)

_PIECES: tuple[tuple[str, int], ...] = (
    (r"kick|bass ?drum|\bbd\b", KICK),
    (r"snare|\bsd\b", SNARE),
    (r"\bclaps?\b", CLAP),
    (r"open ?(hi-?)?hat|\boh\b", OPEN_HAT),
    (r"\bhi-?hats?\b|\bhats?\b|\bhh\b|\bch\b", CLOSED_HAT),
    (r"\brim", RIM),
    (r"\btoms?\b", MID_TOM),
    (r"\bride\b", RIDE),
    (r"\bcrash\b|\bcymbals?\b", CRASH),
    (r"cow ?bell", COWBELL),
    (r"\bcongas?\b|\bbongos?\b", HIGH_CONGA),
    (r"\bshakers?\b|\bmaracas?\b", MARACAS),
    (r"\bclaves?\b", CLAVES),
)
_MOST_PITCHES_OF_A_PIECE = 3
_KIT = re.compile(r"(?<!steel )\bdrum|\bperc|\bkit\b|\bbeats?\b", re.IGNORECASE)
_KIT_PITCHES = range(35, 82)

_BASS = re.compile(r"bass(?!oon)|\bbas\b|\bbasse\b|\bbasu\b|acid|303|\bsub\b", re.IGNORECASE)
_SILENT = re.compile(r"side[ -]?chain", re.IGNORECASE)
_NO_BASS = re.compile(r"bass ?drum|\bkick|bass\W*(and )?lead|lead\W*(and )?bass", re.IGNORECASE)
_BASS_PROGRAMS = range(32, 40)
_HIGHEST_UNNAMED = 52
"""A track that nothing else shows to be a bass is none if its middle pitch is above this."""
_LINE_SHARE = 0.8
_LEAST_SHARE = 0.25

_PULSE_HITS, _PULSE_SHARE = 16, 0.7


@dataclass(frozen=True, slots=True)
class Casting:
    """What each voice of a file is taken for.

    Attributes:
        drums: Kits, whose pitches are General MIDI.
        pieces: Voices that are one drum each, with its piece.
        basses: Any of them may be the bassline; all are shown to be basses by the same sign.
        dropped: The others.
    """

    drums: tuple[Voice, ...]
    pieces: tuple[tuple[Voice, int], ...]
    basses: tuple[Voice, ...]
    dropped: tuple[Voice, ...]


def cast_voices(voices: Sequence[Voice]) -> Casting:
    """Tell drums and basses from the rest.

    Drums are channel 10, voices of at most three pitches that are named after a drum, and, where channel 10 is silent,
    voices named "drums" or the like. A voice of one pitch on all four beats is a kick, or a trigger of side-chain
    compression: it counts as the kick where there is none. The basses are the voices named so; else those with a bass
    program of General MIDI; else the lowest voice that plays one note at a time through a quarter of the song or more,
    if its middle pitch is not above E3 (52).
    """
    kits = [v for v in voices if v.channel == DRUM_CHANNEL]
    melodic = [v for v in voices if v.channel != DRUM_CHANNEL]
    if not kits:
        kits = [v for v in melodic if _KIT.search(v.track) and _is_kit(v)]
        melodic = [v for v in melodic if v not in kits]
    pieces = [(v, piece) for v in melodic if (piece := _find_piece(v)) is not None]
    taken = [v for v, _ in pieces]
    pulses = [v for v in melodic if v not in taken and is_pulse(v)]
    if pulses and not _has_kick(kits, pieces, pulses):
        pieces.append((max(pulses, key=lambda v: len(v.notes)), KICK))
    lines = [v for v in melodic if v not in taken and v not in pulses and not _SILENT.search(v.track)]
    basses = _find_basses(lines, max((_count_bars(v) for v in voices), default=0))
    used = [*kits, *(v for v, _ in pieces), *basses]
    return Casting(tuple(kits), tuple(pieces), tuple(basses), tuple(v for v in voices if v not in used))


def is_pulse(voice: Voice) -> bool:
    """Whether a voice is a kick by its notes: one pitch, mostly on the beat, on all four beats of half its bars."""
    if len(voice.notes) < _PULSE_HITS or len({s.pitch for s in voice.notes}) > 1:
        return False
    beats = {s.start // TICKS_PER_BEAT for s in voice.notes if s.start % TICKS_PER_BEAT == 0}
    bars = {s.start // TICKS_PER_BAR for s in voice.notes}
    full = sum(all(4 * bar + beat in beats for beat in range(4)) for bar in bars)
    return len(beats) >= _PULSE_SHARE * len(voice.notes) and 2 * full >= len(bars)


def _find_basses(lines: list[Voice], bars: int) -> list[Voice]:
    if named := [v for v in lines if _BASS.search(v.track) and not _NO_BASS.search(v.track)]:
        return named
    if programmed := [v for v in lines if v.program in _BASS_PROGRAMS]:
        return programmed
    low = [v for v in lines if _is_line(v) and _register(v) <= _HIGHEST_UNNAMED]
    lasting = [v for v in low if _count_bars(v) >= _LEAST_SHARE * bars]
    return sorted(lasting, key=lambda v: (_register(v), -len(v.notes)))[:1]


def _find_piece(voice: Voice) -> int | None:
    if len({s.pitch for s in voice.notes}) > _MOST_PITCHES_OF_A_PIECE:
        return None
    return next((piece for words, piece in _PIECES if re.search(words, voice.track, re.IGNORECASE)), None)


def _is_kit(voice: Voice) -> bool:
    return all(s.pitch in _KIT_PITCHES for s in voice.notes)


def _has_kick(kits: list[Voice], pieces: list[tuple[Voice, int]], pulses: list[Voice]) -> bool:
    """Whether drums play a kick in a quarter of the bars of the pulses."""
    kicks = [s for v in kits for s in v.notes if s.pitch in (35, 36)]
    kicks += [s for v, piece in pieces if piece == KICK for s in v.notes]
    played = {s.start // TICKS_PER_BAR for s in kicks}
    pulsing = {s.start // TICKS_PER_BAR for v in pulses for s in v.notes}
    return 4 * len(played & pulsing) >= len(pulsing)


def _is_line(voice: Voice) -> bool:
    """Whether notes mostly come one at a time; a short overlap is legato."""
    pairs = list(zip(voice.notes, voice.notes[1:]))
    return sum(a.start < b.start and a.end - b.start <= LONGEST_SLIDE for a, b in pairs) >= _LINE_SHARE * len(pairs)


def _register(voice: Voice) -> float:
    return median(s.pitch for s in voice.notes)


def _count_bars(voice: Voice) -> int:
    return len({s.start // TICKS_PER_BAR for s in voice.notes})
