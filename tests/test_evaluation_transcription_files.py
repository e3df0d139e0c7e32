"""Truths as CSV, MIDI and JSON, files that belong together, broken ones, and `technogen evaluate transcription`."""

import csv
import io
import json
import logging
from dataclasses import replace

import pytest

from technogen import Control, Note, Score, Section
from technogen.cli import main
from technogen.errors import EvaluationError, MidiError, MissingFileError, TechnoGenError
from technogen.evaluation import evaluate_files, evaluate_transcription, read_annotation
from technogen.transcription import BassNote, DrumHit, SectionStart, Transcription

SIXTEENTH = 60 / 120 / 4
SCORE = Score(
    tempo=120,
    bars=4,
    swing=0.6,
    drums=tuple(Note(480 * i, 60, 36, 110) for i in range(16))
    + tuple(Note(480 * i + 120, 60, 42, 70) for i in range(16)),
    bass=tuple(
        Note(480 * i, 120 if i % 4 == 0 else 70, 36 + i % 3, 127 if i % 3 == 0 else 80, i % 4 == 0) for i in range(16)
    )
    + tuple(Note(480 * i + 120, 70, 48, 80) for i in range(0, 16, 4)),
    controls=tuple(Control(480 * i, "cutoff", 8 * i) for i in range(16)),
    sections=(Section(0, "intro"), Section(2, "drop")),
)


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    logger = logging.getLogger("technogen")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def heard() -> Transcription:
    """The score as an ear would have it that makes no mistake."""

    def seconds(tick):
        return round((tick // 240 * 240 + (tick % 240) * (0.6 / 0.5 if tick % 240 <= 120 else 1)) / 960, 6)

    line = sorted(SCORE.bass)
    return Transcription(
        score=SCORE,
        tempo=120.0,
        swing=0.6,
        offset=0.0,
        beats=tuple(0.5 * i for i in range(16)),
        downbeats=(0.0, 2.0, 4.0, 6.0),
        drums=tuple(DrumHit(seconds(n.start), n.pitch, n.velocity) for n in SCORE.drums),
        bass=tuple(BassNote(seconds(n.start), seconds(n.end), n.pitch, n.velocity, n.slide) for n in line),
        cutoff=tuple((0.5 * i, 8.0 * i) for i in range(16)),
        sections=(SectionStart(0.0, "intro"), SectionStart(4.0, "drop")),
        duration=8.0,
    )


CSV = {
    "beats": "time_s,beat_in_bar\n" + "".join(f"{0.5 * i:.6f},{i % 4 + 1}\n" for i in range(16)),
    "drums": "time_s,class5,gm_note,velocity,label\n"
    + "".join(f"{h.time},X,{h.pitch},{h.velocity},x\n" for h in heard().drums),
    "notes": "onset_s,offset_s,midi_pitch,velocity,accent,slide_in\n"
    + "".join(
        f"{n.start},{n.end},{n.pitch},{n.velocity},{int(n.accent)},{int(before)}\n"
        for n, before in zip(heard().bass, (False, *(n.slide for n in heard().bass)))
    ),
    "knobs": "time_s,cutoff_0_127,cutoff_hz\n" + "".join(f"{t},{v},500\n" for t, v in heard().cutoff),
    "sections": "start_s,label\n0.0,intro\n4.0,drop\n",
}


@pytest.fixture
def csv_folder(tmp_path):
    folder = tmp_path / "truth"
    folder.mkdir()
    for part, text in CSV.items():
        (folder / f"track.v2.{part}.csv").write_text(text)
    return folder


def all_found(figures):
    counts = [figures.beats.beats, figures.beats.fine_beats, figures.beats.downbeats, figures.drums.techno_sum]
    counts += [figures.bass.notes, figures.bass.accents, figures.bass.slides, figures.bass.slid_notes, figures.sections]
    return {c.f_measure for c in counts} == {1.0} and figures.cutoff > 0.99 and figures.beats.tempo_error < 1e-6


def test_csv_json_and_midi_say_the_same(csv_folder, tmp_path):
    heard().save(tmp_path / "track.json")
    SCORE.save(tmp_path / "track.mid")
    forms = [read_annotation(p) for p in (csv_folder / "track.v2", tmp_path / "track.json", tmp_path / "track.mid")]
    for truth in forms:
        assert truth.parts == ("beats", "drums", "bass", "cutoff", "sections")
        assert truth.tempo == pytest.approx(120)
        assert sum(n.slide_in for n in truth.bass) == 4
        for said in forms:
            figures = evaluate_transcription(truth, said)
            assert all_found(figures)
            assert max(map(abs, figures.drums.agreement.lateness)) < 0.0011


def test_a_controller_holds_its_value_until_the_next(tmp_path):
    knob = (Control(0, "cutoff", 20), Control(960, "cutoff", 100))
    replace(SCORE, controls=knob, swing=0.5).save(tmp_path / "x.mid")
    assert read_annotation(tmp_path / "x.mid").cutoff == ((0.0, 20.0), (0.999, 20.0), (1.0, 100.0))


def test_midi_follows_all_tempos_and_metres(tmp_path):
    import mido

    meta = mido.MetaMessage
    conductor = mido.MidiTrack(
        [
            meta("time_signature", numerator=3, denominator=4),
            meta("set_tempo", tempo=500_000),
            meta("set_tempo", tempo=1_000_000, time=960),
            meta("end_of_track", time=1920),
        ]
    )
    notes = [
        mido.Message(kind, channel=9, note=36, velocity=100, time=480)
        for _ in range(3)
        for kind in ("note_on", "note_off")
    ]
    path = tmp_path / "metres.mid"
    mido.MidiFile(ticks_per_beat=480, tracks=[conductor, mido.MidiTrack(notes)]).save(path)
    truth = read_annotation(path)
    assert truth.beats == (0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
    assert truth.downbeats == (0.0, 2.0)
    assert [h.time for h in truth.drums] == [0.5, 2.0, 4.0]
    assert truth.tempo is None


def test_a_midi_file_whose_tempo_map_follows_the_beats_gives_them_back(tmp_path):
    beats = tuple(round(0.5 * i + 0.004 * i * i, 6) for i in range(12))
    said = Transcription(
        None, None, 0.5, 0.0, beats, beats[::4], tuple(DrumHit(b, 36, 100) for b in beats), duration=6.1
    )
    said.save(tmp_path / "drift.mid")
    figures = evaluate_transcription(said, read_annotation(tmp_path / "drift.mid"))
    assert figures.drums.techno_sum.f_measure == 1
    assert max(map(abs, figures.drums.agreement.lateness)) < 0.002
    assert figures.beats.tempo_error is None


def test_columns_that_may_be_left_out(tmp_path):
    (tmp_path / "x.notes.csv").write_text("midi_pitch,onset_s\n36,1.5\n38,0.5\n")
    (tmp_path / "x.drums.csv").write_text("\ufefftime_s, gm_note\r\n1.5,36\r\n")
    (tmp_path / "x.beats.csv").write_text("time_s\n0.5\n1.0\n1.5\n")
    truth = read_annotation(tmp_path / "x")
    assert [(n.start, n.pitch, n.accent) for n in truth.bass] == [(0.5, 38, False), (1.5, 36, False)]
    assert truth.drums[0].velocity is None
    assert truth.downbeats is None
    assert truth.tempo == 120
    assert read_annotation(tmp_path / "x.drums.csv").parts == ("drums",)


BROKEN = {
    "x.drums.csv": [
        ("time_s;gm_note\n1;36\n", "divided by commas"),
        ("gm_note\n36\n", "no column time_s"),
        ("", "no column time_s, gm_note"),
        ("time_s,gm_note\n1\n", "line 2: it must have 2 values"),
        ("time_s,gm_note\n1,36,5\n", "line 2: it must have 2 values"),
        ("time_s,gm_note\nsoon,36\n", "time_s must be a number .* got 'soon'"),
        ("time_s,gm_note\nnan,36\n", "time_s must be a number"),
        ("time_s,gm_note\n1e9,36\n", "time_s must be a number"),
        ("time_s,gm_note\n1,128\n", "gm_note must be a number in 0..127"),
        ('time_s,gm_note\n"1,36\n', "is no CSV file"),
        (b"time_s,gm_note\n\xff\xfe,36\n", "no text in UTF-8"),
        ("time_s,gm_note\n", "annotates nothing"),
    ],
    "x.json": [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds a list"),
        ("{}", "annotates nothing"),
        ('{"tempo": 120}', "annotates nothing"),
        ('{"beats": 3}', "'beats' must be a list"),
        ('{"beats": [NaN]}', "'beats': a time must be a number"),
        ('{"beats": [true]}', "'beats': a time must be a number"),
        ('{"drums": [{"pitch": 36}]}', "'drums': an event lacks 'time'"),
        ('{"drums": [5]}', "'drums': an event is not what"),
        ('{"bass": [[1, 2]]}', "'bass': an event is not what"),
        ('{"cutoff": [[0]]}', "'cutoff': an event is not what"),
        ('{"beats": [0, 1], "tempo": "fast"}', "tempo must be a number"),
    ],
    "x.steps.csv": [("step\n1\n", "does not say what it annotates")],
    "x.txt": [("hello", "is no truth")],
}


@pytest.mark.parametrize(
    ("name", "content", "message"), [(name, *case) for name, cases in BROKEN.items() for case in cases]
)
def test_broken_truths_are_named(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    said = tmp_path / "said.json"
    heard().save(said)
    with pytest.raises(EvaluationError, match=message) as caught:
        evaluate_files(path, said)
    assert str(path) in str(caught.value)


def test_midi_without_a_tempo_has_no_times(tmp_path):
    import mido

    track = mido.MidiTrack([mido.Message("note_on", channel=9, note=36), mido.Message("note_off", channel=9, note=36)])
    mido.MidiFile(tracks=[track]).save(tmp_path / "x.mid")
    with pytest.raises(EvaluationError, match=r"x\.mid has no tempo event"):
        read_annotation(tmp_path / "x.mid")
    (tmp_path / "y.mid").write_bytes(b"MThd")
    with pytest.raises(MidiError, match=r"y\.mid: the header is cut short"):
        read_annotation(tmp_path / "y.mid")


def test_folders_are_matched_by_place_and_then_by_stem(csv_folder, tmp_path):
    predictions = tmp_path / "said"
    (predictions / "deep").mkdir(parents=True)
    heard().save(predictions / "deep" / "track.v2.json")
    heard().save(predictions / "other.json")
    replace(SCORE, bass=()).save(predictions / "deep" / "track.v2.mid")  # JSON comes before MIDI
    result = evaluate_files(csv_folder, predictions)
    assert [(i.name, i.missing) for i in result.items] == [("track.v2", False)]
    assert result.unused == (predictions / "other.json",)
    assert all_found(result.items[0].figures)
    (csv_folder / "late.beats.csv").write_text(CSV["beats"])
    late, track = evaluate_files(csv_folder, predictions).items
    assert (late.missing, track.missing) == (True, False)
    assert late.figures.beats.beats.f_measure == 0
    heard().save(predictions / "track.v2.json")
    assert all_found(evaluate_files(csv_folder, predictions).items[1].figures), "the same place comes first"


def test_names_that_are_not_unique(csv_folder, tmp_path):
    predictions = tmp_path / "said"
    for place in ("a", "b"):
        (predictions / place).mkdir(parents=True)
        heard().save(predictions / place / "track.v2.json")
    with pytest.raises(EvaluationError, match=r"may both be the prediction of track\.v2"):
        evaluate_files(csv_folder, predictions)
    truths, single = tmp_path / "truths", tmp_path / "single"
    single.mkdir()
    heard().save(single / "one.json")
    for place in ("a", "b"):
        (truths / place).mkdir(parents=True)
        heard().save(truths / place / "one.json")
    with pytest.raises(EvaluationError, match="of a/one and of b/one"):
        evaluate_files(truths, single)


def test_names_that_do_not_match(csv_folder, tmp_path):
    predictions = tmp_path / "said"
    predictions.mkdir()
    with pytest.raises(EvaluationError, match=r"no names match: .* 1 recordings \(track\.v2\), .* no recordings"):
        evaluate_files(csv_folder, predictions)
    with pytest.raises(EvaluationError, match="two folders, or two files"):
        evaluate_files(csv_folder, csv_folder / "track.v2.beats.csv")
    with pytest.raises(MissingFileError, match="nowhere is not there"):
        evaluate_files(csv_folder, tmp_path / "nowhere")
    with pytest.raises(MissingFileError, match=r"x\.json is not there"):
        read_annotation(tmp_path / "x.json")


def test_midi_beside_beats_draws_a_warning(csv_folder, tmp_path, caplog):
    predictions = tmp_path / "said"
    predictions.mkdir()
    SCORE.save(predictions / "track.v2.mid")
    heard().save(predictions / "track.v2.beats")
    assert all_found(evaluate_files(csv_folder, predictions).items[0].figures)
    assert "begins on a bar line" in caplog.text


def test_the_command_line_says_it_in_words(csv_folder, tmp_path, capsys):
    heard().save(tmp_path / "track.v2.json")
    assert (
        main(["evaluate", "transcription", str(csv_folder / "track.v2.notes.csv"), str(tmp_path / "track.v2.json")])
        == 0
    )
    said = capsys.readouterr().out
    assert "all: 1 recording\n" in said
    assert "bass notes" in said
    assert "drums" not in said.split("\n\n")[0]


def test_the_command_line_writes_json_and_csv(csv_folder, tmp_path, capsys):
    predictions, out = tmp_path / "said", tmp_path / "figures.json"
    for place in ("a", "b"):
        (predictions / place).mkdir(parents=True)
        (csv_folder / place).mkdir()
        heard().save(predictions / place / "one.json")
        (csv_folder / place / "one.beats.csv").write_text(CSV["beats"])
    command = ["evaluate", "transcription", str(csv_folder), str(predictions), "--json", str(out), "--csv", "--items"]
    assert main(command) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["value"] for r in rows if r["figure"] == "beat_f"] == [
        "0.0000",
        "1.0000",
        "1.0000",
        "0.6667",
        "1.0000",
        "1.0000",
        "0.0000",
    ]
    content = json.loads(out.read_text())
    assert content["missing"] == ["track.v2"]
    assert content["folders"]["a"]["beat_f"] == {"value": 1.0}
    assert content["figures"]["drums_techno/kick"] == {
        "value": 0.0,
        "precision": None,
        "recall": 0.0,
        "matched": 0,
        "truth": 16,
        "found": 0,
    }
    assert main(command) == 1
    assert "--force" in capsys.readouterr().err


def test_the_command_line_fails_in_one_line(tmp_path, capsys):
    (tmp_path / "x.json").write_text("{}")
    assert main(["evaluate", "transcription", str(tmp_path / "x.json"), str(tmp_path / "x.json")]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert said.err.startswith("error: ")
    assert main(["evaluate", "--help"]) == 0


def test_without_mir_eval(monkeypatch, tmp_path):
    monkeypatch.setattr("technogen.evaluation.matching.find_spec", lambda name: None)
    with pytest.raises(TechnoGenError, match=r"technogen\[evaluate\]"):
        evaluate_files(tmp_path, tmp_path)
