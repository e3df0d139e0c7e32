"""The trials of a test as a configuration of webMUSHRA, for whoever runs tests with that already."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

from technogen.errors import ListeningError, OutputError
from technogen.evaluation.listening.design import Design, Trial, load_design
from technogen.evaluation.listening.stimuli import DESIGN, check_sounds, read_manifest
from technogen.files import make_folder, replace_on_success, write_text

CONFIGURATION, SOUNDS = "technogen.yaml", "technogen"
_WHOSE = {True: ("a person", "a machine"), False: ("fixed rules", "a program that learned")}


def export_webmushra(folder: str | Path, out: str | Path, *, listener: int = 0) -> Path:
    """Write the trials of one listener as a webMUSHRA experiment.

    webMUSHRA plays pairs only with a third, the reference; so each excerpt of a pair gets a page of its own, with a
    scale from certainly a machine to certainly a person, in the order of the plan. Its results name the stimuli by
    their keys; `design.json` tells whose they are.

    Args:
        folder: A test that `prepare_stimuli` made.
        out: A new folder; what is in its `configs` goes into the `configs` of webMUSHRA.
        listener: Whose plan it is to be, from 0.

    Returns:
        The configuration.

    Raises:
        MissingFileError: If the folder holds no test.
        ListeningError: If a sound is missing, or is not what was made.
        OutputError: If `out` is not empty, or cannot be written.

    References:
        Schoeffler et al., "webMUSHRA: A comprehensive framework for web-based listening tests", JORS 2018.
    """
    source, target = Path(folder), Path(out)
    design, person = load_design(source / DESIGN), read_manifest(source).person
    check_sounds(source)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is not an empty folder; give a new one")
    plan = design.plan(listener)
    sounds = make_folder(target / "configs" / "resources" / SOUNDS)
    for key in sorted({key for trial in plan for key in trial.stimuli}):
        with replace_on_success(sounds / f"{key}.wav") as temporary:
            copyfile(source / design.stimulus(key).file, temporary)
    path = make_folder(target / "configs") / CONFIGURATION
    # JSON is YAML too: strings are quoted, nothing can be misread
    write_text(path, json.dumps(_configure(design, plan, person=person), indent=2, ensure_ascii=False) + "\n")
    return path


def _configure(design: Design, plan: tuple[Trial, ...], *, person: bool) -> dict[str, Any]:
    if not plan:
        raise ListeningError("this plan has no trials")
    return {
        "testname": "Who made this music?",
        "testId": f"technogen-{design.fingerprint[:12]}",
        "bufferSize": 2048,
        "stopOnErrors": True,
        "showButtonPreviousPage": False,
        "remoteService": "service/write.php",
        "pages": [_welcome(person=person), _volume(plan), *_pages(plan, person=person), _finish()],
    }


def _welcome(*, person: bool) -> dict[str, Any]:
    one, other = _WHOSE[person]
    content = (
        f"You will hear short pieces of techno. Each was made by {one} or by {other}. Use headphones, in a quiet place."
        " Your answers are kept, and nothing that tells who you are; you may stop at any time."
    )
    return {"type": "generic", "id": "welcome", "name": "Who made this music?", "content": content}


def _volume(plan: tuple[Trial, ...]) -> dict[str, Any]:
    return {
        "type": "volume",
        "id": "volume",
        "name": "Volume",
        "content": "Turn the volume to where this is comfortable, and leave it there.",
        "stimulus": _sound(plan[0].stimuli[0]),
        "defaultVolume": 0.5,
    }


def _pages(plan: tuple[Trial, ...], *, person: bool) -> Iterator[dict[str, Any]]:
    one, other = _WHOSE[person]
    labels = [f"certainly {other}", f"rather {other}", "no idea", f"rather {one}", f"certainly {one}"]
    for trial in plan:
        for place, key in enumerate(trial.stimuli):
            yield {
                "type": "likert_single_stimulus",
                "id": f"{trial.key}-{'ab'[place]}",
                "name": "Practice" if trial.kind == "training" else "Who made this?",
                "content": "Listen to the end, then choose.",
                "mustRate": True,
                "mustPlayback": "ended",
                "stimuli": {key: _sound(key)},
                "response": [{"value": str(value), "label": label} for value, label in enumerate(labels, 1)],
            }


def _finish() -> dict[str, Any]:
    return {
        "type": "finish",
        "name": "Thank you",
        "content": "What gave it away?",
        "showResults": False,
        "writeResults": True,
        "questionnaire": [
            {
                "type": "likert",
                "name": "expertise",
                "label": "Do you make music?",
                "response": [
                    {"value": "listener", "label": "No, I listen"},
                    {"value": "maker", "label": "Yes, for myself"},
                    {"value": "professional", "label": "Yes, I release, perform or teach it"},
                ],
            },
            {"type": "long_text", "name": "gave_away", "label": "What gave it away?", "optional": True},
        ],
    }


def _sound(key: str) -> str:
    return f"configs/resources/{SOUNDS}/{key}.wav"
