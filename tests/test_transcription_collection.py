"""Collections: what the manifest says, what is left out, and what no accident can harm."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from collection_maker import die_of_one, read_results, write_broken_kicks, write_collection, write_kicks

from technogen import Note, Score, __version__, transcribe
from technogen.errors import MissingFileError, OutputError, TranscriptionError
from technogen.transcription import (
    MANIFEST,
    CollectionOptions,
    ManifestEntry,
    Pattern,
    read_manifest,
    transcribe_folder,
)
from technogen.transcription.collection import manifest, running, working
from technogen.transcription.collection.manifest import add_entry, read_lines
from technogen.transcription.collection.working import Task, task_from_json, task_to_json

ALL = CollectionOptions(formats=("mid", "beats", "json", "svg"))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_collection(tmp_path_factory.mktemp("collection"))


@pytest.fixture(scope="module")
def finished(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("finished")
    transcribe_folder(source, out)
    return out


@pytest.fixture
def out(finished, tmp_path):
    """The results of a run that is over."""
    return shutil.copytree(finished, tmp_path / "out")


@pytest.fixture(autouse=True, scope="module")
def _hear_each_sound_once():
    """What is heard of the same bytes by the same options is remembered; processes of their own hear for themselves."""
    known, original = {}, working.transcribe

    def remember(source, **options):
        path = Path(source)
        key = path.read_bytes() if path.is_file() else str(path), *options.items()
        if key not in known:
            known[key] = original(source, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working, "transcribe", remember)
        yield


def statuses(entries):
    return [entry.status for entry in entries]


def lines_of(folder):
    return (folder / MANIFEST).read_text().splitlines()


def test_a_line_says_what_became_of_a_recording(source, tmp_path):
    entries = transcribe_folder(source / "00.wav", tmp_path, ALL)
    entry, result = entries[0], transcribe(source / "00.wav")
    assert (entry.output, entry.source, entry.status, entry.reason) == ("00", str(source / "00.wav"), "ok", "")
    assert (entry.seconds, entry.tempo, entry.confidence) == (result.duration, result.tempo, result.confidence)
    assert (entry.drums, entry.bass) == (len(result.drums), len(result.bass))
    assert (entry.version, entry.options["tempo_range"]) == (__version__, [90.0, 200.0])
    assert len(entry.ear) == len(entry.source_sha256) == 64
    assert entry.source_bytes == (source / "00.wav").stat().st_size
    assert [f.name for f in entry.files] == ["00.mid", "00.beats", "00.json", "00.svg"]
    assert [f.bytes for f in entry.files] == [(tmp_path / f.name).stat().st_size for f in entry.files]
    assert entry.cpu_seconds > 0
    assert read_manifest(tmp_path) == entries
    assert json.loads(lines_of(tmp_path)[0])["confidence"] == result.confidence


def test_what_is_done_is_left_out_and_the_manifest_stays(source, out):
    before = read_results(out), lines_of(out)
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["skipped"] * 3
    assert (read_results(out), lines_of(out)) == before
    with pytest.raises(OutputError, match=r"00\.mid exists; --skip-existing"):
        transcribe_folder(source, out)
    assert statuses(transcribe_folder(source, out, existing="replace")) == ["ok"] * 3


def test_what_is_not_whole_or_new_is_done_again(source, out):
    (out / "00.beats").unlink()
    (out / "01.mid").write_bytes(b"")  # as a power cut leaves it
    before = read_results(out)
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["ok", "ok", "skipped"]
    assert len(read_results(out)) == len(before) + 1
    assert (out / "01.mid").stat().st_size > 100


@pytest.mark.parametrize(
    "options",
    [CollectionOptions(tempo_range=(80, 160)), CollectionOptions(tempo=128), CollectionOptions(formats=("json",))],
)
def test_other_options_are_other_results(source, out, options):
    assert statuses(transcribe_folder(source / "00.wav", out, options, existing="skip")) == ["ok"]
    assert statuses(transcribe_folder(source / "00.wav", out, options, existing="skip")) == ["skipped"]


@pytest.mark.parametrize(("name", "value"), [("version", "0.0.1"), ("ear", "0" * 64), ("source_bytes", 7)])
def test_results_of_other_versions_weights_and_sounds_are_done_again(source, out, name, value):
    lines = [json.loads(line) for line in lines_of(out)]
    lines[0][name] = value
    (out / MANIFEST).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["ok", "skipped", "skipped"]
    assert len(lines_of(out)) == 4
    assert [entry.output for entry in read_manifest(out)] == ["00", "01", "02"]


def test_a_recording_is_known_by_its_content_wherever_it_lies(source, out, tmp_path):
    moved = shutil.copytree(source, tmp_path / "moved")
    os.utime(moved / "00.wav", (1, 1))
    assert statuses(transcribe_folder(moved, out, existing="skip")) == ["skipped"] * 3
    write_kicks(moved / "00.wav", tempo=140)
    entries = transcribe_folder(moved, out, existing="skip")
    assert statuses(entries) == ["failed", "skipped", "skipped"]
    assert f"00 was made of {source / '00.wav'}" in entries[0].reason
    assert statuses(transcribe_folder(moved, out, existing="update")) == ["ok", "skipped", "skipped"]


def test_a_recording_that_changed_is_done_again(tmp_path):
    write_kicks(tmp_path / "a.wav")
    transcribe_folder(tmp_path / "a.wav", tmp_path / "out")
    write_kicks(tmp_path / "a.wav", tempo=140)
    assert statuses(transcribe_folder(tmp_path / "a.wav", tmp_path / "out", existing="skip")) == ["ok"]


def test_what_others_wrote_is_never_overwritten_unless_asked(source, out):
    (out / "00.mid").write_bytes(b"corrected by hand")
    entries = transcribe_folder(source, out, existing="skip")
    assert statuses(entries) == ["skipped"] * 3
    assert "not as TechnoGen wrote it" in entries[0].reason
    other = CollectionOptions(tempo=128)  # now there is work to do
    entries = transcribe_folder(source, out, other, existing="skip")
    assert statuses(entries) == ["skipped", "ok", "ok"]
    assert (out / "00.mid").read_bytes() == b"corrected by hand"
    assert statuses(transcribe_folder(source, out, other, existing="update")) == ["ok", "skipped", "skipped"]
    assert (out / "00.mid").read_bytes().startswith(b"MThd")


def test_results_without_a_manifest_are_entered_where_they_are_ours(source, out):
    (out / MANIFEST).unlink()
    (out / "01.beats").write_text("0.5\t1\n")
    before = read_results(out)
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["ok", "skipped", "ok"]
    assert read_results(out) == before


def test_loops_are_files_and_go_when_they_are_none_any_more(source, tmp_path, monkeypatch):
    kick, line = Score(128, 1, drums=(Note(0, 60, 36, 100),)), Score(128, 2, bass=(Note(0, 70, 36, 80),))
    heard = replace(
        transcribe(source / "00.wav"), patterns=(Pattern("A", "drums", kick, (0,)), Pattern("A", "bass", line, (0,)))
    )
    monkeypatch.setattr(working, "transcribe", lambda source, **options: heard)
    options = CollectionOptions(formats=("mid", "patterns"))
    entry = transcribe_folder(source / "00.wav", tmp_path, options)[0]
    assert [f.name for f in entry.files] == ["00.mid", "00.pattern-drums-A.mid", "00.pattern-bass-A.mid"]
    assert Score.load(tmp_path / "00.pattern-drums-A.mid") == kick
    assert Score.load(tmp_path / "00.pattern-bass-A.mid") == line
    assert statuses(transcribe_folder(source / "00.wav", tmp_path, options, existing="skip")) == ["skipped"]
    heard = replace(heard, patterns=heard.patterns[:1])
    assert statuses(transcribe_folder(source / "00.wav", tmp_path, options, existing="replace")) == ["ok"]
    assert set(read_results(tmp_path)) == {"00.mid", "00.pattern-drums-A.mid"}
    heard = replace(heard, patterns=())
    assert statuses(transcribe_folder(source / "00.wav", tmp_path, options, existing="replace")) == ["ok"]
    assert statuses(transcribe_folder(source / "00.wav", tmp_path, options, existing="skip")) == ["skipped"]


KILLER = """
    import os, signal, sys
    from technogen.transcription import transcribe_folder
    replace, left = os.replace, [int(sys.argv[3])]
    def killing(*paths):
        left[0] -= str(paths[1]).startswith(sys.argv[2])
        if left[0] == 0: os.kill(os.getpid(), signal.SIGKILL)
        replace(*paths)
        if left[0] == -1: os.kill(os.getpid(), signal.SIGKILL)
    os.replace = killing
    transcribe_folder(sys.argv[1], sys.argv[2], existing="skip")
