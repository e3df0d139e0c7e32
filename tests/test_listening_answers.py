"""The log of answers: whole lines, only ever added to; what is wrong in it is told, not mended."""

import csv
import io
import json
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_listening_design import make_stimuli

from technogen.errors import ListeningError, MissingFileError, OutputError
from technogen.evaluation.listening import (
    Answer,
    DesignOptions,
    Finish,
    Remark,
    Session,
    append_answer,
    export_csv,
    make_design,
    read_answers,
    start_log,
)


@pytest.fixture(scope="module")
def design():
    return make_design(make_stimuli(12, ("human", "model")), DesignOptions(pairs=5, listeners=4), seed=1)


@pytest.fixture
def log(tmp_path, design):
    path = tmp_path / "answers.jsonl"
    start_log(path, design)
    return path


def begin(path, design, session="s1", plan=0, participant=""):
    append_answer(path, Session(session, plan, design.fingerprint, "2026-01-01T10:00:00+00:00", participant))
    return session


def reply(path, session, trial, response=None, **more):
    answer = Answer(session, trial.key, response or trial.truth, 3, None, (1, 2), 9.5, "2026-01-01T10:01:00+00:00")
    append_answer(path, replace(answer, **more))


def faults(path):
    return [(fault.line, fault.kind, fault.kept) for fault in read_answers(path).faults]


def test_a_session_comes_back_as_it_was_written(log, design):
    session = begin(log, design, participant="ABC-1")
    for trial in design.plan(0):
        assert read_answers(log).next_trial(session) == trial
        reply(log, session, trial, confidence=None, preference="second")
    append_answer(log, Remark(session, "gave_away", 'hats, "shuffle"\n… слайды 🎛'))
    append_answer(log, Finish(session, "TG-77", "2026-01-01T10:20:00+00:00"))
    found = read_answers(log)
    assert found.design == design
    assert [answer.trial for answer in found.answers_of(session)] == [trial.key for trial in design.plan(0)]
    assert found.answers[0].replays == (1, 2)
    assert found.remarks[0].text == 'hats, "shuffle"\n… слайды 🎛'
    assert found.finishes[0].code == "TG-77"
    assert found.next_trial(session) is None
    assert found.faults == ()


def test_a_log_goes_on_with_its_own_design_alone(log, design):
    size = log.stat().st_size
    assert start_log(log, design).design == design
    assert log.stat().st_size == size
    other = replace(design, options=replace(design.options, margin=0.2))
    with pytest.raises(ListeningError, match="another test"):
        start_log(log, other)


def test_a_line_that_breaks_off_spoils_nothing_but_itself(log, design):
    session = begin(log, design)
    one, other, *_ = design.plan(0)
    reply(log, session, one)
    whole = log.read_bytes()
    log.write_bytes(whole[:-20])  # killed while it wrote
    assert [kind for _, kind, _ in faults(log)] == ["broken"]
    reply(log, session, one)
    reply(log, session, other)
    found = read_answers(log)
    assert [answer.trial for answer in found.answers] == [one.key, other.key]
    assert [fault.kind for fault in found.faults] == ["broken"]
    assert log.read_bytes().startswith(whole[:-20] + b"\n")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"\xff\xfe", "broken"),
        (b"null", "broken"),
        (b"[" * 50_000, "broken"),
        (b'{"record":"answer"', "broken"),
        (b'{"record":"wish"}', "broken"),
        (b'{"record":["answer"]}', "broken"),
        (b'{"record":"answer"}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","seconds":NaN}', "broken"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","seconds":1e999}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","seconds":true}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","confidence":9}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","correct":true}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"person"}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0001-01","response":"first","replays":[1]}', "forged"),
        (b'{"record":"answer","session":"s1","trial":"0009-01","response":"first"}', "forged"),
        (b'{"record":"answer","session":"nobody","trial":"0001-01","response":"first"}', "unknown"),
        (b'{"record":"remark","session":"s1","about":"../x","text":""}', "forged"),
        (b'{"record":"remark","session":"s1","about":"x","text":"\\ud800"}', "forged"),
        (b'{"record":"session","session":"s2","plan":-1,"design":"","started":""}', "forged"),
        (b'{"record":"session","session":"s2","plan":0,"design":"other","started":""}', "design"),
    ],
)
def test_lines_that_nobody_can_have_answered_are_told_and_passed_over(log, design, line, kind):
    session = begin(log, design)
    with open(log, "ab") as file:
        file.write(line + b"\n")
    before = log.read_bytes()
    reply(log, session, design.plan(0)[0])
    found = read_answers(log)
    assert [(fault.line, fault.kind) for fault in found.faults] == [(3, kind)]
    assert len(found.answers) == 1
    assert log.read_bytes().startswith(before)


