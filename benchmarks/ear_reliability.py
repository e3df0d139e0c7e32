"""Fit the ear's confidences to pieces with exact truth, and show on other pieces that they are probabilities.

    python benchmarks/ear_reliability.py --cache /tmp/ear --fit --docs      (minutes on two cores)
    python benchmarks/ear_reliability.py --real ../shared/realdata --docs

Half of the pieces are for fitting, the others for the figures. `--fit` writes the table of the package, `--docs` the
picture and the table of the documentation. The cache is good for as long as nothing of the ear has changed. With
`--real` the figures are of recordings with annotations beside them; nothing is fitted to those.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from ear_curves import Group, fit_table, judge
from ear_observations import Observation, Row, observe, read_annotated
from ear_pieces import KINDS_OF_PIECES, make_piece
from ear_reliability_picture import draw_reliability

import technogen
from technogen.files import write_bytes
from technogen.transcription.confidence import VERSION, Curve, load_curves

PACKAGE = Path(technogen.__file__).parent
TABLE = PACKAGE / "checkpoints" / "confidence.json"
DOCS = PACKAGE.parent / "docs"
SHOWN = {
    "drum": "drum hits",
    "note": "bass notes",
    "accent": "accents",
    "slide": "slides",
    "tempo": "tempo",
    "downbeat": "bar one",
    "drums": "drums: F",
    "bass": "bass: F",
}
"""Groups of kinds, by the first word of a kind; flags that are not set count with those that are."""
_TOGETHER = {"deep": "note", "plain": "accent", "apart": "slide"}
Table = dict[str, Curve]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=480)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cache", type=Path, help="a folder for what was heard")
    parser.add_argument("--fit", action="store_true", help=f"write {TABLE.name} anew")
    parser.add_argument("--docs", action="store_true", help="write the picture and the table of the documentation")
    parser.add_argument("--real", type=Path, help="a folder of annotated recordings, for figures alone")
    options = parser.parse_args()
    if options.real:
        groups = gather_annotated(options.real)
        if options.docs:
            write_rows(groups, "Annotated recordings", "_ear_reliability_real.rst")
        return
    seen = hear_pieces(options.pieces, options.jobs, options.cache)
    fitting, others = (
        [each for number, each in enumerate(seen) if number // KINDS_OF_PIECES % 2 == half] for half in (0, 1)
    )
    if options.fit:
        write_table(fit_table(fitting))
    groups = gather(others, load_curves())
    print_figures(groups)
    if options.docs:
        write_docs(groups, len(others))


def gather_annotated(folder: Path) -> dict[str, Group]:
    """What was said of annotated recordings, printed by group as well."""
    groups: dict[str, list[Observation]] = {}
    for name, piece in read_annotated(folder):
        groups.setdefault(name, []).append(observe(piece))
    for name, seen in groups.items():
        print(f"\n{name}")
        print_figures(gather(seen, load_curves()))
    whole = gather((each for seen in groups.values() for each in seen), load_curves())
    print("\nall")
    print_figures(whole)
    return whole


def hear_pieces(count: int, jobs: int, cache: Path | None) -> list[Observation]:
    """What the ear says of pieces 0 to `count`, from the cache where they are in it."""
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
    hear = partial(_hear_piece, cache=cache, ear=_digest_ear())
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(hear, range(count), chunksize=4))


def _hear_piece(number: int, cache: Path | None, ear: str) -> Observation:
    path = cache / f"{ear}-{number}.json" if cache else None
    if path and path.exists():
        return _read_observation(json.loads(path.read_text()))
    seen = observe(make_piece(number))
    if path:
        write_bytes(path, json.dumps(asdict(seen)).encode())
    return seen


def _read_observation(content: dict[str, dict[str, list[list[float]]]]) -> Observation:
    rows = {
        kind: [Row(tuple(row["evidence"]), row["right"], row["before"]) for row in rows]  # type: ignore[call-overload]
        for kind, rows in content["rows"].items()
    }
    return Observation(rows, {part: tuple(figures) for part, figures in content["parts"].items()})  # type: ignore[misc]


def _digest_ear() -> str:
    """A name for the ear as it is: its network, its code, and that of the pieces."""
    ear = hashlib.sha256()
    here = Path(__file__).parent
    changing = [*sorted((PACKAGE / "transcription").glob("*.py")), PACKAGE / "checkpoints" / "ear.safetensors"]
    for path in (*changing, here / "ear_pieces.py", here / "ear_observations.py"):
        if path.name not in ("confidence.py", "picture.py"):
            ear.update(path.read_bytes())
    return ear.hexdigest()[:10]


def write_table(table: Table) -> None:
    """Write the table of the package, with the digest of the ear's network that it was fitted to."""
    network = hashlib.sha256((PACKAGE / "checkpoints" / "ear.safetensors").read_bytes()).hexdigest()
    curves = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(asdict(table[kind]))}" for kind in sorted(table))
    content = f'{{"version": {VERSION}, "ear": "{network}", "curves": {{\n{curves}\n}}}}\n'
    write_bytes(TABLE, content.encode())


