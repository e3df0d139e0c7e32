"""From files to data sets: building, reading and checking them; import, augmentation, and what models are trained on."""

from technogen.dataset.building import BuildResult, build_dataset
from technogen.dataset.config import DatasetConfig
from technogen.dataset.reading import Dataset, Row, read_dataset
from technogen.dataset.tracks import Entry

__all__ = ["BuildResult", "Dataset", "DatasetConfig", "Entry", "Row", "build_dataset", "read_dataset"]
