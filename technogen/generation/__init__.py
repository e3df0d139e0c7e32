"""Score to score: `Generator` writes new music by the Music Transformer or by rules; torch loads when it is needed."""

from technogen.generation.generator import Generator
from technogen.generation.sampling import Sampling

__all__ = ["Generator", "Sampling"]
