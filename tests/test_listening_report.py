"""What a study shows and how its report says it: never more than was shown."""

import re
from html.parser import HTMLParser

import pytest
from listening_maker import simulate_study

from technogen.cli import main
from technogen.errors import ListeningError
from technogen.evaluation.listening import (
    AnswerLog,
    Remark,
    analyse_study,
    append_answer,
    read_answers,
    start_log,
    write_report,
)
from technogen.evaluation.listening.report_words import cautions, finding_in_words, text_table


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "answers.jsonl"
    simulate_study(path, {"model": 0.5, "rules": 0.8}, listeners=30, careless=2, margin=0.15)
    append_answer(path, Remark("s004", "gave_away", "<script>alert(1)</script> & hats"))
    return path


@pytest.fixture(scope="module")
def study(log):
    return analyse_study(read_answers(log))


def study_of(tmp_path, shares, **more):
    path = tmp_path / "answers.jsonl"
    simulate_study(path, shares, **more)
    return analyse_study(read_answers(path))


def test_a_model_that_nobody_tells_and_rules_that_everybody_does(study):
    model, rules = study.conditions
    assert (model.condition, model.verdict) == ("model", "equivalent")
    assert (rules.condition, rules.verdict) == ("rules", "told")
    assert rules.interval.low < 0.8 < rules.interval.high
    assert rules.sensitivity.d_prime > 0.8 > abs(model.sensitivity.d_prime)
    assert model.answers == 28 * 12
    assert model.preferring > 100


def test_those_who_miss_the_catch_trials_do_not_count(study):
    assert [one.excluded for one in study.listeners] == [True] * 2 + [False] * 28
    assert (study.caught, study.catches) == (28, 30)
    assert [one.answers for one in study.everyone] == [30 * 12] * 2
    assert any("2 of 30 listeners missed a catch trial" in words for words in cautions(study))


def test_training_and_catch_trials_do_not_count(study, log):
    assert len(read_answers(log).answers) == 30 * (3 + 1 + 24)
    assert sum(one.answers for one in study.conditions) == 28 * 24


@pytest.mark.parametrize("question", ["pair", "single"])
def test_a_study_too_small_does_not_decide_and_says_how_many_more(tmp_path, question):
    study = study_of(tmp_path, {"model": 0.5}, listeners=4, question=question)
    (model,) = study.conditions
    assert model.verdict == "undecided"
    words = finding_in_words(model, study)
    assert "neither that listeners like these can tell, nor that they cannot" in words
    more = int(re.search(r"about (\d+) more answers", words).group(1))
    assert more == model.answers_missing == model.answers_needed - 48 > 200
    assert f"{-(-more // 12)} more listeners with 12 each" in words


def test_music_taken_for_the_persons_is_a_difference(tmp_path):
    study = study_of(tmp_path, {"model": 0.25}, listeners=20)
    assert study.conditions[0].verdict == "mistaken"
    assert study.conditions[0].sensitivity.d_prime < -0.5


def test_a_difference_inside_of_a_wide_margin_is_told_as_both(tmp_path):
    study = study_of(tmp_path, {"model": 0.63}, listeners=40, margin=0.25)
    assert study.conditions[0].verdict == "slight"


def test_one_listener_speaks_for_nobody_else(tmp_path):
    study = study_of(tmp_path, {"model": 0.95}, listeners=1)
    assert study.conditions[0].verdict == "told"
    assert "this one listener" in finding_in_words(study.conditions[0], study)
    assert "one listener only" in " ".join(cautions(study))


def test_few_pairs_are_told_of(tmp_path, study):
    small = study_of(tmp_path, {"model": 0.5}, listeners=6, pairs=4)
    assert any("no more than 6 different pairs" in words for words in cautions(small))
    assert not any("different pairs" in words for words in cautions(study))


