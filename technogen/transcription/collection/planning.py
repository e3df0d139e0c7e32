"""Which recordings there are, what they become, and which of them are done already."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from technogen import __version__
from technogen.errors import MissingFileError, OutputError, TranscriptionError
from technogen.folders import AUDIO_ENDINGS, walk_files
from technogen.transcription.collection.manifest import ManifestEntry, read_lines
from technogen.transcription.collection.options import CollectionOptions, Existing
from technogen.transcription.collection.working import CHANGED, Task, hash_file, look_at
from technogen.transcription.network import CHECKPOINT
from technogen.weights import find_checkpoint

_CURVES = "confidence.json"
_DATA_SET = "dataset.json"  # whose own manifest must not be touched


@dataclass(frozen=True, slots=True)
class Target:
    """A recording, from the root, and its output: see `ManifestEntry`."""

    source: str
    output: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and what needs no work: the entries of recordings that are done, or cannot be done."""

    targets: tuple[Target, ...]
    tasks: tuple[Task, ...]
    settled: tuple[ManifestEntry, ...]


def make_plan(sources: Sequence[Path], out: Path, options: CollectionOptions, existing: Existing) -> Plan:
    """Say what is to be done, before anything is written.

    Raises:
        MissingFileError: If there are no recordings.
        TranscriptionError: If two recordings would become one, or a newer TechnoGen wrote the manifest.
        OutputError: If results are in the way.
    """
    if out.is_file():
        raise OutputError(f"{out} is a file; give the folder that results go to")
    if (out / _DATA_SET).exists():
        raise OutputError(f"{out} holds a data set; give another folder")
    targets = find_targets(sources, keep_folders=options.keep_folders)
    if existing == "refuse":
        _refuse_existing(targets, out, options)
    return _sort_out(targets, out, options, existing)


def find_targets(sources: Sequence[Path], *, keep_folders: bool) -> list[Target]:
    """Each recording with its output, each once.

    Raises:
        MissingFileError: If there are none.
        TranscriptionError: If two recordings would become one.
    """
    taken: dict[str, str] = {}
    for path, folder in _find_recordings(sources):
        source, output = os.path.abspath(path), path.stem
        if keep_folders:
            output = path.relative_to(folder).with_suffix("").as_posix()
        if taken.setdefault(output, source) != source:
            raise TranscriptionError(
                f"{taken[output]} and {source} would both become {output}.mid; "
                "--keep-folders mirrors the source folders, or give one of them another name"
            )
    if not taken:
        named = ", ".join(str(source) for source in sources)
        raise MissingFileError(f"no recordings ({', '.join(sorted(AUDIO_ENDINGS))}) in {named}")
    return [Target(source, output) for output, source in taken.items()]


def _find_recordings(sources: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Every recording with the folder that it was given by; a file that was named is taken whatever its ending."""
    for source in sources:
        if source.is_dir():
            for name in sorted(walk_files(source), key=os.fsencode):
                if os.path.splitext(name)[1].lower() in AUDIO_ENDINGS:
                    yield Path(name), source
        else:
            yield source, source.parent


def _refuse_existing(targets: Iterable[Target], out: Path, options: CollectionOptions) -> None:
    for target in targets:
        for ending in [name for name in options.formats if name != "patterns"]:  # how many there are is not known yet
            path = out / f"{target.output}.{ending}"
            if path.is_dir():
                raise OutputError(f"{path} is a folder; give another folder for the results")
            if path.exists():
                raise OutputError(f"{path} exists; --skip-existing leaves out what is done, --force overwrites it")


def _sort_out(targets: Sequence[Target], out: Path, options: CollectionOptions, existing: Existing) -> Plan:
    memory, ear = _Memory(out), identify_ear()
    plain = Task("", "", str(out.absolute()), options, ear, force=existing in ("replace", "update"))
    tasks, settled = [], []
    for target in targets:
        task = replace(plain, source=target.source, output=target.output, known=memory.known(target.output))
        before = memory.done.get(target.output)
        entry = _settle(task, before) if before is not None and existing != "replace" else None
        if entry is None:
            tasks.append(task)
        else:
            settled.append(entry)
    return Plan(tuple(targets), tuple(tasks), tuple(settled))


def _settle(task: Task, before: ManifestEntry) -> ManifestEntry | None:
    """What becomes of a recording by what its output was made of before; None where it is to be worked on."""
    if not _is_source(task.source, before):
        if before.source == task.source or task.force:
            return None
        reason = f"{task.output} was made of {before.source}; give one of them another name, or --force"
        return ManifestEntry(task.output, task.source, "failed", f"{task.source}: {reason}")
    if not _would_be_same(before, task):
        return None
    wanted = [file for file in before.files if file.format in task.options.formats]
    found = [look_at(str(Path(task.out) / file.name)) for file in wanted]
    if [file.bytes for file in wanted] == [look.bytes if look else None for look in found]:
        return replace(before, source=task.source, status="skipped")
    if task.force or not all(look and look.bytes for look in found):
        return None
    return replace(before, source=task.source, status="skipped", reason=f"{task.output}: {CHANGED}")


class _Memory:
    """What the manifest tells: the last success of each output, and all that was ever written."""

    def __init__(self, out: Path) -> None:
        self.done: dict[str, ManifestEntry] = {}
        self._written: dict[str, set[tuple[str, str]]] = {}
        for entry in read_lines(out):
            if entry.status == "ok":
                self.done[entry.output] = entry
                self._written.setdefault(entry.output, set()).update((f.name, f.sha256) for f in entry.files)

    def known(self, output: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self._written.get(output, ())))


def _is_source(source: str, entry: ManifestEntry) -> bool:
    """Whether a recording is the one that an entry tells of, wherever it lies now."""
    found = look_at(source)
    if found is None or found.bytes != entry.source_bytes:
        return False
    return found.modified == entry.source_modified or hash_file(source) == entry.source_sha256


def _would_be_same(entry: ManifestEntry, task: Task) -> bool:
    """Whether an entry tells of all that would be made now, by the same version, weights and options."""
    if (entry.version, entry.ear, entry.options) != (__version__, task.ear, task.options.describe()):
        return False
    return set(entry.formats) >= set(task.options.formats)


def identify_ear() -> str:
    """The SHA-256 of the weights that recordings are heard by, and of the curves of their confidences."""
    digest = hashlib.sha256()
    for path in sorted(find_checkpoint(CHECKPOINT).parent.iterdir()):
        if path.name.startswith(CHECKPOINT) or path.name == _CURVES:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def list_folders(plan: Plan, out: Path) -> list[Path]:
    """The folders that results go to."""
    return sorted({(out / task.output).parent for task in plan.tasks} | {out})
