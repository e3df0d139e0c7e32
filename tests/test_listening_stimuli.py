"""Stimuli of a listening test: alike in everything but who wrote them, and to be made again."""

import filecmp
import math
import os
import wave
from random import Random

import numpy as np
import pytest
from listening_stand import WANTED, make_pieces, make_test

from technogen.audio import measure_loudness, read_audio
from technogen.cli import main
from technogen.errors import ListeningError, MissingFileError, OutputError
from technogen.evaluation.listening import Design, DesignOptions, Stimulus, load_design
from technogen.evaluation.listening import headphones as phones
from technogen.evaluation.listening.material import Wanted, break_score, find_root, gather_material
from technogen.evaluation.listening.sources import Condition
from technogen.evaluation.listening.stimuli import (
    check_sounds,
    prepare_stimuli,
    read_manifest,
    recreate_stimuli,
)
from technogen.evaluation.listening.webmushra import export_webmushra
from technogen.rendering import render
from technogen.score import Score


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("stimuli") / "test"
    make_test(made)
    return made


def test_all_are_equally_long_and_loud(folder):
    manifest, levels = read_manifest(folder), []
    assert manifest.person
    assert not load_design(folder / "design.json").options.rehearsal
    assert manifest.samples == round(4 * 60 / 138 * 44_100)
    for path in folder.glob("*.wav"):
        audio = read_audio(path)
        assert audio.samples.shape == (manifest.samples, 2)
        levels.append(measure_loudness(audio))
        assert np.abs(audio.samples).max() < 1
    assert len(levels) == 8
    assert max(levels) - min(levels) < 0.1
    assert abs(np.mean(levels) - manifest.loudness) < 0.1


def test_files_tell_nothing(folder):
    paths = sorted(folder.glob("*.wav"))
    assert len({path.stat().st_size for path in paths}) == 1
    assert len({path.stat().st_mtime_ns for path in (*paths, *folder.glob("scores/*"))}) == 1
    for path in paths:
        assert set(path.stem) <= set("0123456789abcdef")
        assert len(path.stem) == 16
        with wave.open(str(path)) as file:
            size = 44 + file.getnframes() * 4
        assert path.stat().st_size == size  # no chunk but the format and the samples
    assert [one.key for one in load_design(folder / "design.json").stimuli] == [path.stem for path in paths]


def test_keys_hang_on_seed_and_music_alone(tmp_path):
    human, other = make_pieces(8), make_pieces(8, first=50)
    places = []
    for seed in range(8):
        from technogen.evaluation.listening.stimuli import _name_drafts

        material = gather_material(Condition("human", human), [Condition("other", other)], WANTED, seed=seed)
        places.append(tuple(draft.piece.condition for draft in _name_drafts(material, seed)))
    assert len(set(places)) > 4
    assert {place[0] for place in places} > {"human"}


def test_the_same_seed_makes_the_same_files(folder, tmp_path):
    make_test(tmp_path / "again")
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    same, different, missing = filecmp.cmpfiles(folder, tmp_path / "again", names, shallow=False)
    assert (sorted(same), different, missing) == (names, [], [])


def test_a_manifest_makes_the_sounds_again(folder, tmp_path, capsys):
    make_test(tmp_path / "test")
    gone, changed, *_ = sorted((tmp_path / "test").glob("*.wav"))
    gone.unlink()
    changed.write_bytes(b"RIFF")
    with pytest.raises(ListeningError, match="is not there"):
        check_sounds(tmp_path / "test")
    assert main(["listen", "prepare", "-o", str(tmp_path / "test"), "--again"]) == 0
    assert "2 sounds were made again" in capsys.readouterr().out
    check_sounds(tmp_path / "test")
    assert gone.read_bytes() == (folder / gone.name).read_bytes()
    assert recreate_stimuli(tmp_path / "test") == ()
    gone.unlink()
    (tmp_path / "test" / "scores" / f"{gone.stem}.mid").unlink()
    with pytest.raises(ListeningError, match="cannot be made without it"):
        recreate_stimuli(tmp_path / "test")


