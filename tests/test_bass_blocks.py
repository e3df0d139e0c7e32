"""Long recordings are heard in blocks, and come out as they do in one piece."""

import numpy as np

from technogen import compose, render
from technogen.transcription import Grid, bass_blocks
from technogen.transcription.bass import transcribe_bass
from technogen.transcription.bass_blocks import transcribe_long_bass
from technogen.transcription.recording import from_samples


def test_a_line_heard_in_blocks_is_the_line_heard_at_once(monkeypatch):
    score = compose("acid", bars=16, tempo=140, seed=2).muted("drums")
    audio = render(score, loop=True)
    grid = Grid(tempo=140, offset=0.0, swing=score.swing)
    whole = transcribe_bass(audio.mono(), audio.sample_rate, grid)
    monkeypatch.setattr(bass_blocks, "WHOLE_SECONDS", 8.0)
    monkeypatch.setattr(bass_blocks, "BLOCK_SECONDS", 8.0)
    edges = bass_blocks._find_edges(audio.seconds, grid)
    assert len(edges) == 4
    assert np.allclose(np.array(edges) / (4 * grid.beat_seconds) % 1, 0, atol=1e-3)
    blocks = transcribe_long_bass(from_samples(audio.samples, audio.sample_rate), grid)
    at = {(round(n.start, 1), n.pitch) for n in blocks.notes}
    same = sum((round(n.start, 1), n.pitch) in at for n in whole.notes)
    assert same > 0.85 * len(whole.notes) > 50
    assert all(a.end <= b.start for a, b in zip(blocks.notes, blocks.notes[1:]))
    assert blocks.cutoff[-1][0] > 20


def test_nothing_comes_out_of_nothing(monkeypatch):
    monkeypatch.setattr(bass_blocks, "WHOLE_SECONDS", 2.0)
    monkeypatch.setattr(bass_blocks, "BLOCK_SECONDS", 2.0)
    line = transcribe_long_bass(from_samples(np.zeros(22050 * 9, np.float32), 22050), None)
    assert line.notes == ()
    assert line.confidence == 0
