"""Audio files out: WAV, FLAC and OGG, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from technogen.audio.types import Audio
from technogen.errors import AudioError
from technogen.files import replace_on_success

_log = logging.getLogger(__name__)

BitDepth = Literal[16, 24, 32]

_SUBTYPES: dict[str, dict[int, str]] = {
    "WAV": {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"},
    "FLAC": {16: "PCM_16", 24: "PCM_24"},
    "OGG": dict.fromkeys((16, 24, 32), "VORBIS"),
}
_ENDINGS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG"}

_BLOCK = 2**16  # frames; libsndfile crashes on long OGG in one call
_DITHER_SEED = 909


def write_audio(audio: Audio, path: str | Path, *, bit_depth: BitDepth = 24) -> None:
    """Write a WAV, FLAC or OGG (Vorbis) file, by its ending; an existing file is replaced at once or left as it was.

    Equal audio gives equal bytes, except in OGG, whose streams carry a random number.

    Args:
        audio: Samples beyond -1..1 are clipped, with a logged warning, except in 32 bits.
        path: Where to; ends in .wav, .flac or .ogg.
        bit_depth: 16 (with dither, unless the sound already is 16-bit), 24, or for WAV 32 (float). OGG has none.

    Raises:
        AudioError: If the ending or bit depth is none of these, or the format cannot hold the sample rate.
        OutputError: If the file cannot be written.
    """
    target = Path(path)
    file_format, subtype = find_format(target, bit_depth)
    with replace_on_success(target) as temporary:
        _write_blocks(audio, temporary, file_format, subtype)
    if bit_depth != 32 and (peak := float(np.abs(audio.samples).max())) > 1:
        _log.warning("%s: samples up to %.2f were clipped to 1; turn it down, or write 32 bits", path, peak)


def find_format(path: Path, bit_depth: int) -> tuple[str, str]:
    """What libsndfile calls the format and the samples of a file that is to be written.

    Raises:
        AudioError: If the ending or the bit depth is none of those that are written.
    """
    file_format = _ENDINGS.get(path.suffix.lower())
    if file_format is None:
        raise AudioError(f"audio is written to {', '.join(_ENDINGS)}, got {path.name!r}; give one of these endings")
    subtype = _SUBTYPES[file_format].get(bit_depth)
    if subtype is None:
        known = ", ".join(map(str, _SUBTYPES[file_format]))
        raise AudioError(f"{file_format} is written in {known} bits, got {bit_depth!r}")
    return file_format, subtype


def _write_blocks(audio: Audio, path: Path, file_format: str, subtype: str) -> None:
    import soundfile  # noqa: PLC0415

    try:
        file = soundfile.SoundFile(path, "w", audio.sample_rate, audio.channels, subtype=subtype, format=file_format)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{file_format} cannot hold this audio at {audio.sample_rate} Hz: {error.error_string}; "
            "resample it to 44100 or 48000"
        ) from error
    try:
        with file:
            for block in _encoded_blocks(audio.samples, subtype):
                file.write(block)
    except (soundfile.LibsndfileError, AssertionError) as error:  # soundfile asserts that all was written
        raise OSError(f"the disk took only a part of it ({error})") from error
    if subtype == "FLOAT":
        _clear_peak_time(path)


def _encoded_blocks(samples: NDArray[np.float32], subtype: str) -> Iterator[NDArray[Any]]:
    generator = np.random.default_rng(_DITHER_SEED)
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK]
        if subtype == "PCM_16":
            yield _encode_16(block, generator)
        elif subtype == "PCM_24":
            yield np.rint(np.clip(block * np.float32(2**23), -(2**23), 2**23 - 1)).astype(np.int32) << 8
        else:
            yield block if subtype == "FLOAT" else np.clip(block, -1, 1)


def _encode_16(block: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.int16]:
    """Round to 16 bits, with triangular dither of one step where there is something to round."""
    scaled = block * np.float32(2**15)
    if not np.array_equal(scaled, np.rint(scaled)):
        noise = generator.random((2, *scaled.shape), np.float32)
        scaled = scaled + (noise[0] - noise[1])
    rounded: NDArray[np.int16] = np.clip(np.rint(scaled), -(2**15), 2**15 - 1).astype(np.int16)
    return rounded


def _clear_peak_time(path: Path) -> None:
    """Take the time of writing out of the PEAK chunk of a float WAV: equal audio gives equal bytes."""
    with open(path, "r+b") as stream:
        at = stream.read(200).find(b"PEAK")
        if at >= 0:
            stream.seek(at + 12)
            stream.write(bytes(4))
