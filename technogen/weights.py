"""Checkpoints: named tensors and a configuration in one safetensors file that can be verified. Never pickle.

The configuration, its format version and the SHA-256 of the tensor bytes travel in the file's own header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from technogen.errors import MissingFileError, WeightsError
from technogen.files import write_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

T = TypeVar("T")

FORMAT_VERSION = 1
SUFFIX = ".safetensors"
MAX_HEADER_BYTES = 1 << 20
MAX_FILE_BYTES = 1 << 30

_KEY = "technogen"
_LENGTH_BYTES = 8
_SHIPPED = "checkpoints"
_REMEDY = "train one with `technogen train`, or leave the checkpoint out to use the one in the package"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        kind: What the weights are for, as in "composer".
        config: What was given when it was saved, as JSON gives it back.
        tensors: By name, on the CPU.
    """

    kind: str
    config: dict[str, Any]
    tensors: dict[str, Tensor]


def save_checkpoint(path: str | Path, tensors: Mapping[str, Tensor], *, kind: str, config: Mapping[str, Any]) -> None:
    """Write a checkpoint; an existing file is replaced at once or, on failure, left as it was.

    Args:
        path: Of the file to write.
        tensors: By name; stored in their own precision.
        kind: What the weights are for, as in "composer".
        config: Anything that JSON can hold.

    Raises:
        OutputError: If the file cannot be written.
    """
    from safetensors.torch import save  # noqa: PLC0415

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    digest = hashlib.sha256(_tensor_bytes(save(plain))).hexdigest()
    about = {"version": FORMAT_VERSION, "kind": kind, "sha256": digest, "config": dict(config)}
    write_bytes(path, save(plain, metadata={_KEY: json.dumps(about, sort_keys=True)}))


def load_checkpoint(source: str | Path, *, kind: str) -> Checkpoint:
    """Read a checkpoint and verify it.

    Args:
        source: A file, or the name of a checkpoint in the package, as in "composer".
        kind: What the weights must be for.

    Raises:
        MissingFileError: If there is no such file or name.
        WeightsError: If the file is no checkpoint of this kind and version, or is damaged.
    """
    from safetensors.torch import load  # noqa: PLC0415

    path, data, config = _read_verified(source, kind)
    return Checkpoint(kind=kind, config=config, tensors=_read_tensors(path, lambda: load(data)))


def load_arrays(source: str | Path, *, kind: str) -> dict[str, NDArray[Any]]:
    """Read the tensors of a checkpoint as numpy arrays, without torch; all else is as in `load_checkpoint`.

    Raises:
        MissingFileError: If there is no such file or name.
        WeightsError: If the file is no checkpoint of this kind and version, or is damaged.
    """
    from safetensors.numpy import load  # noqa: PLC0415

    path, data, _ = _read_verified(source, kind)
    return _read_tensors(path, lambda: load(data))


def _read_verified(source: str | Path, kind: str) -> tuple[Path, bytes, dict[str, Any]]:
    """The file, its bytes and its configuration, after all of it but the tensors themselves was looked at."""
    path = find_checkpoint(source)
    data = _read_bytes(path)
    about = _read_about(path, data)
    if about["version"] != FORMAT_VERSION:
        raise WeightsError(
            f"{path}: a checkpoint of format version {about['version']!r}, this TechnoGen reads version "
            f"{FORMAT_VERSION}; install the TechnoGen that wrote it, or train it again"
        )
    if about["kind"] != kind:
        raise WeightsError(f"{path}: weights for {about['kind']!r}, needed are weights for {kind!r}")
    if hashlib.sha256(_tensor_bytes(data)).hexdigest() != about["sha256"]:
        raise WeightsError(f"{path}: damaged: the weights do not have the SHA-256 that the file states; copy it again")
    return path, data, about["config"]


def find_checkpoint(source: str | Path) -> Path:
    """The file of a checkpoint: a path as it is, or the name of one in the package.

    Raises:
        MissingFileError: If there is no such file or name.
    """
    path = Path(source)
    if isinstance(source, str) and source in shipped_names():
        path = _shipped_folder() / f"{source}{SUFFIX}"
    if not path.is_file():
        names = ", ".join(shipped_names()) or "none"
        raise MissingFileError(f"{path}: no such checkpoint file; the package holds: {names}")
    return path


def shipped_names() -> tuple[str, ...]:
    """The names of the checkpoints in the package."""
    return tuple(sorted(path.stem for path in _shipped_folder().glob(f"*{SUFFIX}")))


def _shipped_folder() -> Path:
    return Path(str(files("technogen"))) / _SHIPPED


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise WeightsError(f"{path}: {size} bytes, a checkpoint has at most {MAX_FILE_BYTES}; {_REMEDY}")
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _header_bytes(data: bytes) -> int:
    return int.from_bytes(data[:_LENGTH_BYTES], "little")


def _tensor_bytes(data: bytes) -> memoryview:
    return memoryview(data)[_LENGTH_BYTES + _header_bytes(data) :]


def _read_about(path: Path, data: bytes) -> dict[str, Any]:
    """Our own entry in the header, after everything about it that could be wrong was looked at."""
    length = _header_bytes(data)
    if len(data) < _LENGTH_BYTES or not 2 <= length <= len(data) - _LENGTH_BYTES:
        raise WeightsError(f"{path}: not a safetensors file, or cut short ({len(data)} bytes); {_REMEDY}")
    if length > MAX_HEADER_BYTES:
        raise WeightsError(f"{path}: a header of {length} bytes, at most {MAX_HEADER_BYTES} are read; {_REMEDY}")
    try:
        header = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
        about = json.loads(header["__metadata__"][_KEY])
        fitting = isinstance(about["config"], dict) and {"version", "kind", "sha256"} <= about.keys()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{path}: no TechnoGen checkpoint: its header says nothing of one; {_REMEDY}") from error
    if not fitting:
        raise WeightsError(f"{path}: no TechnoGen checkpoint: its header is incomplete; {_REMEDY}")
    return dict(about)


def _read_tensors(path: Path, read: Callable[[], dict[str, T]]) -> dict[str, T]:
    from safetensors import SafetensorError  # noqa: PLC0415

    try:
        return dict(read())
    except SafetensorError as error:
        raise WeightsError(f"{path}: damaged: {error}; copy it again, or {_REMEDY}") from error
