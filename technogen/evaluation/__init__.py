"""How good what TechnoGen makes is: transcriptions against annotations, music and sound against those of people."""

from technogen.evaluation.generation import GenerationFigures, Judging, evaluate_generation, evaluate_generation_files
from technogen.evaluation.matching import Counts
from technogen.evaluation.music.adherence import Asked
from technogen.evaluation.music.measures import Measure
from technogen.evaluation.music.page import write_page
from technogen.evaluation.pairing import Evaluated, Evaluation, evaluate_files
from technogen.evaluation.sound import SoundFigures, evaluate_audio, evaluate_audio_files
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
    "Asked",
    "BassFigures",
    "BeatFigures",
    "Counts",
    "DrumFigures",
    "Evaluated",
    "Evaluation",
    "Figure",
    "GenerationFigures",
    "Judging",
    "Measure",
    "SoundFigures",
    "TranscriptionFigures",
    "TrueHit",
    "TrueNote",
    "annotate",
    "evaluate_audio",
    "evaluate_audio_files",
    "evaluate_files",
    "evaluate_generation",
    "evaluate_generation_files",
    "evaluate_transcription",
    "read_annotation",
    "summarise_figures",
    "write_page",
]
