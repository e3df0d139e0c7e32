import json
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from ear_signals import PATTERN, RATE, loop

from technogen.audio import Audio
from technogen.patterns import compose
from technogen.score import TICKS_PER_BAR, Note, Score, Section
from technogen.transcription import BassNote, DrumHit, Grid, Mute, Transcription, save_patterns, transcribe
from technogen.transcription.bar_evidence import weigh_bar_lines
from technogen.transcription.bar_levels import REGISTERS, STEPS, BarLevels, compare_bars, measure_bars
from technogen.transcription.bar_positions import BAR_POSITIONS, PIECE_ROWS, ROWS
from technogen.transcription.bass_pooling import pool_bass
from technogen.transcription.features import compute_features
from technogen.transcription.files import format_json
from technogen.transcription.grid import find_grid
from technogen.transcription.onsets import find_onsets, onset_strength
from technogen.transcription.patterns import find_patterns
from technogen.transcription.sections import find_cuts, find_sections
from technogen.transcription.tempo import Pulse

TEMPO, BAR = 128.0, 240 / 128.0
EVEN = {36: (0, 4, 8, 12), 46: (2, 6, 10, 14)}  # every beat is like every other


def hear(audio):
    features = compute_features(audio.mono(), audio.sample_rate)
    strength = onset_strength(features)
    return features, strength, find_onsets(features, strength)


def join(*audios, skip=0.0):
    return Audio(np.concatenate([a.samples for a in audios])[round(skip * RATE) :], RATE)


def pulse_from(skip, *, turn=0, swing=0.5):
    """The 16ths of a recording that lost its first seconds; number `-turn` of them was its first."""
    return Pulse(TEMPO, -skip + turn * 15 / TEMPO, swing, 1.0, 0.0)


def off_bar_line(grid, skip):
    """How far the grid's bar lines lie from those of the music, in seconds."""
    return abs((grid.offset + skip + BAR / 2) % BAR - BAR / 2)


# --- bar one


@pytest.mark.parametrize("skip", [0.2, 0.6, 1.33])
def test_bar_one_is_where_the_kick_drops_out_and_comes_back(skip):
    full, hats = (loop(TEMPO, bars=4, pattern=p)[0] for p in (EVEN, {46: EVEN[46]}))
    _, strength, onsets = hear(join(full, hats, full, skip=skip))
    assert off_bar_line(find_grid(pulse_from(skip), onsets, strength, ()), skip) < 0.01
    odds = np.exp(weigh_bar_lines(pulse_from(skip), onsets, strength, ()))
    assert odds[0] > 0.5 * odds.sum()


def test_an_even_loop_that_was_cut_leaves_its_bar_one_open():
    skip = 1.11
    _, strength, onsets = hear(join(loop(TEMPO, bars=6, pattern=EVEN)[0], skip=skip))
    cut = replace(onsets, times=onsets.times[:-3], strengths=onsets.strengths[:-3])  # no end to be heard
    assert find_grid(pulse_from(skip), cut, strength, ()).confidence < 0.6


def test_pieces_tell_bar_one_by_where_they_are_usually_played():
    skip = 0.8
    audio, truth = loop(TEMPO, bars=6)
    _, strength, onsets = hear(join(audio, skip=skip))
    usual = [DrumHit(t - skip, p, 100) for t, p in truth if t > skip]
    assert off_bar_line(find_grid(pulse_from(skip), onsets, strength, usual), skip) < 0.01
    assert all(abs(sum(row)) < 2 for row in BAR_POSITIONS)
    assert len(BAR_POSITIONS) == ROWS
    assert max(PIECE_ROWS.values()) < ROWS


def test_the_evidence_does_not_depend_on_how_the_pulse_is_counted():
    skip = 0.45
    audio, truth = loop(TEMPO, bars=5)
    _, strength, onsets = hear(join(audio, skip=skip))
    hits = [DrumHit(t - skip, p, 100) for t, p in truth if t > skip]
    straight = weigh_bar_lines(pulse_from(skip), onsets, strength, hits)
    for turn in (1, 6, 11):
        turned = weigh_bar_lines(pulse_from(skip, turn=turn), onsets, strength, hits)
        assert np.roll(turned, turn) == pytest.approx(straight, abs=1e-6)


