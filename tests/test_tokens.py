"""Laws of the vocabulary, of writing scores as tokens and of reading them back."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from score_maker import make_score

from technogen.errors import TokenError
from technogen.score import TICKS_PER_BAR, Control, Note, Score, Section
from technogen.tokens import (
    VOCABULARY,
    Controls,
    Density,
    Encoded,
    decode,
    density_token,
    encode,
    encode_head,
    find_densities,
    find_parts,
    fingerprint,
    ids_of,
    token_id,
)
from technogen.tokens.vocabulary import BAR, BOS, EOS, KINDS, PAD

SHARED = Path(__file__).parents[2] / "shared"


def words(score: Score, **controls: object) -> str:
    """The tokens of a score without BOS, EOS and the values "None"."""
    ids = encode(score, controls=Controls(**{"parts": (), "densities": (), **controls})).ids[1:-1]
    return " ".join(VOCABULARY[token].removesuffix("_None") for token in ids)


def tokens(text: str, bars: int = 1) -> Encoded:
    """The score of words as `words` writes them."""
    names = [name if "_" in name else f"{name}_None" for name in text.split()]
    return Encoded((BOS, *(token_id(name) for name in names), EOS), 130, 0.5, bars)


def test_the_vocabulary_is_small_and_has_no_word_twice():
    assert len(VOCABULARY) == len(set(VOCABULARY)) < 500
    assert [token_id(word) for word in VOCABULARY] == list(range(len(VOCABULARY)))
    assert all(word.count("_") == 1 for word in VOCABULARY)
    assert (PAD, BOS, EOS) == (0, 1, 2)


def test_the_ids_of_a_kind_follow_each_other():
    assert [token for kind in dict.fromkeys(KINDS) for token in ids_of(kind)] == list(range(len(VOCABULARY)))
    assert len(ids_of("Position")) == 96
    assert len(ids_of("Bass")) == 49 * 2 * 2
    with pytest.raises(TokenError, match="got 'Chord'"):
        ids_of("Chord")
    with pytest.raises(TokenError, match="no token 'Style_polka'"):
        token_id("Style_polka")


def test_the_ids_stay_as_they_are_or_checkpoints_break():
    assert fingerprint() == "a9ae78b3"


@pytest.mark.parametrize("seed", range(300))
def test_a_score_comes_back_as_it_was_quantised(seed):
    score = make_score(seed)
    assert decode(encode(score)) == score.quantised()


@pytest.mark.parametrize("seed", range(0, 300, 7))
def test_what_was_read_is_written_the_same_again(seed):
    encoded = encode(make_score(seed))
    assert encode(decode(encoded)) == encoded


@pytest.mark.parametrize("seed", range(0, 300, 7))
def test_control_tokens_change_nothing(seed):
    score = make_score(seed)
    densities = tuple(Density(k % 4, k // 4 % 4) if k % 3 else None for k in range(score.bars))
    said = Controls(style="dub", source="user", task="vary", parts=("bass",), densities=densities)
    silent = Controls(parts=(), densities=())
    assert decode(encode(score, controls=said)) == decode(encode(score, controls=silent)) == score.quantised()


def test_tempo_swing_and_length_travel_beside():
    encoded = encode(Score(132.07, 3, swing=0.61))
    assert (encoded.tempo, encoded.swing, encoded.bars) == (132.07, 0.61, 3)
    assert encoded.ids.count(BAR) == 3
    assert decode(encoded) == Score(132.07, 3, swing=0.61)


def test_what_a_bar_reads_like():
    score = Score(
        130,
        2,
        drums=(Note(0, 60, 36, 120), Note(0, 60, 42, 50), Note(480, 60, 39, 85)),
        bass=(Note(0, 120, 36, 127, True), Note(120, 70, 48, 80), Note(1860, 240, 36, 80)),
        controls=(Control(0, "cutoff", 59), Control(960, "resonance", 80)),
        sections=(Section(1, "drop"),),
    )
    assert words(score) == (
        "Bar Position_0 Filter_c59rx Drum_kick.accent Drum_closed-hat.soft Bass_36.accent.slide Position_6 "
        "Bass_48.plain Position_24 Drum_clap.plain Position_48 Filter_c59r80 Position_93 Bass_36.plain Duration_240 "
        "Bar Section_drop"
    )


def test_the_usual_gate_and_slides_need_no_duration():
    acid = tuple(Note(120 * k, 120 if k % 4 == 0 else 70, 36 + k % 2, 80, k % 4 == 0) for k in range(16))
    assert "Duration" not in words(Score(130, 1, bass=acid))


def test_control_tokens_stand_at_the_head_and_at_each_bar():
    score = Score(130, 2, drums=tuple(Note(120 * k, 60, 42, 85) for k in range(16)), bass=(Note(0, 70, 36, 80),))
    said = Controls(style="acid", source="rules", task="continue")
    ids = encode(score, controls=said).ids
    head = ("BOS_None", "Task_continue", "Style_acid", "Source_rules", "Parts_drums.bass", "Bar_None", "Density_3.1")
    assert tuple(VOCABULARY[token] for token in ids[:7]) == head
    assert VOCABULARY[ids[-2]] == "Density_0.0"
    assert encode_head(replace(said, parts=("bass", "drums"))) == ids[:5]
    assert encode_head(Controls()) == (BOS,)


def test_density_counts_the_hits_and_notes_that_start_in_a_bar():
    def score(hits: int, notes: int) -> Score:
        drums = tuple(Note(20 * k, 60, 42, 85) for k in range(hits))
        return Score(130, 2, drums=drums, bass=tuple(Note(20 * k, 20, 36, 85) for k in range(notes)))

    expected = {(0, 0): (0, 0), (1, 1): (1, 1), (7, 4): (1, 1), (8, 5): (2, 2), (14, 9): (2, 2), (15, 10): (3, 3)}
    assert {counts: tuple(find_densities(score(*counts))[0]) for counts in expected} == expected
    assert find_densities(score(3, 3))[1] == Density(0, 0)
    assert find_parts(score(1, 0)) == ("drums",)
    assert find_parts(score(0, 0)) == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"style": "polka"}, "style must be one of acid, industrial, .* got 'polka'"),
        ({"source": "nobody"}, "source must be one of human, rules, user, got 'nobody'"),
        ({"task": "sing"}, "task must be one of continue"),
        ({"parts": ("lead",)}, "parts are 'drums' and 'bass'"),
        ({"densities": (Density(4, 0),)}, "a density is two classes of 0..3"),
    ],
)
def test_impossible_controls_are_refused(values, message):
    with pytest.raises(TokenError, match=message):
        Controls(**values)


def test_densities_must_be_one_a_bar():
    with pytest.raises(TokenError, match="1 densities for a score of 2 bars"):
        encode(Score(130, 2), controls=Controls(densities=(Density(0, 0),)))
    assert VOCABULARY[density_token(Density(2, 3))] == "Density_2.3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Position_0", "index 1: token .* .Position_0. may not come in the head"),
        ("Bar Bar", "index 2: .* .Bar_None. may not come at the start of a bar, with 0 bars to come"),
        ("Bar Position_5 Bar", "index 3: .*right after position 5"),
        ("Bar Position_5 Drum_kick.soft Position_5", "index 4: .*Position_5"),
        ("Bar Position_5 Drum_clap.soft Drum_kick.soft", "index 4: .*Drum_kick.soft"),
        ("Bar Position_5 Drum_kick.soft Drum_kick.plain", "index 4: .*Drum_kick.plain"),
        ("Bar Position_5 Bass_36.plain Drum_kick.soft", "index 4: .*after the bass note at position 5"),
        ("Bar Position_5 Bass_36.plain Bass_38.plain", "index 4: .*Bass_38.plain"),
        ("Bar Position_5 Bass_36.plain Position_8 Bass_38.plain", "index 5: .*right after position 8"),
        ("Bar Position_5 Bass_36.plain.slide Position_8 Bass_36.plain", "index 5: .*Bass_36.plain"),
        ("Bar Position_5 Bass_36.plain.slide Duration_120", "index 4: .*Duration_120"),
        ("Bar Position_93 Bass_36.plain", "index 4: .*EOS_None"),
        ("Bar Position_93 Bass_36.plain Duration_100", "index 4: .*Duration_100"),
        ("Bar Position_24 Filter_c0r16", "index 3: .*Filter_c0r16"),
        ("Bar Position_0 Filter_c0r16 Position_48 Filter_c0rx", "index 5: .*Filter_c0rx"),
        ("Bar Position_0 Filter_c0r16 Position_48 Filter_c0r16", "index 5: .*Filter_c0r16"),
        ("Bar Density_0.0 Section_drop", "index 3: .*Section_drop"),
        ("Style_acid Task_vary Bar", "index 2: .*Task_vary"),
        ("Bar MASK", "index 2: .*MASK"),
        ("Bar PAD", "index 2: .*PAD"),
    ],
)
def test_tokens_that_break_the_grammar_are_refused_with_their_place(text, message):
    with pytest.raises(TokenError, match=message):
        decode(tokens(text))


def test_tokens_that_stop_early_or_do_not_exist_are_refused():
    whole = encode(make_score(1))
    with pytest.raises(TokenError, match="stop at index 2 before EOS"):
        decode(Encoded((BOS, BAR), 130, 0.5, 1))
    with pytest.raises(TokenError, match="stop at index 0"):
        decode(replace(whole, ids=()))
    with pytest.raises(TokenError, match=r"a token is in 0..498, got 499"):
        decode(Encoded((BOS, BAR, 499), 130, 0.5, 1))
    with pytest.raises(TokenError, match=r"a token is in 0..498, got -1"):
        decode(Encoded((BOS, BAR, -1), 130, 0.5, 1))
    with pytest.raises(TokenError, match=r"bars must be in 1..20000"):
        decode(replace(whole, bars=0))
    with pytest.raises(TokenError, match="may not come"):
        decode(replace(whole, bars=whole.bars + 1))
    with pytest.raises(TokenError, match=r"tempo must be in 20..400"):
        decode(replace(whole, tempo=0))


def test_padding_after_the_end_is_skipped():
    encoded = encode(make_score(5))
    assert decode(replace(encoded, ids=(*encoded.ids, PAD, PAD))) == decode(encoded)


@pytest.mark.parametrize(
    ("text", "bass"),
    [
        ("Bar Position_6 Bass_36.plain.slide", (Note(120, 70, 36, 80),)),
        ("Bar Position_95 Bass_36.plain.slide", (Note(1900, 20, 36, 80),)),
        ("Bar Position_0 Bass_36.plain.slide", (Note(0, 70, 36, 80),)),
        (
            "Bar Position_0 Bass_36.plain Position_90 Bass_48.plain.slide",
            (Note(0, 70, 36, 80), Note(1800, 120, 48, 80, True)),
        ),
        ("Bar Position_0 Bass_36.plain Position_90 Bass_36.plain.slide", (Note(0, 70, 36, 80), Note(1800, 70, 36, 80))),
        (
            "Bar Position_6 Bass_36.plain Position_90 Bass_48.plain.slide",
            (Note(120, 70, 36, 80), Note(1800, 70, 48, 80)),
        ),
    ],
)
def test_a_slide_that_leads_nowhere_is_dropped(text, bass):
    score = decode(tokens(text))
    assert score.bass == bass
    assert decode(encode(score)) == score


def test_a_slide_holds_over_the_bar_line():
    score = decode(tokens("Bar Position_90 Bass_36.plain.slide Bar Bar Position_12 Bass_48.accent", 3))
    assert score.bass == (Note(1800, 2 * TICKS_PER_BAR + 240 - 1800, 36, 80, True), Note(4080, 70, 48, 127))


def test_a_long_loop_is_written_and_read_in_milliseconds():
    pattern = Score(
        130,
        1,
        drums=tuple(Note(120 * k, 60, p, 85) for k in range(16) for p in (36, 42) if p == 42 or k % 4 == 0),
        bass=tuple(Note(120 * k, 120 if k % 3 == 0 else 70, 36 + k % 4, 80, k % 3 == 0) for k in range(12)),
    ).repeated(16)
    times = []
    for _ in range(7):
        start = time.process_time()
        decode(encode(pattern))
        times.append(time.process_time() - start)
    assert min(times) < 0.015  # 4 ms on an idle core


def test_importing_the_room_loads_neither_miditok_nor_torch():
    program = "import sys, technogen.tokens; print([m for m in ('miditok', 'torch', 'symusic') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_human_dance_music_takes_few_tokens_a_bar():
    split = SHARED / "symbolic_split.json"
    if not split.exists():
        pytest.skip("the human MIDI files of ../shared are not here")
    names = json.loads(split.read_text())["permissive_dance"]
    encoded = [encode(Score.load(SHARED / "symbolic" / name)) for name in names]
    by_file = [len(e.ids) / e.bars for e in encoded]
    assert sum(len(e.ids) for e in encoded) / sum(e.bars for e in encoded) <= 50
    assert sum(by_file) / len(by_file) <= 50
