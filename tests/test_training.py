"""Training learns, goes on where it stopped as if it had not, and refuses what it cannot use."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from technogen.errors import MissingFileError, OutputError, TrainingError, WeightsError
from technogen.generation import Generator
from technogen.generation.composer import load_composer
from technogen.generation.music_transformer import ModelConfig, MusicTransformer
from technogen.patterns import compose
from technogen.tokens import VOCABULARY, Encoded, Grammar, decode
from technogen.training import Measurement, Nats, TrainingConfig, train_composer
from technogen.training.corpus import Piece, is_held_out, read_split
from technogen.training.curves import draw_curves
from technogen.training.examples import Material, make_batch, make_example, make_row
from technogen.training.optimising import find_rate, make_optimizers, update

SHARED = Path(__file__).parents[2] / "shared"
SIZE = ModelConfig(len(VOCABULARY), 16, 2, 2, 32, window=48, distances=48)
SHORT = TrainingConfig(steps=6, rows=2, tokens=48, evaluate_every=3, warmup=2, model=SIZE)


def _read(path: Path) -> dict[str, torch.Tensor]:
    return dict(load_composer(path).state_dict())


def test_a_small_model_learns_a_loop_by_heart() -> None:
    torch.manual_seed(0)
    row = make_row(Material((), 0, 1.0, held_out=True), 0, 65)
    ids = torch.from_numpy(row)[None]
    config = TrainingConfig(learning_rate=0.01, model=ModelConfig(len(VOCABULARY), 32, 2, 2, 64, 64, 64, dropout=0.0))
    model = MusicTransformer(config.model)
    optimizers = make_optimizers(model, config)
    first = update(model, optimizers, ids, rate=0.01, clip=1.0)
    for _ in range(60):
        last = update(model, optimizers, ids, rate=0.01, clip=1.0)
    assert first > 5
    assert last < 0.15
    model.eval()
    logits, cache = model.prefill(ids[:, :1])
    for wanted in ids[0, 1:]:
        assert logits.argmax() == wanted
        logits = model.step(logits.argmax(-1), cache)


def test_training_lowers_the_loss_and_leaves_what_a_generator_reads(tmp_path: Path) -> None:
    seen: list[Measurement] = []
    config = replace(SHORT, steps=40, rows=4, learning_rate=0.01, evaluate_every=20)
    path = train_composer(config, tmp_path / "new", progress=seen.append)
    assert [m.step for m in seen] == [20, 40]
    assert seen[-1].share == 1
    assert seen[0].rules
    assert seen[-1].rules
    assert seen[-1].rules.token < seen[0].rules.token < np.log(len(VOCABULARY))
    assert Generator(checkpoint=path).generate(bars=2, seed=1).bars == 2
    log = [json.loads(line) for line in (path.parent / "log.jsonl").read_text().splitlines()]
    assert log[-1]["rules"]["bar"] == seen[-1].rules.bar
    assert (path.parent / "curves.svg").read_text().count("<polyline") == 2


def test_same_configuration_same_bytes_and_other_seed_other_bytes(tmp_path: Path) -> None:
    files = [
        train_composer(replace(SHORT, steps=3, seed=seed), tmp_path / name).read_bytes()
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    about = [_read(tmp_path / name / "composer.safetensors") for name in ("a", "b", "c")]
    assert all(torch.equal(about[0][k], about[1][k]) for k in about[0])
    assert not torch.equal(about[0]["embedding.weight"], about[2]["embedding.weight"])
    assert len(files[0]) == pytest.approx(len(files[1]), abs=100)


class BreakError(Exception):
    """Somebody pulls the plug."""


def test_resuming_is_as_if_there_had_been_no_break(tmp_path: Path) -> None:
    def pull_the_plug(measurement: Measurement) -> None:
        if measurement.step == 3:
            raise BreakError

    whole = train_composer(SHORT, tmp_path / "whole")
    with pytest.raises(BreakError):
        train_composer(SHORT, tmp_path / "broken", progress=pull_the_plug)
    resumed = train_composer(SHORT, tmp_path / "broken", resume=True)
    one, other = _read(whole), _read(resumed)
    assert all(torch.equal(one[name], other[name]) for name in one)
    logs = [[json.loads(x) for x in (p.parent / "log.jsonl").read_text().splitlines()] for p in (whole, resumed)]
    drop_time = lambda log: [{k: v for k, v in line.items() if k != "seconds"} for line in log]  # noqa: E731
    assert drop_time(logs[0]) == drop_time(logs[1])


def test_a_run_can_be_made_longer_but_not_other(tmp_path: Path) -> None:
    train_composer(replace(SHORT, steps=3), tmp_path)
    with pytest.raises(TrainingError, match="another configuration"):
        train_composer(replace(SHORT, rows=3), tmp_path, resume=True)
    longer: list[Measurement] = []
    train_composer(SHORT, tmp_path, resume=True, progress=longer.append)
    assert [m.step for m in longer] == [6]


def test_states_that_cannot_be_resumed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"state\.safetensors"):
        train_composer(SHORT, tmp_path, resume=True)
    (tmp_path / "state.safetensors").write_text("nothing")
    with pytest.raises(WeightsError, match=r"state\.safetensors"):
        train_composer(SHORT, tmp_path, resume=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        train_composer(SHORT, tmp_path / "file" / "inside")


def test_a_loss_that_is_not_finite_stops_the_training() -> None:
    model = MusicTransformer(SIZE)
    model.embedding.weight.data[:] = float("nan")
    with pytest.raises(TrainingError, match="lower"):
        update(model, make_optimizers(model, SHORT), torch.zeros(1, 5, dtype=torch.long), rate=0.1, clip=1.0)


def test_the_learning_rate_warms_up_and_falls() -> None:
    rates = [find_rate(SHORT, step, step / 100) for step in range(100)]
    assert rates[0] < rates[1] < rates[2]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] < 0.02 * SHORT.learning_rate


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("minutes", 0),
        ("minutes", float("nan")),
        ("rows", 0),
        ("tokens", 1.5),
        ("seed", -1),
        ("learning_rate", -1),
        ("average", 1.0),
        ("rules_share", 1.1),
        ("threads", 0),
        ("warmup", True),
    ],
)
def test_configurations_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(TrainingError, match=f"training {name} must be .*, got {value!r}"):
        TrainingConfig(**{name: value})


def _material(**changes: object) -> Material:
    songs = tuple(
        Piece(f"song{k}", compose("electro", bars=20, seed=900 + k), kind, False)
        for k, kind in enumerate(("dance", "songs", "drumming"))
    )
    return Material(**{"pieces": songs, "seed": 0, "rules_share": 0.5, **changes})


def test_examples_depend_on_their_number_alone() -> None:
    material = _material()
    alone = make_row(material, 7, 100)
    assert np.array_equal(make_batch(material, [5, 7], 100)[1], alone)
    assert not np.array_equal(make_row(material, 8, 100), alone)
    assert not np.array_equal(make_row(_material(seed=1), 7, 100), alone)


def test_every_example_is_a_valid_score() -> None:
    material = _material()
    grammar = Grammar()
    for number in range(40):
        ids = make_example(material, number)
        bars = ids.count(VOCABULARY.index("Bar_None"))
        state = grammar.start(bars)
        for token in ids:
            state = grammar.advance(state, token)
        assert 4 <= bars <= 16
        assert decode(Encoded(ids, 130, 0.5, bars)).bars == bars


def test_validation_says_nothing_about_what_is_to_come() -> None:
    words = {VOCABULARY[i].partition("_")[0] for i in make_row(_material(held_out=True), 0, 2000)}
    assert not words & {"Style", "Source", "Density", "Parts", "Task"}


def test_songs_are_held_out_whole() -> None:
    assert is_held_out("a/song-v1.mid") == is_held_out("a/Song-v2.mid")
    assert is_held_out("g/drummer1__session2__3_rock_90_beat_4-4.mid") == is_held_out("g/drummer1__session2.mid")
    share = sum(is_held_out(f"a/{k} song.mid") for k in range(2000)) / 2000
    assert 0.07 < share < 0.13


def test_splits_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.json"):
        read_split(tmp_path / "none.json")
    for text in ("no", "[]", '{"permissive": 3}', '{"permissive": [3]}', '{"permissive": ["none.mid"]}'):
        (tmp_path / "split.json").write_text(text)
        with pytest.raises(TrainingError, match=r"split\.json"):
            read_split(tmp_path / "split.json")


@pytest.mark.skipif(not (SHARED / "symbolic_split.json").is_file(), reason="needs ../shared/symbolic_split.json")
def test_human_files_are_read_and_learned_from(tmp_path: Path) -> None:
    listed = json.loads((SHARED / "symbolic_split.json").read_text())["permissive_dance"]
    (tmp_path / "symbolic").symlink_to(SHARED / "symbolic")
    (tmp_path / "split.json").write_text(json.dumps({"permissive": [*listed, "permissive/none.mid"]}))
    pieces = read_split(tmp_path / "split.json")
    assert [p.name for p in pieces] == listed
    assert all(p.score == p.score.quantised() and p.score.bass for p in pieces)
    seen: list[Measurement] = []
    train_composer(replace(SHORT, steps=2), tmp_path / "out", human=tmp_path / "split.json", progress=seen.append)
    assert seen[-1].human is not None


def test_curves_are_drawn_for_any_log() -> None:
    assert draw_curves([]).startswith("<svg")
    log = [Measurement(k, k / 3, k, 3 - k / 2, 0.1, Nats(2.0, 90.0), Nats(2.5, 80.0)) for k in range(4)]
    assert draw_curves(log).count("<polyline") == 3
