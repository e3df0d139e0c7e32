"""Figures of generated music one by one: known answers, and each fault is caught by the figure made for it."""

import json
import math

import music_maker
import numpy as np
import pytest

from technogen import Note, Score
from technogen.errors import EvaluationError, MidiError, MissingBackendError
from technogen.evaluation.music.adherence import Asked, measure_adherence, read_asked
from technogen.evaluation.music.bass_features import measure_acid, measure_bass, measure_syncopation
from technogen.evaluation.music.classifying import boosting, compare_sets, logistic
from technogen.evaluation.music.collecting import group_songs
from technogen.evaluation.music.distances import jensen_shannon, overlap_area, yang_lerch
from technogen.evaluation.music.drum_features import entropy_of, measure_drums
from technogen.evaluation.music.grid import CLAP, KICK, cut_phrases, cut_windows, lay_out
from technogen.evaluation.music.interlock import measure_interlock
from technogen.evaluation.music.joint_features import measure_form, measure_loop
from technogen.evaluation.music.judging import judge_interlock, trace_origins
from technogen.evaluation.music.measures import measure_shift
from technogen.evaluation.music.muspy_figures import compare_muspy, has_muspy, measure_muspy
from technogen.evaluation.music.resampling import bootstrap_mean, split_in_half
from technogen.evaluation.music.similarity import compare_bars, groove_likeness
from technogen.evaluation.music.telling_apart import rows_of
from technogen.evaluation.music.validity import check_rules


def line(*steps, pitch=36, bars=1, velocity=80):
    notes = tuple(Note(step * 120, 60, pitch, velocity) for step in steps)
    return Score(tempo=130, bars=bars, bass=notes)


def test_a_score_lies_on_the_grid_with_its_velocities_slides_and_lengths():
    drums = (Note(0, 60, 35, 100), Note(0, 60, 36, 90), Note(479, 60, 39, 70), Note(0, 60, 60, 127))
    bass = (Note(0, 240, 36, 127, slide=True), Note(240, 70, 48, 80))
    grid = lay_out(Score(tempo=130, bars=2, drums=drums, bass=bass), "a")
    assert grid.drums[0, KICK] == 100
    assert grid.drums[4, CLAP] == 70
    assert (grid.drums > 0).sum() == 2
    assert grid.pitch[[0, 2]].tolist() == [36, 48]
    assert grid.onsets.sum() == 2
    assert grid.length[0] == 2
    assert grid.slide.tolist().index(True) == 0


def test_windows_leave_out_silence_and_repeats_and_loop_what_is_short():
    score = music_maker.compose_set(1, bars=4)["piece000"]
    rng = np.random.default_rng(0)
    assert len(cut_windows([lay_out(score.repeated(4))], "joint", 4, 6, rng)) == 1
    assert cut_windows([lay_out(score.muted("bass"))], "joint", 4, 6, rng) == []
    assert cut_windows([lay_out(score[0:1])], "drums", 4, 6, rng)[0].bars == 4


def test_four_on_the_floor_is_seen_as_what_it_is():
    kicks = tuple(Note(beat * 480, 60, 36, 110) for beat in range(16))
    claps = tuple(Note(480 + beat * 960, 60, 39, 100) for beat in range(8))
    found = measure_drums(lay_out(Score(tempo=130, bars=4, drums=kicks + claps)))
    assert found["four_on_the_floor"] == found["backbeat"] == found["drums_lag1"] == found["kick_each_beat"] == 1
    assert found["hits_per_bar"] == 6
    assert found["off_16ths"] == 0
    assert found["drums_different_bars"] == 0.25


def test_the_bass_is_measured_from_its_root():
    score = Score(
        tempo=130, bars=1, bass=tuple(Note(i * 240, 60, p, 80) for i, p in enumerate((36, 48, 36, 39, 36, 24)))
    )
    found = measure_bass(lay_out(score))
    assert found["degree_0"] == pytest.approx(5 / 6)
    assert found["degree_3"] == pytest.approx(1 / 6)
    assert found["octaves"] == pytest.approx(3 / 5)
    assert found["range"] == 24
    assert found["gap_2"] == 1


