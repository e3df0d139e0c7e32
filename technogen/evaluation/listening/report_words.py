"""A study in plain words, and as a table of text. What is not shown is never said."""

from __future__ import annotations

import math
from collections.abc import Iterator

from technogen.evaluation.listening.study import ConditionResult, Study

HEADINGS = {
    "told": "can be told apart",
    "mistaken": "taken for the person’s",
    "equivalent": "as good as guessing, within the margin",
    "slight": "close to guessing, though not quite",
    "undecided": "not decided",
}

_FEW_PAIRS = 12


def question_in_words(study: Study) -> str:
    """What was asked of a listener."""
    if study.design.options.question == "pair":
        return "Two excerpts, one after the other, one of them by a person: which one?"
    return "One excerpt: was it made by a person or by a machine?"


def percent(share: float) -> str:
    """A share for people."""
    return f"{100 * share:.0f} %"


def finding_in_words(result: ConditionResult, study: Study) -> str:
    """What was found of one condition, for somebody who knows no statistics; several sentences."""
    told = f"{result.correct} of {result.answers} answers were right, {percent(result.share)}; guessing gives 50 %."
    options = study.design.options
    reach = f"{percent(0.5 - options.margin)} and {percent(0.5 + options.margin)}"
    interval = f"{percent(result.interval.low)} to {percent(result.interval.high)}"
    whose = "listeners like these" if result.listeners > 1 else "this one listener"
    tail = {
        "told": f"That is more than luck gives ({odds(result.p_difference)}): {whose} can tell these excerpts from a "
        f"person’s. Their true share of right answers lies at about {interval}.",
        "mistaken": f"That is fewer than luck gives ({odds(result.p_difference)}): {whose} hear a difference, and take "
        f"the machine’s music for the person’s. The true share of right answers lies at about {interval}.",
        "equivalent": f"No more was found than luck gives, and that alone would show nothing. But the study was large "
        f"enough to show more: the true share of right answers of {whose} lies between {reach}, the margin that was "
        f"fixed beforehand ({odds(result.p_equivalence)}). A difference smaller than that may still be there.",
        "slight": f"That is not quite what luck gives ({odds(result.p_difference)}), so something can be heard; but "
        f"the true share of right answers lies between {reach}, the margin that was fixed beforehand "
        f"({odds(result.p_equivalence)}): the difference is there, and small.",
        "undecided": f"This shows neither that {whose} can tell, nor that they cannot: the true share of right answers "
        f"may be anything from {interval}. {_alone_in_words(result)}{_more_in_words(result, study)}",
    }
    return f"{told} {tail[result.verdict]}"


def odds(p: float) -> str:
    """A probability of error as odds: how seldom such a result comes when the claim is false."""
    if p < 0.0001:
        return "if it were not so, fewer than 1 study in 10,000 would come out like this"
    return f"if it were not so, at most 1 study in {math.floor(1 / p)} would come out like this"


def _alone_in_words(result: ConditionResult) -> str:
    if result.interval.low <= 0.5 <= result.interval.high:
        return ""
    return "Taken by itself that would look like a difference; among several conditions, one such result is no wonder. "


def _too_many(caught: int) -> str:
    return f"more than {caught} catch trials" if caught > 1 else "two catch trials" if caught else "a catch trial"


def _more_in_words(result: ConditionResult, study: Study) -> str:
    margin = f"{100 * study.design.options.margin:g}"
    if not result.answers_missing:
        return (
            f"There were answers enough to show, with odds of 4 in 5, that the share is within {margin} points of 50 % "
            "if it is exactly 50 %; it did not come out so. More answers may still decide."
        )
    each = study.design.options.pairs or 1
    return (
        f"If nothing can be heard, about {result.answers_missing} more answers, from {_listeners(result, each)}, would "
        f"give odds of 4 in 5 to show that the share is within {margin} points of 50 %."
    )


def _listeners(result: ConditionResult, each: int) -> str:
    count = math.ceil(result.answers_missing / each)
    return f"{count} more listener{'s' if count > 1 else ''} with {each} each"


def leaning_in_words(study: Study) -> str:
    """Whether listeners lean to one of the answers, whatever they hear."""
    bias = sum(one.sensitivity.bias * one.answers for one in study.conditions) / sum(
        one.answers for one in study.conditions
    )
    low, high = ("second", "first") if study.design.options.question == "pair" else ("machine", "person")
    if abs(bias) < 0.1:
        return f"Listeners answer “{high}” and “{low}” about equally readily."
    return f"Whatever they hear, listeners lean to the answer “{low if bias > 0 else high}” (criterion {bias:+.2f})."


