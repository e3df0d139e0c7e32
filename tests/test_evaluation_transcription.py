"""Transcriptions against truths: known answers, laws, and agreement with mir_eval and with a reference scorer."""

import csv
import importlib.util
import json
import random
from dataclasses import replace
from pathlib import Path

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technogen.errors import EvaluationError
from technogen.evaluation import (
    Annotation,
    Counts,
    TrueHit,
    TrueNote,
    evaluate_files,
    evaluate_transcription,
    read_annotation,
    summarise_figures,
)
from technogen.evaluation.matching import count_times, first_of_each, match_notes
from technogen.transcription import BassNote, DrumHit, SectionStart, Transcription

SHARED = Path(__file__).parents[2] / "shared"
BEATS = tuple(round(0.5 * i, 6) for i in range(16))
HITS = tuple(TrueHit(t, pitch, 60 + 4 * i) for i, t in enumerate(BEATS) for pitch in (36, 39 if i % 2 else 46))
LINE = tuple(
    TrueNote(t, t + 0.2, 36 + 2 * (i % 3), 120 if i % 4 == 0 else 80, i % 4 == 0, i % 5 == 4)
    for i, t in enumerate(BEATS)
)
CURVE = tuple((float(t), 8.0 * t) for t in range(9))
TRUTH = Annotation(
    BEATS, BEATS[::4], 120.0, HITS, LINE, CURVE, (SectionStart(0.0, "intro"), SectionStart(4.0, "drop")), 8.0
)


def shifted(truth: Annotation, seconds: float) -> Annotation:
    return replace(
        truth,
        beats=tuple(b + seconds for b in truth.beats),
        downbeats=tuple(b + seconds for b in truth.downbeats),
        drums=tuple(replace(h, time=h.time + seconds) for h in truth.drums),
        bass=tuple(replace(n, start=n.start + seconds, end=n.end + seconds) for n in truth.bass),
        sections=tuple(SectionStart(s.start + seconds, s.label) for s in truth.sections),
    )


def test_a_truth_is_found_in_itself():
    f = evaluate_transcription(TRUTH, TRUTH)
    counts = [f.beats.beats, f.beats.fine_beats, f.beats.downbeats, f.drums.five_sum, f.drums.techno_sum]
    counts += [f.bass.notes, f.bass.chroma, f.bass.onsets, f.bass.accents, f.bass.slides, f.bass.slid_notes, f.sections]
    assert {c.f_measure for c in counts} == {1.0}
    assert (f.beats.tempo_error, f.cutoff) == (0.0, 1.0)
    assert set(f.drums.agreement.lateness) == {0.0}
    assert f.drums.agreement.velocity_rank == f.bass.agreement.velocity_rank == 1.0


@pytest.mark.parametrize(
    ("seconds", "beats", "fine", "events"), [(0.015, 1, 1, 1), (0.045, 1, 0, 1), (0.065, 1, 0, 0), (0.08, 0, 0, 0)]
)
def test_windows(seconds, beats, fine, events):
    f = evaluate_transcription(TRUTH, shifted(TRUTH, seconds))
    assert (f.beats.beats.f_measure, f.beats.downbeats.f_measure, f.beats.fine_beats.f_measure) == (beats, beats, fine)
    assert (f.drums.techno_sum.f_measure, f.bass.notes.f_measure, f.bass.onsets.f_measure) == (events,) * 3
    assert f.sections.f_measure == 1
    if events:
        assert set(f.drums.agreement.lateness) == set(f.bass.agreement.lateness) == {seconds}


def test_nothing_found():
    f = evaluate_transcription(TRUTH, Annotation())
    assert f.drums.techno_sum == Counts(0, 32, 0)
    assert (f.drums.techno_sum.precision, f.drums.techno_sum.recall, f.drums.techno_sum.f_measure) == (None, 0, 0)
    assert (f.beats.tempo_error, f.cutoff, f.bass.slid_notes.recall) == (120.0, 0.0, 0.0)


