"""A recipe narrows what a style draws: each of its parameters is heard, and what it leaves open stays the style's."""

from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technogen.errors import GenerationError
from technogen.patterns import SCALES, STYLES, Recipe, compose
from technogen.patterns.recipe import apply_recipe
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Score, drums

SHARES = st.floats(0, 1)
BYTES = st.integers(0, 127)
PAIRS = st.tuples(BYTES, BYTES).map(lambda pair: tuple(sorted(pair)))
RECIPES = st.builds(
    Recipe,
    swing=st.none() | st.sampled_from((0.5, 0.58, 0.75)),
    scale=st.none() | st.sampled_from(sorted(SCALES)),
    density=st.none() | st.floats(0.02, 1),
    on_kick=st.none() | st.floats(0, 2),
    pitches=st.none() | st.integers(1, 7),
    cycle=st.none() | st.integers(3, 16),
    motif=st.none() | st.sampled_from((1, 2, 4, 8)),
    cutoff=st.none() | PAIRS,
    resonance=st.none() | PAIRS,
    arc=st.none() | st.sampled_from(("still", "rise", "fall", "arch", "wave", "steps")),
    **{
        name: st.none() | SHARES
        for name in ("ties", "accents", "slides", "octaves", "rolling", "answer", "walk", "contrast", "variation")
    },
    percussion=st.none() | SHARES,
    fills=st.none() | SHARES,
    mutes=st.none() | SHARES,
)


def compose_many(style: str = "acid", number: int = 40, bars: int = 8, **wishes) -> list[Score]:
    return [compose(style, bars=bars, seed=seed, recipe=Recipe(**wishes)) for seed in range(number)]


def rate(scores: list[Score], what) -> float:
    notes = [n for score in scores for n in score.bass]
    return sum(map(what, notes)) / len(notes)


def density(scores: list[Score]) -> float:
    return sum(len(s.bass) for s in scores) / sum(16 * s.bars for s in scores)


def bars_of(score: Score) -> list[tuple]:
    return [
        tuple((n.start, n.duration, n.pitch, n.velocity) for n in (*part.drums, *part.bass))
        for part in (score[bar : bar + 1] for bar in range(score.bars))
    ]


@settings(max_examples=80, deadline=None)
@given(recipe=RECIPES, style=st.sampled_from(sorted(STYLES)), bars=st.integers(1, 40), seed=st.integers(0, 999))
def test_whatever_is_wished_for_is_a_score_that_tokens_can_say(recipe, style, bars, seed):
    score = compose(style, bars=bars, seed=seed, recipe=recipe)
    assert score.quantised() == score
    assert score == compose(style, bars=bars, seed=seed, recipe=recipe)


def test_an_empty_recipe_changes_nothing():
    for style in STYLES:
        assert apply_recipe(STYLES[style], Recipe()) == STYLES[style]
        assert compose(style, seed=7, recipe=Recipe()) == compose(style, seed=7)


def test_every_parameter_has_an_effect():
    wishes = {
        **dict.fromkeys(("density", "ties", "accents", "slides", "octaves", "rolling", "walk", "contrast"), 1.0),
        **dict.fromkeys(("fills", "mutes", "percussion"), 1.0),
        **{"swing": 0.6, "scale": "phrygian", "pitches": 2, "on_kick": 0.0, "answer": 1.0, "cycle": 6, "motif": 4},
        **{"variation": 0.0, "cutoff": (0, 20), "resonance": (0, 10), "arc": "steps"},
    }
    assert set(wishes) == {field.name for field in fields(Recipe)}
    plain = [compose("acid", bars=12, seed=seed) for seed in range(8)]
    for name, value in wishes.items():
        assert compose_many(number=8, bars=12, **{name: value}) != plain, name


def test_shares_are_kept():
    assert density(compose_many(density=0.9)) > 0.8
    assert density(compose_many(density=0.2)) < 0.35
    assert rate(compose_many(accents=1.0), lambda n: n.accent) > 0.95
    assert rate(compose_many(accents=0.0), lambda n: n.accent) < 0.05
    assert rate(compose_many(slides=0.0, variation=0.0), lambda n: n.slide) == 0
    assert rate(compose_many(slides=1.0), lambda n: n.slide) > 0.25


def test_a_line_can_keep_off_the_kick_or_double_it():
    on_beat = lambda n: n.start % 480 == 0  # noqa: E731
    assert rate(compose_many("hypnotic", on_kick=0.0, variation=0.0, cycle=16, rolling=0.0), on_beat) < 0.08
    assert rate(compose_many("hypnotic", on_kick=2.0), on_beat) > 0.28


