"""The project's own soundfonts: what is in them, how two synthesisers play them, and how near that is to `render`."""

import io
import shutil
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import soundfile

from technogen.errors import MissingFileError, OutputError, RenderError
from technogen.rendering import find_soundfont, fluid, render, soundfont
from technogen.rendering.acid import play_line
from technogen.rendering.build_soundfonts import build_soundfont, main, write_soundfonts
from technogen.rendering.clock import sample_of
from technogen.rendering.drums import hit_gain, play_drums
from technogen.rendering.kits import Kit
from technogen.rendering.soundfont import own_soundfonts, play_soundfont
from technogen.rendering.soundfont_reading import Preset, read_presets
from technogen.score import DRUM_NAMES, Note, Score

RATE = 44_100
KITS = ("909", "808", "industrial")
FOLDER = find_soundfont("909").parent
HAS_FLUIDSYNTH = fluid._library() is not None or shutil.which("fluidsynth") is not None
needs_fluidsynth = pytest.mark.skipif(not HAS_FLUIDSYNTH, reason="FluidSynth is not installed")
players = pytest.mark.parametrize("fluidsynth", [False, pytest.param(True, marks=needs_fluidsynth)])


def hit(pitch, velocity=127, start=0):
    return Note(start, 60, pitch, velocity)


def play(score, *, fluidsynth, kit="909", seconds=None):
    """The mono mix of the project's own soundfonts."""
    wave = play_soundfont(score, own_soundfonts(kit), RATE, kit=kit, fluidsynth=fluidsynth).mean(axis=1)
    samples = round((score.seconds if seconds is None else seconds) * RATE)
    return np.pad(wave, (0, max(0, samples - len(wave))))[:samples]


def decibels(wave):
    return 10 * np.log10(np.mean(np.square(wave)) + 1e-20)


def pitch_of(wave, near):
    """The strongest frequency within a semitone, to a fraction of a cent, as a MIDI note."""
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 4 * len(wave)))
    frequencies = np.fft.rfftfreq(4 * len(wave), 1 / RATE)
    low, high = np.searchsorted(frequencies, [440 * 2 ** ((near + side - 69) / 12) for side in (-1, 1)])
    best = low + int(spectrum[low:high].argmax())
    left, top, right = np.log(spectrum[best - 1 : best + 2])
    peak = frequencies[1] * (best + 0.5 * (left - right) / (left - 2 * top + right))
    return 69 + 12 * np.log2(peak / 440)