def test_what_is_not_annotated_is_not_measured():
    f = evaluate_transcription(Annotation(beats=BEATS), TRUTH)
    assert (f.drums, f.bass, f.cutoff, f.sections, f.beats.downbeats) == (None,) * 5
    empty_part = evaluate_transcription(Annotation(beats=BEATS, drums=()), TRUTH)
    assert empty_part.drums.techno_sum == Counts(0, 0, 32)


def test_drum_classes():
    truth = Annotation(drums=(TrueHit(1, 39), TrueHit(2, 46), TrueHit(3, 70)))
    said = Annotation(drums=(TrueHit(1, 38), TrueHit(2, 42), TrueHit(3, 56), TrueHit(3.01, 56)))
    f = evaluate_transcription(truth, said).drums
    assert f.five_sum == Counts(2, 2, 2), "clap and snare are one, hats are one, and PERC is out of the sum"
    assert f.techno_sum == Counts(1, 3, 3), "the two cowbells are one"
    assert (f.techno["clap"], f.techno["snare"]) == (Counts(0, 1, 0), Counts(0, 0, 1))


def test_accents_and_slides_count_on_notes_that_were_found():
    wrong = tuple(replace(n, pitch=n.pitch + (n.accent and n.start < 1)) for n in LINE)
    f = evaluate_transcription(TRUTH, replace(TRUTH, bass=wrong)).bass
    assert f.notes == Counts(15, 16, 16)
    assert f.onsets.f_measure == 1
    assert f.accents == Counts(3, 4, 4)
    plain = tuple(replace(n, slide_in=False, accent=False) for n in LINE)
    f = evaluate_transcription(TRUTH, replace(TRUTH, bass=plain)).bass
    assert (f.slides, f.slid_notes, f.accents) == (Counts(0, 3, 0), Counts(3, 3, 3), Counts(0, 4, 0))


def test_slides_where_there_are_none():
    plain = tuple(replace(n, slide_in=False) for n in LINE)
    assert evaluate_transcription(replace(TRUTH, bass=plain), TRUTH).bass.slides == Counts(0, 0, 3)
    assert evaluate_transcription(replace(TRUTH, bass=plain, cutoff=None), TRUTH).bass.slides is None


def test_octave():
    high = tuple(replace(n, pitch=n.pitch + 12) for n in LINE)
    f = evaluate_transcription(TRUTH, replace(TRUTH, bass=high)).bass
    assert (f.notes.f_measure, f.chroma.f_measure) == (0, 1)


def test_cutoff():
    def measure(*curve):
        return evaluate_transcription(TRUTH, replace(TRUTH, cutoff=curve)).cutoff

    assert measure((0, 100), (8, 0)) == pytest.approx(-1)
    assert measure((0, 100), (8, 100)) == 0
    assert measure((0, 1), (4, 2), (8, 100)) == pytest.approx(1), "ranks alone count"
    still = replace(TRUTH, cutoff=((0.0, 60.0), (8.0, 69.0)))
    assert evaluate_transcription(still, TRUTH).cutoff is None
    silent = replace(TRUTH, bass=LINE[:2])
    assert evaluate_transcription(silent, TRUTH).cutoff is None, "a curve that is not heard"


def test_tempo():
    said = replace(TRUTH, tempo=120.5)
    assert evaluate_transcription(TRUTH, said).beats.tempo_error == pytest.approx(0.5)
    drifting = tuple(b * (1 + 0.01 * i) for i, b in enumerate(BEATS))
    assert evaluate_transcription(Annotation(beats=drifting), TRUTH).beats.tempo_error is None


def test_velocities_that_are_not_known():
    blind = replace(TRUTH, drums=tuple(replace(h, velocity=None) for h in HITS))
    assert evaluate_transcription(blind, TRUTH).drums.agreement.velocity_rank is None
    upside_down = replace(TRUTH, drums=tuple(replace(h, velocity=127 - h.velocity) for h in HITS))
    assert evaluate_transcription(TRUTH, upside_down).drums.agreement.velocity_rank == pytest.approx(-1)


