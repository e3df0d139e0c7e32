"""`technogen evaluate generation` as a whole: known answers end to end, small and broken sets, JSON and the page."""

import json
import time
from pathlib import Path
from xml.etree import ElementTree

import music_maker
import numpy as np
import pytest

from technogen import Score
from technogen.cli import main
from technogen.errors import EvaluationError, MissingFileError
from technogen.evaluation.generation import Judging, evaluate_generation, evaluate_generation_files
from technogen.evaluation.music.chapters import CHAPTERS
from technogen.evaluation.music.classifying import boosting, compare_sets
from technogen.evaluation.music.collecting import collect_files, group_songs, lay_out_all
from technogen.evaluation.music.drum_features import measure_drums
from technogen.evaluation.music.grid import cut_windows, name_groups
from technogen.evaluation.music.judging import trace_origins
from technogen.evaluation.music.page import write_page
from technogen.evaluation.music.telling_apart import rows_of

QUICK = Judging(floors=1, most=2)
SHARED = Path(__file__).parents[2] / "shared"
needs_human_files = pytest.mark.skipif(
    not (SHARED / "symbolic_split.json").exists(), reason="needs human MIDI files, which are no part of the project"
)


def save_all(scores, folder):
    folder.mkdir(exist_ok=True)
    for name, score in scores.items():
        score.save(folder / f"{name}.mid")
    return folder


@pytest.fixture(scope="module")
def noise_beside_music():
    noise = {f"n{i}": music_maker.random_score(i) for i in range(8)}
    return evaluate_generation(noise, music_maker.compose_set(12), options=QUICK)


def test_random_notes_stand_out_in_every_chapter_made_for_them(noise_beside_music):
    found = noise_beside_music
    assert found["c2st/joint/features"].value > 0.95
    assert found["c2st/form/features"].value > 0.9
    out = {m.key for m in found.standing_out}
    assert {"c2st/drums/features", "form/drums_form_lag1", "form/drums_form_groove", "overlap/drums"} <= out
    assert found["originality/copied"].value == 0
    assert not any(o.is_copied for o in found.origins)


def test_every_measure_has_a_chapter_and_plain_numbers(noise_beside_music):
    keys = {m.key.split("/")[0] for m in noise_beside_music.measures}
    assert keys <= {chapter.key for chapter in CHAPTERS}
    json.dumps([m.value for m in noise_beside_music.measures], allow_nan=False)
    for m in noise_beside_music.measures:
        assert m.value is None or m.low is None or m.low - 1e-9 <= m.value <= m.high + 1e-9, m.key
        assert m.stands_out in (True, False, None)
    with pytest.raises(KeyError):
        noise_beside_music["no such key"]


def test_the_page_is_well_formed_and_runs_nothing(noise_beside_music):
    page = write_page(noise_beside_music, "a <b> & c")
    assert "a &lt;b&gt; &amp; c" in page
    assert "<script" not in page
    assert "http://www.w3.org/2000/svg" in page
    for picture in page.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + picture.split("</svg>")[0] + "</svg>")


def test_the_same_seed_gives_the_same_figures():
    sets = [music_maker.compose_set(4, first_seed=seed, bars=4) for seed in (0, 50)]
    one, other = (evaluate_generation(*sets, options=QUICK).measures for _ in range(2))
    assert one == other


def test_the_command_writes_json_and_a_page(tmp_path, capsys):
    ours = save_all(music_maker.compose_set(4), tmp_path / "ours")
    (ours / "asked.json").write_text(json.dumps({"piece000": {"bars": 8, "tempo": 20}, "gone": {}}))
    theirs = save_all(music_maker.compose_set(5, first_seed=70), tmp_path / "theirs")
    arguments = ["evaluate", "generation", str(ours), str(theirs), "--json", str(tmp_path / "f.json")]
    assert main([*arguments, "--html", str(tmp_path / "f.html")]) == 0
    said = capsys.readouterr().out
    assert "4 generated pieces beside 5" in said
    assert "4 generated pieces are few" in said
    assert "gone" in said
    data = json.loads((tmp_path / "f.json").read_text())
    assert data["figures"]["adherence/bars"]["value"] == 1
    assert data["figures"]["adherence/tempo"]["value"] == 0
    assert data["figures"]["validity/all_rules"]["value"] == 1
    assert set(data["origins"]) == {f"piece{i:03d}" for i in range(4)}
    assert (tmp_path / "f.html").read_text().startswith("<!doctype html>")
    assert main(arguments) != 0  # nothing is overwritten without being asked


def test_broken_empty_and_short_files_are_told_of_and_the_rest_is_measured(tmp_path):
    ours = save_all(music_maker.compose_set(3, bars=2), tmp_path / "ours")
    (ours / "broken.mid").write_bytes(b"MThd\0\0\0\6")
    Score(tempo=130, bars=2).save(ours / "empty.mid")
    mixed = music_maker.compose_set(2, bars=4, first_seed=5) | {"long": music_maker.compose_set(1, bars=40)["piece000"]}
    found = evaluate_generation_files(ours, save_all(mixed, tmp_path / "theirs"), options=QUICK)
    assert found.generated == 3
    assert found.reference == 3
    told = "\n".join(found.remarks)
    assert "broken cannot be read" in told
    assert "1 generated pieces have no notes" in told
    assert "no value" in told
    assert found["validity/all_rules"].value == pytest.approx(3 / 5)  # of five files three are whole and hold notes