@pytest.mark.parametrize(
    ("steps", "expected"), [((0, 4, 8, 12), 0.0), ((0, 8), 0.0), ((2, 6, 10, 14), 2.0), ((15,), 4.0)]
)
def test_syncopation_is_what_is_held_over_stronger_steps(steps, expected):
    found = measure_syncopation(lay_out(line(*steps)))
    if steps == (2, 6, 10, 14):
        assert 1 < found < 3  # over beats 2, 3, 4 and the one, which is the strongest
    else:
        assert found == expected


def test_the_marks_of_acid_are_counted():
    bass = (Note(0, 120, 36, 127, slide=True), Note(120, 60, 48, 127), Note(480, 60, 36, 80), Note(720, 60, 39, 80))
    found = measure_acid(lay_out(Score(tempo=130, bars=1, bass=bass)))
    assert found["accents"] == 0.5
    assert found["slides"] == 0.25
    assert found["accent_runs"] == pytest.approx(1 / 3)
    assert found["octave_leaps"] == pytest.approx(2 / 3)
    assert found["accents_off_beat"] == 0.5


def test_a_loop_repeats_and_its_seam_is_as_smooth_as_it_is():
    loop = music_maker.compose_set(1, bars=4)["piece000"]
    found = measure_form(lay_out(loop.repeated(4)))
    assert found["drums_form_lag4"] == found["bass_form_lag4"] == found["bass_form_lag8"] == 1
    assert found["bass_form_different_bars"] <= 0.25
    same = measure_loop(lay_out(line(0, 4, 8, bars=1).repeated(8)))
    assert same["seam_bass"] == same["seam_step"] == 1
    torn = line(0, 4, 8, bars=1).repeated(7) + line(3, 5, pitch=60, bars=1)
    assert measure_loop(lay_out(torn))["seam_bass"] < 0.2


def test_groove_is_full_where_bars_repeat_and_half_where_they_do_not():
    assert groove_likeness(lay_out(line(0, 3, 6).repeated(8)).onsets) == 1
    noise = np.random.default_rng(0).random(64 * 16) < 0.5
    assert groove_likeness(noise) == pytest.approx(0.5, abs=0.02)
    assert math.isnan(groove_likeness(np.zeros(32, bool)))


def test_bars_are_as_alike_as_f1_says():
    bars = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]], bool)
    assert compare_bars(bars)[0].tolist() == [1, 0.5, 0, 0]
    assert compare_bars(bars)[2, 3] == 1


def test_entropy_and_divergence_have_their_known_values():
    assert entropy_of(np.ones(8)) == 3
    assert entropy_of(np.array([5.0, 0])) == 0
    assert jensen_shannon(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])) == pytest.approx(0, abs=1e-6)
    assert jensen_shannon(np.array([1.0, 0]), np.array([0, 3.0])) == 1
    assert jensen_shannon(np.array([1.0, 1]), np.array([1.0, 0])) == pytest.approx(math.sqrt(0.311278), abs=1e-4)


def test_overlap_is_that_of_two_bells():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=4000), rng.normal(size=4000)
    assert overlap_area(a, b) > 0.96
    assert overlap_area(a, b + 50) < 0.01
    assert overlap_area(a, b + 1) == pytest.approx(0.617, abs=0.04)  # twice the normal tail beyond half a deviation


def test_distances_between_sets_overlap_those_within_only_if_they_are_alike():
    rng = np.random.default_rng(0)
    reference, same = rng.normal(size=100), np.eye(100) > 0
    assert yang_lerch(rng.normal(size=100), reference, same)[0] > 0.9
    assert yang_lerch(rng.normal(6, 1, 100), reference, same)[0] < 0.25


