"""The mix and its mastering: levels, effects one by one, stems, loops and sections."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from track_maker import acid, beat, line, track, true_peak

from technogen.audio import measure_loudness
from technogen.patterns import compose
from technogen.rendering import AcidKnobs, Mix, Voice, preset, random_voice, render, render_stems
from technogen.rendering import bus_kernels as bus
from technogen.rendering.acid import AcidLine
from technogen.rendering.clock import sample_of
from technogen.rendering.convolving import Convolver, make_room
from technogen.rendering.drums import DrumMachine
from technogen.rendering.effects import Ducking, Echo, Rumble, Saturation, sections_of
from technogen.rendering.mastering import Master
from technogen.rendering.mix import STEMS, Desk
from technogen.rendering.plan import plan_rendering
from technogen.rendering.sections import Shaping, from_start, shape_sections
from technogen.rendering.tilting import tilt_sections
from technogen.score import Note, Score, Section

RATE = 44_100
DRY = Mix(delay=-120, reverb=-120, ducking=0)
FULL = Mix(
    drive=9, delay=-8, feedback=0.7, reverb=-8, reverb_seconds=2.5, rumble=-8, compression=4, tilt=-1, loudness=None,
    drums=-8, bass=-8,
)  # fmt: skip


def decibels(ratio):
    return 20 * math.log10(max(float(ratio), 1e-12))


def gain_at(sections, hertz):
    turn = np.exp(-2j * np.pi * hertz / RATE * np.arange(3))
    return decibels(np.prod([abs(s[:3] @ turn) / abs(np.array([1, *s[3:]]) @ turn) for s in sections]))


def kept_band(wave, low, high):
    from scipy.signal import butter, sosfilt

    return sosfilt(butter(4, (low, high), "band", fs=RATE, output="sos"), wave)


# Levels


@pytest.mark.parametrize(
    ("score", "voice"),
    [
        (beat(), Voice(kit="808")),
        (acid(), Voice(acid=AcidKnobs(waveform="square", resonance=1.0, drive=30))),
        (track(120), Voice(mix=Mix(loudness=-9.0))),
        (track(150), Voice(mix=Mix(loudness=-20.0, ceiling=-3.0))),
        (track(bars=2), preset("industrial")),
    ],
)
def test_loudness_and_true_peak(score, voice):
    audio = render(score, voice=voice)
    assert measure_loudness(audio) == pytest.approx(voice.mix.loudness, abs=0.2)
    assert true_peak(audio) <= voice.mix.ceiling


@pytest.mark.parametrize("seed", range(20))
def test_loudness_and_true_peak_of_random_music(seed):
    """Measured by pyloudnorm itself."""
    import pyloudnorm

    style = ("acid", "hard", "industrial", "electro")[seed % 4]
    score = compose(style, bars=2, tempo=100 + 7 * seed, seed=seed)
    voice = random_voice(seed)
    mix = replace(voice.mix, loudness=-14.0 if seed % 2 else -9.0, ceiling=-1.0, tail=0.5)
    audio = render(score, voice=replace(voice, mix=mix))
    loudness = pyloudnorm.Meter(RATE).integrated_loudness(audio.samples.astype(float))
    assert loudness == pytest.approx(mix.loudness, abs=0.5)
    assert true_peak(audio) <= -1.0


def test_kick_and_bass_carry_the_mix():
    stems = {name: measure_loudness(stem) for name, stem in render_stems(track(bars=2)).items()}
    assert stems["kick"] > stems["drums"]
    assert stems["bass"] > stems["drums"]
    assert abs(stems["kick"] - stems["bass"]) < 6
    assert stems["delay"] < stems["bass"] - 10


def test_stems_add_up_to_the_mix():
    voice = Voice(mix=replace(FULL, compression=1.0, tilt=0.0, drums=-20, bass=-20))
    stems = render_stems(track(), voice=voice)
    assert tuple(stems) == STEMS == ("kick", "drums", "bass", "delay", "room", "rumble")
    assert all(stem.samples.any() for stem in stems.values())
    mixed = sum(stem.samples for stem in stems.values())
    assert decibels(np.abs(mixed - render(track(), voice=voice).samples).max()) < -90


@pytest.mark.parametrize("name", ["kick", "bass", "rumble"])
def test_what_is_low_is_mono(name):
    left, right = render_stems(track(), voice=Voice(mix=FULL))[name].samples.T
    assert np.array_equal(left, right)


def test_low_end_is_mono():
    toms = Score(120, 1, drums=line((0, 60, 43, 120)))
    left, right = render_stems(toms)["drums"].samples.T
    side, middle = (kept_band(w, 20, 60).std() for w in (left - right, left + right))
    assert side < 0.15 * middle


def test_limiter_leaves_what_is_below_its_ceiling():
    quiet = np.full((4096, 2), 0.1, np.float32)
    peaks, phases = np.full(128, 0.1, np.float32), np.zeros((4, 24), np.float32)
    bus.limit(quiet, peaks, phases, np.array([1.0, 0.8, 0.01, 32]), 64)
    assert np.array_equal(quiet, np.full((4096, 2), 0.1, np.float32))


def test_clipper_is_a_curve_without_steps():
    clock = np.arange(60_000)
    wave = np.sin(clock * 0.003) * np.linspace(0, 1.8, len(clock))
    samples = np.stack([wave, wave], axis=1).astype(np.float32)
    bus.clip_softly(samples, 1.0, 0.6, np.zeros(2))
    over = np.maximum(0, np.abs(wave) - 0.6) / 0.4
    curve = np.sign(wave) * (np.minimum(np.abs(wave), 0.6) + 0.4 * over / np.sqrt(1 + over**2))
    assert np.abs(samples[:, 0] - curve).max() < 0.003


# Effects


@pytest.mark.parametrize("recovery", [0.05, 0.4])
def test_kick_ducks_the_bass(recovery):
    held = Score(120, 1, bass=line((0, 1920, 36, 80)))
    kicked = replace(held, drums=line((480, 60, 36, 127)))
    voice = Voice(mix=Mix(recovery=recovery))
    free, ducked = (render_stems(score, voice=voice)["bass"].samples[:, 0] for score in (held, kicked))
    dip, later = (slice(RATE // 2 + round(t * RATE), RATE // 2 + round(t * RATE) + 1000) for t in (0.005, 0.23))
    assert decibels(ducked[dip].std() / free[dip].std()) == pytest.approx(-Mix().ducking, abs=0.7)
    assert (decibels(ducked[later].std() / free[later].std()) > -0.1) == (recovery == 0.05)
    assert np.array_equal(free[: RATE // 2], ducked[: RATE // 2])


@pytest.mark.parametrize("beats", [0.5, 0.75])
def test_echoes_jump_from_side_to_side(beats):
    score = Score(120, 1, bass=line((0, 60, 48, 127)))
    mix = Mix(delay_beats=beats, feedback=0.5)
    echo = np.abs(render_stems(score, voice=Voice(mix=mix))["delay"].samples)
    step = round(beats / 2 * RATE)
    assert not echo[: step - 1].any()
    (left, right), (left_after, right_after) = (echo[k * step : k * step + 4000].max(axis=0) for k in (1, 2))
    assert left > 2 * right > 0.003
    assert right_after > 2 * left_after
    assert 0.25 < right_after / left < 0.6


def test_echo_follows_its_law():
    send = np.zeros(8000, np.float32)
    send[0] = 1
    wet = Echo(0.02, 0.5, RATE).play(send)
    energy = [(wet[k * 882 : (k + 1) * 882] ** 2).sum() for k in range(5)]
    assert energy[0] == 0
    assert all(0.1 < after / before < 0.25 for before, after in zip(energy[1:], energy[2:]))


@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_room_falls_as_long_as_it_says(seconds):
    room = make_room(seconds, (250, 9000), RATE)
    middle = kept_band(room[0], 800, 2000)
    left = np.cumsum(middle[::-1] ** 2)[::-1]
    high, low = (np.flatnonzero(10 * np.log10(left / left[0]) < level)[0] for level in (-5, -25))
    assert 3 * (low - high) / RATE == pytest.approx(seconds, rel=0.15)
    assert abs(np.corrcoef(room)[0, 1]) < 0.1
    assert (room**2).sum(axis=1) == pytest.approx([1, 1], rel=1e-4)


@pytest.mark.parametrize("sizes", [[20_000], [700] * 29, [1, 16_383, 1, 3_915], [16_384, 3_916]])
def test_convolution_in_blocks(sizes):
    random = np.random.default_rng(0)
    send = random.standard_normal(20_000).astype(np.float32)
    response = random.standard_normal((2, 5000)).astype(np.float32)
    room, at, wet = Convolver(response, 1024), 0, []
    for size in sizes:
        wet.append(room.play(send[at : at + size]))
        at += size
    wet = np.concatenate(wet)
    for ear in range(2):
        assert np.allclose(wet[:, ear], np.convolve(send, response[ear])[: len(wet)], atol=2e-3)


def test_drive_keeps_a_usual_level_and_bends_peaks():
    clock = np.arange(RATE)
    wave = (np.sin(2 * np.pi * 100 * clock / RATE) * np.linspace(0, 1, RATE)).astype(np.float32)
    driven = Saturation(18).play(np.stack([wave, wave], axis=1))[:, 0]
    level = np.abs(driven[(np.abs(wave) > 0.345) & (np.abs(wave) < 0.355)]).mean()
    assert level == pytest.approx(0.35, rel=0.03)
    assert np.abs(driven).max() < 0.5
    same = np.stack([wave, wave], axis=1)
    assert Saturation(0).play(same) is same
    assert np.array_equal(same[:, 0], wave)


def test_drive_hardly_aliases():
    tone = 0.5 * np.sin(2 * np.pi * 3100 * np.arange(1 << 15) / RATE)
    driven = Saturation(12).play(np.stack([tone, tone], axis=1).astype(np.float32))[:, 0]
    spectrum = np.abs(np.fft.rfft(driven * np.blackman(len(driven))))
    frequencies = np.fft.rfftfreq(len(driven), 1 / RATE)
    between = np.abs(frequencies / 3100 - np.round(frequencies / 3100)) * 3100 > 15
    assert decibels(spectrum[between].max() / spectrum.max()) < -38


@pytest.mark.parametrize("slope", [-6, -1.5, 3])
def test_tilt_is_a_straight_line(slope):
    sections = tilt_sections(slope, RATE)
    for hertz in (62.5, 125, 500, 1000, 2000, 8000):
        assert gain_at(sections, hertz) == pytest.approx(slope * math.log2(hertz / 1000), abs=0.5 + 0.15 * abs(slope))


def test_rumble_is_low_and_out_of_the_kicks_way():
    score = Score(120, 2, drums=tuple(Note(k * 480, 60, 36, 127) for k in range(8)))
    rumble = render_stems(score, voice=Voice(mix=Mix(rumble=0, rumble_cutoff=100)))["rumble"].samples[:, 0]
    power = np.abs(np.fft.rfft(rumble)) ** 2
    frequencies = np.fft.rfftfreq(len(rumble), 1 / RATE)
    assert power[(frequencies > 30) & (frequencies < 150)].sum() > 0.95 * power.sum()
    beats = rumble[2 * RATE : 4 * RATE].reshape(4, -1)
    assert beats[:, 500:2000].std() < 0.3 * beats[:, -4000:].std()


def test_effects_do_not_depend_on_blocks():
    score = track(bars=2)
    shaping = Shaping(score)

    def play(sizes):
        machine = DrumMachine(score, RATE, seed=0, kit="909")
        bass = AcidLine(score, RATE)
        with ThreadPoolExecutor(1) as helper:
            desk = Desk(shaping, RATE, FULL, helper)
            blocks = [desk.play(machine.play(size), bass.play(size)) for size in sizes]
        return {name: np.concatenate([block[name] for block in blocks]) for name in STEMS}

    whole, parts = play([60_000]), play([16_384, 1, 9_999, 20_000, 13_616])
    for name in STEMS:
        assert np.abs(whole[name] - parts[name]).max() < 2e-6, name


# Loops


@pytest.mark.parametrize("mix", [Mix(), FULL, Mix(loudness=-9)])
def test_loop_has_no_seam(mix):
    once = render(track(), loop=True, voice=Voice(mix=mix)).samples
    assert np.abs(once[-1] - once[0]).max() <= np.abs(np.diff(once, axis=0)).max()


@pytest.mark.parametrize(("tempo", "below"), [(120, -90), (138, -60), (127.77, -60)])
@pytest.mark.parametrize("mix", [FULL, replace(FULL, drums=0, bass=0, ceiling=-3, rumble=-120, reverb=-120)])
def test_loop_is_what_a_long_rendering_repeats(tempo, below, mix):
    """All effects on, and the compressor and the limiter at work in the second; a loop of no whole number too."""
    score, passes = track(tempo, bars=1), 5
    once = render(score, loop=True, voice=Voice(mix=mix)).samples
    long = render(score.repeated(passes), voice=Voice(mix=mix)).samples
    assert len(once) == sample_of(1920, score, RATE)
    for k in range(3, passes):
        assert decibels(np.abs(long[k * len(once) :][: len(once)] - once).max()) < below


def test_loop_repeats_from_the_second_pass_on():
    mix = Mix(loudness=None, drums=-12, bass=-12)
    score = track(120, bars=2)
    once = render(score, loop=True, voice=Voice(mix=mix)).samples
    long = render(score.repeated(3), voice=Voice(mix=mix)).samples
    assert decibels(np.abs(long[len(once) :][: len(once)] - once).max()) < -60


@pytest.mark.parametrize(("voice", "tempo", "bars"), [(None, 138, 2), ("industrial", 127.77, 4), ("808", 132.5, 1)])
def test_mastered_loop_repeats_from_the_second_pass_on(voice, tempo, bars):
    """The loudness of a loop is that of a longer piece of the same passes, whatever its start and tail add."""
    score, passes = track(tempo, bars), 12 // bars
    once = render(score, loop=True, voice=voice).samples
    long = render(score.repeated(passes), voice=voice).samples
    for k in range(1 if bars > 1 else 2, passes - 1):
        assert decibels(np.abs(long[k * len(once) :][: len(once)] - once).max()) < -60


@pytest.mark.parametrize(("passes", "loop"), [(1, True), (2, False), (7, False)])
def test_a_pass_begins_with_a_chunk_of_the_mastering(passes, loop):
    """So that its chunks, and what is found by them, are those of any other pass."""
    master = Master(plan_rendering(track(138).repeated(passes), RATE, Voice(), loop=loop), Mix())
    assert master._turn.start % master._chunk == 0


def test_loudness_of_a_pass_stands_for_the_whole_only_where_it_is_alike():
    """The tail of two passes counts too; a pyloudnorm user measures the whole."""
    audio = render(track(138, 1).repeated(2), voice=Voice(mix=Mix(tail=8, reverb=0, reverb_seconds=6)))
    assert abs(measure_loudness(audio) + 14) < 0.5


def test_stems_of_a_loop_add_up_to_it():
    voice = Voice(mix=replace(FULL, compression=1.0, tilt=0.0, drums=-20, bass=-20))
    once = render(track(), loop=True, voice=voice).samples
    mixed = sum(stem.samples for stem in render_stems(track(), loop=True, voice=voice).values())
    assert decibels(np.abs(mixed - once).max()) < -90


@pytest.mark.parametrize("tempo", [120, 131.37, 138])
def test_what_repeats_itself_repeats_on_whole_samples(tempo):
    score = track(tempo, bars=2)
    plan = plan_rendering(score.repeated(4), RATE, Voice(), loop=False)
    starts = [sample_of(k * 1920, plan.score, plan.clock_rate) for k in range(9)]
    assert len(set(np.diff(starts))) == 1
    assert abs(plan.clock_rate / RATE - 1) < 1e-5
    unlike = replace(score.repeated(4), bass=score.bass)
    assert plan_rendering(unlike, RATE, Voice(), loop=False).clock_rate == RATE


def test_long_loop_is_not_played_twice():
    plan = plan_rendering(track(120, bars=64), RATE, Voice(), loop=True)
    assert plan.kept.stop - plan.kept.start == 64 * 2 * RATE
    assert plan.samples < 80 * 2 * RATE


def test_loop_folds_its_tail_into_its_start():
    late = Score(120, 1, drums=line((1800, 60, 49, 120)))
    assert np.abs(render(late, loop=True).samples[:2000]).max() > 0.05
    assert not render(late, voice=Voice(mix=DRY)).samples[:2000].any()


# Sections


def sectioned(*labels):
    score = track(120, bars=2 * len(labels))
    return replace(score, sections=tuple(Section(2 * k, label) for k, label in enumerate(labels)))


def test_breakdown_has_no_kick_and_more_room():
    stems = render_stems(sectioned("drop", "breakdown", "drop"), voice=Voice(mix=FULL))
    second = 4 * RATE
    assert not stems["kick"].samples[second + RATE // 2 : 2 * second - 10].any()
    assert stems["kick"].samples[:second].any()
    assert stems["kick"].samples[2 * second : 3 * second].any()
    plain = render_stems(replace(sectioned("drop"), bars=6), voice=Voice(mix=FULL))
    drop, breakdown = (stems["room"].samples[a : a + second // 2].std() for a in (second // 2, second + second // 2))
    assert breakdown > 1.5 * drop
    assert plain["kick"].samples.any()


def test_build_opens_the_filter_and_thins_the_drums():
    built, plain = (
        render_stems(sectioned(*labels), voice=Voice(mix=DRY)) for labels in (("build", "drop"), ("drop", "drop"))
    )
    late, dropped = slice(3 * RATE, 4 * RATE - 500), slice(4 * RATE + 500, 8 * RATE)
    sung = slice(2 * RATE + RATE // 2, 2 * RATE + 4 * RATE // 5)
    bright, dull = (kept_band(s["bass"].samples[sung, 0], 2000, 8000).std() for s in (built, plain))
    assert bright > 1.5 * dull
    thin, full = (kept_band(s["kick"].samples[late, 0], 30, 80).std() for s in (built, plain))
    assert thin < 0.4 * full
    assert np.allclose(built["kick"].samples[dropped], plain["kick"].samples[dropped], atol=2e-3)


def test_intro_is_darker():
    dark, full = (
        render_stems(sectioned(*labels), voice=Voice(mix=DRY)) for labels in (("intro", "drop"), ("drop", "drop"))
    )
    early = slice(2 * RATE, 4 * RATE - 500)
    low, high = (kept_band(s["drums"].samples[early, 0], 5000, 15000).std() for s in (dark, full))
    assert 0.2 * high < low < 0.8 * high


def test_sections_change_smoothly():
    score = sectioned("intro", "build", "drop", "breakdown", "outro")
    wave = render_stems(replace(score, drums=()), voice=Voice(mix=DRY))["bass"].samples[:, 0]
    plain = render_stems(replace(score, drums=(), sections=()), voice=Voice(mix=DRY))["bass"].samples[:, 0]
    assert np.abs(np.diff(wave)).max() < 2 * np.abs(np.diff(plain)).max()


@pytest.mark.parametrize("labels", [("verse", "chorus"), ()])
def test_other_sections_change_nothing(labels):
    score = sectioned(*labels) if labels else track(120, 2)
    assert shape_sections(score) == Shaping(score)


def test_sections_can_be_off():
    score = sectioned("intro", "breakdown")
    voice = Voice(mix=replace(DRY, sections=False))
    assert render(score, voice=voice) == render(replace(score, sections=()), voice=voice)


def test_curves_from_the_start():
    assert from_start(((-10, 0.0), (10, 1.0), (20, 2.0))) == ((0, 0.5), (10, 1.0), (20, 2.0))
    assert from_start(((5, 1.0),)) == ((5, 1.0),)
    assert from_start(((-5, 1.0),)) == ((0, 1.0),)
    assert from_start(()) == ()


def test_a_ducking_of_many_kicks_is_the_deepest_of_them():
    score = Score(120, 1, drums=line((0, 60, 36, 60), (120, 60, 36, 127)))
    whole = Ducking(score.drums, score, RATE, 0.6)
    push = np.concatenate([whole.play(size) for size in (3000, 1, 30_000)])
    single = [Ducking((note,), score, RATE, 0.6).play(33_001) for note in score.drums]
    assert np.array_equal(push, np.maximum(*single))


def test_filters_of_the_bus_are_scipys():
    from scipy.signal import butter, sosfilt

    wave = np.random.default_rng(0).standard_normal((5000, 2)).astype(np.float32)
    expected = sosfilt(butter(4, 300, "low", fs=RATE, output="sos"), wave.astype(float), axis=0)
    state, sections = np.zeros((2, 4)), sections_of(4, 300, "low", RATE)
    for part in (wave[:1234], wave[1234:]):
        bus.filter_stereo(part, sections, state)
    assert np.abs(wave - expected).max() < 1e-5


def test_rumble_of_silence_is_silence():
    assert not Rumble(100, RATE).play(np.zeros((5000, 2), np.float32)).any()
