"""How far rendered sound is from reference recordings: loudness, dynamics, spectrum and width of sets."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio, measure_loudness, read_audio, resample
from technogen.errors import AudioError, EvaluationError, MissingFileError
from technogen.evaluation.music.measures import Measure, measure_shift, range_of
from technogen.evaluation.music.resampling import split_in_half
from technogen.folders import AUDIO_ENDINGS, walk_files

_log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Embedding = Callable[[Audio], Floats]

SAMPLE_RATE = 44100
"""What all recordings are measured at."""
BANDS = tuple(round(1000 * 2 ** (third / 3), 1) for third in range(-15, 13))
"""The middles of the thirds of an octave that a spectrum is given in, in Hz: 31 Hz to 16 kHz."""
_WINDOW, _SHORT_SECONDS, _QUIET, _LEAST_SECONDS = 8192, 3.0, 1e-10, 1.0
_SPLITS, _DRAWS = 16, 200
_STILL, _MONO, _LOW = 0.5, 1e-6, 120.0  # decibels, power, Hz

_WORDS = {
    "loudness": "integrated loudness, LUFS",
    "loudness_range": "loudness range: 10 to 95 % of 3 s blocks, LU",
    "peak": "sample peak, dB of full scale",
    "crest": "crest: peak over mean square, dB",
    "punch": "punch: 95 % over the median of 10 ms levels, dB",
    "centroid": "centre of the spectrum, octaves above 1 kHz",
    "tilt": "tilt of the spectrum, dB an octave",
    "low": "share of power below 120 Hz, dB",
    "high": "share of power above 5 kHz, dB",
    "width": "sides over middle, dB",
    "low_width": "sides over middle below 120 Hz, dB",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """What is measured of one recording.

    Attributes:
        values: By name; units as in the words of the measures.
        spectrum: Level in each of `BANDS`, in dB of the whole power.
    """

    values: Mapping[str, float]
    spectrum: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """What a comparison of recordings found.

    Attributes:
        measures: All figures.
        rendered: How many recordings were measured.
        reference: Likewise.
        bands: The middles of the bands of the spectra, Hz.
        spectrum: The mean spectrum of the rendered recordings, dB of the whole power.
        reference_spectrum: That of the reference.
        remarks: What a reader must know.
    """

    measures: tuple[Measure, ...]
    rendered: int
    reference: int
    bands: tuple[float, ...]
    spectrum: tuple[float, ...]
    reference_spectrum: tuple[float, ...]
    remarks: tuple[str, ...]

    def __getitem__(self, key: str) -> Measure:
        """The measure of a key."""
        for measure in self.measures:
            if measure.key == key:
                return measure
        raise KeyError(key)


def measure_sound(audio: Audio) -> Sound:
    """Measure one recording.

    Raises:
        AudioError: If it is silent, or shorter than a second.

    References:
        ITU-R BS.1770-4 (loudness); EBU Tech 3342 (loudness range, here without its gates' overlap of blocks).
    """
    if audio.seconds < _LEAST_SECONDS:
        raise AudioError(f"sound is measured from {_LEAST_SECONDS:g} s on, got {audio.seconds:.2f} s")
    sound = resample(audio, SAMPLE_RATE)
    middle, sides = _middle_and_sides(sound)
    if float(np.mean(middle**2) + np.mean(sides**2)) < _QUIET:
        raise AudioError("the recording is silent; there is nothing to measure")
    frequencies, power = _power_of(middle)
    _, side_power = _power_of(sides)
    bands = _bands_of(frequencies, power + side_power)
    return Sound(
        values={
            "loudness": measure_loudness(sound),
            "loudness_range": _loudness_range(sound),
            **_dynamics(audio),
            **_colour(frequencies, power + side_power, bands),
            "width": _width(side_power, power),
            "low_width": _width(side_power[frequencies < _LOW], power[frequencies < _LOW]),
        },
        spectrum=tuple(map(float, bands)),
    )


def evaluate_audio(
    rendered: Mapping[str, Audio], reference: Mapping[str, Audio], *, embed: Embedding | None = None, seed: int = 0
) -> SoundFigures:
    """Compare two sets of recordings.

    Args:
        rendered: By name.
        reference: By name.
        embed: Of a network that you have: from a recording to vectors, (frames, dimensions). With it the Frechet
            distance of the two sets is measured too.
        seed: Of intervals and splits.

    Raises:
        EvaluationError: If a set has no recording that can be measured.
    """
    remarks: list[str] = []
    sides = [_measure_all(audios.items(), remarks) for audios in (rendered, reference)]
    extra: tuple[Measure, ...] = ()
    if embed is not None:
        vectors = [np.concatenate([embed(audio) for audio in audios.values()]) for audios in (rendered, reference)]
        extra = (Measure("frechet", "Frechet distance of the embedding", frechet_distance(vectors[0], vectors[1])),)
    return _compare(sides[0], sides[1], remarks, extra, seed)


def evaluate_audio_files(rendered: str | Path, reference: str | Path, *, seed: int = 0) -> SoundFigures:
    """Compare the recordings of two folders, or two files; one is read at a time.

    Raises:
        MissingFileError: If a path is not there.
        EvaluationError: If a set has no recording that can be measured.
    """
    remarks: list[str] = []
    sides = [_measure_all(_read_all(Path(path), remarks), remarks) for path in (rendered, reference)]
    return _compare(sides[0], sides[1], remarks, (), seed)


def frechet_distance(first: Floats, second: Floats) -> float:
    """The Frechet distance of two sets of vectors, (n, dimensions), each taken for a Gaussian.

    References:
        Kilgour et al., "Frechet Audio Distance: A Metric for Evaluating Music Enhancement Algorithms",
        Interspeech 2019.

    Raises:
        EvaluationError: If a set has less than two vectors, or they differ in dimensions.
    """
    from scipy.linalg import sqrtm  # noqa: PLC0415

    if min(len(first), len(second)) < 2 or first.shape[1:] != second.shape[1:]:
        raise EvaluationError(
            f"two sets of vectors of the same dimensions are needed, got {first.shape}, {second.shape}"
        )
    means = [vectors.mean(axis=0) for vectors in (first, second)]
    spreads = [np.atleast_2d(np.cov(vectors, rowvar=False)) for vectors in (first, second)]
    root = np.real(sqrtm(spreads[0] @ spreads[1]))
    apart = float(((means[0] - means[1]) ** 2).sum() + np.trace(spreads[0] + spreads[1] - 2 * root))
    return max(apart, 0.0)


def _compare(
    ours: Mapping[str, Sound], theirs: Mapping[str, Sound], remarks: list[str], extra: tuple[Measure, ...], seed: int
) -> SoundFigures:
    for name, side in (("rendered", ours), ("reference", theirs)):
        if not side:
            raise EvaluationError(f"no {name} recording can be measured: {next(iter(remarks), 'none was given')}")
    if min(len(ours), len(theirs)) < 5:
        remarks.append(f"{len(ours)} beside {len(theirs)} recordings are few: intervals say little below 5 of each")
    spectra = [np.array([sound.spectrum for sound in side.values()]) for side in (ours, theirs)]
    measures = (*_shifts(ours, theirs, seed), _spectral_distance(spectra[0], spectra[1], seed), *extra)
    means = [tuple(float(x) for x in spectrum.mean(axis=0)) for spectrum in spectra]
    return SoundFigures(measures, len(ours), len(theirs), BANDS, means[0], means[1], tuple(remarks))


def _shifts(ours: Mapping[str, Sound], theirs: Mapping[str, Sound], seed: int) -> Iterator[Measure]:
    groups = (list(ours), list(theirs))
    for name, words in _WORDS.items():
        values = [np.array([sound.values[name] for sound in side.values()]) for side in (ours, theirs)]
        finite = [side[np.isfinite(side)] for side in values]
        found = measure_shift(f"sound/{name}", words, (values[0], values[1]), groups, seed, least_spread=_STILL)
        if found.value is None and all(len(side) for side in finite):  # one recording has a level, but no spread
            found = Measure(
                f"sound/{name}", words, None, generated=float(finite[0].mean()), reference=float(finite[1].mean())
            )
        yield found


def _spectral_distance(ours: Floats, theirs: Floats, seed: int) -> Measure:
    """The root mean square of the differences of the mean spectra, dB, levels aside."""
    rng = np.random.default_rng(seed)
    value = _rms_apart(ours, theirs)
    key, words = "sound/spectrum", "distance of the mean spectra by thirds of an octave, dB"
    if min(len(ours), len(theirs)) < 4:
        return Measure(key, words, value)
    drawn = [_rms_apart(*(s[rng.integers(len(s), size=len(s))] for s in (ours, theirs))) for _ in range(_DRAWS)]
    low, high = np.percentile(drawn, (2.5, 97.5)) - (np.mean(drawn) - value)
    names = [str(row) for row in range(len(theirs))]
    halves = [split_in_half(names, rng) for _ in range(_SPLITS)]
    floor = range_of([_rms_apart(theirs[half], theirs[~half]) for half in halves])
    out = None if floor is None else value > floor[1]
    return Measure(key, words, value, max(float(low), 0.0), float(high), floor=floor, stands_out=out)


def _rms_apart(ours: Floats, theirs: Floats) -> float:
    return float(np.sqrt(((ours.mean(axis=0) - theirs.mean(axis=0)) ** 2).mean()))


def _measure_all(audios: Iterable[tuple[str, Audio]], remarks: list[str]) -> dict[str, Sound]:
    found = {}
    for name, audio in audios:
        try:
            found[name] = measure_sound(audio)
        except AudioError as error:
            remarks.append(f"{name} is left out: {error}")
    return found


def _read_all(path: Path, remarks: list[str]) -> Iterator[tuple[str, Audio]]:
    if not path.exists():
        raise MissingFileError(f"{path} is not there; give a folder of recordings")
    files: Sequence[Path] = [path]
    if path.is_dir():
        files = sorted(Path(file) for file in walk_files(path) if Path(file).suffix.lower() in AUDIO_ENDINGS)
    for file in files:
        try:
            yield (str(file.relative_to(path)) if path.is_dir() else file.name), read_audio(file)
        except (AudioError, MissingFileError) as error:
            remarks.append(f"{file} cannot be read and is left out: {error}")


def _middle_and_sides(sound: Audio) -> tuple[Floats, Floats]:
    samples = sound.samples.astype(np.float64)
    if samples.ndim == 1:
        return samples, np.zeros_like(samples)
    return samples.mean(axis=1), (samples[:, 0] - samples[:, 1]) / 2


def _power_of(samples: Floats) -> tuple[Floats, Floats]:
    from scipy.signal import welch  # noqa: PLC0415

    frequencies, power = welch(samples, SAMPLE_RATE, nperseg=min(_WINDOW, len(samples)))
    return np.asarray(frequencies, float), np.asarray(power, float)


def _bands_of(frequencies: Floats, power: Floats) -> Floats:
    edges = np.array(BANDS)[:, None] * 2 ** np.array([-1 / 6, 1 / 6])
    levels = [power[(frequencies >= low) & (frequencies < high)].sum() for low, high in edges]
    return np.array([_decibels(level / power.sum()) for level in levels])


def _dynamics(sound: Audio) -> dict[str, float]:
    samples = sound.samples.astype(np.float64).reshape(len(sound.samples), -1)
    peak, mean = float(np.abs(samples).max()), float((samples**2).mean())
    block = max(sound.sample_rate // 100, 1)
    count = len(samples) // block
    levels = 10 * np.log10((samples[: count * block] ** 2).reshape(count, -1).mean(axis=1) + _QUIET)
    low, high = np.percentile(levels, (50, 95))
    return {
        "peak": _decibels(peak**2),
        "crest": _decibels(peak**2 / mean),
        "punch": float(high - low),
    }


def _loudness_range(sound: Audio) -> float:
    block = round(_SHORT_SECONDS * SAMPLE_RATE)
    starts = range(0, len(sound.samples) - block + 1, block // 3)
    short = np.array([measure_loudness(Audio(sound.samples[s : s + block], SAMPLE_RATE)) for s in starts])
    loud = short[short > -70]
    if len(loud) < 2:
        return math.nan
    kept = loud[loud > loud.mean() - 20]
    low, high = np.percentile(kept, (10, 95))
    return float(high - low)


def _colour(frequencies: Floats, power: Floats, bands: Floats) -> dict[str, float]:
    audible = (frequencies >= 20) & (frequencies <= 18_000)
    f, p = frequencies[audible], power[audible]
    octaves = np.log2(np.array(BANDS) / 1000)
    centre = float((np.log2(f / 1000) * p).sum() / p.sum())
    return {
        "centroid": centre,
        "tilt": float(np.polyfit(octaves, bands, 1)[0]),
        "low": _decibels(p[f < _LOW].sum() / p.sum()),
        "high": _decibels(p[f > 5000].sum() / p.sum()),
    }


def _width(sides: Floats, middle: Floats) -> float:
    """Sides over middle in dB, -60 for mono."""
    return _decibels(max(float(sides.sum() / max(float(middle.sum()), _QUIET)), _MONO))


def _decibels(power: float) -> float:
    return 10 * math.log10(max(float(power), _QUIET))
