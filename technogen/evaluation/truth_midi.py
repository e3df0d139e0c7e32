"""A MIDI file as what it says of a recording: its ticks become seconds by all of its tempos."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from technogen.errors import EvaluationError, MidiError
from technogen.evaluation.truth import Annotation, TrueHit, TrueNote
from technogen.midi.conventions import DRUM_CHANNEL
from technogen.midi.parts import Voice, choose_bass, make_line, split_voices
from technogen.midi.storing import read_bounded
from technogen.midi.walking import MARKER, MAX_BYTES, TEMPO, TIME_SIGNATURE, Meta, RawTrack, walk_file
from technogen.score import ACCENT_VELOCITY, TICKS_PER_BEAT
from technogen.transcription.types import SectionStart

_BEFORE = 1e-3
"""A controller holds its value until this many seconds before the next."""


def read_midi_times(path: Path) -> Annotation:
    """Read a MIDI file as an annotation; its tick 0 is second 0 of the recording.

    Drums are those of channel 10; the bassline is found as `technogen.midi.read_midi` finds it. Beats are the
    quarters of the file up to its end. Parts without any event are not annotated.

    Raises:
        MissingFileError: If there is no such file.
        MidiError: If it is no MIDI file.
        EvaluationError: If it has no tempo, so that its ticks are no times.
    """
    try:
        tracks = walk_file(read_bounded(path, MAX_BYTES))
    except MidiError as error:
        raise MidiError(f"{path}: {error}") from None
    metas = sorted((meta for track in tracks for meta in track.metas), key=lambda meta: meta.tick)
    tempos = [(m.tick, int.from_bytes(m.data, "big")) for m in metas if m.kind == TEMPO]
    if not tempos:
        raise EvaluationError(f"{path} has no tempo event, so that its ticks are no times; export it with its tempo")
    if not all(0 < microseconds < 2**24 for _, microseconds in tempos):
        raise MidiError(f"{path}: a tempo event says 0 microseconds a beat; export the file again")
    return _annotation(tracks, metas, _Clock(tempos))


class _Clock:
    """Seconds of ticks: straight lines from tempo to tempo, 120 beats a minute before the first."""

    def __init__(self, tempos: list[tuple[int, int]]) -> None:
        self._ticks, self._seconds, self._rates = [0], [0.0], [0.5 / TICKS_PER_BEAT]
        for tick, microseconds in tempos:
            start = self.seconds_at(tick)
            self._ticks.append(tick)
            self._seconds.append(start)
            self._rates.append(microseconds / 1e6 / TICKS_PER_BEAT)
        self.tempo = round(60e6 / tempos[0][1], 2) if len({m for _, m in tempos}) == 1 else None

    def seconds_at(self, tick: int) -> float:
        i = bisect_right(self._ticks, tick) - 1
        return round(self._seconds[i] + (tick - self._ticks[i]) * self._rates[i], 6)


def _annotation(tracks: list[RawTrack], metas: list[Meta], clock: _Clock) -> Annotation:
    voices = split_voices(tracks)
    bass = choose_bass(voices)
    end = max([track.end for track in tracks], default=0)
    beats, downbeats = _lay_beats(metas, end, clock)
    markers = ((clock.seconds_at(m.tick), m.text) for m in metas if m.kind == MARKER)
    hits = (
        TrueHit(clock.seconds_at(s.start), s.pitch, s.velocity)
        for v in voices
        if v.channel == DRUM_CHANNEL
        for s in v.notes
    )
    return Annotation(
        beats=beats or None,
        downbeats=downbeats if beats else None,
        tempo=clock.tempo,
        drums=tuple(sorted(hits, key=lambda h: h.time)) or None,
        bass=tuple(_line(bass, clock)) or None if bass else None,
        cutoff=tuple(_curve(bass, clock)) or None if bass else None,
        sections=tuple(SectionStart(t, label) for t, label in markers if label) or None,
        duration=clock.seconds_at(end) or None,
    )


def _line(bass: Voice, clock: _Clock) -> Iterator[TrueNote]:
    slid = False
    for note in make_line(bass.notes):
        start, end = clock.seconds_at(note.start), clock.seconds_at(note.end)
        yield TrueNote(start, end, note.pitch, note.velocity, note.velocity >= ACCENT_VELOCITY, slid)
        slid = note.slide


def _curve(bass: Voice, clock: _Clock) -> Iterator[tuple[float, float]]:
    """The cutoff as straight lines that hold each value of the controller until the next."""
    held: float | None = None
    for control in sorted((c for c in bass.controls if c.name == "cutoff"), key=lambda c: c.tick):
        seconds = clock.seconds_at(control.tick)
        if held is not None:
            yield seconds - _BEFORE, held
        held = float(control.value)
        yield seconds, held


def _lay_beats(metas: list[Meta], end: int, clock: _Clock) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Beats, and the first of each bar of the time signatures; a bar of n eighths has n / 2 beats."""
    bars = [(0, 4 * TICKS_PER_BEAT)]
    for m in metas:
        if m.kind == TIME_SIGNATURE and len(m.data) >= 2 and m.data[0]:
            bars.append((m.tick, max(1, m.data[0] * 4 * TICKS_PER_BEAT >> min(m.data[1], 8))))
    starts = [tick for tick, _ in bars]
    ticks = range(0, end, TICKS_PER_BEAT)
    first = []
    for tick in ticks:
        since, length = bars[bisect_right(starts, tick) - 1]
        if (tick - since) % length < TICKS_PER_BEAT and (tick - since) % TICKS_PER_BEAT == 0:
            first.append(clock.seconds_at(tick))
    return tuple(clock.seconds_at(tick) for tick in ticks), tuple(first)
