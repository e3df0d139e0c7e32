"""A bass line by basic-pitch: its polyphonic notes in the range of a bass, thinned to one line. Time in seconds."""

from __future__ import annotations

from dataclasses import replace

from technogen.audio import Audio
from technogen.transcription.basic_pitch_model import HOP, SAMPLE_RATE, run_network
from technogen.transcription.basic_pitch_notes import DecodingOptions, PitchEvent, decode_notes
from technogen.transcription.types import BassNote

BASS_PITCHES = range(21, 77)
"""28 to 700 Hz, as far as the network reaches down."""
MIN_NOTE_SECONDS = 0.05

TOGETHER_FRAMES = 3
MIN_RELATIVE_STRENGTH = 0.6
_SOFTEST, _LOUDEST = 64, 90
_NOBODY_KNOWS = 0.5  # of accents and slides: it hears neither


def transcribe_bass_notes(audio: Audio) -> tuple[BassNote, ...]:
    """Find the bass line of a recording with the network of basic-pitch.

    Args:
        audio: At any sample rate; stereo is mixed down.

    Returns:
        One line, ascending, no two notes overlapping. The network knows neither accents nor slides: velocities are
        plain (64..90, by salience), and the confidence is the mean salience.

    Raises:
        MissingBackendError: If basic-pitch is not installed; the message says how to install it.
    """
    heard = run_network(audio)
    options = DecodingOptions(min_frames=round(MIN_NOTE_SECONDS * SAMPLE_RATE / HOP), pitches=BASS_PITCHES)
    line = make_line(decode_notes(heard.notes, heard.onsets, options))
    seconds = [*heard.seconds.tolist(), audio.seconds]
    return tuple(_make_bass_note(event, seconds) for event in line)


def make_line(events: tuple[PitchEvent, ...]) -> tuple[PitchEvent, ...]:
    """Thin notes of any polyphony to one line.

    Of notes that start together the strongest stays. A note that starts while another sounds ends it, unless it is
    much weaker.

    Args:
        events: Sorted.

    Returns:
        Notes that do not overlap, sorted.
    """
    line: list[PitchEvent] = []
    for event in events:
        last = line[-1] if line else None
        if last is None or event.start >= last.end:
            line.append(event)
        elif event.start - last.start <= TOGETHER_FRAMES:
            if event.strength > last.strength:
                line[-1] = event
        elif event.strength >= MIN_RELATIVE_STRENGTH * last.strength:
            line[-1] = replace(last, end=event.start)
            line.append(event)
    return tuple(line)


def _make_bass_note(event: PitchEvent, seconds: list[float]) -> BassNote:
    velocity = _SOFTEST + round((_LOUDEST - _SOFTEST) * min(1.0, event.strength))
    return BassNote(
        seconds[event.start],
        seconds[event.end],
        event.pitch,
        velocity,
        confidence=event.strength,
        accent_confidence=_NOBODY_KNOWS,
        slide_confidence=_NOBODY_KNOWS,
    )
