"""How good what TechnoGen does is: transcriptions against annotated recordings, by the measures of the literature."""

from technogen.evaluation.matching import Counts
from technogen.evaluation.pairing import Evaluated, Evaluation, evaluate_files
from technogen.evaluation.summary import Figure, summarise_figures
from technogen.evaluation.transcription import (
    Agreement,
    BassFigures,
    BeatFigures,
    DrumFigures,
    TranscriptionFigures,
    evaluate_transcription,
)
from technogen.evaluation.truth import Annotation, TrueHit, TrueNote, annotate, read_annotation

__all__ = [
    "Agreement",
    "Annotation",
    "BassFigures",
    "BeatFigures",
    "Counts",
    "DrumFigures",
    "Evaluated",
    "Evaluation",
    "Figure",
    "TranscriptionFigures",
    "TrueHit",
    "TrueNote",
    "annotate",
    "evaluate_files",
    "evaluate_transcription",
    "read_annotation",
    "summarise_figures",
]
