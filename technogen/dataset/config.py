"""The choices that a data set is built by."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from technogen.audio.types import MAX_RATE
from technogen.errors import DatasetError

WindowBy = Literal["bars", "beats", "seconds", "none"]
Representation = Literal["raw", "spectrogram", "mel", "midi"]
REPRESENTATIONS: tuple[Representation, ...] = get_args(Representation)

DEFAULT_LENGTHS: dict[str, float | None] = {"bars": 4, "beats": 16, "seconds": 10.0, "none": None}
FORMAT_VERSION = 1
"""Grows when equal choices would give other rows."""
_LOWEST_RATE = 8_000
_LONGEST = 100_000
_ASSEMBLY = ("licence", "shard_bytes")


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """How recordings become rows.

    Attributes:
        window_by: "bars" starts windows on bar lines, "beats" on beats, "seconds" counts from the start of the
            recording whatever the music does, "none" takes each track whole.
        length: The length of a window in that unit; None: 4 bars, 16 beats, 10 seconds.
        hop: From the start of one window to that of the next, in that unit; None: as far as a window is long.
        representations: What is stored of each window: "raw" samples, "spectrogram" amplitudes, "mel" decibels, and
            "midi", the notes: of recordings what the ear hears, of MIDI files what they hold.
        stereo: Two channels; by default all are mixed down to one.
        sample_rate: Of raw, spectrogram and mel, 8,000 to 768,000 Hz.
        fft_size, fft_hop: Samples in a frame of spectrogram and mel, and from one frame to the next.
        mel_bands: How many.
        import_midi: Read MIDI files as other programs write them: drums and one bassline are looked for in all their
            tracks, hand-played notes move to the grid, silent bars at both ends go. By default they are read as this
            project writes them.
        tempo_range: Where the ear looks for the tempo, in beats a minute.
        licence: The licence of the recordings, in your words; it is written into each row.
        shard_bytes: About how many bytes of rows go into one Parquet file, before compression.

    Raises:
        DatasetError: If a choice cannot be followed.
    """

    window_by: WindowBy = "bars"
    length: float | None = None
    hop: float | None = None
    representations: tuple[Representation, ...] = ("midi",)
    stereo: bool = False
    sample_rate: int = 44_100
    fft_size: int = 2048
    fft_hop: int = 512
    mel_bands: int = 128
    import_midi: bool = False
    tempo_range: tuple[float, float] = (90.0, 200.0)
    licence: str | None = None
    shard_bytes: int = 256 * 2**20

    def __post_init__(self) -> None:
        _check_windows(self)
        chosen = {self.representations} if isinstance(self.representations, str) else set(self.representations)
        if not chosen or not chosen <= set(REPRESENTATIONS):
            known = ", ".join(REPRESENTATIONS)
            raise DatasetError(f"representations must be some of {known}, got {', '.join(map(str, chosen)) or 'none'}")
        put = object.__setattr__
        put(self, "representations", tuple(r for r in REPRESENTATIONS if r in chosen))
        put(self, "tempo_range", _check_range(self.tempo_range))
        if self.licence is not None and not isinstance(self.licence, str):
            raise DatasetError(f"licence must be words, got {self.licence!r}")
        _check_whole("sample_rate", self.sample_rate, _LOWEST_RATE, MAX_RATE)
        _check_whole("fft_size", self.fft_size, 64, 2**16)
        _check_whole("fft_hop", self.fft_hop, 1, self.fft_size)
        _check_whole("mel_bands", self.mel_bands, 1, self.fft_size // 4)
        _check_whole("shard_bytes", self.shard_bytes, 2**10, 2**34)

    @property
    def window_length(self) -> float:
        """The length of a window, in its unit; infinite where a track is taken whole."""
        length = self.length if self.length is not None else DEFAULT_LENGTHS[self.window_by]
        return math.inf if length is None else float(length)

    @property
    def window_hop(self) -> float:
        """From window to window, in their unit."""
        return self.window_length if self.hop is None else float(self.hop)

    @property
    def hears(self) -> bool:
        """Whether the ear must listen to recordings."""
        return "midi" in self.representations or self.window_by in ("bars", "beats")

    @property
    def sounds(self) -> tuple[Representation, ...]:
        """The representations that are arrays of sound."""
        return tuple(r for r in self.representations if r != "midi")

    def digest(self, version: str) -> str:
        """What rows depend on beside their source, as 16 hexadecimal digits."""
        choices = {k: v for k, v in asdict(self).items() if k not in _ASSEMBLY}
        text = json.dumps([FORMAT_VERSION, version, choices], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def config_to_json(config: DatasetConfig) -> dict[str, Any]:
    """The choices as JSON can say them."""
    return asdict(config)


def config_from_json(data: dict[str, Any]) -> DatasetConfig:
    """The choices that `config_to_json` wrote.

    Raises:
        DatasetError: If they are none.
    """
    try:
        lists = {name: tuple(data[name]) for name in ("representations", "tempo_range")}
        return DatasetConfig(**{**data, **lists})
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise DatasetError(f"these are no choices of a data set: {error}") from error


def _check_windows(config: DatasetConfig) -> None:
    if config.window_by not in get_args(WindowBy):
        raise DatasetError(f"window_by must be bars, beats, seconds or none, got {config.window_by!r}")
    for name, value in (("length", config.length), ("hop", config.hop)):
        if value is None:
            continue
        if config.window_by == "none":
            raise DatasetError(f"a track taken whole has no {name}; leave it out, or cut windows by bars")
        if not isinstance(value, (int, float)) or not 0 < value <= _LONGEST:
            raise DatasetError(f"{name} must be above 0 and at most {_LONGEST} {config.window_by}, got {value!r}")
        if config.window_by != "seconds" and value != int(value):
            raise DatasetError(f"{name} must be a whole number of {config.window_by}, got {value!r}")
        if value < 0.05:
            raise DatasetError(f"{name} must be at least 0.05 seconds, got {value!r}")


def _check_range(tempo_range: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(tempo) for tempo in tempo_range)
    except (TypeError, ValueError):
        low = high = 0.0
    if not 20 <= low < high <= 400:
        raise DatasetError(f"tempo_range must be a pair such as (90, 200), within 20..400, got {tempo_range!r}")
    return low, high


def _check_whole(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise DatasetError(f"{name} must be a whole number in {low}..{high}, got {value!r}")
