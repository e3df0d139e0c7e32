"""Audio files in, block by block, so that a long recording needs no more memory than what is kept of it."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from technogen.audio.types import MAX_RATE, Audio, Samples, check_rate, mix_down
from technogen.errors import AudioError, MissingFileError

_log = logging.getLogger(__name__)

MAX_SECONDS = 4 * 3600
MAX_BYTES = 4 * 2**30
"""The most memory that the samples of one recording may take."""
MIN_FILE_RATE = 4_000
MAX_CHANNELS = 64

_BLOCK = 2**12  # frames; of a damaged file the block that holds the damage is lost
_UNKNOWN = 2**62  # frames of a stream whose header does not say how many; libsndfile gives its largest number
_LOUDEST = 1e6  # 120 dB above full scale: no sound, but broken numbers
_FORMATS = "WAV, FLAC, MP3, OGG and AIFF"


class _Stream(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from its start to its end: soundfile seeks after each block where it may, which is slow."""

    def seekable(self) -> bool:
        return False


def _name(path: str | Path) -> str | bytes:
    """A path as soundfile takes it: names may hold bytes that are no text."""
    return str(path) if os.name == "nt" else os.fsencode(path)


def read_audio(path: str | Path, *, sample_rate: int | None = None, mono: bool = False) -> Audio:
    """Read a WAV, FLAC, MP3, OGG or AIFF file, at 4,000 to 768,000 Hz and of up to 64 channels.

    Of more than two channels the odd ones (the first, the third, ...) are mixed to the left and the even ones to the
    right, as pairs of a multi-track recording lie. A file that is cut short or damaged is read up to there, and
    samples that are NaN, infinite or beyond a million are made 0, both with a logged warning. Samples beyond -1..1
    are kept.

    Args:
        path: The file.
        sample_rate: Resampled to this rate in Hz; by default that of the file.
        mono: Mixed down to one channel, the mean of all.

    Raises:
        MissingFileError: If there is no such file, or it is a folder.
        AudioError: If it is no audio, holds no samples, or is beyond the limits: 4 hours, 4 GiB once read.
    """
    _check_path(Path(path))
    rate = sample_rate if sample_rate is None else check_rate(sample_rate)
    try:
        with _Stream(_name(path)) as file:
            _check_header(path, file)
            return _read_open(path, file, rate or file.samplerate, mono)
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error) from error
    except MemoryError as error:
        raise AudioError(f"{path} does not fit the memory; read it with sample_rate=22050, mono=True") from error


def stream_audio(path: str | Path, *, sample_rate: int, side: bool = False) -> Iterator[Samples]:
    """Read a file as `read_audio` does, mixed down, without ever holding the whole of it.

    Args:
        path: The file.
        sample_rate: Resampled to this rate in Hz.
        side: Half of what left and right differ by, instead of their mean; of mono there is none.

    Yields:
        Blocks of samples, (n,), in their order; together as long as the recording.

    Raises:
        MissingFileError: If there is no such file, or it is a folder.
        AudioError: If it is no audio, holds no samples, or lasts longer than 4 hours.
    """
    _check_path(Path(path))
    rate = check_rate(sample_rate)
    most, read = MAX_SECONDS * rate, 0
    try:
        with _Stream(_name(path)) as file:
            _check_header(path, file)
            mixed = _sides(_mixed(path, file, 2)) if side else _mixed(path, file, 1)
            for block in _resampled(mixed, file.samplerate, rate, 1):
                read += len(block)
                if read > most:
                    raise AudioError(f"{path}: at most {MAX_SECONDS // 3600} hours are read; split the file")
                yield block[:, 0]
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error) from error
    if read == 0:
        raise _no_samples(path)


def _sides(blocks: Iterator[Samples]) -> Iterator[Samples]:
    for block in blocks:
        yield (block[:, :1] - block[:, -1:]) * np.float32(0.5)


def _unreadable(path: str | Path, error: soundfile.LibsndfileError) -> AudioError:
    return AudioError(f"{path} is no audio that can be read ({_FORMATS} can): {error.error_string}")


def _no_samples(path: str | Path) -> AudioError:
    return AudioError(f"{path} holds no samples; record or export it again")