def test_excerpts_stand_on_common_ground():
    human = [*make_pieces(6, tempo=130), *make_pieces(4, first=20, tempo=139)]
    pieces = gather_material(
        Condition("human", human), [Condition("rules", "rules")], Wanted(pairs=5, training=1, bars=2), seed=1
    )
    scores = [piece.excerpt.score for piece in pieces]
    assert len({score.tempo for score in scores}) == 1
    assert {score.bars for score in scores} == {2}
    music = [piece.excerpt.score for piece in pieces if piece.condition != "catch"]
    assert len({find_root(score) for score in music}) == 1
    assert len({frozenset(c.name for c in score.controls) for score in music}) == 1
    assert all(score.drums and score.bass for score in scores)
    assert [piece.condition for piece in pieces].count("human") == 7


def test_of_a_folder_the_nearest_in_density_are_taken():
    human, other = make_pieces(3), make_pieces(9, first=30)
    wanted = Wanted(pairs=3, training=0, catches=0, bars=4)
    pieces = gather_material(Condition("human", human), [Condition("x", other)], wanted, seed=0)
    dense = {name: [sum(p.excerpt.density) for p in pieces if p.condition == name] for name in ("human", "x")}
    off = [abs(math.log2(a / b)) for a, b in zip(dense["human"], dense["x"])]
    rest = [sum((len(score.drums), len(score.bass))) / 4 for score in other]
    worst = [max(abs(math.log2(a / b)) for b in rest) for a in dense["human"]]
    assert sum(off) < sum(worst) / 2


def test_parts_can_be_asked_for_alone():
    wanted = Wanted(pairs=2, training=0, catches=0, bars=2, parts="drums")
    human = [score.muted("bass") for score in make_pieces(4)]
    pieces = gather_material(Condition("human", human), [Condition("rules", "rules")], wanted, seed=2)
    assert all(piece.excerpt.score.drums and not piece.excerpt.score.bass for piece in pieces)
    both = Wanted(pairs=2, training=0, catches=0, bars=2)
    with pytest.raises(ListeningError, match="0 excerpts that can be used"):
        gather_material(Condition("human", human), [Condition("rules", "rules")], both, seed=2)


def test_a_broken_score_keeps_its_notes_and_no_time():
    score = make_pieces(1)[0]
    broken = break_score(score, Random(0))
    assert len(broken.drums) > len(score.drums) * 0.8
    assert len(broken.bass) == len(score.bass)
    on_grid = [note for note in (*broken.drums, *broken.bass) if note.start % 120 == 0]
    assert len(on_grid) < len(broken.drums) / 5


@pytest.mark.parametrize(
    ("human", "others", "message"),
    [
        (
            Condition("human", make_pieces(3)),
            [Condition("rules", "rules")],
            "3 excerpts that can be used, 4 are needed",
        ),
        (Condition("human", make_pieces(4)), [Condition("x", make_pieces(2))], "'x' has 2 excerpts"),
        (Condition("human", make_pieces(4)), [], "nothing to compare with"),
        (Condition("human", make_pieces(4)), [Condition("human", "rules")], "names of their own"),
        (Condition("human", make_pieces(4)), [Condition("catch", "rules")], "names of their own"),
        (Condition("human", make_pieces(4)), [Condition("a", "rules"), Condition("a", "model")], "names of their own"),
        (Condition("human", [Score(tempo=138, bars=4)] * 4), [Condition("rules", "rules")], "something sounds"),
        (Condition("human", make_pieces(4, tempo=60)), [Condition("x", make_pieces(4))], "'x' has 0 excerpts"),
    ],
)
def test_too_little_material_is_told(tmp_path, human, others, message):
    with pytest.raises(ListeningError, match=message):
        prepare_stimuli(tmp_path / "test", human, others, wanted=Wanted(pairs=2, training=1, catches=1, bars=2))
    assert not (tmp_path / "test").exists()


def test_folders_that_hold_nothing_of_use(tmp_path):
    make = Condition("human", tmp_path / "none")
    with pytest.raises(MissingFileError, match="none is not there"):
        gather_material(make, [Condition("rules", "rules")], WANTED, seed=0)
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    with pytest.raises(ListeningError, match=r"no excerpt of 1 bars .*bad\.mid"):
        gather_material(Condition("human", tmp_path), [Condition("rules", "rules")], WANTED, seed=0)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="not an empty folder"):
        make_test(tmp_path)
    assert os.listdir(tmp_path) == ["mine.txt"]


@pytest.mark.parametrize("values", [{"pairs": 0}, {"bars": 65}, {"catches": -1}, {"parts": "hats"}, {"training": 1.5}])
def test_what_cannot_be_wanted(values):
    with pytest.raises(ListeningError, match=next(iter(values))):
        Wanted(**values)


