"""The same transcriptions over Ray Data, on a Ray of this machine alone."""

import os
import shutil
import warnings

import pytest
from collection_maker import die_of_one_text, read_results, write_collection, write_kicks

from technogen.cli import main
from technogen.transcription import read_manifest, transcribe_folder
from technogen.transcription.collection import running

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_collection(tmp_path_factory.mktemp("collection"))


@pytest.fixture(scope="module")
def small_ray(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray itself
        ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'technogen[ray]'")
        pytest.importorskip("ray.data", reason="Ray Data is not installed: pip install 'technogen[ray]'")
        ray.init(
            num_cpus=2,
            object_store_memory=80 * 2**20,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            _temp_dir=str(tmp_path_factory.mktemp("r")),
            runtime_env={"env_vars": {"PYTHONPATH": os.path.dirname(__file__)}},
        )
        yield ray
        ray.shutdown()


def test_ray_gives_the_same_results_and_manifest(source, tmp_path, small_ray):
    (shutil.copytree(source, tmp_path / "in") / "bad.wav").write_text("no sound")
    told = []
    local = transcribe_folder(tmp_path / "in", tmp_path / "local")
    entries = transcribe_folder(
        tmp_path / "in", tmp_path / "ray", engine="ray", progress=lambda entry, done, total: told.append((done, total))
    )
    assert read_results(tmp_path / "ray") == read_results(tmp_path / "local")
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [entry.status for entry in entries] == ["ok", "ok", "ok", "failed"]
    for one, other in zip(entries, local):
        assert (one.output, one.files, one.confidence, one.reason) == (
            other.output,
            other.files,
            other.confidence,
            other.reason,
        )
    assert {entry.output: entry for entry in read_manifest(tmp_path / "ray")} == {e.output: e for e in entries}
    assert main(["transcribe", str(source), "-o", str(tmp_path / "ray"), "--engine", "ray", "--skip-existing"]) == 0
    assert len(read_manifest(tmp_path / "ray")) == 4


def test_accidents_of_one_recording_are_its_own(source, tmp_path, small_ray, monkeypatch):
    folder = shutil.copytree(source, tmp_path / "in")
    for name in ("deadly", "faulty"):
        write_kicks(folder / f"{name}.wav")
    monkeypatch.setattr(running, "work_on_text", die_of_one_text)
    entries = transcribe_folder(folder, tmp_path / "out", engine="ray")
    assert [entry.status for entry in entries] == ["ok", "ok", "ok", "failed", "failed"]
    assert "process that worked on it died" in entries[3].reason
    assert "IndexError: a fault" in entries[4].reason
