"""Whatever is done to a score leaves a valid score of as many bars, equal for equal seeds, and tokens can say it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from score_maker import make_score

from technogen.dataset.augmenting import (
    cut_window,
    drop_part,
    drop_piece,
    firm_kick,
    is_four_on_the_floor,
    mute_blocks,
    pair_again,
    rotate_bars,
    thin,
    transpose_bass,
    vary_velocities,
)
from technogen.errors import DatasetError
from technogen.patterns import compose
from technogen.score import TICKS_PER_BAR, Note, Score
from technogen.similarity import hash_bars
from technogen.tokens import decode, encode

Change = Callable[[Score, int], Score]
CHANGES: dict[str, Change] = {
    "transpose": lambda score, seed: transpose_bass(score, seed=seed),
    "piece": lambda score, seed: drop_piece(score, seed=seed),
    "part": lambda score, seed: drop_part(score, seed=seed),
    "mute": lambda score, seed: mute_blocks(score, seed=seed, block=1 + seed % 4),
    "velocity": lambda score, seed: vary_velocities(score, seed=seed),
    "thin": lambda score, seed: thin(score, seed=seed, share=seed % 5 / 4),
    "rotate": lambda score, seed: rotate_bars(score, seed=seed),
}
FLOOR = tuple(Note(480 * k, 60, 36, 110) for k in range(16))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("seed", range(40))
def test_every_change_is_a_score_that_tokens_can_say(change, seed):
    for score in (make_score(seed), compose("acid", bars=4, seed=seed)):
        changed = change(score, seed)
        assert changed == change(score, seed)
        assert (changed.bars, changed.tempo, changed.swing) == (score.bars, score.tempo, score.swing)
        assert decode(encode(changed)) == changed.quantised()


@pytest.mark.parametrize("seed", range(30))
def test_transposed_lines_keep_their_intervals_and_their_range(seed):
    score = compose("acid", bars=4, seed=seed)
    moved = transpose_bass(score, seed=seed)
    assert len({a.pitch - b.pitch for a, b in zip(moved.bass, score.bass)}) == 1
    assert all(24 <= n.pitch <= 72 for n in moved.bass)
    assert moved.quantised().bass == moved.bass
    assert [k.bass for k in hash_bars(moved)] == [k.bass for k in hash_bars(score)]
    assert moved.drums == score.drums


def test_transposition_goes_both_ways_and_stays_where_there_is_no_room():
    score = Score(tempo=130, bars=1, bass=(Note(0, 70, 40, 80),))
    moves = {transpose_bass(score, seed=k).bass[0].pitch - 40 for k in range(200)}
    assert moves == set(range(-6, 7))
    wide = replace(score, bass=(Note(0, 70, 24, 80), Note(240, 70, 72, 80)))
    assert {transpose_bass(wide, seed=k) for k in range(20)} == {wide}
    low = replace(score, bass=(Note(0, 70, 25, 80),))
    assert all(24 <= transpose_bass(low, seed=k).bass[0].pitch <= 72 for k in range(50))


@pytest.mark.parametrize("seed", range(20))
def test_mutes_lie_on_lines_and_leave_something(seed):
    score = compose("hard", bars=16, seed=seed)
    muted = mute_blocks(score, seed=seed, block=4)
    for before, after in ((score.drums, muted.drums), (score.bass, muted.bass)):
        blocks = [sorted(n for n in after if n.start // (4 * TICKS_PER_BAR) == k) for k in range(4)]
        whole = [sorted(n for n in before if n.start // (4 * TICKS_PER_BAR) == k) for k in range(4)]
        plain = [[(n.start, n.pitch) for n in block] for block in blocks]
        assert all(p in ([], [(n.start, n.pitch) for n in w]) for p, w in zip(plain, whole))
    assert muted.drums
    assert muted.bass
    assert muted != score


def test_thinning_is_the_same_in_all_bars_and_spares_the_beats():
    score = compose("hypnotic", bars=1, seed=4).repeated(8)
    thinned = thin(score, seed=1, share=0.5)
    assert len(set(hash_bars(thinned))) == 1
    assert len(thinned.drums) + len(thinned.bass) < len(score.drums) + len(score.bass)
    beats = [n for n in score.drums if n.start % 480 == 0]
    assert [n for n in thinned.drums if n.start % 480 == 0] == beats
    assert thin(score, seed=1, share=0) == score


@pytest.mark.parametrize("seed", range(20))
def test_velocities_stay_in_their_class(seed):
    score = make_score(seed)
    varied = vary_velocities(score, seed=seed)
    assert varied.quantised() == score.quantised()
    assert encode(varied).ids == encode(score).ids


def test_dropping_takes_one_piece_or_one_part():
    score = compose("hard", bars=4, seed=1)
    pieces = {n.pitch for n in score.drums}
    assert {len(pieces - {n.pitch for n in drop_piece(score, seed=k).drums}) for k in range(20)} == {1}
    kick = replace(score, drums=FLOOR)
    assert drop_piece(kick, seed=1) == kick
    assert {(bool(s.drums), bool(s.bass)) for k in range(20) for s in [drop_part(score, seed=k)]} == {
        (True, False),
        (False, True),
    }
    assert drop_part(score.muted("bass"), seed=1) == score.muted("bass")


def test_windows_are_whole_bars_of_the_score():
    score = compose("acid", bars=32, seed=1)
    keys = hash_bars(score)
    firsts = set()
    for seed in range(60):
        window = cut_window(score, bars=8, seed=seed)
        places = [k for k in range(25) if hash_bars(window) == keys[k : k + 8]]
        assert places
        firsts |= set(places)
    assert len(firsts) > 12
    assert cut_window(score, bars=64, seed=1) == score


def test_only_four_on_the_floor_drums_are_paired_again():
    floor = Score(tempo=136, bars=4, drums=FLOOR, swing=0.55)
    line = compose("acid", bars=3, seed=2)
    pair = pair_again(floor, line)
    assert (pair.tempo, pair.swing, pair.bars, pair.drums) == (136, 0.55, 4, floor.drums)
    assert [k.bass for k in hash_bars(pair)] == [k.bass for k in hash_bars(line.repeated(2)[:4])]
    assert decode(encode(pair)) == pair.quantised()
    assert pair_again(floor, compose("acid", bars=9, seed=2)).bars == 4
    assert not is_four_on_the_floor(replace(floor, drums=FLOOR[::2]))
    assert not is_four_on_the_floor(line.muted("drums"))
    with pytest.raises(DatasetError, match="four beats"):
        pair_again(replace(floor, drums=FLOOR[::2]), line)


def test_a_soft_kick_becomes_firm_and_a_firm_one_stays():
    floor = Score(tempo=136, bars=4, drums=(*FLOOR, Note(240, 60, 42, 40)))
    assert firm_kick(floor) == floor
    soft = replace(floor, drums=tuple(replace(n, velocity=30 if n.start % 960 else 90) for n in floor.drums))
    assert firm_kick(soft) == soft
    mostly = replace(soft, drums=tuple(replace(n, velocity=30 if n.start else 90) for n in floor.drums))
    assert [n.velocity for n in firm_kick(mostly).drums if n.pitch == 36] == [120, *[85] * 15]
    assert [n.velocity for n in firm_kick(mostly).drums if n.pitch == 42] == [30]


@pytest.mark.parametrize("share", [-0.1, 1.1, True, "half"])
def test_shares_and_blocks_out_of_range_are_refused(share):
    with pytest.raises(DatasetError, match="share to thin out"):
        thin(compose("acid", bars=1, seed=1), seed=1, share=share)
    with pytest.raises(DatasetError, match="a block must be"):
        mute_blocks(compose("acid", bars=1, seed=1), seed=1, block=0)
