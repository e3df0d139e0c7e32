"""Score to audio: the project's own 303 and drum machines, a mix, mastering, and soundfonts."""

from technogen.rendering.engine import render, render_stems
from technogen.rendering.fluid import find_fluidsynth
from technogen.rendering.options import AcidKnobs, KitName, Mix, Voice, Waveform
from technogen.rendering.soundfont import default_soundfont

__all__ = [
    "AcidKnobs",
    "KitName",
    "Mix",
    "Voice",
    "Waveform",
    "default_soundfont",
    "find_fluidsynth",
    "render",
    "render_stems",
]
