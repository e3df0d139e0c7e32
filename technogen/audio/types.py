"""Sampled sound, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.errors import AudioError

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Sampled sound.

    Attributes:
        samples: float32 in -1..1, shape (n,) for mono or (n, 2) for stereo.
        sample_rate: Samples a second.
    """

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[1] != 2):
            raise AudioError(f"samples must have shape (n,) or (n, 2), got {samples.shape}")
        object.__setattr__(self, "samples", samples)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Audio)
            and self.sample_rate == other.sample_rate
            and np.array_equal(self.samples, other.samples)
        )

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return len(self.samples) / self.sample_rate

    def mono(self) -> Samples:
        """The samples mixed down to one channel, (n,)."""
        return self.samples if self.samples.ndim == 1 else self.samples.mean(axis=1)

    def save(self, path: str | Path) -> None:
        """Write a file in the format of its ending; see `write_audio`."""
        from technogen.audio.files import write_audio  # noqa: PLC0415

        write_audio(self, path)
