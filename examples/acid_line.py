"""Write an acid line by hand, with accents and a slide, over a kick; save it as MIDI and as sound."""

import sys
from pathlib import Path

from technogen import Control, Note, Score, render
from technogen.score import TICKS_PER_STEP

GATE = 70  # ticks: 58 % of a 16th, as on a TB-303

# One character a 16th: the note; upper case is an accent, > after it slides into the next.
PITCHES = {"a": 33, "c": 36, "e": 40, "g": 43, "o": 45}
STEPS = ["a", "a", "O", "-", "A", "c>", "g", "-", "a", "-", "O>", "a", "A", "-", "e", "g"]


def write_line() -> Score:
    """One bar of A minor over four kicks, the filter opening."""
    bass = []
    for step, word in enumerate(STEPS):
        if word != "-":
            slide = word.endswith(">")
            duration = TICKS_PER_STEP if slide else GATE
            velocity = 127 if word[0].isupper() else 80
            bass.append(Note(step * TICKS_PER_STEP, duration, PITCHES[word[0].lower()], velocity, slide))
    kicks = [Note(beat * 480, 60, 36, 110) for beat in range(4)]
    opening = [Control(beat * 480, "cutoff", 40 + 20 * beat) for beat in range(4)]
    return Score(tempo=138, bars=1, drums=tuple(kicks), bass=tuple(bass), controls=tuple(opening))


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    score = write_line().repeated(4)
    score.save(folder / "acid_line.mid")
    render(score).save(folder / "acid_line.wav")
    print(folder / "acid_line.mid", folder / "acid_line.wav")
