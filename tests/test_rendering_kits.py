"""Kits: plain data, knobs that do what they say, and random kits whose pieces are still what they are called."""

import pickle
from dataclasses import fields, replace

import numpy as np
import pytest

from technogen.errors import RenderError
from technogen.rendering import Voice, render
from technogen.rendering.drum_sounds import CIRCUITS, Strike
from technogen.rendering.drum_sounds.shaping import SHAPING_FIELDS
from technogen.rendering.drums import make_hit
from technogen.rendering.kits import Kit, Piece, random_kit
from technogen.rendering.kits.machines import KITS
from technogen.score import DRUM_NAMES, Note, Score

RATE = 44_100
KIT = Kit.named("909")


def hit(kit, pitch, force=0.6, seed=0):
    return make_hit(kit.piece(pitch), Strike(RATE, force, np.random.default_rng(seed)))


def spectrum(wave):
    return np.fft.rfftfreq(len(wave), 1 / RATE), np.abs(np.fft.rfft(wave)) ** 2


def brightness(wave):
    frequencies, power = spectrum(wave)
    return float((power * frequencies).sum() / power.sum())


def share(wave, low, high):
    frequencies, power = spectrum(wave)
    return float(power[(frequencies >= low) & (frequencies < high)].sum() / power.sum())


def loudest(wave):
    frequencies, power = spectrum(np.pad(wave, (0, RATE)))
    return float(frequencies[np.argmax(power)])


def fall_seconds(wave, decibels=20):
    """How long it takes to fall by so much, by the energy that is still to come."""
    left = np.cumsum(wave[::-1] ** 2)[::-1]
    return float(np.argmax(left < left[0] * 10 ** (-decibels / 10)) / RATE)


def test_kits_are_data():
    kit = random_kit(np.random.default_rng(3))
    assert kit == random_kit(np.random.default_rng(3)) != random_kit(np.random.default_rng(4))
    assert pickle.loads(pickle.dumps(kit)) == kit
    assert hash(kit) == hash(random_kit(np.random.default_rng(3)))
    assert Kit.named("808") == KITS["808"] != Kit.named("909")
    assert Kit("909", KIT.pieces[::-1]) == KIT


def test_a_voice_plays_any_kit():
    score = Score(140, 1, drums=(Note(0, 60, 36, 127), Note(480, 60, 38, 127)))
    named, given, turned = (render(score, voice=Voice(kit=kit)) for kit in ("909", KIT, KIT.turned(36, tune=5)))
    assert named == given != turned


def test_no_circuit_names_a_number_as_the_shaping_does():
    for circuit in CIRCUITS.values():
        names = {field.name for field in fields(circuit)}
        assert not names & SHAPING_FIELDS
        assert {*circuit.TUNED, *circuit.LENGTHS, *circuit.TONED} <= names


# Knobs


def test_knobs_at_rest_change_nothing():
    for piece in KIT.pieces:
        assert KIT.turned(piece.pitch) == KIT.turned(DRUM_NAMES[piece.pitch]) == KIT


@pytest.mark.parametrize("pitch", [43, 47, 50, 62, 63, 64, 75])
def test_tune_is_in_semitones(pitch):
    for semitones in (-12, 7, 12):
        turned = loudest(hit(KIT.turned(pitch, tune=semitones), pitch)) / loudest(hit(KIT, pitch))
        assert turned == pytest.approx(2 ** (semitones / 12), rel=0.03)


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("pitch", [36, 39, 46, 49, 50])
def test_decay_is_a_factor(kit, pitch):
    machine = Kit.named(kit)
    longer, shorter = (fall_seconds(hit(machine.turned(pitch, decay=factor), pitch)) for factor in (1.8, 0.55))
    assert longer > 1.25 * fall_seconds(hit(machine, pitch)) > 1.5 * shorter


@pytest.mark.parametrize("piece", [piece for kit in KITS.values() for piece in kit.pieces if "tone" in piece.knobs])
def test_tone_is_brightness(piece):
    machine = Kit.named(next(name for name, kit in KITS.items() if piece in kit.pieces))
    dark, bright = (brightness(hit(machine.turned(piece.pitch, tone=tone), piece.pitch, 1.0)) for tone in (-1, 1))
    assert bright > 1.01 * dark


def test_snappy_is_the_level_of_the_wires():
    none, full = (share(hit(KIT.turned("snare", snappy=snappy), 38), 2000, RATE) for snappy in (0, 1))
    assert full > 10 * none


def test_drive_makes_overtones():
    clean, driven = (share(hit(KIT.turned("low tom", drive=drive), 43), 200, 2000) for drive in (0, 24))
    assert driven > 5 * clean
    assert KIT.turned(43, drive=10).turned(43, drive=-10) == KIT.turned(43, drive=0.0001).turned(43, drive=-0.0001)