@pytest.mark.parametrize("make", [boosting, logistic])
def test_the_two_sample_test_tells_what_can_be_told(make):
    rng = np.random.default_rng(0)
    values, groups = rng.normal(size=(120, 6)), [str(i // 4) for i in range(60)]
    alike = compare_sets(values[:60], values[60:], (groups, groups), make, floors=2, seed=0)
    apart = compare_sets(values[:60] + 2, values[60:], (groups, groups), make, floors=0, seed=0)
    assert 0.25 < alike.area.value < 0.7
    assert len(alike.floor) == 2
    assert alike.area.low < 0.5
    assert apart.area.value > 0.95
    assert apart.area.low > 0.9
    assert apart.floor == ()


def test_songs_known_by_their_other_bars_do_not_count():
    rng = np.random.default_rng(1)
    songs = np.repeat(rng.normal(0, 10, (30, 5)), 8, axis=0) + rng.normal(0, 0.1, (240, 5))
    groups = [str(i // 8) for i in range(240)]
    found = compare_sets(songs[:120], songs[120:], (groups[:120], groups[120:]), boosting, floors=0, seed=0)
    assert found.area.value < 0.75  # with bars of one song on both sides it would be 1


def test_two_songs_are_too_few():
    assert (
        compare_sets(np.ones((4, 1)), np.ones((4, 1)), (list("aabb"), list("abcd")), boosting, floors=1, seed=0) is None
    )


def test_intervals_draw_songs_and_halves_split_them():
    rng = np.random.default_rng(0)
    found = bootstrap_mean([1.0] * 50 + [0.0] * 50, ["a"] * 50 + ["b"] * 50, rng)
    assert (found.low, found.value, found.high) == (0, 0.5, 1)  # two songs, however many bars
    assert bootstrap_mean([math.nan], ["a"], rng) is None
    half = split_in_half(["a", "a", "b", "b", "c", "c", "d", "d"], rng)
    assert half.sum() == 4
    assert all(half[i] == half[i + 1] for i in range(0, 8, 2))


def test_a_shift_stands_out_beyond_its_floor_alone():
    rng = np.random.default_rng(0)
    names = [str(i) for i in range(60)]
    a, b = rng.normal(size=60), rng.normal(size=60)
    moved = measure_shift("k", "w", (a + 2, b), (names, names), 0)
    assert not measure_shift("k", "w", (a, b), (names, names), 0).stands_out
    assert moved.stands_out
    assert moved.low > 1.2
    assert moved.value == pytest.approx(2, abs=0.5)
    assert measure_shift("k", "w", (np.array([math.nan] * 3), b), (names[:3], names), 0).value is None


def test_parts_of_different_songs_are_caught_by_the_interlock():
    human = {f"p{i}": music_maker.locked_score(i) for i in range(32)}
    halves = [dict(list(human.items())[:16]), music_maker.shuffle_pairs(human)]
    halves[1] = dict(list(halves[1].items())[:16])  # whose own drums are not among them
    pairs = [cut_phrases(lay_out(s, n) for n, s in music.items()) for music in halves]
    true, false = (measure_interlock(phrases, None, seed=0) for phrases in pairs)
    assert true.low > 0.9
    assert false.high < true.low
    assert 0.3 < false.value < 0.65
    found = {m.key: m for m in judge_interlock((pairs[1], pairs[0]), 0)}
    assert found["interlock/by_reference"].stands_out
    assert not any(m.stands_out for m in judge_interlock((pairs[0], pairs[0]), 0))
    assert measure_interlock(pairs[0][:2], None, seed=0) is None


def test_copies_are_found_verbatim_transposed_and_patched_together():
    corpus = music_maker.compose_set(12, bars=16)
    fresh = trace_origins(music_maker.compose_set(12, first_seed=500, bars=16), corpus)
    assert not any(o.is_copied or o.is_patched for o in fresh)
    rich = [name for name, o in zip(corpus, trace_origins(corpus, corpus)) if o.is_copied]
    assert len(rich) >= 6  # a loop of few bars is no long run of different ones
    verbatim = trace_origins({"c": corpus[rich[0]]}, corpus)[0]
    assert verbatim.is_copied
    assert verbatim.moved == 0
    assert verbatim.joint.name == rich[0]
    assert verbatim.known in (1, None)
    moved = trace_origins({"c": corpus[rich[0]].transposed(5)}, corpus)[0]
    assert moved.is_copied
    assert moved.moved == 5
    telling = trace_origins(music_maker.shuffle_pairs(corpus), corpus)
    assert sum(o.is_patched for o in telling) >= 3
    assert not any(o.is_patched for o in trace_origins(corpus, corpus))


def test_versions_and_near_copies_are_one_song():
    pieces = list(music_maker.compose_set(3, bars=8).values())
    groups = group_songs(
        {"x-v1": pieces[0], "x-v2": pieces[1], "other": pieces[2], "its copy": pieces[2].transposed(2)}
    )
    assert groups["x-v1"] == groups["x-v2"] != groups["other"] == groups["its copy"]


def test_what_was_asked_is_held_against_what_is_there(tmp_path):
    score = line(0, 4, 8, bars=1).repeated(4)
    asked = Asked(tempo=130, bars=4, parts=("bass",), swing=0.6, bass_density=(1, 1, None, 3), drum_density=1)
    found = measure_adherence(score, asked)
    assert (found["tempo"], found["bars"], found["parts"], found["swing"]) == (1, 1, 1, 0)
    assert found["bass_density"] == pytest.approx(2 / 3)
    assert found["drums_density"] == 0
    assert found["drums_density_near"] == 1
    path = tmp_path / "asked.json"
    path.write_text(json.dumps({"a": {"tempo": 130, "parts": "bass", "bass_density": [1, None]}}))
    assert read_asked(path)["a"] == Asked(tempo=130, parts=("bass",), bass_density=(1, None))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"speed": 1}}',
        '{"a": {"tempo": "fast"}}',
        '{"a": {"tempo": [1]}}',
        '{"a": {"bass_density": 9}}',
        "[1]",
        "{",
    ],
)
def test_wishes_that_cannot_be_read_are_refused(tmp_path, text):
    (tmp_path / "asked.json").write_text(text)
    with pytest.raises(EvaluationError):
        read_asked(tmp_path / "asked.json")


