"""Pictures: well-formed, complete, escaped, without scripts; and long or empty music says what it is."""

import math
import random
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from technogen.audio import Audio
from technogen.score import TICKS_PER_BAR, Control, Note, Score, Section
from technogen.score.picture import MAX_BARS_SHOWN, draw_score
from technogen.score.signs import name_pitch
from technogen.transcription.picture import BARS_SHOWN, draw_transcription
from technogen.transcription.types import BassNote, DrumHit, Grid, SectionStart, Transcription

SVG = "{http://www.w3.org/2000/svg}"


def _read(picture):
    root = ET.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "g", "rect", "path", "text", "tspan"),
    }
    assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]
    numbers = [v for e in root.iter() for k, v in e.attrib.items() if k in ("x", "y", "width", "height")]
    assert all(math.isfinite(float(v)) for v in numbers)
    return root


def _all(root, kind):
    return [e for e in root.iter() if kind in e.get("class", "").split()]


def _words(root):
    return ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]


def _make_score(bars, seed=303):
    rng = random.Random(seed)
    drums = [Note(120 * k, 60, rng.choice((36, 39, 42, 46)), rng.randint(1, 127)) for k in range(bars * 16)]
    bass = []
    for k in range(0, bars * 16 - 1, 2):
        slide = rng.random() < 0.5
        bass.append(Note(120 * k, 240 if slide else 70, 36 + k % 12, rng.choice((80, 127)), slide))
    controls = [Control(960 * k, "cutoff", rng.randrange(128)) for k in range(bars * 2)]
    return Score(138, bars, tuple(drums), tuple(bass), 0.56, tuple(controls), (Section(0, "intro"),))


@pytest.mark.parametrize("bars", [1, 3, 8, 9, 20])
def test_every_hit_note_accent_and_slide_is_drawn_once(bars):
    score = _make_score(bars)
    root = _read(draw_score(score))
    assert len(_all(root, "hit")) == len(score.drums)
    assert len(_all(root, "hit-accent")) == sum(n.accent for n in score.drums)
    assert len(_all(root, "note")) == len(score.bass)
    assert len(_all(root, "accent")) == sum(n.accent for n in score.bass)
    assert len(_all(root, "slide")) == sum(n.slide for n in score.bass)
    assert len(_all(root, "bar")) == bars


def test_note_over_the_end_of_a_row_goes_on_in_the_next():
    score = Score(120, 16, bass=(Note(8 * TICKS_PER_BAR - 120, 240, 40, 80),))
    root = _read(draw_score(score))
    assert len(_all(root, "note")) == len(_all(root, "note-rest")) == 1


def test_what_is_drawn_is_where_the_score_says():
    score = Score(
        120, 2, (Note(0, 60, 36, 127), Note(1920, 60, 36, 30), Note(1920, 60, 42, 30)), (Note(960, 240, 48, 80),)
    )
    root = _read(draw_score(score))
    first, second, hat = _all(root, "hit")
    (note,) = _all(root, "note")
    x = lambda e: float(e.get("x"))  # noqa: E731
    assert (x(second) - x(first)) == pytest.approx(2 * (x(note) - x(first)), abs=2)
    assert first.get("y") == second.get("y") != hat.get("y")
    assert float(first.get("fill-opacity", 1)) > 2 * float(second.get("fill-opacity"))
    assert float(note.get("width")) == pytest.approx((x(second) - x(first)) / 8, abs=1)


def test_long_score_is_cut_and_says_so():
    score = _make_score(MAX_BARS_SHOWN + 6)
    root = _read(draw_score(score))
    assert len(_all(root, "hit")) == sum(n.start < MAX_BARS_SHOWN * TICKS_PER_BAR for n in score.drums)
    assert len(_all(root, "bar")) == MAX_BARS_SHOWN
    assert any("70 bars" in w and "the first 64 are shown" in w for w in _words(root))
    assert not any("are shown" in w for w in _words(_read(draw_score(score[:64]))))


def test_empty_score_says_so():
    root = _read(draw_score(Score(120, 4)))
    assert any("no notes" in w for w in _words(root))
    assert not _all(root, "hit") + _all(root, "note")
    assert len(_all(root, "bar")) == 4


@pytest.mark.parametrize("part", ["drums", "bass"])
def test_one_part_alone(part):
    score = _make_score(4).muted(part)
    root = _read(draw_score(score))
    assert (len(_all(root, "hit")), len(_all(root, "note"))) == (len(score.drums), len(score.bass))


def test_words_are_escaped():
    label = "<script>alert('x')</script> & \"drop\" \x00\x1b\ud800"
    picture = draw_score(Score(120, 8, sections=(Section(0, label),)))
    assert "<script" not in picture
    shown = [e.text for e in _all(_read(picture), "section")]
    assert shown == ["<script>alert('x')</script> & \"drop\" \ufffd\ufffd\ufffd"]


