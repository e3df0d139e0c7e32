"""Named and drawn voices: what they are made of, that they sound, and that they differ."""

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from technogen import Note, Score, compose, render
from technogen.errors import RenderError
from technogen.rendering import (
    ACID_RANGES,
    MIX_RANGES,
    PRESETS,
    AcidKnobs,
    Choice,
    Kit,
    Mix,
    Span,
    Voice,
    preset,
    random_voice,
    render_stems,
)

RATE = 22_050
SEEDS = range(300)


@pytest.fixture(scope="module")
def score():
    """A bar with kicks, claps, hats and a line with accents and a slide; no filter curves, so the knobs count."""
    kicks = tuple(Note(480 * k, 60, 36, 120) for k in range(4))
    others = (Note(480, 60, 39, 110), Note(1440, 60, 39, 110), *(Note(240 + 480 * k, 60, 46, 100) for k in range(4)))
    line = (Note(0, 70, 36, 80), Note(240, 120, 48, 127, True), Note(360, 120, 39, 127), Note(840, 70, 36, 127))
    return Score(134, 1, drums=(*kicks, *others), bass=line)


@pytest.fixture(scope="module")
def voices():
    return [random_voice(seed) for seed in SEEDS]


def colour(audio):
    """Level in dB of third-octave-like bands, 40 Hz to 10 kHz, about their mean."""
    power = np.abs(np.fft.rfft(audio.mono())) ** 2
    hertz = np.fft.rfftfreq(len(audio.samples), 1 / audio.sample_rate)
    edges = np.geomspace(40, 10_000, 25)
    levels = [power[(hertz >= a) & (hertz < b)].mean() for a, b in zip(edges, edges[1:])]
    decibels = 10 * np.log10(np.array(levels))
    return decibels - decibels.mean()


# Presets


def test_presets_are_those_that_are_listed():
    assert {"acid", "industrial", "808", "raw"} <= set(PRESETS)
    for name, words in PRESETS.items():
        assert isinstance(preset(name), Voice)
        assert 20 < len(words) < 100


@pytest.mark.parametrize("name", ["", "Acid", "techno", None, 303, ["acid"]])
def test_an_unknown_preset_is_refused_with_the_names_of_those_there_are(name):
    with pytest.raises(RenderError, match="acid, industrial, 808, raw"):
        preset(name)


def test_presets_sound_apart_from_each_other(score):
    colours = {name: colour(render(score, voice=preset(name), loop=True, sample_rate=RATE)) for name in PRESETS}
    for one in PRESETS:
        for other in PRESETS:
            if one < other:
                assert np.abs(colours[one] - colours[other]).mean() > 1.0, (one, other)  # dB


def test_raw_has_no_effects(score):
    stems = render_stems(score, voice=preset("raw"), sample_rate=RATE)
    assert not any(stems[name].samples.any() for name in stems if name not in ("kick", "drums", "bass"))
    assert preset("raw").mix.compression == 1


def test_the_industrial_kick_is_driven_and_rumbles_and_the_808_rings_longer(score):
    kicks = replace(score, drums=(Note(0, 60, 36, 120),), bass=())
    sounds = {}
    for name in PRESETS:
        sounds[name] = sum(s.samples for s in render_stems(kicks, voice=preset(name), sample_rate=RATE).values())
    late = {n: float(np.abs(s[RATE // 2 : RATE]).mean() / np.abs(s).max()) for n, s in sounds.items()}
    assert late["industrial"] > 3 * late["raw"]
    assert late["808"] > 3 * late["raw"]


# Drawn voices


def test_every_field_has_a_range_within_what_it_may_be():
    for owner, ranges in ((AcidKnobs, ACID_RANGES), (Mix, MIX_RANGES)):
        assert list(ranges) == [f.name for f in fields(owner)]
        for name, drawn in ranges.items():
            extremes = drawn.values if isinstance(drawn, Choice) else (drawn.low, drawn.high, drawn.rest)
            for value in extremes:
                if value is not None:
                    owner(**{name: value})


def test_the_same_seed_is_the_same_voice_in_any_process():
    code = "from technogen.rendering import random_voice; print([repr(random_voice(s)) for s in (0, 7, 2**64)])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str([repr(random_voice(s)) for s in (0, 7, 2**64)])
    assert random_voice(7) == random_voice(7)
    assert random_voice(7) != random_voice(8)
    assert random_voice(None) != random_voice(None)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_seeds_are_whole_numbers(seed):
    with pytest.raises(RenderError, match="seed must be a whole number"):
        random_voice(seed)


@pytest.mark.parametrize(("owner", "ranges"), [("acid", ACID_RANGES), ("mix", MIX_RANGES)])
def test_draws_fill_their_ranges(voices, owner, ranges):
    for name, drawn in ranges.items():
        values = [getattr(getattr(voice, owner), name) for voice in voices]
        if isinstance(drawn, Choice):
            for value in drawn.values:
                assert abs(values.count(value) / len(values) - 1 / len(drawn.values)) < 0.09
            continue
        free = np.array([v for v in values if v != drawn.rest])
        assert abs(1 - len(free) / len(values) - (drawn.resting if drawn.rest is not None else 0)) < 0.09
        place = (free - drawn.low) / (drawn.high - drawn.low)
        if drawn.spacing == "log":
            place = np.log(free / drawn.low) / np.log(drawn.high / drawn.low)
        assert 0 <= place.min() < 0.05
        assert 0.95 < place.max() <= 1
        assert abs(place.mean() - 0.5) < 0.06


def test_parameters_are_drawn_apart_from_each_other(voices):
    numbers = [n for n, drawn in ACID_RANGES.items() if isinstance(drawn, Span)]
    table = np.array([[getattr(voice.acid, n) for n in numbers] for voice in voices])
    alike = np.corrcoef(table.T) - np.eye(len(numbers))
    assert np.abs(alike).max() < 0.2


def test_kits_are_built_in_ones_and_drawn_ones(voices):
    assert {voice.kit for voice in voices if isinstance(voice.kit, str)} == {"909", "808", "industrial"}
    drawn = [voice.kit for voice in voices if isinstance(voice.kit, Kit)]
    assert 0.6 < len(drawn) / len(voices) < 0.8
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_drawn_voices_play(score, seed):
    voice = random_voice(seed)
    audio = render(score, voice=voice, sample_rate=RATE)
    assert np.isfinite(audio.samples).all()
    assert 0.01 < np.abs(audio.samples).max() <= 1
    stems = render_stems(score, voice=voice, sample_rate=RATE)
    for part in ("kick", "bass"):
        assert 20 * np.log10(np.abs(stems[part].samples).max()) > -40


def test_rules_by_every_preset_stay_in_range():
    score = compose("industrial", bars=1, seed=5)
    for name in PRESETS:
        audio = render(score, voice=preset(name), sample_rate=RATE)
        assert np.isfinite(audio.samples).all()
        assert 0.1 < np.abs(audio.samples).max() <= 1
