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
    _piece(62, "conga", -8, 0.35, 0.3, tune=395.0, decay=0.035, slap=0.6),
    _piece(63, "conga", -8, 0.35, 0.3, tune=375.0, decay=0.11, slap=0.3),
    _piece(64, "conga", -7, -0.3, 0.3, tune=210.0, decay=0.14, slap=0.25),
    _piece(70, "maracas", -14, -0.4, 0.2),
    _piece(75, "claves", -11, -0.35, 0.4),
)

_K909 = (
    _piece(36, "kick 909", -1.5),
    _piece(37, "rim", -7, 0.15, 0.35, tune=500.0, interval=3.44, decay=0.009),
    _piece(38, "snare", -3, 0.0, 0.3, tune=186.0, interval=1.785, decay=0.07, rattle=0.13, snappy=0.75, bend=0.35),
    _piece(39, "clap", -4, 0.0, 0.45),
    _piece(42, "hat", -12, 0.12, 0.03, decay=0.038, grain=0.55, edge=7000.0, bits=6.0),
    _piece(43, "tom", -3, -0.3, 0.2, tune=84.0, decay=0.2, bend=0.55, skin=0.2),
    _piece(46, "hat", -12, 0.12, 0.05, decay=0.2, grain=0.55, edge=6600.0, bits=6.0),
    _piece(47, "tom", -4, 0.0, 0.2, tune=122.0, decay=0.17, bend=0.55, skin=0.2),
    _piece(49, "cymbal", -11, -0.25, 0.2, decay=0.75, edge=2600.0, grain=0.6),
    _piece(50, "tom", -5, 0.3, 0.2, tune=168.0, decay=0.14, bend=0.55, skin=0.2),
    _piece(51, "cymbal", -14, 0.3, 0.1, decay=0.55, edge=3600.0, ping=0.16, grain=0.3),
    *_HANDS,
)
_K808 = (
    _piece(36, "kick 808", -3.5),
    _piece(37, "rim", -8, 0.15, 0.3, tune=455.0, interval=3.664, decay=0.006),
    _piece(38, "snare", -3, 0.0, 0.25, tune=177.0, interval=1.864, decay=0.09, rattle=0.09, snappy=0.5, bend=0.05),
    _piece(39, "clap", -4, 0.0, 0.45, tune=1000.0, decay=0.11),
    _piece(42, "hat", -12, 0.12, 0.03, decay=0.03, edge=7400.0),
    _piece(43, "tom", -4, -0.3, 0.2, tune=80.0, decay=0.24, bend=0.12, skin=0.06),
    _piece(46, "hat", -13, 0.12, 0.05, decay=0.24, edge=7000.0),
    _piece(47, "tom", -5, 0.0, 0.2, tune=120.0, decay=0.2, bend=0.12, skin=0.06),
    _piece(49, "cymbal", -12, -0.25, 0.2, decay=0.6, edge=2900.0),
    _piece(50, "tom", -6, 0.3, 0.2, tune=165.0, decay=0.16, bend=0.12, skin=0.06),
    _piece(51, "cymbal", -15, 0.3, 0.1, decay=0.4, edge=4000.0, ping=0.1),
    *_HANDS,
)

KITS: dict[KitName, Kit] = {
    "909": Kit("909", _K909),
    "808": Kit("808", _K808),
    "industrial": Kit("industrial", _K909).turned(36, tune=-2, drive=18).turned(38, snappy=1.0, drive=12),
}
