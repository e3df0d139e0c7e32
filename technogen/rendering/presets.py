"""Named sounds: voices that sound like a kind of techno, balanced by level meters and spectrograms."""

from __future__ import annotations

from collections.abc import Callable

from technogen.errors import RenderError
from technogen.rendering.kits import Kit
from technogen.rendering.options import AcidKnobs, Mix, Voice

PRESETS: dict[str, str] = {
    "acid": "a squelching saw over a 909: dotted-8th echoes, a bass that ducks",
    "industrial": "a driven kick with its rumble, metal, and a dark, distorted line",
    "808": "electro: a round, long kick, a square line that stays clean, a small room",
    "raw": "303 and 909 straight into the desk: no effects, no ducking, no bus compression",
    "dub": "slow and deep: a dull square line drowned in echo and a long room",
    "hypnotic": "rolling: a quiet, dark line on 8th echoes, low rumble under a soft 909",
}
"""Every name that `preset` knows, with what it sounds like."""


def preset(name: str) -> Voice:
    """A named sound.

    Args:
        name: A key of `PRESETS`.

    Raises:
        RenderError: If there is no preset of that name; the message lists those that there are.
    """
    makers: dict[str, Callable[[], Voice]] = {
        "acid": _acid,
        "industrial": _industrial,
        "808": _808,
        "raw": _raw,
        "dub": _dub,
        "hypnotic": _hypnotic,
    }
    if not isinstance(name, str) or name not in makers:
        raise RenderError(f"preset must be one of {', '.join(PRESETS)}; got {name!r}")
    return makers[name]()


def _acid() -> Voice:
    line = AcidKnobs(cutoff=0.3, resonance=0.88, envelope=0.65, decay=0.15, accent=0.8, drive=14)
    mix = Mix(
        drums=2, bass=1.5, drive=4, ducking=8, recovery=0.18, delay=0, delay_beats=0.75, feedback=0.42, reverb=-12,
        compression=2.5, tilt=0.5,
    )  # fmt: skip
    return Voice(line, Kit.named("909").turned("kick", level=-3), mix)


def _industrial() -> Voice:
    line = AcidKnobs(cutoff=0.15, resonance=0.6, envelope=0.4, decay=0.1, accent=0.5, drive=28)
    mix = Mix(
        drums=2, bass=5, drive=9, ducking=9, recovery=0.22, delay=0, delay_beats=0.5, feedback=0.5,
        reverb=-7, reverb_seconds=2.5, rumble=-21, rumble_cutoff=110, compression=3, tilt=0.5,
    )  # fmt: skip
    return Voice(line, "industrial", mix)


def _808() -> Voice:
    line = AcidKnobs(waveform="square", cutoff=0.3, resonance=0.5, envelope=0.4, decay=0.3, accent=0.5, drive=3)
    mix = Mix(
        drums=2, bass=2.5, ducking=4, recovery=0.12, delay=-6, delay_beats=0.5, feedback=0.3, reverb=-12,
        reverb_seconds=0.9, compression=1.5,
    )  # fmt: skip
    return Voice(line, Kit.named("808").turned("kick", level=-3), mix)


def _raw() -> Voice:
    line = AcidKnobs(cutoff=0.4, resonance=0.7, envelope=0.5, decay=0.2, accent=0.6, drive=0)
    mix = Mix(drums=2, bass=2, ducking=0, delay=-120, reverb=-120, rumble=-120, compression=1, sections=False)
    return Voice(line, Kit.named("909").turned("kick", level=-3), mix)


def _dub() -> Voice:
    line = AcidKnobs(waveform="square", cutoff=0.15, resonance=0.35, envelope=0.35, decay=0.5, accent=0.3, drive=4)
    mix = Mix(
        drums=2, bass=2, ducking=6, recovery=0.35, delay=6, delay_beats=0.75, feedback=0.65, reverb=-8,
        reverb_seconds=4, compression=2, tilt=0.9,
    )  # fmt: skip
    kit = Kit.named("808").turned("kick", decay=0.8, level=-6).turned("closed hat", tone=-0.3)
    return Voice(line, kit, mix)


def _hypnotic() -> Voice:
    line = AcidKnobs(cutoff=0.05, resonance=0.8, envelope=0.25, decay=0.35, accent=0.4, drive=4)
    mix = Mix(
        bass=3, drive=3, ducking=12, recovery=0.3, delay=2, delay_beats=0.5, feedback=0.6, reverb=-6,
        reverb_seconds=2.5, rumble=-24, rumble_cutoff=90, compression=2.5, tilt=0.3,
    )  # fmt: skip
    kit = Kit.named("909").turned("kick", decay=1.2, tone=-0.5, level=-1)
    for piece in ("closed hat", "open hat"):
        kit = kit.turned(piece, tone=-0.4)
    return Voice(line, kit, mix)
