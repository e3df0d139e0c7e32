"""The tokens in the ecosystem of miditok."""

import json

import pytest
import symusic
from score_maker import make_score

from technogen.errors import TokenError
from technogen.score import Note, Score
from technogen.tokens import VOCABULARY, Controls, TechnoTokenizer, encode, token_id

LOOP = Score(
    132.37,
    4,
    drums=tuple(Note(480 * k, 60, 36, 120) for k in range(14)),
    bass=tuple(Note(240 * k, 240 if k % 2 else 70, 36 + 5 * (k % 2), 80, k % 2 == 1) for k in range(28)),
    swing=0.6,
).quantised()


@pytest.fixture(scope="module")
def tokenizer() -> TechnoTokenizer:
    return TechnoTokenizer()


def test_the_ids_are_the_same(tokenizer):
    assert tokenizer.vocab == {word: token for token, word in enumerate(VOCABULARY)}
    assert len(tokenizer) == len(VOCABULARY)
    assert tokenizer["Style_acid"] == token_id("Style_acid")
    assert tokenizer.pad_token_id == 0
    for seed in range(20):
        assert tuple(tokenizer.encode(make_score(seed)).ids) == encode(make_score(seed)).ids


def test_saving_and_loading_gives_the_same_tokenizer(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "tokenizer.json").read_text())["tokenization"] == "TechnoTokenizer"
    for again in (TechnoTokenizer.from_pretrained(tmp_path), TechnoTokenizer(params=tmp_path / "tokenizer.json")):
        assert again == tokenizer
        assert again.vocab == tokenizer.vocab
        assert again.encode(LOOP).ids == tokenizer.encode(LOOP).ids


def test_a_file_of_another_vocabulary_is_refused(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer.json")
    text = (tmp_path / "tokenizer.json").read_text()
    found = json.loads(text)["config"]["additional_params"]["vocabulary"]
    (tmp_path / "tokenizer.json").write_text(text.replace(found, "00000000"))
    with pytest.raises(TokenError, match="its file was written for 00000000"):
        TechnoTokenizer.from_pretrained(tmp_path)


def test_scores_files_and_symusic_scores_are_written_the_same(tokenizer, tmp_path):
    path = tmp_path / "loop.mid"
    LOOP.save(path)
    ids = tokenizer.encode(LOOP).ids
    assert tokenizer.encode(path).ids == tokenizer.encode(str(path)).ids == ids
    assert tokenizer(path).ids == ids
    full = LOOP[:3]  # symusic forgets silent bars at the end
    full.save(path)
    assert tokenizer.encode(symusic.Score(path)).ids == tokenizer.encode(full).ids


def test_tokens_become_a_symusic_score_at_the_exact_tempo(tokenizer):
    score = tokenizer.decode(tokenizer.encode(LOOP))
    assert score.tempos[0].qpm == pytest.approx(132.37, abs=0.005)
    assert sum(len(track.notes) for track in score.tracks) == len(LOOP.drums) + len(LOOP.bass)
    assert tokenizer.decode_score(tokenizer.encode(LOOP)) == LOOP


def test_plain_ids_and_arrays_are_read_too(tokenizer):
    import numpy as np

    ids = tokenizer.encode(LOOP).ids
    straight = Score(140, 4, LOOP.drums, LOOP.bass)
    assert tokenizer.decode_score(ids, tempo=140) == straight
    assert tokenizer.decode_score(ids[1:-1], tempo=140) == straight
    assert len(tokenizer.decode(np.array(ids)).tracks) == 2
    with pytest.raises(TokenError, match="may not come"):
        tokenizer.decode_score(ids[::-1])


def test_controls_are_written(tokenizer):
    ids = tokenizer.encode(LOOP, controls=Controls(style="acid")).ids
    assert ids[1] == token_id("Style_acid")


def test_errors_are_what_the_grammar_refuses(tokenizer):
    sequence = tokenizer.encode(LOOP)
    assert tokenizer.tokens_errors(sequence) == 0
    twice = [*sequence.ids[:40], sequence.ids[39], *sequence.ids[40:]]
    assert tokenizer.tokens_errors(twice) == pytest.approx(1 / len(twice))


def test_a_sequence_is_split_by_bars(tokenizer):
    parts = tokenizer.encode(LOOP).split_per_bars()
    assert len(parts) == 4
    assert [token for part in parts for token in part.ids] == tokenizer.encode(LOOP).ids


def test_merged_tokens_are_learned_saved_and_read(tmp_path):
    tokenizer = TechnoTokenizer()
    path = tmp_path / "loop.mid"
    LOOP.save(path)
    tokenizer.train(vocab_size=len(VOCABULARY) + 20, files_paths=[path])
    merged = tokenizer.encode(LOOP)
    assert len(merged.ids) < len(encode(LOOP).ids)
    tokenizer.save_pretrained(tmp_path)
    again = TechnoTokenizer.from_pretrained(tmp_path)
    assert again == tokenizer
    assert again.decode_score(merged) == LOOP
    assert again.decode_score(list(again.encode(LOOP).ids), tempo=132.37).bass == LOOP.bass
