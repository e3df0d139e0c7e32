"""What is inside a data set: tempos, bars, drum densities, keys, bars that repeat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from technogen.dataset.reading import Row, read_dataset
from technogen.dataset.tracks import SPLITS
from technogen.score import DRUM_NAMES, Score, fold_drum
from technogen.similarity import hash_bars

KEY_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class SplitCount:
    """How many tracks and windows a split has."""

    split: str
    tracks: int
    windows: int


@dataclass(frozen=True, slots=True)
class Density:
    """A drum piece, and how often it is hit in a bar on the average."""

    piece: str
    hits_a_bar: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often bars are the same, transposition aside; bars that overlapping windows share are counted once.

    Attributes:
        bars: Bars that are not silent.
        different: How many different ones.
        most: How often the most frequent is there.
        across_tracks: Different bars that several tracks share, of those rich enough to tell a song.
        across_splits: Such bars that stand in several splits: a model would be tested on what it has learned.
    """

    bars: int
    different: int
    most: int
    across_tracks: int
    across_splits: int


@dataclass(frozen=True, slots=True)
class Description:
    """What is inside a data set.

    Attributes:
        folder: Where it is.
        splits: Tracks and windows by split.
        seconds: Of all files that have rows.
        statuses: How many files became what: ("ok", 12), ...
        tempos: (beats a minute, tracks), by whole beats a minute, ascending.
        without_tempo: Tracks whose tempo is not constant, or not known.
        bars: (bars, windows): how long windows are, ascending.
        drums: By piece, the most frequent first; empty where no MIDI is stored.
        bass_notes: Notes of the bassline a bar; None where no MIDI is stored.
        keys: (pitch class, tracks): the note that is played longest in the bassline, the most frequent first.
        duplicates: Names of files with the file that each is a duplicate of.
        repeats: Bars that are the same; None where no MIDI is stored.
    """

    folder: Path
    splits: tuple[SplitCount, ...]
    seconds: float
    statuses: tuple[tuple[str, int], ...]
    tempos: tuple[tuple[int, int], ...]
    without_tempo: int
    bars: tuple[tuple[float, int], ...]
    drums: tuple[Density, ...]
    bass_notes: float | None
    keys: tuple[tuple[str, int], ...]
    duplicates: tuple[tuple[str, str], ...]
    repeats: Repeats | None


def describe_dataset(folder: str | Path) -> Description:
    """Read a data set and count what is in it.

    Raises:
        MissingFileError: If there is none.
        DatasetError: If it is damaged.
    """
    dataset = read_dataset(folder)
    count = _Count()
    for row in dataset.rows():
        count.add(row)
    used = [entry for entry in dataset.entries if entry.status == "ok"]
    tempos = Counter(round(tempo) for tempo in count.tempos.values() if tempo is not None)
    return Description(
        folder=dataset.folder,
        splits=tuple(SplitCount(s, len(count.tracks[s]), count.windows[s]) for s in SPLITS),
        seconds=sum(entry.seconds for entry in used),
        statuses=tuple(sorted(Counter(entry.status for entry in dataset.entries).items())),
        tempos=tuple(sorted(tempos.items())),
        without_tempo=sum(tempo is None for tempo in count.tempos.values()),
        bars=tuple(sorted(count.lengths.items())),
        drums=count.densities(),
        bass_notes=count.notes / count.bars if count.bars else None,
        keys=tuple(Counter(_find_root(held) for held in count.held.values() if held).most_common()),
        duplicates=tuple((e.file, e.same_as) for e in dataset.entries if e.status == "duplicate"),
        repeats=count.repeats() if count.bars else None,
    )


class _Count:
    """What has been seen of the rows so far."""

    def __init__(self) -> None:
        self.tracks: dict[str, set[str]] = defaultdict(set)
        self.windows: Counter[str] = Counter()
        self.tempos: dict[str, float | None] = {}
        self.lengths: Counter[float] = Counter()
        self.hits: Counter[int] = Counter()
        self.held: dict[str, Counter[int]] = defaultdict(Counter)
        self.bars = self.notes = 0
        self._places: dict[tuple[int, int], set[tuple[str, float]]] = defaultdict(set)
        self._telling: dict[tuple[int, int], set[tuple[str, str]]] = defaultdict(set)

    def add(self, row: Row) -> None:
        self.tracks[row.split].add(row.track_id)
        self.windows[row.split] += 1
        self.tempos[row.track_id] = row.tempo
        if row.bars is not None:
            self.lengths[round(row.bars, 3)] += 1
        score = row.score
        if score is not None:
            self._add_score(row, score)

    def _add_score(self, row: Row, score: Score) -> None:
        self.bars += score.bars
        self.notes += len(score.bass)
        self.hits.update(fold_drum(hit.pitch) for hit in score.drums)
        for note in score.bass:
            self.held[row.track_id][note.pitch % 12] += note.duration
        first = row.start_seconds if row.start_bar is None else row.start_bar
        for i, bar in enumerate(hash_bars(score)):
            if bar.drums or bar.bass:
                self._places[bar.drums, bar.bass].add((row.track, round(first + i, 3)))
            if bar.tells_drums or bar.tells_bass:
                self._telling[bar.drums, bar.bass].add((row.split, row.track_id))

    def densities(self) -> tuple[Density, ...]:
        return tuple(Density(DRUM_NAMES[pitch], hits / self.bars) for pitch, hits in self.hits.most_common())

    def repeats(self) -> Repeats:
        counts = [len(places) for places in self._places.values()]
        return Repeats(
            bars=sum(counts),
            different=len(counts),
            most=max(counts, default=0),
            across_tracks=_count_shared({track for _, track in owners} for owners in self._telling.values()),
            across_splits=_count_shared({split for split, _ in owners} for owners in self._telling.values()),
        )


def _count_shared(owners: Iterable[set[str]]) -> int:
    return sum(len(found) > 1 for found in owners)


def _find_root(held: Mapping[int, int]) -> str:
    return KEY_NAMES[max(held, key=lambda pitch: (held[pitch], -pitch))]
