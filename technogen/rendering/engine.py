"""Score to audio: the whole way from notes to a mastered recording, block by block."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio
from technogen.errors import RenderError
from technogen.rendering.options import Voice
from technogen.rendering.plan import BLOCK, Plan, plan_rendering, whole_number
from technogen.score import Score

if TYPE_CHECKING:
    from technogen.rendering.drums import DrumStems

_log = logging.getLogger(__name__)

Stereo = NDArray[np.float32]
Progress = Callable[[float], None]

_MIXED = 0.8
"""The share of the work that is done when everything is mixed."""


def render(
    score: Score,
    *,
    soundfont: str | Path | None = None,
    fluidsynth: bool = False,
    sample_rate: int = 44_100,
    seed: int | None = 0,
    loop: bool = False,
    voice: Voice | str | None = None,
) -> Audio:
    """Play a score, by default on the project's own 303 and drum machines, mixed and mastered.

    Tick t is heard at t * 60 / (480 tempo) seconds, to half a sample. The result is as long as the score plus a tail
    (`Mix.tail`) that fades out; as a loop it is exactly as long as the score, and the tail is folded into the start:
    it is what a second pass sounds like. A score in which nothing sounds becomes silence as long as the score.
    Sections of the score shape the sound, unless `Mix.sections` is off: the filter opens in a build, where the drums
    get thin, and a breakdown has no kick and more room. `Rendering` does the same and tells how far it is.

    Args:
        score: What to play.
        soundfont: Play the score's MIDI with this SF2 file instead; a part that the file has no preset for (303: bank
            0, program 38; drums: bank 128, program 24 for the 909 or 25 for the 808, else 0) stays silent and is
            warned of in the log.
        fluidsynth: Let FluidSynth play the soundfont instead of symusic's synthesiser; without `soundfont`, the
            project's own.
        sample_rate: 8000..192000 samples a second.
        seed: What the small differences between hits come from; the same seed gives the same samples, `None` others
            each time.
        loop: Whether the result is to be repeated without a seam. Where the loop would not be a whole number of
            samples, all of it is played that little faster or slower, by at most half a sample a pass.
        voice: The sound, or the name of a preset; as the defaults of `Voice` if not given. With a soundfont, kit and
            mastering.

    Returns:
        Stereo, at the loudness and below the true peak of `voice.mix`.

    Raises:
        RenderError: If an option is out of range, or the score lasts more than an hour.
        SoundfontError: If the soundfont cannot be read.
        MissingFileError: If there is no such soundfont.
        MissingBackendError: If FluidSynth is asked for and not installed.
    """
    return Rendering(
        score,
        soundfont=soundfont,
        fluidsynth=fluidsynth,
        sample_rate=sample_rate,
        seed=seed,
        loop=loop,
        voice=voice,
    ).play()


def render_stems(
    score: Score,
    *,
    sample_rate: int = 44_100,
    seed: int | None = 0,
    loop: bool = False,
    voice: Voice | str | None = None,
) -> dict[str, Audio]:
    """Play a score as `render` does, each part apart and before mastering; the parts add up to the mix.

    Returns:
        "kick", "drums" (the others), "bass", "delay", "room" and "rumble", all equally long.

    Raises:
        RenderError: If an option is out of range, or the score lasts more than an hour.
    """
    return Rendering(score, sample_rate=sample_rate, seed=seed, loop=loop, voice=voice).play_stems()


@dataclass(frozen=True, slots=True)
class Rendering:
    """What `render` is asked for, to be played with word of how far it is.

    `Rendering(score, voice="acid").play(bar.update)` calls `bar.update` with the share that is done, 0 to 1, some
    times a second. Between two of these calls little is under way: whatever the function raises, and an interrupt
    from the keyboard, ends the rendering at once.

    Attributes:
        score: As in `render`, and the others too.
        soundfont: An SF2 file that plays instead.
        fluidsynth: Whether FluidSynth plays it.
        sample_rate: Samples a second.
        seed: Of the small differences between hits.
        loop: Whether the result is to be repeated.
        voice: The sound, or the name of a preset.

    Raises:
        RenderError: If an option is out of range, or the score lasts more than an hour.
    """

    score: Score
    _: KW_ONLY
    soundfont: str | Path | None = None
    fluidsynth: bool = False
    sample_rate: int = 44_100
    seed: int | None = 0
    loop: bool = False
    voice: Voice | str | None = None
    _voice: Voice = field(init=False, repr=False, compare=False)
    _plan: Plan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_voice", _find_voice(self.voice))
        object.__setattr__(self, "_plan", plan_rendering(self.score, self.sample_rate, self._voice, loop=self.loop))
        if self.soundfont is not None and not isinstance(self.soundfont, (str, Path)):
            raise RenderError(f"soundfont must be the path of an SF2 file, got {self.soundfont!r}")
        if self.seed is not None:
            whole_number("seed", self.seed, 0, 2**63)

    def play(self, report: Progress | None = None) -> Audio:
        """The mastered recording, as `render` gives it; `report` is told the share that is done."""
        from technogen.rendering import bus_kernels  # noqa: PLC0415
        from technogen.rendering.mastering import Master  # noqa: PLC0415

        report = report or _say_nothing
        plan = self._plan
        if plan.silent:
            report(1.0)
            return Audio(np.zeros((plan.samples, 2), dtype=np.float32), plan.sample_rate)
        if not bus_kernels.limit.signatures:  # type: ignore[attr-defined]
            _log.info("compiling the mix, or loading it as compiled before; only the first call does")
        master = Master(plan, self._voice.mix)
        done = 0
        for mixed in self._mixed_blocks():
            master.take(mixed)
            done += len(mixed)
            report(_MIXED * done / plan.samples)
        audio = Audio(master.finish(lambda share: report(_MIXED + (1 - _MIXED) * share)), plan.sample_rate)
        report(1.0)
        return audio

    def play_stems(self, report: Progress | None = None) -> dict[str, Audio]:
        """The parts before mastering, as `render_stems` gives them; `report` is told the share that is done."""
        from technogen.rendering.mix import STEMS  # noqa: PLC0415

        report = report or _say_nothing
        plan = self._plan
        length = plan.kept.stop - plan.kept.start
        waves = {name: np.zeros((length, 2), dtype=np.float32) for name in STEMS}
        at = -plan.kept.start
        for block in () if plan.silent else self._stem_blocks():
            for name, stem in block.items():
                part = stem[max(0, -at) : max(0, length - at)]
                waves[name][max(0, at) : max(0, at) + len(part)] = part
            at += len(block["kick"])
            report(min(1.0, (at + plan.kept.start) / plan.samples))
        return {name: Audio(wave, plan.sample_rate) for name, wave in waves.items()}

    def _mixed_blocks(self) -> Iterator[Stereo]:
        if self.soundfont is not None or self.fluidsynth:
            yield from self._soundfont_blocks()
            return
        for stems in self._stem_blocks():
            mixed, *others = stems.values()
            for stem in others:
                mixed += stem
            yield mixed

    def _stem_blocks(self) -> Iterator[dict[str, Stereo]]:
        from technogen.rendering.mix import Desk  # noqa: PLC0415

        plan = self._plan
        at = 0
        with ThreadPoolExecutor(1) as helper:
            desk = Desk(plan.shaping, plan.clock_rate, self._voice.mix, helper)
            for drums, line in _dry_blocks(plan, self._drawn_seed(), self._voice):
                stems = desk.play(drums, line)
                if at + len(line) > plan.samples - plan.tail:
                    fade = _fade(np.arange(at, at + len(line)), plan)
                    stems = {name: stem * fade for name, stem in stems.items()}
                at += len(line)
                yield stems

    def _soundfont_blocks(self) -> Iterator[Stereo]:
        """What a soundfont player gives, cut or filled to the length of the plan, its tail faded."""
        from technogen.rendering.soundfont import own_soundfonts, play_soundfont  # noqa: PLC0415

        plan, voice = self._plan, self._voice
        paths = own_soundfonts(voice.kit) if self.soundfont is None else self.soundfont
        played = play_soundfont(plan.score, paths, plan.sample_rate, kit=voice.kit, fluidsynth=self.fluidsynth)
        for start in range(0, plan.samples, BLOCK):
            block = np.zeros((min(BLOCK, plan.samples - start), 2), dtype=np.float32)
            part = played[start : start + len(block)]
            block[: len(part)] = part
            yield block * _fade(np.arange(start, start + len(block)), plan)

    def _drawn_seed(self) -> int:
        return secrets.randbits(63) if self.seed is None else int(self.seed)


def _dry_blocks(plan: Plan, seed: int, voice: Voice) -> Iterator[tuple[DrumStems, NDArray[np.float64]]]:
    """Drums and 303 as they come out of the machines, both played in threads a block ahead."""
    from technogen.rendering.acid import AcidLine  # noqa: PLC0415
    from technogen.rendering.drums import DrumMachine  # noqa: PLC0415
    from technogen.rendering.sections import from_start  # noqa: PLC0415

    opening = from_start(plan.shaping.opening)
    line = AcidLine(plan.score, plan.clock_rate, voice.acid, opening=opening)
    machine = DrumMachine(plan.score, plan.clock_rate, seed=seed, kit=voice.kit)
    with ThreadPoolExecutor(1) as drummer, ThreadPoolExecutor(1) as bassist:
        coming = None
        for length in (*plan.blocks(), 0):
            ready = coming
            coming = (drummer.submit(machine.play, length), bassist.submit(line.play, length)) if length else None
            if ready is not None:
                yield ready[0].result(), ready[1].result()


def _fade(clock: NDArray[np.int64], plan: Plan) -> Stereo:
    """The gain of samples in and before the tail, (n, 1)."""
    into = (clock - (plan.samples - plan.tail)) / max(1, plan.tail - 1)
    gain = 0.5 + 0.5 * np.cos(np.pi * np.clip(into, 0, 1)) if plan.tail else np.ones(len(clock))
    return gain.astype(np.float32)[:, None]


def _find_voice(voice: Voice | str | None) -> Voice:
    if isinstance(voice, str):
        from technogen.rendering.presets import preset  # noqa: PLC0415

        return preset(voice)
    if voice is not None and not isinstance(voice, Voice):
        raise RenderError(f"voice must be a Voice or the name of a preset, got {voice!r}")
    return voice or Voice()


def _say_nothing(share: float) -> None:
    del share
