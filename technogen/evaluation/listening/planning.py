"""Drawing a balanced design: who hears which pair, on which side the person is, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from technogen.errors import ListeningError
from technogen.evaluation.listening.design import (
    CATCH,
    HUMAN,
    Design,
    DesignOptions,
    Kind,
    Plan,
    Stimulus,
    Trial,
    check_name,
)
from technogen.evaluation.listening.matching import Pair, match_pairs

_MOST_PAIRS = 12
_NO_PAIR = 1e9
_AGAIN = 1e3  # a pair that was heard once more than another costs more than any noise


@dataclass(frozen=True, slots=True)
class _Question:
    """A trial without its place."""

    kind: Kind
    condition: str
    human: str
    machine: str


@dataclass(frozen=True, slots=True)
class _Material:
    training: tuple[_Question, ...]
    catches: tuple[_Question, ...]
    pairs: dict[str, tuple[Pair, ...]]


def make_design(stimuli: Sequence[Stimulus], options: DesignOptions | None = None, *, seed: int) -> Design:
    """Draw a listening test.

    Every listener hears every condition equally often and no excerpt twice. Over the listeners each pair is heard about
    equally often, and the person in it first as often as second (to within one); of a "single" test, the person's and
    the machine's excerpt of a pair equally often, by different listeners. Within one listener the sides are tosses of a
    coin, so that however somebody guesses, each answer is right with even odds. Trials go in blocks of one pair of each
    condition; the place of a condition in its block moves on from listener to listener. Training comes first, catch
    trials lie in the middle half; both have excerpts of their own, which are the same for all.

    Args:
        stimuli: At least those of the condition "human" and one other.
        options: By default, pairs.
        seed: The same makes the same design.

    Raises:
        ListeningError: If there is too little material for what is asked; the message says what is missing.
    """
    options = options or DesignOptions()
    generator = np.random.default_rng(seed)
    options = replace(options, conditions=_conditions(stimuli, options))
    shuffled = _shuffled(stimuli, generator)
    material = _share_out(shuffled, options)
    options = replace(options, pairs=_pairs_for_each(material, options))
    sides = _Sides(generator)
    turns = [_order(options.conditions, generator) for _ in range(options.pairs or 0)]
    plans = []
    heard: Counter[tuple[str, str]] = Counter()
    for listener in range(options.listeners):
        chosen = _choose_pairs(material, options, heard, generator)
        trials = _arrange(chosen, material, turns, listener, generator)
        plans.append(Plan(tuple(_place(trials, options, listener, sides))))
    used = {key for plan in plans for trial in plan.trials for key in trial.stimuli}
    return Design(
        seed, options, tuple(sorted((s for s in stimuli if s.key in used), key=lambda s: s.key)), tuple(plans)
    )


def _order(names: Sequence[str], generator: np.random.Generator) -> list[str]:
    return [names[i] for i in generator.permutation(len(names))]


class _Sides:
    """On which side the person is: over two hearings of a pair once on each, which first by a coin."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._owed: dict[_Question, bool] = {}

    def draw(self, question: _Question) -> bool:
        if question in self._owed:
            return self._owed.pop(question)
        first = bool(self._generator.integers(2))
        self._owed[question] = not first
        return first


def _conditions(stimuli: Sequence[Stimulus], options: DesignOptions) -> tuple[str, ...]:
    there = {one.condition for one in stimuli}
    wanted = options.conditions or tuple(sorted(there - {HUMAN, CATCH}))
    for name in wanted:
        check_name("condition", name)
        if name in (HUMAN, CATCH) or wanted.count(name) > 1:
            raise ListeningError(f"conditions to hold against {HUMAN!r} must differ from it, got {', '.join(wanted)}")
    missing = [name for name in (HUMAN, *wanted) if name not in there]
    if missing or not wanted:
        raise ListeningError(
            f"a listening test needs excerpts of {HUMAN!r} and of each other condition; there are none of "
            f"{', '.join(missing) or 'any other'}; given: {', '.join(sorted(there)) or 'nothing'}"
        )
    if len({one.key for one in stimuli}) < len(stimuli):
        raise ListeningError("keys of stimuli must differ")
    return wanted


def _shuffled(stimuli: Sequence[Stimulus], generator: np.random.Generator) -> dict[str, list[Stimulus]]:
    """The stimuli of each condition in an order that does not hang on the order given."""
    found: dict[str, list[Stimulus]] = {}
    for one in sorted(stimuli, key=lambda one: one.key):
        found.setdefault(one.condition, []).append(one)
    return {name: [ones[i] for i in generator.permutation(len(ones))] for name, ones in sorted(found.items())}


def _share_out(stimuli: dict[str, list[Stimulus]], options: DesignOptions) -> _Material:
    """Set excerpts for training and catch trials apart; pair the others."""
    left = {name: list(ones) for name, ones in stimuli.items()}
    broken = left.get(CATCH, [])
    if len(broken) < options.catches:
        raise ListeningError(
            f"{options.catches} catch trials need as many excerpts of the condition {CATCH!r}, got {len(broken)}; "
            "give more, or ask for fewer"
        )
    training = []
    for i in range(options.training):
        condition = options.conditions[i % len(options.conditions)]
        training.append(_take(left, "training", condition, options))
    catches = [_take(left, "catch", CATCH, options) for _ in range(options.catches)]
    pairs = {name: match_pairs(left[HUMAN], left[name], options) for name in options.conditions}
    return _Material(tuple(training), tuple(catches), pairs)


