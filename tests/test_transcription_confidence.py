"""Confidences are probabilities: curves are monotone and kept in a table, and what is said is as often right."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import technogen
from technogen import Audio, compose, render, transcribe
from technogen.errors import WeightsError
from technogen.score import Note, Score
from technogen.transcription import Grid
from technogen.transcription.bass import transcribe_bass
from technogen.transcription.bass_strength import find_velocities, measure_accents
from technogen.transcription.confidence import (
    EVIDENCE,
    Curve,
    NoteEvidence,
    calibrate,
    calibrate_notes,
    calibrate_transcription,
    drum_class,
    load_curves,
    log_odds,
)
from technogen.transcription.picture import draw_transcription
from technogen.transcription.pitch import SAMPLE_RATE
from technogen.transcription.types import BassNote, DrumHit, Transcription

CHECKPOINTS = Path(technogen.__file__).parent / "checkpoints"


def test_a_curve_is_a_logistic_of_evidence_within_its_range():
    curve = Curve(bias=-1.0, weights=(2.0, 0.5), lows=(0.0, -2.0), highs=(1.0, 2.0))
    said = curve.judge(np.array([[0.5, 0.0], [1.0, 2.0], [9.0, 9.0], [-9.0, -9.0], [np.nan, 0.0]]))
    odds = np.array([0.0, 2.0, 2.0, -2.0, -1.0])
    assert said == pytest.approx(1 / (1 + np.exp(-odds)))


def test_nothing_is_ever_said_to_be_certain():
    curve = Curve(bias=0.0, weights=(1.0,), lows=(-1e9,), highs=(1e9,))
    assert 0 < curve.judge(np.array([[-1e8]]))[0] < 0.003
    assert 0.997 < curve.judge(np.array([[1e8]]))[0] < 1


def test_the_package_has_a_curve_of_every_kind_and_none_falls():
    curves = load_curves()
    assert set(EVIDENCE) == set(curves)
    for kind, curve in curves.items():
        assert len(curve.weights) == len(curve.lows) == len(curve.highs) == len(EVIDENCE[kind])
        assert all(weight >= 0 for weight in curve.weights)
        assert all(low <= high for low, high in zip(curve.lows, curve.highs))


def test_the_table_was_fitted_to_the_network_in_the_package():
    table = json.loads((CHECKPOINTS / "confidence.json").read_text())
    network = hashlib.sha256((CHECKPOINTS / "ear.safetensors").read_bytes()).hexdigest()
    assert table["ear"] == network, "fit it again: python benchmarks/ear_reliability.py --fit --docs"


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(WeightsError, match="no curve for the confidence of 'lyrics'; there are: accent, "):
        calibrate("lyrics", [[2.0, 3.0]])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "curves": {"note": {}}}'])
def test_what_is_no_table_is_refused(content, tmp_path):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(WeightsError, match=r"x\.json: no table of confidences"):
        load_curves(tmp_path / "x.json")


def test_a_table_of_another_version_is_refused(tmp_path):
    (tmp_path / "x.json").write_text('{"version": 9, "curves": {}}')
    with pytest.raises(WeightsError, match="of version 9; this version reads 1"):
        load_curves(tmp_path / "x.json")
    with pytest.raises(WeightsError, match="no table"):
        load_curves(tmp_path / "none.json")


def test_drums_are_judged_by_classes():
    assert [drum_class(p) for p in (36, 35, 39, 37, 43, 50, 57, 51, 56, 75)] == [
        "kick", "kick", "clap", "rim", "tom", "tom", "crash", "ride", "percussion", "percussion",
    ]  # fmt: skip


def heard(hits=(0.2, 0.5, 0.9), bass=(0.3, 0.8), tempo=130.0, said=0.7):
    return Transcription(
        None, tempo, 0.5, 0.0, (0.0, 0.5), (0.0,) if tempo else (),
        tuple(DrumHit(i / 4, 36, 100, c) for i, c in enumerate(hits)),
        tuple(BassNote(i / 4, i / 4 + 0.2, 40, 80, False, c) for i, c in enumerate(bass)),
        confidence={"tempo": said, "downbeat": said, "drums": 0.5, "bass": 0.9},
        duration=4.0,
    )  # fmt: skip


def test_more_evidence_never_says_less():
    low, high = (calibrate_transcription(heard(said=c)) for c in (0.3, 0.9))
    assert low.confidence["tempo"] < high.confidence["tempo"]
    assert low.confidence["downbeat"] < high.confidence["downbeat"]
    assert [h.confidence for h in low.drums] == sorted(h.confidence for h in low.drums)
    assert all(a.confidence <= b.confidence for a, b in zip(low.drums, high.drums))


def test_parts_are_as_sure_as_their_events():
    faint, clear = (calibrate_transcription(heard(hits=[c] * 8, bass=[c] * 8)) for c in (0.55, 0.999))
    assert faint.confidence["drums"] < clear.confidence["drums"]
    assert faint.confidence["bass"] < clear.confidence["bass"]


def test_what_is_not_there_is_not_trusted():
    nothing = calibrate_transcription(heard(hits=(), bass=(), tempo=None))
    assert nothing.confidence == {"tempo": 0.0, "downbeat": 0.0, "drums": 0.0, "bass": 0.0}


def test_what_other_trackers_say_of_themselves_stays():
    said = heard()
    kept = calibrate_transcription(said, own_beats=False, own_bass=False)
    assert (kept.confidence["tempo"], kept.confidence["downbeat"], kept.confidence["bass"]) == (0.7, 0.7, 0.9)
    assert kept.bass == said.bass
    assert kept.drums != said.drums


def test_only_confidences_change():
    said = heard()
    kept = calibrate_transcription(said)
    for field in fields(Transcription):
        if field.name not in ("drums", "confidence"):
            assert getattr(kept, field.name) == getattr(said, field.name)
    assert [replace(h, confidence=1.0) for h in kept.drums] == [replace(h, confidence=1.0) for h in said.drums]


def test_log_odds_turn_back_and_end_somewhere():
    assert log_odds(0.5) == 0
    assert log_odds(0.9) == pytest.approx(-log_odds(0.1))
    assert np.isfinite([log_odds(0.0), log_odds(1.0)]).all()


def test_flags_are_judged_by_whether_they_are_set():
    rows = {name: np.zeros((2, len(EVIDENCE[kind]))) for name, kind in KINDS.items()}
    notes = (BassNote(0, 0.1, 40, 127, True), BassNote(0.2, 0.3, 40, 80))
    one, other = calibrate_notes(notes, NoteEvidence(**rows))
    curves = load_curves()
    for note, kinds in ((one, ("accent", "slide")), (other, ("plain", "apart"))):
        said = [round(float(curves[kind].judge(np.zeros((1, len(EVIDENCE[kind]))))[0]), 3) for kind in kinds]
        assert [note.accent_confidence, note.slide_confidence] == said


KINDS = {"notes": "note", "slides": "slide", "apart": "apart", "accents": "accent", "plain": "plain"}


def test_accents_are_told_from_plain_notes_whatever_else_is_faint():
    """Two classes 6 dB apart, and one faint rest that is no class of its own."""
    levels = [0.5, 0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.25, 0.001]
    signal = np.concatenate([np.sin(np.arange(SAMPLE_RATE // 5) / 8) * level for level in levels])
    notes = tuple(BassNote(i / 5, i / 5 + 0.1, 40, 80) for i in range(len(levels)))
    accented = [note.accent for note in find_velocities(signal, notes)]
    assert accented == [level == 0.5 for level in levels]
    beside, contrast, share = measure_accents(signal, notes)
    assert contrast == pytest.approx(6, abs=0.1)
    assert share == pytest.approx(3 / 9)
    assert (beside > 1).all()


def test_a_clear_line_is_surer_than_one_under_noise():
    score = compose("acid", bars=4, tempo=130, seed=5).muted("drums")
    audio = render(score, loop=True)
    grid = Grid(tempo=130, offset=0.0, swing=score.swing)
    noise = 0.25 * np.random.default_rng(0).standard_normal(len(audio.mono())).astype(np.float32)
    clear, buried = (transcribe_bass(s, audio.sample_rate, grid) for s in (audio.mono(), audio.mono() + noise))
    assert len(clear.evidence.notes) == len(clear.notes)
    sure = [float(np.mean([note.confidence for note in line.notes])) for line in (clear, buried)]
    assert sure[0] > 0.7 > sure[1]
    flags = [c for note in clear.notes for c in (note.accent_confidence, note.slide_confidence)]
    assert all(0 < c < 1 for c in flags)


def test_what_is_said_of_a_piece_is_as_often_right():
    """In one piece of known drums the mean confidence and the share of right hits are not far apart."""
    score = compose("acid", bars=8, tempo=132, seed=3).muted("bass")
    audio = render(score, loop=True)
    found = transcribe(Audio(audio.mono(), audio.sample_rate))
    truth = {}
    for note in score.drums:
        truth.setdefault(drum_class(note.pitch), []).append(note.start / 480 * 60 / 132)
    right = [bool(np.abs(np.array(truth.get(drum_class(h.pitch), [-9.0])) - h.time).min() < 0.05) for h in found.drums]
    sure = np.array([h.confidence for h in found.drums])
    assert len(right) > 50
    assert abs(sure.mean() - np.mean(right)) < 0.3
    assert found.confidence["drums"] == pytest.approx(np.mean(right), abs=0.35)


@pytest.mark.parametrize("gridded", [True, False])
def test_unsure_flags_and_bar_lines_are_drawn_as_such(gridded):
    def draw(sure):
        first = BassNote(0.0, 0.25, 40, 127, True, 1.0, accent_confidence=sure, slide_confidence=sure)
        notes = (first, BassNote(0.25, 0.375, 45, 80))
        score = Score(120, 1, bass=(Note(0, 240, 40, 127, slide=True), Note(240, 120, 45, 80)))
        found = Transcription(score if gridded else None, 120.0 if gridded else None, 0.5, 0.0, (0.0, 0.5), (0.0,))
        return draw_transcription(replace(found, bass=notes, confidence={"downbeat": sure}, duration=2.0))

    clear, doubtful = draw(0.9), draw(0.2)
    assert "accent-unsure" not in clear
    assert 'stroke-dasharray="1.5 3"' not in clear
    assert "accent-unsure" in doubtful
    assert 'stroke-dasharray="1.5 3"' in doubtful
    assert doubtful.count('stroke-dasharray="4 3"') > clear.count('stroke-dasharray="4 3"') == 0


def test_the_json_says_how_sure_everything_is(tmp_path):
    note = BassNote(0.0, 0.25, 40, 127, True, 0.9, accent_confidence=0.7, slide_confidence=0.6)
    replace(heard(), bass=(note,)).save(tmp_path / "x.json")
    said = json.loads((tmp_path / "x.json").read_text())
    (bass,) = said["bass"]
    assert (bass["confidence"], bass["accent_confidence"], bass["slide_confidence"]) == (0.9, 0.7, 0.6)
    assert all(0 <= hit["confidence"] <= 1 for hit in said["drums"])
    assert set(said["confidence"]) == {"tempo", "downbeat", "drums", "bass"}
