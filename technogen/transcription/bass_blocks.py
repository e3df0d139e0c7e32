"""The acid line of long recordings: heard in blocks of whole bars, so that memory does not grow with the length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from technogen.transcription.bass import BassLine, Curve, transcribe_bass
from technogen.transcription.recording import RATE, Recording
from technogen.transcription.types import BassNote, DrumHit, Grid

WHOLE_SECONDS, BLOCK_SECONDS = 900.0, 300.0
"""Recordings up to the one length are heard at once, longer ones in blocks of about the other."""


def transcribe_long_bass(recording: Recording, grid: Grid | None, drums: tuple[DrumHit, ...] = ()) -> BassLine:
    """Hear the acid line as `transcribe_bass` does, block by block where the recording is longer than 15 minutes.

    Accents, tuning and the middle of the filter are then found for each block; a note ends with its block.
    """
    edges = _find_edges(recording.seconds, grid)
    if len(edges) == 2:
        return transcribe_bass(recording.read(0, len(recording)), RATE, grid, drums)
    blocks = []
    for start, end in zip(edges, edges[1:]):
        block = recording.read(round(start * RATE), round(end * RATE))
        moved = None if grid is None else replace(grid, offset=grid.offset - start)
        hits = tuple(replace(hit, time=hit.time - start) for hit in drums if start <= hit.time < end)
        blocks.append(_move(transcribe_bass(block, RATE, moved, hits), start, end))
    return _join(blocks)


def _find_edges(seconds: float, grid: Grid | None) -> list[float]:
    """Where blocks start and end: at bar lines, each 5 to 7 minutes long."""
    if seconds <= WHOLE_SECONDS:
        return [0.0, seconds]
    bar = 1.0 if grid is None else 4 * grid.beat_seconds
    offset = 0.0 if grid is None else grid.offset
    edges = [0.0]
    while seconds - edges[-1] > 1.5 * BLOCK_SECONDS:
        edges.append(offset + round((edges[-1] + BLOCK_SECONDS - offset) / bar) * bar)
    return [*edges, seconds]


def _move(line: BassLine, start: float, end: float) -> BassLine:
    def later(curve: Curve) -> Curve:
        return tuple((seconds + start, value) for seconds, value in curve)

    notes = [
        replace(n, start=n.start + start, end=min(n.end + start, end)) for n in line.notes if n.start + start < end
    ]
    if notes:
        notes[-1] = replace(notes[-1], slide=False)
    return BassLine(tuple(notes), later(line.cutoff), later(line.resonance), line.confidence)


def _join(blocks: list[BassLine]) -> BassLine:
    """The lines of blocks as one; each counts in the confidence by its notes."""
    notes: list[BassNote] = []
    for block in blocks:
        notes += [n for n in block.notes if not notes or n.start >= notes[-1].end]
    weights = [len(block.notes) for block in blocks]
    sure = float(np.average([block.confidence for block in blocks], weights=weights)) if any(weights) else 0.0
    cutoff = tuple(point for block in blocks for point in block.cutoff)
    return BassLine(tuple(notes), cutoff, tuple(point for block in blocks for point in block.resonance), sure)
