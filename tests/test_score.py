"""Laws of notes and scores."""

import numpy as np
import pytest
from score_maker import make_score

from technogen.errors import ScoreError
from technogen.score import TICKS_PER_BAR, Control, Note, Score, Section, make_monophonic

KICK = Note(0, 60, 36, 110)


def line(*notes: tuple[int, int, int, bool], bars: int = 1) -> Score:
    """A score from (start, duration, pitch, slide)."""
    return Score(130, bars, bass=tuple(Note(start, ticks, pitch, 90, slide) for start, ticks, pitch, slide in notes))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((-1, 60, 36, 90), "note start must be in 0"),
        ((0, 0, 36, 90), "note duration must be in 1"),
        ((0, 60, 128, 90), "note pitch must be in 0..127, got 128"),
        ((0, 60, 36, 0), "note velocity must be in 1..127, got 0"),
        ((0.5, 60, 36, 90), "note start must be a whole number"),
        ((0, "60", 36, 90), "note duration must be a whole number"),
        ((0, 60, None, 90), "note pitch must be a whole number"),
        ((2**40, 60, 36, 90), "note start must be in 0"),
    ],
)
def test_impossible_notes_are_refused(values, message):
    with pytest.raises(ScoreError, match=message):
        Note(*values)


def test_numpy_numbers_become_plain_ones():
    note = Note(np.int64(10), np.int32(60), np.uint8(36), np.int16(90), np.bool_(True))
    assert note == Note(10, 60, 36, 90, True)
    assert all(type(value) is int for value in (note.start, note.duration, note.pitch, note.velocity))
    assert type(note.slide) is bool
    score = Score(np.float32(130.0), np.int64(2))
    assert (score.tempo, score.bars) == (130.0, 2)
    assert type(score.tempo) is float


def test_accent_begins_at_velocity_100():
    assert not Note(0, 60, 36, 99).accent
    assert Note(0, 60, 36, 100).accent
    assert Note(30, 60, 36, 100).end == 90


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tempo": 0}, "tempo must be in 20..400 beats a minute"),
        ({"tempo": float("nan")}, "tempo must be a number"),
        ({"tempo": "130"}, "tempo must be a number"),
        ({"tempo": True}, "tempo must be a number"),
        ({"bars": 0}, "bars must be in 1..20000, got 0"),
        ({"bars": 1.5}, "bars must be a whole number"),
        ({"swing": 0.8}, "swing must be in 0.5..0.75"),
        ({"drums": (Note(TICKS_PER_BAR, 60, 36, 90),)}, "a drum hit at tick 1920 lies after the last bar"),
        ({"bass": (Note(1900, 21, 36, 90),)}, "the bass note at tick 1900 ends at 1921, after the last bar"),
        ({"bass": (Note(0, 100, 36, 90), Note(99, 20, 36, 90))}, "ends at 100, after the next starts .99."),
        ({"controls": (Control(1920, "cutoff", 1),)}, "a control at tick 1920 lies after the last bar"),
        ({"sections": (Section(1, "drop"),)}, "a section at bar 1 lies after the last of 1 bars"),
    ],
)
def test_impossible_scores_are_refused(values, message):
    with pytest.raises(ScoreError, match=message):
        Score(**{"tempo": 130, "bars": 1, **values})


def test_impossible_controls_and_sections_are_refused():
    with pytest.raises(ScoreError, match="'cutoff' or 'resonance', got 'drive'"):
        Control(0, "drive", 1)
    with pytest.raises(ScoreError, match=r"control value must be in 0..127, got 128"):
        Control(0, "cutoff", 128)
    with pytest.raises(ScoreError, match=r"1..100 characters"):
        Section(0, "")


def test_tempo_and_swing_are_rounded_to_hundredths():
    assert Score(132.004, 1).tempo == 132.0
    assert Score(132, 1, swing=0.6049).swing == 0.6


def test_of_two_hits_of_a_piece_at_once_the_louder_is_kept():
    score = Score(130, 1, drums=(Note(0, 60, 36, 80), Note(0, 60, 36, 120), Note(0, 60, 38, 80)))
    assert [(n.pitch, n.velocity) for n in score.drums] == [(36, 120), (38, 80)]


def test_hits_are_sorted_and_held_until_the_next_of_their_piece_at_the_latest():
    score = Score(130, 1, drums=(Note(1900, 500, 36, 90), Note(40, 500, 36, 90), Note(0, 500, 36, 90, True)))
    assert score.drums == (Note(0, 40, 36, 90), Note(40, 60, 36, 90), Note(1900, 20, 36, 90))


@pytest.mark.parametrize(
    ("notes", "slides"),
    [
        ([(0, 120, 36, True), (120, 120, 38, False)], [True, False]),
        ([(0, 119, 36, True), (120, 120, 38, False)], [False, False]),
        ([(0, 120, 36, True), (120, 120, 36, False)], [False, False]),
        ([(0, 120, 36, False), (120, 1800, 38, True)], [False, True]),
        ([(20, 100, 36, False), (120, 1800, 38, True)], [False, False]),
        ([(0, 1920, 36, True)], [False]),
    ],
)
def test_a_slide_leads_into_a_note_of_another_pitch_or_is_taken_off(notes, slides):
    assert [note.slide for note in line(*notes).bass] == slides


