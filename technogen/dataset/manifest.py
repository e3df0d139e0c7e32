"""What lies in the folder of a data set, and its two registers: `dataset.json` and `manifest.jsonl`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from technogen.dataset.config import FORMAT_VERSION, DatasetConfig, config_from_json, config_to_json
from technogen.dataset.schema import COLUMNS, list_columns
from technogen.dataset.tracks import Entry
from technogen.errors import DatasetError, MissingFileError
from technogen.files import write_text

HEAD, MANIFEST, CARD, DATA = "dataset.json", "manifest.jsonl", "README.md", "data"
NAMES = (DATA, MANIFEST, CARD, HEAD)
"""All that a finished data set consists of; the head comes last."""
WORK = ".work"


@dataclass(frozen=True, slots=True)
class Shard:
    """A Parquet file of a data set: its name, split, rows, bytes and SHA-256."""

    name: str
    split: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Head:
    """What `dataset.json` says.

    Attributes:
        version: Of TechnoGen.
        config: The choices.
        shards: The Parquet files, by split and number.
        manifest_sha256: Of `manifest.jsonl`.
    """

    version: str
    config: DatasetConfig
    shards: tuple[Shard, ...]
    manifest_sha256: str


def write_registers(folder: Path, head: Head, entries: Sequence[Entry]) -> None:
    """Write `manifest.jsonl`, a line a file, and `dataset.json`."""
    write_text(folder / MANIFEST, format_manifest(entries))
    columns = [
        {"name": name, "type": COLUMNS[name][0], "meaning": COLUMNS[name][1]} for name in list_columns(head.config)
    ]
    content = {
        "format": FORMAT_VERSION,
        "version": head.version,
        "config": config_to_json(head.config),
        "columns": columns,
        "shards": [asdict(shard) for shard in head.shards],
        "manifest_sha256": head.manifest_sha256,
    }
    write_text(folder / HEAD, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def format_manifest(entries: Sequence[Entry]) -> str:
    """The text of `manifest.jsonl`."""
    return "".join(json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries)


def read_head(folder: Path) -> Head:
    """Read `dataset.json`.

    Raises:
        MissingFileError: If the folder holds no data set.
        DatasetError: If it is of another format, or damaged.
    """
    data = _read_json(folder)
    if not isinstance(data, dict) or data.get("format") != FORMAT_VERSION:
        raise DatasetError(f"{folder / HEAD} is of another format than {FORMAT_VERSION}; build the data set again")
    try:
        shards = tuple(Shard(**shard) for shard in data["shards"])
        config = config_from_json(data["config"])
        return Head(str(data["version"]), config, shards, str(data["manifest_sha256"]))
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{folder / HEAD} is damaged ({error}); build the data set again") from error


def read_manifest(folder: Path) -> tuple[Entry, ...]:
    """Read `manifest.jsonl`.

    Raises:
        MissingFileError: If it is not there.
        DatasetError: If it is damaged.
    """
    path = folder / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # names may hold what splitlines would split at
        return tuple(Entry(**json.loads(line)) for line in lines if line)
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there; build the data set again") from None
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(f"{path} is damaged ({error}); build the data set again") from error


def hash_text(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _read_json(folder: Path) -> Any:
    try:
        return json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFileError(f"{folder} holds no data set; give the folder that `dataset build` wrote") from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{folder / HEAD} cannot be read ({error}); build the data set again") from error
