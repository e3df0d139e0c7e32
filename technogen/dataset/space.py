"""How much disk a build needs, before it begins."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from technogen.dataset.config import DatasetConfig
from technogen.errors import OutputError

_SAMPLE_BYTES = 4
_MIDI_BYTES = 400  # a second of busy music
_LEAST = 2**20


def check_space(out: Path, seconds: float, kept: int, config: DatasetConfig) -> int:
    """The bytes that a build may need while it runs: parts and shards side by side, not compressed.

    Args:
        out: Where it goes.
        seconds: Of music to work on.
        kept: Bytes of rows that are there already, and are copied.
        config: The choices.

    Raises:
        OutputError: If the disk has less.
    """
    needed = _LEAST + kept + round(2 * seconds * bytes_a_second(config))
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OutputError(
            f"{out}: the data set may need {_words(needed)} while it is built, and the disk has {_words(free)} free; "
            "free some, give another disk, or ask for fewer representations, a lower sample rate or a longer hop"
        )
    return needed


def bytes_a_second(config: DatasetConfig) -> float:
    """The bytes of the rows of a second of music, not compressed."""
    frames = config.sample_rate / config.fft_hop
    sizes = {
        "raw": config.sample_rate * _SAMPLE_BYTES,
        "spectrogram": frames * (config.fft_size // 2 + 1) * _SAMPLE_BYTES,
        "mel": frames * config.mel_bands * _SAMPLE_BYTES,
    }
    sound = sum(sizes[name] for name in config.sounds) * (2 if config.stereo else 1)
    overlap = 1.0 if config.window_by == "none" else max(1.0, config.window_length / config.window_hop)
    return (sound + _MIDI_BYTES * ("midi" in config.representations)) * overlap


def measure_seconds(paths: Iterable[Path]) -> float:
    """How long recordings are by their headers; those that cannot be read count nothing."""
    import soundfile  # noqa: PLC0415

    total = 0.0
    for path in paths:
        try:
            seconds = soundfile.info(str(path)).duration
        except (soundfile.LibsndfileError, OSError):
            continue
        total += seconds if seconds < 86_400 else 0
    return total


def _words(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
