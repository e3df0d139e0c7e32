"""What a hit goes through after its circuit: filters, overdrive, the steps of an old sampler, and a gate."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from technogen.rendering.drum_sounds.filters import band, clip, faster, slower
from technogen.rendering.drum_sounds.oscillators import held
from technogen.rendering.drum_sounds.strike import Strike, Wave, at_peak

_GATE_CLOSING = 0.004


@dataclass(frozen=True, slots=True)
class Shaping:
    """What any piece can go through, in this order; with the defaults, nothing.

    Attributes:
        fold: Gain into a wave folder, 0 for none.
        drive: Gain in dB into a soft clipper, 0 and below for none.
        crush: Resolution in bits, 16 for as it is.
        sampled: Hz at which values are taken and held, 0 for as it is.
        highpass: In Hz, 0 for none.
        lowpass: In Hz, 0 for none.
        gate: Seconds after which a gate closes, 0 for never.
    """

    fold: float = 0.0
    drive: float = 0.0
    crush: float = 16.0
    sampled: float = 0.0
    highpass: float = 0.0
    lowpass: float = 0.0
    gate: float = 0.0

    def shape(self, wave: Wave, s: Strike) -> Wave:
        """The hit as it comes out, at a peak of about 1; accents are driven further."""
        wave = at_peak(wave)
        if self.fold > 0:
            wave = _folded(wave, 1 + self.fold * (0.5 + 0.5 * s.force))
        if self.drive > 0:
            wave = clip(wave, 10 ** (self.drive / 20) * (0.6 + 0.4 * s.force))
        if self.crush < 16:
            steps = 2.0 ** (self.crush - 1)
            wave = np.round(wave * steps) / steps  # what is below half a step is silent
        if 0 < self.sampled < s.rate:
            taken = wave[np.arange(0, len(wave), s.rate / self.sampled).astype(np.int64)]
            wave = held(taken, self.sampled, len(wave), s.rate)
        if self.highpass > 0 or self.lowpass > 0:
            wave = band(wave, s.rate, self.highpass or None, self.lowpass or None)
        if self.gate > 0:
            wave = wave[: max(2, int((self.gate + _GATE_CLOSING) * s.rate))]
            wave = wave * np.clip((len(wave) - np.arange(len(wave))) / (_GATE_CLOSING * s.rate), 0, 1)
        return wave


SHAPING_FIELDS = frozenset(field.name for field in fields(Shaping))
"""The numbers of a piece that are not its circuit's."""


def _folded(wave: Wave, gain: float) -> Wave:
    return slower(np.sin(0.5 * np.pi * gain * faster(wave, 4)), 4)
