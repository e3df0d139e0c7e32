"""Sampled sound, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from technogen.errors import AudioError

if TYPE_CHECKING:
    from technogen.audio.writing import BitDepth

Samples = NDArray[np.float32]

MIN_RATE, MAX_RATE = 1_000, 768_000
"""Sample rates in Hz."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:  # noqa: PLW1641 - samples can be changed, so there is no hash
    """Sampled sound.

    Attributes:
        samples: float32 in -1..1, shape (n,) for mono or (n, 2) for stereo, at least one; floats of other widths
            are converted. Values beyond -1..1 are kept until they are written to a format that cannot hold them.
        sample_rate: Samples a second, 1,000..768,000.

    Raises:
        AudioError: If there are no samples, or they are not floats, not finite, or of another shape.
    """

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _check_samples(self.samples))
        object.__setattr__(self, "sample_rate", check_rate(self.sample_rate))

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

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo."""
        return self.samples.ndim

    def mono(self) -> Samples:
        """The samples mixed down to one channel, (n,)."""
        return self.samples if self.samples.ndim == 1 else mix_down(self.samples)

    def save(self, path: str | Path, *, bit_depth: BitDepth = 24) -> None:
        """Write a file in the format of its ending; see `technogen.audio.write_audio`."""
        from technogen.audio.writing import write_audio  # noqa: PLC0415

        write_audio(self, path, bit_depth=bit_depth)

    def _repr_html_(self) -> str:
        from technogen.audio.picture import draw_audio  # noqa: PLC0415

        return draw_audio(self)


def mix_down(samples: Samples) -> Samples:
    """The mean of the channels, (n, channels) to (n,); many times faster than numpy's mean over a short axis."""
    mixed: Samples = samples[:, 0].copy()
    for channel in range(1, samples.shape[1]):
        mixed += samples[:, channel]
    mixed /= samples.shape[1]
    return mixed


def check_rate(sample_rate: int) -> int:
    """The sample rate as a plain int.

    Raises:
        AudioError: If it is no whole number in `MIN_RATE`..`MAX_RATE`.
    """
    try:
        rate = index(sample_rate)
    except TypeError:
        rate = -1
    if isinstance(sample_rate, bool) or not MIN_RATE <= rate <= MAX_RATE:
        raise AudioError(f"a sample rate must be a whole number in {MIN_RATE}..{MAX_RATE} Hz, got {sample_rate!r}")
    return rate


def _check_samples(samples: Samples) -> Samples:
    try:
        array = np.asarray(samples)
    except ValueError as error:
        raise AudioError(f"samples must be an array of shape (n,) or (n, 2): {error}") from error
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.shape[1] != 2):
        raise AudioError(f"samples must have shape (n,) or (n, 2), got {array.shape}")
    if len(array) == 0:
        raise AudioError("samples must be at least one, got none")
    if not np.issubdtype(array.dtype, np.floating):
        raise AudioError(f"samples must be floats in -1..1, got {array.dtype}; divide 16-bit samples by 32768")
    # The extremes, because they need no second array of this size and are NaN where one sample is.
    if not (np.isfinite(array.min()) and np.isfinite(array.max())):
        raise AudioError("samples must be finite, got NaN or infinity; numpy.nan_to_num mends that")
    return array.astype(np.float32, copy=False)
