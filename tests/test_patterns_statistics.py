"""The rules are fitted to distributions measured on human-made patterns; the patterns themselves are never read."""

import json
from collections import Counter
from collections.abc import Sequence
from math import log2, sqrt
from pathlib import Path

import pytest

from technogen.patterns import STYLES, compose
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Score

REFERENCE = Path(__file__).parents[2] / "shared" / "symbolic" / "reference" / "reference_stats.json"
PIECES = {"kick": 36, "snare": 38, "clap": 39, "ch": 42, "oh": 46}
GROUPS = ("permissive lmms_demos, four-on-floor", "madadog, four-on-floor", "groove_midi four-on-floor")
STEPS = 16


@pytest.fixture(scope="module")
def reference() -> dict:
    if not REFERENCE.exists():
        pytest.skip("needs the measured distributions in ../shared/symbolic/reference")
    return json.loads(REFERENCE.read_text())


@pytest.fixture(scope="module")
def acid() -> list[Score]:
    return [compose("acid", seed=seed) for seed in range(200)]


def distance(p: Sequence[float], q: Sequence[float]) -> float:
    """The Jensen-Shannon distance of two profiles, 0 (same) to 1 (disjoint)."""
    p, q = [x / sum(p) for x in p], [x / sum(q) for x in q]
    m = [(a + b) / 2 for a, b in zip(p, q)]
    divergence = lambda r: sum(x * log2(x / y) for x, y in zip(r, m) if x > 0)  # noqa: E731
    return sqrt(max(0.0, (divergence(p) + divergence(q)) / 2))


def step_of(tick: int) -> int:
    return tick % TICKS_PER_BAR // TICKS_PER_STEP


def count_steps(ticks: Sequence[int]) -> list[int]:
    counts = Counter(step_of(tick) for tick in ticks)
    return [counts[step] for step in range(STEPS)]


def test_the_distance_of_known_profiles():
    assert distance([1, 2], [2, 4]) == 0
    assert distance([1, 0], [0, 1]) == 1


def test_acid_starts_its_notes_where_303_patterns_do(acid, reference):
    onsets = count_steps([n.start for s in acid for n in s.bass])
    assert distance(onsets, reference["bass: tb03 patterns"]["onset_position_16"]) < 0.15


def test_acid_plays_the_degrees_of_303_patterns(acid, reference):
    degrees: Counter[int] = Counter()
    for score in acid:
        for bar in range(score.bars):
            pitches = [n.pitch for n in score.bass if n.start // TICKS_PER_BAR == bar]
            root = Counter(p % 12 for p in pitches).most_common(1)[0][0]
            degrees.update((p - root) % 12 for p in pitches)
    wanted = reference["bass: tb03 patterns"]["degree_from_most_common_pc"]
    assert distance([degrees[d] for d in range(12)], wanted) < 0.15


def test_acid_holds_its_notes_as_303_patterns_do(acid, reference):
    lengths = Counter(min(9, -(-n.duration // TICKS_PER_STEP)) for s in acid for n in s.bass)
    wanted = reference["bass: tb03 patterns"]["length_steps"]
    assert distance([lengths[k] for k in range(1, 10)], [wanted.get(str(k), 0) for k in range(1, 10)]) < 0.15


def test_acid_has_the_rates_of_303_patterns(acid):
    notes = [n for s in acid for n in s.bass]
    steps = STEPS * sum(s.bars for s in acid)
    held = sum(-(-n.duration // TICKS_PER_STEP) for n in notes)
    assert len(notes) / steps == pytest.approx(0.63, abs=0.05)
    assert (held - len(notes)) / steps == pytest.approx(0.17, abs=0.05)
    assert sum(n.accent for n in notes) / len(notes) == pytest.approx(0.43, abs=0.05)
    assert 0.06 <= sum(n.slide for n in notes) / len(notes) <= 0.16


def test_drums_fall_where_human_four_on_the_floor_drums_do(reference):
    scores = [compose(style, seed=seed) for style in STYLES if style != "electro" for seed in range(100)]
    groups = [reference[f"drums: {name}"] for name in GROUPS]
    for name, piece in PIECES.items():
        ours = count_steps([n.start for s in scores for n in s.drums if n.pitch == piece])
        rates = [g["onset_rate_per_bar"].get(name, [0.0] * STEPS) for g in groups]
        pooled = [sum(r[step] * g["bars"] for r, g in zip(rates, groups)) for step in range(STEPS)]
        assert distance(ours, pooled) < 0.2, name
