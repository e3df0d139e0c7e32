"""Every exception that TechnoGen raises on purpose.

Their tree::

    TechnoGenError
    ├── ScoreError           a note, control, section or score that cannot be (ValueError)
    ├── AudioError           audio that cannot be read, written or used (ValueError)
    ├── MidiError            a MIDI file that cannot be read or written (ValueError)
    ├── TokenError           tokens that are no score, or a score that is no tokens (ValueError)
    ├── TranscriptionError   options that transcription cannot follow (ValueError)
    ├── GenerationError      options or prompts that generation cannot follow (ValueError)
    ├── RenderError          options that rendering cannot follow (ValueError)
    ├── SoundfontError       a soundfont that cannot be read (ValueError)
    ├── WeightsError         a checkpoint that cannot be read (ValueError)
    ├── TrainingError        training that cannot start or go on (ValueError)
    ├── DatasetError         a data set that cannot be built or read (ValueError)
    ├── EvaluationError      a truth that cannot be read, or that a prediction cannot be held against (ValueError)
    ├── ListeningError       a listening test that cannot be planned, or answers that cannot be (ValueError)
    ├── ParallelError        processes or machines that cannot be had (RuntimeError)
    ├── SourceChangedError   a file that changed while it was read (OSError)
    ├── MissingFileError     a path that is not there, or is a folder (FileNotFoundError)
    ├── OutputError          a path that cannot be written, or would be overwritten (OSError)
    └── MissingBackendError  an optional package that is not installed (ImportError)
"""


class TechnoGenError(Exception):
    """The base of all errors that TechnoGen raises on purpose."""


class ScoreError(TechnoGenError, ValueError):
    """A note, control, section or score that cannot be."""


class AudioError(TechnoGenError, ValueError):
    """Audio that cannot be read, written or used."""


class MidiError(TechnoGenError, ValueError):
    """A MIDI file that cannot be read or written."""


class TokenError(TechnoGenError, ValueError):
    """Tokens that are no score, or a score that is no tokens."""


class TranscriptionError(TechnoGenError, ValueError):
    """Options that transcription cannot follow."""


class GenerationError(TechnoGenError, ValueError):
    """Options or prompts that generation cannot follow."""


class RenderError(TechnoGenError, ValueError):
    """Options that rendering cannot follow."""


class SoundfontError(TechnoGenError, ValueError):
    """A soundfont that cannot be read."""


class WeightsError(TechnoGenError, ValueError):
    """A checkpoint that cannot be read."""


class TrainingError(TechnoGenError, ValueError):
    """Training that cannot start or go on."""


class DatasetError(TechnoGenError, ValueError):
    """A data set that cannot be built or read, or choices that it cannot be built by."""


class EvaluationError(TechnoGenError, ValueError):
    """A truth that cannot be read, or that a prediction cannot be held against."""


class ListeningError(TechnoGenError, ValueError):
    """A listening test that cannot be planned or reported, or an answer that cannot be."""


class ParallelError(TechnoGenError, RuntimeError):
    """Processes or machines that cannot be had, or that died."""


class SourceChangedError(TechnoGenError, OSError):
    """A file that changed while it was read."""


class MissingFileError(TechnoGenError, FileNotFoundError):
    """A path that is not there, or is a folder where a file is needed."""


class OutputError(TechnoGenError, OSError):
    """A path that cannot be written, or would be overwritten."""


class MissingBackendError(TechnoGenError, ImportError):
    """An optional package that is not installed; the message holds the line that installs it."""
