"""The circuits of the drum machines: pitches, sweeps, decays and bands as published, and how little they alias."""

import numpy as np
import pytest
from scipy.signal import butter, find_peaks, sosfreqz

from technogen.rendering.drum_sounds import CIRCUITS, Strike
from technogen.rendering.drum_sounds.filters import band, butterworth, clip, slower
from technogen.rendering.drum_sounds.metal import SQUARES
from technogen.rendering.drum_sounds.oscillators import held, modes, square, stepped
from technogen.rendering.drum_sounds.shaping import Shaping
from technogen.rendering.drums import make_hit
from technogen.rendering.kits import Kit

RATE = 44_100


def strike(force=0.6, seed=0, rate=RATE):
    return Strike(rate, force, np.random.default_rng(seed))


def hit(kit, pitch, force=0.6, seed=0):
    return make_hit(Kit.named(kit).piece(pitch), strike(force, seed))


def peaks(wave, *, low=30, high=20_000, above=-20.0):
    """Frequencies of the partials that are less than so many dB below the loudest."""
    size = 1 << 17
    level = 20 * np.log10(np.abs(np.fft.rfft(wave[:size] * np.hanning(2 * len(wave))[len(wave) :][:size], size)) + 1e-9)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    level[(frequencies < low) | (frequencies > high)] = -200
    found, _ = find_peaks(level, height=level.max() + above, distance=20 * size // RATE)
    return frequencies[found]


def half_waves(wave):
    """Seconds between zero crossings, and when each starts."""
    at = np.flatnonzero(np.diff(np.signbit(wave)))
    exact = (at + wave[at] / (wave[at] - wave[at + 1])) / RATE
    return exact[:-1], np.diff(exact)


def fall_seconds(wave, decibels=60.0):
    """T60 by the energy that is still to come, between -3 and -23 dB."""
    left = 10 * np.log10(np.cumsum(wave[::-1] ** 2)[::-1] / (wave**2).sum() + 1e-12)
    return (np.argmax(left < -23) - np.argmax(left < -3)) / RATE * decibels / 20


def centre(wave):
    power = np.abs(np.fft.rfft(wave)) ** 2
    return float((power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum())


# Pitches and sweeps


@pytest.mark.parametrize(
    ("kit", "pitch", "expected"),
    [
        ("909", 38, (183, 328)), ("808", 38, (177, 330)), ("909", 37, (480, 1728)), ("808", 37, (455, 1667)),
        ("909", 43, (82,)), ("909", 47, (118,)), ("909", 50, (162,)),
        ("808", 43, (80,)), ("808", 47, (120,)), ("808", 50, (165,)),
        ("808", 56, (540, 800)), ("808", 64, (195,)), ("808", 63, (370,)), ("808", 62, (385,)), ("808", 75, (2500,)),
    ],
)  # fmt: skip
def test_pitches(kit, pitch, expected):
    found = peaks(hit(kit, pitch, 0.25)[RATE // 100 :], above=-32)
    for frequency in expected:
        assert np.abs(np.log2(found / frequency)).min() < 0.06


def test_909_kick_falls_fast_from_two_octaves_above():
    starts = []
    for force in (0.25, 0.6, 1.0):
        seconds, lengths = half_waves(CIRCUITS["kick 909"](attack=0.0).play(strike(force))[80:])
        pitch = 0.5 / lengths
        starts.append(pitch[0])
        assert np.all(np.diff(pitch[:12]) < 0)
        assert pitch[(seconds > 0.15) & (seconds < 0.3)].mean() == pytest.approx(49, rel=0.03)
    assert 130 < starts[0] < starts[1] < starts[2] < 260


def test_accented_808_kick_starts_an_octave_up_and_sinks():
    seconds, lengths = half_waves(CIRCUITS["kick 808"](click=0.0).play(strike(1.0))[1:])
    assert seconds[0] == pytest.approx(0.25 / 52, rel=0.06)  # a half wave of twice the pitch
    assert lengths[1] == pytest.approx(0.5 / 52, rel=0.02)
    assert lengths[40] == pytest.approx(0.5 / 49.4, rel=0.02)
    soft, _ = half_waves(CIRCUITS["kick 808"](click=0.0).play(strike(0.0))[1:])
    assert soft[0] > 1.4 * seconds[0]


def test_industrial_kick_ends_on_its_pitch():
    wave = CIRCUITS["kick driven"]().play(strike())
    assert peaks(wave[int(0.15 * RATE) :], above=-1) == pytest.approx(47, rel=0.05)


def test_decays():
    for kit, pitch, low, high in (
        ("909", 36, 0.5, 1.0), ("808", 36, 1.5, 2.5), ("909", 38, 0.3, 0.7), ("808", 38, 0.3, 0.6),
        ("909", 42, 0.12, 0.3), ("909", 46, 0.7, 1.4), ("808", 42, 0.1, 0.25), ("808", 46, 0.9, 1.5),
        ("909", 49, 2.0, 4.0), ("909", 51, 2.0, 4.0), ("808", 49, 2.0, 3.5), ("808", 39, 0.4, 0.9),
        ("909", 37, 0.04, 0.12), ("industrial", 38, 0.1, 0.35),
    ):  # fmt: skip
        assert low < fall_seconds(hit(kit, pitch)) < high, (kit, pitch)


@pytest.mark.parametrize("kit", ["909", "808"])
def test_claps_are_four_bursts_and_a_room(kit):
    wave = hit(kit, 39)
    loud = np.convolve(wave**2, np.hanning(RATE // 500), "same")[: int(0.045 * RATE)]
    starts, _ = find_peaks(loud, distance=int(0.007 * RATE), prominence=0.1 * loud.max())
    assert 3 <= len(starts) <= 5
    assert np.diff(starts).mean() / RATE == pytest.approx(0.011, abs=0.002)
    room = wave[int(0.06 * RATE) : int(0.12 * RATE)]
    assert 0.03 < room.std() / np.abs(wave).max() < 0.5
    assert 800 < peaks(wave, above=-1).mean() < 2500


def test_maracas_swell_before_they_fall():
    loud = np.abs(hit("808", 70))
    assert 0.008 < np.argmax(np.convolve(loud, np.hanning(60), "same")) / RATE < 0.02
    assert loud[:100].max() < 0.2 * loud.max()


def test_gate_of_the_industrial_snare():
    wave = hit("industrial", 38)
    high = band(wave, RATE, 2000, None)
    held_part, closed = high[int(0.09 * RATE) : int(0.13 * RATE)].std(), high[int(0.17 * RATE) :].std()
    assert closed < 0.03 * held_part
    assert held_part > 0.3 * high[: int(0.04 * RATE)].std()


def test_industrial_is_not_the_909_driven():
    tidy, hard = (np.abs(np.fft.rfft(hit(kit, 36, 1.0)[: RATE // 3])) ** 2 for kit in ("909", "industrial"))
    over = slice(int(120 / 3), int(3000 / 3))
    assert hard[over].sum() / hard.sum() > 2 * tidy[over].sum() / tidy.sum()
    for pitch in (43, 49, 56):  # plates: partials that no harmonic series holds
        found = peaks(hit("industrial", pitch), above=-25)
        assert len(found) >= 4
        ratios = found[1:] / found[0]
        assert np.abs(ratios - np.round(ratios)).mean() > 0.08


def test_hats_of_the_909_have_the_steps_of_six_bits():
    hat = CIRCUITS["metal memory"](bits=6.0)
    assert 16 < len(np.unique(hat._plate())) <= 64
    assert 8000 < centre(hit("909", 42)) < 11_000


def test_hats_of_the_808_are_sums_and_differences_of_six_squares():
    """Each strong partial lies where a product of at most three overtones of the squares does."""
    wave = CIRCUITS["hat squares"](decay=5.0, bent=0.0).play(Strike(RATE, 0.6, _Steady()))[: 1 << 17]
    found = peaks(wave, low=5000, high=12_000, above=-25)
    odd = np.concatenate([f * np.arange(1, 80, 2) for f in SQUARES])
    assert len(found) > 8
    assert all(np.abs(odd - f).min() < 2 for f in found)


class _Steady:
    """Chance that never varies."""

    def uniform(self, low, high, size=None):
        return 0.5 * (low + high) if size is None else np.full(size, 0.5 * (low + high))

    def random(self, size=None):
        return 0.25 if size is None else np.full(size, 0.25)


# Tools


def aliases(wave, frequency, top=18_000):
    """The loudest below `top` that is no harmonic, against the loudest of all, in dB."""
    wave = wave[2000 : 2000 + (1 << 15)]
    power = np.abs(np.fft.rfft(wave * np.blackman(len(wave)))) ** 2
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE)
    distance = np.abs(frequencies / frequency - np.round(frequencies / frequency)) * frequency
    return 10 * np.log10(power[(distance > 14) & (frequencies > 60) & (frequencies < top)].max() / power.max())


def test_squares_and_what_bends_them_hardly_alias():
    from technogen.rendering.drum_sounds.metal import _bent

    f, n = 800.3, 40_000
    assert aliases(square(f, n, RATE), f) < -75
    fast = band(square(f, 2 * n, 2 * RATE), 2 * RATE, 4800, 13_500)
    assert aliases(slower(_bent(fast, 1.0), 2), f) < -70
    assert aliases(np.sign(np.sin(2 * np.pi * f / RATE * np.arange(n))), f) > -40


@pytest.mark.parametrize(("frequency", "gain", "most"), [(1000.3, 5, -75), (5000.7, 5, -70), (8000.9, 5, -55)])
def test_overdrive_hardly_aliases(frequency, gain, most):
    sine = np.sin(2 * np.pi * frequency / RATE * np.arange(40_000))
    assert aliases(clip(sine, gain), frequency) < most
    if frequency > 4000:
        assert aliases(np.tanh(gain * sine), frequency) > most + 30


def test_modulation_hardly_aliases():
    circuit = CIRCUITS["modulated"](tune=5200.5, ratio=1.5, depth=5.0, decay=9.0, shrink=9.0, edge=100.0)
    assert aliases(circuit.play(Strike(RATE, 1.0, _Steady())), 2600.25) < -60


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(("low", "high"), [(None, 3000), (500, None), (700, 5000), (30, 9000)])
def test_filters_are_butterworth(order, low, high):
    kind = "low" if low is None else "high" if high is None else "band"
    edges = high if low is None else low if high is None else (low, high)
    expected = sosfreqz(butter(order, edges, kind, fs=RATE, output="sos"), 500)[1]
    assert np.allclose(sosfreqz(butterworth(RATE, low, high, order), 500)[1], expected, atol=1e-9)


def test_square_is_a_square():
    wave = square(100.0, RATE, RATE, 0.0)
    assert np.allclose(wave[40:180], 1.0, atol=0.1)
    assert np.allclose(wave[260:400], -1.0, atol=0.1)


def test_modes_are_sines_that_die_away():
    wave = modes(np.array([440.0, 3000.0]), np.array([1.0, 0.5]), np.array([0.2, 0.05]), RATE // 2, RATE)
    t = np.arange(RATE // 2) / RATE
    for frequency, level, length in ((440, 1.0, 0.2), (3000, 0.5, 0.05)):
        sine = np.sin(2 * np.pi * frequency * t)
        for start in (0.0, 0.1):
            part = slice(int(start * RATE), int((start + 0.01) * RATE))
            measured = 2 * np.hypot((wave * sine)[part].mean(), (wave * np.cos(2 * np.pi * frequency * t))[part].mean())
            assert measured == pytest.approx(level * np.exp(-(start + 0.005) / length), abs=0.08)


def test_held_steps_keep_their_mean_and_their_length():
    wave = held(np.array([1.0, -1.0, 0.5]), 1000.0, RATE, RATE)
    assert wave.mean() == pytest.approx(0.5 / 3, abs=1e-3)
    assert np.allclose(wave[2:40], 1.0)
    assert np.allclose(wave[48:85], -1.0)


def test_steps():
    assert len(np.unique(stepped(np.linspace(-1, 1, 9999), 4))) == 16


def test_shaping():
    tone = np.sin(2 * np.pi * 200 / RATE * np.arange(RATE // 2))
    assert np.allclose(Shaping().shape(tone, strike()), tone, atol=1e-4)
    assert len(Shaping(gate=0.1).shape(tone, strike())) == int(0.104 * RATE)
    assert len(np.unique(np.round(Shaping(crush=3).shape(tone, strike()), 9))) <= 9
    assert centre(Shaping(lowpass=500).shape(tone + np.sin(50 * tone), strike())) < centre(tone + np.sin(50 * tone))
    for shaping in (Shaping(drive=20), Shaping(fold=1), Shaping(sampled=3000)):
        assert centre(shaping.shape(tone, strike())) > 1.1 * centre(tone)
