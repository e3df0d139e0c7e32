"""The checkpoint in the package writes what it is for: techno, in time, in key, with drums and an acid line."""

from collections.abc import Callable

import pytest
import torch

from technogen.generation import Generator, Sampling
from technogen.generation.keys import hear_key, read_key
from technogen.patterns import compose
from technogen.score import TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP, Score
from technogen.score.drums import CLAP, CLOSED_HAT, KICK, OPEN_HAT, RIDE, SNARE
from technogen.tokens import encode
from technogen.weights import find_checkpoint

BARS = 8


@pytest.fixture(scope="module")
def composer() -> Generator:
    return Generator()


@pytest.fixture(scope="module")
def ideas(composer: Generator) -> tuple[Score, ...]:
    return composer.takes(8, bars=BARS, seed=1)


def _share(scores: tuple[Score, ...], fits: Callable[[Score], object]) -> float:
    return sum(bool(fits(score)) for score in scores) / len(scores)


def test_it_is_small() -> None:
    assert find_checkpoint("composer").stat().st_size < 12e6


def test_ideas_are_valid_and_differ(ideas: tuple[Score, ...]) -> None:
    assert len(set(ideas)) == len(ideas)
    assert all(score == score.quantised() and score.bars == BARS for score in ideas)


def test_ideas_are_in_time(ideas: tuple[Score, ...]) -> None:
    notes = [n for score in ideas for n in (*score.drums, *score.bass)]
    assert sum(n.start % TICKS_PER_STEP == 0 for n in notes) > 0.95 * len(notes)
    beats = [
        (score, bar * TICKS_PER_BAR + k * TICKS_PER_BEAT) for score in ideas for bar in range(BARS) for k in range(4)
    ]
    kicks = {(score, n.start) for score in ideas for n in score.drums if n.pitch == KICK}
    assert sum(beat in kicks for beat in beats) > 0.7 * len(beats)


def test_ideas_have_the_voices_of_the_style(ideas: tuple[Score, ...]) -> None:
    pieces = lambda score: {n.pitch for n in score.drums}  # noqa: E731
    assert _share(ideas, lambda s: KICK in pieces(s)) == 1
    assert _share(ideas, lambda s: pieces(s) & {CLOSED_HAT, OPEN_HAT, RIDE}) > 0.8
    assert _share(ideas, lambda s: pieces(s) & {CLAP, SNARE}) > 0.5
    assert _share(ideas, lambda s: len(s.bass) >= 3 * BARS) > 0.8
    notes = [n for score in ideas for n in score.bass]
    assert 0.2 < sum(n.accent for n in notes) / len(notes) < 0.65
    assert 0.02 < sum(n.slide for n in notes) / len(notes) < 0.25


def test_ideas_loop(ideas: tuple[Score, ...]) -> None:
    """Two bars after a hit there is mostly the same hit again."""
    hits = {(score, n.start, n.pitch) for score in ideas for n in score.drums}
    early = [(s, start, pitch) for s, start, pitch in hits if start < (BARS - 2) * TICKS_PER_BAR]
    again = sum((s, start + 2 * TICKS_PER_BAR, pitch) in hits for s, start, pitch in early)
    assert again > 0.6 * len(early)


@pytest.mark.parametrize("key", ["A minor", "F# phrygian"])
def test_the_key_asked_for_is_kept(composer: Generator, key: str) -> None:
    score = composer.generate(bars=4, seed=3, sampling=Sampling(key=key))
    assert {n.pitch % 12 for n in score.bass} <= read_key(key).classes


def test_a_prompt_is_continued_in_its_tempo_key_and_beat(composer: Generator) -> None:
    prompt = compose("acid", bars=4, seed=21, tempo=133.33)
    score = composer.generate(prompt, bars=4, seed=1)
    assert (score.tempo, score.swing) == (133.33, prompt.swing)
    assert {n.pitch % 12 for n in score.bass} <= hear_key(prompt.bass).classes
    of = lambda s: {(n.start, n.pitch) for n in s.drums}  # noqa: E731
    assert len(of(score) & of(prompt)) > 0.5 * len(of(prompt))


@torch.inference_mode()
def test_cached_greedy_writing_equals_the_full_network_over_1024_tokens(composer: Generator) -> None:
    model = composer.model
    assert model is not None
    ids = torch.tensor([encode(compose("acid", bars=1, seed=1)).ids[:-1]])
    start = ids.shape[1]
    logits, cache = model.prefill(ids)
    cached = [logits]
    while ids.shape[1] < 1024:
        ids = torch.cat((ids, cached[-1].argmax(-1, keepdim=True)), 1)
        cached.append(model.step(ids[:, -1], cache))
    full = model(ids)[:, start - 1 :]
    assert (torch.stack(cached, 1) - full).abs().max() < 1e-4
    assert torch.equal(full[:, :-1].argmax(-1), ids[:, start:])