def cautions(study: Study) -> Iterator[str]:
    """What must be said beside the figures."""
    if study.design.options.rehearsal:
        yield (
            "This is a rehearsal: no person made what stands in for a person’s music here. It shows how a test works, "
            "and nothing about music by people, whatever else is said here."
        )
    yield from _about_listeners(study)
    if (pairs := _fewest_pairs(study)) < _FEW_PAIRS:
        what = "pairs of excerpts" if study.design.options.question == "pair" else "excerpts"
        yield (
            f"The test has no more than {pairs} different {what}: other music of the same makers may be told more or "
            f"less easily. More answers about the same few say little; it takes more {what}."
        )
    if study.unheard:
        yield f"Nobody has answered yet about: {', '.join(study.unheard)}."
    if any(one.verdict == "undecided" for one in study.conditions):
        yield (
            "Fix now how many more answers you will collect, and look again only then. Who looks after every listener, "
            "and stops when the page says what is hoped for, claims what is not so far more often than the page says."
        )
    if study.faults:
        dropped = sum(not fault.kept for fault in study.faults)
        yield f"Lines of the log that are not as they should be: {len(study.faults)}; of these, {dropped} do not count."


def _fewest_pairs(study: Study) -> int:
    """Of a condition, over all plans."""
    trials = (trial for plan in study.design.plans for trial in plan.trials if trial.kind == "trial")
    pairs = {(trial.condition, *sorted(trial.stimuli)) for trial in trials}
    return min(sum(name == condition for name, *_ in pairs) for condition in study.design.options.conditions)


def _about_listeners(study: Study) -> Iterator[str]:
    counted = [one for one in study.listeners if not one.excluded and one.answers]
    if len(counted) == 1:
        yield "There is one listener only. Nothing here says anything about other people."
    elif len(counted) < 10:
        yield f"There are {len(counted)} listeners only: how much people differ is hardly known, so intervals are wide."
    if (out := [one for one in study.listeners if one.excluded]) and study.everyone:
        shares = ", ".join(f"{one.condition} {percent(one.share)}" for one in study.everyone)
        yield (
            f"{len(out)} of {len(study.listeners)} listeners missed {_too_many(study.design.options.caught)} and do "
            f"not count, as was fixed beforehand. With them, right answers: {shares}."
        )
    if not study.catches:
        yield (
            "There was no catch trial, so nothing shows that listeners listened. Whoever does not listen guesses, and "
            "guesses look like music that nobody can tell."
        )
    if deaf := sum(one.headphones == "failed" for one in counted):
        yield f"{deaf} of {len(counted)} listeners did not pass the headphone check; their answers count."
    if unfinished := [one for one in counted if one.answers < one.planned]:
        yield f"Listeners who have not answered all: {len(unfinished)}; what they answered counts."


def text_table(study: Study) -> Iterator[str]:
    """The figures of a study as lines of text."""
    options = study.design.options
    counted = sum(1 for one in study.listeners if one.answers and not one.excluded)
    yield f"{question_in_words(study)}"
    yield (
        f"{counted} listeners count of {len(study.listeners)} who began; margin {options.margin:g} and level "
        f"{options.alpha:g} fixed beforehand; catch trials {study.caught} of {study.catches} right"
    )
    yield ""
    yield (
        f"{'':<14}{'right':>6}{'of':>6}{'share':>8}{'95 %, clustered':>17}{'95 %, Wilson':>15}{'p, differs':>12}"
        f"{'p, equals':>11}{'d-prime':>9}{'bias':>7}{'effect':>8}{'more':>7}"
    )
    for one in study.conditions:
        yield (
            f"{one.condition[:13]:<14}{one.correct:>6}{one.answers:>6}{one.share:>8.3f}"
            f"{f'{one.interval.low:.3f}-{one.interval.high:.3f}':>17}{f'{one.wilson.low:.3f}-{one.wilson.high:.3f}':>15}"
            f"{one.p_difference:>12.4f}{one.p_equivalence:>11.4f}{one.sensitivity.d_prime:>9.2f}"
            f"{one.sensitivity.bias:>7.2f}{one.design_effect:>8.2f}{one.answers_missing:>7}"
        )
    yield ""
    for one in study.conditions:
        yield f"{one.condition}: {HEADINGS[one.verdict]}. {finding_in_words(one, study)}"
    for caution in cautions(study):
        yield f"note: {caution}"
