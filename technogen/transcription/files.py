"""A transcription as a file: `.json` with everything in seconds, `.mid`, or `.beats` for Sonic Visualiser."""

from __future__ import annotations

import json
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogen.errors import OutputError
from technogen.files import write_bytes
from technogen.score import TICKS_PER_BEAT
from technogen.transcription.types import Pattern, Transcription

if TYPE_CHECKING:
    import mido

FORMAT_VERSION = 1
_DRUM_CHANNEL, _BASS_CHANNEL = 9, 0
_SLIDE_OVERLAP, _DRUM_TICKS = 10, 60
Message = tuple[int, int, "mido.Message | mido.MetaMessage"]


def save_transcription(transcription: Transcription, path: str | Path) -> None:
    """Write a transcription in the format of the path's ending: `.json`, `.mid` or `.beats`.

    A recording without a constant tempo becomes a MIDI file whose tempo map follows its beats. An existing file is
    replaced at once, when the new one is complete.

    Raises:
        OutputError: If the ending is another one, or the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".json":
        write_bytes(path, format_json(transcription).encode())
    elif ending == ".beats":
        write_bytes(path, format_beats(transcription).encode())
    elif ending in (".mid", ".midi"):
        _write_midi(transcription, path)
    else:
        raise OutputError(f"a transcription is saved as .json, .mid or .beats, got {path.name!r}")


def format_json(transcription: Transcription) -> str:
    """The transcription JSON: see the documentation of the format; times in seconds of the recording."""
    t = transcription
    content: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "tempo": t.tempo,
        "swing": t.swing,
        "offset": t.offset,
        "beats": t.beats,
        "downbeats": t.downbeats,
        "drums": [
            {"time": h.time, "pitch": h.pitch, "velocity": h.velocity, "confidence": h.confidence} for h in t.drums
        ],
        "bass": [
            {
                "start": n.start,
                "end": n.end,
                "pitch": n.pitch,
                "velocity": n.velocity,
                "accent": n.accent,
                "slide": n.slide,
                "confidence": n.confidence,
                "accent_confidence": n.accent_confidence,
                "slide_confidence": n.slide_confidence,
            }
            for n in t.bass
        ],
        "cutoff": t.cutoff,
        "resonance": t.resonance,
        "sections": [{"start": s.start, "label": s.label} for s in t.sections],
        "patterns": [_describe_pattern(p) for p in t.patterns],
        "confidence": t.confidence,
        "tempo_candidates": t.tempo_candidates,
        "duration": t.duration,
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":")) + "\n"


def _describe_pattern(pattern: Pattern) -> dict[str, Any]:
    notes = pattern.score.drums if pattern.part == "drums" else pattern.score.bass
    return {
        "label": pattern.label,
        "part": pattern.part,
        "length": pattern.score.bars,
        "bars": pattern.bars,
        "mutes": [{"bar": m.bar, "pitches": m.pitches} for m in pattern.mutes],
        "fills": pattern.fills,
        "notes": [
            {"tick": n.start, "duration": n.duration, "pitch": n.pitch, "velocity": n.velocity, "slide": n.slide}
            for n in notes
        ],
    }


def save_patterns(transcription: Transcription, folder: str | Path, stem: str) -> list[Path]:
    """Write each pattern as a MIDI file `STEM.drums-A.mid`, `STEM.bass-A.mid` and so on, replacing what is there.

    Args:
        transcription: Without patterns, nothing is written.
        folder: Where; it must be there.
        stem: How the names start.

    Returns:
        The files, drums first.

    Raises:
        OutputError: If a file cannot be written.
    """
    paths = []
    for pattern in transcription.patterns:
        paths.append(Path(folder) / f"{stem}.{pattern.part}-{pattern.label}.mid")
        pattern.score.save(paths[-1])
    return paths


def format_beats(transcription: Transcription) -> str:
    """One line a beat: seconds, a tab, the beat's number in its bar (1 is the downbeat)."""
    lines = []
    number = _number_before_first_downbeat(transcription)
    downbeats = set(transcription.downbeats)
    for beat in transcription.beats:
        number = 1 if beat in downbeats else number % 4 + 1
        lines.append(f"{beat:.6f}\t{number}\n")
    return "".join(lines)