def test_one_part_alone_is_measured(tmp_path):
    drums = {name: score.muted("bass") for name, score in music_maker.compose_set(4, bars=4).items()}
    found = evaluate_generation(drums, music_maker.compose_set(4, bars=4, first_seed=9), options=QUICK)
    assert found["c2st/drums/features"].value is not None
    assert found["c2st/bass/features"].value is None


def test_nothing_to_measure_is_refused(tmp_path):
    music = music_maker.compose_set(1, bars=2)
    with pytest.raises(EvaluationError, match="no generated piece"):
        evaluate_generation({"a": Score(tempo=130, bars=1)}, music)
    with pytest.raises(EvaluationError, match="no reference piece"):
        evaluate_generation(music, {})
    with pytest.raises(EvaluationError, match="holds no MIDI files"):
        collect_files(tmp_path)
    with pytest.raises(MissingFileError):
        collect_files(tmp_path / "gone")
    with pytest.raises(EvaluationError, match=r"bars must be in 1\.\.16"):
        Judging(bars=0)
    (tmp_path / "bad.mid").write_bytes(b"no midi")
    assert main(["evaluate", "generation", str(tmp_path), str(tmp_path)]) != 0


@pytest.mark.parametrize("copies", ["generated", "reference", "bars"])
def test_copies_of_one_piece_and_single_bars_are_measured(copies):
    music, clone = music_maker.compose_set(4, bars=4), music_maker.compose_set(1, bars=4, first_seed=60)["piece000"]
    clones = {f"c{i}": clone for i in range(4)}
    sets = {"generated": (clones, music), "reference": (music, clones)}
    ours, theirs = sets.get(copies, (music, {name: score[0:1] for name, score in music.items()}))
    found = evaluate_generation(ours, theirs, options=Judging(floors=1, most=2, bars=1 if copies == "bars" else 4))
    assert found["diversity/duplicates"].value == (0.75 if copies == "generated" else 0)
    assert found.remarks


def test_a_list_of_files_is_read(tmp_path):
    save_all(music_maker.compose_set(2, bars=2), tmp_path / "some")
    (tmp_path / "list.txt").write_text("some/piece000.mid\n\nsome/gone.mid\n")
    found = collect_files(tmp_path / "list.txt")
    assert list(found.scores) == ["some/piece000"]
    assert list(found.broken) == ["some/gone"]


@pytest.fixture(scope="module")
def human(tmp_path_factory):
    split = json.loads((SHARED / "symbolic_split.json").read_text())["dev_dance"]
    path = tmp_path_factory.mktemp("human") / "list.txt"
    path.write_text("\n".join(str(SHARED / "symbolic" / name) for name in split))
    return collect_files(path)


@needs_human_files
def test_human_songs_are_not_told_from_human_songs(human):
    songs = group_songs(human.scores)
    pieces = lay_out_all(human.scores, songs)
    windows = cut_windows(pieces, "drums", 4, 6, np.random.default_rng(0))
    table, groups = rows_of(windows, measure_drums), name_groups(windows)
    areas = []
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(sorted(set(groups)))
        half = np.isin(groups, order[: len(order) // 2])
        sides = [[g for g, h in zip(groups, half) if h == side] for side in (True, False)]
        found = compare_sets(table[half], table[~half], (sides[0], sides[1]), boosting, floors=0, seed=seed)
        areas.append(found.area.value)
    assert 0.3 < np.mean(areas) < 0.65


@needs_human_files
def test_transposed_human_songs_are_known_as_copies(human):
    rich = {name: score for name, score in human.scores.items() if score.bars >= 16}
    found = trace_origins({name: score.transposed(3) for name, score in rich.items()}, human.scores)
    assert np.mean([o.is_copied for o in found]) > 0.7
    assert all(o.moved == 3 for o in found if o.is_copied and o.joint.name == o.name)
    songs = group_songs(human.scores)
    others = [
        trace_origins({name: score}, {n: s for n, s in human.scores.items() if songs[n] != songs[name]})[0]
        for name, score in rich.items()
    ]
    assert not any(o.is_copied for o in others)


@pytest.mark.slow
def test_a_hundred_pieces_beside_a_hundred_take_less_than_a_minute_of_one_core():
    sets = [music_maker.compose_set(100, first_seed=seed, bars=16) for seed in (0, 1000)]
    begun = time.process_time()
    found = evaluate_generation(*sets)
    assert time.process_time() - begun < 60
    told = [m for m in found.measures if m.key.startswith("c2st/") and m.stands_out]
    assert len(told) <= 1  # the same composer twice
    assert len(found.standing_out) < 0.08 * len(found.measures)
