"""Relative attention: three kernels that agree, a cache that changes nothing, and a network that cannot see ahead."""

import pytest
import torch
from torch import Tensor

from technogen.errors import GenerationError
from technogen.generation.attention import attend_naive, attend_skewed, attend_step
from technogen.generation.music_transformer import ModelConfig, MusicTransformer

SMALL = ModelConfig(vocabulary=40, width=16, layers=2, heads=2, feedforward=32, window=24, distances=16, dropout=0.1)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def _inputs(tokens: int, distances: int, **kind: torch.dtype) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    q, k, v = (torch.randn(2, 3, tokens, 8, **kind) for _ in range(3))
    return q, k, v, torch.randn(3, distances, 8, **kind)


def _model(**changes: int) -> MusicTransformer:
    sizes = {name: getattr(SMALL, name) for name in SMALL.__slots__}
    return MusicTransformer(ModelConfig(**{**sizes, **changes})).eval()


@pytest.mark.parametrize(
    ("tokens", "distances", "window"), [(1, 1, 1), (50, 64, 50), (50, 50, 99), (50, 17, 50), (50, 64, 13), (40, 9, 20)]
)
def test_kernels_agree(tokens: int, distances: int, window: int) -> None:
    q, k, v, table = _inputs(tokens, distances, dtype=torch.float64)
    naive = attend_naive(q, k, v, table, window)
    assert (attend_skewed(q, k, v, table, window) - naive).abs().max() < 1e-12
    for i in range(tokens):
        seen = slice(max(0, i - window + 1), i + 1)
        one = attend_step(q[:, :, i], k[:, :, seen], v[:, :, seen], table)
        assert (one - naive[:, :, i]).abs().max() < 1e-12


def test_kernels_agree_on_gradients() -> None:
    grads = []
    for kernel in (attend_naive, attend_skewed):
        torch.manual_seed(1)
        inputs = [x.requires_grad_() for x in _inputs(12, 7, dtype=torch.float64)]
        kernel(*inputs, 9).square().sum().backward()
        grads.append([x.grad for x in inputs])
    for one, other in zip(*grads):
        assert (one - other).abs().max() < 1e-12


def test_distance_matters() -> None:
    q, k, v, table = _inputs(10, 10)
    assert not torch.allclose(attend_skewed(q, k, v, table, 10), attend_skewed(q, k, v, table * 0, 10))


def test_whole_model_agrees_with_the_definition() -> None:
    model = _model().double()
    ids = torch.randint(0, 40, (2, 30))
    assert (model(ids) - model(ids, kernel=attend_naive)).abs().max() < 1e-12


def test_later_tokens_cannot_change_earlier_logits() -> None:
    model = _model()
    ids = torch.randint(0, 40, (1, 20))
    before = model(ids)
    for changed in (5, 12, 19):
        other = ids.clone()
        other[0, changed:] = (other[0, changed:] + 7) % 40
        after = model(other)
        assert torch.equal(after[:, :changed], before[:, :changed])
        assert not torch.allclose(after[:, changed], before[:, changed])


def test_every_relative_parameter_learns() -> None:
    model = _model()
    model(torch.randint(0, 40, (2, 20))).square().sum().backward()
    for layer in model.layers:
        assert layer.table.grad is not None
        assert (layer.table.grad.abs().sum((0, 2)) > 0).all()
    assert "layers.0.table" in model.state_dict()


@torch.inference_mode()
def test_cached_greedy_output_equals_the_full_forward_over_1024_tokens() -> None:
    model = MusicTransformer(ModelConfig(96, 64, 3, 4, 128, window=1024, distances=700)).eval()
    for parameter in model.parameters():
        parameter.mul_(3)  # sharper than freshly initialised, so that a wrong kernel would be seen
    start = torch.randint(0, 96, (1, 5))
    logits, cache = model.prefill(start)
    cached, ids = [logits], start
    while ids.shape[1] < 1024:
        ids = torch.cat((ids, cached[-1].argmax(-1, keepdim=True)), 1)
        cached.append(model.step(ids[:, -1], cache))
    full = model(ids)[:, 4:]
    assert (torch.stack(cached, 1) - full).abs().max() < 1e-4
    assert torch.equal(full[:, :-1].argmax(-1), ids[:, 5:])
    assert len(set(ids[0].tolist())) > 10


@torch.inference_mode()
def test_cache_after_the_ring_wrapped_equals_the_windowed_forward() -> None:
    model = _model().double()
    ids = torch.randint(0, 40, (2, 200))
    full = model(ids)
    logits, cache = model.prefill(ids[:, :10])
    held = cache.bytes
    assert (logits - full[:, 9]).abs().max() < 1e-12
    for i in range(10, 200):
        assert (model.step(ids[:, i], cache) - full[:, i]).abs().max() < 1e-12
    assert cache.bytes == held


@torch.inference_mode()
def test_last_logits_depend_on_the_window_alone_in_one_layer() -> None:
    model = _model(layers=1).double()
    ids = torch.randint(0, 40, (1, 90))
    short = model(ids[:, -SMALL.window :])
    assert (model(ids)[:, -1] - short[:, -1]).abs().max() < 1e-12


@torch.inference_mode()
def test_takes_in_a_batch_do_not_disturb_each_other() -> None:
    model = _model().double()
    ids = torch.randint(0, 40, (3, 30))
    _, together = model.prefill(ids[:, :4])
    for i in range(4, 30):
        batch = model.step(ids[:, i], together)
    assert (batch[1] - model(ids[1:2])[0, -1]).abs().max() < 1e-12


def test_runs_in_bfloat16() -> None:
    model = _model()
    ids = torch.randint(0, 40, (2, 20))
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(ids)
    assert (logits.float() - model(ids)).abs().max() < 0.05


@pytest.mark.parametrize("tokens", [0, SMALL.window + 1])
def test_a_start_must_fit(tokens: int) -> None:
    with pytest.raises(GenerationError, match=f"1..24 tokens, got {tokens}"):
        _model().prefill(torch.zeros(1, tokens, dtype=torch.long))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"layers": 0}, "layers"), ({"width": 15}, "multiple"), ({"window": 1.5}, "window"), ({"dropout": 1}, "dropout")],
)
def test_sizes_are_checked(change: dict[str, int], message: str) -> None:
    with pytest.raises(GenerationError, match=message):
        _model(**change)