def test_transcriptions_are_taken_as_they_are():
    said = Transcription(
        None,
        120.0,
        0.5,
        0.0,
        BEATS,
        BEATS[::4],
        tuple(DrumHit(h.time, h.pitch, h.velocity) for h in HITS),
        tuple(BassNote(n.start, n.end, n.pitch, n.velocity, i % 5 == 3) for i, n in enumerate(LINE)),
        CURVE,
        sections=TRUTH.sections,
        duration=8.0,
    )
    assert evaluate_transcription(TRUTH, said) == evaluate_transcription(said, TRUTH)
    assert evaluate_transcription(said, said).bass.slides == Counts(3, 3, 3)


def test_an_empty_truth_is_refused():
    with pytest.raises(EvaluationError, match="annotates nothing"):
        evaluate_transcription(Annotation(drums=()), TRUTH)


@pytest.mark.parametrize("swap", [False, True])
def test_different_recordings_are_refused(swap):
    long = replace(TRUTH, drums=tuple(TrueHit(0.5 * i, 36) for i in range(60)), duration=30.0)
    pair = (long, TRUTH) if swap else (TRUTH, long)
    with pytest.raises(EvaluationError, match="not of the same recording"):
        evaluate_transcription(*pair)


def test_events_within_15_ms_are_one():
    assert first_of_each([1.0, 0.5, 1.01, 1.02, 1.1]).tolist() == [1, 0, 4]
    assert count_times([1.0, 1.0], [1.0], 0.05) == Counts(1, 1, 1)


NOTES = st.lists(st.tuples(st.integers(0, 400), st.integers(30, 34)), max_size=40)


@settings(max_examples=150, deadline=None)
@given(NOTES, NOTES)
def test_notes_match_as_mir_eval_matches_them(truth, found):
    a, b = ([(t / 100, p) for t, p in sorted(notes)] for notes in (truth, found))
    pairs = match_notes(a, b, 0.05)
    expected = 0
    if a and b:
        spans = [np.array([[t, t + 0.1] for t, _ in x]) for x in (a, b)]
        pitches = [mir_eval.util.midi_to_hz(np.array([p for _, p in x], float)) for x in (a, b)]
        expected = len(
            mir_eval.transcription.match_notes(spans[0], pitches[0], spans[1], pitches[1], offset_ratio=None)
        )
    assert len(pairs) == expected
    assert all(a[i][1] == b[j][1] and abs(a[i][0] - b[j][0]) < 0.0501 for i, j in pairs)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@pytest.mark.parametrize(("late", "matched"), [(0.05, 1), (0.05004, 1), (0.0501, 0), (-0.05004, 1), (-0.0501, 0)])
def test_distances_of_notes_are_rounded_to_a_tenth_of_a_millisecond(late, matched):
    assert len(match_notes([(1.0, 36)], [(1.0 + late, 36)], 0.05)) == matched


@given(st.lists(st.integers(0, 500), max_size=40), st.lists(st.integers(0, 500), max_size=40))
def test_counts_are_those_of_either_side(truth, found):
    one, other = (count_times(np.array(x) / 50, np.array(y) / 50, 0.05) for x, y in ((truth, found), (found, truth)))
    assert (one.matched, one.truth, one.found) == (other.matched, other.found, other.truth)
    assert one.matched <= min(one.truth, one.found)


def test_tables_are_micro_for_events_and_means_for_beats():
    whole = evaluate_transcription(TRUTH, TRUTH)
    short = Annotation(beats=BEATS[:4], downbeats=BEATS[:1], drums=HITS[:4])
    none = evaluate_transcription(short, Annotation())
    table = {f.key: f for f in summarise_figures([whole, none])}
    assert table["beat_f"].value == 0.5
    assert table["bpm_exact"].value == 0.5
    assert table["bpm_error"].value == 60
    assert table["drums_techno/sum"].counts == Counts(32, 36, 32)
    assert table["drums_techno/sum"].value == pytest.approx(64 / 68)
    assert table["bass/slid_note_recall"].value == 1
    assert table["drums_techno/ride"].value is None
    assert summarise_figures([]) == ()


