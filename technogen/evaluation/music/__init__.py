"""Figures of sets of scores, each in one short function: what machines can tell of generated music."""
