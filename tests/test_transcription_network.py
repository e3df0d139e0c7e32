"""Drums in full mixes, and the network that judges them."""

import numpy as np
import pytest
import torch
from ear_signals import RATE, kick, open_hat, place

from technogen import compose
from technogen.errors import MissingFileError
from technogen.rendering import Mix, Voice, render
from technogen.score import TICKS_PER_BEAT
from technogen.training.hearing import EarConfig, fit_network, make_lesson, train_ear
from technogen.training.mixes import make_mix
from technogen.transcription import transcribe
from technogen.transcription.network import INPUTS, PIECES, load_network


def heard_steps(score, voice=None):
    """Which (step of the bar, pitch) are heard, and how often each."""
    found = transcribe(render(score, seed=303, loop=True, voice=voice))
    step = 60 / score.tempo / 4
    hits = [(round(h.time / step) % 16, h.pitch) for h in found.drums]
    return {hit: hits.count(hit) for hit in set(hits)}


@pytest.mark.parametrize(("reverb", "open_hats"), [(-60.0, 8), (-12.0, 0)])
def test_the_backbeat_of_a_full_mix_is_no_open_hat(reverb, open_hats):
    score = compose("acid", bars=8, tempo=138, seed=303)
    written = {(n.start // (TICKS_PER_BEAT // 4) % 16, n.pitch) for n in score.drums}
    assert {(4, 38), (12, 38), (12, 39)} <= written
    assert not any(pitch == 46 for _, pitch in written)
    heard = heard_steps(score, Voice(mix=Mix(reverb=reverb)))
    for step in (4, 12):
        assert heard.get((step, 38), 0) + heard.get((step, 39), 0) >= 7
        assert heard.get((step, 36), 0) >= 7
    assert sum(count for (_, pitch), count in heard.items() if pitch == 46) <= open_hats


def test_the_shipped_network_fits_what_it_is_told():
    network = load_network()
    assert network.judge(np.zeros((3, INPUTS))).shape == (3, len(PIECES))
    with pytest.raises(MissingFileError, match="no such checkpoint"):
        load_network("nothing")


def test_a_kick_and_an_open_hat_are_told_apart_without_a_pulse():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.45, 0.9, 12)) + 0.2
    audio = place([(t, (kick, open_hat)[i % 2]()) for i, t in enumerate(times)], times[-1] + 0.6)
    found = transcribe(audio)
    for i, pitch in ((0, 36), (1, 46)):
        heard = [h.time for h in found.drums if h.pitch == pitch]
        assert np.mean([min(abs(t - h) for h in heard) < 0.02 for t in times[i::2]]) >= 0.8
    assert audio.sample_rate == RATE


def test_the_ear_learns_from_mixes_that_are_the_same_for_the_same_seed():
    mix = make_mix(4)
    assert np.array_equal(mix.samples, make_mix(4).samples)
    lesson = make_lesson(mix)
    assert lesson.inputs.shape[1] == INPUTS
    assert lesson.pieces.sum() > 10
    network = fit_network(lesson, EarConfig(epochs=60, width=32, dropout=0, noise=0, rate=0.01))
    with torch.no_grad():
        judged = network(torch.from_numpy(lesson.inputs)).numpy() > 0
    assert (judged == (lesson.pieces > 0)).mean() > 0.98


def test_the_ear_is_trained_into_a_checkpoint_that_is_the_same_for_the_same_seed(tmp_path):
    told = []
    config = EarConfig(mixes=2, epochs=2, width=8)
    first = train_ear(config, tmp_path / "a", progress=lambda what, done, of: told.append((what, done, of)))
    second = train_ear(config, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert told == [("mixes heard", 1, 2), ("mixes heard", 2, 2), ("epochs", 1, 2), ("epochs", 2, 2)]
    assert load_network(str(first)).judge(np.zeros((1, INPUTS))).shape == (1, len(PIECES))
