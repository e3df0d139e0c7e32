"""Data sets from folders: deterministic, resumable, incremental; what cannot be used is told of and passed over."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from dataset_maker import die_of_one, make_tone, read_all, write_midi, write_tone

from technogen import Audio, Score
from technogen.cli import main
from technogen.dataset import DatasetConfig, build_dataset, check_dataset, describe_dataset, read_dataset
from technogen.errors import DatasetError, MissingFileError, OutputError

SECONDS = DatasetConfig(
    window_by="seconds", length=1.0, representations=("raw", "mel"), sample_rate=8000, fft_size=512, mel_bands=20
)
BARS = DatasetConfig(length=2)


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    logger = logging.getLogger("technogen")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for i in range(8):
        write_midi(folder / f"{i}.mid", seed=i, bars=4)
    return folder


@pytest.fixture
def tones(tmp_path):
    folder = tmp_path / "tones"
    for i in range(3):
        write_tone(folder / f"{i}.wav", 2.5, hz=200.0 * (i + 1))
    return folder


def test_rows_are_the_windows_of_their_files(source, tmp_path):
    build_dataset(source, tmp_path / "out", BARS)
    dataset = read_dataset(tmp_path / "out")
    rows = list(dataset.rows())
    assert len(dataset) == len(rows) == 16
    for row in rows:
        score = Score.load(source / row.track)
        first = round(row.start_bar)
        assert row.score == score[first : first + 2]
        assert (row.tempo, row.bars, row.start_seconds) == (130, 2, pytest.approx(first * 240 / 130, abs=1e-5))
    assert {row.track for row in rows} == {f"{i}.mid" for i in range(8)}
    assert check_dataset(tmp_path / "out") == ()


def test_midi_of_other_programs_is_imported_where_asked(tmp_path):
    """A line on channel 3 is the bass; chords on channel 5 are left out, which the manifest says."""
    import mido

    from technogen.dataset.importing import import_midi

    midi = mido.MidiFile(ticks_per_beat=480)
    for channel, pitches, gap in ((9, (36,), 480), (2, (40,), 240), (4, (60, 64, 67), 1920)):
        track = mido.MidiTrack()
        for _ in range(7680 // gap):
            track += [mido.Message("note_on", channel=channel, note=p, velocity=90) for p in pitches]
            track.append(mido.Message("note_off", channel=channel, note=pitches[0], time=gap // 2))
            track += [mido.Message("note_off", channel=channel, note=p) for p in pitches[1:]]
            track.append(mido.Message("note_on", channel=channel, note=pitches[0], velocity=0, time=gap - gap // 2))
        midi.tracks.append(track)
    (tmp_path / "in").mkdir()
    midi.save(tmp_path / "in" / "song.mid")
    result = build_dataset(tmp_path / "in", tmp_path / "out", DatasetConfig(length=2, import_midi=True))
    score = import_midi(tmp_path / "in" / "song.mid").score
    assert [row.score for row in read_dataset(tmp_path / "out").rows()] == [score[0:2], score[2:4]]
    assert (len(score.drums), len(score.bass)) == (16, 32)
    assert "12 notes left out" in result.entries[0].reason


def test_sound_is_cut_by_the_clock(tones, tmp_path):
    build_dataset(tones, tmp_path / "out", SECONDS)
    rows = list(read_dataset(tmp_path / "out").rows())
    assert len(rows) == 6
    for row in rows:
        wave = make_tone(2.5, hz=200.0 * (int(row.track[0]) + 1)).samples
        start = round(row.start_seconds * 8000)
        assert np.abs(row.arrays["raw"] - wave[start : start + 8000]).max() < 1e-5
        assert row.arrays["mel"].shape == (8000 // 512 + 1, 20)
        assert (row.tempo, row.start_bar, row.bars, row.midi, row.score) == (None,) * 5


def test_the_ear_cuts_recordings_by_bars(tmp_path):
    from technogen import compose, render

    (tmp_path / "in").mkdir()
    render(compose("acid", bars=4, tempo=130, seed=1)).save(tmp_path / "in" / "loop.wav")
    build_dataset(tmp_path / "in", tmp_path / "out", DatasetConfig(length=2, representations=("midi", "raw")))
    rows = list(read_dataset(tmp_path / "out").rows())
    assert [row.start_bar for row in rows] == [0, 2]
    assert {row.tempo for row in rows} == {130}
    assert all(len(row.score.drums) > 8 and row.score.bars == 2 for row in rows)
    assert [row.arrays["raw"].shape for row in rows] == [(round(2 * 240 / 130 * 44100),)] * 2


def test_the_same_bytes_twice_and_with_two_jobs(source, tmp_path):
    for i, jobs in enumerate((1, 1, 2)):
        build_dataset(source, tmp_path / f"out{i}", BARS, jobs=jobs)
    first = read_all(tmp_path / "out0")
    assert set(first) == {"README.md", "dataset.json", "manifest.jsonl", *(n for n in first if n.startswith("data/"))}
    assert read_all(tmp_path / "out1") == first
    assert read_all(tmp_path / "out2") == first


def test_only_what_is_new_is_worked_on_and_the_bytes_are_those_of_a_fresh_build(source, tmp_path):
    out = tmp_path / "out"
    build_dataset(source, out, BARS)
    before = read_all(out)
    assert build_dataset(source, out, BARS).worked == 0
    assert read_all(out) == before
    write_midi(source / "00 new.mid", seed=70, bars=4)
    write_midi(source / "3.mid", seed=71, bars=6)
    (source / "5.mid").unlink()
    (source / "6.mid").rename(source / "another name.mid")
    assert build_dataset(source, out, BARS).worked == 2
    build_dataset(source, tmp_path / "fresh", BARS)
    assert read_all(out) == read_all(tmp_path / "fresh")
    assert check_dataset(out) == ()


def test_small_shards_hold_the_same_rows(tones, tmp_path):
    small = DatasetConfig(**{**_fields(SECONDS), "shard_bytes": 40_000})
    build_dataset(tones, tmp_path / "one", SECONDS)
    result = build_dataset(tones, tmp_path / "many", small)
    assert len(result.shards) == 3
    assert check_dataset(tmp_path / "many") == ()
    key = lambda row: (row.track, row.start_seconds)  # noqa: E731
    pairs = zip(*(sorted(read_dataset(tmp_path / n).rows(), key=key) for n in ("one", "many")))
    assert all(np.array_equal(a.arrays["raw"], b.arrays["raw"]) for a, b in pairs)
    assert build_dataset(tones, tmp_path / "many", SECONDS).worked == 0
    assert read_all(tmp_path / "one") == read_all(tmp_path / "many")


def _fields(config):
    from dataclasses import asdict

    return asdict(config)


KILLER = """
    import os, signal, sys
    from technogen.dataset import DatasetConfig, build_dataset
    replace, left = os.replace, [int(sys.argv[3])]
    def killing(*paths):
        left[0] -= 1
        if left[0] == 0: os.kill(os.getpid(), signal.SIGKILL)
        replace(*paths)
        if left[0] == -1: os.kill(os.getpid(), signal.SIGKILL)
    os.replace = killing
    build_dataset(sys.argv[1], sys.argv[2], DatasetConfig(length=2))