def test_the_first_answer_to_a_trial_counts(log, design):
    session = begin(log, design)
    trial = design.plan(0)[0]
    wrong = "second" if trial.truth == "first" else "first"
    for response in (trial.truth, wrong, trial.truth):
        reply(log, session, trial, response)
    assert [answer.response for answer in read_answers(log).answers] == [trial.truth]
    assert faults(log) == [(4, "twice", False), (5, "twice", False)]


def test_an_answer_out_of_order_counts_and_is_told(log, design):
    session = begin(log, design)
    one, other, third, *_ = design.plan(0)
    for trial in (one, third, other):
        reply(log, session, trial)
    assert faults(log) == [(5, "order", True)]
    assert len(read_answers(log).answers) == 3


def test_two_browsers_with_one_code_are_one_listener(log, design):
    begin(log, design, "s1", 0, "CODE")
    begin(log, design, "s2", 1, "CODE")
    begin(log, design, "s1", 2)
    reply(log, "s2", design.plan(1)[0])
    reply(log, "s1", design.plan(0)[0])
    found = read_answers(log)
    assert [(one.session, one.plan) for one in found.sessions] == [("s1", 0)]
    assert [fault.kind for fault in found.faults] == ["twice", "twice", "unknown"]
    assert len(found.answers) == 1
    append_answer(log, Finish("s1", "A", ""))
    append_answer(log, Finish("s1", "A", ""))
    assert [fault.kind for fault in read_answers(log).faults][3:] == ["twice"]


def test_answers_before_any_design_count_only_if_the_design_is_given(tmp_path, design):
    path = tmp_path / "x.jsonl"
    begin(path, design)
    reply(path, "s1", design.plan(0)[0])
    found = read_answers(path)
    assert [fault.kind for fault in found.faults] == ["design", "design"]
    assert found.answers == ()
    with pytest.raises(ListeningError, match="no design"):
        export_csv(found)
    assert len(read_answers(path, design=design).answers) == 1


def test_many_writers_at_once_lose_nothing(log, design):
    def listen(number):
        session = begin(log, design, f"s{number}", number)
        for trial in design.plan(number):
            reply(log, session, trial)

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_answers(log)
    assert found.faults == ()
    assert len(found.answers) == sum(len(design.plan(number)) for number in range(8))


def test_csv_says_what_was_asked_and_whether_it_was_right(log, design):
    session = begin(log, design)
    trials = design.plan(0)
    for trial in trials[:-1]:
        reply(log, session, trial)
    wrong = next(r for r in ("first", "second") if r != trials[-1].truth)
    reply(log, session, trials[-1], wrong)
    rows = list(csv.DictReader(io.StringIO(export_csv(read_answers(log)))))
    assert [row["correct"] for row in rows] == ["1"] * (len(trials) - 1) + ["0"]
    assert [row["kind"] for row in rows] == [trial.kind for trial in trials]
    assert rows[0]["stimuli"].split() == list(trials[0].stimuli)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["session", "trial", "response", "confidence", "replays", "seconds", "plan", "design", "text"]
)
_RECORDS = st.dictionaries(_FIELDS, _VALUES, max_size=9).map(lambda found: {"record": "answer", **found})


@given(st.lists(st.binary(max_size=200) | _RECORDS.map(lambda one: json.dumps(one).encode()), max_size=5))
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_into_a_log_it_can_be_read(tmp_path_factory, design, lines):
    path = tmp_path_factory.mktemp("log") / "x.jsonl"
    path.write_bytes(b"\n".join(lines))
    found = read_answers(path, design=design)
    assert found.answers == ()
    assert len(found.faults) <= path.read_bytes().count(b"\n") + 1


@pytest.mark.parametrize(
    "change",
    [
        {"session": ""},
        {"session": "a b"},
        {"trial": "x" * 65},
        {"confidence": 0},
        {"replays": (-1,)},
        {"seconds": -1.0},
    ],
)
def test_answers_have_limits(change):
    with pytest.raises(ListeningError):
        replace(Answer("s", "t", "first"), **change)


def test_a_log_that_is_not_there_or_cannot_be_written_is_said(tmp_path, design):
    with pytest.raises(MissingFileError, match="not there"):
        read_answers(tmp_path / "no.jsonl")
    with pytest.raises(OutputError, match="cannot be written"):
        start_log(tmp_path / "no" / "x.jsonl", design)
    (tmp_path / "empty.jsonl").touch()
    assert read_answers(tmp_path / "empty.jsonl").answers == ()


def test_every_line_is_json_of_its_own(log, design):
    begin(log, design)
    assert [json.loads(line)["record"] for line in log.read_text().splitlines()] == ["design", "session"]
