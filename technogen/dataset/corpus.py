"""The training set of a composer: windows of the mix as tokens, written to Parquet, and read back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from technogen.dataset.corpus_card import describe_corpus
from technogen.dataset.corpus_files import write_rows
from technogen.dataset.corpus_rows import SPLITS, Sieve, Split, WindowRow, make_row
from technogen.dataset.mixing import Material, MixSource, draw_window, list_sources, prepare_material
from technogen.dataset.pooling import open_pool
from technogen.dataset.songs import PERMISSIVE, SHARE_ALIKE, Songs, read_songs
from technogen.errors import DatasetError
from technogen.files import make_folder, write_text

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, of how much."""

DATA, CARD, SONGS = "data", "README.md", "songs.jsonl"
VALIDATION_SHARE = 0.1
_CHUNK, _MOST_DRAWS = 20, 6


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """How a training set is made.

    Attributes:
        windows: How many, training and validation together; fewer where the material has no more.
        bars: The most bars of a window.
        seed: Of all that is drawn: same seed, same bytes.
        share_alike: Whether the share-alike songs are in it; then what learns from it is share-alike, too.

    Raises:
        DatasetError: If a value is out of range.
    """

    windows: int = 20_000
    bars: int = 16
    seed: int = 0
    share_alike: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (("windows", 10, 10_000_000), ("bars", 1, 64), ("seed", 0, 1 << 62)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise DatasetError(f"corpus {name} must be a whole number in {low}..{high}, got {value!r}")


@dataclass(frozen=True, slots=True)
class CorpusResult:
    """What was written.

    Attributes:
        folder: Where.
        windows: How many, by split and source.
        tokens: How many, by split.
        bars: How many, by split.
        different_bars: How many of the training bars differ, transposition and velocities aside.
        songs: How many human songs were imported.
        refused: How many files were not.
    """

    folder: Path
    windows: dict[str, dict[str, int]]
    tokens: dict[str, int]
    bars: dict[str, int]
    different_bars: int
    songs: int
    refused: int


def write_corpus(
    folder: str | Path,
    config: CorpusConfig,
    *,
    human: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> CorpusResult:
    """Make the training set of a composer from rules and, where given, human songs.

    The folder gets `data/train.parquet`, `data/validation.parquet`, `songs.jsonl` (what became of each human file) and
    a card, `README.md`. The bytes depend on the configuration and the human files alone. No telling bar of drums or
    bass (see `technogen.similarity`) stands in both splits.

    Args:
        folder: Made where it is not there; what is in it is overwritten.
        config: How.
        human: A split that lists human files; see `technogen.dataset.songs.read_songs`.
        jobs: How many processes work.
        progress: Called now and then.

    Raises:
        MissingFileError: If there is no such split.
        DatasetError: If the split cannot be used.
        OutputError: If the folder cannot be written.
    """
    out = make_folder(make_folder(Path(folder)) / DATA).parent
    tell = progress or (lambda what, done, total: None)
    tell("importing human songs", 0, 1)
    tiers = (PERMISSIVE, SHARE_ALIKE) if config.share_alike else (PERMISSIVE,)
    songs = Songs((), ()) if human is None else read_songs(human, tiers=tiers, jobs=jobs)
    rows = _draw_rows(songs, config, jobs, tell)
    for split in SPLITS:
        write_rows(out / DATA / f"{split}.parquet", rows[split], asdict(config))
    write_text(out / SONGS, "".join(_list_songs(songs)))
    result = _sum_up(out, rows, songs)
    write_text(out / CARD, describe_corpus(rows, songs, asdict(config)))
    return result


def _list_songs(songs: Songs) -> Iterator[str]:
    """What became of each human file, a line of JSON each."""
    for song in songs.songs:
        line = {"song": song.name, "source": song.source, "licence": song.licence, "kind": song.kind}
        more = {"bars": song.score.bars, "split": SPLITS[song.held_out]}
        yield json.dumps({**line, **more}, ensure_ascii=False) + "\n"
    for refused in songs.refused:
        yield json.dumps({"song": refused.name, "refused": refused.reason}, ensure_ascii=False) + "\n"


def _sum_up(folder: Path, rows: dict[Split, list[WindowRow]], songs: Songs) -> CorpusResult:
    return CorpusResult(
        folder=folder,
        windows={split: dict(sorted(Counter(r.source for r in rows[split]).items())) for split in SPLITS},
        tokens={split: sum(len(r.ids) // 2 for r in rows[split]) for split in SPLITS},
        bars={split: sum(r.bars for r in rows[split]) for split in SPLITS},
        different_bars=len({bar for row in rows["train"] for bar in row.contents}),
        songs=len(songs.songs),
        refused=len(songs.refused),
    )


def _draw_rows(songs: Songs, config: CorpusConfig, jobs: int, tell: Progress) -> dict[Split, list[WindowRow]]:
    """Training first; then what of validation shares nothing telling with it."""
    materials = {
        split: prepare_material(songs.songs, seed=config.seed, bars=config.bars, held_out=split == "validation")
        for split in SPLITS
    }
    held_out = round(VALIDATION_SHARE * config.windows)
    wanted = {"train": config.windows - held_out, "validation": held_out}
    rows: dict[Split, list[WindowRow]] = {}
    sieve = Sieve()
    with _open_pool(materials, jobs) as draw:
        for split in SPLITS:
            found: list[WindowRow] = []
            for row in list_sources(materials[split]):
                quota = round(row.share * wanted[split])
                found += _collect(draw, split, row.source, quota, sieve)
                tell(f"windows for {split}", len(found), wanted[split])
            sieve.close(found)
            rows[split] = sorted(found, key=lambda r: sha256(f"{config.seed}/{r.window_id}".encode()).digest())
    return rows


_Draw = Callable[[list["_Order"]], Iterator[list[WindowRow]]]
_Order = tuple[Split, MixSource, int]


def _collect(draw: _Draw, split: Split, source: MixSource, quota: int, sieve: Sieve) -> list[WindowRow]:
    """The first windows of a source that the sieve lets through; fewer if it takes too many draws."""
    rows: list[WindowRow] = []
    first, last = 0, _MOST_DRAWS * quota + _CHUNK
    while len(rows) < quota and first < last:
        missing = -(-(quota - len(rows)) // _CHUNK)
        starts = range(first, first + missing * _CHUNK, _CHUNK)
        for drawn in draw([(split, source, start) for start in starts]):
            rows += [row for row in drawn if len(rows) < quota and sieve.takes(row)]
        first = starts.stop
    return rows[:quota]


def _draw_chunk(materials: dict[Split, Material], order: _Order) -> list[WindowRow]:
    split, source, first = order
    drawn = ((number, draw_window(materials[split], source, number)) for number in range(first, first + _CHUNK))
    return [make_row(split, source, number, window) for number, window in drawn if window is not None]


@contextmanager
def _open_pool(materials: dict[Split, Material], jobs: int) -> Iterator[_Draw]:
    """What draws chunks of windows, in this process or in several, in their order."""
    if jobs == 1:
        yield partial(map, partial(_draw_chunk, materials))
        return
    with open_pool(jobs, _keep_materials, materials) as pool:
        yield partial(pool.map, _draw_kept_chunk)


_kept: dict[Split, Material] = {}
"""Of a worker process; empty in any other."""


def _keep_materials(materials: dict[Split, Material]) -> None:
    """Hold the material in a worker, which gets it once and not with every order."""
    _kept.update(materials)


def _draw_kept_chunk(order: _Order) -> list[WindowRow]:
    return _draw_chunk(_kept, order)
