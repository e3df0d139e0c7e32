"""A recording as the ear reads it: one channel at one rate and one level, from a file or from samples.

What is long is never held: it is decoded again, from its start to its end, each time that it is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio
from technogen.audio.reading import stream_audio
from technogen.audio.types import mix_down

Array = NDArray[np.float32]
Blocks = Callable[[], Iterator[Array]]

RATE = 44100
"""The rate that the ear listens at: hats live above 8 kHz, which half this rate would fold away."""
HELD_SECONDS = 900.0
"""Recordings up to this length are decoded once and held."""
BLOCK = 2**18
"""Samples at a time: about 6 seconds."""
_BEHIND = 2**20  # samples before the last that can be read again without starting anew
_SILENCE = 1e-7  # a peak of -140 dB
_FAINT, _FAR_LOUDER = 0.01, 10.0  # a mean of left and right with this peak, and their difference, where one is inverted


class Recording:
    """The sound of a recording: mono, at `RATE`, at a peak of 1; silence stays silence.

    Read it from its start to its end: to go back further than some 20 seconds in a recording longer than
    `HELD_SECONDS` costs decoding all that comes before. What is read is not to be changed.

    Attributes:
        seconds: Its length.
    """

    def __init__(self, blocks: Blocks) -> None:
        """Read the recording once, to know its length and its level.

        Args:
            blocks: Gives the whole recording anew each time: blocks of (n,) at `RATE`, finite, at any level.
        """
        self._blocks = blocks
        self._reader = _Reader(iter(()))
        self._length, self.peak, self._held = _scan(blocks)
        self._gain = np.float32(1 / self.peak if self.peak > _SILENCE else 0)
        if self._held is not None:
            self._held *= self._gain
            self._held.flags.writeable = False
        self.seconds = self._length / RATE

    def __len__(self) -> int:
        """Samples at `RATE`."""
        return self._length

    def read(self, start: int, stop: int) -> Array:
        """The samples from `start` up to `stop`, (stop - start,); silence where the recording is not."""
        first, last = max(start, 0), min(stop, self._length)
        if first >= last:
            return np.zeros(max(0, stop - start), np.float32)
        inside = self._held[first:last] if self._held is not None else self._decode(first, last)
        return inside if last - first == stop - start else np.pad(inside, (first - start, stop - last))

    def blocks(self, size: int = BLOCK) -> Iterator[Array]:
        """The recording from its start to its end, `size` samples at a time; the last block may be shorter."""
        for at in range(0, self._length, size):
            yield self.read(at, min(at + size, self._length))

    def _decode(self, start: int, stop: int) -> Array:
        if start < self._reader.first or not self._reader.end:
            self._reader = _Reader(self._blocks())
        samples = self._reader.read(start, stop)
        samples *= self._gain
        return samples


def _scan(blocks: Blocks) -> tuple[int, float, Array | None]:
    """The length, the peak, and the samples of what is short enough to be held."""
    length, peak, held = 0, 0.0, []
    for block in blocks():
        length += len(block)
        peak = max(peak, float(block.max(initial=0.0)), -float(block.min(initial=0.0)))
        held.append(block)
        if length > HELD_SECONDS * RATE:
            held.clear()
    if length > HELD_SECONDS * RATE:
        return length, peak, None
    return length, peak, np.concatenate([*held, np.zeros(0, np.float32)])


@dataclass(slots=True)
class _Reader:
    """What was decoded last of a recording, and how to go on."""

    source: Iterator[Array]
    blocks: deque[Array] = field(default_factory=deque)
    first: int = 0
    end: int = 0

    def read(self, start: int, stop: int) -> Array:
        """What the recording is from `start`, which is no earlier than `first`, to `stop`; silence after its end."""
        out = np.zeros(stop - start, np.float32)
        place = self.first
        for block in self.blocks:
            _lay(block, place - start, out)
            place += len(block)
        for block in self.source if self.end < stop else ():
            _lay(block, self.end - start, out)
            self._remember(block)
            if self.end >= stop:
                break
        return out

    def _remember(self, block: Array) -> None:
        self.blocks.append(block)
        self.end += len(block)
        while self.blocks and self.first + len(self.blocks[0]) <= self.end - _BEHIND:
            self.first += len(self.blocks.popleft())


def _lay(block: Array, place: int, out: Array) -> None:
    """Copy of a block that begins at `place` of `out` what falls into that."""
    part = block[max(0, -place) : max(0, len(out) - place)]
    out[max(0, place) : max(0, place) + len(part)] = part


def open_recording(source: str | Path | Audio) -> Recording:
    """Get ready to read a file, or sound. Where left and right cancel each other out, their difference is read.

    Raises:
        MissingFileError: If there is no such file.
        AudioError: If it cannot be read.
    """
    if isinstance(source, Audio):
        samples, rate = source.samples, source.sample_rate
        mixes = [lambda: _resampled(samples, rate), lambda: _resampled(samples, rate, side=True)]
    else:
        mixes = [
            lambda: stream_audio(source, sample_rate=RATE),
            lambda: stream_audio(source, sample_rate=RATE, side=True),
        ]
    mixed = Recording(mixes[0])
    if mixed.peak >= _FAINT:
        return mixed
    difference = Recording(mixes[1])
    return difference if difference.peak > _FAR_LOUDER * mixed.peak else mixed


def from_samples(samples: Array, sample_rate: int) -> Recording:
    """A recording of samples, (n,) or (n, 2), at any rate and level; not-a-number counts as silence."""
    return Recording(lambda: _resampled(samples, sample_rate))


def _resampled(samples: Array, sample_rate: int, *, side: bool = False) -> Iterator[Array]:
    blocks = (_clean(samples[at : at + BLOCK], side) for at in range(0, len(samples), BLOCK))
    if sample_rate == RATE:
        yield from blocks
        return
    import soxr  # noqa: PLC0415

    stream = soxr.ResampleStream(sample_rate, RATE, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _clean(block: Array, side: bool) -> Array:
    finite = np.nan_to_num(np.asarray(block, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if side:
        return np.zeros_like(finite) if finite.ndim == 1 else (finite[:, 0] - finite[:, 1]) * np.float32(0.5)
    return finite if finite.ndim == 1 else mix_down(finite)
