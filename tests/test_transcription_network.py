"""Drums in full mixes, the network that judges them, and how it is trained."""

import json

import numpy as np
import pytest
import torch
from ear_signals import RATE, kick, open_hat, place

from technogen import compose
from technogen.errors import MissingFileError, TrainingError
from technogen.rendering import Mix, Voice, render
from technogen.score import TICKS_PER_BEAT, Note, Score
from technogen.training.ear_network import EarNetwork, export_tensors
from technogen.training.hearing import EarConfig, train_ear
from technogen.training.lessons import make_lesson, read_lessons, write_lessons
from technogen.training.mix_drums import Rack
from technogen.training.mixes import RATE as MIX_RATE
from technogen.training.mixes import SECONDS, make_mix
from technogen.transcription import transcribe
from technogen.transcription.network import NO_STEP, PIECES, WINDOW, Network, load_network
from technogen.transcription.recording import from_samples
from technogen.transcription.snapshots import BANDS, FULL, MOMENTS, take_snapshots

SMALL = EarConfig(mixes=6, validation=2, epochs=2, width=32, layers=1, batch=2)


def heard_steps(score, voice=None):
    """Which (step of the bar, pitch) are heard, and how often each."""
    found = transcribe(render(score, seed=303, loop=True, voice=voice))
    step = 60 / score.tempo / 4
    hits = [(round(h.time / step) % 16, h.pitch) for h in found.drums]
    return {hit: hits.count(hit) for hit in set(hits)}


@pytest.mark.parametrize("reverb", [-60.0, -12.0])
def test_the_backbeat_of_a_full_mix_is_no_open_hat(reverb):
    score = compose("acid", bars=8, tempo=138, seed=303)
    written = {(n.start // (TICKS_PER_BEAT // 4) % 16, n.pitch) for n in score.drums}
    assert {(4, 38), (12, 38), (12, 39)} <= written
    assert not any(pitch == 46 for _, pitch in written)
    heard = heard_steps(score, Voice(mix=Mix(reverb=reverb)))
    for step in (4, 12):
        assert heard.get((step, 38), 0) + heard.get((step, 39), 0) >= 7
        assert heard.get((step, 36), 0) >= 7
    assert sum(count for (_, pitch), count in heard.items() if pitch == 46) <= 2


def test_a_kick_and_an_open_hat_are_told_apart_without_a_pulse():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.45, 0.9, 12)) + 0.2
    audio = place([(t, (kick, open_hat)[i % 2]()) for i, t in enumerate(times)], times[-1] + 0.6)
    found = transcribe(audio)
    for i, pitch in ((0, 36), (1, 46)):
        heard = [h.time for h in found.drums if h.pitch == pitch]
        assert np.mean([min(abs(t - h) for h in heard) < 0.02 for t in times[i::2]]) >= 0.8
    assert audio.sample_rate == RATE


def network_of(torch_network):
    return Network({name: t.numpy() for name, t in export_tensors(torch_network).items()})


def test_the_network_of_use_is_the_network_of_training():
    torch.manual_seed(1)
    trained = EarNetwork(64, 2, 0.1)
    for module in trained.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    for name, parameter in trained.named_parameters():
        if "by_" in name or "place" in name:
            parameter.data.normal_()
    trained.eval()
    rng = np.random.default_rng(0)
    snapshots = rng.integers(0, 256, (WINDOW - 28, MOMENTS, BANDS)).astype(np.uint8)
    steps = np.cumsum(rng.integers(0, 3, len(snapshots)))
    steps[40:50] = NO_STEP
    with torch.no_grad():
        there = torch.ones(1, len(steps), dtype=torch.bool)
        odds, _, loudness = trained(
            torch.from_numpy(snapshots).float()[None], torch.from_numpy(steps).int()[None], there
        )
    judged, velocity = network_of(trained).judge(snapshots, steps)
    assert np.allclose(judged, odds.numpy(), atol=2e-5)
    assert np.allclose(velocity, loudness.numpy(), atol=2e-5)
    elsewhere = np.where(steps == NO_STEP, NO_STEP, steps + 1600)
    assert np.allclose(network_of(trained).judge(snapshots, elsewhere)[0], judged, atol=1e-5)