def _number_before_first_downbeat(transcription: Transcription) -> int:
    before = [b for b in transcription.beats if not transcription.downbeats or b < transcription.downbeats[0]]
    return (4 - len(before)) % 4 if transcription.downbeats else 0


def _write_midi(transcription: Transcription, path: Path) -> None:
    if transcription.score is not None:
        transcription.score.save(path)
        return
    import io  # noqa: PLC0415

    buffer = io.BytesIO()
    make_beat_midi(transcription).save(file=buffer)
    write_bytes(path, buffer.getvalue())


def make_beat_midi(transcription: Transcription) -> mido.MidiFile:
    """A MIDI file whose tempo changes at each beat, so that its beats fall where those of the recording do.

    Tick 0 is second 0 of the recording. Without beats, a beat is half a second.
    """
    import mido  # noqa: PLC0415

    clock = _BeatClock(transcription.beats)
    end = clock.tick_at(max([transcription.duration, *transcription.beats]))
    conductor = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4, time=0)])
    at = 0
    for tick, tempo in clock.tempos():
        conductor.append(mido.MetaMessage("set_tempo", tempo=tempo, time=tick - at))
        at = tick
    conductor.append(mido.MetaMessage("end_of_track", time=max(0, end - at)))
    tracks = [conductor, _track("Drums", _drum_messages(transcription, clock), end)]
    tracks.append(_track("Acid", _bass_messages(transcription, clock), end))
    return mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, tracks=tracks)


class _BeatClock:
    """Ticks of moments, by straight lines from beat to beat; the first beat is a whole number of beats after 0."""

    def __init__(self, beats: tuple[float, ...]) -> None:
        times = [b for i, b in enumerate(beats) if b > 1e-3 and (i == 0 or b - beats[i - 1] > 1e-3)]
        times = times or [0.5]
        step = times[1] - times[0] if len(times) > 1 else times[0]
        lead = max(1, round(times[0] / step))
        self._times = [0.0] + [times[0] * (k + 1) / lead for k in range(lead)] + times[1:]

    def tick_at(self, seconds: float) -> int:
        times = self._times
        i = min(max(bisect_right(times, seconds) - 1, 0), len(times) - 2)
        return max(0, round((i + (seconds - times[i]) / (times[i + 1] - times[i])) * TICKS_PER_BEAT))

    def tempos(self) -> list[tuple[int, int]]:
        """(tick, microseconds a beat) of each beat; rounding does not add up."""
        changes, told = [], 0
        for i in range(len(self._times) - 1):
            microseconds = min(max(1, round(self._times[i + 1] * 1e6) - told), 2**24 - 1)
            told += microseconds
            changes.append((i * TICKS_PER_BEAT, microseconds))
        return changes


def _drum_messages(transcription: Transcription, clock: _BeatClock) -> list[Message]:
    import mido  # noqa: PLC0415

    messages: list[Message] = []
    for hit in transcription.drums:
        tick = clock.tick_at(hit.time)
        note = {"channel": _DRUM_CHANNEL, "note": hit.pitch}
        messages.append((tick, 1, mido.Message("note_on", velocity=hit.velocity, **note)))
        messages.append((tick + _DRUM_TICKS, 0, mido.Message("note_off", **note)))
    return messages


def _bass_messages(transcription: Transcription, clock: _BeatClock) -> list[Message]:
    import mido  # noqa: PLC0415

    messages: list[Message] = []
    for i, bass in enumerate(transcription.bass):
        start = clock.tick_at(bass.start)
        slides = bass.slide and i + 1 < len(transcription.bass) and transcription.bass[i + 1].pitch != bass.pitch
        end = clock.tick_at(transcription.bass[i + 1].start) + _SLIDE_OVERLAP if slides else clock.tick_at(bass.end)
        note = {"channel": _BASS_CHANNEL, "note": bass.pitch}
        messages.append((start, 1, mido.Message("note_on", velocity=bass.velocity, **note)))
        messages.append((max(start + 1, end), 0, mido.Message("note_off", **note)))
    return messages


def _track(name: str, messages: list[Message], end: int) -> mido.MidiTrack:
    import mido  # noqa: PLC0415

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
    at = 0
    for tick, _, message in sorted(messages, key=lambda m: m[:2]):
        track.append(message.copy(time=tick - at))
        at = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - at)))
    return track