def gather(seen: Iterable[Observation], table: Table) -> dict[str, Group]:
    """What was said after and before calibration, and what was right, by the names of `SHOWN`."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for each in seen:
        judged = judge(each, table)
        for kind, some in judged.items():
            first = kind.split(" ")[0]
            rows.setdefault(_TOGETHER.get(first, first), []).extend(some)
    return {kind: Group(*np.array(rows[kind]).T) for kind in SHOWN if rows.get(kind)}


@dataclass(frozen=True, slots=True)
class Figures:
    """How good confidences are: calibration error, Brier score, area under the curve."""

    error: float
    brier: float
    area: float


def measure(said: np.ndarray, right: np.ndarray) -> Figures:
    """Expected calibration error over ten bins of equal width, mean squared error, and the ROC's area."""
    bins = np.minimum((said * 10).astype(int), 9)
    error = sum(abs(float((said - right)[bins == b].sum())) for b in range(10)) / len(said)
    good, bad = said[right >= 0.5], said[right < 0.5]
    pairs = (good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean() if len(good) and len(bad) else np.nan
    return Figures(error, float(((said - right) ** 2).mean()), float(pairs))


def _lines(groups: dict[str, Group]) -> list[tuple[str, ...]]:
    lines = []
    for kind, group in groups.items():
        after, before = measure(group.said, group.right), measure(group.before, group.right)
        figures = (group.right.mean(), group.said.mean(), before.error, after.error, before.brier, after.brier)
        area = "" if np.isnan(after.area) else f"{after.area:.2f}"
        lines.append((SHOWN[kind], str(len(group.said)), *(f"{figure:.3f}" for figure in figures), area))
    return lines


HEADINGS = ("", "number", "right", "said", "ECE before", "ECE", "Brier before", "Brier", "AUC")


def print_figures(groups: dict[str, Group]) -> None:
    for line in (HEADINGS, *_lines(groups)):
        print("".join(f"{word:>13}" for word in line))


def write_docs(groups: dict[str, Group], pieces: int) -> None:
    """Write the picture and the table that the page on transcription includes."""
    titles = {SHOWN[kind]: group for kind, group in groups.items()}
    write_bytes(DOCS / "ear_reliability.svg", draw_reliability(titles).encode())
    write_rows(groups, f"{pieces} pieces that nothing was fitted to", "_ear_reliability.rst")


def write_rows(groups: dict[str, Group], title: str, name: str) -> None:
    """Write figures as a table of the documentation."""
    rows: Sequence[Sequence[str]] = [HEADINGS, *_lines(groups)]
    table = [f".. list-table:: {title}", "   :header-rows: 1", ""]
    for row in rows:
        table += [f"   {' ' if i else '*'} - {word}".rstrip() for i, word in enumerate(row)]
    write_bytes(DOCS / name, ("\n".join(table) + "\n").encode())


if __name__ == "__main__":
    main()