def test_the_shipped_network_judges_any_number_of_candidates():
    network = load_network()
    for count in (0, 1, 3, WINDOW, 3 * WINDOW + 5):
        odds, velocity = network.judge(np.zeros((count, MOMENTS, BANDS), np.uint8), np.arange(count))
        assert odds.shape == velocity.shape == (count, len(PIECES))
        assert np.isfinite(odds).all()
        assert ((velocity >= 0) & (velocity <= 1)).all()
    with pytest.raises(MissingFileError, match="no such checkpoint"):
        load_network("nothing")


def test_snapshots_are_of_the_candidate_and_know_no_level():
    samples = np.zeros(2 * RATE, np.float32)
    t = np.arange(4000) / RATE
    samples[RATE : RATE + 4000] = np.sin(2 * np.pi * 6000 * t) * np.exp(-t * 40)
    times = np.array([0.5, 1.0])
    silent, sounding = take_snapshots(from_samples(samples, RATE), times)
    assert not silent[:20].any()
    moment, band = np.unravel_index(sounding.argmax(), sounding.shape)
    assert 4 <= moment <= 7
    assert BANDS - 14 < band < BANDS - 6
    assert abs(int(sounding.max()) - FULL) <= 5
    assert np.array_equal(take_snapshots(from_samples(0.01 * samples, RATE), times)[1], sounding)


def test_a_mix_is_its_hits_and_the_same_for_the_same_seed():
    rack = Rack(MIX_RATE)
    for seed in (3, 4, 5):
        mix = make_mix(seed, (), rack)
        assert np.array_equal(mix.samples, make_mix(seed).samples)
        assert abs(len(mix.samples) / MIX_RATE - SECONDS) < 0.001
        assert 0.5 < np.abs(mix.samples).max() <= 1
        assert all(-0.003 <= t < SECONDS and 0 < v < 128 for t, _, v in mix.hits)


def test_the_hits_of_a_dry_loop_are_where_the_sound_starts():
    score = Score(tempo=120, bars=6, drums=tuple(Note(480 * k, 60, 36, 110) for k in range(24)))
    for seed in range(40):
        mix = make_mix(seed, (score,))
        if {p for _, p, _ in mix.hits} == {36} and len(mix.hits) > 20:
            break
    lesson = make_lesson(mix)
    assert (lesson.velocities[:, PIECES.index(36)] > 0).sum() >= len(mix.hits) - 2
    assert not lesson.velocities[:, 1:].any()
    known = lesson.steps[lesson.velocities[:, 0] > 0]
    assert set(np.diff(known)) <= {4, 8}


def test_lessons_are_kept_and_are_the_same_whoever_makes_them(tmp_path):
    told = []
    first = write_lessons(tmp_path / "a", 3, progress=lambda *args: told.append(args))
    second = write_lessons(tmp_path / "b", 3)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert told == [("mixes heard", 3, 3)]
    before = first[0].stat().st_mtime_ns
    assert write_lessons(tmp_path / "a", 3) == first
    assert first[0].stat().st_mtime_ns == before
    assert len(read_lessons(first)) <= 3
    with pytest.raises(TrainingError, match="another seed"):
        write_lessons(tmp_path / "a", 3, seed=9)


def test_the_ear_learns_is_the_same_again_and_goes_on_where_it_stopped(tmp_path):
    first = train_ear(SMALL, tmp_path / "a")
    second = train_ear(SMALL, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    (tmp_path / "c").mkdir()
    interrupted = []

    def stop(what, done, of):
        interrupted.append(what)
        if what == "epochs":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_ear(SMALL, tmp_path / "c", progress=stop)
    third = train_ear(SMALL, tmp_path / "c")
    assert third.read_bytes() == first.read_bytes()
    log = [json.loads(line) for line in (tmp_path / "c" / "ear_log.jsonl").read_text().splitlines()]
    assert [m["epoch"] for m in log] == [1, 2]
    assert "<polyline" in (tmp_path / "c" / "ear_curves.svg").read_text()
    with pytest.raises(TrainingError, match="another configuration"):
        train_ear(EarConfig(mixes=6, validation=2, epochs=3, width=32, layers=1, batch=2), tmp_path / "c")
    odds, _ = load_network(str(third)).judge(np.zeros((1, MOMENTS, BANDS), np.uint8), np.zeros(1, int))
    assert odds.shape == (1, len(PIECES))


@pytest.mark.parametrize("bad", [{"validation": 0}, {"width": 48}, {"epochs": 0}])
def test_a_run_that_cannot_be_is_refused(bad):
    with pytest.raises(TrainingError, match="must be"):
        EarConfig(**bad)
