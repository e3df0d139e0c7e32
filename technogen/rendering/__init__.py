"""Score to audio: the project's own 303 and drum machines, a mix, mastering, and soundfonts."""

from technogen.rendering.engine import Rendering, render, render_stems
from technogen.rendering.fluid import find_fluidsynth
from technogen.rendering.kits import Kit, Piece, random_kit
from technogen.rendering.options import AcidKnobs, KitName, Mix, Voice, Waveform
from technogen.rendering.presets import PRESETS, preset
from technogen.rendering.random_voices import ACID_RANGES, MIX_RANGES, Choice, Span, random_voice
from technogen.rendering.soundfont import find_soundfont

__all__ = [
    "ACID_RANGES",
    "MIX_RANGES",
    "PRESETS",
    "AcidKnobs",
    "Choice",
    "Kit",
    "KitName",
    "Mix",
    "Piece",
    "Rendering",
    "Span",
    "Voice",
    "Waveform",
    "find_fluidsynth",
    "find_soundfont",
    "preset",
    "random_kit",
    "random_voice",
    "render",
    "render_stems",
]
