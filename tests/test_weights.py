"""Checkpoints come back as they were saved, and anything else is refused by name."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from technogen import weights
from technogen.errors import MissingFileError, WeightsError
from technogen.weights import find_checkpoint, load_checkpoint, save_checkpoint


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "small.safetensors"
    tensors = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.ones(4, dtype=torch.float16)}
    save_checkpoint(file, tensors, kind="composer", config={"width": 16, "name": "é"})
    return file


def test_round_trip(path: Path) -> None:
    found = load_checkpoint(path, kind="composer")
    assert found.kind == "composer"
    assert found.config == {"width": 16, "name": "é"}
    assert torch.equal(found.tensors["b"], torch.arange(6.0).reshape(2, 3))
    assert found.tensors["a"].dtype == torch.float16


def test_same_content_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    found = load_checkpoint(path, kind="composer")
    save_checkpoint(again, dict(reversed(found.tensors.items())), kind=found.kind, config=found.config)
    assert again.read_bytes() == path.read_bytes()


def test_tied_and_transposed_tensors_are_saved(tmp_path: Path) -> None:
    matrix = torch.arange(6.0).reshape(2, 3)
    save_checkpoint(tmp_path / "x.safetensors", {"t": matrix.T}, kind="composer", config={})
    assert torch.equal(load_checkpoint(tmp_path / "x.safetensors", kind="composer").tensors["t"], matrix.T)


def _header(**metadata: str) -> bytes:
    header = json.dumps({"__metadata__": metadata}).encode()
    return struct.pack("<Q", len(header)) + header


HOSTILE = {
    "empty": b"",
    "text": b"These are no weights, they are a letter to you.\n" * 10,
    "short": b"\x01\x00",
    "claimed header": struct.pack("<Q", 2**62) + b"{}",
    "huge header": struct.pack("<Q", (1 << 20) + 1) + b" " * ((1 << 20) + 1),
    "nested header": struct.pack("<Q", 500_000) + b"[" * 500_000,
    "pickle": b"\x80\x04\x95" + b"\x00" * 100,
    "plain safetensors": save({"a": torch.ones(2)}),
    "other metadata": _header(format="pt"),
    "metadata that is no JSON": _header(technogen="no"),
    "metadata that is a list": _header(technogen="[1]"),
    "incomplete metadata": _header(technogen='{"config": {}}'),
    "config that is no table": _header(technogen='{"config": 3, "version": 1, "kind": "composer", "sha256": ""}'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_other_files_are_refused_by_name(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.safetensors"
    file.write_bytes(HOSTILE[name])
    with pytest.raises(WeightsError, match=r"hostile\.safetensors"):
        load_checkpoint(file, kind="composer")


@pytest.mark.parametrize("keep", [1, 7, 100, -20, -1])
def test_truncated_files_are_refused(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=r"small\.safetensors"):
        load_checkpoint(path, kind="composer")


def test_every_changed_weight_is_noticed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_checkpoint(path, kind="composer")


def test_broken_offsets_are_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"[0,24]", b"[0,25]", 1))
    with pytest.raises(WeightsError, match="damaged"):
        load_checkpoint(path, kind="composer")


def test_other_kind_is_refused(path: Path) -> None:
    with pytest.raises(WeightsError, match="'composer', needed are weights for 'ear'"):
        load_checkpoint(path, kind="ear")


def test_other_version_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FORMAT_VERSION", 2)
    with pytest.raises(WeightsError, match=r"version 1.*reads version 2"):
        load_checkpoint(path, kind="composer")


def test_too_large_file_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MAX_FILE_BYTES", 10)
    with pytest.raises(WeightsError, match="at most 10"):
        load_checkpoint(path, kind="composer")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for source in (tmp_path / "none.safetensors", tmp_path, "no-such-name"):
        with pytest.raises(MissingFileError, match="the package holds"):
            find_checkpoint(source)


def test_import_needs_no_torch() -> None:
    code = "import sys, technogen.weights; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
