"""Any multitrack MIDI file as drums and one bassline on the grid, with a report of what was left out. In ticks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from technogen.dataset.casting import Casting, cast_voices
from technogen.dataset.snapping import Timing, is_played, snap_hits
from technogen.errors import MidiError
from technogen.midi import parse_midi
from technogen.midi.conventions import MICROSECONDS_PER_MINUTE
from technogen.midi.parts import Span, Voice, make_line, split_voices
from technogen.midi.storing import read_bounded
from technogen.midi.swinging import take_out_swing
from technogen.midi.walking import MAX_BYTES, TEMPO, RawTrack, walk_file
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note, Score, fold_drum, straight_tick
from technogen.score.quantising import BASS_PITCHES, BASS_VELOCITIES, DRUM_VELOCITIES
from technogen.score.types import DRUM_TICKS, MAX_TEMPO, MIN_TEMPO

BLOCK_BARS = 4
"""Of several bass tracks, one plays in each block of so many bars."""

_ACID = re.compile(r"acid|303|\blb302|\btb-?3\b", re.IGNORECASE)
_GENERAL_MIDI_DRUMS = range(27, 88)
_BASS_REGISTER = range(BASS_PITCHES.start, 56)
"""Where the middle pitch of a bassline lies; written higher or lower, the whole line moves by octaves."""
_DEFAULT_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Dropped:
    """Notes that are not in the score, and why."""

    reason: str
    notes: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import made of a file.

    Attributes:
        tracks: How many tracks (or channels of a track) hold notes.
        notes: How many notes they hold.
        drum_tracks, bass_tracks: Those that became the drums and the bassline.
        dropped_tracks: The others.
        dropped: Notes that were left out, by reason.
        tempos: All different tempos, in their order; the score's is the one that holds longest.
        time_signatures: All different ones, as (beats, unit).
        timing: How the drums lay in time.
        octaves: By how many octaves the bassline was moved.
        silent_bars: How many silent bars were cut off at the start and the end.
    """

    tracks: int
    notes: int
    drum_tracks: tuple[str, ...]
    bass_tracks: tuple[str, ...]
    dropped_tracks: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    tempos: tuple[float, ...]
    time_signatures: tuple[tuple[int, int], ...]
    timing: Timing
    octaves: int
    silent_bars: int


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as a score, quantised as tokens say it, and what became of it."""

    score: Score
    report: ImportReport


def import_midi(path: str | Path) -> Imported:
    """Import a MIDI file of any program for a data set; see `import_bytes`.

    Raises:
        MissingFileError: If there is no such file.
        MidiError: If it is no MIDI file, is cut short, or is beyond the limits of `technogen.midi.walking`.
    """
    try:
        return import_bytes(read_bounded(path, MAX_BYTES))
    except MidiError as error:
        raise MidiError(f"{path}: {error}") from None


def import_bytes(data: bytes) -> Imported:
    """Import the bytes of a MIDI file.

    The drums are channel 10 and tracks that are named after drums; pieces are folded to those of
    `technogen.score.DRUM_NAMES`. The bassline is, for each four bars, one of the tracks that look like basses. Only in
    tracks that are named after a 303 do overlapping notes slide and filter curves count: elsewhere an overlap is
    legato, and is cut. Drums played by hand are snapped (`technogen.dataset.snapping`), swing becomes a number, a
    velocity that nearly all notes of a part have is no accent, silent bars at both ends are cut off.

    Raises:
        MidiError: As `import_midi`.
    """
    frame = parse_midi(data)
    tracks = walk_file(data)
    voices = [v for v in split_voices(tracks) if v.notes]
    casting = cast_voices(voices)
    losses: Counter[str] = Counter({"tracks of neither drums nor bass": sum(len(v.notes) for v in casting.dropped)})
    length = frame.score.length
    hits = _read_hits(casting, losses)
    bass, sources, octaves = _read_bass(casting.basses, length, losses)
    acid = frame.bass_track in sources and _ACID.search(frame.bass_track or "")
    blank = replace(
        frame.score,
        tempo=_find_tempo(tracks, frame.tempos[0], length),
        drums=(),
        bass=(),
        controls=frame.score.controls if acid else (),
    )
    score, timing = _lay_on_grid(blank, hits, bass)
    result = level_accents(_trim(score).quantised())
    losses["drum hits that fell together or past the end"] += len(hits) - len(result.drums)
    losses["bass notes that fell together or past the end"] += len(bass) - len(result.bass)
    report = ImportReport(
        tracks=len(voices),
        notes=sum(len(v.notes) for v in voices),
        drum_tracks=tuple(v.label for v in casting.drums) + tuple(v.label for v, _ in casting.pieces),
        bass_tracks=sources,
        dropped_tracks=tuple(v.label for v in casting.dropped),
        dropped=tuple(Dropped(reason, count) for reason, count in sorted(losses.items()) if count),
        tempos=frame.tempos,
        time_signatures=frame.time_signatures,
        timing=timing,
        octaves=octaves,
        silent_bars=score.bars - result.bars,
    )
    return Imported(result, report)


def level_accents(score: Score) -> Score:
    """Take the accents off a part where nearly every note is one: there they are a program's default velocity."""
    return replace(
        score,
        drums=_soften(score.drums, DRUM_VELOCITIES[1]),
        bass=_soften(score.bass, BASS_VELOCITIES[0]),
    )


