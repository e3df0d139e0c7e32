"""SF2 files from samples, by the SoundFont 2.01 specification: equal input gives equal bytes.

A file is a RIFF of three lists. INFO holds texts; sdta all samples one after the other, 16 bits; pdta nine tables.
There, a preset is a row of `phdr` that owns rows of `pbag`, each of which owns rows of `pgen`; generator 41 names a row
of `inst`, which owns `ibag` and `igen` likewise, and in them generator 53 names a row of `shdr`, a sample. What a row
owns goes on until the place that the next row names, so that each table is closed by one row more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_GAP = 46
"""Zeros that the specification wants after each sample."""

GENERATORS: dict[str, int] = {
    "hold": 35,
    "decay": 36,
    "sustain": 37,
    "release": 38,
    "loops": 54,
    "exclusive": 57,
    "root": 58,
}
"""What a zone can say: stages of its volume envelope, whether it loops (1), which notes cut each other off, its key."""

_PAN, _INSTRUMENT, _KEYS, _VELOCITIES, _SAMPLE = 17, 41, 43, 44, 53
_MONO = 1


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One recording.

    Attributes:
        name: At most 19 ASCII characters.
        frames: int16, (n,).
        rate: Samples a second.
        key: The MIDI note at which it sounds as it is.
        loop: First frame of the loop and the frame after its last, or `None`.
    """

    name: str
    frames: NDArray[np.int16]
    rate: int
    key: int
    loop: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a sample sounds, and how.

    Attributes:
        sample: The name of a sample.
        keys: Lowest and highest note.
        velocities: Lowest and highest velocity.
        pan: -0.5 left .. 0.5 right.
        generators: By the names of `GENERATORS`, in the units of the specification.
    """

    sample: str
    keys: tuple[int, int]
    velocities: tuple[int, int] = (0, 127)
    pan: float = 0.0
    generators: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Zones under a name of at most 19 ASCII characters."""

    name: str
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A preset: an instrument at a bank and program, under a name of its own."""

    name: str
    bank: int
    program: int
    instrument: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What the file says of itself."""

    name: str
    engineer: str
    licence: str
    comment: str


def timecents(seconds: float) -> int:
    """A time in the unit of SF2 envelopes."""
    return round(1200 * float(np.log2(seconds)))


def soundfont_bytes(
    texts: Texts, samples: Iterable[Sample], instruments: Iterable[Instrument], entries: Iterable[Entry]
) -> bytes:
    """An SF2 file.

    Args:
        texts: For the INFO list.
        samples: Named by the zones of the instruments.
        instruments: Named by the entries.
        entries: The presets, in any order.
    """
    kept, played = list(samples), list(instruments)
    listed = sorted(entries, key=lambda entry: (entry.bank, entry.program))
    body = b"sfbk" + _info(texts) + _list(b"sdta", _chunk(b"smpl", _pool(kept)))
    return _chunk(b"RIFF", body + _list(b"pdta", _tables(listed, played, kept)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(kind: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", kind + data)


def _info(texts: Texts) -> bytes:
    rows = (
        (b"isng", "EMU8000"),
        (b"INAM", texts.name),
        (b"IENG", texts.engineer),
        (b"ICOP", texts.licence),
        (b"ICMT", texts.comment),
        (b"ISFT", "TechnoGen"),
    )
    version = _chunk(b"ifil", struct.pack("<HH", 2, 1))
    return _list(b"INFO", version + b"".join(_chunk(kind, _text(text)) for kind, text in rows))


def _text(text: str) -> bytes:
    """Closed by one zero, or by two where that makes its length even."""
    data = text.encode("ascii")[:65_000] + b"\0"
    return data + b"\0" * (len(data) % 2)


def _pool(samples: list[Sample]) -> bytes:
    return b"".join(s.frames.astype("<i2").tobytes() + bytes(2 * _GAP) for s in samples)


def _tables(entries: list[Entry], instruments: list[Instrument], samples: list[Sample]) -> bytes:
    numbers = {instrument.name: n for n, instrument in enumerate(instruments)}
    places = {sample.name: n for n, sample in enumerate(samples)}
    presets = [[struct.pack("<HH", _INSTRUMENT, numbers[entry.instrument])] for entry in entries]
    phdr = [_preset_row(entry.name, entry.program, entry.bank, n) for n, entry in enumerate(entries)]
    inst: list[bytes] = []
    zones: list[list[bytes]] = []
    for instrument in instruments:
        inst.append(struct.pack("<20sH", instrument.name.encode("ascii"), len(zones)))
        zones += [_zone_rows(zone, places[zone.sample]) for zone in instrument.zones]
    phdr.append(_preset_row("EOP", 0, 0, len(entries)))
    inst.append(struct.pack("<20sH", b"EOI", len(zones)))
    chunks = (
        (b"phdr", b"".join(phdr)),
        *_bags(b"p", presets),
        (b"inst", b"".join(inst)),
        *_bags(b"i", zones),
        (b"shdr", _sample_rows(samples)),
    )
    return b"".join(_chunk(kind, data) for kind, data in chunks)


def _preset_row(name: str, program: int, bank: int, bag: int) -> bytes:
    return struct.pack("<20sHHHIII", name.encode("ascii"), program, bank, bag, 0, 0, 0)


def _bags(letter: bytes, zones: list[list[bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """The tables of bags, modulators (none) and generators of presets or instruments."""
    places = np.cumsum([0, *(len(rows) for rows in zones)])
    bag = b"".join(struct.pack("<HH", place, 0) for place in places)
    gen = b"".join(row for rows in zones for row in rows) + bytes(4)
    return (letter + b"bag", bag), (letter + b"mod", bytes(10)), (letter + b"gen", gen)


def _zone_rows(zone: Zone, sample: int) -> list[bytes]:
    """The generators of a zone: its ranges first, its sample last, as the specification wants."""
    rows = [struct.pack("<HBB", _KEYS, *zone.keys), struct.pack("<HBB", _VELOCITIES, *zone.velocities)]
    if zone.pan:
        rows.append(struct.pack("<Hh", _PAN, round(1000 * zone.pan)))
    named = sorted((GENERATORS[name], value) for name, value in zone.generators.items())
    rows += [struct.pack("<Hh", number, value) for number, value in named]
    return [*rows, struct.pack("<HH", _SAMPLE, sample)]


def _sample_rows(samples: list[Sample]) -> bytes:
    rows, start = [], 0
    for s in samples:
        end = start + len(s.frames)
        first, last = s.loop or (8, len(s.frames) - 8)
        numbers = (start, end, start + first, start + last, s.rate, s.key, 0, 0, _MONO)
        rows.append(struct.pack("<20s5IBbHH", s.name.encode("ascii"), *numbers))
        start = end + _GAP
    return b"".join(rows) + struct.pack("<20s5IBbHH", b"EOS", *([0] * 9))
