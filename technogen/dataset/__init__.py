"""Data sets: building, reading and checking them; import, augmentation, and what models are trained on."""

from technogen.dataset.building import BuildResult, build_dataset
from technogen.dataset.checking import check_dataset
from technogen.dataset.config import DatasetConfig
from technogen.dataset.describing import Description, describe_dataset
from technogen.dataset.reading import Dataset, Row, read_dataset
from technogen.dataset.tracks import Entry

__all__ = [
    "BuildResult",
    "Dataset",
    "DatasetConfig",
    "Description",
    "Entry",
    "Row",
    "build_dataset",
    "check_dataset",
    "describe_dataset",
    "read_dataset",
]
