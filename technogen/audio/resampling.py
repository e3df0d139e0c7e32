"""Sound at another sample rate."""

import numpy as np

from technogen.audio.types import Audio, check_rate


def resample(audio: Audio, sample_rate: int) -> Audio:
    """The same sound at another sample rate in Hz; at the same rate, the same audio.

    Raises:
        AudioError: If the rate is no whole number in 1,000..768,000.
    """
    rate = check_rate(sample_rate)
    if rate == audio.sample_rate:
        return audio
    import soxr  # noqa: PLC0415

    samples = soxr.resample(audio.samples, audio.sample_rate, rate)
    if len(samples) == 0:  # less than one sample at the new rate
        samples = audio.samples[:1]
    return Audio(np.asarray(samples, np.float32), rate)
