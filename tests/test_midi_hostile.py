"""Files that lie, are cut short or are far too large: a typed error that says so, and quickly."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from midi_maker import meta, midi, number, off, on, tempo, track

from technogen.errors import MidiError, MissingFileError
from technogen.midi import midi_bytes, parse_midi, read_midi, score_from_pretty_midi
from technogen.score import Control, Note, Score, Section

ONE_NOTE = track((0, on(40)), (120, off(40)))
GOOD = midi_bytes(
    Score(
        138,
        2,
        drums=tuple(Note(beat * 480, 60, 36, 110) for beat in range(8)),
        bass=(Note(0, 120, 36, 127, True), Note(120, 70, 48, 80), Note(3720, 120, 39, 80, True)),
        swing=0.58,
        controls=(Control(0, "cutoff", 60),),
        sections=(Section(0, "intro"),),
    )
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"Hello, I am no MIDI file.", "starts with b'Hell'"),
        (b"RIFF" + bytes(40), "starts with b'RIFF'"),
        (GOOD[:10], "header is cut short"),
        (GOOD[: len(GOOD) // 2], "cut short after"),
        (GOOD[:-1], "cut short after"),
        (b"MThd\xff\xff\xff\xff" + GOOD[8:], "header is cut short"),
        (midi(ONE_NOTE, division=0), "ticks a beat must be in 24..15360, got 0"),
        (midi(ONE_NOTE, division=23), "got 23"),
        (midi(ONE_NOTE, division=20_000), "got 20000"),
        (midi(ONE_NOTE, division=0xE728), "SMPTE"),
        (midi(ONE_NOTE, claimed=65535), "claims 65535 tracks, the file holds 1"),
        (midi(*[ONE_NOTE] * 300), "at most 256 tracks are read, the header claims 300"),
        (midi(ONE_NOTE, file_type=2), "type 2"),
        (midi(track((0, tempo(0)))), "0 microseconds"),
        (midi(track((0, meta(0x51, b"\x07")))), "a tempo event"),
        (midi(track((0, tempo(1)))), "tempo must be in 20..400"),
        (midi(track((0, tempo(2**24 - 1)))), "tempo must be in 20..400 beats a minute, got 3.58"),
        (midi(track((2**28 - 1, on(40)))), "bars long; at most 20000"),
        (midi(track((0, b"\x40\x40"))), "data byte 64 stands where an event"),
        (midi(track((0, b"\x90\x40\x80"))), "over 127"),
        (midi(track((0, b"\xf4"))), "0xF4"),
        (midi(track((0, b"\x90\x40"), end=None)), "track 1 is cut short"),
        (midi(ONE_NOTE, track((0, b"\xff\x01\x7fshort"), end=None)), "track 2 is cut short"),
        (midi(track((0, b"\xf0" + number(2**27)))), "track 1 is cut short"),
        (midi(b"MTrk" + (6).to_bytes(4, "big") + b"\xff" * 6), "more than four bytes"),
        (midi(b"MTrk" + (2**31).to_bytes(4, "big") + b"\x00"), "cut short"),
    ],
)
def test_a_bad_file_is_named_and_explained(tmp_path, data, says):
    path = tmp_path / "bad.mid"
    path.write_bytes(data)
    with pytest.raises(MidiError, match=r"bad\.mid") as caught:
        read_midi(path)
    assert says in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(MissingFileError, match=r"nothing\.mid is not there"):
        read_midi(tmp_path / "nothing.mid")
    with pytest.raises(MissingFileError, match="is a folder"):
        read_midi(tmp_path)
    with pytest.raises(FileNotFoundError):
        Score.load(tmp_path / "nothing.mid")


def test_a_file_of_many_megabytes_is_not_even_read(tmp_path):
    path = tmp_path / "large.mid"
    with open(path, "wb") as stream:
        stream.truncate(2**34)  # sparse: takes no room
    with pytest.raises(MidiError, match="longer than 16 MiB"):
        read_midi(path)


def _notes(count):
    """Notes by running status: three bytes an event."""
    body = bytes((0, 0x90, 36, 0)) + bytes((1, 36, 100, 1, 36, 0)) * count
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def test_a_million_notes_are_refused_in_seconds():
    data = midi(_notes(1_000_000))
    begun = time.perf_counter()
    with pytest.raises(MidiError, match="more than 1,000,000 events"):
        parse_midi(data)
    assert time.perf_counter() - begun < 20


def test_a_hundred_thousand_notes_are_read_in_seconds():
    data = midi(_notes(100_000))
    begun = time.perf_counter()
    assert len(parse_midi(data).score.bass) == 100_000
    assert time.perf_counter() - begun < 10


def test_a_pretty_midi_that_cannot_be_written_is_explained():
    import pretty_midi

    midi = pretty_midi.PrettyMIDI()
    instrument = pretty_midi.Instrument(0)
    instrument.notes.append(pretty_midi.Note(300, 40, 0, 1))
    midi.instruments.append(instrument)
    with pytest.raises(MidiError, match="pretty_midi cannot write this object"):
        score_from_pretty_midi(midi)


def _reads_or_says_why(data):
    try:
        score = parse_midi(data).score
    except MidiError:
        return
    assert parse_midi(midi_bytes(score)).score.bars == score.bars


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_as_a_track_give_a_score_or_a_midi_error(body):
    _reads_or_says_why(b"MTrk" + body)
    _reads_or_says_why(midi(b"MTrk" + len(body).to_bytes(4, "big") + body))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(0, len(GOOD)),
)
def test_a_good_file_with_wrong_bytes_gives_a_score_or_a_midi_error(changes, length):
    data = bytearray(GOOD)
    for at, byte in changes:
        data[at] = byte
    _reads_or_says_why(bytes(data))
    _reads_or_says_why(bytes(data[:length]))


EVENTS = st.tuples(
    st.integers(0, 2000),
    st.one_of(
        st.builds(on, st.integers(0, 127), st.integers(0, 127), st.sampled_from([0, 1, 9])),
        st.builds(off, st.integers(30, 40), st.sampled_from([0, 1, 9])),
        st.builds(meta, st.sampled_from([1, 3, 6, 0x51, 0x58, 0x59]), st.binary(max_size=6)),
        st.builds(lambda c, v: bytes((0xB0, c, v)), st.sampled_from([71, 74, 1]), st.integers(0, 127)),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=30), st.sampled_from([24, 96, 480, 15360]), st.booleans())
def test_any_events_give_a_score_or_a_midi_error(events, division, swung):
    events = ([(0, meta(1, b"technogen swing=0.66"))] if swung else []) + events
    _reads_or_says_why(midi(track(*events), division=division))
