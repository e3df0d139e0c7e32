"""Techno and acid by rules: the baseline composer, and material to train on. Seeded; in ticks and 16th steps."""

from technogen.patterns.composing import compose
from technogen.patterns.recipe import Recipe
from technogen.patterns.styles import STYLES
from technogen.patterns.vocabulary import SCALES, BassStyle, DrumStyle, Figure, Spread, Style, Voice

__all__ = ["SCALES", "STYLES", "BassStyle", "DrumStyle", "Figure", "Recipe", "Spread", "Style", "Voice", "compose"]
