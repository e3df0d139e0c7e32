"""Sampling does what its options say, and nothing else; no network is needed to see it."""

import math

import numpy as np
import pytest

from technogen.errors import GenerationError
from technogen.generation.sampling import (
    Sampling,
    draw_token,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    scale_temperature,
)

LOGITS = np.log(np.array([0.05, 0.4, 0.3, 0.05, 0.2]))
ALL = np.ones(5, dtype=np.bool_)
FREE = Sampling(top_p=1.0)


def _kept(logits: np.ndarray) -> list[int]:
    return np.flatnonzero(np.isfinite(logits)).tolist()


def _draw(count: int, sampling: Sampling, allowed: np.ndarray = ALL, seed: int = 0) -> list[int]:
    random = np.random.default_rng(seed)
    return [draw_token(LOGITS, allowed, sampling, random) for _ in range(count)]


def test_top_k_keeps_k() -> None:
    assert _kept(keep_top_k(LOGITS, 2)) == [1, 2]
    assert _kept(keep_top_k(LOGITS, 4)) == [0, 1, 2, 4]
    assert keep_top_k(LOGITS, 0) is LOGITS
    assert keep_top_k(LOGITS, 99) is LOGITS


def test_top_p_keeps_the_fewest_that_make_up_p() -> None:
    assert _kept(keep_top_p(LOGITS, 0.69)) == [1, 2]
    assert _kept(keep_top_p(LOGITS, 0.71)) == [1, 2, 4]
    assert _kept(keep_top_p(LOGITS, 1e-9)) == [1]
    assert keep_top_p(LOGITS, 1.0) is LOGITS


def test_min_p_is_a_share_of_the_likeliest() -> None:
    assert _kept(keep_min_p(LOGITS, 0.49)) == [1, 2, 4]
    assert _kept(keep_min_p(LOGITS, 1.0)) == [1]
    assert keep_min_p(LOGITS, 0.0) is LOGITS


def test_temperature_scales_differences() -> None:
    scaled = scale_temperature(LOGITS, 0.5)
    assert scaled[1] - scaled[4] == pytest.approx(2 * (LOGITS[1] - LOGITS[4]))
    assert _kept(scale_temperature(LOGITS, 1e-320)) == [1]


def test_draws_follow_the_probabilities() -> None:
    counts = np.bincount(_draw(20_000, FREE), minlength=5) / 20_000
    assert np.abs(counts - np.exp(LOGITS)).max() < 0.01


def test_what_is_not_allowed_is_never_drawn() -> None:
    allowed = np.array([True, False, False, True, False])
    assert set(_draw(200, FREE, allowed)) == {0, 3}
    assert set(_draw(20, Sampling(temperature=0), allowed)) == {0}
    assert set(_draw(20, Sampling(top_k=1), allowed)) == {0}


def test_temperature_zero_takes_the_likeliest() -> None:
    assert set(_draw(50, Sampling(temperature=0))) == {1}


def test_same_seed_same_draws() -> None:
    assert _draw(100, FREE, seed=3) == _draw(100, FREE, seed=3)
    assert _draw(100, FREE, seed=3) != _draw(100, FREE, seed=4)


def test_every_draw_takes_one_number() -> None:
    free, forced = np.random.default_rng(1), np.random.default_rng(1)
    draw_token(LOGITS, ALL, FREE, free)
    draw_token(LOGITS, np.arange(5).astype(bool) == ALL, Sampling(temperature=0), forced)
    assert free.random() == forced.random()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", bad) for bad in (-1, math.nan, math.inf, "hot", True, None)),
        *(("top_p", bad) for bad in (0, -0.1, 1.1, math.nan)),
        *(("min_p", bad) for bad in (-0.1, 1.1, math.nan)),
        *(("top_k", bad) for bad in (-1, 1.5, True)),
    ],
)
def test_options_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(GenerationError, match=f"{name} must be .*, got {value!r}"):
        Sampling(**{name: value})
