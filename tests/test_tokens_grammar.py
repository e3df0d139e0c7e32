"""Laws of the grammar: whatever is sampled under its masks is a score."""

import random
import time

import numpy as np
import pytest
from score_maker import make_score

from technogen.errors import TokenError
from technogen.tokens import VOCABULARY, Encoded, Grammar, Stage, State, decode, encode, ids_of, token_id
from technogen.tokens.vocabulary import BOS, EOS, KINDS, PAD


def sample(grammar: Grammar, bars: int, seed: int) -> tuple[int, ...]:
    """A sequence drawn under the masks; kinds first, so that rare kinds are as likely as common ones."""
    dice = random.Random(seed)
    favourite = dice.choice([None, "Position", "Bass", "Bar", "Drum", "Filter"])
    state, ids = grammar.start(bars), []
    while not state.done:
        allowed = np.flatnonzero(grammar.allowed(state)).tolist()
        assert allowed, state
        kinds = sorted({KINDS[token] for token in allowed})
        kind = favourite if favourite in kinds and dice.random() < 0.6 else dice.choice(kinds)
        near = [token for token in allowed if KINDS[token] == kind]
        ids.append(dice.choice(near[: dice.choice([2, 20, 500])]))
        state = grammar.advance(state, ids[-1])
    return tuple(ids)


GRAMMARS = {
    "all": Grammar(),
    "drums": Grammar(parts=("drums",)),
    "bass": Grammar(parts=("bass",)),
    "one pitch class": Grammar(scale={0}),
    "bass in minor": Grammar(parts=("bass",), scale=(0, 2, 3, 5, 7, 8, 10)),
}


@pytest.mark.parametrize("name", GRAMMARS)
@pytest.mark.parametrize("seed", range(60))
def test_what_is_sampled_under_the_mask_is_a_score(name, seed):
    grammar, bars = GRAMMARS[name], seed % 4 + 1
    ids = sample(grammar, bars, seed)
    score = decode(Encoded(ids, 130, 0.5, bars))
    assert score.bars == bars
    assert score.quantised() == score
    assert decode(encode(score)) == score
    assert "drums" in grammar.parts or not score.drums
    assert "bass" in grammar.parts or not (score.bass or score.controls)
    assert all(note.pitch % 12 in (grammar.scale or range(12)) for note in score.bass)


@pytest.mark.parametrize("seed", range(120))
def test_every_score_is_allowed(seed):
    score = make_score(seed).quantised()
    for part, muted in (("drums", score.muted("bass")), ("bass", score.muted("drums")), ("all", score)):
        encoded, grammar = encode(muted), GRAMMARS[part]
        state = grammar.start(encoded.bars)
        for token in encoded.ids:
            assert grammar.allowed(state)[token], (part, VOCABULARY[token], state)
            state = grammar.advance(state, token)
        assert state.done


@pytest.mark.parametrize("name", GRAMMARS)
def test_advancing_refuses_what_the_mask_forbids(name):
    grammar = GRAMMARS[name]
    state = grammar.start(2)
    for token in sample(grammar, 2, 11):
        mask = grammar.allowed(state)
        assert mask.dtype == np.bool_
        assert mask.shape == (len(VOCABULARY),)
        for other in range(len(VOCABULARY)):
            if mask[other]:
                assert isinstance(grammar.advance(state, other), State)
            else:
                with pytest.raises(TokenError, match="may not come"):
                    grammar.advance(state, other)
        state = grammar.advance(state, token)


def test_a_mask_may_be_changed_without_harm():
    grammar = Grammar()
    state = grammar.advance(grammar.start(1), BOS)
    before = grammar.allowed(state).copy()
    grammar.allowed(state)[:] = False
    assert (grammar.allowed(state) == before).all()


def test_the_bars_asked_for_are_written_and_then_the_end():
    grammar = Grammar()
    state = grammar.advance(grammar.start(np.int64(2)), BOS)
    bar = token_id("Bar_None")
    state = grammar.advance(grammar.advance(state, bar), bar)
    assert not grammar.allowed(state)[bar]
    assert grammar.allowed(state)[EOS]
    state = grammar.advance(state, EOS)
    assert state.done
    assert state.stage is Stage.END
    assert np.flatnonzero(grammar.allowed(state)).tolist() == [PAD]
    assert grammar.advance(state, PAD).done


def test_a_bass_note_may_not_be_cut_by_the_next():
    grammar = Grammar(parts=("bass",))
    state = grammar.start(2)
    for word in ("BOS_None", "Bar_None", "Position_40", "Bass_36.plain", "Duration_1200"):
        state = grammar.advance(state, token_id(word))
    positions = [token - ids_of("Position")[0] for token in np.flatnonzero(grammar.allowed(state)) if token < 102]
    assert [p for p in positions if p >= 0] == [48]  # where the filter may move; the note ends after this bar
    state = grammar.advance(state, token_id("Bar_None"))
    state = grammar.advance(state, token_id("Position_4"))
    assert grammar.allowed(state)[token_id("Bass_36.plain")]


def test_parts_bind_the_controls_too():
    grammar = Grammar(parts=("drums",))
    state = grammar.advance(grammar.start(1), BOS)
    assert grammar.allowed(state)[token_id("Parts_drums")]
    assert not grammar.allowed(state)[token_id("Parts_drums.bass")]
    state = grammar.advance(state, token_id("Bar_None"))
    assert grammar.allowed(state)[token_id("Density_3.0")]
    assert not grammar.allowed(state)[token_id("Density_0.1")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": ()}, "parts are one or both"),
        ({"parts": ("lead",)}, "got .'lead'"),
        ({"scale": ()}, "a scale is a set of pitch classes 0..11"),
        ({"scale": (12,)}, "got .12"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(TokenError, match=message):
        Grammar(**options)


@pytest.mark.parametrize("bars", [0, -1, 20_001])
def test_an_impossible_length_is_refused(bars):
    with pytest.raises(TokenError, match=r"bars must be in 1..20000"):
        Grammar().start(bars)


def test_a_step_takes_microseconds():
    grammar = Grammar()
    encoded = encode(make_score(4).repeated(8))
    times = []
    for _ in range(5):
        state, start = grammar.start(encoded.bars), time.process_time()
        for token in encoded.ids:
            grammar.allowed(state)
            state = grammar.advance(state, token)
        times.append((time.process_time() - start) / len(encoded.ids))
    assert min(times) < 40e-6  # 5 microseconds on an idle core