def test_a_file_that_starts_on_a_16th_exactly_starts_on_bar_one_likelier_than_not():
    _, strength, onsets = hear(loop(TEMPO, bars=4, pattern=EVEN)[0])
    exact = weigh_bar_lines(pulse_from(0.0), onsets, strength, ())
    beside = weigh_bar_lines(pulse_from(-0.01), onsets, strength, ())
    assert exact[0] - exact[4] > beside[0] - beside[4] + 3


def test_where_16ths_swing_bars_start_on_even_ones():
    audio, _ = loop(TEMPO, bars=4, swing=0.6)
    _, strength, onsets = hear(audio)
    scores = weigh_bar_lines(pulse_from(0.0, swing=0.6), onsets, strength, ())
    assert np.isinf(scores[1::2]).all()
    assert np.isfinite(scores[::2]).all()


def test_the_second_best_tempos_are_told_and_half_and_double_are_there_for_the_asking():
    audio, _ = loop(140.0)
    found = transcribe(audio)
    assert found.tempo == 140.0
    assert len(found.tempo_candidates) > 1
    weights = [weight for _, weight in found.tempo_candidates]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1, abs=0.01)
    for limits, tempo in (((60, 100), 70.0), ((200, 300), 280.0)):
        asked = [t for t, _ in transcribe(audio, tempo_range=limits).tempo_candidates]
        assert min(abs(t - tempo) for t in asked) < 0.1


# --- sections


def make_bars(*levels, first=0):
    """Bars of even level, one for each number."""
    return BarLevels(first, np.tile(np.array(levels, dtype=float)[:, None, None], (1, STEPS, REGISTERS)))


GRID = Grid(TEMPO, 0.0)


def kicks_in(*bars):
    return [DrumHit(BAR * bar + BAR / 4 * beat, 36, 100) for bar in bars for beat in range(4)]


def test_sections_are_named_by_what_plays():
    bars = make_bars(*[0.5] * 4, *[1.0] * 8, *[0.6] * 4, *[0.8] * 4, *[1.0] * 8, *[0.4] * 4)
    sections = find_sections(bars, GRID, kicks_in(*range(4, 12), *range(20, 28)))
    assert [s.label for s in sections] == ["intro", "drop", "breakdown", "build", "drop", "outro"]
    assert [s.start for s in sections] == pytest.approx([BAR * b for b in (0, 4, 12, 16, 20, 28)])


def test_equal_sections_have_letters_and_what_comes_back_has_its_own():
    levels = np.full((12, STEPS, REGISTERS), 0.8)
    levels[4:8, ::2, 3], levels[4:8, 1::2, 3] = 1.0, 0.6
    sections = find_sections(BarLevels(0, levels), GRID)
    assert [s.label for s in sections] == ["A", "B", "A"]


def test_one_odd_bar_and_a_loop_of_four_bars_are_no_sections():
    assert find_cuts(make_bars(1, 1, 1, 0.2, 1, 1, 1, 1)) == [0]
    assert find_cuts(make_bars(*[1, 0.8, 0.9, 0.6] * 4)) == [0]
    assert find_cuts(make_bars(1, 1, 1, 1, 0.2, 0.2, 1, 1, 1)) == [0, 4, 6]


def test_where_the_kick_pauses_is_a_breakdown_wherever_the_file_starts():
    sounds = {36: PATTERN[36], 42: PATTERN[42]}
    audio = join(loop(TEMPO, bars=6, pattern=sounds)[0], loop(TEMPO, bars=2, pattern={42: PATTERN[42]})[0])
    audio = join(audio, loop(TEMPO, bars=4, pattern=sounds)[0], skip=0.7)
    grid = Grid(TEMPO, -0.7)
    sections = find_sections(measure_bars(hear(audio)[0], grid), grid, [])
    assert [s.start for s in sections] == pytest.approx([0, 6 * BAR - 0.7, 8 * BAR - 0.7], abs=1e-6)
    assert [s.label for s in sections] == ["drop", "breakdown", "drop"]