def _soften(notes: tuple[Note, ...], velocity: int) -> tuple[Note, ...]:
    if sum(n.accent for n in notes) <= _DEFAULT_SHARE * len(notes):
        return notes
    return tuple(replace(n, velocity=velocity) if n.accent else n for n in notes)


def _find_tempo(tracks: Sequence[RawTrack], first: float, length: int) -> float:
    """The tempo that holds for most ticks."""
    changes = sorted((m.tick, int.from_bytes(m.data, "big")) for t in tracks for m in t.metas if m.kind == TEMPO)
    held: Counter[float] = Counter({first: 0})
    for (tick, microseconds), (following, _) in zip(changes, [*changes[1:], (length, 0)]):
        held[round(MICROSECONDS_PER_MINUTE / microseconds, 2)] += max(0, min(following, length) - tick)
    usable = {tempo: ticks for tempo, ticks in held.items() if MIN_TEMPO <= tempo <= MAX_TEMPO}
    return max(usable, key=lambda tempo: usable[tempo])


def _read_hits(casting: Casting, losses: Counter[str]) -> list[Note]:
    """Drum hits in ticks as played, one of a piece at a tick (the loudest), sorted."""
    hits: dict[tuple[int, int], Note] = {}
    found = [(s, fold_drum(s.pitch)) for v in casting.drums for s in v.notes if s.pitch in _GENERAL_MIDI_DRUMS]
    losses["drum notes outside General MIDI"] += sum(len(v.notes) for v in casting.drums) - len(found)
    found += [(s, piece) for v, piece in casting.pieces for s in v.notes]
    for span, piece in found:
        held = hits.get((span.start, piece))
        if held is None or span.velocity > held.velocity:
            hits[span.start, piece] = Note(span.start, DRUM_TICKS, piece, span.velocity)
    losses["drum hits that double another"] += len(found) - len(hits)
    return [hits[key] for key in sorted(hits)]