def test_a_rehearsal_is_called_one(tmp_path):
    study = study_of(tmp_path, {"model": 0.9}, listeners=3, rehearsal=True)
    assert "a rehearsal" in next(cautions(study))
    assert "<strong>A rehearsal" in write_report(study)


def test_listeners_without_headphones_are_told_of(log):
    whole = read_answers(log)
    remarks = (Remark("s005", "headphones", "failed"), Remark("s006", "headphones", "passed"))
    study = analyse_study(AnswerLog(whole.design, whole.sessions, whole.answers, remarks))
    assert any("1 of 28 listeners did not pass the headphone check" in words for words in cautions(study))


def test_without_catch_trials_the_report_says_what_that_means(tmp_path):
    study = study_of(tmp_path, {"model": 0.5}, listeners=3, catches=0)
    assert any("no catch trial" in words for words in cautions(study))


def test_nothing_is_called_indistinguishable_or_the_same(tmp_path, study):
    small = study_of(tmp_path, {"model": 0.5}, listeners=2)
    for one in (study, small):
        text = (write_report(one) + " ".join(text_table(one))).lower()
        assert "indistinguishable" not in text
        assert "no difference" not in text
    assert "within the margin</h3>" not in write_report(small)
    assert "not decided</h3>" in write_report(small)


class _Page(HTMLParser):
    """Sees that tags match, and which there are."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.links = [], set(), []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(study):
    page = write_report(study, title="A < B")
    seen = _Page(page)
    assert seen.links == []
    assert "script" not in seen.tags
    assert {"h1", "svg", "table", "figcaption"} <= seen.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; hats" in page
    assert "url(" not in page
    assert "<title>A &lt; B</title>" in page
    assert study.design.fingerprint in page


def test_the_page_shows_the_figures(study):
    page = write_report(study)
    for one in study.conditions:
        assert f"{one.correct} of {one.answers} answers were right" in page
        assert f"{100 * one.interval.low:.1f} to {100 * one.interval.high:.1f}" in page


def test_a_log_without_answers_is_an_error_that_says_so(tmp_path, log):
    design = read_answers(log).design
    start_log(tmp_path / "empty.jsonl", design)
    with pytest.raises(ListeningError, match="no answer to analyse: 0 listeners began"):
        analyse_study(read_answers(tmp_path / "empty.jsonl"))
    with pytest.raises(ListeningError, match="no design"):
        analyse_study(AnswerLog())


def test_a_condition_that_nobody_heard_counts_in_holms_rule(log):
    whole = read_answers(log)
    conditions = {trial.key: trial.condition for plan in whole.design.plans for trial in plan.trials}
    some = tuple(one for one in whole.answers if conditions[one.trial] != "rules")
    study = analyse_study(AnswerLog(whole.design, whole.sessions, some, (), (), ()))
    assert study.unheard == ("rules",)
    assert study.conditions[0].p_equivalence == pytest.approx(analyse_study(whole).conditions[0].p_equivalence)


def test_the_verb_prints_writes_and_exports(log, tmp_path, capsys):
    before = log.read_bytes()
    out = tmp_path / "report.html"
    assert main(["listen", "report", str(log), "-o", str(out)]) == 0
    assert "rules: can be told apart" in capsys.readouterr().out
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert main(["listen", "report", str(log), "-o", str(out)]) == 1
    assert "exists" in capsys.readouterr().err
    assert main(["listen", "report", str(log), "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 30 * 28
    assert log.read_bytes() == before


def test_the_verb_tells_of_broken_lines(log, tmp_path, capsys):
    path = tmp_path / "broken.jsonl"
    path.write_bytes(log.read_bytes() + b'{"record":"ans')
    assert main(["listen", "report", str(path)]) == 0
    found = capsys.readouterr()
    assert "breaks off" in found.err
    assert "1 do not count" in found.out
    assert main(["listen", "report", str(tmp_path / "none.jsonl")]) == 1
    assert "not there" in capsys.readouterr().err