def test_scores_are_values():
    assert make_score(3) == make_score(3)
    assert hash(make_score(3)) == hash(make_score(3))
    assert make_score(3) != make_score(4)


def test_length_counts_silent_bars():
    score = Score(120, 4, drums=(KICK,))
    assert (score.length, score.seconds) == (4 * TICKS_PER_BAR, 8.0)
    assert score[1:4].bars == 3


@pytest.mark.parametrize("seed", range(40))
def test_a_slice_of_all_bars_is_the_score(seed):
    score = make_score(seed)
    assert score[:] == score
    assert score[0 : score.bars + 5] == score


@pytest.mark.parametrize("seed", range(60))
def test_slices_joined_again_sound_the_same(seed):
    score = make_score(seed)
    if score.bars == 1:
        return
    cut = score.bars // 2
    again = score[:cut] + score[cut:]
    assert (again.drums, again.bars, again.sections) == (score.drums, score.bars, score.sections)
    assert [n.start for n in again.bass] == [n.start for n in score.bass]
    assert again.quantised().controls == score.quantised().controls


def test_a_slice_ends_its_notes_and_slides_and_keeps_the_knobs():
    score = Score(
        130,
        2,
        bass=(Note(1800, 240, 36, 90, True), Note(2040, 120, 40, 90)),
        controls=(Control(0, "cutoff", 20), Control(100, "cutoff", 90), Control(2000, "resonance", 5)),
        sections=(Section(1, "drop"),),
    )
    first, second = score[:1], score[1:]
    assert first.bass == (Note(1800, 120, 36, 90),)
    assert first.sections == ()
    assert second.bass == (Note(120, 120, 40, 90),)
    assert second.controls == (Control(0, "cutoff", 90), Control(80, "resonance", 5))
    assert second.sections == (Section(0, "drop"),)


@pytest.mark.parametrize("bars", [slice(1, 1), slice(2, 1), slice(0, 2, 2), slice(0.5, 1), 0])
def test_impossible_slices_are_refused(bars):
    with pytest.raises(ScoreError, match="score"):
        make_score(1)[bars]


@pytest.mark.parametrize("seed", range(40))
def test_repeating_is_joining_with_oneself(seed):
    score = make_score(seed)
    assert score.repeated(1) == score
    assert score.repeated(3) == score + score + score


def test_repeating_keeps_the_slide_round_the_loop_and_every_bar():
    loop = line((0, 1800, 36, False), (1800, 120, 48, True))
    assert [n.slide for n in loop.repeated(2).bass] == [False, True, False, True]
    assert loop.repeated(500).bars == 500
    for times in (0, -1, 1.5):
        with pytest.raises(ScoreError, match="times must be"):
            loop.repeated(times)
    with pytest.raises(ScoreError, match=r"bars must be in 1..20000"):
        loop[:].repeated(2).repeated(20_000)


def test_joining_keeps_the_first_tempo_and_is_only_for_scores():
    joined = Score(130, 1, drums=(KICK,), swing=0.6) + Score(140, 2, drums=(KICK,))
    assert (joined.tempo, joined.swing, joined.bars) == (130, 0.6, 3)
    assert [n.start for n in joined.drums] == [0, TICKS_PER_BAR]
    with pytest.raises(TypeError):
        joined + 1


def test_transposing_moves_the_bass_alone_and_back():
    score = line((0, 120, 36, True), (120, 120, 38, False))
    up = score.transposed(7)
    assert [n.pitch for n in up.bass] == [43, 45]
    assert up.bass[0].slide
    assert up.transposed(-7) == score
    with pytest.raises(ScoreError, match=r"note pitch must be in 0..127, got 136"):
        score.transposed(100)


def test_muting_takes_one_part_and_the_filter_with_the_bass():
    score = Score(130, 1, drums=(KICK,), bass=(Note(0, 70, 36, 90),), controls=(Control(0, "cutoff", 3),))
    assert score.muted("drums") == Score(130, 1, bass=score.bass, controls=score.controls)
    assert score.muted("bass") == Score(130, 1, drums=score.drums)
    with pytest.raises(ScoreError, match="a part is 'drums' or 'bass', got 'lead'"):
        score.muted("lead")


def test_a_line_made_monophonic_keeps_the_lowest_of_a_chord():
    chords = [Note(0, 500, 40, 90), Note(0, 500, 36, 90), Note(240, 9999, 50, 90), Note(5000, 10, 36, 90)]
    assert make_monophonic(chords, TICKS_PER_BAR) == (Note(0, 240, 36, 90), Note(240, 1680, 50, 90))


def test_a_line_made_monophonic_fits_a_score():
    for seed in range(50):
        score = make_score(seed)
        Score(130, score.bars, bass=make_monophonic((*score.drums, *score.bass), score.length))
