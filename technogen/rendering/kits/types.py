"""Pieces and kits: a drum machine as plain data, and the knobs that turn its pieces."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from technogen.errors import RenderError
from technogen.rendering.drum_sounds import CIRCUITS, CircuitName
from technogen.rendering.drum_sounds.shaping import SHAPING_FIELDS, Shaping
from technogen.score import DRUM_NAMES, fold_drum

HATS = 1
"""The group of the hats."""
_RANGES = {
    "tune": (-48.0, 48.0), "decay": (0.05, 20.0), "tone": (-1.0, 1.0), "snappy": (0.0, 1.0), "drive": (-60.0, 60.0),
    "level": (-60.0, 24.0), "pan": (-1.0, 1.0),
}  # fmt: skip
_PLACES = {"level": (-120.0, 24.0), "pan": (-1.0, 1.0), "send": (0.0, 1.0), "group": (0.0, 1e6)}
_LIMITS = {"tilt": (-60.0, 60.0), "drive": (-120.0, 120.0), "grit": (-120.0, 120.0), "hold": (0.0, 1e7)}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a kit.

    Attributes:
        pitch: Its General MIDI note, one of `DRUM_NAMES`.
        circuit: Which kind of voice plays it.
        parameters: The numbers that are not the circuit's defaults, sorted: fields of the circuit and of `Shaping`.
        level: Peak of a full hit in dB.
        pan: -1 left .. 1 right.
        send: Share that goes to the room.
        group: Hits of the same group cut each other off; 0 for none. A piece always cuts itself off.
        layer: What sounds with it, its level relative to this; pan, send and group of a layer do not count.

    Raises:
        RenderError: If there is no such note, circuit or number, or a value is out of range.
    """

    pitch: int
    circuit: CircuitName
    parameters: tuple[tuple[str, float], ...] = ()
    level: float = 0.0
    pan: float = 0.0
    send: float = 0.0
    group: int = 0
    layer: Piece | None = None

    def __post_init__(self) -> None:
        if self.pitch not in DRUM_NAMES:
            raise RenderError(f"a piece is one of the notes {sorted(DRUM_NAMES)}, got {self.pitch!r}")
        if self.circuit not in CIRCUITS:
            raise RenderError(f"circuit must be one of {', '.join(CIRCUITS)}, got {self.circuit!r}")
        for name, value in self.parameters:
            self._check_number(name, value)
        for name, (low, high) in _PLACES.items():
            _check_range(name, getattr(self, name), low, high)
        if self.layer is not None and not isinstance(self.layer, Piece):
            raise RenderError(f"layer must be a Piece or None, got {self.layer!r}")
        object.__setattr__(self, "parameters", tuple(sorted(self.parameters)))

    def _check_number(self, name: str, value: float) -> None:
        circuit, own = CIRCUITS[self.circuit], _fields_of(self.circuit)
        if name not in own | SHAPING_FIELDS:
            has = ", ".join(sorted(own | SHAPING_FIELDS))
            raise RenderError(f"the circuit {self.circuit!r} has no {name!r}; it has {has}")
        lowest = 1e-6 if name in circuit.TUNED or name in circuit.LENGTHS else 0.0
        low, high = _LIMITS.get(name, (lowest, 1e7))
        _check_range(f"{name} of {DRUM_NAMES[self.pitch]}", value, low, high)

    def value(self, name: str) -> float:
        """One of its numbers: a field of its circuit or of `Shaping`."""
        owner = CIRCUITS[self.circuit] if name in _fields_of(self.circuit) else Shaping
        default = next(f.default for f in fields(owner) if f.name == name)  # type: ignore[arg-type]
        return float(dict(self.parameters).get(name, default))  # type: ignore[arg-type]

    def having(self, **values: float) -> Piece:
        """The same piece with other numbers."""
        return replace(self, parameters=tuple(sorted({**dict(self.parameters), **values}.items())))

    @property
    def knobs(self) -> frozenset[str]:
        """What `Kit.turned` can turn: "tune", "decay", "tone" and "snappy" where the circuit has them."""
        circuit = CIRCUITS[self.circuit]
        has = {"tune": circuit.TUNED, "decay": circuit.LENGTHS, "tone": circuit.TONED}
        has["snappy"] = tuple({"snappy"} & _fields_of(self.circuit))
        return frozenset(name for name, turned in has.items() if turned) | {"drive", "level", "pan"}


