"""The same data set over Ray Data, on a Ray of this machine alone."""

import warnings

import pytest
from dataset_maker import read_all, write_midi, write_tone

from technogen.dataset import DatasetConfig, build_dataset
from technogen.errors import DatasetError

CONFIG = DatasetConfig(
    window_by="seconds", length=1.0, representations=("mel",), sample_rate=8000, fft_size=512, mel_bands=20
)


@pytest.fixture
def source(tmp_path):
    for i in range(3):
        write_tone(tmp_path / "in" / f"{i}.wav", 2.5, hz=200.0 * (i + 1))
    (tmp_path / "in" / "bad.wav").write_text("bad")
    return tmp_path / "in"


@pytest.fixture
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
        )
        yield ray
        ray.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_bytes(source, tmp_path, small_ray):
    build_dataset(source, tmp_path / "local", CONFIG)
    result = build_dataset(source, tmp_path / "ray", CONFIG, jobs=2, engine="ray")
    assert (result.rows, len(result.failed), result.worked) == (6, 1, 4)
    assert read_all(tmp_path / "ray") == read_all(tmp_path / "local")
    table = small_ray.data.read_parquet([str(p) for p in sorted((tmp_path / "ray" / "data").glob("*.parquet"))])
    assert sorted({row["track"] for row in table.take_all()}) == ["0.wav", "1.wav", "2.wav"]


def test_an_engine_that_is_not_there(source, tmp_path):
    with pytest.raises(DatasetError, match="local or ray"):
        build_dataset(source, tmp_path / "out", CONFIG, engine="spark")


def test_tasks_survive_the_way_there(tmp_path):
    from technogen.dataset.working import Task, task_from_json, task_to_json

    write_midi(tmp_path / "a.mid")
    task = Task(str(tmp_path / "a.mid"), "midi", "0" * 64, str(tmp_path), CONFIG)
    assert task_from_json(task_to_json(task)) == task
