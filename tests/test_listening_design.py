"""Plans of listening tests: balance, matching, and what cannot be planned."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from technogen.errors import ListeningError, MissingFileError
from technogen.evaluation.listening import DesignOptions, Stimulus, load_design, make_design, save_design


def make_stimuli(count=30, conditions=("human", "model", "rules"), catches=1, seed=1):
    """Excerpts of techno; no name tells the condition."""
    draw = random.Random(seed)
    names = [name for name in conditions for _ in range(count)] + ["catch"] * catches
    return [
        Stimulus(
            f"x{draw.getrandbits(40):010x}", name, draw.uniform(128, 132), draw.uniform(18, 24), draw.randrange(12)
        )
        for name in names
    ]


@pytest.fixture(scope="module", params=["pair", "single"])
def design(request):
    return make_design(make_stimuli(), DesignOptions(question=request.param, pairs=8, listeners=24), seed=3)


def real_trials(plan):
    return [trial for trial in plan.trials if trial.kind == "trial"]


def test_nobody_hears_an_excerpt_twice(design):
    for plan in design.plans:
        heard = [key for trial in plan.trials for key in trial.stimuli]
        assert len(heard) == len(set(heard))


def test_every_listener_hears_every_condition_equally_often(design):
    for plan in design.plans:
        assert Counter(trial.condition for trial in real_trials(plan)) == {"model": 8, "rules": 8}


def test_pairs_and_sides_are_balanced_over_the_listeners(design):
    uses = Counter()
    sides = Counter()
    partner = _partners(design)
    for plan in design.plans:
        for trial in real_trials(plan):
            pair = trial.condition, frozenset(partner[trial.condition][key] for key in trial.stimuli)
            uses[pair] += 1
            sides[pair] += trial.truth in ("first", "person")
    for condition in ("model", "rules"):
        counts = [n for (name, _), n in uses.items() if name == condition]
        assert max(counts) - min(counts) <= 2
    assert all(abs(2 * sides[pair] - n) <= 1 for pair, n in uses.items())


def _partners(design):
    """The machine's excerpt of each excerpt's pair; a test of single ones does not show its pairs."""
    if design.options.question == "pair":
        return {
            name: {
                key: next(k for k in trial.stimuli if design.stimulus(k).condition == name)
                for plan in design.plans
                for trial in real_trials(plan)
                if trial.condition == name
                for key in trial.stimuli
            }
            for name in ("model", "rules")
        }
    import numpy as np

    from technogen.evaluation.listening.planning import _share_out, _shuffled

    found = _share_out(_shuffled(make_stimuli(), np.random.default_rng(design.seed)), design.options)
    return {
        name: {key: pair.machine.key for pair in pairs for key in (pair.human.key, pair.machine.key)}
        for name, pairs in found.pairs.items()
    }


def test_the_place_of_a_condition_moves_on_from_listener_to_listener(design):
    for block in range(8):
        first = Counter(real_trials(plan)[2 * block].condition for plan in design.plans)
        assert first == {"model": 12, "rules": 12}


def test_training_comes_first_and_the_catch_lies_in_the_middle(design):
    places = set()
    for plan in design.plans:
        kinds = [trial.kind for trial in plan.trials]
        assert kinds[:3] == ["training"] * 3
        assert kinds.count("catch") == 1
        places.add(kinds.index("catch"))
        assert 3 + 4 <= kinds.index("catch") <= 3 + 12
    assert len(places) > 3


def test_the_right_answer_is_what_the_stimuli_say(design):
    for trial in (trial for plan in design.plans for trial in plan.trials):
        human = [design.stimulus(key).condition == "human" for key in trial.stimuli]
        if design.options.question == "pair":
            assert sum(human) == 1
            assert trial.truth == ("first" if human[0] else "second")
        else:
            assert trial.truth == ("person" if human[0] else "machine")


def test_sides_of_one_listener_are_coin_tosses():
    design = make_design(make_stimuli(60, ("human", "model")), DesignOptions(pairs=12, listeners=400), seed=5)
    firsts = [sum(trial.truth == "first" for trial in real_trials(plan)) for plan in design.plans]
    mean = sum(firsts) / 400
    variance = sum((n - mean) ** 2 for n in firsts) / 399
    assert mean == pytest.approx(6, abs=0.2)
    assert variance == pytest.approx(3, rel=0.3)  # binomial; 0 if each listener had six of each


def test_the_same_seed_makes_the_same_design_whatever_the_order_of_stimuli():
    stimuli = make_stimuli()
    one = make_design(stimuli, seed=3)
    assert make_design(stimuli[::-1], seed=3) == one
    assert make_design(stimuli, seed=4) != one
    assert one.fingerprint == make_design(stimuli, seed=3).fingerprint
    assert make_design(stimuli, DesignOptions(density_within=2), seed=3).fingerprint == one.fingerprint
    assert replace(one, options=replace(one.options, margin=0.15)).fingerprint != one.fingerprint


def test_pairs_are_as_much_alike_as_they_can_be():
    tempos = [126.0, 128.0, 130.0, 132.0]
    stimuli = [Stimulus(f"h{i}", "human", tempo, 20, 9) for i, tempo in enumerate(tempos)]
    stimuli += [Stimulus(f"m{i}", "model", tempo + 0.5, 20, 9) for i, tempo in enumerate(reversed(tempos))]
    design = make_design(stimuli, DesignOptions(training=0, catches=0, listeners=2), seed=1)
    for trial in (trial for plan in design.plans for trial in plan.trials):
        one, other = (design.stimulus(key).tempo for key in trial.stimuli)
        assert abs(one - other) == 0.5
    assert design.options.pairs == 4


def test_pairs_too_unlike_are_left_out():
    stimuli = [Stimulus("a", "human", 130, 20), Stimulus("b", "model", 150, 20)]
    options = DesignOptions(training=0, catches=0, pairs=1)
    with pytest.raises(ListeningError, match="0 of model"):
        make_design(stimuli, options, seed=1)
    assert make_design(stimuli, replace(options, tempo_within=0.2), seed=1).options.pairs == 1


def test_human_excerpts_are_shared_out_where_they_are_just_enough():
    stimuli = make_stimuli(12, catches=0)
    design = make_design(stimuli, DesignOptions(pairs=6, training=0, catches=0, density_within=10), seed=1)
    assert len(real_trials(design.plans[0])) == 12


@pytest.mark.parametrize(
    ("stimuli", "options", "message"),
    [
        ([], {}, "nothing"),
        (make_stimuli(3, ("human",)), {}, "any other"),
        (make_stimuli(3, ("model",)), {}, "'human'"),
        (make_stimuli(3), {}, "too few"),
        (make_stimuli(30, catches=0), {}, "catch trials need"),
        (make_stimuli(30), {"pairs": 20}, "asked 20"),
        (make_stimuli(30), {"conditions": ("lstm",)}, "none of lstm"),
        (make_stimuli(30), {"conditions": ("human",)}, "must differ"),
        ([*make_stimuli(30), make_stimuli(30)[0]], {}, "keys of stimuli"),
    ],
)
def test_what_cannot_be_planned_is_said(stimuli, options, message):
    with pytest.raises(ListeningError, match=message):
        make_design(stimuli, DesignOptions(**options), seed=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("margin", 0), ("margin", 0.5), ("alpha", 0.5), ("pairs", 0), ("training", -1), ("key_within", 7)],
)
def test_options_have_limits(field, value):
    with pytest.raises(ListeningError, match=field):
        DesignOptions(**{field: value})


@pytest.mark.parametrize(
    "change", [{"key": "../x"}, {"key": ""}, {"tempo": 0.0}, {"file": "../../x.wav"}, {"tonic": 12}, {"density": -1.0}]
)
def test_stimuli_have_limits(change):
    with pytest.raises(ListeningError):
        replace(Stimulus("a", "human", 130, 20, 3), **change)


def test_a_design_survives_its_file(design, tmp_path):
    save_design(tmp_path / "design.json", design)
    assert load_design(tmp_path / "design.json") == design


def test_a_design_whose_truth_was_changed_is_refused(design, tmp_path):
    path = tmp_path / "design.json"
    save_design(path, design)
    one, other = ("first", "second") if design.options.question == "pair" else ("person", "machine")
    path.write_text(path.read_text().replace(f'"truth":"{one}"', f'"truth":"{other}"'))
    with pytest.raises(ListeningError, match="say otherwise"):
        load_design(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 9999, '{"seed":1}', '{"seed":NaN}', "\ud800"])
def test_a_file_that_is_no_design_is_refused(text, tmp_path):
    (tmp_path / "x.json").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ListeningError):
        load_design(tmp_path / "x.json")
    with pytest.raises(MissingFileError):
        load_design(tmp_path / "y.json")