def _take(left: dict[str, list[Stimulus]], kind: Kind, condition: str, options: DesignOptions) -> _Question:
    """Take the best pair of the first machine's excerpt; a single catch trial needs no human one."""
    if not left[condition] or not left[HUMAN]:
        raise ListeningError(
            f"{options.training} training and {options.catches} catch trials need excerpts of their own, and there are "
            f"too few of {condition!r} or {HUMAN!r}; give more, or ask for fewer trials"
        )
    machine = left[condition].pop(0)
    if kind == "catch" and options.question == "single":
        return _Question(kind, condition, machine.key, machine.key)
    near = match_pairs(left[HUMAN], [machine], options)
    human = near[0].human if near else left[HUMAN][0]
    left[HUMAN].remove(human)
    return _Question(kind, condition, human.key, machine.key)


def _pairs_for_each(material: _Material, options: DesignOptions) -> int:
    """How many pairs of each condition a listener hears."""
    humans = len({pair.human.key for pairs in material.pairs.values() for pair in pairs})
    counts = {name: len(pairs) for name, pairs in material.pairs.items()}
    most = min(*counts.values(), humans // len(counts)) if len(counts) > 1 else min(counts.values())
    if most < (options.pairs or 1):
        found = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise ListeningError(
            f"too few pairs are alike in tempo, density and key: {found}, with {humans} human excerpts among them, "
            f"allow {most} a listener, asked {options.pairs or 1}; give more excerpts, fewer training trials, or "
            f"wider limits (now tempo {options.tempo_within:.0%}, density x{options.density_within:g}, "
            f"key {options.key_within} fifths)"
        )
    return options.pairs or min(most, _MOST_PAIRS)


def _choose_pairs(
    material: _Material, options: DesignOptions, heard: Counter[tuple[str, str]], generator: np.random.Generator
) -> dict[str, list[_Question]]:
    """The pairs of one listener: no human excerpt twice, those first that were heard least so far."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    humans = sorted({pair.human.key for pairs in material.pairs.values() for pair in pairs})
    column = {key: i for i, key in enumerate(humans)}
    wanted = [name for name in options.conditions for _ in range(options.pairs or 0)]
    mates = {(name, pair.human.key): pair.machine.key for name, pairs in material.pairs.items() for pair in pairs}
    costs = np.full((len(wanted), len(humans)), _NO_PAIR)
    for name in options.conditions:
        rows = [i for i, other in enumerate(wanted) if other == name]
        for pair in material.pairs[name]:
            cost = _AGAIN * heard[name, pair.human.key] + generator.random()
            costs[rows, column[pair.human.key]] = cost  # each pair once: a human excerpt is one column
    chosen: dict[str, list[_Question]] = {name: [] for name in options.conditions}
    for row, place in zip(*linear_sum_assignment(costs)):
        name, human = wanted[row], humans[place]
        if (name, human) not in mates:
            raise ListeningError(
                f"{options.pairs} pairs of each of {len(chosen)} conditions cannot be had without hearing a human "
                "excerpt twice; give more human excerpts, or ask for fewer pairs"
            )
        heard[name, human] += 1
        chosen[name].append(_Question("trial", name, human, mates[name, human]))
    return {name: [found[i] for i in generator.permutation(len(found))] for name, found in chosen.items()}


def _arrange(
    chosen: dict[str, list[_Question]],
    material: _Material,
    turns: Sequence[Sequence[str]],
    listener: int,
    generator: np.random.Generator,
) -> list[_Question]:
    """Training, then blocks of one of each condition, catch trials somewhere in the middle half."""
    trials = []
    for block, order in enumerate(turns):
        turn = listener % len(order)
        trials += [chosen[name][block] for name in (*order[turn:], *order[:turn])]
    catches = [material.catches[i] for i in generator.permutation(len(material.catches))]
    low, high = len(trials) // 4, max(len(trials) // 4 + 1, len(trials) - len(trials) // 4)
    for catch, place in zip(catches, sorted(generator.integers(low, high, len(catches)), reverse=True)):
        trials.insert(int(place), catch)
    return [*material.training, *trials]


def _place(questions: Sequence[_Question], options: DesignOptions, listener: int, sides: _Sides) -> Iterator[Trial]:
    for i, question in enumerate(questions):
        key = f"{listener + 1:04d}-{i + 1:02d}"
        if options.question == "pair":
            yield _as_pair(key, question, first=sides.draw(question))
        elif question.kind == "training":  # both are heard
            yield _as_single(key, question, human=i % 2 == 0)
        else:
            yield _as_single(key, question, human=question.kind == "trial" and sides.draw(question))


def _as_pair(key: str, question: _Question, *, first: bool) -> Trial:
    stimuli = (question.human, question.machine) if first else (question.machine, question.human)
    return Trial(key, question.kind, question.condition, stimuli, "first" if first else "second")


def _as_single(key: str, question: _Question, *, human: bool) -> Trial:
    """One of the two excerpts of a pair: over two listeners each once, which first by a coin."""
    stimuli = (question.human if human else question.machine,)
    return Trial(key, question.kind, question.condition, stimuli, "person" if human else "machine")
