"""Simulated listeners: logs of studies whose truth is known."""

import random

from test_listening_design import make_stimuli

from technogen.evaluation.listening import (
    Answer,
    DesignOptions,
    Finish,
    Remark,
    Session,
    append_answer,
    make_design,
    start_log,
)


def simulate_study(
    path, shares, *, listeners=20, seed=1, careless=0, question="pair", pairs=12, finish=True, **options
):
    """Write the log of listeners who are right with the odds given for each condition; the first few are careless."""
    draw = random.Random(seed)
    stimuli = make_stimuli(pairs * len(shares) + 6, ("human", *shares), seed=seed)
    options = DesignOptions(question=question, pairs=pairs, listeners=listeners, density_within=10, **options)
    design = make_design(stimuli, options, seed=seed)
    start_log(path, design)
    fingerprint = design.fingerprint
    responses = ("first", "second") if question == "pair" else ("person", "machine")
    for listener in range(listeners):
        name = f"s{listener:03d}"
        append_answer(path, Session(name, listener, fingerprint, "2026-01-01T10:00:00+00:00"))
        append_answer(path, Remark(name, "expertise", draw.choice(["listener", "maker"])))
        for trial in design.plan(listener):
            right = draw.random() < shares.get(trial.condition, 1.0)
            if trial.kind == "catch":
                right = listener >= careless
            response = trial.truth if right else next(one for one in responses if one != trial.truth)
            liked = draw.choice(["first", "second", None]) if question == "pair" else None
            append_answer(path, Answer(name, trial.key, response, 3, liked, (1,) * len(trial.stimuli), 12.0))
        if finish:
            append_answer(path, Finish(name, f"C{listener}", "2026-01-01T10:30:00+00:00"))
    return design
