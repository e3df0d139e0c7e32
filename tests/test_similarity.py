"""Bars are known by their onsets, transposition aside, in every process; shared runs are found as by comparing all."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest

from technogen.patterns import compose
from technogen.score import Note, Score
from technogen.similarity import (
    COARSE,
    PARTS,
    BarIndex,
    Run,
    find_duplicates,
    hash_bars,
    longest_shared_run,
    repeated_bars,
    telling_key,
)

LINE = Score(
    tempo=130,
    bars=1,
    drums=tuple(Note(480 * k, 60, 36, 120) for k in range(4)),
    bass=tuple(Note(120 * k, 70, 36 + k % 3, 80) for k in range(6)),
)


def _loop(*bars: Score) -> Score:
    whole = bars[0]
    for bar in bars[1:]:
        whole = whole + bar
    return whole


def _bar(seed: int) -> Score:
    dice = random.Random(seed)
    hits = {(dice.randrange(16), dice.choice([36, 38, 42])) for _ in range(6)}
    notes = sorted({dice.randrange(16) for _ in range(4)})
    return Score(
        tempo=130,
        bars=1,
        drums=tuple(Note(120 * step, 60, pitch, 100) for step, pitch in hits),
        bass=tuple(Note(120 * step, 70, dice.randrange(36, 40), 80) for step in notes),
    )


def test_transposition_velocity_duration_and_tempo_do_not_count():
    (one,) = hash_bars(LINE)
    other = replace(
        LINE.transposed(5),
        tempo=99,
        drums=tuple(replace(n, velocity=40) for n in LINE.drums),
        bass=tuple(replace(n, pitch=n.pitch + 5, velocity=127, duration=30) for n in LINE.bass),
    )
    (same,) = hash_bars(other)
    assert (one.drums, one.bass, one.joint) == (same.drums, same.bass, same.joint)
    assert (one.pitch, same.pitch) == (36, 41)


def test_one_moved_onset_or_pitch_makes_another_bar():
    (one,) = hash_bars(LINE)
    moved = (replace(LINE.bass[0], start=20), *LINE.bass[1:])
    higher = (*LINE.bass[:-1], replace(LINE.bass[-1], pitch=60))
    hit = (*LINE.drums[:-1], replace(LINE.drums[-1], pitch=38))
    for other in (replace(LINE, bass=moved), replace(LINE, bass=higher)):
        (key,) = hash_bars(other)
        assert key.bass != one.bass
        assert key.joint != one.joint
        assert key.drums == one.drums
    (key,) = hash_bars(replace(LINE, drums=hit))
    assert key.drums != one.drums
    assert key.bass == one.bass


def test_the_coarse_grid_does_not_hear_what_the_fine_one_does():
    late = replace(LINE, bass=tuple(replace(n, start=n.start + 40) for n in LINE.bass))
    assert hash_bars(late, grid=COARSE) == hash_bars(LINE, grid=COARSE)
    assert hash_bars(late)[0].bass != hash_bars(LINE)[0].bass


def test_keys_are_the_same_in_every_process():
    code = (
        "from technogen.score import Note, Score; from technogen.similarity import hash_bars;"
        "notes = tuple(Note(240 * k, 60, 36 + k, 100) for k in range(8));"
        "print([(k.drums, k.bass, k.joint) for k in hash_bars(Score(130, 1, notes, notes))])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "77")
    ]
    assert said == ["[(3096620683388397666, 11814876428594410156, 7063836472298092772)]"] * 2


def test_silent_parts_have_no_key():
    keys = hash_bars(replace(LINE, bass=()))[0], hash_bars(replace(LINE, drums=()))[0]
    assert [(bool(k.drums), bool(k.bass), bool(k.joint)) for k in keys] == [(True, False, False), (False, True, False)]
    assert [k.pitch for k in keys] == [-1, 36]


def test_only_rich_bars_tell():
    rich = replace(LINE, drums=tuple(Note(120 * k, 60, (36, 38, 42, 46)[k % 4], 100) for k in range(14)))
    (poor,), (telling,) = hash_bars(LINE), hash_bars(rich)
    assert (poor.tells_drums, poor.tells_bass) == (False, True)
    assert telling.tells_drums
    assert telling_key(poor, "drums") == 0
    assert telling_key(telling, "drums") == telling.drums
    assert telling_key(poor, "joint") == poor.joint


def test_repeated_bars_name_the_first_of_each_loop():
    a, b, silent = _bar(1), _bar(2), Score(tempo=130, bars=1)
    score = _loop(a, b, a.transposed(3), silent, b, silent)
    assert repeated_bars(score) == (0, 1, 0, 3, 1, 3)
    assert repeated_bars(_loop(a, replace(a, bass=b.bass))) == (0, 1)
    assert repeated_bars(_loop(a, replace(a, bass=b.bass)), part="drums") == (0, 0)


def _compare_all(score: Score, other: Score, part: str) -> int:
    """The longest run by its definition."""
    one, two = hash_bars(score), hash_bars(other)
    best = 0
    for i in range(len(one)):
        for j in range(len(two)):
            length = 0
            while i + length < len(one) and j + length < len(two):
                a, b = one[i + length], two[j + length]
                shift = (b.pitch - a.pitch) - (two[j].pitch - one[i].pitch)
                same = getattr(a, part) and getattr(a, part) == getattr(b, part)
                if not same or (part != "drums" and shift):
                    break
                length += 1
            best = max(best, length)
    return best


@pytest.mark.parametrize("seed", range(25))
def test_the_longest_run_is_that_of_comparing_all(seed):
    dice = random.Random(seed)
    kinds = [_bar(k) for k in range(3)] + [Score(tempo=130, bars=1), replace(_bar(0), drums=())]
    make = lambda bars: _loop(*(dice.choice(kinds).transposed(dice.choice([0, 0, 2])) for _ in range(bars)))  # noqa: E731
    score, other = make(12), make(15)
    for part in PARTS:
        run = longest_shared_run(score, other, part=part)
        assert run.bars == _compare_all(score, other, part)
        if run.bars:
            mine, theirs = score[run.start : run.start + run.bars], other[run.name_start : run.name_start + run.bars]
            assert _compare_all(mine, theirs, part) == run.bars
            pairs = [(getattr(k, part), k.pitch * (part != "drums")) for k in hash_bars(mine)]
            assert run.different == len(set(pairs))


def test_a_planted_run_is_found_among_many_songs():
    songs = {f"song{k}": compose("acid", bars=16, seed=k) for k in range(20)}
    index = BarIndex.build(songs)
    stolen = songs["song7"][3:8].transposed(-2)
    mine = _loop(compose("dub", bars=2, seed=99), stolen, compose("dub", bars=2, seed=98))
    run = index.longest_run(mine, part="bass")
    assert run.bars >= 5
    assert run.name == "song7"
    assert run.start <= 2
    assert run.start + run.bars >= 7
    assert run.name_start - run.start == 1
    assert index.share_known(songs["song3"], part="joint") == 1.0


def test_an_index_of_nothing_and_a_score_of_nothing():
    silent = Score(tempo=130, bars=3)
    assert BarIndex.build({}).longest_run(LINE) == Run(0, 0, 0, "", 0)
    assert BarIndex.build({"silent": silent}).longest_run(LINE, part="joint").bars == 0
    assert BarIndex.build({"line": LINE}).longest_run(silent).bars == 0
    assert BarIndex.build({"line": LINE}).share_known(silent) is None
    assert BarIndex.build({}).share_known(LINE) == 0.0
    assert find_duplicates({}) == ()


def test_a_loop_of_one_bar_counts_as_one_different_bar():
    run = longest_shared_run(LINE.repeated(8), LINE.repeated(5))
    assert (run.bars, run.different) == (5, 1)


def test_versions_of_a_score_are_alike_and_others_are_not():
    song = compose("hard", bars=4, seed=1)
    version = replace(song.transposed(2), drums=song.drums[1:])
    shuffled = song[2:] + song[:2]
    scores = {"song": song, "version": version, "shuffled": shuffled, "other": compose("hard", bars=4, seed=2)}
    found = {(x.first, x.second): x.likeness for x in find_duplicates(scores)}
    assert found["song", "shuffled"] == 1.0
    assert 0.9 < found["song", "version"] < 1.0
    assert not any("other" in pair for pair in found)
    assert find_duplicates({"a": song, "b": song})[0].likeness == 1.0
