"""The human songs that a split lists: imported, grouped by the bars and names that they share, and held out by song."""

from __future__ import annotations

import csv
import json
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from technogen.dataset.augmenting import is_four_on_the_floor
from technogen.dataset.importing import Imported, import_midi
from technogen.dataset.pooling import open_pool
from technogen.errors import DatasetError, MidiError, MissingFileError
from technogen.score import TICKS_PER_BAR, Note, Score
from technogen.similarity import BarKeys, hash_bars, telling_key

Kind = Literal["dance", "songs", "drumming"]
Tier = Literal["permissive", "sharealike"]

PERMISSIVE: Tier = "permissive"
"""The list of the split that shipped weights may learn from."""
SHARE_ALIKE: Tier = "sharealike"
HELD_OUT = 0.1
"""The share of each source that is kept for validation, by bars."""

_FOLDER, _INDEX = "symbolic", "index.csv"
_DANCE_TEMPOS = (110, 160)
_LEAST_HITS, _LEAST_BARS, _LEAST_SHARE = 4, 8, 0.25
_SLACK, _LEAST_SONGS = 1.5, 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Song:
    """A human piece, quantised.

    Attributes:
        name: Its path in the split.
        score: All of it.
        kind: "dance" (four-on-the-floor, 110..160 beats a minute) and "songs" have drums and bass, "drumming" has
            drums alone.
        source: The collection that it is from: the name of its folder.
        licence: As the index beside the files says; "unknown" where there is none.
        held_out: Whether it is kept for validation.
    """

    name: str
    score: Score
    kind: Kind
    source: str
    licence: str
    held_out: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is no song to learn from, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Songs:
    """What a split holds."""

    songs: tuple[Song, ...]
    refused: tuple[Refused, ...]


def read_songs(split: str | Path, *, tiers: Sequence[Tier] = (PERMISSIVE,), jobs: int = 1) -> Songs:
    """Import the files that a split lists.

    Args:
        split: A JSON file with a list of MIDI files for each tier, relative to the folder `symbolic` beside it. What a
            list named `dev_...` or `heldout...` holds is left out, whatever else lists it.
        tiers: The lists to read.
        jobs: How many processes import.

    Raises:
        MissingFileError: If there is no such file.
        DatasetError: If it is no split, or nothing in it can be read.
    """
    path = Path(split)
    names = read_names(path, tiers)
    licences = _read_licences(path.parent / _FOLDER / _INDEX)
    found: dict[str, Imported] = {}
    refused: list[Refused] = []
    for name, result in zip(names, _import_all([path.parent / _FOLDER / name for name in names], jobs)):
        reason = result if isinstance(result, str) else find_flaw(result)
        if isinstance(result, str) or reason:
            refused.append(Refused(name, str(reason)))
        else:
            found[name] = result
    if not found:
        raise DatasetError(f"{path}: none of its {len(names)} files can be read as music with drums in 4/4")
    groups = group_songs({name: hash_bars(i.score) for name, i in found.items()})
    kinds = {name: find_kind(i.score) for name, i in found.items()}
    strata = {name: f"{find_source(name)}/{kinds[name]}" for name in found}
    kept = hold_out(groups, strata, {name: i.score.bars for name, i in found.items()})
    songs = (
        Song(n, i.score, kinds[n], find_source(n), licences.get(n, "unknown"), n in kept) for n, i in found.items()
    )
    return Songs(tuple(songs), tuple(refused))


