"""A folder of recordings and MIDI files to a data set on disk, or to what is new in it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from technogen import __version__
from technogen.dataset.assembling import Location, assemble_shards
from technogen.dataset.card import write_card
from technogen.dataset.config import DatasetConfig
from technogen.dataset.engines import Engine, run_tasks
from technogen.dataset.listing import SourceFile, hash_file, list_sources
from technogen.dataset.manifest import (
    WORK,
    Head,
    Shard,
    format_manifest,
    hash_text,
    write_registers,
)
from technogen.dataset.publishing import READY, finish_publishing, publish
from technogen.dataset.recalling import Known, Previous, make_key, open_previous, recall_files
from technogen.dataset.representations import make_lens
from technogen.dataset.space import check_space, measure_seconds
from technogen.dataset.tracks import Entry, enter_files
from technogen.dataset.working import DISK_FULL, Record, Task
from technogen.errors import DatasetError, MissingFileError, OutputError, TechnoGenError
from technogen.files import make_folder, write_text

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, of how much."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A data set that was built.

    Attributes:
        folder: Where it is.
        config: The choices.
        entries: What became of each file, in their order.
        shards: The Parquet files.
        worked: How many files were worked on this time; the rest was there already.
    """

    folder: Path
    config: DatasetConfig
    entries: tuple[Entry, ...]
    shards: tuple[Shard, ...]
    worked: int

    @property
    def rows(self) -> int:
        """How many windows there are."""
        return sum(shard.rows for shard in self.shards)

    @property
    def failed(self) -> tuple[Entry, ...]:
        """The files that could not be used."""
        return tuple(entry for entry in self.entries if entry.status == "failed")


def build_dataset(
    source: str | Path,
    out: str | Path,
    config: DatasetConfig | None = None,
    *,
    jobs: int = 1,
    engine: Engine = "local",
    force: bool = False,
    progress: Progress | None = None,
) -> BuildResult:
    """Make a data set of a folder of recordings, of MIDI files, or of both.

    The same source and choices give the same bytes, whatever `jobs` and `engine`. A build that was interrupted goes
    on where it was when it is started again; a data set that is there already is brought up to date, and only files
    that are new or have changed are worked on. A file that cannot be used is entered with its reason and the rest
    goes on. The data set in `out` is replaced at once when the new one is complete.

    Args:
        source: A folder; all folders in it are searched.
        out: The folder of the data set: `data/SPLIT-NUMBER.parquet`, `manifest.jsonl` with a line a file,
            `dataset.json`, and `README.md`, its card.
        config: The choices; by default windows of four bars, as MIDI.
        jobs: How many files are worked on at once, each in a process of its own.
        engine: "ray" works over Ray Data, on a whole cluster if Ray is connected to one.
        force: Replace a data set that was built by other choices.
        progress: Called as the work goes on.

    Raises:
        MissingFileError: If there is no such folder.
        DatasetError: If nothing in it can be used, a choice cannot be followed, or `out` holds a data set of other
            choices.
        OutputError: If `out` holds other things, cannot be written, or the disk is too small.
        MissingBackendError: If Ray is asked for and not installed.
    """
    config = config or DatasetConfig()
    if jobs < 1:
        raise DatasetError(f"jobs must be 1 or more, got {jobs}")
    make_lens(config)  # refuses what no file could change
    folder, report = Path(out), progress or (lambda what, done, total: None)
    files = list_sources(source, without=folder).files
    with _say_of_disk(folder):
        finish_publishing(folder)
        previous = open_previous(folder, config, force=force)
        builder = _Builder(folder, config, jobs, engine, report)
        return builder.build(files, previous)


