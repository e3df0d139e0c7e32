"""Windows of sound as arrays: samples, amplitudes by frequency, decibels by mel band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio
from technogen.dataset.config import DatasetConfig, Representation
from technogen.dataset.windows import Window
from technogen.errors import DatasetError

Array = NDArray[np.float32]

LOWEST_MEL_HZ = 20.0
FLOOR_DECIBELS = -100.0
_BLOCK_FRAMES = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """What turns the sound of one data set into arrays.

    Attributes:
        config: The choices.
        bank: Mel bands over the bins of a spectrum, (bins, bands); None where no mel is asked for.
    """

    config: DatasetConfig
    bank: Array | None

    def view(self, samples: Array, representation: Representation) -> Array:
        """The array of a window.

        Args:
            samples: (n,), or (n, 2) in stereo.
            representation: "raw": the samples as they are. "spectrogram": (frames, bins), amplitudes, 1 for a sine of
                full scale, the bins `fft_size / sample_rate` apart. "mel": (frames, bands), decibels, 0 for a sine of
                full scale in the middle of a band, not below -100. In stereo the channels come first:
                (2, frames, ...). Frame i is centred `i * fft_hop` samples after the start; beyond the window it
                sees silence.
        """
        if representation == "raw":
            return samples
        channels = [samples] if samples.ndim == 1 else [samples[:, 0], samples[:, 1]]
        views = [self._view_channel(np.ascontiguousarray(channel), representation) for channel in channels]
        return views[0] if len(views) == 1 else np.stack(views)

    def _view_channel(self, samples: Array, representation: Representation) -> Array:
        size, hop = self.config.fft_size, self.config.fft_hop
        frames = len(samples) // hop + 1
        padded = np.zeros((frames - 1) * hop + size, np.float32)
        padded[size // 2 : size // 2 + len(samples)] = samples[: len(padded) - size // 2]
        cut = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
        blocks = [self._measure(cut[at : at + _BLOCK_FRAMES], representation) for at in range(0, frames, _BLOCK_FRAMES)]
        return np.concatenate(blocks)

    def _measure(self, frames: Array, representation: Representation) -> Array:
        from scipy.fft import rfft  # noqa: PLC0415

        taper = np.hanning(self.config.fft_size + 1)[:-1].astype(np.float32)
        spectrum = rfft(frames * taper, axis=1)
        scale = np.float32(2 / taper.sum())
        if representation == "spectrogram" or self.bank is None:
            return np.asarray(np.abs(spectrum) * scale, np.float32)
        power = (spectrum.real**2 + spectrum.imag**2) * scale**2 @ self.bank
        decibels = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DECIBELS / 10)))
        return np.asarray(np.maximum(decibels, FLOOR_DECIBELS), np.float32)


def make_lens(config: DatasetConfig) -> Lens:
    """What a data set's choices ask for.

    Raises:
        DatasetError: If there are more mel bands than the frames can tell apart.
    """
    return Lens(config, _mel_bank(config) if "mel" in config.representations else None)


def cut_samples(audio: Audio, window: Window) -> Array:
    """The samples of a window: (n,) or (n, 2); before the start and after the end of the recording there is silence.

    The first is number `round(start_seconds * sample_rate)`.
    """
    start = round(window.start_seconds * audio.sample_rate)
    count = max(1, round(window.seconds * audio.sample_rate))
    cut = np.zeros((count, *audio.samples.shape[1:]), np.float32)
    inside = audio.samples[max(0, start) : max(0, start + count)]
    cut[max(0, -start) : max(0, -start) + len(inside)] = inside
    return cut


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mels to hertz, by 2595 log10(1 + hz / 700)."""
    return np.asarray(700 * (10 ** (mel / 2595) - 1))


def hz_to_mel(hz: float) -> float:
    """Hertz to mels."""
    return float(2595 * np.log10(1 + hz / 700))


def _mel_bank(config: DatasetConfig) -> Array:
    """Triangles of height 1 over the bins, each from the middle of the band below to that of the band above."""
    bins = np.arange(config.fft_size // 2 + 1) * config.sample_rate / config.fft_size
    edges = mel_to_hz(np.linspace(hz_to_mel(LOWEST_MEL_HZ), hz_to_mel(config.sample_rate / 2), config.mel_bands + 2))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (middle - low)
    falling = (high - bins[:, None]) / (high - middle)
    bank = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    if not (bank.max(axis=0) > 0).all():
        raise DatasetError(
            f"{config.mel_bands} mel bands are more than frames of {config.fft_size} samples can tell apart at "
            f"{config.sample_rate} Hz; ask for fewer, or for longer frames (fft_size)"
        )
    return bank
