"""Data sets: building, reading and checking them; import, augmentation, and what models are trained on."""

from technogen.dataset.building import BuildResult, build_dataset
from technogen.dataset.checking import check_dataset
from technogen.dataset.config import DatasetConfig
from technogen.dataset.corpus import CorpusConfig, write_corpus
from technogen.dataset.corpus_files import Corpus, read_corpus
from technogen.dataset.describing import Description, describe_dataset
from technogen.dataset.importing import Imported, ImportReport, import_midi
from technogen.dataset.reading import Dataset, Row, read_dataset
from technogen.dataset.tracks import Entry

__all__ = [
    "BuildResult",
    "Corpus",
    "CorpusConfig",
    "Dataset",
    "DatasetConfig",
    "Description",
    "Entry",
    "ImportReport",
    "Imported",
    "Row",
    "build_dataset",
    "check_dataset",
    "describe_dataset",
    "import_midi",
    "read_corpus",
    "read_dataset",
    "write_corpus",
]