def test_unknown_drum_is_named_by_its_number():
    assert "note 27" in _words(_read(draw_score(Score(120, 1, (Note(0, 60, 27, 90),)))))


def test_pitches_have_names():
    assert [name_pitch(p) for p in (60, 36, 70, 0)] == ["C4", "C2", "A#4", "C-1"]


def test_notebook_shows_the_picture():
    score = _make_score(2)
    assert score._repr_html_() == draw_score(score)


def test_same_score_same_picture():
    assert draw_score(_make_score(8)) == draw_score(_make_score(8))


def _make_transcription(bars, confidence=1.0):
    score = _make_score(bars)
    grid = Grid(score.tempo, 0.25, score.swing)
    beat = grid.beat_seconds
    beats = tuple(0.25 + k * beat for k in range(bars * 4))
    return Transcription(
        score,
        score.tempo,
        score.swing,
        0.25,
        beats,
        beats[::4],
        tuple(DrumHit(grid.seconds_at(n.start), n.pitch, n.velocity, confidence) for n in score.drums),
        tuple(
            BassNote(grid.seconds_at(n.start), grid.seconds_at(n.end), n.pitch, n.velocity, n.slide, confidence)
            for n in score.bass
        ),
        cutoff=((0.25, 10.0), (1.0, 100.0)),
        sections=(SectionStart(0.25, "intro & <b>"),),
        confidence={"tempo": 0.98, "downbeat": 0.4, "drums": 0.9, "bass": 0.8},
        tempo_candidates=((138.0, 0.9), (92.0, 0.1)),
        duration=0.25 + bars * 4 * beat,
    )


def _make_audio(seconds):
    return Audio(np.sin(np.arange(int(seconds * 8000)) / 20).astype(np.float32), 8000)


@pytest.mark.parametrize("bars", [1, 4, 16])
@pytest.mark.parametrize("heard", [True, False])
def test_transcription_shows_all_it_found(bars, heard):
    transcription = _make_transcription(bars)
    root = _read(draw_transcription(transcription, _make_audio(transcription.duration) if heard else None))
    assert root.get("width") == "1400"
    assert len(_all(root, "hit")) == len(transcription.drums)
    assert len(_all(root, "note")) == len(transcription.bass)
    assert len(_all(root, "wave")) == (2 if heard else 0)
    assert sum(e.get("d").count("M") for e in _all(root, "beats")) == bars * 3
    assert any(w.startswith("138 bpm") and "swing 56%" in w and "or 92 bpm" in w for w in _words(root))
    assert {"tempo", "0.98", "downbeat", "0.40"} <= set(_words(root))


def test_unsure_notes_are_faint_and_outlined():
    sure, unsure = (_read(draw_transcription(_make_transcription(2, c))) for c in (1.0, 0.1))
    assert not [e for e in _all(sure, "hit") + _all(sure, "note") if e.get("stroke")]
    assert all(e.get("stroke") for e in _all(unsure, "hit") + _all(unsure, "note"))
    for bold, faint in zip(_all(sure, "note"), _all(unsure, "note")):
        assert float(faint.get("fill-opacity")) < 0.5 * float(bold.get("fill-opacity", 1))


def test_long_transcription_shows_its_first_bars_and_the_whole_waveform():
    transcription = _make_transcription(BARS_SHOWN + 50)
    root = _read(draw_transcription(transcription, _make_audio(transcription.duration)))
    end = BARS_SHOWN * TICKS_PER_BAR
    assert transcription.score is not None
    assert len(_all(root, "hit")) == sum(n.start < end for n in transcription.score.drums)
    assert f"The first {BARS_SHOWN} of {BARS_SHOWN + 50} bars" in _words(root)
    wave = _all(root, "wave")[0].get("d").removeprefix("M").removesuffix("Z").split("L")
    xs = [float(point.split()[0]) for point in wave]
    assert max(xs) - min(xs) > 1200


def test_without_a_constant_tempo_the_events_are_drawn_in_seconds():
    transcription = replace(_make_transcription(4), score=None, tempo=None)
    root = _read(draw_transcription(transcription))
    assert len(_all(root, "hit")) == len(transcription.drums)
    assert len(_all(root, "note")) == len(transcription.bass)
    assert any(w.startswith("no constant tempo") for w in _words(root))
    assert "The recording in seconds" in _words(root)


@pytest.mark.parametrize("samples", [np.zeros(1), np.zeros(8000), np.ones((300, 2))])
def test_transcription_of_nothing(samples):
    nothing = Transcription(None, None, 0.5, 0.0, (), (), confidence={"tempo": 0.0})
    root = _read(draw_transcription(nothing, Audio(samples.astype(np.float32), 8000)))
    assert any("0 drum hits" in w for w in _words(root))
    _read(draw_transcription(nothing))


def test_transcription_in_a_notebook():
    page = _make_transcription(2)._repr_html_()
    assert page.startswith("<div><svg")
    _read(page.removeprefix("<div>").removesuffix("</div>"))