@dataclass(frozen=True, slots=True)
class _Builder:
    folder: Path
    config: DatasetConfig
    jobs: int
    engine: Engine
    report: Progress

    @property
    def parts(self) -> Path:
        return self.folder / WORK / f"parts-{self.config.digest(__version__)}"

    @property
    def next(self) -> Path:
        return self.folder / WORK / "next"

    def build(self, files: Sequence[SourceFile], previous: Previous) -> BuildResult:
        new_folder = not self.folder.exists()
        self._clean_work()
        hashed = self._hash(files)
        known = recall_files(self.folder, self.parts, previous)
        try:
            self._check_space(files, hashed, known, previous)
            worked = self._work(files, hashed, known)
            entries = self._enter(files, hashed, known)
            lacking = {e.file for e in entries if e.status == "ok" and make_key(e.sha256, e.kind) not in known.places}
            worked += self._work([f for f in files if f.name in lacking], hashed, known, again=True)
            _refuse_nothing(entries)
        except (DatasetError, MissingFileError):
            shutil.rmtree(self.folder / WORK)
            if new_folder:
                self.folder.rmdir()
            raise
        return self._assemble(entries, known, previous, worked)

    def _clean_work(self) -> None:
        """Keep whole parts of these choices, and nothing else of an interrupted build."""
        make_folder(self.parts)
        for path in (self.folder / WORK).iterdir():
            if path != self.parts:
                shutil.rmtree(path)
        for path in self.parts.glob(".*.part"):
            path.unlink(missing_ok=True)

    def _hash(self, files: Sequence[SourceFile]) -> dict[str, str | TechnoGenError]:
        """The SHA-256 of each file by name, or why it has none."""
        hashed = {}
        with ThreadPoolExecutor(self.jobs) as pool:
            for done, (file, digest) in enumerate(zip(files, pool.map(_try_hash, files))):
                hashed[file.name] = digest
                self.report("reading", done + 1, len(files))
        return hashed

    def _check_space(
        self,
        files: Sequence[SourceFile],
        hashed: dict[str, str | TechnoGenError],
        known: Known,
        previous: Previous,
    ) -> None:
        new = [f.path for f in files if f.kind == "audio" and _key_of(f, hashed) not in known.records]
        kept = sum(shard.bytes for shard in previous.head.shards) if previous.head else 0
        check_space(self.folder, measure_seconds(new), kept, self.config)

    def _work(
        self,
        files: Sequence[SourceFile],
        hashed: dict[str, str | TechnoGenError],
        known: Known,
        *,
        again: bool = False,
    ) -> int:
        """Make the parts of files that have none; how many were worked on."""
        tasks: dict[str, Task] = {}
        for file in files:
            digest = hashed[file.name]
            if isinstance(digest, str) and (again or make_key(digest, file.kind) not in known.records):
                task = Task(str(file.path), file.kind, digest, str(self.parts.absolute()), self.config)
                tasks.setdefault(make_key(digest, file.kind), task)
        for done, (task, outcome) in enumerate(
            run_tasks(list(tasks.values()), jobs=self.jobs, engine=self.engine), start=1
        ):
            if outcome.fatal:
                raise OutputError(outcome.fatal)
            key = make_key(task.sha256, task.kind)
            known.records[key] = outcome.record
            if outcome.record.windows:
                known.places[key] = Location(self.parts / f"{key}.parquet", 0, outcome.record.windows)
            self.report("working", done, len(tasks))
        return len(tasks)

    def _enter(self, files: Sequence[SourceFile], hashed: dict[str, str | TechnoGenError], known: Known) -> list[Entry]:
        records = {}
        for file in files:
            digest = hashed[file.name]
            if isinstance(digest, str):
                record = known.records[make_key(digest, file.kind)]
            else:
                record = Record("", file.kind, "failed", str(digest))
            records[file.name] = replace(record, reason=_plain(record.reason.replace(str(file.path), file.name)))
        return enter_files(files, records, __version__)

    def _assemble(self, entries: list[Entry], known: Known, previous: Previous, worked: int) -> BuildResult:
        if previous.head and previous.head.version == __version__ and self._is_same(entries, previous):
            shutil.rmtree(self.folder / WORK)
            return BuildResult(self.folder, self.config, previous.entries, previous.head.shards, worked)
        self.report("assembling", 0, 1)
        make_folder(self.next)
        places = {e.file: known.places[make_key(e.sha256, e.kind)] for e in entries if e.status == "ok"}
        assembly = assemble_shards(self.next, entries, places, self.config)
        head = Head(__version__, self.config, assembly.shards, hash_text(format_manifest(assembly.entries)))
        write_registers(self.next, head, assembly.entries)
        write_card(self.next, head, assembly.entries)
        write_text(self.next / READY, "")
        publish(self.folder)
        self.report("assembling", 1, 1)
        return BuildResult(self.folder, self.config, assembly.entries, assembly.shards, worked)

    def _is_same(self, entries: list[Entry], previous: Previous) -> bool:
        if previous.head is None or previous.head.config != self.config:
            return False
        if not all((self.folder / shard.name).is_file() for shard in previous.head.shards):
            return False
        return entries == [replace(entry, shard="", first_row=0) for entry in previous.entries]


def _key_of(file: SourceFile, hashed: dict[str, str | TechnoGenError]) -> str:
    digest = hashed[file.name]
    return make_key(digest, file.kind) if isinstance(digest, str) else ""


def _try_hash(file: SourceFile) -> str | TechnoGenError:
    try:
        return hash_file(file.path)
    except TechnoGenError as error:
        return error


def _plain(text: str) -> str:
    """A text that every file can hold: bytes of names that are no text are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _refuse_nothing(entries: Sequence[Entry]) -> None:
    if not any(entry.status == "ok" for entry in entries):
        first = next(entry for entry in entries if entry.status in ("failed", "empty"))
        raise DatasetError(f"no window in any of {len(entries)} files; {first.file}: {first.reason}")


@contextmanager
def _say_of_disk(folder: Path) -> Iterator[None]:
    """What the system refuses, in the library's words; the data set that was there stays as it was."""
    try:
        yield
    except TechnoGenError:
        raise
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = DISK_FULL if full else f"cannot be written: {os.strerror(error.errno or 0)}"
        raise OutputError(f"{folder}: {reason}") from error
    finally:
        if not (folder / WORK / "next" / READY).exists():
            shutil.rmtree(folder / WORK / "next", ignore_errors=True)