def test_silence_and_half_a_bar_have_no_sections():
    assert find_sections(measure_bars(compute_features(np.zeros(RATE * 6, np.float32), RATE), GRID), GRID) == ()
    short = compute_features(loop(TEMPO, bars=1)[0].samples[: RATE // 2], RATE)
    assert find_sections(measure_bars(short, GRID), GRID) == ()


def test_bars_outside_the_recording_are_unknown_and_repeats_are_alike():
    features, _, _ = hear(join(loop(TEMPO, bars=4)[0], skip=BAR / 4))
    bars = measure_bars(features, Grid(TEMPO, -BAR / 4))
    assert (bars.first, len(bars)) == (0, 4)
    assert np.isnan(bars.levels[0, 0]).all()
    assert np.isfinite(bars.levels[1:]).all()
    apart = compare_bars(bars, 2)
    assert apart[1, :2].max() < 0.06
    assert np.isinf(apart[3]).all()


# --- patterns


def drums(bars, *, steps=PATTERN, leave_out=(), add=()):
    notes = {(16 * bar + step, pitch) for bar in range(bars) for pitch, at in steps.items() for step in at}
    return tuple(Note(120 * step, 60, pitch, 100) for step, pitch in sorted((notes - set(leave_out)) | set(add)))


def hits_of(score):
    return {(n.start // 120, n.pitch) for n in score.drums}


def test_a_loop_is_found_through_missed_and_added_hits():
    random = Random(4)
    clean = drums(16)
    kept = [n for n in clean if random.random() > 0.08]
    added = [Note(120 * random.randrange(256), 60, random.choice([38, 42, 39]), 80) for _ in range(20)]
    (found,) = find_patterns(Score(tempo=TEMPO, bars=16, drums=tuple(kept + added)))
    assert (found.label, found.part, found.score.bars, found.bars) == ("A", "drums", 1, tuple(range(16)))
    assert hits_of(found.score) == hits_of(Score(tempo=TEMPO, bars=1, drums=drums(1)))


def test_two_bars_that_take_turns_are_one_pattern_and_a_change_is_another():
    turns = [(16 + s, 36) for s in (3, 7, 11)]
    two = drums(2, add=turns)
    broken = drums(4, steps={36: (0, 3, 6, 10), 38: (4, 12)})
    score = Score(tempo=TEMPO, bars=2, drums=two).repeated(4) + Score(tempo=TEMPO, bars=4, drums=broken)
    first, second = find_patterns(score)
    assert (first.label, first.score.bars, first.bars) == ("A", 2, (0, 2, 4, 6))
    assert hits_of(first.score) == hits_of(Score(tempo=TEMPO, bars=2, drums=two))
    assert second.label == "B"
    assert second.bars[0] == 8


def test_mutes_and_fills_are_told():
    mute = [(16 * bar + step, 36) for bar in (8, 9) for step in PATTERN[36]]
    roll = [(16 * 7 + step, 38) for step in range(8, 16)]
    (found,) = find_patterns(Score(tempo=TEMPO, bars=16, drums=drums(16, leave_out=mute, add=roll)))
    assert found.mutes == (Mute(8, (36,)), Mute(9, (36,)))
    assert found.fills == (7,)
    assert 38 not in {n.pitch for n in found.score.drums}


def test_the_bass_has_patterns_of_its_own_with_accents_and_slides():
    line = (
        Note(0, 70, 36, 127),
        Note(240, 120, 39, 80, slide=True),
        Note(360, 200, 36, 80),
        Note(TICKS_PER_BAR - 120, 70, 48, 127),
    )
    once = Score(tempo=TEMPO, bars=1, bass=line)
    score = once.repeated(8) + Score(tempo=TEMPO, bars=4, drums=drums(4))
    beat, bass = find_patterns(score)
    assert (beat.part, beat.bars) == ("drums", (8, 9, 10, 11))
    assert (bass.part, bass.bars) == ("bass", tuple(range(8)))
    assert bass.score.bass == line


def test_what_is_played_once_is_no_pattern():
    random = Random(5)
    notes = {(120 * random.randrange(64), random.choice([36, 38, 42, 39, 46])) for _ in range(60)}
    once = tuple(Note(start, 60, pitch, 90) for start, pitch in sorted(notes))
    assert find_patterns(Score(tempo=TEMPO, bars=4, drums=once)) == ()
    assert find_patterns(Score(tempo=TEMPO, bars=4)) == ()


def test_loops_start_where_sections_do():
    start = [(16 * bar + step, 49) for bar in range(1, 17, 2) for step in (0, 1, 2)]
    notes = drums(17, add=start)
    score = Score(
        tempo=TEMPO, bars=17, drums=notes, sections=(Section(0, "intro"), Section(1, "drop"), Section(9, "drop"))
    )
    found = find_patterns(score)[0]
    assert (found.score.bars, found.bars[0] % 2) == (2, 1)


@pytest.mark.parametrize("style", ["acid", "hard", "electro"])
def test_patterns_of_composed_pieces_play_in_most_of_their_bars(style):
    score = compose(style, bars=32, seed=11)
    found = find_patterns(score)
    covered = {b + i for p in found if p.part == "drums" for b in p.bars for i in range(p.score.bars)}
    assert len(covered) > 20
    assert all(b + p.score.bars <= 32 for p in found for b in p.bars)
    assert all(set(p.fills) <= set(range(32)) for p in found)
    assert find_patterns(score) == found


def test_patterns_are_in_the_json_and_in_files_of_their_own(tmp_path):
    score = compose("acid", bars=8, seed=5)
    patterns = find_patterns(score)
    whole = Transcription(score, score.tempo, score.swing, 0.0, (), (), patterns=patterns)
    said = json.loads(format_json(whole))["patterns"]
    assert [(p["part"], p["label"], p["length"]) for p in said] == [(p.part, p.label, p.score.bars) for p in patterns]
    first = patterns[0].score.drums[0]
    assert said[0]["bars"] == list(patterns[0].bars)
    assert said[0]["notes"][0] == {
        "tick": first.start, "duration": 60, "pitch": first.pitch, "velocity": first.velocity, "slide": False,
    }  # fmt: skip
    paths = save_patterns(whole, tmp_path, "song")
    assert [p.name for p in paths] == [f"song.{p.part}-{p.label}.mid" for p in patterns]
    assert [Score.load(p) for p in paths] == [p.score for p in patterns]


def test_a_recording_has_patterns_on_its_grid():
    beat, _ = loop(TEMPO, bars=8)
    hats, _ = loop(TEMPO, bars=4, pattern={42: PATTERN[42], 46: PATTERN[46]})
    found = transcribe(join(beat, hats, beat, skip=0.5))
    pattern = next(p for p in found.patterns if p.part == "drums")
    assert {s for s, p in hits_of(pattern.score) if p == 36} == set(PATTERN[36])
    assert {m.bar for m in pattern.mutes if 36 in m.pitches} >= {9, 10, 11}
    assert [s.label for s in found.sections] == ["drop", "breakdown", "drop"]


# --- the bass, by its loops


LINE = ((0, 36, False), (3, 48, False), (6, 36, True), (8, 39, False), (13, 41, False))


def bass_bars(bars, grid):
    """The notes of bars of `LINE`: each of one 16th, or up to the next where it slides."""
    notes = []
    for bar in range(bars):
        for (step, pitch, slide), (later, *_) in zip(LINE, [*LINE[1:], (16, 0, False)]):
            ends = later if slide else step + 1
            at = [grid.seconds_at(120 * (16 * bar + s)) for s in (step, ends)]
            notes.append(BassNote(*at, pitch, 90, slide, 0.8))
    return notes


def test_what_one_repeat_of_a_bassline_leaves_in_doubt_the_others_tell():
    grid = Grid(TEMPO, -0.4, 0.56)
    true = [n for n in bass_bars(8, grid) if n.start >= 0]
    heard = list(true)
    heard[12] = replace(heard[12], pitch=48, slide=False)  # an octave up
    heard[28] = replace(heard[28], pitch=29)
    heard.insert(22, BassNote(*(grid.seconds_at(120 * (64 + s)) for s in (4, 5)), 55, 90, False, 0.3))
    del heard[5], heard[-2]
    pooled = pool_bass(heard, grid, 8 * BAR - 0.4)
    assert [(round(n.start, 6), n.pitch) for n in pooled] == [(round(n.start, 6), n.pitch) for n in true]
    assert all(a.end <= b.start + 1e-9 for a, b in zip(pooled, pooled[1:]))
    assert min(n.confidence for n in pooled) < 0.8


def test_a_bassline_that_does_not_repeat_stays_as_it_was_heard():
    random, grid = Random(6), Grid(TEMPO, 0.0)
    line = tuple(
        BassNote(grid.seconds_at(120 * s), grid.seconds_at(120 * s + 100), random.randrange(30, 54), 90)
        for s in sorted(random.sample(range(96), 40))
    )
    assert pool_bass(line, grid, 6 * BAR) == line
    assert pool_bass((), grid, 6 * BAR) == ()
