"""Drum kits: pieces as data, the built-in machines, and kits drawn at random."""

from technogen.rendering.kits.drawing import random_kit
from technogen.rendering.kits.types import Kit, Piece

__all__ = ["Kit", "Piece", "random_kit"]
