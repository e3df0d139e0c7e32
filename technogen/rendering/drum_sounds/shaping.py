"""What a hit goes through after its circuit: filters, overdrive, the steps of an old sampler, and a gate."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from technogen.rendering.drum_sounds.strike import Strike, Wave, band

_OVERSAMPLING = 4
_GATE_CLOSING = 0.004


@dataclass(frozen=True, slots=True)
class Shaping:
    """What any piece can go through, in this order; with the defaults, nothing.

    Attributes:
        drive: Gain in dB into a soft clipper, 0 for none.
        fold: Gain into a wave folder, 0 for none.
        bits: Resolution, 16 for as it is.
        hold: Hz at which samples are taken and held, 0 for all.
        low: High-pass in Hz, 0 for none.
        high: Low-pass in Hz, 0 for none.
        gate: Seconds after which a gate closes, 0 for never.
    """

    drive: float = 0.0
    fold: float = 0.0
    bits: float = 16.0
    hold: float = 0.0
    low: float = 0.0
    high: float = 0.0
    gate: float = 0.0

    def shape(self, wave: Wave, s: Strike) -> Wave:
        """The hit as it comes out; accents, which are louder, are driven further."""
        wave = wave / max(float(np.abs(wave).max()), 1e-9)
        if self.drive > 0 or self.fold > 0:
            wave = self._bend(wave, 0.6 + 0.4 * s.force)
        if self.bits < 16:
            steps = 2.0 ** (self.bits - 1)
            wave = np.round(wave * steps) / steps
        if 0 < self.hold < s.rate:
            wave = wave[(np.floor(np.arange(len(wave)) * self.hold / s.rate) * s.rate / self.hold).astype(np.int64)]
        if self.low > 0 or self.high > 0:
            wave = band(wave, s.rate, self.low or None, self.high or None)
        if self.gate > 0:
            end = min(len(wave), int((self.gate + _GATE_CLOSING) * s.rate))
            wave = wave[: max(2, end)] * np.clip((end - np.arange(end)) / (_GATE_CLOSING * s.rate), 0, 1)[: max(2, end)]
        return wave

    def _bend(self, wave: Wave, force: float) -> Wave:
        from scipy.signal import resample_poly  # noqa: PLC0415

        fast = resample_poly(wave, _OVERSAMPLING, 1)
        if self.fold > 0:
            fast = np.sin(0.5 * np.pi * (1 + self.fold * force) * fast)
        if self.drive > 0:
            fast = np.tanh(10 ** (self.drive / 20) * force * fast)
        return np.asarray(resample_poly(fast, 1, _OVERSAMPLING))


SHAPING_FIELDS = frozenset(field.name for field in fields(Shaping))
"""The numbers of a piece that are not its circuit's."""