def read_names(split: Path, tiers: Sequence[str]) -> list[str]:
    """The files of some lists of a split, without those that other lists hold back.

    Raises:
        MissingFileError: If there is no such file.
        DatasetError: If it is no split.
    """
    try:
        lists = json.loads(split.read_text())
        listed = [name for tier in tiers for name in lists[tier]]
        kept_back = {name for key in lists if re.match("dev_|heldout", key) for name in lists[key]}
    except OSError as error:
        raise MissingFileError(f"{split}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        wanted = " and ".join(repr(tier) for tier in tiers)
        raise DatasetError(f"{split}: no split: it must be JSON with lists {wanted} of MIDI files") from error
    if not all(isinstance(name, str) for name in listed):
        raise DatasetError(f"{split}: its lists must hold names of MIDI files")
    return [name for name in dict.fromkeys(listed) if name not in kept_back]


def find_flaw(imported: Imported) -> str | None:
    """Why a file is no song to learn from; None if it is one."""
    score, report = imported.score, imported.report
    if any(signature != (4, 4) for signature in report.time_signatures):
        metres = ", ".join(f"{beats}/{unit}" for beats, unit in report.time_signatures)
        return f"its metres are {metres}; bars of 4/4 are learned from"
    bars = _count_bars(score.drums)
    if len(score.drums) < _LEAST_HITS or bars < min(_LEAST_BARS, _LEAST_SHARE * score.bars):
        return f"it has {len(score.drums)} drum hits in {bars} of its {score.bars} bars; too few"
    return None


def find_kind(score: Score) -> Kind:
    """What a song can teach; a bassline counts where it plays in an eighth of the bars."""
    if 8 * _count_bars(score.bass) < score.bars:
        return "drumming"
    low, high = _DANCE_TEMPOS
    return "dance" if low <= score.tempo <= high and is_four_on_the_floor(score) else "songs"


def find_source(name: str) -> str:
    """The collection of a file: the name of its folder."""
    return name.split("/")[-2] if "/" in name else ""


def name_song(name: str) -> str:
    """The same for versions and takes of one song: what a file name says before its version or take."""
    folder, _, stem = name.rpartition("/")
    song = re.split(r"__\d|[-_ ]?v\d+$|-\d\d$|_beat_|_fill_", stem.removesuffix(".mid"), flags=re.IGNORECASE)[0]
    return f"{folder}/{song.lower()}"


def group_songs(bars: Mapping[str, tuple[BarKeys, ...]]) -> dict[str, str]:
    """A group for each song: songs of one name, or with a telling bar of drums or bass in common, share theirs."""
    parents = {name: name for name in bars}

    def find(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    holders: dict[tuple[str, Any], str] = {}
    for name, keys in bars.items():
        marks: set[tuple[str, Any]] = {("name", name_song(name))}
        marks |= {("drums", key) for bar in keys if (key := telling_key(bar, "drums"))}
        marks |= {("bass", key) for bar in keys if (key := telling_key(bar, "bass"))}
        for mark in marks:
            one, other = sorted((find(name), find(holders.setdefault(mark, name))))
            parents[other] = one
    return {name: find(name) for name in bars}


def hold_out(groups: Mapping[str, str], strata: Mapping[str, str], bars: Mapping[str, int]) -> set[str]:
    """The names that are kept for validation: whole groups, by their hashes.

    Of each stratum about a tenth of the bars, where songs are long the shortest that are so many; a stratum of fewer
    than five songs keeps all of them for training.
    """
    members: dict[str, list[str]] = defaultdict(list)
    lengths: dict[str, list[int]] = defaultdict(list)
    for name, group in groups.items():
        members[group].append(name)
        lengths[strata[name]].append(bars[name])
    quotas = {stratum: HELD_OUT * sum(long) for stratum, long in lengths.items() if len(long) >= _LEAST_SONGS}
    limits = {s: _SLACK * min((n for n in lengths[s] if n >= q), default=q) for s, q in quotas.items()}
    kept: Counter[str] = Counter()
    chosen: set[str] = set()
    for group in sorted(members, key=lambda g: sha256(g.encode()).digest()):
        more: Counter[str] = Counter()
        for name in members[group]:
            more[strata[name]] += bars[name]
        fits = all(kept[s] + n <= limits.get(s, 0.0) for s, n in more.items())
        if fits and any(kept[s] < quotas[s] for s in more):
            chosen |= set(members[group])
            kept += more
    return chosen


def _count_bars(notes: Iterable[Note]) -> int:
    return len({n.start // TICKS_PER_BAR for n in notes})


def _read_licences(index: Path) -> dict[str, str]:
    """The licence of each file, by an index that may be missing."""
    if not index.is_file():
        return {}
    with index.open(newline="", encoding="utf-8") as lines:
        return {row["file"]: row["licence"] for row in csv.DictReader(lines) if row.get("file") and row.get("licence")}


def _import_all(paths: list[Path], jobs: int) -> list[Imported | str]:
    if jobs == 1:
        return [_import_one(path) for path in paths]
    with open_pool(jobs) as pool:
        return list(pool.map(_import_one, paths, chunksize=16))


def _import_one(path: Path) -> Imported | str:
    """The file, or why it cannot be read."""
    try:
        return import_midi(path)
    except (MidiError, MissingFileError) as error:
        _log.warning("left out: %s", error)
        return str(error)
