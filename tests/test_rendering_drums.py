"""The drum machines: laws of their pieces, of what cuts what off, and of how hits lie in time."""

import numpy as np
import pytest

from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import Strike
from technogen.rendering.drums import FORCES, DrumMachine, make_hit, play_drums
from technogen.rendering.kits.machines import KITS
from technogen.score import DRUM_NAMES, Note, Score

RATE = 44_100


def line(*notes):
    return tuple(Note(*note) for note in notes)


def hit(kit, pitch, force=0.6, seed=0):
    return make_hit(kit.piece(pitch), Strike(RATE, force, np.random.default_rng(seed)))


def brightness(wave):
    power = np.abs(np.fft.rfft(wave)) ** 2
    return float((power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum())


def octaves(wave):
    """The share of each octave from 30 Hz to 20 kHz in dB."""
    power, edges = np.abs(np.fft.rfft(wave, 1 << 16)) ** 2, 30 * 2 ** np.arange(10) * (1 << 16) // RATE
    bands = np.add.reduceat(power, edges)
    return 10 * np.log10(bands / bands.sum() + 1e-5)


def rising_crossings(wave):
    """Times in samples at which a wave rises through zero, between samples."""
    at = np.flatnonzero((wave[:-1] < 0) & (wave[1:] >= 0))
    return at + wave[at] / (wave[at] - wave[at + 1])


@pytest.mark.parametrize("swing", [0.5, 0.58])
def test_hits_start_on_their_sample_and_swing(swing):
    score = Score(131.3, 1, drums=tuple(Note(k * 120, 60, 37, 127) for k in range(16)), swing=swing)
    stems = play_drums(score, 2 * RATE, RATE, seed=1, kit="909")
    rim = np.abs(stems.others[:, 0])
    for k in range(16):
        start = sample_of(k * 120, score, RATE)
        assert not rim[max(0, start - 300) : start].any()
        assert rim[start : start + 20].max() > 0.05


@pytest.mark.parametrize("kit", KITS)
def test_every_piece_is_there_and_sane(kit):
    assert {piece.pitch for piece in KITS[kit].pieces} == set(DRUM_NAMES)
    for piece in KITS[kit].pieces:
        for force in FORCES:
            wave = make_hit(piece, Strike(RATE, force, np.random.default_rng(piece.pitch)))
            assert np.isfinite(wave).all()
            assert np.abs(wave).max() == pytest.approx(10 ** (piece.level / 20))
            assert abs(wave.mean()) < 2e-3
            assert abs(wave[-1]) < 1e-6


@pytest.mark.parametrize("kit", KITS)
def test_hats_are_high_and_claps_are_not(kit):
    tops = {pitch: brightness(hit(KITS[kit], pitch)) for pitch in (39, 42, 46)}
    assert tops[42] > 7000
    assert tops[46] > 7000
    assert 800 < tops[39] < 5000


@pytest.mark.parametrize("pitch", sorted(DRUM_NAMES))
@pytest.mark.parametrize("kit", KITS)
def test_accent_changes_the_timbre_and_not_only_the_level(kit, pitch):
    soft, hard = (np.mean([octaves(hit(KITS[kit], pitch, f, seed)) for seed in range(3)], axis=0) for f in (0.25, 1.0))
    heard = np.maximum(soft, hard) > -30
    assert np.abs(soft - hard)[heard].max() > 0.8


def test_closed_hat_chokes_the_open_one():
    ringing = Score(120, 1, drums=line((0, 60, 46, 100)))
    choked = Score(120, 1, drums=line((0, 60, 46, 100), (120, 60, 42, 20)))
    after = slice(RATE // 8 + 6000, RATE // 8 + 9000)
    free, cut = (play_drums(s, RATE, RATE, seed=0, kit="909").others[after].std() for s in (ringing, choked))
    assert cut < 0.1 * free


@pytest.mark.parametrize(("first", "second"), [(46, 44), (46, 46), (49, 49)])
def test_what_else_cuts_off(first, second):
    ringing = Score(60, 1, drums=line((0, 60, first, 127)))
    choked = Score(60, 1, drums=line((0, 60, first, 127), (30, 60, second, 1)))
    after = slice(RATE // 16 + 300, RATE // 16 + 3000)
    free, cut = (play_drums(s, RATE, RATE, seed=0, kit="808").others[after].std() for s in (ringing, choked))
    assert cut < 0.2 * free


def test_kicks_and_hats_leave_each_other_alone():
    both = Score(120, 1, drums=line((0, 60, 36, 127), (60, 60, 42, 127)))
    alone = Score(120, 1, drums=line((0, 60, 36, 127)))
    kicks = [play_drums(score, RATE, RATE, seed=0, kit="909").kick for score in (both, alone)]
    assert np.array_equal(*kicks)


def test_hits_vary_a_little():
    score = Score(120, 1, drums=tuple(Note(k * 480, 60, 38, 110) for k in range(4)))
    wave = play_drums(score, 2 * RATE, RATE, seed=0, kit="909").others[:, 0].reshape(4, -1)
    differences = [np.abs(wave[0] - other).max() for other in wave[1:]]
    assert max(differences) > 0.01
    levels = wave.std(axis=1)
    assert levels.max() < 1.2 * levels.min()


def test_claps_are_never_frozen_and_bars_repeat():
    score = Score(120, 2, drums=tuple(Note(k * 480, 60, 39, 110) for k in range(8)))
    claps = play_drums(score, 4 * RATE, RATE, seed=0, kit="808").others[:, 0].reshape(8, -1)
    for k in range(4):
        assert np.array_equal(claps[k, 300:], claps[k + 4, 300:])  # after what rings on from the one before
        assert all(np.abs(claps[k] - claps[other])[300:].max() > 0.01 for other in range(k))


def test_seeds_vary_the_hits_and_repeat_them():
    first, again, other = (play_drums(busy(), RATE, RATE, seed=seed, kit="909").others for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def busy():
    places = [(t, p) for t in range(0, 1920, 60) for p in sorted(DRUM_NAMES) if (t + p) % 7 < 2]
    return Score(133.7, 1, drums=tuple(Note(t, 60, p, 40 + (t // 60 * 7 + p) % 88) for t, p in places))


@pytest.mark.parametrize("sizes", [[1, 63, 4096, 17, 20_000], [511] * 200])
def test_blocks_of_any_size_are_the_same_samples(sizes):
    machine = DrumMachine(busy(), RATE, seed=5, kit="909")
    blocks = [machine.play(size) for size in sizes]
    whole = play_drums(busy(), sum(sizes), RATE, seed=5, kit="909")
    for name in ("kick", "others", "room"):
        assert getattr(whole, name).any()
        assert np.array_equal(np.concatenate([getattr(block, name) for block in blocks]), getattr(whole, name))


def test_a_piece_that_rings_over_a_block_goes_on():
    score = Score(120, 1, drums=line((0, 60, 49, 127)))
    machine = DrumMachine(score, RATE, seed=0, kit="909")
    blocks = [machine.play(RATE // 4).others.std() for _ in range(8)]
    assert all(later < earlier for earlier, later in zip(blocks, blocks[1:]))
    assert blocks[-1] > 0


def test_long_scores_need_no_more_memory_than_short_ones():
    import tracemalloc

    score = busy().repeated(40)
    machine = DrumMachine(score, RATE, seed=0, kit="909")
    for _ in range(20):
        machine.play(4096)  # makes the hits
    tracemalloc.start()
    for _ in range(600):
        machine.play(4096)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4e6