def test_the_rules_of_files_are_read_from_their_bytes(tmp_path):
    import mido

    path = tmp_path / "a.mid"
    music_maker.compose_set(1)["piece000"].save(path)
    assert all(check_rules(path).values())
    bad = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack(
        [mido.Message("note_on", note=36, velocity=90, time=0), mido.Message("note_on", note=36, velocity=9, time=60)]
    )
    bad.tracks.append(track)
    bad.save(path)
    kept = check_rules(path)
    assert not any(kept[rule] for rule in ("notes paired", "no pitch over itself", "ends on a bar line", "four four"))
    path.write_bytes(b"MThd")
    with pytest.raises(MidiError):
        check_rules(path)


def test_chords_break_the_line_and_slides_do_not(tmp_path):
    path = tmp_path / "a.mid"
    slid = (Note(0, 120, 36, 127, slide=True), Note(120, 60, 48, 80))
    Score(tempo=130, bars=1, bass=slid).save(path)
    assert check_rules(path)["one bass line"]
    import mido

    midi = mido.MidiFile(path)
    track = midi.tracks[-1]
    first = next(i for i, m in enumerate(track) if m.type == "note_on")
    track.insert(first + 1, mido.Message("note_on", note=60, velocity=90, time=0, channel=track[first].channel))
    track.insert(first + 2, mido.Message("note_off", note=60, velocity=0, time=10, channel=track[first].channel))
    midi.save(path)
    assert not check_rules(path)["one bass line"]


def test_random_notes_are_told_from_music_and_music_from_itself_is_not():
    music = [lay_out(s, n) for n, s in music_maker.compose_set(24).items()]
    more = [lay_out(s, n) for n, s in music_maker.compose_set(24, first_seed=900).items()]
    noise = [lay_out(music_maker.random_score(i), f"r{i}") for i in range(16)]
    rng = np.random.default_rng(0)
    windows = [cut_windows(pieces, "drums", 4, 2, rng) for pieces in (music, more, noise)]
    tables = [rows_of(side, measure_drums) for side in windows]
    groups = [[w.group for w in side] for side in windows]
    same = compare_sets(tables[1], tables[0], (groups[1], groups[0]), boosting, floors=0, seed=0)
    told = compare_sets(tables[2], tables[0], (groups[2], groups[0]), boosting, floors=0, seed=0)
    assert 0.3 < same.area.value < 0.7
    assert told.area.value > 0.97


def test_the_figures_of_muspy_are_taken_by_muspy():
    pytest.importorskip("muspy", reason="MusPy is an extra of its own")
    loop = line(0, 4, 8, 12).repeated(4) + line(0, 4, 8, 12, pitch=48).repeated(4)
    found = measure_muspy(loop)
    assert found["pitch_range"] == 12
    assert found["n_pitch_classes_used"] == found["groove_consistency"] == 1
    assert found["pitch_entropy"] == pytest.approx(1)
    assert math.isnan(found["drum_in_pattern_rate"])


@pytest.mark.skipif(has_muspy(), reason="MusPy is installed")
def test_without_muspy_its_figures_are_left_out():
    with pytest.raises(MissingBackendError, match=r"technogen\[muspy\]"):
        measure_muspy(line(0))
    assert list(compare_muspy({}, {}, {})) == []