@dataclass(frozen=True, slots=True)
class Kit:
    """A drum machine: equal by value, nothing but data.

    `Kit.named("909").turned("kick", tune=-2, drive=6).turned(39, decay=1.5)` is a kit of one's own.

    Attributes:
        name: What it is called.
        pieces: One for each note of `DRUM_NAMES`, in their order.
    """

    name: str
    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(sorted(self.pieces, key=lambda piece: piece.pitch)))
        if [piece.pitch for piece in self.pieces] != sorted(DRUM_NAMES):
            raise RenderError(
                f"a kit has one piece for each of {sorted(DRUM_NAMES)}, got {[p.pitch for p in self.pieces]}"
            )

    @staticmethod
    def named(name: str) -> Kit:
        """A built-in kit: "909", "808" or "industrial".

        Raises:
            RenderError: If there is no such kit.
        """
        from technogen.rendering.kits.machines import KITS  # noqa: PLC0415

        for known, kit in KITS.items():
            if name == known:
                return kit
        raise RenderError(f"kit must be {', '.join(map(repr, KITS))}, got {name!r}")

    def piece(self, pitch: int) -> Piece:
        """The piece that plays a General MIDI drum note."""
        folded = fold_drum(pitch)
        return next(piece for piece in self.pieces if piece.pitch == folded)

    def turned(  # noqa: PLR0913
        self,
        piece: int | str,
        *,
        tune: float = 0.0,
        decay: float = 1.0,
        tone: float = 0.0,
        snappy: float | None = None,
        drive: float = 0.0,
        level: float = 0.0,
        pan: float | None = None,
    ) -> Kit:
        """The same kit with the knobs of one piece turned.

        Args:
            piece: Its General MIDI note, or its name in `DRUM_NAMES`.
            tune: Semitones up.
            decay: Factor, 0.05..20.
            tone: Brightness from -1 (dark) to 1 (bright).
            snappy: Level of the snares, 0..1; `None` leaves it.
            drive: Gain into the piece's overdrive in dB, added to what it has.
            level: Gain in dB.
            pan: -1 left .. 1 right; `None` leaves it.

        Raises:
            RenderError: If there is no such piece or knob, or a value is out of range.
        """
        turned = {"tune": tune, "decay": decay, "tone": tone, "snappy": snappy, "drive": drive, "level": level}
        turned["pan"] = pan
        pitch = _pitch_of(piece)
        values = {name: value for name, value in turned.items() if value is not None}
        for name, value in values.items():
            _check_range(name, value, *_RANGES[name])
        changed = {name: value for name, value in values.items() if value != _NEUTRAL.get(name)}
        self._check_knobs(pitch, changed)
        return replace(self, pieces=tuple(_turn(p, changed) if p.pitch == pitch else p for p in self.pieces))

    def _check_knobs(self, pitch: int, changed: dict[str, float]) -> None:
        for name in changed:
            if name not in self.piece(pitch).knobs:
                having = [DRUM_NAMES[p.pitch] for p in self.pieces if name in p.knobs]
                where = f"these have: {', '.join(having)}" if having else "no piece of this kit has"
                raise RenderError(f"the {DRUM_NAMES[pitch]} of kit {self.name!r} has no {name} knob; {where}")


def _check_range(name: str, value: float, low: float, high: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise RenderError(f"{name} must be a number in {low:g}..{high:g}, got {value!r}")


_NEUTRAL = {"tune": 0.0, "decay": 1.0, "tone": 0.0, "drive": 0.0, "level": 0.0}


def _fields_of(circuit: CircuitName) -> frozenset[str]:
    return frozenset(f.name for f in fields(CIRCUITS[circuit]))  # type: ignore[arg-type]


def _pitch_of(piece: int | str) -> int:
    for pitch, name in DRUM_NAMES.items():
        if piece in (pitch, name) and not isinstance(piece, bool):
            return pitch
    names = ", ".join(f"{name} ({pitch})" for pitch, name in DRUM_NAMES.items())
    raise RenderError(f"piece must be one of {names}, got {piece!r}")


def _turn(piece: Piece, changed: dict[str, float]) -> Piece:
    """The piece and what is layered under it, turned as far as their circuits can be."""
    circuit, numbers = CIRCUITS[piece.circuit], dict[str, float]()
    for knob, names, factor in (
        ("tune", circuit.TUNED, 2 ** (changed.get("tune", 0.0) / 12)),
        ("decay", circuit.LENGTHS, changed.get("decay", 1.0)),
        ("tone", circuit.TONED, 2 ** changed.get("tone", 0.0)),
    ):
        if knob in changed:
            numbers |= {name: piece.value(name) * factor for name in names}
    if "snappy" in changed and "snappy" in piece.knobs:
        numbers["snappy"] = changed["snappy"]
    if "drive" in changed:
        numbers["drive"] = piece.value("drive") + changed["drive"]
    layer = _turn(replace(piece.layer), changed | {"level": 0.0}) if piece.layer else None
    level, pan = piece.level + changed.get("level", 0.0), changed.get("pan", piece.pan)
    return replace(piece.having(**numbers), level=level, pan=pan, layer=layer)
