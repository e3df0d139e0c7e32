"""What the ear's confidences mean: evidence becomes the probability of being right, by curves fitted to known pieces.

A confidence of a hit is the probability that its time is right within 50 ms, and its class; of a note, its start within
50 ms, and its pitch; of an accent or a slide, that the flag is right where the note is; of the tempo, that it is within
0.05 beats a minute; of the downbeats, that bars start there; of a part, the F measure to expect of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technogen.errors import WeightsError
from technogen.transcription.types import BassNote, DrumHit, Transcription

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

EVIDENCE: dict[str, tuple[str, ...]] = {
    "drum": ("odds", "pulse"),
    "note": ("margin", "level", "repeats", "low", "gated", "line"),
    "deep": ("margin", "level", "repeats", "low", "gated", "line"),
    "accent": ("beside", "moderate", "rare"),
    "plain": ("beside", "moderate", "common"),
    "slide": ("held", "soft"),
    "apart": ("gap", "attack"),
    "tempo": ("odds",),
    "downbeat": ("odds",),
    "drums": ("mean", "pulse"),
    "bass": ("mean", "line"),
}
"""What each kind of confidence is judged by.

"deep" is a note of a bass that was heard below other instruments, "plain" a note without an accent, "apart" one that
does not slide.
"""
_CLASSES = {36: "kick", 37: "rim", 38: "snare", 39: "clap", 42: "closed hat", 46: "open hat", 49: "crash", 51: "ride"}
_CLASSES |= {35: "kick", 40: "snare", 44: "closed hat", 52: "crash", 55: "crash", 57: "crash", 53: "ride", 59: "ride"}
_CLASSES |= dict.fromkeys((41, 43, 45, 47, 48, 50), "tom")
VERSION = 1
_TABLE = ("checkpoints", "confidence.json")
_MOST_ODDS = 6.0  # nats: no more is said of anything
_SURE = 1e-3


@dataclass(frozen=True, slots=True)
class Curve:
    """Log odds of being right: a bias, plus each evidence, kept between `lows` and `highs`, times its weight.

    No weight is below 0: more evidence never makes anything less sure.
    """

    bias: float
    weights: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    def judge(self, evidence: Matrix) -> Vector:
        """Probabilities, (n,), from evidence, (n, len(weights))."""
        kept = np.clip(np.nan_to_num(evidence), self.lows, self.highs)
        odds = np.clip(self.bias + kept @ np.array(self.weights), -_MOST_ODDS, _MOST_ODDS)
        return np.asarray(1 / (1 + np.exp(-odds)))


Curves = Mapping[str, Curve]


@dataclass(frozen=True, slots=True, eq=False)
class NoteEvidence:
    """What speaks for notes, their slides and their accents, by the names of `EVIDENCE`: (n, evidence) each.

    `deep` says that the line was heard below other instruments.
    """

    deep: bool = False
    notes: Matrix = field(default_factory=lambda: np.zeros((0, len(EVIDENCE["note"]))))
    slides: Matrix = field(default_factory=lambda: np.zeros((0, len(EVIDENCE["slide"]))))
    apart: Matrix = field(default_factory=lambda: np.zeros((0, len(EVIDENCE["apart"]))))
    accents: Matrix = field(default_factory=lambda: np.zeros((0, len(EVIDENCE["accent"]))))
    plain: Matrix = field(default_factory=lambda: np.zeros((0, len(EVIDENCE["plain"]))))


def load_curves(path: str | Path | None = None) -> dict[str, Curve]:
    """Read the curves of a table; without a path, those in the package.

    Raises:
        WeightsError: If the file cannot be read, or holds no such table.
    """
    table = Path(path) if path is not None else Path(str(files("technogen"))).joinpath(*_TABLE)
    try:
        content = json.loads(table.read_bytes())
        version, rows = content["version"], content["curves"]
        curves = {kind: _read_curve(row) for kind, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{table}: no table of confidences ({error}); install the package again") from error
    if version != VERSION:
        raise WeightsError(f"{table}: a table of confidences of version {version}; this version reads {VERSION}")
    return curves


def _read_curve(row: Mapping[str, Any]) -> Curve:
    weights, lows, highs = (tuple(map(float, row[name])) for name in ("weights", "lows", "highs"))
    return Curve(float(row["bias"]), weights, lows, highs)


def calibrate(kind: str, evidence: Sequence[Sequence[float]] | Matrix, curves: Curves | None = None) -> Vector:
    """The probabilities of being right, (n,).

    Args:
        kind: Of `EVIDENCE`.
        evidence: By the names of `EVIDENCE`, (n, evidence).
        curves: From `load_curves`, which is asked if they are not given.

    Raises:
        WeightsError: If there is no curve of that kind.
    """
    curves = load_curves() if curves is None else curves
    curve = curves.get(kind)
    if curve is None:
        raise WeightsError(f"no curve for the confidence of {kind!r}; there are: {', '.join(sorted(curves))}")
    return curve.judge(np.asarray(evidence, dtype=np.float64).reshape(-1, len(curve.weights)))


def log_odds(probability: float) -> float:
    """The logarithm of the odds of a probability; 0 and 1 are taken as nearly so."""
    sure = min(max(float(probability), _SURE), 1 - _SURE)
    return float(np.log(sure / (1 - sure)))


def drum_evidence(hits: Sequence[DrumHit], tempo_confidence: float) -> Matrix:
    """Evidence of hits before calibration, (n, 2): their log odds, and those of the tempo."""
    pulse = log_odds(tempo_confidence)
    return np.array([(log_odds(hit.confidence), pulse) for hit in hits], dtype=np.float64).reshape(-1, 2)


def drum_class(pitch: int) -> str:
    """The class of a General MIDI drum note, as in "clap": all toms are one, and so is other percussion."""
    return _CLASSES.get(pitch, "percussion")


def calibrate_notes(notes: Sequence[BassNote], evidence: NoteEvidence) -> tuple[BassNote, ...]:
    """The same notes with the probabilities that they, their accents and their slides are right."""
    curves = load_curves()
    sure = calibrate("deep" if evidence.deep else "note", evidence.notes, curves)
    slides, apart = calibrate("slide", evidence.slides, curves), calibrate("apart", evidence.apart, curves)
    accents, plain = calibrate("accent", evidence.accents, curves), calibrate("plain", evidence.plain, curves)
    return tuple(
        replace(
            note,
            confidence=_round(sure[i]),
            accent_confidence=_round(accents[i] if note.accent else plain[i]),
            slide_confidence=_round(slides[i] if note.slide else apart[i]),
        )
        for i, note in enumerate(notes)
    )


def calibrate_transcription(heard: Transcription, *, own_beats: bool = True, own_bass: bool = True) -> Transcription:
    """A transcription whose confidences are probabilities.

    The notes of its bass were calibrated where they were heard. What other trackers say of themselves stays as it is.

    Args:
        heard: With what the ear says of hits, tempo, downbeats and parts before calibration.
        own_beats: Whether tempo and downbeats are the ear's own.
        own_bass: Whether the bass is.
    """
    curves = load_curves()
    drums = _calibrate_hits(heard, curves)
    confidence = dict(heard.confidence)
    pulse = log_odds(confidence.get("tempo", 0.0))
    if own_beats:
        for kind, there in (("tempo", heard.tempo is not None), ("downbeat", bool(heard.downbeats))):
            value = confidence.get(kind, 0.0)
            confidence[kind] = _round(calibrate(kind, [[log_odds(value)]], curves)[0]) if there and value else 0.0
    confidence["drums"] = _judge_part("drums", [hit.confidence for hit in drums], pulse, curves)
    if own_bass:
        line = log_odds(confidence.get("bass", 0.0))
        confidence["bass"] = _judge_part("bass", [note.confidence for note in heard.bass], line, curves)
    return replace(heard, drums=drums, confidence=confidence)


def _calibrate_hits(heard: Transcription, curves: Curves) -> tuple[DrumHit, ...]:
    sure = calibrate("drum", drum_evidence(heard.drums, heard.confidence.get("tempo", 0.0)), curves)
    return tuple(replace(hit, confidence=_round(value)) for hit, value in zip(heard.drums, sure))


def part_evidence(confidences: Sequence[float], other: float) -> tuple[float, float]:
    """Evidence of a part: the log odds of the mean of its events' confidences, and other log odds."""
    return log_odds(float(np.mean(confidences))), other


def _judge_part(kind: str, confidences: Sequence[float], other: float, curves: Curves) -> float:
    """What is not there is not trusted."""
    return _round(calibrate(kind, [part_evidence(confidences, other)], curves)[0]) if confidences else 0.0


def _round(value: float) -> float:
    return round(float(value), 3)
