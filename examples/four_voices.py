"""The same acid line over the same beat, played four ways; each WAV is a loop without a seam."""

import sys
from pathlib import Path

from technogen import Note, Score, render
from technogen.score import TICKS_PER_STEP

# One word a 16th: a note; upper case is an accent, > after it slides into the next. Drums: x is a hit, X an accent.
PITCHES = {"a": 33, "b": 34, "c": 36, "d": 38, "e": 40, "o": 45}
LINE = ["a", "-", "O>", "a", "A", "-", "c>", "d", "-", "A", "a>", "o", "a", "-", "E", "b"]
DRUMS = {36: "X...X...X...X...", 39: "....x.......X...", 42: "x.x.x.x.x.x.x.xx", 46: "..x...x...x...x."}


def write_bar() -> Score:
    """One bar in A phrygian."""
    bass, drums = [], []
    for step, word in enumerate(LINE):
        if word != "-":
            slide, velocity = ">" in word, 127 if word[0].isupper() else 80
            bass.append(Note(step * TICKS_PER_STEP, 120 if slide else 70, PITCHES[word[0].lower()], velocity, slide))
    for pitch, row in DRUMS.items():
        hits = [(step, 120 if sign == "X" else 90) for step, sign in enumerate(row) if sign != "."]
        drums += [Note(step * TICKS_PER_STEP, 60, pitch, velocity) for step, velocity in hits]
    return Score(tempo=134, bars=1, drums=tuple(drums), bass=tuple(bass))


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for name in ("acid", "industrial", "808", "raw"):
        path = folder / f"four_voices_{name}.wav"
        render(write_bar().repeated(4), voice=name, loop=True).save(path)
        print(path)