def mel(wave):
    """Log power in 60 mel bands, (frames, bands)."""
    padded = np.pad(wave, (1024, 2048))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2048)[::512] * np.hanning(2048)
    edges = 700 * (10 ** (np.linspace(0.02, 1.47, 62)) - 1)  # 33 Hz to 20 kHz
    power, frequencies = np.abs(np.fft.rfft(frames)) ** 2, np.fft.rfftfreq(2048, 1 / RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rise, fall = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return 10 * np.log10(power @ np.clip(np.minimum(rise, fall), 0, None).T + 1e-12)


def distance(one, other):
    """Mean absolute difference of log mel spectra in dB, levels matched, above -60 dB."""
    return mel_distance(mel(one), mel(other * np.sqrt(np.mean(one**2) / np.mean(other**2))))


def mel_distance(a, b):
    floor = a.max() - 60
    heard = a.max(axis=1) > floor
    return float(np.abs(np.maximum(a, floor) - np.maximum(b, floor))[heard].mean())


# What is in the files


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What the command builds: bytes by path in the folder."""
    folder = tmp_path_factory.mktemp("soundfonts") / "new folder"
    main([str(folder)])
    return contents(folder)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_shipped_files_are_what_the_command_builds(built):
    shipped = contents(FOLDER)
    assert sorted(built) == sorted(shipped)
    assert [name for name in built if built[name] != shipped[name]] == []


def test_building_again_gives_the_same_bytes(built):
    assert build_soundfont("808") == built["technogen-808.sf2"]


def test_files_fit(built):
    assert {"technogen-909.sf2", "technogen-808.sf2", "technogen-industrial.sf2", "technogen-303.sf2"} < set(built)
    assert sum(map(len, built.values())) < 12_000_000


@pytest.mark.parametrize(("name", "program"), [("909", 24), ("808", 25), ("industrial", 26)])
def test_kit_files_hold_the_kit_twice(name, program):
    assert read_presets(find_soundfont(name)) == (Preset(128, 0, f"{name} Kit"), Preset(128, program, f"{name} Kit"))


def test_the_303_file_holds_both_waves():
    presets = [(preset.bank, preset.program, preset.name) for preset in read_presets(find_soundfont("303"))]
    assert presets == [
        (0, 0, "303 Saw"),
        (0, 38, "303 Saw"),
        (0, 39, "303 Square"),
        (0, 40, "303 Saw Legato"),
        (0, 41, "303 Square Legato"),
    ]


@pytest.mark.parametrize("name", [*KITS, "303"])
def test_licence_and_name_are_in_the_file(name):
    head = find_soundfont(name).read_bytes()[:1000]
    assert b"MIT License" in head
    assert f"TechnoGen {name}".encode() in head


def test_unknown_and_missing_soundfonts(monkeypatch, tmp_path):
    with pytest.raises(RenderError, match="'909', '808', 'industrial', '303', got '707'"):
        find_soundfont("707")
    monkeypatch.setattr(soundfont, "__file__", str(tmp_path / "technogen" / "rendering" / "soundfont.py"))
    with pytest.raises(MissingFileError, match=r"technogen-808\.sf2 is not there; `python -m technogen"):
        find_soundfont("808")


def test_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        write_soundfonts(tmp_path / "file")


# Drums


@cache
def lone_hits(kit, fluidsynth, velocity=127):
    """Each piece of a kit alone: hits two seconds apart, cut from one rendering."""
    notes = tuple(hit(pitch, velocity, 1920 * n) for n, pitch in enumerate(DRUM_NAMES))
    wave = play(Score(120, len(notes), drums=notes), fluidsynth=fluidsynth, kit=kit)
    return {pitch: wave[n * 2 * RATE :][: 2 * RATE] for n, pitch in enumerate(DRUM_NAMES)}


@cache
def own_hits(kit):
    waves = {}
    for pitch in DRUM_NAMES:
        stems = play_drums(Score(120, 1, drums=(hit(pitch),)), 2 * RATE, RATE, seed=0, kit=kit)
        waves[pitch] = (stems.kick + stems.others).mean(axis=1)
    return waves


@players
@pytest.mark.parametrize("kit", KITS)
def test_pieces_sound_like_those_of_render(kit, fluidsynth):
    played, own = lone_hits(kit, fluidsynth), own_hits(kit)
    for pitch, name in DRUM_NAMES.items():
        near = distance(own[pitch], played[pitch])
        assert near < 4, f"{name}: {near:.1f} dB"


@players
@pytest.mark.parametrize("kit", KITS)
def test_pieces_are_distinct(kit, fluidsynth):
    """Of all pieces, the same one of `render` is nearest by far."""
    played, own = (
        {pitch: mel(wave[: RATE // 2] / np.sqrt(np.mean(wave[: RATE // 2] ** 2))) for pitch, wave in hits.items()}
        for hits in (lone_hits(kit, fluidsynth), own_hits(kit))
    )
    for one in DRUM_NAMES:
        apart = {other: mel_distance(own[one], played[other]) for other in DRUM_NAMES}
        nearest = apart.pop(one)
        assert nearest < min(apart.values()) / 1.5, DRUM_NAMES[one]


@players
def test_kits_differ(fluidsynth):
    for one, other in combinations(KITS, 2):
        assert distance(lone_hits(one, fluidsynth)[36], lone_hits(other, fluidsynth)[36]) > 0.5
        assert distance(lone_hits(one, fluidsynth)[38], lone_hits(other, fluidsynth)[38]) > 0.5


def attacks(wave, starts):
    """Where near some samples it gets loud, low notes that still ring taken out."""
    edges = np.abs(np.diff(wave, 2))
    return [start - 300 + int(np.argmax(part > 0.1 * part.max())) for start, part in _near(edges, starts)]


def _near(edges, starts):
    return [(start, edges[start - 300 : start + 900]) for start in starts]


@players
def test_hits_come_when_those_of_render_do(fluidsynth):
    notes = tuple(hit(pitch, 120, start) for start, pitch in ((120, 42), (480, 36), (840, 37), (1080, 42), (1560, 75)))
    score = Score(133, 1, drums=notes, swing=0.6)
    stems = play_drums(score, round(score.seconds * RATE), RATE, seed=0, kit="909")
    starts = [sample_of(note.start, score, RATE) for note in notes]
    own = attacks((stems.kick + stems.others).mean(axis=1), starts)
    lags = np.subtract(attacks(play(score, fluidsynth=fluidsynth), starts), own)
    by_command = fluidsynth and "pyfluidsynth" not in (fluid.find_fluidsynth() or "")
    # FluidSynth works in blocks of 64 samples; its command line counts in whole milliseconds.
    assert np.abs(lags).max() <= (0.004 if by_command else 0.002) * RATE


@needs_fluidsynth
@pytest.mark.parametrize("pitch", [36, 42, 43, 49])
def test_fluidsynth_plays_velocities_as_loud_as_render(pitch):
    """Within a layer; between layers, the sound of a hit changes too."""
    loud = {
        v: decibels(play(Score(120, 1, drums=(hit(pitch, v),)), fluidsynth=True)) for v in (20, 63, 64, 99, 100, 127)
    }
    for one, other in ((20, 63), (64, 99), (100, 127)):
        wanted = 20 * np.log10(hit_gain(other) / hit_gain(one))
        assert loud[other] - loud[one] == pytest.approx(wanted, abs=0.3)
    assert loud[63] - 1 < loud[64]
    assert loud[99] - 1 < loud[100]


def test_symusic_plays_layers_apart():
    """It knows no velocities: the layers themselves are recorded as loud as they are."""
    notes = tuple(hit(36, velocity, 480 * n) for n, velocity in enumerate((40, 80, 120)))
    wave = play(Score(120, 1, drums=notes), fluidsynth=False)
    loud = [decibels(wave[n * RATE // 2 :][: RATE // 2]) for n in range(3)]
    assert loud[1] - loud[0] > 4
    assert loud[2] - loud[1] > 4


@players
@pytest.mark.parametrize("kit", KITS)
def test_closed_hat_chokes_the_open_one(kit, fluidsynth):
    open_alone, both, closed = (
        play(Score(120, 1, drums=notes), fluidsynth=fluidsynth, kit=kit, seconds=0.5)
        for notes in ((hit(46),), (hit(46), hit(42, start=96)), (hit(42, start=96),))
    )
    later = slice(round(0.22 * RATE), round(0.3 * RATE))  # 120 ms after the closed hat
    left = np.linalg.norm((both - closed)[later]) / np.linalg.norm(open_alone[later])
    assert left < 0.35  # FluidSynth lets go by 108 dB a second


@needs_fluidsynth
def test_fluidsynth_pans_pieces():
    for piece in Kit.named("909").pieces:
        if piece.pan:
            wave = play_soundfont(
                Score(120, 1, drums=(hit(piece.pitch),)), own_soundfonts("909"), RATE, fluidsynth=True
            )
            left, right = np.sqrt(np.mean(wave**2, axis=0))
            assert np.arctan2(right, left) * 4 / np.pi - 1 == pytest.approx(piece.pan, abs=0.03)


# The 303


@players
@pytest.mark.parametrize("key", [26, 28, 33, 39, 43, 48, 54, 66])
def test_the_loop_is_in_tune_within_3_cents(key, fluidsynth):
    wave = play(Score(120, 2, bass=(Note(0, 3840, key, 80),)), fluidsynth=fluidsynth)
    assert pitch_of(wave[RATE : 4 * RATE - 4000], key) == pytest.approx(key, abs=0.03)


@players
def test_loops_do_not_click(fluidsynth):
    wave = play(Score(120, 1, bass=(Note(0, 1920, 36, 127),)), fluidsynth=fluidsynth)
    steps = np.abs(np.diff(wave))
    assert steps[int(0.65 * RATE) : int(1.9 * RATE)].max() <= 1.1 * steps[int(0.4 * RATE) : int(0.6 * RATE)].max()


@players
@pytest.mark.parametrize("velocity", [80, 127])
@pytest.mark.parametrize("key", [31, 36, 46])
def test_a_note_sounds_like_that_of_render(key, velocity, fluidsynth):
    score = Score(120, 1, bass=(Note(0, 480, key, velocity),))
    assert distance(play_line(score, RATE // 2, RATE), play(score, fluidsynth=fluidsynth, seconds=0.5)) < 1.5


@players
def test_accents_survive_and_other_velocities_do_not(fluidsynth):
    notes = tuple(Note(480 * n, 240, 36, velocity) for n, velocity in enumerate((60, 90, 127)))
    wave = play(Score(120, 1, bass=notes), fluidsynth=fluidsynth)
    soft, plain, accent = (wave[n * RATE // 2 :][: RATE // 4] for n in range(3))
    assert decibels(soft) == pytest.approx(decibels(plain), abs=0.3)
    own = [play_line(Score(120, 1, bass=(Note(0, 240, 36, v),)), RATE // 4, RATE) for v in (90, 127)]
    assert decibels(accent) - decibels(plain) == pytest.approx(decibels(own[1]) - decibels(own[0]), abs=1)


@players
def test_parts_are_as_loud_beside_each_other_as_in_render(fluidsynth):
    drums, bass = Score(120, 1, drums=(hit(36),)), Score(120, 1, bass=(Note(0, 480, 36, 80),))
    stems = play_drums(drums, RATE, RATE, seed=0, kit="909")
    own = decibels(play_line(bass, RATE, RATE)) - decibels(stems.kick.mean(axis=1))
    played = [decibels(play(score, fluidsynth=fluidsynth, seconds=1)) for score in (bass, drums)]
    assert played[0] - played[1] == pytest.approx(own, abs=1)


def glide(wave, start_seconds):
    """Pitches 2 ms apart, by the shift at which 9 ms are most like themselves."""
    pitches = []
    for k in range(40):
        at = round((start_seconds + 0.002 * k) * RATE)
        part = wave[at : at + 700]
        unlike = [np.mean((part[:400] - part[shift : shift + 400]) ** 2) for shift in range(80, 260)]
        pitches.append(69 + 12 * np.log2(RATE / (80 + int(np.argmin(unlike))) / 440))
    return np.array(pitches)


SLIDE = Score(120, 1, bass=(Note(0, 480, 56, 80, slide=True), Note(480, 480, 58, 80)))


@needs_fluidsynth
def test_fluidsynth_slides():
    wave = play(SLIDE, fluidsynth=True)
    pitches = glide(wave, 0.49)
    assert pitches[0] == pytest.approx(56, abs=0.3)
    assert pitches[-1] == pytest.approx(58, abs=0.2)
    between = (pitches > 56.4) & (pitches < 57.6)
    assert 0.015 < 0.002 * between.sum() < 0.06
    level = [np.abs(wave[round(t * RATE) :][:900]).max() for t in (0.47, 0.51, 0.55)]
    assert max(level[1:]) < 1.15 * level[0]  # no new attack


@needs_fluidsynth
def test_the_legato_preset_slides_an_octave_without_a_new_attack(monkeypatch):
    score = Score(120, 1, bass=(Note(0, 480, 45, 80, slide=True), Note(480, 480, 57, 80)))
    steps, make_midi = {}, fluid._midi

    def with_program(program):
        def changed(*arguments):
            midi = make_midi(*arguments)
            for message in (m for track in midi.tracks for m in track if m.type == "program_change"):
                message.program = program
            return midi

        return changed

    for program in (38, 40):
        monkeypatch.setattr(fluid, "_midi", with_program(program))
        wave = play(score, fluidsynth=True)
        assert pitch_of(wave[round(0.6 * RATE) : RATE], 57) == pytest.approx(57, abs=0.1)
        before, after = (decibels(wave[round(t * RATE) :][:3000]) for t in (0.43, 0.52))
        steps[program] = after - before
    assert steps[40] < 1 < steps[38]


def test_symusic_does_not_slide():
    wave = play(SLIDE, fluidsynth=False)
    assert np.abs(wave[round(0.51 * RATE) :][:900]).max() > 1.3 * np.abs(wave[round(0.47 * RATE) :][:900]).max()


@players
def test_whole_renderings_use_the_files_of_kit_and_303(fluidsynth):
    score = Score(120, 1, drums=(hit(36),), bass=(Note(960, 480, 45, 127),))
    wave = render(score, soundfont=None if fluidsynth else find_soundfont("303"), fluidsynth=fluidsynth).samples[:, 0]
    assert pitch_of(wave[RATE : RATE + RATE // 2], 45) == pytest.approx(45, abs=0.1)
    assert bool(np.abs(wave[: RATE // 4]).max() > 0.1) == fluidsynth  # the 303's file has no kick


def test_a_kit_of_ones_own_plays_with_a_built_in_one_and_says_so(caplog):
    assert own_soundfonts(Kit.named("808")) == own_soundfonts("808")
    assert not caplog.text
    assert own_soundfonts(Kit.named("808").turned("kick", decay=2.0)) == own_soundfonts("808")
    assert "instead of this one, the 808 plays" in caplog.text
    assert own_soundfonts(replace(Kit.named("808"), name="mine")) == own_soundfonts("909")
    assert "the 909 plays" in caplog.text


# SFZ


def regions():
    """The regions of the shipped kit, opcodes by name."""
    lines = (FOLDER / "technogen-909.sfz").read_text().splitlines()
    return [dict(word.split("=") for word in line.split()[1:]) for line in lines if line.startswith("<region>")]


def test_sfz_regions_cover_each_velocity_and_turn_once():
    assert {int(region["key"]) for region in regions()} == set(DRUM_NAMES)
    for pitch in DRUM_NAMES:
        heard = [r for r in regions() if int(r["key"]) == pitch]
        for velocity in range(1, 128):
            now = [r for r in heard if int(r["lovel"]) <= velocity <= int(r["hivel"])]
            turns = int(now[0].get("seq_length", 1))
            assert sorted(int(r.get("seq_position", 1)) for r in now) == list(range(1, turns + 1))


def test_sfz_hats_choke_each_other_and_nothing_else():
    groups = {int(r["key"]): r["group"] for r in regions()}
    assert groups[42] == groups[46]
    assert len(set(groups.values())) == len(groups) - 1
    assert all(r["group"] == r["off_by"] for r in regions())
    assert "off_mode=fast" in (FOLDER / "technogen-909.sfz").read_text()


def test_sfz_samples_are_the_hits_of_render():
    text = (FOLDER / "technogen-909.sfz").read_text()
    assert "default_path=technogen-909/\n" in text
    assert text.startswith("// TechnoGen 909\n// MIT License")
    own = own_hits("909")
    for region in regions():
        path = FOLDER / "technogen-909" / region["sample"]
        wave, rate = soundfile.read(io.BytesIO(path.read_bytes()))
        info = soundfile.info(path)
        assert (rate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
        assert b"MIT License" in path.read_bytes()[:500]
        if region["hivel"] == "127" and region.get("seq_position", "1") == "1":
            assert distance(own[int(region["key"])], np.pad(wave, (0, 3 * RATE))[: 2 * RATE]) < 4


def test_sfz_curve_is_that_of_render():
    lines = (FOLDER / "technogen-909.sfz").read_text().splitlines()
    points = dict(line.removeprefix("amp_velcurve_").split("=") for line in lines if line.startswith("amp_velcurve_"))
    assert sorted(map(int, points))[-1] == 127
    velocities = np.arange(1, 128)
    drawn = np.interp(velocities, *zip(*sorted((int(v), float(gain)) for v, gain in points.items())))
    wanted = np.array([hit_gain(int(v)) for v in velocities])
    assert np.abs(20 * np.log10(drawn / wanted)).max() < 0.3
