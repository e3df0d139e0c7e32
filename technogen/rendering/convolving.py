"""Rooms: noise that dies away, and convolution with it block by block."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

PARTITION = 16_384
_FALL = 66.0
"""Decibels after which a response is cut."""
_TREBLE, _LOW = 0.65, 1.05
"""How long the highest and the lowest bands of a room ring, as a share of the middle."""
_RISE_SECONDS = 0.003


def make_room(seconds: float, edges: tuple[float, float], rate: float, *, channels: int = 2, seed: int = 909) -> Sound:
    """The answer of a room to a click: noise that no two channels share, whose treble dies away first.

    Args:
        seconds: How long the middle takes to fall by 60 dB.
        edges: What lies outside these frequencies in Hz is filtered out.
        rate: Samples a second.
        channels: How many ears.
        seed: Which room.

    Returns:
        (channels, samples), each with an energy of 1.
    """
    from scipy.signal import butter, sosfilt  # noqa: PLC0415

    clock = np.arange(max(16, int(seconds * _FALL / 60 * rate))) / rate
    random = np.random.default_rng(seed)
    top = 0.45 * rate
    corners = [c for c in (400.0, 1600.0, 5000.0) if c < top]
    lengths = np.geomspace(_LOW, _TREBLE, 4)[: len(corners) + 1]
    low, high = edges[0], min(edges[1], top)
    room = np.zeros((channels, len(clock)))
    for channel in range(channels):
        noise = random.standard_normal(len(clock))
        for length, below, above in zip(lengths, [None, *corners], [*corners, None]):
            part = noise if below is None else sosfilt(butter(1, below, "high", fs=rate, output="sos"), noise)
            part = part if above is None else sosfilt(butter(1, above, "low", fs=rate, output="sos"), part)
            room[channel] += part * np.exp(-clock * (math.log(1000) / (seconds * length)))
        room[channel] *= np.minimum(1, clock / _RISE_SECONDS)
        room[channel] = sosfilt(butter(1, (low, high), "band", fs=rate, output="sos"), room[channel])
    room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
    return room.astype(np.float32)


class Convolver:
    """Convolution of one channel with a response for each ear, in blocks of any size: what rings on is kept.

    The response is cut into equal parts, and what came in is kept as the spectra of parts as long,
    so that a block costs two transforms and a product with each part.

    References:
        Gardner, "Efficient convolution without input-output delay", JAES 1995.
    """

    def __init__(self, response: Sound, partition: int = PARTITION) -> None:
        """Take a response of (ears, samples), and the length of its parts."""
        from scipy.fft import rfft  # noqa: PLC0415

        self._size = partition
        parts = -(-response.shape[1] // self._size)
        padded = np.zeros((len(response), parts * self._size), np.float32)
        padded[:, : response.shape[1]] = response
        self._parts = rfft(
            padded.reshape(len(response), parts, self._size), 2 * self._size, axis=2
        )  # (ears, parts, bins)
        self._spectra = np.zeros(
            (parts, self._size + 1), np.complex64
        )  # of pairs of partitions that came in, in a ring
        self._newest = 0
        self._older = np.zeros((len(response), self._size + 1), np.complex64)  # what they give to this partition
        self._coming = np.zeros(2 * self._size, np.float32)  # the last partition, and this one as far as it is there
        self._filled = 0
        self._ringing = 0  # partitions until all of it has died away

    def play(self, send: Sound) -> Sound:
        """What the room answers to the next samples, (n,) to (n, ears)."""
        if not self._ringing and not send.any():
            return np.zeros((len(send), len(self._parts)), np.float32)
        self._ringing = self._ringing or 1
        wet = np.empty((len(send), len(self._parts)), np.float32)
        done = 0
        while done < len(send):
            count = min(len(send) - done, self._size - self._filled)
            wet[done : done + count] = self._play_some(send[done : done + count])
            done += count
        return wet

    def _play_some(self, send: Sound) -> Sound:
        from scipy.fft import irfft, rfft  # noqa: PLC0415

        start, end = self._size + self._filled, self._size + self._filled + len(send)
        self._coming[start:end] = send
        spectrum = rfft(self._coming)
        now = irfft(spectrum * self._parts[:, 0] + self._older, axis=1)
        self._filled += len(send)
        if self._filled == self._size:
            self._turn_page(spectrum)
        return np.asarray(now[:, start:end].T)

    def _turn_page(self, spectrum: NDArray[np.complex64]) -> None:
        parts = self._parts.shape[1]
        self._ringing = parts + 1 if self._coming.any() else self._ringing - 1
        self._newest = (self._newest - 1) % parts
        self._spectra[self._newest] = spectrum
        self._older[:] = 0
        for k in range(1, parts):
            self._older += self._parts[:, k] * self._spectra[(self._newest + k - 1) % parts]
        self._coming[: self._size] = self._coming[self._size :]
        self._coming[self._size :] = 0
        self._filled = 0
