"""Files of other programs, read sensibly."""

import logging
from io import BytesIO
from pathlib import Path

import mido
import pretty_midi
import pytest
from midi_maker import meta, midi, name, off, on, tempo, track

from technogen.midi import midi_bytes, parse_midi, read_midi, read_parts, score_from_pretty_midi
from technogen.score import Control, Note, Score, Section, swing_tick

SHARED = Path(__file__).parents[2] / "shared" / "symbolic" / "permissive"


def _line(*notes, title="", channel=0, program=None):
    """A track of (start, end, pitch) notes."""
    timed = [(start, 1, on(pitch, channel=channel)) for start, _, pitch in notes]
    timed += [(end, 0, off(pitch, channel=channel)) for _, end, pitch in notes]
    events, now = [(0, name(title))] if title else [], 0
    if program is not None:
        events.append((0, bytes((0xC0 | channel, program))))
    for tick, _, message in sorted(timed):
        events.append((tick - now, message))
        now = tick
    return track(*events)


def _bass(*notes):
    return [(n.start, n.duration, n.pitch, n.slide) for n in parse_midi(midi(_line(*notes, title="Bass"))).score.bass]


def _mido_bytes(file):
    buffer = BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def test_a_file_of_mido():
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    drums, bass = file.add_track("Kit"), file.add_track("TB-303")
    drums.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(126.5)))
    for _ in range(4):
        drums.append(mido.Message("note_on", channel=9, note=36, velocity=115, time=0))
        drums.append(mido.Message("note_on", channel=9, note=36, velocity=0, time=96))
    bass.append(mido.Message("control_change", control=74, value=33, time=0))
    bass.append(mido.Message("note_on", note=36, velocity=110, time=0))
    bass.append(mido.Message("note_on", note=48, velocity=70, time=24))
    bass.append(mido.Message("note_off", note=36, time=4))
    bass.append(mido.Message("note_off", note=48, time=10))
    assert parse_midi(_mido_bytes(file)).score == Score(
        126.5,
        1,
        drums=tuple(Note(beat * 480, 60, 36, 115) for beat in range(4)),
        bass=(Note(0, 120, 36, 110, slide=True), Note(120, 70, 48, 70)),
        controls=(Control(0, "cutoff", 33),),
    )


def test_a_file_of_pretty_midi():
    midi = pretty_midi.PrettyMIDI(initial_tempo=140)
    beat = 60 / 140
    kit, bass = pretty_midi.Instrument(0, is_drum=True), pretty_midi.Instrument(38)
    kit.notes += [pretty_midi.Note(100, 36, k * beat, k * beat + 0.05) for k in range(8)]
    bass.notes += [pretty_midi.Note(80, 40, k * beat / 4, (k + 0.5) * beat / 4) for k in range(32)]
    midi.instruments += [kit, bass]
    score = score_from_pretty_midi(midi)
    assert (score.tempo, score.bars, len(score.drums), len(score.bass)) == (140, 2, 8, 32)
    assert [n.start for n in score.bass] == [k * 120 for k in range(32)]
    assert not any(n.slide for n in score.bass)


