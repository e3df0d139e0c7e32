"""The drum machines: laws of their pieces, of what cuts what off, and of how hits lie in time."""

import numpy as np
import pytest

from technogen.errors import RenderError
from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import Strike
from technogen.rendering.drums import FORCES, DrumMachine, make_hit, play_drums
from technogen.rendering.kits import Kit, random_kit
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


@pytest.mark.parametrize(("kit", "fundamental"), [("909", 49), ("808", 49)])
def test_kick_sweeps_down_to_its_fundamental(kit, fundamental):
    wave = make_hit(KITS[kit].piece(36), Strike(RATE, 1.0, np.random.default_rng(0)))
    late = np.diff(rising_crossings(wave[int(0.15 * RATE) : int(0.4 * RATE)]))
    assert RATE / np.median(late) == pytest.approx(fundamental, rel=0.05)
    early = wave[: int(0.02 * RATE)]
    assert brightness(early) > 1.15 * brightness(wave[int(0.15 * RATE) :])


@pytest.mark.parametrize("kit", KITS)
def test_hats_are_high_and_claps_are_not(kit):
    tops = {
        p: brightness(make_hit(KITS[kit].piece(p), Strike(RATE, 0.6, np.random.default_rng(0)))) for p in (39, 42, 46)
    }
    assert tops[42] > 7000
    assert tops[46] > 7000
    assert 800 < tops[39] < 5000


@pytest.mark.parametrize("pitch", [36, 38])
def test_accent_changes_the_timbre(pitch):
    soft, hard = (make_hit(KITS["909"].piece(pitch), Strike(RATE, f, np.random.default_rng(0))) for f in (0.25, 1.0))
    assert brightness(hard) > 1.05 * brightness(soft)


def test_closed_hat_chokes_the_open_one():
    ringing = Score(120, 1, drums=line((0, 60, 46, 100)))
    choked = Score(120, 1, drums=line((0, 60, 46, 100), (120, 60, 42, 20)))
    after = slice(RATE // 8 + 6000, RATE // 8 + 9000)
    free, cut = (play_drums(s, RATE, RATE, seed=0, kit="909").others[after].std() for s in (ringing, choked))
    assert cut < 0.1 * free


def test_hits_vary_a_little():
    score = Score(120, 1, drums=tuple(Note(k * 480, 60, 38, 110) for k in range(4)))
    wave = play_drums(score, 2 * RATE, RATE, seed=0, kit="909").others[:, 0].reshape(4, -1)
    differences = [np.abs(wave[0] - other).max() for other in wave[1:]]
    assert max(differences) > 0.01
    levels = wave.std(axis=1)
    assert levels.max() < 1.2 * levels.min()


def busy():
    notes = [
        Note(t, 60, p, 40 + (t // 60 * 7 + p) % 88) for t in range(0, 1920, 60) for p in DRUM_NAMES if (t + p) % 7 < 2
    ]
    return Score(133.7, 1, drums=tuple(sorted(notes, key=lambda n: (n.start, n.pitch))))


@pytest.mark.parametrize("sizes", [[1, 63, 4096, 17, 20_000], [511] * 200])
def test_blocks_of_any_size_are_the_same_samples(sizes):
    machine = DrumMachine(busy(), RATE, seed=5, kit="909")
    blocks = [machine.play(size) for size in sizes]
    whole = play_drums(busy(), sum(sizes), RATE, seed=5, kit="909")
    for name in ("kick", "others", "room"):
        assert np.array_equal(np.concatenate([getattr(block, name) for block in blocks]), getattr(whole, name))


def test_kits_are_data():
    import pickle

    kit = random_kit(np.random.default_rng(3))
    assert kit == random_kit(np.random.default_rng(3)) != random_kit(np.random.default_rng(4))
    assert pickle.loads(pickle.dumps(kit)) == kit
    assert hash(kit) == hash(random_kit(np.random.default_rng(3)))
    assert Kit.named("808") == KITS["808"] != Kit.named("909")


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (lambda kit: kit.turned(42, snappy=0.5), "the closed hat of kit '909' has no snappy knob; these have: snare"),
        (lambda kit: kit.turned(70, tune=1), "the maracas of kit '909' has no tune knob; these have: kick"),
        (lambda kit: kit.turned("bongo"), "piece must be one of kick"),
        (lambda kit: kit.turned(36, decay=0), "decay must be a number in 0.05..20, got 0"),
        (lambda kit: kit.turned(36, pan=float("nan")), "pan must be a number in -1..1, got nan"),
        (lambda kit: Kit.named("707"), "kit must be '909', '808', 'industrial', got '707'"),
        (lambda kit: Kit("mine", kit.pieces[1:]), "one piece for each of"),
    ],
)
def test_bad_kits(turn, message):
    with pytest.raises(RenderError, match=message):
        turn(Kit.named("909"))
