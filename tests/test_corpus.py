"""The training set: the same bytes for the same seed, nothing telling in both splits, and it reads back as written."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from technogen.cli import main
from technogen.dataset.corpus import CorpusConfig, CorpusResult, write_corpus
from technogen.dataset.corpus_files import COLUMNS, Corpus, read_corpus
from technogen.dataset.corpus_rows import Sieve, WindowRow, make_row
from technogen.dataset.mixing import MIX, draw_window, list_sources, prepare_material
from technogen.dataset.songs import Song
from technogen.errors import DatasetError, MissingFileError, OutputError
from technogen.patterns import compose
from technogen.score import Score
from technogen.similarity import hash_bars, telling_key
from technogen.tokens import VOCABULARY, Grammar, decode

SMALL = CorpusConfig(windows=120, bars=8, seed=5)


def _folder_of_songs(folder: Path) -> Path:
    """Files as people write them: drums and bass, drums alone, share-alike ones, and some that are held back."""
    lists: dict[str, list[str]] = {"permissive": [], "sharealike": [], "dev_dance": []}
    for k in range(24):
        collection = ("songs", "loops")[k % 2]
        name = f"permissive/{collection}/{k}.mid"
        score = compose("hard" if k % 3 else "acid", bars=16, seed=1000 + k, tempo=128)
        _save(folder, name, score.muted("bass") if k % 2 else score)
        lists["permissive"].append(name)
    for name, key in (("sharealike/x/a.mid", "sharealike"), ("sharealike/x/b.mid", "dev_dance")):
        _save(folder, name, compose("dub", bars=16, seed=len(name) + len(key)))
        lists["sharealike"].append(name)
    lists["dev_dance"] = ["sharealike/x/b.mid", "permissive/songs/0.mid"]
    (folder / "split.json").write_text(json.dumps({"note": "a test", **lists}))
    index = "file,licence\n" + "".join(f"{name},CC BY 4.0\n" for name in lists["permissive"])
    (folder / "symbolic" / "index.csv").write_text(index)
    return folder / "split.json"


def _save(folder: Path, name: str, score: Score) -> None:
    path = folder / "symbolic" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    score.save(path)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _folder_of_songs(tmp_path_factory.mktemp("human"))


@pytest.fixture(scope="module")
def written(split: Path, tmp_path_factory: pytest.TempPathFactory) -> CorpusResult:
    return write_corpus(tmp_path_factory.mktemp("corpus"), SMALL, human=split)


def _read_both(written: CorpusResult) -> tuple[Corpus, Corpus]:
    return read_corpus(written.folder, "train"), read_corpus(written.folder, "validation")


def _bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _find_telling(corpus: Corpus) -> set[tuple[str, int]]:
    bars = [bar for number in range(len(corpus)) for bar in hash_bars(decode(corpus.encoded(number)))]
    return {(part, key) for bar in bars for part in ("drums", "bass") if (key := telling_key(bar, part))}


def test_the_shares_are_those_of_the_mix(written):
    assert sum(row.share for row in MIX) == pytest.approx(1)
    assert written.windows == {
        "train": {"groove": 11, "human": 27, "repaired": 16, "rules": 54},
        "validation": {"groove": 1, "human": 3, "repaired": 2, "rules": 6},
    }
    train, validation = _read_both(written)
    assert (len(train), len(validation)) == (108, 12)
    assert written.tokens == {"train": len(train.ids), "validation": len(validation.ids)}
    assert written.bars["train"] == train.bars.sum()


def test_every_window_is_a_valid_score(written):
    grammar = Grammar()
    for corpus in _read_both(written):
        for number, ids in enumerate(corpus):
            encoded = corpus.encoded(number)
            assert encoded.ids == tuple(ids)
            score = decode(encoded)
            assert score == score.quantised()
            assert len(score.drums) + len(score.bass) >= 2 * score.bars
            state = grammar.start(encoded.bars)
            for token in encoded.ids:
                state = grammar.advance(state, token)
        assert corpus.bars.max() <= SMALL.bars


def test_nothing_telling_stands_in_both_splits(written):
    train, validation = (_find_telling(corpus) for corpus in _read_both(written))
    assert len(train) > 100
    assert len(validation) > 10
    assert not train & validation


def test_songs_are_on_one_side_and_those_held_back_on_none(written):
    train, validation = _read_both(written)
    sides = [{name for track in c.tracks for name in track.split(" + ") if "/" in name} for c in (train, validation)]
    files = [{name for name in side if name.endswith(".mid")} for side in sides]
    assert not sides[0] & sides[1]
    assert files[0]
    assert files[1]
    assert not any(name in ("sharealike/x/a.mid", "sharealike/x/b.mid", "permissive/songs/0.mid") for name in files[0])
    lines = [json.loads(line) for line in (written.folder / "songs.jsonl").read_text().splitlines()]
    assert {line["song"] for line in lines if line["split"] == "validation"} >= files[1]
    assert written.songs == len(lines) == 23


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(split, written, tmp_path):
    write_corpus(tmp_path / "again", SMALL, human=split, jobs=2)
    assert _bytes_of(tmp_path / "again") == _bytes_of(written.folder)
    other = write_corpus(tmp_path / "other", replace(SMALL, seed=6), human=split)
    assert (other.folder / "data/train.parquet").read_bytes() != (written.folder / "data/train.parquet").read_bytes()


def test_share_alike_songs_come_in_when_asked_for(split, tmp_path):
    write_corpus(tmp_path, replace(SMALL, windows=60, share_alike=True), human=split)
    tracks = " ".join(read_corpus(tmp_path).tracks)
    assert "sharealike/x/a.mid" in tracks
    assert "sharealike/x/b.mid" not in tracks
    assert "permissive/songs/0.mid" not in tracks
    assert "--share-alike" in (tmp_path / "README.md").read_text()


def test_without_human_files_there_are_rules_alone(tmp_path):
    result = write_corpus(tmp_path, CorpusConfig(windows=20, bars=4))
    assert result.windows == {"train": {"rules": 18}, "validation": {"rules": 2}}
    assert (result.songs, result.refused) == (0, 0)


def test_what_is_known_of_a_window_is_said_in_its_tokens_and_columns(written):
    train, _ = _read_both(written)
    for number in range(len(train)):
        words = {VOCABULARY[token] for token in train.window(number).tolist()}
        if train.sources[number] == "rules":
            assert f"Style_{train.styles[number]}" in words
            assert "Source_rules" in words
            assert train.licences[number] == "MIT"
        elif train.sources[number] in ("human", "groove"):
            assert "Source_human" in words
            assert train.licences[number] == "CC BY 4.0"
        assert any(word.startswith("Density") for word in words)


def test_the_file_is_plain_parquet_with_a_card_that_counts_it(written):
    pandas = pytest.importorskip("pandas")
    table = pq.read_table(written.folder / "data/train.parquet")
    assert tuple(table.column_names) == tuple(COLUMNS)
    frame = pandas.read_parquet(written.folder / "data/train.parquet")
    assert frame.window_id.is_unique
    assert [len(ids) for ids in frame.tokens] == list(np.diff(read_corpus(written.folder).starts))
    card = (written.folder / "README.md").read_text()
    assert card.startswith("---\nconfigs:")
    assert f"| train | 108 | {written.bars['train']} | {written.different_bars} " in card
    assert "| songs | songs | CC BY 4.0 |" in card or "| songs | dance | CC BY 4.0 |" in card


def test_a_window_can_be_drawn_again_by_its_number(split, written):
    song = Song("a.mid", compose("hard", bars=32, seed=1), "dance", "", "MIT", False)
    material = prepare_material([song], seed=1, bars=8, held_out=False)
    assert [row.source for row in list_sources(material)] == ["rules", "human", "repaired"]
    assert sum(row.share for row in list_sources(material)) == pytest.approx(1)
    for row in list_sources(material):
        windows = [draw_window(material, row.source, number) for number in range(8)]
        assert windows == [draw_window(material, row.source, number) for number in range(8)]
        assert len({w.score for w in windows if w}) > 4


def test_validation_is_not_augmented():
    song = Song("a.mid", compose("hard", bars=32, seed=1), "dance", "", "MIT", True)
    material = prepare_material([song], seed=1, bars=8, held_out=True)
    for number in range(20):
        window = draw_window(material, "human", number)
        assert window is not None
        assert window.score == song.score[window.start_bar : window.start_bar + window.score.bars]


def _row(score: Score, number: int) -> WindowRow:
    song = Song("a.mid", score, "dance", "", "MIT", True)
    window = draw_window(prepare_material([song], seed=1, bars=score.bars, held_out=True), "human", number)
    assert window is not None
    return make_row("train", "human", number, window)


def test_the_sieve_stops_copies_and_what_a_closed_split_has():
    score = compose("hard", bars=1, seed=3)
    sieve = Sieve()
    row = _row(score, 0)
    assert sieve.takes(row)
    assert not sieve.takes(row)
    lower = [_row(score.transposed(k), 0) for k in range(-5, 0)]
    assert [sieve.takes(other) for other in lower] == [True, True, True, False, False]
    telling = _row(compose("hard", bars=8, seed=4), 0)
    assert telling.telling
    sieve.close([telling])
    assert not sieve.takes(_row(compose("hard", bars=8, seed=4).transposed(1), 0))
    assert sieve.takes(_row(compose("dub", bars=8, seed=9).muted("bass"), 0))


def test_what_is_no_training_set_is_refused(written, tmp_path):
    with pytest.raises(MissingFileError, match="technogen dataset corpus"):
        read_corpus(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DatasetError, match=r"train\.parquet"):
        read_corpus(tmp_path)
    table = pq.read_table(written.folder / "data/train.parquet")
    pq.write_table(table.replace_schema_metadata({}), tmp_path / "data" / "train.parquet")
    with pytest.raises(DatasetError, match="vocabulary"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"), [("windows", 9), ("windows", 1.5), ("bars", 0), ("bars", 65), ("seed", True)]
)
def test_choices_out_of_range_are_refused(name, value):
    with pytest.raises(DatasetError, match=f"corpus {name} must be"):
        CorpusConfig(**{name: value})


def test_the_command_writes_it_and_overwrites_nothing_unasked(tmp_path, capsys):
    out = tmp_path / "set"
    line = ["dataset", "corpus", str(out), "--windows", "20", "--bars", "4"]
    assert main([*line, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["windows"] == {"train": {"rules": 18}, "validation": {"rules": 2}}
    assert main(line) == 1
    assert "--force" in capsys.readouterr().err
    assert main([*line, "--force"]) == 0
    assert "18 windows (18 rules)" in capsys.readouterr().out
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        write_corpus(tmp_path / "file", SMALL)
