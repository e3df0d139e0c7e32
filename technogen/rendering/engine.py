"""Score to audio: the whole way from notes to a mastered recording."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio
from technogen.errors import RenderError
from technogen.rendering.clock import sample_of
from technogen.rendering.options import MAX_RATE, MIN_RATE, Voice
from technogen.score import Score

MAX_SECONDS = 3600.0
_BEYOND_LOOP_SECONDS = 0.2

Stereo = NDArray[np.float32]


def render(
    score: Score,
    *,
    soundfont: str | Path | None = None,
    fluidsynth: bool = False,
    sample_rate: int = 44_100,
    seed: int | None = 0,
    loop: bool = False,
    voice: Voice | None = None,
) -> Audio:
    """Play a score, by default on the project's own 303 and drum machines, mixed and mastered.

    Tick t is heard at t * 60 / (480 tempo) seconds, to half a sample. The result is as long as the score plus a tail
    (`Mix.tail`) that fades out; as a loop it is exactly as long as the score, and the tail is folded into the start:
    it is what a second pass sounds like. A score in which nothing sounds becomes silence as long as the score.

    Args:
        score: What to play.
        soundfont: Play the score's MIDI with this SF2 file instead; a part that the file has no preset for (303: bank
            0, program 38; drums: bank 128, program 24 for the 909, 25 for the 808, 26 for the industrial kit, else 0)
            stays silent and is warned of in the log.
        fluidsynth: Let FluidSynth play the soundfont instead of symusic's synthesiser; without `soundfont`, the
            project's own files of the kit and the 303.
        sample_rate: 8000..192000 samples a second.
        seed: What the small differences between hits come from; the same seed gives the same samples, `None` others
            each time.
        loop: Whether the result is to be repeated without a seam.
        voice: The sound; as the defaults of `Voice` if not given. With a soundfont, kit and mastering.

    Returns:
        Stereo, at the loudness and below the true peak of `voice.mix`.

    Raises:
        RenderError: If an option is out of range, or the score lasts more than an hour.
        SoundfontError: If the soundfont cannot be read.
        MissingFileError: If there is no such soundfont.
        MissingBackendError: If FluidSynth is asked for and not installed.
    """
    voice = voice or Voice()
    plan = _plan(score, sample_rate, loop, voice)
    if soundfont is not None and not isinstance(soundfont, (str, Path)):
        raise RenderError(f"soundfont must be the path of an SF2 file, got {soundfont!r}")
    if soundfont is None and not fluidsynth:
        mixed = np.zeros((plan.samples, 2), dtype=np.float32)
        for _, stem in _stems(plan, _seed(seed), voice):
            mixed += stem
    else:
        from technogen.rendering.soundfont import own_soundfonts, play_soundfont  # noqa: PLC0415

        paths = (Path(soundfont),) if soundfont is not None else own_soundfonts(voice.kit)
        played = play_soundfont(plan.score, paths, plan.sample_rate, kit=voice.kit, fluidsynth=fluidsynth)
        mixed = _fit(played, plan)
    return Audio(_mastered(mixed, plan, voice), plan.sample_rate)


def render_stems(
    score: Score,
    *,
    sample_rate: int = 44_100,
    seed: int | None = 0,
    loop: bool = False,
    voice: Voice | None = None,
) -> dict[str, Audio]:
    """Play a score as `render` does, each part apart and before mastering; the parts add up to the mix.

    Returns:
        "kick", "drums" (the others), "bass", "delay" and "room", all equally long.

    Raises:
        RenderError: If an option is out of range, or the score lasts more than an hour.
    """
    voice = voice or Voice()
    plan = _plan(score, sample_rate, loop, voice)
    stems = _stems(plan, _seed(seed), voice)
    return {name: Audio(stem[plan.kept].copy(), plan.sample_rate) for name, stem in stems}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is played to get what is asked for.

    Attributes:
        score: The score, or enough passes of it.
        samples: How much is played.
        kept: The part of it that is the result.
        tail: How many samples at its end fade out.
        sample_rate: Samples a second.
    """

    score: Score
    samples: int
    kept: slice
    tail: int
    sample_rate: int


def _plan(score: Score, sample_rate: int, loop: bool, voice: Voice) -> _Plan:
    if not isinstance(score, Score):
        raise RenderError(f"a Score is rendered, got {type(score).__name__}; Score.load reads a MIDI file")
    if not isinstance(voice, Voice):
        raise RenderError(f"voice must be a Voice, got {voice!r}")
    rate = _whole("sample_rate", sample_rate, MIN_RATE, MAX_RATE)
    if score.seconds > MAX_SECONDS:
        raise RenderError(f"a score of {score.seconds:.0f} s is too long to render; {MAX_SECONDS:.0f} s would do")
    length = sample_of(score.length, score, rate)
    if not score.drums and not score.bass:
        return _Plan(score, length, slice(0, length), 0, rate)
    if not loop:
        tail = round(voice.mix.tail * rate)
        return _Plan(score, length + tail, slice(0, length + tail), tail, rate)
    before = max(1, math.ceil(voice.mix.tail / score.seconds))
    long = score.repeated(before + 2)
    first, last = (sample_of(passes * score.length, long, rate) for passes in (before, before + 1))
    samples = min(last + round(_BEYOND_LOOP_SECONDS * rate), sample_of(long.length, long, rate))
    return _Plan(long, samples, slice(first, first + length), 0, rate)


def _stems(plan: _Plan, seed: int, voice: Voice) -> Iterator[tuple[str, Stereo]]:
    from technogen.rendering.mix import STEMS, fade_tail, mix_stems  # noqa: PLC0415

    if not plan.score.drums and not plan.score.bass:
        yield from ((name, np.zeros((plan.samples, 2), dtype=np.float32)) for name in STEMS)
        return
    from technogen.rendering.acid import play_line  # noqa: PLC0415
    from technogen.rendering.drums import play_drums  # noqa: PLC0415

    rate = plan.sample_rate
    line = play_line(plan.score, plan.samples, rate, voice.acid)
    drums = play_drums(plan.score, plan.samples, rate, seed=seed, kit=voice.kit)
    for name, stem in mix_stems(plan.score, drums, line, rate, voice.mix):
        yield name, fade_tail(stem, plan.tail)


def _fit(wave: NDArray[np.float64], plan: _Plan) -> Stereo:
    """What a soundfont player gave, cut or filled to the length of the plan, its tail faded."""
    from technogen.rendering.mix import fade_tail  # noqa: PLC0415

    fitted = np.zeros((plan.samples, 2), dtype=np.float32)
    fitted[: len(wave)] = wave[: plan.samples]
    return fade_tail(fitted, plan.tail)


def _mastered(mixed: Stereo, plan: _Plan, voice: Voice) -> Stereo:
    if not plan.score.drums and not plan.score.bass:
        return np.zeros((plan.samples, 2), dtype=np.float32)
    from technogen.rendering.mastering import master_mix  # noqa: PLC0415

    return master_mix(mixed, plan.sample_rate, voice.mix, plan.kept)


def _seed(seed: int | None) -> int:
    return secrets.randbits(63) if seed is None else _whole("seed", seed, 0, 2**63)


def _whole(name: str, value: int, low: int, high: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise RenderError(f"{name} must be a whole number in {low}..{high}, got {value!r}") from None
    if not low <= number <= high:
        raise RenderError(f"{name} must be in {low}..{high}, got {number}")
    return number
