"""How loud sound is to a listener, in LUFS."""

import math
import warnings

from technogen.audio.types import Audio

BLOCK_SECONDS = 0.4
"""The length of the blocks whose loudness is averaged, from the standard."""


def measure_loudness(audio: Audio) -> float:
    """The integrated loudness in LUFS; minus infinity for silence.

    Sound shorter than the standard's block of 0.4 s is measured as one block.

    References:
        ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level".
    """
    import pyloudnorm  # noqa: PLC0415

    if not audio.samples.any():
        return -math.inf
    meter = pyloudnorm.Meter(audio.sample_rate, block_size=min(BLOCK_SECONDS, audio.seconds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the logarithm of no block above the gate
        return float(meter.integrated_loudness(audio.samples))
