"""`technogen evaluate`: how good transcriptions are, in words, as CSV, or as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogen.cli.console import refuse_overwriting, say
from technogen.files import write_text

if TYPE_CHECKING:
    from technogen.evaluation import Evaluated, Evaluation, Figure

_SHOWN_ITEM = ("beat_f", "downbeat_f", "bpm_error", "drums_five/sum", "drums_techno/sum", "bass/note", "sections")
_COLUMNS = ("of", "recordings", "figure", "value", "precision", "recall", "matched", "truth", "found")


@dataclass(frozen=True, slots=True)
class _Table:
    """The figures of some recordings under a name."""

    name: str
    recordings: int
    figures: tuple[Figure, ...]


def measure(truth: Path, predictions: Path, *, out: Path | None, items: bool, as_csv: bool, force: bool) -> None:
    """Print how good transcriptions are: of all recordings, of each folder where there are several, and of each one."""
    from technogen.evaluation import evaluate_files  # noqa: PLC0415

    if out is not None:
        refuse_overwriting([out], force=force)
    evaluation = evaluate_files(truth, predictions)
    tables = list(_tables(evaluation))
    single = [_table(item.name, [item]) for item in evaluation.items] if items else []
    if out is not None:
        write_text(out, _as_json(evaluation, tables))
    if as_csv:
        say(_as_csv([*tables, *single]))
        return
    for line in (*_item_lines(single), *(line for table in tables for line in _in_words(table))):
        say(line)
    for line in _remarks(evaluation):
        say(line)
    if out is not None:
        say(f"  {out}")


def _tables(evaluation: Evaluation) -> Iterator[_Table]:
    groups = sorted({item.group for item in evaluation.items})
    if len(groups) > 1:
        for group in groups:
            yield _table(group or ".", [item for item in evaluation.items if item.group == group])
    yield _table("all", evaluation.items)


def _table(name: str, items: Iterable[Evaluated]) -> _Table:
    from technogen.evaluation import summarise_figures  # noqa: PLC0415

    figures = [item.figures for item in items]
    return _Table(name, len(figures), summarise_figures(figures))


def _in_words(table: _Table) -> Iterator[str]:
    yield f"{table.name}: {_recordings(table.recordings)}"
    yield f"  {'':<48}{'value':>8}{'precision':>11}{'recall':>8}{'right':>8}{'true':>8}{'found':>8}"
    for figure in table.figures:
        if figure.value is None:
            continue
        line = f"  {figure.words:<48}{figure.value:8.3f}"
        if (c := figure.counts) is not None:
            line += f"{_number(c.precision):>11}{_number(c.recall):>8}{c.matched:>8}{c.truth:>8}{c.found:>8}"
        yield line
    yield ""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _recordings(count: int) -> str:
    return f"{count} recording{'s' if count > 1 else ''}"


def _item_lines(tables: list[_Table]) -> Iterator[str]:
    for table in tables:
        values = {f.key: f.value for f in table.figures if f.value is not None}
        shown = "  ".join(f"{key} {values[key]:.3f}" for key in _SHOWN_ITEM if key in values)
        yield f"{table.name}: {shown}"
    if tables:
        yield ""


def _remarks(evaluation: Evaluation) -> Iterator[str]:
    if missing := [item.name for item in evaluation.items if item.missing]:
        count = f"{_recordings(len(missing))} without a prediction, counted as nothing found"
        yield f"{count}: {', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}"
    if evaluation.unused:
        yield f"{len(evaluation.unused)} predictions without a truth, left out"
    yield "F measures of drums, notes and sections count all events together; those of beats are means over recordings."


def _as_csv(tables: list[_Table]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for table in tables:
        for f in table.figures:
            c = f.counts
            counts = (c.precision, c.recall, c.matched, c.truth, c.found) if c else ("",) * 5
            writer.writerow((table.name, table.recordings, f.key, *(_cell(x) for x in (f.value, *counts))))
    return text.getvalue().rstrip("\n")


def _cell(value: float | str | None) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)


def _as_json(evaluation: Evaluation, tables: list[_Table]) -> str:
    content = {
        "recordings": len(evaluation.items),
        "missing": [item.name for item in evaluation.items if item.missing],
        "unused": [str(path) for path in evaluation.unused],
        "figures": _values(tables[-1]),
        "folders": {table.name: _values(table) for table in tables[:-1]},
        "items": {item.name: _values(_table(item.name, [item])) for item in evaluation.items},
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _values(table: _Table) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for f in table.figures:
        values[f.key] = {"value": f.value}
        if (c := f.counts) is not None:
            values[f.key] |= {"precision": c.precision, "recall": c.recall}
            values[f.key] |= {"matched": c.matched, "truth": c.truth, "found": c.found}
    return values
