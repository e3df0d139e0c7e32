"""The rules are fitted to distributions measured on human-made patterns; the patterns themselves are never read."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from technogen.patterns import compose
from technogen.score import TICKS_PER_STEP

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT.parent / "shared" / "symbolic" / "reference" / "reference_stats.json"
BENCHMARK = ROOT / "benchmarks" / "pattern_statistics.py"
DISTANCES = 8


@pytest.fixture(scope="module")
def statistics() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pattern_statistics", BENCHMARK)
    assert spec is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(statistics) -> list:
    if not REFERENCE.exists():
        pytest.skip("needs the measured distributions in ../shared/symbolic/reference")
    return statistics.measure(json.loads(REFERENCE.read_text()), pieces=100)


def test_the_distance_of_known_profiles(statistics):
    assert statistics.distance([1, 2], [2, 4]) == 0
    assert statistics.distance([1, 0], [0, 1]) == 1
    assert statistics.distance([1, 1], [1, 0]) == statistics.distance([1, 0], [1, 1])


def test_onsets_and_degrees_are_counted(statistics):
    score = compose("acid", bars=4, seed=1)
    steps = statistics.count_steps(n.start for n in score.bass)
    assert sum(steps) == len(score.bass) == sum(statistics.count_degrees([score]))
    assert steps[0] == sum(n.start % (16 * TICKS_PER_STEP) == 0 for n in score.bass)


def test_the_rules_are_as_near_to_human_patterns_as_they_must_be(rows):
    assert [row.name for row in rows if not row.holds] == []
    assert sum(row.limit is None for row in rows) == DISTANCES


def test_most_of_the_rules_are_nearer_still(rows):
    distances = [row.value for row in rows if row.limit is None]
    assert sorted(distances)[DISTANCES // 2] < 0.08
    assert max(distances) < 0.13


def test_the_command_writes_pieces_of_every_style(statistics, tmp_path, monkeypatch):
    monkeypatch.setattr(statistics, "WRITTEN", 7)
    statistics.write_pieces(tmp_path, seed=5)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 7
    assert {name[:4] for name in names} == {"acid", "indu", "hard", "dub0", "hypn", "elec"}
