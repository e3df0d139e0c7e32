"""The table of the ear beside other tools: what it says is what was measured, goal by goal."""

import importlib.util
import sys
from pathlib import Path

import pytest

from technogen.evaluation import Counts, Figure

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "ear_figures.py"


@pytest.fixture(scope="module")
def ear_figures():
    if not SCRIPT.exists():
        pytest.skip(f"the benchmarks are not there: {SCRIPT}")
    spec = importlib.util.spec_from_file_location("ear_figures", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["ear_figures"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["ear_figures"]


@pytest.fixture
def results(ear_figures):
    def table(**values):
        return {key.replace("__", "/"): Figure(key, key, value) for key, value in values.items()}

    classes = {f"drums_techno/{name}": Figure(name, name, None, Counts(0, 4, 0)) for name in ear_figures.CLASSES}
    whole = {
        "drummachine_loops": {**table(beat_f20=0.97, drums_five__sum=0.8996, drums_techno__sum=0.7), **classes},
        "acid_mixes": table(beat_f20=1.0, bass__slide=0.5, downbeat_f=1.0),
    }
    cropped = {"acid_mixes": table(downbeat_f=0.7)}
    peers = {
        "best": {"drummachine_loops": {"beat_f20": 0.872}, "acid_mixes": {"bass/slide": 0.0, "downbeat_f": 0.652}},
        "simple": {"drummachine_loops": {"beat_f20": 0.079, "drums_five/sum": 0.0}},
        "cropped": {"acid_mixes": {"downbeat_f": 0.649}},
    }
    return ear_figures.Results(whole, cropped, peers)


def test_goals(ear_figures, results):
    found = {(g.group, g.key): rest for g, *rest in ear_figures.compare(results)}
    assert found["drummachine_loops", "beat_f20"] == [0.872, 0.97, "pass"]
    assert found["drummachine_loops", "drums_five/sum"] == [None, 0.8996, "pass"], "three digits count"
    assert found["drummachine_loops", "drums_techno/sum"] == [None, 0.7, "MISS"]
    assert found["acid_mixes", "beat_f20"] == [None, 1.0, "aim"]
    assert found["acid_mixes", "downbeat_f"] == [0.649, 0.7, "MISS"], "with the start cut off"
    assert found["acid_mixes", "bass/slide"] == [None, 0.5, "pass"], "nobody else hears slides"
    assert found["tb303_open303", "cutoff_rho"] == [None, None, "not in these recordings"]


def test_pages_are_tables(ear_figures, results):
    page = "\n".join(ear_figures.as_pages(results))
    assert page.count(".. list-table::") == 4
    assert "     - - " not in page, "a list in a list"
    assert "\\- / 0.000" in page
    for block in page.split(".. list-table::")[1:]:
        rows = block.split("\n   * -")[1:]
        assert len({row.count("\n     -") for row in rows}) == 1, "as many cells in each row"


def test_words(ear_figures, results):
    lines = list(ear_figures.in_words(results))
    assert len(lines) == 1 + len(ear_figures.GOALS)
    assert all(0 < g.must <= g.aim <= 1 for g in ear_figures.GOALS)