"""


@pytest.mark.parametrize("point", [5, 17, 19, 22])
def test_a_killed_build_goes_on_to_the_same_bytes(source, tmp_path, point):
    """The 16 first renamings are of parts; then come registers and card, then the move to their places."""
    build_dataset(source, tmp_path / "whole", BARS)
    out = tmp_path / "out"
    script = textwrap.dedent(KILLER)
    killed = subprocess.run([sys.executable, "-c", script, str(source), str(out), str(point)], check=False)
    assert killed.returncode == -signal.SIGKILL
    result = build_dataset(source, out, BARS)
    assert result.worked < 8
    assert read_all(out) == read_all(tmp_path / "whole")


def test_one_bad_file_is_reported_and_the_rest_goes_on(source, tmp_path, capsys):
    (source / "bad.wav").write_bytes(b"RIFF of nothing")
    (source / "worse.mid").write_bytes(b"")
    (source / "gone.flac").symlink_to("nowhere")
    (source / "notes.txt").write_text("no music")
    out = tmp_path / "out"
    assert main(["dataset", "build", str(source), str(out), "--length", "2"]) == 1
    said = capsys.readouterr()
    assert "bad.wav is no audio" in said.err
    assert "3 of 11 files could not be used" in said.err
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert [(line["file"], line["status"]) for line in lines if line["status"] != "ok"] == [
        ("bad.wav", "failed"),
        ("gone.flac", "failed"),
        ("worse.mid", "failed"),
    ]
    assert all(line["reason"] and str(tmp_path) not in line["reason"] for line in lines if line["status"] != "ok")
    assert read_dataset(out).to_pandas()["track"].nunique() == 8


def test_a_file_that_kills_its_worker_takes_nothing_else_with_it(tmp_path, monkeypatch):
    from technogen.dataset import engines

    for i, name in enumerate(("a.mid", "deadly.mid")):
        write_midi(tmp_path / "in" / name, seed=i, bars=2)
    monkeypatch.setattr(engines, "work_on", die_of_one)
    entries = build_dataset(tmp_path / "in", tmp_path / "out", BARS, jobs=2).entries
    assert [e.status for e in entries] == ["ok", "failed"]
    assert entries[1].reason.startswith("deadly.mid: the process that worked on it died")


def test_two_names_of_one_recording_are_one_track(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    write_tone(folder / "a.wav")
    shutil.copy(folder / "a.wav", folder / "b.wav")
    make_tone(3.0).save(folder / "c.flac")
    write_tone(folder / "d.wav", hz=300)
    result = build_dataset(folder, out, SECONDS)
    assert [(e.file, e.status, e.same_as) for e in result.entries] == [
        ("a.wav", "ok", ""),
        ("b.wav", "duplicate", "a.wav"),
        ("c.flac", "duplicate", "a.wav"),
        ("d.wav", "ok", ""),
    ]
    assert len({e.track_id for e in result.entries[:3]}) == 1
    assert describe_dataset(out).duplicates == (("b.wav", "a.wav"), ("c.flac", "a.wav"))
    (folder / "a.wav").unlink()  # its rows were the only ones
    (folder / "b.wav").unlink()
    assert [e.status for e in build_dataset(folder, out, SECONDS).entries] == ["ok", "ok"]
    build_dataset(folder, tmp_path / "fresh", SECONDS)
    assert read_all(out) == read_all(tmp_path / "fresh")


def test_a_track_keeps_its_id_under_any_name(tmp_path):
    for name in ("x", "y"):
        write_tone(tmp_path / name / f"{name} song.wav")
    ids = [build_dataset(tmp_path / n, tmp_path / f"{n}-out", SECONDS).entries[0].track_id for n in ("x", "y")]
    assert ids[0] == ids[1]


def test_a_file_that_changes_while_it_is_read_is_told_of(tones, tmp_path, monkeypatch):
    from technogen.dataset import working

    read = working.read_audio

    def change(path, **options):
        audio = read(path, **options)
        if str(path).endswith("1.wav"):
            write_tone(tones / "1.wav", hz=5000)
        return audio

    monkeypatch.setattr(working, "read_audio", change)
    result = build_dataset(tones, tmp_path / "out", SECONDS)
    assert [e.status for e in result.entries] == ["ok", "failed", "ok"]
    assert "1.wav changed while it was read" in result.entries[1].reason
    monkeypatch.undo()
    assert build_dataset(tones, tmp_path / "out", SECONDS).worked == 1


def test_a_full_disk_stops_the_build_and_leaves_what_was_there(source, tmp_path, monkeypatch):
    """The disk is full by a write that fails; the test after this one has a real one, where it may be mounted."""
    from technogen.dataset import schema

    out = tmp_path / "out"
    build_dataset(source, out, BARS)
    before = read_all(out)
    write_midi(source / "new.mid", seed=90, bars=4)
    monkeypatch.setattr(schema.RowWriter, "write", _fail_on_full_disk)
    with pytest.raises(OutputError, match="the disk is full"):
        build_dataset(source, out, BARS)
    after = read_all(out)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if name.endswith((".part", ".parquet")) and name not in before]
    monkeypatch.undo()
    build_dataset(source, out, BARS)
    assert len(read_dataset(out)) == 18


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here: that needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("room", [30_000, 150_000, 230_000])
def test_a_real_disk_that_is_full(tmp_path, small_disk, monkeypatch, room):
    """Full while parts are written, and while shards are."""
    from technogen.dataset import building

    for i in range(4):
        noise = np.random.default_rng(i).uniform(-0.5, 0.5, 8000).astype(np.float32)
        (tmp_path / "in").mkdir(exist_ok=True)
        Audio(noise, 8000).save(tmp_path / "in" / f"{i}.wav")
    monkeypatch.setattr(building, "check_space", lambda *given: 0)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    raw = DatasetConfig(window_by="seconds", length=0.5, representations=("raw",), sample_rate=8000)
    with pytest.raises(OutputError, match="the disk is full"):
        build_dataset(tmp_path / "in", small_disk / "out", raw)
    left = [path.name for path in (small_disk / "out").rglob("*") if path.is_file()]
    assert all(name.split("-")[-1] in ("audio.parquet", "audio.json") for name in left)
    filler.unlink()
    assert build_dataset(tmp_path / "in", small_disk / "out", raw).rows == 8
    assert check_dataset(small_disk / "out") == ()


def _fail_on_full_disk(self, rows):
    raise OSError(28, "No space left on device")


def test_the_disk_is_asked_before_any_work(tones, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(OutputError, match=r"may need .* MiB"):
        build_dataset(tones, tmp_path / "out", SECONDS)


def test_what_is_wrong_with_a_file_is_in_its_entry_however_loud_the_log_is(tmp_path):
    write_tone(tmp_path / "in" / "cut.flac", 2.5)
    whole = (tmp_path / "in" / "cut.flac").read_bytes()
    (tmp_path / "in" / "cut.flac").write_bytes(whole[: len(whole) * 2 // 3])
    found = []
    for i, level in enumerate((logging.ERROR, logging.INFO)):
        logging.getLogger("technogen").setLevel(level)
        found.append(build_dataset(tmp_path / "in", tmp_path / f"out{i}", SECONDS).entries[0])
        assert logging.getLogger("technogen").level == level
    assert found[0] == found[1]
    assert (found[0].status, found[0].windows) == ("ok", 1)
    assert found[0].reason


def test_folders_without_music(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    with pytest.raises(DatasetError, match=r"empty holds no recordings and no MIDI files .* 0 other files"):
        build_dataset(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(DatasetError, match="1 other files"):
        build_dataset(tmp_path / "texts", tmp_path / "out")
    with pytest.raises(MissingFileError, match="is not there"):
        build_dataset(tmp_path / "none", tmp_path / "out")
    (tmp_path / "texts" / "b.wav").write_text("b")
    with pytest.raises(DatasetError, match=r"no window in any of 1 files; b\.wav"):
        build_dataset(tmp_path / "texts", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_links_that_lead_in_circles_and_names_in_any_script(tmp_path):
    folder = tmp_path / "in"
    names = ["кислота.mid", "酸\u2028.mid", "a b'\"\\.mid", "\u0041\u030a.mid", "🎛️.mid", os.fsdecode(b"\xff\xfe.mid")]
    for i, name in enumerate(names):
        write_midi(folder / "deep" / name, seed=i, bars=2)
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / ".hidden.mid").write_text("no")
    result = build_dataset(folder, tmp_path / "out", BARS)
    assert sorted(e.status for e in result.entries) == ["ok"] * 6
    assert {row.track for row in read_dataset(tmp_path / "out").rows()} == {e.file for e in result.entries}
    assert check_dataset(tmp_path / "out") == ()
    assert build_dataset(folder, tmp_path / "out", BARS).worked == 0


def test_folders_that_hold_other_things_are_left_alone(source, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match=r"thesis\.txt"):
        build_dataset(source, out, BARS)
    (out / "thesis.txt").unlink()
    build_dataset(source, out, BARS)
    with pytest.raises(DatasetError, match="other choices"):
        build_dataset(source, out, DatasetConfig(length=4))
    assert build_dataset(source, out, DatasetConfig(length=4), force=True).rows == 8
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        build_dataset(source, tmp_path / "file", BARS)


def test_the_command_line_builds_checks_and_tells(source, tmp_path, capsys):
    out, picture = tmp_path / "out", tmp_path / "out.svg"
    options = ["--window-by", "beats", "--length", "8", "--hop", "4", "--licence", "CC0"]
    assert main(["dataset", "build", str(source), str(out), *options]) == 0
    assert "24 windows of 8 tracks, 8 files worked on" in capsys.readouterr().out
    assert main(["dataset", "info", str(out), "--picture", str(picture)]) == 0
    said = capsys.readouterr().out
    assert "130 (8)" in said
    assert "kick" in said
    assert picture.read_text().startswith("<svg")
    assert main(["dataset", "info", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tempos"] == [[130, 8]]
    assert {row.licence for row in read_dataset(out).rows()} == {"CC0"}
    assert "CC0" in (out / "README.md").read_text()
    assert main(["dataset", "check", str(out)]) == 0
    shard = next((out / "data").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1])
    assert main(["dataset", "check", str(out)]) == 1
    assert "SHA-256 differs" in capsys.readouterr().err
    assert main(["dataset", "check", str(source)]) == 1
    assert "holds no data set" in capsys.readouterr().err


def test_check_finds_rows_that_were_moved_to_another_split(source, tmp_path):
    out = tmp_path / "out"
    build_dataset(source, out, BARS)
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    lines[0]["split"] = "test" if lines[0]["split"] != "test" else "train"
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    problems = " ".join(check_dataset(out))
    assert "manifest.jsonl is not the one" in problems
    assert "by its track it is" in problems
