"""What a rendering can be asked for: the knobs of the 303, the mix, and both with a drum kit as one voice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from technogen.errors import RenderError
from technogen.rendering.kits import Kit

Waveform = Literal["saw", "square"]
KitName = Literal["909", "808", "industrial"]

MIN_RATE, MAX_RATE = 8_000, 192_000

HAT_GROUP = frozenset((42, 46))
"""The pieces of which one cuts the other off."""


def _check(owner: object, ranges: dict[str, tuple[float, float]]) -> None:
    for name, (low, high) in ranges.items():
        value = getattr(owner, name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not low <= value <= high:
            raise RenderError(f"{name} must be a number in {low:g}..{high:g}, got {value!r}")


@dataclass(frozen=True, slots=True)
class AcidKnobs:
    """The knobs of the 303, from 0 to 1 unless said otherwise.

    Attributes:
        waveform: "saw" or "square": the square is the saw, shaped as the circuit does it.
        tuning: Semitones, -12..12.
        cutoff: Logarithmic from 314 to 2394 Hz; the cutoff curve of a score takes over where it starts: straight lines
            between its points, none longer than a bar.
        resonance: Just below self-oscillation at 1; the resonance curve of a score takes over likewise.
        envelope: How far the envelope opens the filter.
        decay: Time constant of the filter envelope, logarithmic from 0.2 to 2 s; an accent always takes 0.2 s.
        accent: How much louder and brighter accents are: up to an octave, more slowly and piling up from accent to
            accent at high resonance.
        drive: Gain into the overdrive in dB, 0 (all but clean) to 40.
        free_running: Whether the oscillator runs on through rests, as in the circuit: no two bars are then the same
            samples, and a loop is seamless but not what a longer rendering repeats. Else each note that is struck
            starts alike.
    """

    waveform: Waveform = "saw"
    tuning: float = 0.0
    cutoff: float = 0.35
    resonance: float = 0.75
    envelope: float = 0.5
    decay: float = 0.2
    accent: float = 0.6
    drive: float = 9.0
    free_running: bool = False

    def __post_init__(self) -> None:
        if self.waveform not in ("saw", "square"):
            raise RenderError(f"waveform must be 'saw' or 'square', got {self.waveform!r}")
        turned = ("cutoff", "resonance", "envelope", "decay", "accent")
        _check(self, {"tuning": (-12, 12), "drive": (0, 40), **dict.fromkeys(turned, (0.0, 1.0))})
        if not isinstance(self.free_running, bool):
            raise RenderError(f"free_running must be True or False, got {self.free_running!r}")


@dataclass(frozen=True, slots=True)
class Mix:
    """Levels, effects and mastering; a level of -60 dB and below is off.

    Attributes:
        drums: Gain of all drums in dB.
        bass: Gain of the bass in dB.
        drive: Gain in dB into the saturation of the drums, 0 (clean) to 36; the kick has one of its own, so that each
            stem is whole.
        ducking: How far a full kick pushes the bass and its echoes down, in dB; the room a third of that.
        recovery: Seconds that the ducking takes to let go, 0.03..0.6: tight to pumping.
        delay: Level of the echo of the bass in dB.
        delay_beats: Time between two echoes, left and right in turn, 0.125..2 beats; 0.75 is a dotted 8th.
        feedback: Share of an echo that goes round again, 0..0.9.
        reverb: Level of the room that claps, snares and percussion share, in dB.
        reverb_seconds: How long that room takes to fall by 60 dB, 0.1..8.
        rumble: Level of the kick's low-passed room in dB; at 0 about as loud as the kick, and silent under it.
        rumble_cutoff: Where that is low-passed, 40..400 Hz.
        compression: Ratio of the bus compressor, 1 (off) to 10.
        tilt: Spectrum of the whole, in dB an octave around 1 kHz, -6..6.
        sections: Whether the sections of the score shape the sound: in a "build" the filter opens by 1.5 octaves and
            a high-pass rises on the drums; a "breakdown" or "break" has no kick, no rumble and more room; "intro" and
            "outro" are darker; all others are full.
        loudness: Integrated loudness of the result in LUFS: -14 for streaming, -9 for a club; `None` leaves the level
            as mixed, and with `compression` 1 and no `tilt` all that stays below -4.4 dBFS exactly as mixed.
        ceiling: True peak of the result in dBTP.
        tail: Seconds that ring on after the last bar, faded out; a loop folds its tail into its start instead.
    """

    drums: float = 0.0
    bass: float = 0.0
    drive: float = 0.0
    ducking: float = 7.0
    recovery: float = 0.2
    delay: float = -11.0
    delay_beats: float = 0.75
    feedback: float = 0.35
    reverb: float = -12.0
    reverb_seconds: float = 0.6
    rumble: float = -120.0
    rumble_cutoff: float = 120.0
    compression: float = 2.0
    tilt: float = 0.0
    sections: bool = True
    loudness: float | None = -14.0
    ceiling: float = -1.0
    tail: float = 2.0

    def __post_init__(self) -> None:
        ranges: dict[str, tuple[float, float]] = {
            "drums": (-120, 24),
            "bass": (-120, 24),
            "drive": (0, 36),
            "ducking": (0, 40),
            "recovery": (0.03, 0.6),
            "delay": (-120, 6),
            "delay_beats": (0.125, 2),
            "feedback": (0, 0.9),
            "reverb": (-120, 6),
            "reverb_seconds": (0.1, 8),
            "rumble": (-120, 6),
            "rumble_cutoff": (40, 400),
            "compression": (1, 10),
            "tilt": (-6, 6),
            "ceiling": (-20, 0),
            "tail": (0, 30),
        }
        if self.loudness is not None:
            ranges["loudness"] = (-60, -6)
        _check(self, ranges)
        if not isinstance(self.sections, bool):
            raise RenderError(f"sections must be True or False, got {self.sections!r}")


@dataclass(frozen=True, slots=True)
class Voice:
    """Everything that makes the sound of a rendering.

    Attributes:
        acid: The 303.
        kit: "909", "808", "industrial", or any other `Kit`.
        mix: Levels, effects and mastering.
    """

    acid: AcidKnobs = field(default_factory=AcidKnobs)
    kit: KitName | Kit = "909"
    mix: Mix = field(default_factory=Mix)

    def __post_init__(self) -> None:
        if not isinstance(self.kit, Kit) and self.kit not in get_args(KitName):
            raise RenderError(f"kit must be {', '.join(map(repr, get_args(KitName)))} or a Kit, got {self.kit!r}")
        for part, kind in zip(fields(self), (AcidKnobs, object, Mix)):
            if not isinstance(getattr(self, part.name), kind):
                raise RenderError(f"{part.name} must be of type {kind.__name__}, got {getattr(self, part.name)!r}")
