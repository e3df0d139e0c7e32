"""Learn where in a bar each drum piece is played: the table of `technogen.transcription.bar_positions`.

    python benchmarks/bar_positions.py [SYMBOLIC_FOLDER]

Pieces by rules, and the permissive human files of a folder with an `index.csv`, are cut into windows, spoilt as an ear
spoils them, and turned by a random number of 16ths; the weights are those of the multinomial logistic regression that
turns them back. `lmms_demos` is left out: some of those songs are among the recordings that the ear is measured on.
"""

import csv
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from technogen.patterns import STYLES, compose
from technogen.score import TICKS_PER_STEP, Score
from technogen.transcription.bar_positions import PIECE_ROWS, ROWS, STEPS

SEEDS, WINDOWS, LENGTHS = 250, 8, (2, 4, 4, 8, 16, 32)
HUMAN_WEIGHT, DECAY = 0.3, 1e-4


def count_bars(score):
    """Which pieces start where, (bars, rows, steps)."""
    played = np.zeros((score.bars, ROWS, STEPS))
    for note in score.drums:
        step = min(round(note.start / TICKS_PER_STEP), score.bars * STEPS - 1)
        played[step // STEPS, PIECE_ROWS.get(note.pitch, ROWS - 1), step % STEPS] = 1
    return played


def spoil(rates, random):
    """Pieces not heard, taken for others, missed and added here and there."""
    rates = rates.copy()
    rates[random.random(ROWS) < 0.12] = 0
    for _ in range(random.integers(0, 3)):
        source, target = random.integers(0, ROWS, 2)
        heard = random.random(STEPS) < (random.choice([0.5, 1]) if (stays := random.random() < 0.5) else 1)
        rates[target] = np.maximum(rates[target], rates[source] * heard)
        if not stays and random.random() < 0.5:
            rates[source] = 0
    rates[random.random(rates.shape) < random.choice([0, 0.03, 0.1])] = 0
    added = (random.random(rates.shape) < random.choice([0, 0.005, 0.02])) & (rates.max(axis=0) > 0.3)
    return np.where(added, 1, rates)


def read_scores(folder):
    """(score, weight) of pieces by rules and of human files."""
    energies = (0.4, 0.55, 0.7, 0.85, 1.0)
    for style in STYLES:
        for seed in range(SEEDS):
            yield compose(style, bars=8 if seed % 5 else 32, seed=10_000 + seed, energy=energies[seed % 5]), 1.0
    for row in csv.DictReader((folder / "index.csv").open()) if folder else ():
        if row["tier"] == "permissive" and row["source"] != "lmms_demos" and row["ts"] == "4/4":
            yield Score.load(folder / row["file"]), 1.0 if row["dance_core"] == "1" else HUMAN_WEIGHT


def make_examples(folder, random):
    """Rates as heard, (n, rows, steps), and the weight of each."""
    examples, weights = [], []
    for score, weight in read_scores(folder):
        played = count_bars(score)
        for _ in range(WINDOWS):
            length = min(int(random.choice(LENGTHS)), score.bars)
            first = int(random.integers(0, score.bars - length + 1))
            window = played[first : first + length]
            if window.sum() >= 2 * length:
                examples.append(spoil(window.mean(axis=0), random))
                weights.append(weight)
    return np.array(examples), np.array(weights) / np.sum(weights)


def learn(examples, weights):
    """The weights, (rows, steps)."""
    turned = np.stack([np.roll(examples, -r, axis=2) for r in range(STEPS)], axis=1).reshape(len(examples), STEPS, -1)

    def loss(table):
        scores = turned @ table
        logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        gradient = np.einsum("nr,nrk->k", weights[:, None] * np.exp(logs), turned) - weights @ turned[:, 0]
        return -float(weights @ logs[:, 0]) + DECAY * float(table @ table), gradient + 2 * DECAY * table

    found = minimize(loss, np.zeros(turned.shape[2]), jac=True, method="L-BFGS-B")
    return found.x.reshape(ROWS, STEPS), found.fun


def main():
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    table, loss = learn(*make_examples(folder, np.random.default_rng(1)))
    for row in table:
        print("    (" + ", ".join(f"{value:.1f}" for value in row) + "),")
    print(f"loss {loss:.3f} (chance {np.log(STEPS):.3f})")


if __name__ == "__main__":
    main()
