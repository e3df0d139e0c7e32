"""The drums of random mixes: kits drawn, each sound bent a little further, and every hit placed on the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.clock import sample_of
from technogen.rendering.drum_sounds import Strike
from technogen.rendering.drums import FORCES, make_hit, strike_class
from technogen.rendering.kits import Kit, random_kit
from technogen.score import Score, fold_drum

Wave = NDArray[np.float32]

_MACHINES = ("909", "808", "industrial")
_FROM_MACHINE = 0.12
_KIT_STREAM = 909
_VARIATIONS = 2
_CHOKE_SECONDS = 0.004
_LONGEST_SECONDS = 2.5
_RANGES_DB = (6.0, 14.0, 24.0)  # from the softest hit to the hardest
_HATS = (42, 46)


@dataclass(frozen=True, slots=True, eq=False)
class Drums:
    """Drums as played.

    Attributes:
        kick: The kick alone, (n,).
        others: Everything else, (n,).
        hits: Seconds, General MIDI note and velocity of each hit.
    """

    kick: Wave
    others: Wave
    hits: tuple[tuple[float, int, int], ...]


class Rack:
    """Raw hits of the kit used last, since many mixes may share a kit."""

    def __init__(self, rate: int) -> None:
        """Start empty, at so many samples a second."""
        self._rate, self._number = rate, -1
        self._kit = Kit.named("909")
        self._hits: dict[tuple[int, int, int], Wave] = {}

    def load(self, number: int) -> frozenset[int]:
        """Take a kit by its number, and say which pieces it has; the same number is the same kit."""
        if number != self._number:
            self._kit, self._number, self._hits = _draw_kit(number), number, {}
        return frozenset(p.pitch for p in self._kit.pieces)

    def hit(self, pitch: int, force: int, variation: int) -> Wave:
        """One of the hits of a piece."""
        key = pitch, force, variation
        if key not in self._hits:
            strike = Strike(self._rate, FORCES[force], np.random.default_rng((self._number, *key)))
            wave = make_hit(self._kit.piece(pitch), strike)[: int(_LONGEST_SECONDS * self._rate)]
            self._hits[key] = wave.astype(np.float32)
        return self._hits[key]


def _draw_kit(number: int) -> Kit:
    random = np.random.default_rng((_KIT_STREAM, number))
    return Kit.named(_MACHINES[int(random.integers(3))]) if random.random() < _FROM_MACHINE else random_kit(random)


def play_drums(random: np.random.Generator, score: Score, samples: int, rack: Rack, kit: int, rate: int) -> Drums:
    """Play the drums of a score.

    Args:
        random: What bends the sounds.
        score: Its swing is applied.
        samples: How many.
        rack: Where hits come from.
        kit: The number of the kit.
        rate: Samples a second.
    """
    pitches, bends, bent = rack.load(kit), dict[int, _Bend](), dict[tuple[int, int, int], Wave]()
    drop = float(random.choice(_RANGES_DB))
    out = {True: np.zeros(samples, dtype=np.float32), False: np.zeros(samples, dtype=np.float32)}
    notes = [(sample_of(n.start, score, rate), fold_drum(n.pitch), n.velocity) for n in score.drums]
    hats = np.array([at for at, pitch, _ in notes if pitch in _HATS])
    hits = []
    for number, (at, pitch, velocity) in enumerate(notes):
        if at >= samples or pitch not in pitches:
            continue
        key = pitch, strike_class(velocity), number % _VARIATIONS
        if pitch not in bends:
            bends[pitch] = _draw_bend(random)
        if key not in bent:
            bent[key] = bends[pitch].apply(rack.hit(*key), rate)
        wave = _choke(bent[key], hats, at, rate) if pitch in _HATS else bent[key]
        wave = wave[: samples - at] * np.float32(10 ** (-drop / 20 * (1 - velocity / 127)))
        out[pitch == 36][at : at + len(wave)] += wave
        hits.append((at / rate, pitch, velocity))
    return Drums(out[True], out[False], tuple(hits))


def _choke(wave: Wave, hats: NDArray[np.int64], at: int, rate: int) -> Wave:
    after = int(np.searchsorted(hats, at, side="right"))
    fade = int(_CHOKE_SECONDS * rate)
    if after == len(hats) or len(wave) <= hats[after] - at + fade:
        return wave
    wave = wave[: hats[after] - at + fade].copy()
    wave[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return wave


@dataclass(frozen=True, slots=True)
class _Bend:
    """What is done to all hits of a piece: played faster, tilted around 1 kHz, shortened, louder."""

    speed: float
    tilt: float
    fade: float
    gain: float

    def apply(self, wave: Wave, rate: int) -> Wave:
        if self.speed != 1:
            wave = np.interp(np.arange(0, len(wave) - 1, self.speed), np.arange(len(wave)), wave)
        if self.tilt:
            from scipy.fft import irfft, rfft  # noqa: PLC0415

            length = 1 << (len(wave) - 1).bit_length()
            hertz = np.maximum(np.fft.rfftfreq(length, 1 / rate), 40).astype(np.float32)
            wave = irfft(rfft(wave, length) * (hertz / 1000) ** np.float32(self.tilt), length)[: len(wave)]
        if self.fade:
            wave = wave * np.exp(-np.arange(len(wave)) / (self.fade * rate))
        return np.asarray(wave * self.gain, dtype=np.float32)


def _draw_bend(random: np.random.Generator) -> _Bend:
    return _Bend(
        speed=float(np.exp(random.normal(0, 0.1))) if random.random() < 0.4 else 1.0,
        tilt=float(random.normal(0, 0.2)) if random.random() < 0.4 else 0.0,
        fade=float(np.exp(random.uniform(np.log(0.08), np.log(0.6)))) if random.random() < 0.15 else 0.0,
        gain=float(10 ** (random.normal(0, 3) / 20)),
    )
