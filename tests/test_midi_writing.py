"""What is in the files that the project writes, as other libraries see it."""

from io import BytesIO

import mido
import pytest
import symusic

from technogen.midi import midi_bytes
from technogen.score import Control, Note, Score, Section

ACID = (
    Note(0, 120, 36, 127, slide=True),
    Note(120, 70, 48, 80),
    Note(240, 240, 36, 80),
    Note(1800, 120, 39, 127, slide=True),
)
SCORE = Score(
    132.0,
    2,
    drums=(Note(0, 60, 36, 110), Note(0, 60, 42, 70), Note(480, 60, 36, 110)),
    bass=ACID,
    controls=(Control(120, "cutoff", 64), Control(0, "resonance", 90)),
    sections=(Section(0, "intro"), Section(1, "drop")),
)


def _timed(track):
    """Messages with ticks from the start."""
    now, timed = 0, []
    for message in track:
        now += message.time
        timed.append((now, message))
    return timed


def _read(**options):
    return mido.MidiFile(file=BytesIO(midi_bytes(SCORE, **options)), charset="utf-8")


def test_type_1_has_a_conductor_and_named_tracks():
    file = _read()
    assert (file.type, file.ticks_per_beat) == (1, 480)
    assert [track.name for track in file.tracks][1:] == ["Drums", "Acid"]
    conductor = _timed(file.tracks[0])
    assert [(t, m.tempo) for t, m in conductor if m.type == "set_tempo"] == [(0, round(60e6 / 132))]
    assert [(t, m.numerator, m.denominator) for t, m in conductor if m.type == "time_signature"] == [(0, 4, 4)]
    assert [(t, m.text) for t, m in conductor if m.type == "marker"] == [(0, "intro"), (1920, "drop")]
    assert {m.channel for m in file.tracks[1] if m.type == "note_on"} == {9}
    assert {m.channel for m in file.tracks[2] if m.type == "note_on"} == {0}


@pytest.mark.parametrize("options", [{}, {"file_type": 0}, {"part": "drums"}, {"part": "bass"}])
def test_every_track_ends_with_the_loop(options):
    for track in _read(**options).tracks:
        assert _timed(track)[-1] == (3840, mido.MetaMessage("end_of_track", time=track[-1].time))


@pytest.mark.parametrize(("part", "name", "channel"), [("drums", "Drums", 9), ("bass", "Acid", 0)])
def test_hardware_gets_one_part_in_one_track(part, name, channel):
    file = _read(part=part)
    assert (file.type, len(file.tracks), file.tracks[0].name) == (0, 1, name)
    assert {m.channel for m in file.tracks[0] if not m.is_meta} == {channel}
    assert not [m for m in file.tracks[0] if m.type == "program_change"]
    assert [m.tempo for m in file.tracks[0] if m.type == "set_tempo"] == [454545]


def test_slides_overlap_by_ten_ticks_and_accents_stay():
    notes = [(t, m.type, m.note, m.velocity) for t, m in _timed(_read().tracks[2]) if m.type.startswith("note")]
    assert notes[:4] == [
        (0, "note_on", 36, 127),
        (120, "note_on", 48, 80),
        (130, "note_off", 36, 64),
        (190, "note_off", 48, 64),
    ]


def test_a_slide_over_the_loop_ends_with_the_track():
    score = Score(130, 1, bass=(Note(0, 70, 36, 80), Note(1800, 120, 48, 80, slide=True)))
    track = mido.MidiFile(file=BytesIO(midi_bytes(score))).tracks[2]
    assert [t for t, m in _timed(track) if m.type == "note_off"] == [70, 1920]


def test_controls_come_before_note_offs_and_those_before_note_ons():
    score = Score(
        130,
        1,
        bass=(Note(0, 120, 36, 80), Note(120, 120, 36, 80)),
        controls=(Control(120, "cutoff", 1), Control(120, "resonance", 2)),
    )
    timed = _timed(mido.MidiFile(file=BytesIO(midi_bytes(score))).tracks[2])
    assert [m.type for t, m in timed if t == 120] == ["control_change", "control_change", "note_off", "note_on"]
    assert {m.control for t, m in timed if m.type == "control_change"} == {71, 74}


@pytest.mark.parametrize("pitches", [(36, 37, 36), (36, 37, 38)])
def test_equal_pitches_never_overlap_even_around_tiny_slides(pitches):
    first, tiny, last = pitches
    line = (Note(0, 120, first, 80, True), Note(120, 4, tiny, 80, True), Note(124, 100, last, 80))
    sounding = set()
    for _, message in _timed(mido.MidiFile(file=BytesIO(midi_bytes(Score(130, 1, bass=line)))).tracks[2]):
        if message.type == "note_on":
            assert message.note not in sounding
            sounding.add(message.note)
        elif message.type == "note_off":
            sounding.remove(message.note)
    assert not sounding


def test_swing_is_in_the_ticks():
    hits = tuple(Note(step * 120, 60, 42, 90) for step in range(16))
    file = mido.MidiFile(file=BytesIO(midi_bytes(Score(130, 1, drums=hits, swing=0.66))))
    onsets = [t for t, m in _timed(file.tracks[1]) if m.type == "note_on"]
    assert [tick % 240 for tick in onsets] == [0, 158] * 8


def test_notes_that_fall_together_once_swung_still_make_a_file():
    line = tuple(Note(200 + tick, 1, 36 + tick, 80) for tick in range(40))
    score = Score(130, 1, bass=line, drums=tuple(Note(1900 + k, 60, 42, 80) for k in range(20)), swing=0.75)
    file = mido.MidiFile(file=BytesIO(midi_bytes(score)))
    assert all(_timed(track)[-1][0] == 1920 for track in file.tracks)


def test_symusic_reads_the_same_notes():
    read = symusic.Score.from_midi(midi_bytes(SCORE))
    assert [(n.time, n.pitch, n.velocity) for track in read.tracks if not track.is_drum for n in track.notes] == [
        (n.start, n.pitch, n.velocity) for n in ACID
    ]
    assert read.tempos[0].qpm == pytest.approx(132, abs=1e-3)