"""


@pytest.mark.parametrize(("point", "again"), [(3, False), (4, True)])
def test_a_killed_run_goes_on_to_the_same_results(source, finished, tmp_path, point, again):
    """Killed before the first or the second file of the second recording; with results of other choices, or none."""
    out = tmp_path / "out"
    if again:
        transcribe_folder(source, out, CollectionOptions(tempo=128))
    arguments = [sys.executable, "-c", textwrap.dedent(KILLER), str(source), str(out), str(point)]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["skipped", "ok", "ok"]
    for path in out.glob(".*.part"):
        os.utime(path, (0, 0))  # long ago
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["skipped"] * 3
    assert read_results(out) == read_results(finished)
    assert statuses(read_manifest(out)) == ["ok"] * 3


def test_a_line_that_was_cut_short_costs_no_other(source, out, caplog):
    whole = (out / MANIFEST).read_bytes()
    (out / MANIFEST).write_bytes(b"\xff\x00{]\n[1]\n{}\n\n" + whole[: len(whole) - 40])
    assert statuses(transcribe_folder(source, out, existing="skip")) == ["skipped", "skipped", "ok"]
    assert sum("damaged" in record.getMessage() for record in caplog.records) == 4
    assert statuses(read_manifest(out)) == ["ok"] * 3
    assert len(read_lines(out)) == 3


def test_a_manifest_of_a_newer_version_is_refused_before_any_work(source, out):
    before = read_results(out)
    with open(out / MANIFEST, "a") as stream:
        stream.write('{"format": 2, "music": "of the future"}\n')
    with pytest.raises(TranscriptionError, match=r"format 2, this TechnoGen knows formats up to 1"):
        transcribe_folder(source, out, existing="update")
    assert read_results(out) == before


def test_what_later_versions_add_to_a_line_is_passed_over(source, out):
    line = json.loads(lines_of(out)[0]) | {"mood": "dark"}
    (out / MANIFEST).write_text(json.dumps(line) + "\n")
    assert statuses(transcribe_folder(source / "00.wav", out, existing="skip")) == ["skipped"]


def test_accidents_of_one_recording_are_its_own(source, finished, tmp_path, monkeypatch):
    """Processes give the same results as none, whatever happens to one of them."""
    folder = shutil.copytree(source, tmp_path / "in")
    (folder / "bad.wav").write_text("this is no sound")
    (folder / "short.wav").write_bytes((source / "00.wav").read_bytes()[:2000])
    (folder / "gone.flac").symlink_to("nowhere")
    (folder / "._00.wav").write_text("what another system leaves behind")
    for name in ("deadly", "faulty"):
        write_kicks(folder / f"{name}.wav")
    monkeypatch.setattr(running, "work_on", die_of_one)
    told = []
    entries = transcribe_folder(
        folder, tmp_path / "out", jobs=2, progress=lambda entry, done, total: told.append((done, total))
    )
    assert told == [(done, 8) for done in range(1, 9)]
    assert read_results(tmp_path / "out") == read_results(finished)
    reasons = {entry.output: entry.reason for entry in entries if entry.status == "failed"}
    assert [entry.output for entry in entries if entry.status == "ok"] == ["00", "01", "02"]
    assert reasons.keys() == {"bad", "deadly", "faulty", "gone", "short"}
    assert "process that worked on it died" in reasons["deadly"]
    assert "IndexError: a fault" in reasons["faulty"]
    assert all(str(folder) in reason for reason in reasons.values())
    assert {entry.output: entry.status for entry in read_manifest(tmp_path / "out")} == {
        entry.output: entry.status for entry in entries
    }
    monkeypatch.undo()
    again = transcribe_folder(folder, tmp_path / "out", existing="skip")
    assert [entry.output for entry in again if entry.status == "ok"] == ["deadly", "faulty"]


def test_what_was_wrong_all_the_same_is_in_the_line(tmp_path):
    write_broken_kicks(tmp_path / "a.wav")
    entry = transcribe_folder(tmp_path, tmp_path / "out")[0]
    assert entry.status == "ok"
    assert entry.reason != ""


def test_an_output_folder_that_is_deleted_midway_ends_the_run(source, tmp_path):
    out, heard = tmp_path / "out", []

    def follow(entry, done, total):
        heard.append(entry.output)
        shutil.rmtree(out)

    with pytest.raises(OutputError, match=MANIFEST):
        transcribe_folder(source, out, progress=follow)
    assert heard == ["00"]
    assert not out.exists()


def test_folders_that_cannot_hold_results_are_refused_before_any_work(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        transcribe_folder(source, tmp_path / "file")
    (tmp_path / "taken" / MANIFEST).mkdir(parents=True)
    with pytest.raises((OutputError, TranscriptionError), match=MANIFEST):
        transcribe_folder(source, tmp_path / "taken")
    with pytest.raises((OutputError, TranscriptionError), match="file"):
        transcribe_folder(source, tmp_path / "file" / "out")
    (tmp_path / "endless").mkdir()
    (tmp_path / "endless" / MANIFEST).symlink_to("/dev/zero")
    with pytest.raises(TranscriptionError, match="no regular file"):
        transcribe_folder(source, tmp_path / "endless")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dataset.json").write_text("{}")
    with pytest.raises(OutputError, match="holds a data set"):
        transcribe_folder(source, tmp_path / "data")
    assert read_results(tmp_path / "taken") == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_must_not_be_written_is_refused(source, tmp_path):
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        transcribe_folder(source, tmp_path / "out")


def test_a_full_disk_ends_the_run_and_keeps_whole_lines(source, out, monkeypatch):
    before = (out / MANIFEST).read_bytes()
    monkeypatch.setattr(
        manifest.os, "fsync", lambda descriptor: _raise(OSError(errno.ENOSPC, "No space left on device"))
    )
    with pytest.raises(OutputError, match="No space left on device; what is done stays"):
        transcribe_folder(source, out, existing="replace")
    monkeypatch.undo()
    assert (out / MANIFEST).read_bytes().startswith(before)
    with open(out / MANIFEST, "ab+", buffering=0) as stream, pytest.raises(OSError, match="full"):
        manifest._write_whole(_Short(stream), b"a line\n", stream.tell())
    assert (out / MANIFEST).read_bytes().endswith(b"}\n")


class _Short:
    """A file on a disk that takes half of what is written."""

    def __init__(self, stream):
        self.truncate, self._write = stream.truncate, stream.write

    def write(self, data):
        return self._write(data[: len(data) // 2])


def _raise(error):
    raise error


def test_recordings_of_one_name_and_several_sources(source, tmp_path):
    shutil.copytree(source, tmp_path / "in" / "a")
    shutil.copytree(source, tmp_path / "in" / "b")
    with pytest.raises(TranscriptionError, match="--keep-folders"):
        transcribe_folder(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    mirrored = CollectionOptions(keep_folders=True)
    entries = transcribe_folder(tmp_path / "in", tmp_path / "out", mirrored)
    assert [entry.output for entry in entries] == [f"{a}/0{i}" for a in "ab" for i in range(3)]
    assert (tmp_path / "out" / "b" / "02.mid").exists()
    entries = transcribe_folder([source / "02.wav", str(source), source / "00.wav"], tmp_path / "out2")
    assert [entry.output for entry in entries] == ["02", "00", "01"]


def test_names_of_any_bytes(tmp_path):
    name = os.fsdecode(b"t\xff\xc3\xa9 \n\xe2\x80\xa8.wav")
    write_kicks(tmp_path / "a.wav")
    os.rename(tmp_path / "a.wav", tmp_path / name)
    assert statuses(transcribe_folder(tmp_path, tmp_path / "out")) == ["ok"]
    assert statuses(transcribe_folder(tmp_path, tmp_path / "out", existing="skip")) == ["skipped"]
    assert read_manifest(tmp_path / "out")[0].source == str(tmp_path / name)
    assert len(lines_of(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"existing": "maybe"}, "existing must be one of refuse, skip"),
        ({"engine": "spark"}, "engine must be local or ray"),
        ({"jobs": 0}, "jobs must be 1 or more"),
        ({"options": CollectionOptions(tempo=1000)}, "tempo must be in"),
        ({"options": CollectionOptions(formats=("wav",))}, "formats must be of mid, beats"),
        ({"options": CollectionOptions(formats=())}, "formats must be of mid, beats"),
    ],
)
def test_choices_that_cannot_be_followed(source, tmp_path, given, said):
    with pytest.raises(TranscriptionError, match=said):
        transcribe_folder(source, tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_nothing_to_do(tmp_path):
    with pytest.raises(MissingFileError, match="no recordings"):
        transcribe_folder(tmp_path, tmp_path / "out")
    with pytest.raises(MissingFileError, match=f"holds no {MANIFEST}"):
        read_manifest(tmp_path)


def test_entries_and_tasks_survive_the_way(tmp_path):
    entry = ManifestEntry("a/b", "/x.wav", "ok", tempo=138.5, confidence={"bass": 0.5}, options={"tempo": None})
    add_entry(tmp_path, entry)
    assert read_manifest(tmp_path) == (entry,)
    task = Task("/x.wav", "a/b", str(tmp_path), ALL, "e", force=True, known=(("a/b.mid", "0"),))
    assert task_from_json(task_to_json(task)) == task