@pytest.mark.parametrize("kit", KITS)
def test_knobs_at_their_ends_are_safe(kit):
    machine = Kit.named(kit)
    ends = {"tune": (-48, 48), "decay": (0.05, 20), "tone": (-1, 1), "drive": (-60, 60)}
    for piece in machine.pieces:
        for end in range(2):
            knobs = {name: values[end] for name, values in ends.items() if name in piece.knobs}
            turned = machine.turned(piece.pitch, **knobs).piece(piece.pitch)
            wave = make_hit(turned, Strike(16_000, 1.0, np.random.default_rng(0)))
            assert np.abs(wave).max() == pytest.approx(10 ** (piece.level / 20))


def test_level_and_pan():
    turned = KIT.turned(39, level=-6, pan=-0.5).piece(39)
    assert turned == replace(KIT.piece(39), level=KIT.piece(39).level - 6, pan=-0.5)


def test_layers_are_turned_with_their_piece():
    industrial = Kit.named("industrial")
    shells, turned = (loudest(hit(kit, 38)) for kit in (industrial, industrial.turned(38, tune=12)))
    assert turned == pytest.approx(2 * shells, rel=0.06)


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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Piece(35, "rim"), "a piece is one of the notes"),
        (lambda: Piece(37, "bell"), "circuit must be one of kick 909, .*, got 'bell'"),
        (lambda: Piece(37, "rim", (("snappy", 1.0),)), "the circuit 'rim' has no 'snappy'; it has crush, decay"),
        (lambda: Piece(37, "rim", (("tune", float("inf")),)), "tune of rim must be a number in 1e-06..1e.07, got inf"),
        (lambda: Piece(37, "rim", (("decay", 0.0),)), "decay of rim must be a number in 1e-06..1e.07, got 0.0"),
        (lambda: Piece(37, "rim", level=float("nan")), "level must be a number in -120..24, got nan"),
        (lambda: Piece(37, "rim", pan=2), "pan must be a number in -1..1, got 2"),
        (lambda: Piece(37, "rim", layer="clap"), "layer must be a Piece or None, got 'clap'"),
    ],
)
def test_bad_pieces(make, message):
    with pytest.raises(RenderError, match=message):
        make()


# Random kits

RANDOM = [random_kit(np.random.default_rng(seed)) for seed in range(16)]


def hits(pitch):
    return [hit(kit, pitch, seed=seed) for seed, kit in enumerate(RANDOM)]


def test_random_kits_differ_in_everything():
    for pitch in DRUM_NAMES:
        pieces = [kit.piece(pitch) for kit in RANDOM]
        assert len({piece.circuit for piece in pieces}) > 1
        assert len({piece.level for piece in pieces}) == len({piece.pan for piece in pieces}) == len(pieces)
    used = {piece.circuit for kit in RANDOM for piece in kit.pieces}
    assert used == set(CIRCUITS)


def test_random_kicks_are_low_and_fall():
    for wave in hits(36):
        assert share(wave, 20, 400) > 0.6
        late = wave[len(wave) // 3 :]
        assert brightness(wave[: RATE // 50]) > brightness(late)
        assert fall_seconds(wave, 10) < 1.0


@pytest.mark.parametrize("pitch", [42, 46, 70])
def test_random_hats_and_shakers_are_high(pitch):
    assert all(brightness(wave) > 4500 for wave in hits(pitch))


def test_random_open_hats_are_longer_than_closed_ones():
    pairs = list(zip(hits(42), hits(46)))
    assert all(fall_seconds(open_hat) > 1.3 * fall_seconds(closed) for closed, open_hat in pairs)


def test_random_toms_are_in_order():
    ordered = [loudest(low) < loudest(middle) for low, middle in zip(hits(43), hits(50))]
    assert np.mean(ordered) > 0.9


def test_random_snares_and_claps_have_noise_in_the_middle():
    assert all(share(wave, 120, 12_000) > 0.7 for pitch in (38, 39) for wave in hits(pitch))
    assert all(brightness(wave) > 700 for wave in hits(39))


@pytest.mark.parametrize("pitch", sorted(DRUM_NAMES))
def test_random_hits_are_sane(pitch):
    for kit, wave in zip(RANDOM, hits(pitch)):
        assert np.isfinite(wave).all()
        assert np.abs(wave).max() == pytest.approx(10 ** (kit.piece(pitch).level / 20))
        assert len(wave) <= 8.1 * RATE
        assert abs(wave[-1]) < 1e-6
