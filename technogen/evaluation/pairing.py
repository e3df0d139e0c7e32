"""Which truth belongs to which prediction: two files, or two folders by the names of their files."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from technogen.errors import EvaluationError, MissingFileError
from technogen.evaluation.matching import require_mir_eval
from technogen.evaluation.transcription import TranscriptionFigures, evaluate_transcription
from technogen.evaluation.truth import Annotation, read_annotation
from technogen.evaluation.truth_csv import CSV_PARTS

_log = logging.getLogger(__name__)

_WHOLE = (".json", ".mid", ".midi")
_FORMS = "STEM.json, STEM.mid, or STEM.beats.csv, .drums.csv, .notes.csv, .knobs.csv and .sections.csv"


@dataclass(frozen=True, slots=True)
class Pair:
    """A truth with its prediction.

    Attributes:
        name: The stem that both share, with its folder where there are several.
        truth: As `read_annotation` takes it.
        prediction: Likewise; None where there is none.
    """

    name: str
    truth: Path
    prediction: Path | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures of one recording.

    Attributes:
        name: As in `Pair`.
        figures: Of its transcription.
        missing: Whether there is no prediction of it, so that nothing was found.
    """

    name: str
    figures: TranscriptionFigures
    missing: bool = False

    @property
    def group(self) -> str:
        """The folder of the truth; empty where there is none."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of several recordings.

    Attributes:
        items: One a truth, by name.
        unused: Predictions for which there is no truth.
    """

    items: tuple[Evaluated, ...]
    unused: tuple[Path, ...] = ()


def evaluate_files(truth: str | Path, predictions: str | Path) -> Evaluation:
    """Measure transcriptions against truths, file by file.

    Args:
        truth: A folder, or one file, of what `read_annotation` reads. Of several for one recording, CSV comes before
            JSON, and JSON before MIDI.
        predictions: A folder, or one file; JSON comes before MIDI. A recording without a prediction counts as one where
            nothing was found.

    Raises:
        MissingFileError: If one of the two is not there.
        EvaluationError: If no names match, two of one folder are the same, a file cannot be read, or a truth and its
            prediction cannot be of one recording.
        MissingBackendError: If mir_eval is not installed.
    """
    require_mir_eval()
    pairs, unused = pair_files(Path(truth), Path(predictions))
    return Evaluation(tuple(_evaluate(pair) for pair in pairs), unused)


def pair_files(truth: Path, predictions: Path) -> tuple[tuple[Pair, ...], tuple[Path, ...]]:
    """Find the prediction of each truth: at the same place in its folder, else by the stem alone.

    Returns:
        The pairs by name, and the predictions that have no truth.

    Raises:
        MissingFileError: If a path is not there.
        EvaluationError: If no names match, or names are not unique.
    """
    for path in (truth, predictions):
        if not path.exists():
            raise MissingFileError(f"{path} is not there; give a folder or a file")
    if truth.is_dir() != predictions.is_dir():
        raise EvaluationError(f"{truth} and {predictions} must be two folders, or two files")
    if not truth.is_dir():
        return (Pair(truth.name, truth, predictions),), ()
    truths, found = _annotations(truth, csv=True), _annotations(predictions, csv=False)
    pairs = [Pair(name, path, _find(name, found)) for name, path in truths.items()]
    if not any(pair.prediction for pair in pairs):
        raise EvaluationError(
            f"no names match: {truth} holds {_some(truths)}, {predictions} holds {_some(found)}; "
            f"truths are {_FORMS}, predictions STEM.json or STEM.mid"
        )
    _check_unique(pairs)
    used = {pair.prediction for pair in pairs}
    return tuple(pairs), tuple(path for path in found.values() if path not in used)


def _evaluate(pair: Pair) -> Evaluated:
    prediction = read_annotation(pair.prediction) if pair.prediction else Annotation()
    if pair.prediction and pair.prediction.suffix != ".json" and pair.prediction.with_suffix(".beats").exists():
        _log.warning(
            "%s begins on a bar line, wherever its recording does; the times of the recording are in the JSON that "
            "`technogen transcribe --json` writes",
            pair.prediction,
        )
    try:
        figures = evaluate_transcription(read_annotation(pair.truth), prediction)
    except EvaluationError as error:
        known = str(error) if str(pair.truth) in str(error) else f"{pair.truth}: {error}"
        raise EvaluationError(known) from None
    return Evaluated(pair.name, figures, pair.prediction is None)


def _annotations(folder: Path, *, csv: bool) -> dict[str, Path]:
    """Each recording that a folder knows of, by its place and stem; the best form that there is of it."""
    found: dict[str, tuple[int, Path]] = {}
    for path in sorted(folder.rglob("*")):
        for rank, stem, source in _forms(path, csv=csv):
            name = (path.relative_to(folder).parent / stem).as_posix()
            found[name] = min(found.get(name, (rank, source)), (rank, source))
    return {name: found[name][1] for name in sorted(found)}


def _forms(path: Path, *, csv: bool) -> Iterator[tuple[int, str, Path]]:
    """The rank of a file's form, its stem, and what to read."""
    if path.suffix.lower() in _WHOLE:
        yield 1 + (path.suffix.lower() != ".json"), path.stem, path
    for part in CSV_PARTS if csv else ():
        if path.name.endswith(f".{part}.csv"):
            stem = path.name.removesuffix(f".{part}.csv")
            yield 0, stem, path.with_name(stem)


def _find(name: str, found: dict[str, Path]) -> Path | None:
    if name in found:
        return found[name]
    alike = [path for other, path in found.items() if _stem(other) == _stem(name)]
    if len(alike) > 1:
        raise EvaluationError(f"{alike[0]} and {alike[1]} may both be the prediction of {name}; keep one of them")
    return alike[0] if alike else None


def _check_unique(pairs: list[Pair]) -> None:
    taken: dict[Path, str] = {}
    for pair in pairs:
        if pair.prediction and taken.setdefault(pair.prediction, pair.name) != pair.name:
            other = taken[pair.prediction]
            raise EvaluationError(
                f"{pair.prediction} may be the prediction of {other} and of {pair.name}; put the predictions into "
                "folders like those of the truth (technogen transcribe --keep-folders)"
            )


def _stem(name: str) -> str:
    return name.rpartition("/")[2]


def _some(names: dict[str, Path]) -> str:
    shown = ", ".join(list(names)[:3])
    return f"{len(names)} recordings ({shown}{', ...' if len(names) > 3 else ''})" if names else "no recordings"
