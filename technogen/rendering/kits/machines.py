"""The built-in kits, as tables."""

from __future__ import annotations

from technogen.rendering.drum_sounds import CircuitName
from technogen.rendering.kits.types import Kit, Piece
from technogen.rendering.options import KitName

_HATS = 1


def _piece(
    pitch: int, circuit: CircuitName, level: float, pan: float = 0.0, send: float = 0.0, **numbers: float
) -> Piece:
    group = _HATS if pitch in (42, 46) else 0
    return Piece(pitch, circuit, tuple(sorted(numbers.items())), level, pan, send, group)


_HANDS = (
    _piece(56, "cowbell", -9, 0.3, 0.3),
    _piece(62, "conga", -8, 0.35, 0.3, tune=385.0, decay=0.03, slap=0.6),
    _piece(63, "conga", -8, 0.35, 0.3, tune=370.0, decay=0.09, slap=0.3),
    _piece(64, "conga", -7, -0.3, 0.3, tune=195.0, decay=0.12, slap=0.25),
    _piece(70, "maracas", -14, -0.4, 0.2),
    _piece(75, "claves", -11, -0.35, 0.4),
)

_K909 = (
    _piece(36, "kick 909", -1.5),
    _piece(37, "rim", -7, 0.15, 0.35, tune=480.0, interval=3.6, decay=0.008),
    _piece(38, "snare 909", -3, 0.0, 0.3),
    _piece(39, "clap", -4, 0.0, 0.45),
    _piece(42, "metal memory", -12, 0.12, 0.03, decay=0.034, edge=6200.0, memory=1.0, tilt=0.0),
    _piece(43, "tom", -3, -0.3, 0.2, tune=82.0, decay=0.17, bend=0.8, skin=0.2),
    _piece(46, "metal memory", -12, 0.12, 0.05, decay=0.17, edge=5800.0, memory=1.0, tilt=0.0),
    _piece(47, "tom", -4, 0.0, 0.2, tune=118.0, decay=0.14, bend=0.8, skin=0.2),
    _piece(49, "metal memory", -11, -0.25, 0.2, decay=0.55, edge=2200.0, memory=3.0, low=1200.0, tilt=-1.0, grain=0.6),
    _piece(50, "tom", -5, 0.3, 0.2, tune=162.0, decay=0.12, bend=0.8, skin=0.2),
    _piece(51, "metal memory", -14, 0.3, 0.1, decay=0.5, edge=2400.0, memory=5.0, tilt=-1.5, bell=0.8, grain=0.15),
    *_HANDS,
)
_K808 = (
    _piece(36, "kick 808", -3.5),
    _piece(37, "rim", -8, 0.15, 0.3, tune=455.0, interval=3.664, decay=0.0055),
    _piece(38, "snare 808", -3, 0.0, 0.25),
    _piece(39, "clap", -4, 0.0, 0.45, tune=1000.0, decay=0.1),
    _piece(42, "hat squares", -12, 0.12, 0.03, decay=0.026),
    _piece(43, "tom", -4, -0.3, 0.2, tune=80.0, decay=0.2, bend=0.15, overtone=0.0, skin=0.07, breath=1500.0),
    _piece(46, "hat squares", -13, 0.12, 0.05, decay=0.18, edge=6800.0),
    _piece(47, "tom", -5, 0.0, 0.2, tune=120.0, decay=0.16, bend=0.15, overtone=0.0, skin=0.07, breath=1700.0),
    _piece(49, "cymbal squares", -12, -0.25, 0.2, decay=0.42),
    _piece(50, "tom", -6, 0.3, 0.2, tune=165.0, decay=0.13, bend=0.15, overtone=0.0, skin=0.07, breath=2000.0),
    _piece(51, "cymbal squares", -15, 0.3, 0.1, decay=0.3, bright=0.7, ping=0.35),
    *_HANDS,
)

KITS: dict[KitName, Kit] = {
    "909": Kit("909", _K909),
    "808": Kit("808", _K808),
    "industrial": Kit("industrial", _K909).turned(36, tune=-2, drive=18).turned(38, snappy=1.0, drive=12),
}