@pytest.mark.slow
def test_recordings_are_cut_on_bars_and_made_again(tmp_path):
    (tmp_path / "records").mkdir()
    for k, score in enumerate(make_pieces(2, tempo=138)):
        render(score.repeated(2), seed=k).save(tmp_path / "records" / f"{k}.flac")
    human = Condition("human", tmp_path / "records")
    wanted = Wanted(pairs=2, training=0, catches=0, bars=2)
    options = DesignOptions(density_within=5.0)
    prepare_stimuli(tmp_path / "test", human, [Condition("rules", "rules")], wanted=wanted, options=options, seed=4)
    manifest = read_manifest(tmp_path / "test")
    mine = [one for one in manifest.stimuli if one.condition == "human"]
    assert sorted(one.origin.file for one in mine) == ["0.flac", "1.flac"]
    for one in mine:
        bar = one.origin.start_seconds * 138 / 240
        assert abs(bar - round(bar)) < 0.02
        (tmp_path / "test" / f"{one.key}.wav").unlink()
    assert len(recreate_stimuli(tmp_path / "test", source=tmp_path / "records")) == 2
    levels = [measure_loudness(read_audio(path)) for path in (tmp_path / "test").glob("*.wav")]
    assert max(levels) - min(levels) < 0.1


def test_the_webmushra_configuration_names_every_sound(folder, tmp_path):
    import json

    path = export_webmushra(folder, tmp_path / "out")
    said = json.loads(path.read_text())
    plan = load_design(folder / "design.json").plan(0)
    asked = [page for page in said["pages"] if page["type"] == "likert_single_stimulus"]
    assert [next(iter(page["stimuli"])) for page in asked] == [key for trial in plan for key in trial.stimuli]
    for page in asked:
        (key, sound), *_ = page["stimuli"].items()
        assert (tmp_path / "out" / sound).read_bytes() == (folder / f"{key}.wav").read_bytes()
    assert said["pages"][-1]["type"] == "finish"
    assert not any(word in path.read_text() for word in ("human", "other", "catch"))
    with pytest.raises(OutputError, match="not an empty folder"):
        export_webmushra(folder, tmp_path / "out")


def test_the_verb_makes_a_rehearsal(tmp_path, capsys):
    out = tmp_path / "test"
    line = ["listen", "prepare", "-o", str(out), "--against", "rules", "--pairs", "1", "--training", "0"]
    assert main([*line, "--catches", "0", "--bars", "1", "--seed", "5"]) == 0
    said = capsys.readouterr()
    assert "2 excerpts of 1 bars, 1 trials" in said.out
    assert "rules stand in" in said.err
    assert not read_manifest(out).person
    design = load_design(out / "design.json")
    assert isinstance(design, Design)
    assert design.options.rehearsal
    assert isinstance(design.stimuli[0], Stimulus)
    assert main(["listen", "prepare", "-o", str(tmp_path / "x"), "--against", "lstm"]) == 1
    assert main(["listen", "prepare", "-o", str(tmp_path / "x"), "--question", "triple"]) == 1


def test_the_hidden_tone_is_between_the_ears_alone():
    for right in range(3):
        audio = phones.make_check(right, seed=right)
        length = round(1.0 * 44_100)
        gap = round(0.35 * 44_100)
        for k in range(3):
            start = gap + k * (length + gap)
            left, other = audio.samples[start : start + length].T
            band = slice(round(600 * 0.95), round(600 * 1.05))  # bins of 1 Hz
            ears = [np.abs(np.fft.rfft(ear))[band] for ear in (left, other)]
            both = np.abs(np.fft.rfft(left + other))[band]
            assert np.allclose(*np.array(ears).mean(axis=1), rtol=0.05)
            share = both.mean() / (2 * ears[0].mean())
            assert (share < 0.1) == (k == right)
            assert share < 0.1 or share > 0.95


def test_keys_of_the_check_do_not_tell_and_attempts_differ():
    bank = phones.make_bank("test")
    assert len(bank) == 6
    assert len({audio.samples.shape for audio in bank.values()}) == 1
    assert not set(bank) & set(phones.make_bank("other test"))
    drawn = [phones.right_answers(f"{k}", 0) for k in range(300)]
    counts = np.bincount(np.ravel(drawn), minlength=3)
    assert counts.min() > 500  # of 1800: each answer is right about as often
    assert phones.right_answers("a", 0) != phones.right_answers("a", 1)
    assert set(phones.check_keys("test", "a", 0)) <= set(bank)
