"""Whether pieces are what was asked for: tempo, bars, parts, swing, density by bar."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from technogen.errors import EvaluationError, MissingFileError
from technogen.score import Part, Score
from technogen.tokens.controls import find_densities, find_parts

Wish = int | tuple[int | None, ...] | None

_TEMPO, _SWING = 0.005, 0.01
_CLASSES = range(4)
_LISTS = ("parts", "drum_density", "bass_density")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a piece; None: nothing.

    Attributes:
        tempo: Beats a minute.
        bars: How many.
        parts: "drums", "bass" or both.
        swing: 0.5..0.75.
        drum_density: 0 silent, 1 sparse, 2 medium, 3 dense, as in `technogen.tokens.Density`: of all bars, or of each.
        bass_density: Likewise.
    """

    tempo: float | None = None
    bars: int | None = None
    parts: tuple[Part, ...] | None = None
    swing: float | None = None
    drum_density: Wish = None
    bass_density: Wish = None

    def __post_init__(self) -> None:
        for name in ("drum_density", "bass_density"):
            for wish in _wishes(getattr(self, name)):
                if wish is not None and wish not in _CLASSES:
                    raise EvaluationError(f"{name} must be 0..3, or a list of those by bar, got {wish!r}")


def measure_adherence(score: Score, asked: Asked) -> dict[str, float]:
    """How much of each wish a score fulfils, 0..1; wishes that were not made are left out.

    "density_near" counts bars that are off by one class too.
    """
    found: dict[str, float] = {}
    if asked.tempo is not None:
        found["tempo"] = float(abs(score.tempo - asked.tempo) < _TEMPO)
    if asked.bars is not None:
        found["bars"] = float(score.bars == asked.bars)
    if asked.parts is not None:
        found["parts"] = float(set(find_parts(score)) == set(asked.parts))
    if asked.swing is not None:
        found["swing"] = float(abs(score.swing - asked.swing) < _SWING)
    densities = find_densities(score)
    for part, wish, is_ in (
        ("drums", asked.drum_density, [d.drums for d in densities]),
        ("bass", asked.bass_density, [d.bass for d in densities]),
    ):
        wishes = list(wish) if isinstance(wish, tuple) else [wish] * len(is_)
        errors = [abs(a - b) for a, b in zip(wishes, is_) if a is not None]
        if errors:
            found[f"{part}_density"] = sum(e == 0 for e in errors) / len(errors)
            found[f"{part}_density_near"] = sum(e <= 1 for e in errors) / len(errors)
    return found


def read_asked(path: Path) -> dict[str, Asked]:
    """Read what was asked of the pieces of a folder: JSON, by the stems of their files.

    Raises:
        MissingFileError: If the file is not there.
        EvaluationError: If it is not as it should be.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there; give a JSON file with what was asked by piece") from None
    except (OSError, ValueError, RecursionError) as error:
        raise EvaluationError(f"{path} is no JSON file: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(wish, dict) for wish in content.values()):
        raise EvaluationError(f'{path} must hold an object by stems, as in {{"idea-1": {{"tempo": 138, "bars": 16}}}}')
    return {str(name): _read_wish(path, str(name), wish) for name, wish in content.items()}


def _read_wish(path: Path, name: str, wish: Mapping[str, Any]) -> Asked:
    known = {field.name for field in fields(Asked)}
    if unknown := sorted(set(wish) - known):
        raise EvaluationError(f"{path}, {name}: {unknown[0]!r} cannot be asked; {', '.join(sorted(known))} can")
    for key, value in wish.items():
        many = key in _LISTS and isinstance(value, list)
        kind: tuple[type, ...] = (str,) if key == "parts" else (int, float)
        known_kind = [isinstance(x, kind) and not isinstance(x, bool) for x in (value if many else [value])]
        if not (
            all(known_kind) if key == "parts" or not many else all(x is None or ok for x, ok in zip(value, known_kind))
        ):
            raise EvaluationError(f"{path}, {name}: {key} cannot be {value!r}")
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in wish.items()}
    if isinstance(made.get("parts"), str):
        made["parts"] = (made["parts"],)
    return Asked(**made)


def _wishes(value: Wish) -> Iterable[int | None]:
    return value if isinstance(value, tuple) else (value,)