@pytest.mark.parametrize("division", [24, 96, 120, 220, 480, 960, 15360])
def test_any_division_comes_to_480(division):
    beat = division
    notes = [(k * beat, k * beat + beat // 2, 40) for k in range(4)]
    score = parse_midi(midi(_line(*notes), division=division)).score
    assert [(n.start, n.duration) for n in score.bass] == [(k * 480, 240) for k in range(4)]


@pytest.mark.parametrize(("end", "bars"), [(0, 1), (1, 1), (10, 1), (1920, 2), (1921, 2), (3840, 3)])
def test_an_end_of_track_a_tick_late_gains_no_bar(end, bars):
    notes = track((0, on(40)), (1920, off(40)), end=end)
    assert parse_midi(midi(notes)).score.bars == bars


def test_a_last_hit_counts_its_bar_but_not_how_long_it_is_held():
    assert parse_midi(midi(track((1900, on(36, channel=9)), (200, off(36, channel=9))))).score.bars == 1
    assert parse_midi(midi(track((1921, on(36, channel=9)), (5, off(36, channel=9))))).score.bars == 2
    assert parse_midi(midi(_line((1919, 1930, 40)))).score.bass == (Note(1919, 1, 40, 100),)


def test_short_overlaps_slide_and_long_ones_are_cut():
    assert _bass((0, 250, 36), (240, 480, 48)) == [(0, 240, 36, True), (240, 240, 48, False)]
    assert _bass((0, 361, 36), (240, 480, 48)) == [(0, 240, 36, False), (240, 240, 48, False)]


def test_of_a_chord_the_lowest_note_is_kept():
    assert _bass((0, 100, 48), (0, 480, 36), (0, 50, 55)) == [(0, 480, 36, False)]
    assert parse_midi(midi(_line((0, 100, 48), (0, 480, 36), title="Bass"))).dropped_notes == 1


def test_overlaps_of_equal_pitch_become_notes_one_after_the_other():
    stacked = track((0, on(40)), (120, on(40)), (60, off(40)), (120, off(40)))
    assert [(n.start, n.end) for n in parse_midi(midi(stacked)).score.bass] == [(0, 120), (120, 300)]
    doubled = track((0, on(40, 50)), (0, on(40, 90)), (100, off(40)), (0, off(40)))
    assert parse_midi(midi(doubled)).score.bass == (Note(0, 100, 40, 90),)


def test_hanging_notes_end_with_the_next_of_their_pitch_or_with_the_track():
    hanging = track((0, on(40)), (480, on(40)), (240, off(40)), (240, on(40)), end=960)
    assert [(n.start, n.end) for n in parse_midi(midi(hanging)).score.bass] == [(0, 480), (480, 720), (960, 1920)]


def test_a_file_without_notes_is_an_empty_score():
    assert parse_midi(midi(track((0, tempo(500_000))))).score == Score(120, 1)
    assert parse_midi(midi(track(end=7680))).score == Score(120, 4)
    assert parse_midi(midi()).score == Score(120, 1)


@pytest.mark.parametrize(
    ("tracks", "chosen"),
    [
        ([("Lead", 0, 81, 30), ("My Bass", 1, 0, 70), ("Low", 2, 38, 30)], "My Bass"),
        ([("bass", 0, 38, 36), ("Acid line", 1, 81, 60)], "Acid line"),
        ([("Bass Drum", 0, 0, 36), ("Synth", 1, 36, 60)], "Synth"),
        ([("Piano", 0, 0, 55), ("Organ", 1, 16, 40)], "Organ"),
        ([("", 3, 39, 50), ("Pad", 1, 90, 30)], "channel 4"),
        ([("Lead", 0, 81, 84)], None),
    ],
)
def test_the_bass_is_found_by_name_then_program_then_register(tracks, chosen):
    lines = [_line((0, 100, p), (200, 300, p), title=t, channel=c, program=g) for t, c, g, p in tracks]
    read = parse_midi(midi(*lines))
    assert read.bass_track == chosen
    assert len(read.dropped_tracks) == len(tracks) - (chosen is not None)
    assert read.dropped_notes == 2 * len(read.dropped_tracks)


def test_chords_are_no_bassline():
    chords = _line(*[(k * 480, k * 480 + 400, p) for k in range(4) for p in (40, 44, 47)], title="Strings")
    line = _line(*[(k * 480, k * 480 + 400, 50) for k in range(4)], title="Reese", channel=1)
    assert parse_midi(midi(chords, line)).bass_track == "Reese"


def test_type_0_with_running_status_and_sysex():
    body = track(
        (0, b"\xf0\x03\x43\x10\xf7"),
        (0, on(40)),
        (120, bytes((40, 0))),
        (0, bytes((52, 90))),
        (120, bytes((52, 0))),
        (0, b"\xe0\x00\x40"),
        (0, b"\xd0\x10"),
    )
    score = parse_midi(midi(body, file_type=0)).score
    assert score.bass == (Note(0, 120, 40, 100), Note(120, 120, 52, 90))


def test_swing_of_another_program_becomes_a_number():
    steps = [k * 120 for k in range(32)]
    swung = [(swing_tick(t, 0.62), swing_tick(t + 70, 0.62), 36 + k % 3) for k, t in enumerate(steps)]
    score = parse_midi(midi(_line(*swung))).score
    assert score.swing == 0.62
    assert [(n.start, n.duration) for n in score.bass] == [(t, 70) for t in steps]


def test_several_tempos_and_other_metres_are_told(caplog, tmp_path):
    conductor = track((0, tempo(500_000)), (0, meta(0x58, b"\x03\x02\x18\x08")), (960, tempo(400_000)))
    (tmp_path / "waltz.mid").write_bytes(midi(conductor, _line((0, 100, 40))))
    with caplog.at_level(logging.WARNING):
        read = read_parts(tmp_path / "waltz.mid")
    assert read.score.tempo == 120
    assert (read.tempos, read.time_signatures) == ((120.0, 150.0), ((3, 4),))
    assert "waltz.mid has 2 tempos; a score has one, and the first is used: 120" in caplog.text
    assert "3/4" in caplog.text


def test_markers_are_sections_at_the_nearest_bar_in_any_encoding():
    markers = [(0, meta(6, "Häuser".encode("latin-1"))), (1900, meta(6, b"drop")), (100, meta(6, b""))]
    score = parse_midi(midi(track(*markers, (0, meta(6, b"y" * 500)), end=3680))).score
    assert score.sections == (Section(0, "Häuser"), Section(1, "y" * 100))


def test_strange_chunks_are_passed_over():
    strange = b"XFIH" + (3).to_bytes(4, "big") + b"abc"
    data = midi(strange, _line((0, 100, 40)), claimed=1)
    assert len(parse_midi(data).score.bass) == 1


def test_what_is_written_from_another_file_is_read_back_equal():
    swung = [(swing_tick(k * 120, 0.58), swing_tick(k * 120 + 70, 0.58), 36 + k % 5) for k in range(40)]
    score = parse_midi(midi(_line(*swung))).score
    assert parse_midi(midi_bytes(score)).score == score


@pytest.mark.skipif(not SHARED.is_dir(), reason="the human corpus ../shared/symbolic is not here")
def test_the_human_corpus_is_read():
    """A tenth of it; each file reads, and what was read survives being written."""
    files = sorted(SHARED.rglob("*.mid"))[::10]
    assert len(files) > 100
    reads = [read_parts(path) for path in files]
    assert sum(bool(read.score.drums) for read in reads) > 0.95 * len(reads)
    songs = [read for path, read in zip(files, reads) if path.parts[-2] == "freedoom"]
    assert all(read.score.bass for read in songs)
    for read in reads:
        assert parse_midi(midi_bytes(read.score)).score == read.score


def test_reading_takes_a_path_or_a_string(tmp_path):
    (tmp_path / "a.mid").write_bytes(midi(_line((0, 100, 40))))
    assert read_midi(tmp_path / "a.mid") == read_midi(str(tmp_path / "a.mid"))