def test_a_cycle_runs_across_the_bar_lines():
    score = compose("hypnotic", bars=2, seed=3, recipe=Recipe(cycle=6, variation=0, walk=0, rolling=0, contrast=0))
    starts = {n.start // TICKS_PER_STEP for n in score.bass}
    assert {start % 6 for start in starts if start < 6} == starts & set(range(6))
    assert {start + 6 for start in starts if start < 26} <= starts


def test_without_variation_fills_and_mutes_a_loop_repeats_exactly():
    wishes = {"variation": 0.0, "fills": 0.0, "mutes": 0.0, "contrast": 0.0, "walk": 0.0, "motif": 1}
    for score in compose_many("acid", 20, bars=8, **wishes):
        bars = bars_of(score)
        assert bars[5:7] == bars[6:8]
    for style in STYLES:
        for score in compose_many(style, 10, bars=8, **wishes):
            bars = bars_of(score.muted("drums"))
            assert bars[5:7] == bars[6:8]


def test_percussion_goes_from_none_to_all():
    none = compose_many(percussion=0.0, fills=0.0)
    assert all(n.pitch in (drums.KICK, drums.CRASH) for score in none for n in score.drums)
    voices = [len({n.pitch for n in score.drums}) for score in compose_many(percussion=1.0)]
    assert sum(voices) > sum(len({n.pitch for n in score.drums}) for score in compose_many())


def test_mutes_are_heard_in_long_loops_only():
    def silent_kick(score: Score) -> bool:
        bars = {n.start // TICKS_PER_BAR for n in score.drums if n.pitch == drums.KICK}
        return len(bars) < score.bars

    assert not any(silent_kick(score) for score in compose_many(number=30, bars=8, mutes=1.0, fills=0.0))
    assert any(silent_kick(score) for score in compose_many(number=30, bars=16, mutes=1.0, fills=0.0))
    assert not any(silent_kick(score) for score in compose_many(number=30, bars=16, mutes=0.0, fills=0.0))


def test_the_scale_of_the_key_goes_before_that_of_the_recipe():
    score = compose("acid", bars=16, seed=1, key="A phrygian", recipe=Recipe(scale="major"))
    assert {(n.pitch - 9) % 12 for n in score.bass} <= set(SCALES["phrygian"])


def test_a_named_scale_is_heard():
    scores = [compose("acid", bars=8, seed=seed, key="A phrygian") for seed in range(40)]
    assert any((n.pitch - 9) % 12 == 1 for score in scores for n in score.bass)


def test_the_filter_stays_where_it_is_asked_to():
    values = [c.value for score in compose_many(cutoff=(40, 50)) for c in score.controls if c.name == "cutoff"]
    assert min(values) >= 25
    assert max(values) <= 70


def test_lines_stay_monophonic_whatever_is_asked():
    for score in compose_many(density=1.0, slides=1.0, octaves=1.0, pitches=7, walk=1.0):
        assert all(a.end <= b.start for a, b in pairwise(score.bass))


@pytest.mark.parametrize(("wish", "message"), [
    ({"density": 0.0}, "density must be a number in 0.02..1, got 0.0"),
    ({"accents": 1.1}, "accents must be a number in 0..1, got 1.1"),
    ({"accents": True}, "accents must be a number"),
    ({"slides": float("nan")}, "slides must be a number"),
    ({"swing": 0.4}, "swing must be a number in 0.5..0.75, got 0.4"),
    ({"scale": "blues"}, "scale must be one of minor, .* got 'blues'"),
    ({"arc": "zigzag"}, "arc must be one of still, .* got 'zigzag'"),
    ({"pitches": 8}, "pitches must be one of 1, 2, .* got 8"),
    ({"motif": 3}, "motif must be one of 1, 2, 4, 8, got 3"),
    ({"cycle": 2.0}, "cycle must be one of 3, .* got 2.0"),
    ({"cutoff": (90, 10)}, r"cutoff must be a pair of numbers, the lower first, got \(90, 10\)"),
    ({"cutoff": 90}, "cutoff must be a pair of numbers in 0..127"),
    ({"resonance": (0, 200)}, "resonance must be a pair of numbers in 0..127"),
])  # fmt: skip
def test_bad_wishes_are_refused(wish, message):
    with pytest.raises(GenerationError, match=message):
        Recipe(**wish)


def test_a_recipe_must_be_one():
    with pytest.raises(GenerationError, match="recipe must be a Recipe or None"):
        compose("acid", recipe={"density": 0.5})