def _check_path(path: Path) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise MissingFileError(f"{path} is not there; give the path of an audio file") from None
    except OSError as error:
        raise AudioError(f"{path} cannot be opened: {error.strerror}") from error
    if stat.S_ISDIR(status.st_mode):
        raise MissingFileError(f"{path} is a folder; give the path of an audio file in it")
    if status.st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes); record or export it again")


def _check_header(path: str | Path, file: _Stream) -> None:
    """Refuse what the header says before any samples are decoded."""
    if not MIN_FILE_RATE <= file.samplerate <= MAX_RATE:
        raise AudioError(f"{path}: the sample rate must be in {MIN_FILE_RATE}..{MAX_RATE} Hz, got {file.samplerate}")
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise AudioError(f"{path}: at most {MAX_CHANNELS} channels are read, got {file.channels}; mix them down")
    if MAX_SECONDS * file.samplerate < file.frames < _UNKNOWN:
        hours = file.frames / file.samplerate / 3600
        raise AudioError(f"{path}: at most {MAX_SECONDS // 3600} hours are read, got {hours:.1f}; split the file")


def _read_open(path: str | Path, file: _Stream, rate: int, mono: bool) -> Audio:
    channels = 1 if mono or file.channels == 1 else 2
    most = MAX_BYTES // (4 * channels)
    expected = file.frames * rate // file.samplerate + _BLOCK
    too_long = AudioError(
        f"{path}: more than {most / rate / 3600:.1f} hours at {rate} Hz in {channels} channel(s) do not fit "
        f"{MAX_BYTES >> 30} GiB; read it with sample_rate=22050, mono=True, or split it"
    )
    if most < expected and file.frames < _UNKNOWN:
        raise too_long
    samples = np.empty((min(expected, most), channels), np.float32)  # the system gives pages only as they are filled
    filled = 0
    for block in _resampled(_mixed(path, file, channels), file.samplerate, rate, channels):
        if filled + len(block) > len(samples):
            raise too_long
        samples[filled : filled + len(block)] = block
        filled += len(block)
    if filled == 0:
        raise _no_samples(path)
    kept = samples[:filled]
    return Audio(kept[:, 0] if channels == 1 else kept, rate)


def _mixed(path: str | Path, file: _Stream, channels: int) -> Iterator[Samples]:
    """Blocks of (n, channels), finite."""
    broken = 0
    for block in _decoded(path, file):
        if not (block.min() >= -_LOUDEST and block.max() <= _LOUDEST):  # also where there is NaN
            wrong = ~(np.abs(block) <= _LOUDEST)
            broken += int(wrong.sum())
            block[wrong] = 0
        yield _mix(block, channels)
    if broken:
        _log.warning("%s: %d samples are NaN, infinite or beyond any sound; they are read as 0", path, broken)


def _mix(block: Samples, channels: int) -> Samples:
    if block.shape[1] in (1, channels):
        return block
    if channels == 1:
        return mix_down(block)[:, None]
    return np.stack([mix_down(block[:, 0::2]), mix_down(block[:, 1::2])], axis=1)


def _decoded(path: str | Path, file: _Stream) -> Iterator[Samples]:
    """Blocks of (n, channels of the file), up to its end or to where it is damaged."""
    decoded = 0
    while decoded < file.frames:
        try:
            block = file.read(_BLOCK, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            _log.warning("%s is damaged after %.2f s: %s", path, decoded / file.samplerate, error.error_string)
            return
        if len(block) == 0:
            break
        decoded += len(block)
        yield block
    if 0 < decoded < file.frames < _UNKNOWN:
        seconds = decoded / file.samplerate
        _log.warning(
            "%s is cut short: its header says %.2f s, %.2f s are there", path, file.frames / file.samplerate, seconds
        )


def _resampled(blocks: Iterator[Samples], rate: int, new_rate: int, channels: int) -> Iterator[Samples]:
    if rate == new_rate:
        yield from blocks
        return
    import soxr  # noqa: PLC0415

    stream = soxr.ResampleStream(rate, new_rate, channels, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.empty((0, channels), np.float32), last=True)