def _read_bass(voices: Sequence[Voice], length: int, losses: Counter[str]) -> tuple[list[Note], tuple[str, ...], int]:
    """The bassline in ticks as played, the tracks that it is from, and the octaves that it was moved by."""
    chosen = choose_blocks(voices, -(-length // (BLOCK_BARS * TICKS_PER_BAR)))
    spans: list[Span] = []
    acid: set[int] = set()
    for block, voice in enumerate(chosen):
        start, end = block * BLOCK_BARS * TICKS_PER_BAR, (block + 1) * BLOCK_BARS * TICKS_PER_BAR
        within = [s for s in voice.notes if start <= s.start < min(end, length)] if voice else []
        spans += within
        acid |= {s.start for s in within} if voice and _ACID.search(voice.track) else set()
    line = [n if n.slide and n.start in acid else replace(n, slide=False) for n in make_line(spans)]
    losses["bass tracks that rest while another plays"] += sum(len(v.notes) for v in voices) - len(spans)
    losses["upper notes of bass chords"] += len(spans) - len(line)
    octaves = _find_octaves([n.pitch for n in line])
    names = tuple(dict.fromkeys(v.label for v in chosen if v is not None))
    return [replace(n, pitch=min(127, max(0, n.pitch + 12 * octaves))) for n in line], names, octaves


def choose_blocks(voices: Sequence[Voice], blocks: int) -> list[Voice | None]:
    """Which bass track plays in each block: one stays on while it plays half as many notes as the busiest."""
    counts = [Counter(s.start // (BLOCK_BARS * TICKS_PER_BAR) for s in v.notes) for v in voices]
    totals = [len(v.notes) for v in voices]
    chosen: list[Voice | None] = []
    current: int | None = None
    for block in range(blocks):
        playing = [k for k in range(len(voices)) if counts[k][block]]
        busiest = max(playing, key=lambda k: (counts[k][block], totals[k]), default=None)
        if busiest is None:
            chosen.append(None)
            continue
        if current is None or 2 * counts[current][block] < counts[busiest][block]:
            current = busiest
        chosen.append(voices[current])
    return chosen


def _find_octaves(pitches: list[int]) -> int:
    """The shift by which most of a line lies in range and its middle where basses are; the least such."""
    if not pitches:
        return 0
    middle = median(pitches)

    def misfit(octaves: int) -> tuple[int, float, int]:
        outside = sum(pitch + 12 * octaves not in BASS_PITCHES for pitch in pitches)
        away = max(_BASS_REGISTER.start - (middle + 12 * octaves), middle + 12 * octaves - _BASS_REGISTER.stop, 0)
        return outside, away, abs(octaves)

    return min(range(-5, 6), key=misfit)


def _lay_on_grid(frame: Score, hits: list[Note], line: list[Note]) -> tuple[Score, Timing]:
    """Drums and bass as a score on straight ticks; the swing of what is programmed is that of the frame."""
    onsets = [n.start for n in hits]
    if is_played(onsets) and is_played([straight_tick(onset, frame.swing) for onset in onsets]):
        snapped, timing = snap_hits(hits, frame.length)
        bass = _snap_line(line, timing, frame.length)
        return replace(frame, drums=snapped, bass=tuple(bass), swing=timing.swing), timing
    cut = [n for n in line if n.start < frame.length]
    if cut:
        cut[-1] = replace(cut[-1], duration=min(cut[-1].end, frame.length) - cut[-1].start)
    drums = tuple(n for n in hits if n.start < frame.length)
    played = replace(frame, drums=drums, bass=tuple(cut), controls=(), swing=0.5)
    straight = take_out_swing(played, frame.swing)
    return replace(straight, controls=frame.controls), Timing(swing=frame.swing)


def _snap_line(line: list[Note], timing: Timing, length: int) -> list[Note]:
    """A bassline beside drums played by hand, on the 16ths that they were played to."""
    starts: dict[int, Note] = {}
    for note in line:
        straight = straight_tick(max(0, note.start - timing.offset), timing.swing)
        tick = round(straight / TICKS_PER_STEP) * TICKS_PER_STEP
        if tick < length:
            starts.setdefault(tick, note)
    ends = [*list(starts)[1:], length]
    return [
        replace(n, start=tick, duration=max(1, min(n.duration, end - tick)), slide=n.slide and n.end == end)
        for (tick, n), end in zip(starts.items(), ends)
    ]


def _trim(score: Score) -> Score:
    """A score without the silent bars at its start and its end."""
    sounding = {n.start // TICKS_PER_BAR for n in (*score.drums, *score.bass)}
    return score[min(sounding) : max(sounding) + 1] if sounding else score
