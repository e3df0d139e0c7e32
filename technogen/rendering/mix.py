"""From dry parts to stems: levels, drive, ducking, delay, room, rumble and a mono low end. They add up to the mix."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.drums import DrumStems
from technogen.rendering.effects import (
    Ducking,
    Echo,
    Filter,
    Movement,
    Narrowing,
    Room,
    Rumble,
    Saturation,
    SectionFilter,
    Sound,
    lower,
    scale,
    sections_of,
)
from technogen.rendering.options import Mix
from technogen.rendering.sections import KICK, Shaping
from technogen.score import fold_drum

STEMS = ("kick", "drums", "bass", "delay", "room", "rumble")
HEADROOM = 0.5
OFF = -60.0
_BASS_LEVEL = 0.95
_LOWEST = 20.0
"""Hertz below which the bass is filtered out: an overdrive leaves direct current."""
_ROOM_LEVEL, _RUMBLE_LEVEL = 4.0, 3.0
_ROOM_DUCKING = 0.35
"""How much of the ducking the room gets: it answers to claps, which often fall on a kick."""
_RUMBLE_DUCKING = 26.0

Line = NDArray[np.float64]


class Desk:
    """Brings dry parts to the level that they have in the mix, with their effects, block by block."""

    def __init__(self, shaping: Shaping, rate: float, mix: Mix, helper: Executor) -> None:
        """Take what is played, samples a second, levels and effects, and who plays the rooms meanwhile."""
        score = shaping.score
        self._mix = mix
        self._drum_gain = np.float32(gain_of(mix.drums) * HEADROOM)
        kicks = [note for note in score.drums if fold_drum(note.pitch) == KICK]
        self._ducking = Ducking(kicks, score, rate, mix.recovery)
        self._filters = SectionFilter(rate), SectionFilter(rate)
        self._drives = Saturation(mix.drive), Saturation(mix.drive)
        self._subsonic = Filter(sections_of(2, _LOWEST, "high", rate))
        self._narrowings = Narrowing(rate), Narrowing(rate), Narrowing(rate)
        echo_seconds = mix.delay_beats * 60 / score.tempo
        self._echo = Echo(echo_seconds, mix.feedback, rate) if mix.delay > OFF and score.bass else None
        self._room = Room(mix.reverb_seconds, rate) if mix.reverb > OFF and score.drums else None
        self._rumble = Rumble(mix.rumble_cutoff, rate) if mix.rumble > OFF and kicks else None
        self._high_pass = Movement(shaping.high_pass, score, rate, 0.0)
        self._darkness = Movement(shaping.darkness, score, rate, 0.0)
        self._send = Movement(shaping.room, score, rate, 1.0)
        self._helper = helper

    def play(self, drums: DrumStems, line: Line) -> dict[str, Sound]:
        """The stems of the next block.

        Args:
            drums: The next samples of the drums.
            line: The next samples of the 303, (n,), as many.

        Returns:
            All of `STEMS` in their order, each (n, 2).
        """
        push = self._ducking.play(len(line))
        octaves, darkness = self._high_pass.play(len(line)), self._darkness.play(len(line))
        kick, others = (
            drive.play(section.play(part * self._drum_gain, octaves, darkness))
            for part, section, drive in zip((drums.kick, drums.others), self._filters, self._drives)
        )
        room = self._helper.submit(self._play_room, drums.room, push)
        rumble = self._helper.submit(self._play_rumble, kick, push)
        ducked = lower(push, self._mix.ducking)
        line = (line * (gain_of(self._mix.bass) * _BASS_LEVEL * HEADROOM)).astype(np.float32)
        bass = scale(self._subsonic.play(np.stack([line, line], axis=1)), ducked)
        return {
            "kick": kick,
            "drums": self._narrowings[0].play(others),
            "bass": bass,
            "delay": self._play_echo(bass[:, 0].copy(), ducked),
            "room": room.result(),
            "rumble": rumble.result(),
        }

    def _play_echo(self, bass: Sound, ducked: Sound) -> Sound:
        if self._echo is None:
            return np.zeros((len(bass), 2), np.float32)
        wet = scale(self._echo.play(bass), np.float32(gain_of(self._mix.delay)) * ducked)
        return self._narrowings[1].play(wet)

    def _play_room(self, send: Sound, push: Sound) -> Sound:
        more = self._send.play(len(send))
        if self._room is None:
            return np.zeros_like(send)
        mono = (send[:, 0] + send[:, 1]) * np.float32(0.5)
        wet = self._room.play(mono if more is None else mono * more.astype(np.float32))
        gain = self._drum_gain * np.float32(gain_of(self._mix.reverb) * _ROOM_LEVEL)
        return self._narrowings[2].play(scale(wet, gain * lower(push, _ROOM_DUCKING * self._mix.ducking)))

    def _play_rumble(self, kick: Sound, push: Sound) -> Sound:
        if self._rumble is None:
            return np.zeros_like(kick)
        gain = np.float32(gain_of(self._mix.rumble) * _RUMBLE_LEVEL)
        return scale(self._rumble.play(kick), gain * lower(push, _RUMBLE_DUCKING))


def gain_of(decibels: float) -> float:
    """A level as a factor."""
    return float(10 ** (decibels / 20))
