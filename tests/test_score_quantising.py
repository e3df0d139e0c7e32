"""Laws of swing and of what tokens can say."""

import random

import pytest
from score_maker import make_score

from technogen.score import Control, Note, Score, Section, find_swing, fold_drum, straight_tick, swing_tick
from technogen.score.drums import DRUM_NAMES
from technogen.score.quantising import (
    BASS_PITCHES,
    BASS_VELOCITIES,
    CUTOFF_LEVELS,
    DRUM_VELOCITIES,
    DURATIONS,
    FILTER_TICKS,
    GRID,
    RESONANCE_LEVELS,
    nearest_duration,
)


@pytest.mark.parametrize("seed", range(300))
def test_quantising_twice_is_quantising_once(seed):
    quantised = make_score(seed).quantised()
    assert quantised.quantised() == quantised


@pytest.mark.parametrize("seed", range(100))
def test_everything_quantised_is_of_the_tables(seed):
    score = make_score(seed)
    quantised = score.quantised()
    assert (quantised.tempo, quantised.bars) == (score.tempo, score.bars)
    assert all(n.start % GRID == 0 for n in (*quantised.drums, *quantised.bass))
    assert all(n.pitch in DRUM_NAMES and n.velocity in DRUM_VELOCITIES for n in quantised.drums)
    assert all(n.pitch in BASS_PITCHES and n.velocity in BASS_VELOCITIES for n in quantised.bass)
    assert all(n.slide or n.duration in DURATIONS for n in quantised.bass)
    assert all(c.tick % FILTER_TICKS == 0 for c in quantised.controls)
    levels = {"cutoff": CUTOFF_LEVELS, "resonance": RESONANCE_LEVELS}
    assert all(c.value in levels[c.name] for c in quantised.controls)


@pytest.mark.parametrize("swing", [0.5, 0.54, 0.58, 0.62, 0.66, 0.7, 0.74])
def test_swing_in_the_ticks_becomes_the_number(swing):
    straight = tuple(Note(120 * k, 60, 42, 85) for k in range(16))
    bass = tuple(Note(120 * k, 120, 36 + k % 2, 80, True) for k in range(16))
    played = Score(
        130,
        1,
        drums=tuple(Note(swing_tick(n.start, swing), 60, 42, 85) for n in straight),
        bass=tuple(
            Note(swing_tick(n.start, swing), swing_tick(n.end, swing) - swing_tick(n.start, swing), n.pitch, 80, True)
            for n in bass
        ),
    )
    assert played.quantised() == Score(130, 1, drums=straight, bass=bass, swing=swing)


def test_a_score_that_says_its_swing_keeps_it():
    score = Score(130, 1, drums=tuple(Note(160 if k % 2 else 240 * k, 60, 42, 85) for k in range(8)), swing=0.6)
    assert score.quantised().swing == 0.6


def test_onsets_on_the_grid_are_taken_at_their_word():
    triplets = Score(130, 1, drums=tuple(Note(240 * k + 160, 60, 42, 85) for k in range(8)))
    assert triplets.quantised() == triplets


@pytest.mark.parametrize("swing", [k / 100 for k in range(50, 76)])
def test_swinging_goes_both_ways_and_keeps_order(swing):
    swung = [swing_tick(tick, swing) for tick in range(960)]
    assert swung == sorted(swung)
    assert all(swing_tick(eighth, swing) == eighth for eighth in range(0, 960, 240))
    assert all(abs(straight_tick(played, swing) - tick) <= 1 for tick, played in enumerate(swung))
    assert all(straight_tick(swing_tick(step, swing), swing) == step for step in range(0, 960, 120))


@pytest.mark.parametrize("swing", [k / 100 for k in range(53, 76)])
def test_swing_is_found_in_loose_playing(swing):
    dice = random.Random(5)
    onsets = [max(0, swing_tick(120 * k, swing) + dice.randint(-3, 3)) for k in range(64)]
    assert find_swing(onsets) == pytest.approx(swing, abs=0.011)


def test_straight_playing_triplets_and_a_few_notes_have_no_swing():
    assert find_swing([120 * k for k in range(64)]) == 0.5
    assert find_swing([80 * k for k in range(64)]) == 0.5
    assert find_swing([160, 400, 640]) == 0.5
    assert find_swing([]) == 0.5


def test_a_slide_survives_only_where_it_still_leads_somewhere():
    def line(pitch: int) -> Score:
        notes = (Note(3, 118, pitch, 90, True), Note(121, 60, 36, 120))
        return Score(130, 1, bass=notes).quantised()

    assert line(38).bass == (Note(0, 120, 38, 80, True), Note(120, 70, 36, 127))
    assert line(12).bass == (Note(0, 120, 24, 80, True), Note(120, 70, 36, 127))
    assert line(120).bass[0].pitch == 72
    assert Score(130, 1, bass=(Note(0, 120, 0, 90, True), Note(120, 60, 24, 90))).quantised().bass[0] == Note(
        0, 120, 24, 80
    )


@pytest.mark.parametrize(("velocity", "level"), [(1, 50), (63, 50), (64, 85), (99, 85), (100, 120), (127, 120)])
def test_drum_velocities_fall_into_three_classes(velocity, level):
    assert Score(130, 1, drums=(Note(0, 60, 36, velocity),)).quantised().drums[0].velocity == level


def test_the_last_tick_stays_inside_the_loop():
    score = Score(130, 1, drums=(Note(1919, 60, 36, 90),), bass=(Note(1919, 1, 36, 90),)).quantised()
    assert (score.drums[0].start, score.bass[0].start, score.bass[0].duration) == (1900, 1900, 20)


def test_durations_fit_their_room():
    assert nearest_duration(70, 9999) == 70
    assert nearest_duration(70, 60) == 40
    assert nearest_duration(1, 20) == 20
    assert nearest_duration(99999, 99999) == DURATIONS[-1]


def test_filter_curves_become_one_value_each_half_bar():
    curve = (
        Control(0, "cutoff", 1),
        Control(900, "cutoff", 60),
        Control(970, "cutoff", 127),
        Control(1900, "cutoff", 9),
    )
    assert Score(130, 2, controls=curve).quantised().controls == (
        Control(0, "cutoff", 0),
        Control(960, "cutoff", 59),
        Control(1920, "cutoff", 8),
    )


def test_sections_of_other_names_are_left_out():
    score = Score(130, 2, sections=(Section(0, "verse"), Section(1, "drop")))
    assert score.quantised().sections == (Section(1, "drop"),)


def test_every_drum_note_has_a_piece():
    assert {fold_drum(pitch) for pitch in range(128)} == set(DRUM_NAMES)
    assert all(fold_drum(piece) == piece for piece in DRUM_NAMES)
    assert [fold_drum(pitch) for pitch in (35, 40, 44, 57, 0)] == [36, 38, 42, 49, 75]
