"""The generator keeps to what was asked, whatever its model holds likely: these models are small and know nothing."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from technogen.errors import GenerationError, MissingFileError, WeightsError
from technogen.generation import Generator, Sampling
from technogen.generation.composer import load_composer, save_composer
from technogen.generation.decoding import Guide, Take, write_takes
from technogen.generation.keys import ANY, draw_key, hear_key, read_key
from technogen.generation.music_transformer import ModelConfig, MusicTransformer
from technogen.patterns import compose
from technogen.score import Note, Score
from technogen.tokens import VOCABULARY, Encoded, decode, encode
from technogen.weights import load_checkpoint, save_checkpoint

BASS = tuple(Note(k * 240, 70, pitch, 80) for k, pitch in enumerate((33, 33, 45, 36, 33, 40, 43, 34)))
DRUMS = tuple(Note(k * 480, 60, 36, 120) for k in range(4))
PROMPT = Score(tempo=131.37, bars=1, drums=DRUMS, bass=BASS, swing=0.56)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    model = MusicTransformer(ModelConfig(len(VOCABULARY), 16, 2, 2, 32, window=200, distances=150))
    for parameter in model.parameters():
        parameter.data.mul_(6)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_composer(path, model, about={})
    return path


@pytest.fixture(scope="module")
def tiny(checkpoint: Path) -> Generator:
    return Generator(checkpoint=checkpoint)


def _classes(score: Score) -> set[int]:
    return {n.pitch % 12 for n in score.bass}


@pytest.mark.parametrize("bars", [1, 3, 9])
@pytest.mark.parametrize("prompt", [None, PROMPT, PROMPT.repeated(12)])
def test_what_is_asked_is_written(tiny: Generator, prompt: Score | None, bars: int) -> None:
    score = tiny.generate(prompt, bars=bars, seed=bars)
    assert score.bars == bars
    assert score == score.quantised()
    if prompt:
        assert (score.tempo, score.swing) == (131.37, 0.56)
    assert tiny.generate(prompt, bars=bars, seed=bars, tempo=99.5).tempo == 99.5


def test_same_seed_same_score_other_seed_other_score(tiny: Generator) -> None:
    assert tiny.generate(bars=3, seed=7) == tiny.generate(bars=3, seed=7)
    assert len({tiny.generate(bars=2, seed=seed) for seed in range(10)}) == 10
    assert tiny.generate(bars=1) != tiny.generate(bars=1)


def test_same_seed_same_score_in_another_process(checkpoint: Path) -> None:
    code = f"from technogen import Generator; print(Generator(checkpoint={str(checkpoint)!r}).generate(bars=2, seed=7))"
    environment = {**os.environ, "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "2"}
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert run.stdout == f"{Generator(checkpoint=checkpoint).generate(bars=2, seed=7)}\n"


def test_threads_are_given_back(tiny: Generator) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        tiny.generate(bars=1, seed=0)
        stream = tiny.stream(bars=2, seed=0)
        next(stream)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_takes_differ_and_share_tempo_and_key(tiny: Generator) -> None:
    takes = tiny.takes(5, bars=2, seed=1)
    assert len(set(takes)) == 5
    assert len({(t.tempo, t.swing, t.bars) for t in takes}) == 1
    assert takes[0] == tiny.generate(bars=2, seed=1)
    assert takes == tiny.takes(5, bars=2, seed=1)


@pytest.mark.parametrize("prompt", [None, PROMPT.repeated(3)])
@pytest.mark.parametrize("seed", range(4))
def test_a_stream_is_the_score_bar_by_bar(tiny: Generator, prompt: Score | None, seed: int) -> None:
    whole = tiny.generate(prompt, bars=7, seed=seed)
    bars = list(tiny.stream(prompt, bars=7, seed=seed))
    assert len(bars) == 7
    for k, bar in enumerate(bars[:-1]):
        expected = whole[k : k + 1]
        assert (bar.drums, bar.controls) == (expected.drums, expected.controls)
        assert bar.bass == expected.bass
    assert bars[-1].drums == whole[6:].drums


def test_a_stream_goes_on_far_past_the_window(tiny: Generator) -> None:
    stream = tiny.stream(seed=5)
    bars = [next(stream) for _ in range(40)]
    assert sum(len(bar.drums) + len(bar.bass) for bar in bars) > 250
    assert {bar.bars for bar in bars} == {1}


@pytest.mark.parametrize("key", ["A minor", "f# phrygian", "Eb"])
def test_the_bass_keeps_to_the_key_asked_for(tiny: Generator, key: str) -> None:
    sampling = Sampling(key=key)
    for prompt in (None, PROMPT):
        score = tiny.generate(prompt, bars=6, seed=2, sampling=sampling)
        assert score.bass
        assert _classes(score) <= read_key(key).classes
    assert tiny.generate(bars=6, seed=2, sampling=sampling).bass[0].pitch % 12 == read_key(key).root


def test_the_bass_keeps_to_the_key_of_the_prompt(tiny: Generator) -> None:
    assert _classes(tiny.generate(PROMPT, bars=12, seed=0)) <= hear_key(PROMPT.bass).classes


def test_parts_of_the_prompt_are_continued(tiny: Generator) -> None:
    assert not tiny.generate(PROMPT.muted("bass"), bars=4, seed=0).bass
    assert not tiny.generate(PROMPT.muted("drums"), bars=4, seed=0).drums


def test_a_prompt_without_notes_gives_tempo_and_swing(tiny: Generator) -> None:
    empty = Score(tempo=140.5, bars=3, swing=0.6)
    score = tiny.generate(empty, bars=2, seed=4)
    assert (score.tempo, score.swing, score.bars) == (140.5, 0.6, 2)
    assert score.drums == tiny.generate(bars=2, seed=4).drums


def test_the_end_of_a_long_prompt_is_what_counts(tiny: Generator) -> None:
    long = compose("acid", bars=500, seed=1, tempo=130)
    other_start = replace(long, drums=tuple(n for n in long.drums if n.start > 1920 * 400))
    assert tiny.generate(long, bars=2, seed=0) == tiny.generate(other_start, bars=2, seed=0)
    other_end = replace(long, drums=tuple(n for n in long.drums if n.start < 1920 * 499))
    assert tiny.generate(long, bars=2, seed=0) != tiny.generate(other_end, bars=2, seed=0)


def test_one_bar_that_is_longer_than_the_window(tiny: Generator) -> None:
    hits = tuple(Note(k * 20, 20, pitch, 90) for k in range(96) for pitch in (36, 38, 42, 46))
    assert tiny.generate(Score(tempo=130, bars=1, drums=hits), bars=2, seed=0).bars == 2


def test_prompts_off_the_grid_and_out_of_range_are_read(tiny: Generator) -> None:
    odd = Score(tempo=77, bars=2, drums=(Note(17, 10, 99, 3),), bass=(Note(33, 900, 110, 80), Note(1001, 7, 3, 127)))
    assert tiny.generate(odd, bars=2, seed=0).bars == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bars": 0}, "bars must be .* got 0"),
        ({"bars": -3}, "bars must be .* got -3"),
        ({"bars": 2.5}, "bars must be .* got 2.5"),
        ({"bars": 10**9}, "bars must be"),
        ({"tempo": 0}, "tempo must be in 20..400 .* got 0"),
        ({"tempo": float("nan")}, "tempo must be .* got nan"),
        ({"tempo": "fast"}, "tempo must be .* got 'fast'"),
        ({"style": "polka"}, "style must be one of acid.* got 'polka'"),
        ({"seed": 1.5}, "seed must be .* got 1.5"),
        ({"prompt": "a.mid"}, "prompt must be a Score or None, got str"),
        ({"sampling": 1.0}, "sampling must be a Sampling, got float"),
        ({"sampling": Sampling(key="H moll")}, "key must be .* got 'H moll'"),
    ],
)
def test_what_cannot_be_is_refused(tiny: Generator, options: dict[str, object], message: str) -> None:
    for generator in (tiny, Generator(by="rules")):
        with pytest.raises(GenerationError, match=message):
            generator.generate(**options)
        with pytest.raises(GenerationError, match=message):
            generator.stream(**options)


def test_unknown_sources_and_counts_are_refused(tiny: Generator) -> None:
    with pytest.raises(GenerationError, match="by must be one of transformer, rules, got 'magic'"):
        Generator(by="magic")
    with pytest.raises(GenerationError, match="rules have no checkpoint"):
        Generator(by="rules", checkpoint="x")
    for count in (0, 65, 1.5):
        with pytest.raises(GenerationError, match=f"takes must be .* got {count}"):
            tiny.takes(count)


def test_rules_write_what_the_patterns_compose() -> None:
    rules = Generator(by="rules")
    assert rules.model is None
    assert rules.generate(bars=5, seed=8, style="dub") == compose("dub", bars=5, seed=8)
    score = rules.generate(PROMPT, bars=4, seed=8)
    assert (score.tempo, score.swing, score.bars) == (131.37, 0.56, 4)
    assert _classes(score) <= hear_key(PROMPT.bass).classes
    assert len(set(rules.takes(3, bars=2, seed=0))) == 3
    assert [bar.bars for bar in rules.stream(bars=70, seed=0)] == [1] * 70
    assert not rules.generate(PROMPT.muted("bass"), seed=1).bass


def test_keys_are_read_heard_and_drawn() -> None:
    assert read_key("A minor").classes == {9, 11, 0, 2, 4, 5, 7}
    assert read_key("Bb") == read_key("A# minor")
    assert read_key("any") == ANY
    for name in ("C minor", "F# phrygian", "D dorian"):
        key = read_key(name)
        line = [key.root, *sorted(key.classes), key.root, key.root]
        heard = hear_key(tuple(Note(k * 120, 70, 36 + pitch, 80) for k, pitch in enumerate(line)))
        assert (heard.root, heard.classes) == (key.root, key.classes)
    assert {len(draw_key("acid", np.random.default_rng(k)).classes) for k in range(20)} <= {5, 7}


class Fixed:
    """A model that always holds the same tokens likely."""

    def start(self, ids: object, takes: int) -> np.ndarray:
        return np.tile(np.linspace(0, 3, len(VOCABULARY)), (takes, 1))

    def step(self, ids: list[int]) -> np.ndarray:
        return self.start(None, len(ids))


@pytest.mark.parametrize("temperature", [0.0, 1.0, 100.0])
def test_any_model_writes_valid_scores(temperature: float) -> None:
    guide = Guide(("drums", "bass"), read_key("C minor"))
    takes = [Take(guide, guide.start((), 3), (0, k)) for k in range(4)]
    for _ in write_takes(Fixed(), (), takes, Sampling(temperature=temperature)):
        pass
    for take in takes:
        assert decode(Encoded(tuple(take.ids), 130, 0.5, 3)).bars == 3


def test_a_key_changes_which_notes_come_not_how_many() -> None:
    guide = Guide(("drums", "bass"), read_key("C minor"))
    ids = [VOCABULARY.index(word) for word in ("BOS_None", "Bar_None", "Position_0")]
    state, begun = guide.start(ids, 2)
    allowed = guide.allowed(state, begun)
    logits = np.random.default_rng(0).normal(size=len(VOCABULARY))
    moved = guide.move_to_key(logits, allowed, state)
    bass = np.array([word.startswith("Bass_") for word in VOCABULARY])
    for variant in ("plain", "accent", "plain.slide", "accent.slide"):
        one = bass & np.array(
            [word.endswith(f".{variant}") and word.count(".") == 1 + variant.count(".") for word in VOCABULARY]
        )
        assert np.exp(moved[one & allowed]).sum() == pytest.approx(np.exp(logits[one]).sum())
    assert {VOCABULARY[k].split(".")[0] for k in np.flatnonzero(bass & allowed)} == {
        "Bass_24",
        "Bass_36",
        "Bass_48",
        "Bass_60",
        "Bass_72",
    }
    assert np.array_equal(moved[~bass], logits[~bass])


def test_no_bar_plans_to_be_silent() -> None:
    guide = Guide(("drums", "bass"), ANY, planned=True)
    take = Take(guide, guide.start((), 6), (0, 0))
    for _ in write_takes(Fixed(), (), [take], Sampling()):
        pass
    words = [VOCABULARY[token] for token in take.ids]
    after_bars = [after for word, after in zip(words, words[1:]) if word == "Bar_None"]
    assert len(after_bars) == 6
    assert all(word.startswith("Density_") and "0" not in word for word in after_bars)


def test_continuing_does_not_rewrite_the_prompt(tiny: Generator) -> None:
    ids = encode(PROMPT).ids[:-1]
    guide = Guide(("drums", "bass"), ANY)
    state, begun = guide.start(ids, 2)
    assert begun
    assert state.bars_left == 1


def test_checkpoints_come_back(checkpoint: Path, tmp_path: Path) -> None:
    model = load_composer(checkpoint)
    assert not model.training
    save_composer(tmp_path / "again.safetensors", model, about={})
    assert (tmp_path / "again.safetensors").read_bytes() == checkpoint.read_bytes()


def _damage(checkpoint: Path, path: Path, what: str) -> None:
    found = load_checkpoint(checkpoint, kind="composer")
    tensors, config = dict(found.tensors), dict(found.config)
    if what == "vocabulary":
        config["vocabulary"] = "0"
    if what == "model":
        config["model"] = {"width": 3}
    if what == "shape":
        tensors["embedding.weight"] = torch.ones(3, 3)
    if what == "missing":
        del tensors["embedding.weight"]
    if what == "not finite":
        tensors["norm.weight"] = torch.full_like(tensors["norm.weight"], float("nan"))
    save_checkpoint(path, tensors, kind="composer", config=config)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("vocabulary", "other tokens"),
        ("model", "what model"),
        ("shape", "do not fit"),
        ("missing", "do not fit"),
        ("not finite", "not finite"),
    ],
)
def test_checkpoints_that_do_not_fit_are_refused(checkpoint: Path, tmp_path: Path, what: str, message: str) -> None:
    path = tmp_path / "bad.safetensors"
    _damage(checkpoint, path, what)
    with pytest.raises(WeightsError, match=rf"bad\.safetensors.*{message}"):
        Generator(checkpoint=path)


def test_missing_and_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        Generator(checkpoint=tmp_path / "none.safetensors")
    (tmp_path / "letter.txt").write_text("Dear reader,")
    with pytest.raises(WeightsError, match=r"letter\.txt"):
        Generator(checkpoint=tmp_path / "letter.txt")


def test_the_room_loads_without_torch() -> None:
    code = "import sys, technogen.generation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
