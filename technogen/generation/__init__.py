"""Score to score: the Music Transformer, and what writes music with it."""
