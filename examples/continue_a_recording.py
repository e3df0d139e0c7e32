"""Transcribe a recording, let the model go on from it, and play what it wrote: FILE OUT_FOLDER."""

import sys
from pathlib import Path

from technogen import Generator, render, transcribe

source, folder = Path(sys.argv[1]), Path(sys.argv[2])

track = transcribe(source)
print(f"{source.name}: {track.tempo} bpm, confidence {track.confidence}")

generator = Generator()
for seed in (1, 2, 3):
    idea = generator.generate(track.score, bars=4, seed=seed)
    idea.save(folder / f"idea-{seed}.mid")
    render(idea).save(folder / f"idea-{seed}.wav")
    print(folder / f"idea-{seed}.wav")
