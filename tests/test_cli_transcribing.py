"""`technogen transcribe` on folders: what is said, what an interrupt leaves, and how it goes on."""

import json
import logging
import os
import signal
import subprocess
import sys
import time

import pytest
from collection_maker import read_results, write_broken_kicks, write_collection

from technogen.cli import main
from technogen.transcription import read_manifest, transcribe_folder


@pytest.fixture(autouse=True)
def _leave_the_log_as_it_was():
    logger = logging.getLogger("technogen")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_a_collection_is_summed_up_and_goes_on(tmp_path, capsys):
    source, out = write_collection(tmp_path / "in", 2), tmp_path / "out"
    (source / "bad.wav").write_text("no sound")
    arguments = ["transcribe", str(source), "-o", str(out), "--jobs", "2", "--json"]
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert f"{out / 'manifest.jsonl'}: 3 recordings, 2 ok, 0 skipped, 1 failed" in said.out
    assert said.err.count("bad.wav") == 1
    assert said.err.splitlines()[-1] == "error: 1 of 3 recordings could not be transcribed"
    assert {entry.output: entry.status for entry in read_manifest(out)} == {"00": "ok", "01": "ok", "bad": "failed"}
    assert main(arguments) == 1
    assert "--skip-existing leaves out what is done, --force overwrites it" in capsys.readouterr().err
    (source / "bad.wav").unlink()
    (out / "01.mid").write_bytes(b"corrected by hand")
    assert main([*arguments, "--skip-existing"]) == 0
    said = capsys.readouterr()
    assert "2 recordings, 0 ok, 2 skipped, 0 failed" in said.out
    assert said.err.startswith("warning: 01: there already, and not as TechnoGen wrote it")
    assert main([*arguments, "--skip-existing", "--force"]) == 0
    assert "2 recordings, 1 ok, 1 skipped, 0 failed" in capsys.readouterr().out
    assert (out / "01.mid").read_bytes().startswith(b"MThd")


def test_what_is_wrong_with_a_recording_all_the_same_is_a_warning(tmp_path, capsys):
    write_broken_kicks(tmp_path / "a.wav")
    assert main(["transcribe", str(tmp_path / "a.wav"), "-o", str(tmp_path / "out")]) == 0
    warnings = capsys.readouterr().err.splitlines()
    assert [line.startswith(f"warning: {tmp_path / 'a.wav'}: ") for line in warnings] == [True]
    assert main(["transcribe", str(tmp_path / "a.wav"), "-o", str(tmp_path / "out"), "-f", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "spark"], "engine must be local or ray"),
        (["--bpm", "1000"], "tempo must be in"),
        (["--beat-tracker", "nobody"], "beat_tracker must be"),
    ],
)
def test_wrong_choices_are_one_line_before_any_work(tmp_path, capsys, options, said):
    source = write_collection(tmp_path / "in", 2)
    assert main(["transcribe", str(source), "-o", str(tmp_path / "out"), *options]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert said in errors[0]
    assert not (tmp_path / "out").exists()


def test_an_interrupt_keeps_what_is_done_and_the_rest_goes_on(tmp_path):
    count = 40
    source, out = write_collection(tmp_path / "in", count, seconds=4.0), tmp_path / "out"
    arguments = ["transcribe", str(source), "-o", str(out), "--jobs", "2"]
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # what runs behind may not
    code = f"{listen}; import sys; from technogen.cli import main; sys.exit(main({arguments!r}))"
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    manifest = out / "manifest.jsonl"
    while run.poll() is None and not (manifest.exists() and manifest.stat().st_size):
        time.sleep(0.01)
    assert run.poll() is None, run.communicate()
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of its processes
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 130
    assert errors.splitlines() == [f"error: interrupted; what is done is in {out}, and --skip-existing goes on"]
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert 1 <= len(lines) < count
    assert all((out / file["name"]).stat().st_size == file["bytes"] for line in lines for file in line["files"])
    statuses = [entry.status for entry in transcribe_folder(source, out, existing="skip")]
    assert (statuses.count("ok"), statuses.count("skipped")) == (count - len(lines), len(lines))
    assert len(read_results(out)) == 2 * count
