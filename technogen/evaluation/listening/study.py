"""From a log of answers to what it shows: per condition, per listener, and what must be said beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from technogen.errors import ListeningError
from technogen.evaluation.listening.design import Design, Trial
from technogen.evaluation.listening.power import answers_for_equivalence
from technogen.evaluation.listening.records import Answer, AnswerLog, Fault, Remark
from technogen.evaluation.listening.statistics import (
    Outcome,
    Sensitivity,
    adjust_holm,
    analyse_answers,
    measure_sensitivity,
    wilson_interval,
)

Verdict = Literal["told", "mistaken", "equivalent", "slight", "undecided"]

PLANNED_EFFECT = 1.2
"""The least to plan with: what the clustered test costs where all answers are independent, by simulation."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, shares of answers."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer that counts, with what was asked."""

    answer: Answer
    trial: Trial
    pair: str

    @property
    def correct(self) -> bool:
        """Whether the answer is the right one."""
        return self.answer.response == self.trial.truth


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """What was found of one condition.

    Attributes:
        condition: Its name.
        answers: How many count; `correct` of them are right.
        correct: Likewise.
        listeners: How many gave them.
        pairs: How many pairs of excerpts (of single ones: excerpts) they are about.
        wilson: 95 % interval of the share of right answers, as if all were independent.
        interval: The same, clustered by listeners and pairs; this is the one to quote.
        equivalence_interval: Likewise at 1 - 2 alpha: inside the margin if and only if the clustered test says so.
        design_effect: As `Clustering`.
        p_difference: Adjusted by Holm over the conditions, as is `p_equivalence`.
        p_equivalence: Likewise.
        sensitivity: d' and bias.
        verdict: "told" from human better than chance; "mistaken": taken for human more often than the human ones;
            "equivalent": within the margin; "slight": within the margin, though not quite chance; "undecided".
        answers_needed: To show equivalence with odds of 4 in 5, if it is so, as clustered as these are.
        preferred: How often the human one was liked better, of the answers that say; None where none does.
        preferring: How many say.
        median_replays: Of starts of an excerpt.
    """

    condition: str
    answers: int
    correct: int
    listeners: int
    pairs: int
    wilson: Range
    interval: Range
    equivalence_interval: Range
    design_effect: float
    p_difference: float
    p_equivalence: float
    sensitivity: Sensitivity
    verdict: Verdict
    answers_needed: int
    preferred: int | None = None
    preferring: int = 0
    median_replays: float | None = None

    @property
    def share(self) -> float:
        """Of right answers."""
        return self.correct / self.answers

    @property
    def answers_missing(self) -> int:
        """How many more are needed to show equivalence, if it is so; 0 where the study has decided."""
        return max(0, self.answers_needed - self.answers) if self.verdict == "undecided" else 0


@dataclass(frozen=True, slots=True)
class ListenerResult:
    """What one listener did.

    Attributes:
        session: Its name.
        answers: That count, `correct` of them right; of a listener who was left out, that would count.
        correct: Likewise.
        planned: How many it was to give.
        missed: Catch trials answered wrongly.
        excluded: Whether more were missed than the design allows.
        finished: Whether it came to the end.
        expertise: As the listener says; empty where that is not known.
        headphones: "passed" or "failed"; empty where that is not known.
    """

    session: str
    answers: int
    correct: int
    planned: int
    missed: int
    excluded: bool
    finished: bool
    expertise: str = ""
    headphones: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """All that a log shows.

    Attributes:
        design: The test.
        conditions: In the order of the design; those without answers are left out.
        listeners: In the order in which they began.
        everyone: As `conditions`, with those who missed the catch trials.
        caught: Catch trials that were answered rightly, of `catches`.
        catches: Likewise.
        faults: Of the log.
        given_away: What listeners say gave it away.
    """

    design: Design
    conditions: tuple[ConditionResult, ...]
    listeners: tuple[ListenerResult, ...]
    everyone: tuple[ConditionResult, ...]
    caught: int
    catches: int
    faults: tuple[Fault, ...]
    given_away: tuple[Remark, ...]

    @property
    def unheard(self) -> tuple[str, ...]:
        """Conditions of the design that nobody has answered yet."""
        found = {one.condition for one in self.conditions}
        return tuple(name for name in self.design.options.conditions if name not in found)


def analyse_study(log: AnswerLog) -> Study:
    """Find what a log shows, by the rules that its design fixed beforehand.

    Raises:
        ListeningError: If the log has no design, or no answer that counts.
    """
    if log.design is None:
        raise ListeningError("the log has no design, so that nobody knows what was asked; give the design")
    judged = list(_judge(log, log.design))
    listeners = tuple(_listeners(log, log.design, judged))
    out = {one.session for one in listeners if one.excluded}
    tested = [one for one in judged if one.trial.kind == "trial"]
    counted = [one for one in tested if one.answer.session not in out]
    if not counted:
        raise ListeningError(
            f"there is no answer to analyse: {len(log.sessions)} listeners began, {len(tested)} answers to trials, "
            f"{len(out)} listeners left out for missing catch trials, {len(log.faults)} faults in the log"
        )
    catches = [one for one in judged if one.trial.kind == "catch"]
    remarks = tuple(one for one in log.remarks if one.about == "gave_away" and one.text.strip())
    return Study(
        log.design,
        _by_condition(counted, log.design),
        listeners,
        _by_condition(tested, log.design) if out else (),
        sum(one.correct for one in catches),
        len(catches),
        log.faults,
        remarks,
    )


def _judge(log: AnswerLog, design: Design) -> Iterator[Judgement]:
    plans = {one.session: {trial.key: trial for trial in design.plan(one.plan)} for one in log.sessions}
    for answer in log.answers:
        trial = plans[answer.session][answer.trial]
        yield Judgement(answer, trial, " ".join(sorted(trial.stimuli)))


def _listeners(log: AnswerLog, design: Design, judged: Sequence[Judgement]) -> Iterator[ListenerResult]:
    missed = Counter(one.answer.session for one in judged if one.trial.kind == "catch" and not one.correct)
    answers = Counter(one.answer.session for one in judged if one.trial.kind == "trial")
    correct = Counter(one.answer.session for one in judged if one.trial.kind == "trial" and one.correct)
    finished = {one.session for one in log.finishes}
    said = {(one.session, one.about): one.text for one in log.remarks}
    for session in log.sessions:
        name = session.session
        planned = sum(trial.kind == "trial" for trial in design.plan(session.plan))
        excluded = missed[name] > design.options.caught
        known = (said.get((name, about), "") for about in ("expertise", "headphones"))
        yield ListenerResult(
            name, answers[name], correct[name], planned, missed[name], excluded, name in finished, *known
        )


def _by_condition(judged: Sequence[Judgement], design: Design) -> tuple[ConditionResult, ...]:
    found = {
        name: ones
        for name in design.options.conditions
        if (ones := [one for one in judged if one.trial.condition == name])
    }
    outcomes = {name: _test(ones, design) for name, ones in found.items()}
    silent = [1.0] * (len(design.options.conditions) - len(found))  # they were to be tested, and count as such
    differences = adjust_holm([*(float(one.p_difference) for one in outcomes.values()), *silent])
    equivalences = adjust_holm([*(float(one.p_equivalence) for one in outcomes.values()), *silent])
    return tuple(
        _result(name, found[name], outcomes[name], (difference, equivalence), design)
        for name, difference, equivalence in zip(found, differences, equivalences)
    )


def _test(judged: Sequence[Judgement], design: Design) -> Outcome:
    listeners = _numbered([one.answer.session for one in judged])
    pairs = _numbered([one.pair for one in judged])
    return analyse_answers([one.correct for one in judged], listeners, pairs, margin=design.options.margin)


def _numbered(names: Sequence[str]) -> list[int]:
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def _result(
    name: str, judged: Sequence[Judgement], outcome: Outcome, ps: tuple[float, float], design: Design
) -> ConditionResult:
    alpha, margin = design.options.alpha, design.options.margin
    n, k, effect = len(judged), int(outcome.correct), float(outcome.clustering.design_effect)
    plain = wilson_interval(k, n)
    clustered = wilson_interval(k, n, clustering=outcome.clustering)
    inner = wilson_interval(k, n, level=1 - 2 * alpha, clustering=outcome.clustering)
    liked = [one for one in judged if one.answer.preference is not None]
    replays = [count for one in judged for count in one.answer.replays]
    return ConditionResult(
        condition=name,
        answers=n,
        correct=k,
        listeners=len({one.answer.session for one in judged}),
        pairs=len({one.pair for one in judged}),
        wilson=Range(float(plain.low), float(plain.high)),
        interval=Range(float(clustered.low), float(clustered.high)),
        equivalence_interval=Range(float(inner.low), float(inner.high)),
        design_effect=effect,
        p_difference=ps[0],
        p_equivalence=ps[1],
        sensitivity=_sensitivity(judged, design, effect),
        verdict=_verdict(ps[0] <= alpha, ps[1] <= alpha, above=k * 2 > n),
        answers_needed=_needed(margin, alpha / len(design.options.conditions), effect),
        preferred=sum(one.answer.preference == one.trial.truth for one in liked) if liked else None,
        preferring=len(liked),
        median_replays=median(replays) if replays else None,
    )


def _verdict(difference: bool, equivalence: bool, *, above: bool) -> Verdict:
    if equivalence:
        return "slight" if difference else "equivalent"
    if difference:
        return "told" if above else "mistaken"
    return "undecided"


def _needed(margin: float, alpha: float, effect: float) -> int:
    """Holm asks the smallest p of several conditions to be under alpha over their number."""
    return math.ceil(answers_for_equivalence(margin, alpha=alpha, design_effect=max(PLANNED_EFFECT, effect)))


def _sensitivity(judged: Sequence[Judgement], design: Design, effect: float) -> Sensitivity:
    signal = "first" if design.options.question == "pair" else "person"
    signals = [one for one in judged if one.trial.truth == signal]
    noises = [one for one in judged if one.trial.truth != signal]
    return measure_sensitivity(
        sum(one.answer.response == signal for one in signals),
        len(signals),
        sum(one.answer.response == signal for one in noises),
        len(noises),
        pairs=design.options.question == "pair",
        design_effect=effect,
    )