def test_times_are_told_in_milliseconds():
    table = {f.key: f.value for f in summarise_figures([evaluate_transcription(TRUTH, shifted(TRUTH, -0.03))])}
    for part in ("beats", "drums", "bass"):
        assert table[f"{part}/late_ms"] == pytest.approx(-30)
        assert table[f"{part}/within_ms"] == pytest.approx(30)


def _load_reference():
    path = SHARED / "eval" / "score_transcription.py"
    if not path.exists():
        pytest.skip(f"the reference scorer is not there: {path}")
    spec = importlib.util.spec_from_file_location("score_transcription", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _spoil(stem: Path, draw: random.Random) -> dict:
    """A prediction that is the truth with losses, inventions, jitter, wrong classes and wrong flags."""

    def keep(part):
        path = stem.with_name(f"{stem.name}.{part}.csv")
        return [row for row in (_read(path) if path.exists() else []) if draw.random() < 0.85]

    beats = [float(r["time_s"]) + draw.gauss(0, 0.015) for r in keep("beats")]
    drums = [
        {"time": float(r["time_s"]) + draw.gauss(0, 0.025), "pitch": draw.choice([int(r["gm_note"])] * 4 + [39, 42])}
        for r in keep("drums")
    ]
    bass = [
        {
            "start": float(r["onset_s"]) + draw.gauss(0, 0.02),
            "end": float(r["offset_s"]),
            "pitch": int(r["midi_pitch"]) + draw.choice([0, 0, 0, 12, 1]),
            "accent": draw.random() < 0.4,
            "slide": draw.random() < 0.3,
        }
        for r in keep("notes")
    ]
    cutoff = [[float(r["time_s"]), draw.uniform(0, 127)] for r in keep("knobs")]
    sections = [{"start": float(r["start_s"]) + draw.gauss(0, 0.7), "label": "x"} for r in keep("sections")]
    for events in (drums, bass):
        events.sort(key=lambda e: e.get("time", e.get("start")))
    return {
        "tempo": draw.choice([None, 128.0]),
        "beats": sorted(beats),
        "downbeats": sorted(beats)[::4],
        "drums": drums,
        "bass": bass,
        "cutoff": sorted(cutoff),
        "sections": sections,
    }


@pytest.mark.parametrize("group", ["acid_mixes", "lmms_projects", "mdb_drums"])
def test_figures_are_those_of_the_reference_scorer(group, tmp_path):
    reference, folder, draw = _load_reference(), SHARED / "realdata" / group, random.Random(group)
    stems = [p.with_name(p.name.removesuffix(".beats.csv")) for p in sorted(folder.glob("*.beats.csv"))]
    scored = []
    for number, stem in enumerate(stems):
        said = _spoil(stem, draw) if number else {}
        if said:
            (tmp_path / f"{stem.name}.json").write_text(json.dumps(said))
        scored.append(reference.score_item(stem, said))
    theirs = reference.summarise(scored)
    ours = {f.key: f.value for f in summarise_figures([i.figures for i in evaluate_files(folder, tmp_path).items])}
    assert len(theirs) >= 18
    for key, value in theirs.items():
        if np.isnan(value):
            assert ours[key] is None, key
        else:
            assert ours[key] == pytest.approx(value, abs=5.1e-4), key


def test_the_truths_of_the_recordings_can_be_read():
    folder = SHARED / "realdata"
    if not folder.exists():
        pytest.skip(f"the recordings are not there: {folder}")
    truth = read_annotation(next(folder.glob("acid_mixes/*.beats.csv")).as_posix().removesuffix(".beats.csv"))
    assert truth.parts == ("beats", "drums", "bass", "cutoff", "sections")
