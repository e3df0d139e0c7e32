"""The server of a listening test: what listeners may ask, what it refuses, and that nothing is lost when it dies."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from listening_stand import BACKGROUND, Listener, call, make_test

from technogen.cli import main
from technogen.errors import ListeningError, MissingFileError
from technogen.evaluation.listening import read_answers
from technogen.evaluation.listening.headphones import right_answers
from technogen.evaluation.listening.running import RunningTest
from technogen.evaluation.listening.server import make_app

pytest.importorskip("starlette")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "test"
    make_test(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "test")


@pytest.fixture
def app(folder):
    return make_app(RunningTest(folder))


def join(app, **more):
    status, _, said = call(app, "POST", "/api/join", {"consent": True, **more})
    assert status == 200
    return said["session"]


def past_headphones(app, session):
    body = {"attempt": 0, "replies": list(right_answers(session, 0)), "last": False}
    status, _, said = call(app, "POST", "/api/headphones", body, x_session=session)
    assert (status, said["passed"]) == (200, True)
    return said["task"]


def answer(app, session, trial, /, **changes):
    body = {"trial": trial, "response": "first", "confidence": 3, "preference": "second", "replays": [1, 1]}
    return call(app, "POST", "/api/answer", {**body, "seconds": 4.0, **changes}, x_session=session)


def records(folder):
    return [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]


def test_from_consent_to_code(app, folder):
    session = join(app)
    task = past_headphones(app, session)
    kinds, codes = [], []
    while task["step"] == "trial":
        for sound in task["sounds"]:
            status, headers, data = call(app, "GET", sound)
            assert (status, headers["content-type"], data[:4]) == (200, "audio/wav", b"RIFF")
        status, _, said = answer(app, session, task["trial"])
        assert status == 200
        assert (said["truth"] is not None) == (task["kind"] == "training")
        kinds.append(task["kind"])
        task = said["task"]
    assert kinds == ["training", "trial", "trial", "trial"]  # nobody can tell the catch trial
    assert task["step"] == "background"
    for _ in range(2):
        status, _, said = call(app, "POST", "/api/finish", BACKGROUND, x_session=session)
        codes.append(said["task"]["code"])
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}", codes[0])
    assert codes[0] == codes[1]
    log = read_answers(folder / "answers.jsonl")
    assert (len(log.answers), len(log.finishes), log.faults) == (4, 1, ())
    assert {r.about: r.text for r in log.remarks} == {"consent": "yes", "headphones": "passed", **BACKGROUND}
    assert log.answers[0].preference == "second"


def test_nothing_the_browser_gets_tells_the_source(app, folder):
    session = join(app)
    said = [call(app, "GET", "/api/test")[2], past_headphones(app, session)]
    said += [call(app, "GET", "/api/task", x_session=session)[2]]
    text = json.dumps(said)
    assert not re.search(r"human|other|catch|truth|rules|model|tempo|score", text)
    sizes = set()
    for stimulus in RunningTest(folder).design.stimuli:
        _, headers, data = call(app, "GET", f"/sounds/{stimulus.key}")
        sizes.add(len(data))
        assert not {"last-modified", "etag", "content-disposition"} & set(headers)
    assert len(sizes) == 1


def test_after_a_new_start_a_listener_goes_on(app, folder):
    session = join(app)
    task = past_headphones(app, session)
    answer(app, session, task["trial"])
    before = call(app, "GET", "/api/task", x_session=session)[2]
    again = make_app(RunningTest(folder))
    assert call(again, "GET", "/api/task", x_session=session)[2] == before
    assert before["trial"] != task["trial"]


def test_an_answer_sent_twice_is_kept_once(app, folder):
    session = join(app)
    trial = past_headphones(app, session)["trial"]
    first, again = answer(app, session, trial), answer(app, session, trial)
    assert first[0] == again[0] == 200
    assert first[2] == again[2]
    status, _, said = answer(app, session, trial, response="second")
    assert (status, said["problem"]) == (409, "conflict")
    assert [r["response"] for r in records(folder) if r["record"] == "answer"] == ["first"]


def test_an_answer_out_of_order_or_before_the_check_is_refused(app, folder):
    session = join(app)
    plan = RunningTest(folder).design.plan(0)
    assert answer(app, session, plan[0].key)[0] == 409
    past_headphones(app, session)
    assert answer(app, session, plan[2].key)[0] == 409
    assert call(app, "POST", "/api/finish", BACKGROUND, x_session=session)[0] == 409
    assert not [r for r in records(folder) if r["record"] == "answer"]


@pytest.mark.parametrize(
    "changes",
    [
        {"response": "person"},
        {"response": "third"},
        {"response": None},
        {"confidence": 6},
        {"confidence": 0},
        {"confidence": True},
        {"confidence": 2.5},
        {"preference": "both"},
        {"replays": [1]},
        {"replays": [1, -1]},
        {"replays": [1, 10**9]},
        {"replays": "11"},
        {"seconds": "long"},
        {"trial": "../../etc/passwd"},
        {"trial": "0009-01"},
        {"truth": "first"},
    ],
)
def test_forged_answers_are_refused(app, folder, changes):
    session = join(app)
    trial = past_headphones(app, session)["trial"]
    before = (folder / "answers.jsonl").read_bytes()
    status, _, said = answer(app, session, trial, **changes)
    assert (status, said["problem"]) == (400, "wrong")
    assert (folder / "answers.jsonl").read_bytes() == before


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b'"x"', b"\xff", b"[" * 9000, b'{"consent": "yes"}', b" " * 20_000])
def test_what_is_no_request_is_refused(app, body):
    status, _, said = call(app, "POST", "/api/join", body)
    assert (status, said["problem"]) == (400, "wrong")


def test_other_sites_and_names_are_refused(app):
    body = {"consent": True}
    assert call(app, "POST", "/api/join", body, content_type="text/plain")[0] == 400
    assert call(app, "POST", "/api/join", body, origin="http://evil.example")[0] == 400
    assert call(app, "POST", "/api/join", body, origin="http://127.0.0.1")[0] == 200
    assert call(app, "GET", "/api/test", host="evil.example")[0] == 400
    assert call(app, "GET", "/api/test", host="localhost:8303")[0] == 200
    assert call(app, "POST", "/api/join", {"consent": False})[0] == 400


def test_no_path_from_outside_reaches_the_disk(app):
    for path in (
        *("/sounds/../design.json", "/sounds/design.json", "/sounds/..%2fdesign.json", "/sounds/%2e%2e/manifest.json"),
        *("/manifest.json", "/design.json", "/answers.jsonl", "/scores/", "/page/../server.py", "/headphones/../x"),
        *("/sounds/", "/sounds/\0", "//etc/passwd", "/.", "/page.js/../../server.py"),
    ):
        assert call(app, "GET", path)[0] == 404, path


def test_unknown_sessions_are_refused(app):
    for session in ("", "0" * 32, "../x", "é"):
        assert call(app, "GET", "/api/task", x_session=session)[0] == 404
        assert answer(app, session, "0001-01")[0] == 404


def test_pages_come_with_safe_headers(app):
    for path in ("/", "/page.css", "/page.js", "/sound.js", "/icon.svg", "/api/test"):
        status, headers, _ = call(app, "GET", path)
        assert status == 200
        assert "default-src 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_the_page_loads_nothing_from_elsewhere(app):
    for path in ("/", "/page.css", "/page.js", "/sound.js"):
        assert not re.search(rb"(src|href|url\(|fetch\()\W*(https?:)?//", call(app, "GET", path)[2])


def test_two_browsers_with_one_code(app, folder):
    session = join(app, participant="P1")
    status, _, said = call(app, "POST", "/api/join", {"consent": True, "participant": "P1"})
    assert (status, said["problem"]) == (409, "conflict")
    trial = past_headphones(app, session)["trial"]
    assert answer(app, session, trial, response="first")[0] == 200
    assert answer(app, session, trial, response="second")[0] == 409  # the other window is behind
    assert call(app, "POST", "/api/join", {"consent": True, "participant": "a b@c"})[0] == 400
    assert sum(r["record"] == "session" for r in records(folder)) == 1


def test_the_headphone_check(app, folder):
    session = join(app)
    task = call(app, "GET", "/api/task", x_session=session)[2]
    assert (task["step"], len(task["sounds"])) == ("headphones", 6)
    assert all(call(app, "GET", sound)[2][:4] == b"RIFF" for sound in task["sounds"])
    wrong = [(k + 1) % 3 for k in right_answers(session, 0)]
    body = {"attempt": 0, "replies": wrong, "last": False}
    said = call(app, "POST", "/api/headphones", body, x_session=session)[2]
    assert not said["passed"]
    assert said["task"]["sounds"] != task["sounds"]
    assert call(app, "POST", "/api/headphones", {**body, "replies": [0]}, x_session=session)[0] == 400
    said = call(app, "POST", "/api/headphones", {**body, "last": True}, x_session=session)[2]
    assert said["task"]["step"] == "trial"
    assert [r["text"] for r in records(folder) if r.get("about") == "headphones"] == ["failed"]


def test_a_missing_sound_is_told_at_the_start_and_later(app, folder):
    key = RunningTest(folder).design.stimuli[0].key
    (folder / f"{key}.wav").unlink()
    status, _, said = call(app, "GET", f"/sounds/{key}")
    assert (status, said["problem"]) == (503, "missing")
    with pytest.raises(ListeningError, match=f"{key}.wav is not there; .*--again"):
        RunningTest(folder)


def test_a_changed_sound_is_told_at_the_start(folder):
    path = next(folder.glob("*.wav"))
    path.write_bytes(path.read_bytes()[:-2] + b"ab")
    with pytest.raises(ListeningError, match="is not what was made"):
        RunningTest(folder)


def test_a_broken_line_in_the_log_is_passed_over_and_kept(app, folder):
    session = join(app)
    trial = past_headphones(app, session)["trial"]
    log = folder / "answers.jsonl"
    before = log.read_bytes() + b'{"record":"answer","sess'
    log.write_bytes(before)
    again = make_app(RunningTest(folder))
    assert answer(again, session, trial)[0] == 200
    assert log.read_bytes().startswith(before + b"\n")
    assert len(read_answers(log).answers) == 1


def test_when_the_disk_is_full_nothing_is_thanked(app, folder):
    session = join(app)
    trial = past_headphones(app, session)["trial"]
    log = folder / "answers.jsonl"
    log.rename(folder / "away")
    log.mkdir()
    assert answer(app, session, trial)[0] == 503
    log.rmdir()
    (folder / "away").rename(log)
    assert answer(app, session, trial)[0] == 200


def test_a_single_question(tmp_path):
    make_test(tmp_path / "test", question="single")
    app = make_app(RunningTest(tmp_path / "test"))
    session = join(app)
    task = past_headphones(app, session)
    assert len(task["sounds"]) == 1
    wrong = answer(app, session, task["trial"])
    right = answer(app, session, task["trial"], response="machine", replays=[2], preference=None)
    assert (wrong[0], right[0]) == (400, 200)


def test_what_is_no_test_is_refused(tmp_path, folder):
    with pytest.raises(MissingFileError):
        RunningTest(tmp_path)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ListeningError, match="no manifest"):
        RunningTest(folder)


def test_a_taken_port_is_told(folder, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["listen", "serve", str(folder), "--port", str(port)]) == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in capsys.readouterr().err


def test_it_can_be_reached_from_this_machine_alone():
    from inspect import signature

    from technogen.cli.listening import serve
    from technogen.evaluation.listening.server import serve_test

    assert signature(serve_test).parameters["host"].default == "127.0.0.1"
    assert signature(serve).parameters["host"].default == "127.0.0.1"


def start_server(folder, port):
    command = [sys.executable, "-m", "technogen", "listen", "serve", str(folder), "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def count_answers(folder):
    log = folder / "answers.jsonl"
    return log.read_bytes().count(b'"record":"answer"') if log.exists() else 0


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_twenty_listeners_and_a_server_that_is_killed(folder):
    port = free_port()
    listeners = [Listener(f"http://127.0.0.1:{port}") for _ in range(20)]
    server, kills = start_server(folder, port), 0
    try:
        with ThreadPoolExecutor(20) as pool:
            codes = [pool.submit(listener.take_part, number) for number, listener in enumerate(listeners)]
            for enough in (15, 50):
                while count_answers(folder) < enough:
                    assert server.poll() is None, server.stderr.read()
                    time.sleep(0.005)
                server.send_signal(signal.SIGKILL)
                server.communicate()
                kills += 1
                server = start_server(folder, port)
            shown = [code.result(timeout=90) for code in codes]
    finally:
        server.kill()
        server.communicate()
    log = read_answers(folder / "answers.jsonl")
    assert kills == 2
    assert not [fault for fault in log.faults if fault.kind != "broken"]
    kept = {(one.session, one.trial): one.response for one in log.answers}
    assert kept == {(one.session, trial): said for one in listeners for trial, said in one.sent.items()}
    assert len(kept) == 20 * 4
    lines = [r for r in records(folder) if r["record"] == "answer"]
    assert len(lines) == len(kept)
    assert sorted(shown) == sorted({one.code for one in log.finishes})
    assert len(set(shown)) == 20
