"""The built-in kits, as tables."""

from __future__ import annotations

from dataclasses import replace

from technogen.rendering.drum_sounds import CircuitName
from technogen.rendering.kits.types import HATS, Kit, Piece
from technogen.rendering.options import KitName


def _piece(
    pitch: int, circuit: CircuitName, level: float, pan: float = 0.0, send: float = 0.0, **numbers: float
) -> Piece:
    group = HATS if pitch in (42, 46) else 0
    return Piece(pitch, circuit, tuple(sorted(numbers.items())), level, pan, send, group)


_HANDS = (
    _piece(56, "cowbell", -9, 0.3, 0.3),
    _piece(62, "conga", -8, 0.35, 0.3, tune=385.0, decay=0.03, slap=0.6),
    _piece(63, "conga", -8, 0.35, 0.3, tune=370.0, decay=0.09, slap=0.3),
    _piece(64, "conga", -7, -0.3, 0.3, tune=195.0, decay=0.12, slap=0.25),
    _piece(70, "maracas", -14, -0.4, 0.2),
    _piece(75, "claves", -8.5, -0.35, 0.4),
)

_K909 = (
    _piece(36, "kick 909", -1.5),
    _piece(37, "rim", -7, 0.15, 0.35, tune=480.0, interval=3.6, decay=0.008),
    _piece(38, "snare 909", -3, 0.0, 0.3),
    _piece(39, "clap", -6.5, 0.0, 0.45),
    _piece(42, "metal memory", -10.5, 0.12, 0.03, decay=0.034, edge=6200.0, memory=1.0, tilt=0.0),
    _piece(43, "tom", -3, -0.3, 0.2, tune=82.0, decay=0.17, bend=0.8, skin=0.2),
    _piece(46, "metal memory", -11, 0.12, 0.05, decay=0.17, edge=5800.0, memory=1.0, tilt=0.0),
    _piece(47, "tom", -4, 0.0, 0.2, tune=118.0, decay=0.14, bend=0.8, skin=0.2),
    _piece(49, "metal memory", -8, -0.25, 0.2, decay=0.55, edge=2200.0, memory=3.0, low=1200.0, tilt=-1.0, grain=0.6),
    _piece(50, "tom", -5, 0.3, 0.2, tune=162.0, decay=0.12, bend=0.8, skin=0.2),
    _piece(51, "metal memory", -14, 0.3, 0.1, decay=0.5, edge=2400.0, memory=5.0, tilt=-1.5, bell=0.8, grain=0.15),
    *_HANDS,
)
_K808 = (
    _piece(36, "kick 808", -3.5),
    _piece(37, "rim", -8, 0.15, 0.3, tune=455.0, interval=3.664, decay=0.0055),
    _piece(38, "snare 808", -2.5, 0.0, 0.25),
    _piece(39, "clap", -6.5, 0.0, 0.45, tune=1000.0, decay=0.1),
    _piece(42, "hat squares", -9.5, 0.12, 0.03, decay=0.026),
    _piece(43, "tom", -4, -0.3, 0.2, tune=80.0, decay=0.2, bend=0.15, overtone=0.0, skin=0.07, breath=1500.0),
    _piece(46, "hat squares", -11, 0.12, 0.05, decay=0.18, edge=6800.0),
    _piece(47, "tom", -5, 0.0, 0.2, tune=120.0, decay=0.16, bend=0.15, overtone=0.0, skin=0.07, breath=1700.0),
    _piece(49, "cymbal squares", -12, -0.25, 0.2, decay=0.42),
    _piece(50, "tom", -6, 0.3, 0.2, tune=165.0, decay=0.13, bend=0.15, overtone=0.0, skin=0.07, breath=2000.0),
    _piece(51, "cymbal squares", -18, 0.3, 0.1, decay=0.3, bright=0.7, ping=0.35),
    *_HANDS,
)

_INDUSTRIAL = (
    _piece(36, "kick driven", -3.0),
    _piece(37, "modulated", -13, 0.15, 0.3, tune=640.0, ratio=2.71, depth=4.0, decay=0.02, shrink=0.4, drive=12.0),
    replace(
        _piece(38, "noise", -4, 0.0, 0.25, tune=2400.0, width=1.7, decay=0.012, hold=0.11, gate=0.15, drive=14.0),
        layer=_piece(38, "membrane", 1.0, tune=168.0, decay=0.05, bend=0.6, strike=0.9, drive=10.0),
    ),
    _piece(39, "clap", -11.5, 0.0, 0.4, tune=1400.0, hands=6.0, gap=0.013, decay=0.06, drive=12.0, crush=7.0),
    _piece(42, "modulated", -15, 0.12, 0.03, tune=5200.0, ratio=1.483, depth=5.0, decay=0.02, shrink=1.5,
           feedback=1.2, edge=5500.0, drive=8.0),
    _piece(43, "plate", -2, -0.35, 0.25, tune=92.0, top=1900.0, count=16.0, decay=0.17, ring=0.25,
           drive=12.0),
    _piece(46, "metal memory", -16.5, 0.12, 0.05, decay=0.13, edge=4800.0, memory=11.0, clock=26_000.0, bits=5.0,
           drive=16.0),
    _piece(47, "plate", -3, 0.1, 0.25, tune=139.0, top=2600.0, count=15.0, plate=2.0, decay=0.16, ring=0.25,
           drive=12.0),
    _piece(49, "plate", -10, -0.3, 0.3, tune=320.0, top=12_000.0, count=240.0, plate=9.0, decay=0.7, damping=0.25,
           tilt=0.0, drive=9.0),
    _piece(50, "plate", -4, 0.35, 0.25, tune=196.0, top=3400.0, count=14.0, plate=3.0, decay=0.14, ring=0.25,
           drive=12.0),
    _piece(51, "plate", -15.5, 0.3, 0.15, tune=840.0, top=9800.0, count=56.0, plate=5.0, decay=0.4, damping=0.25,
           tilt=-1.0, ring=0.3, drive=6.0),
    _piece(56, "plate", -13, 0.3, 0.3, tune=610.0, top=6200.0, count=9.0, plate=4.0, decay=0.15, damping=0.3,
           drive=6.0),
    _piece(62, "modulated", -13, 0.4, 0.3, tune=430.0, ratio=1.73, depth=5.0, decay=0.03, bend=0.15, drive=8.0),
    _piece(63, "modulated", -10, 0.4, 0.3, tune=345.0, ratio=1.41, depth=4.0, decay=0.09, bend=0.15, drive=8.0),
    _piece(64, "modulated", -9, -0.4, 0.3, tune=205.0, ratio=2.41, depth=4.0, decay=0.13, bend=0.15, drive=8.0),
    _piece(70, "noise", -16, -0.45, 0.2, tune=4800.0, width=0.8, swell=0.018, decay=0.018, sampled=20_000.0, crush=6.0),
    _piece(75, "modulated", -10, -0.4, 0.4, tune=1700.0, ratio=3.31, depth=1.6, decay=0.016, bend=1.2, drive=6.0),
)  # fmt: skip

KITS: dict[KitName, Kit] = {
    "909": Kit("909", _K909),
    "808": Kit("808", _K808),
    "industrial": Kit("industrial", _INDUSTRIAL),
}
"""The built-in machines."""
