"""SF2 files from samples, by the SoundFont 2.01 specification: equal input gives equal bytes.

A file is a RIFF of three lists. INFO holds texts; sdta all samples one after the other, 16 bits; pdta nine tables.
There, a preset is a row of `phdr` that owns rows of `pbag`, each of which owns rows of `pgen`; generator 41 names a row
of `inst`, which owns `ibag` and `igen` likewise, and in them generator 53 names a row of `shdr`, a sample. What a row
owns goes on until the place that the next row names, so that each table is closed by one row more. Rows of `pbag` and
`ibag` own rows of `pmod` and `imod` as well: modulators, by which velocity and key change what the generators say. The
first zone of an instrument may name no sample: what it says holds for the others too.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from technogen.errors import SoundfontError

_LONGEST_NAME = 19
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
"""What a zone can say of its volume envelope, of its loop (1 if it has one), of what cuts it off, and of its key."""

SOURCES: dict[str, int] = {"velocity": 0x0002, "key": 0x0003, "no velocity": 0x0102, "velocity curve": 0x0502}
"""What a modulator can listen to. Velocity and key go from 0 to 1, no velocity from 1 to 0, on straight lines; the
curve is that of the modulator from velocity to attenuation that every player has by itself."""
DESTINATIONS: dict[str, int] = {"cutoff": 8, "pan": 17, "attenuation": 48}
"""What a modulator can move, in cents, in tenths of a percent, and in tenths of a decibel."""

_VELOCITY_SWITCH = 0x0D02
_INSTRUMENT, _KEYS, _VELOCITIES, _SAMPLE = 41, 43, 44, 53
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
class Modulator:
    """Adds to a generator what a source says.

    Attributes:
        source: One of `SOURCES`.
        destination: One of `DESTINATIONS`.
        amount: What is added where the source says 1, in the unit of the destination.
        switched: Whether it counts for low velocities alone; there to write over the one that players have.
    """

    source: str
    destination: str
    amount: int
    switched: bool = False


NO_VELOCITY = (
    Modulator("velocity curve", "attenuation", 0),
    Modulator("no velocity", "cutoff", 0),
    Modulator("no velocity", "cutoff", 0, switched=True),
)
"""Takes out what players do with a low velocity unasked, which is softer, and in some also darker."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a sample sounds, and how.

    Attributes:
        sample: The name of a sample.
        keys: Lowest and highest note.
        velocities: Lowest and highest velocity.
        generators: By the names of `GENERATORS`, in the units of the specification.
        modulators: At most one of a source and a destination.
    """

    sample: str
    keys: tuple[int, int]
    velocities: tuple[int, int] = (0, 127)
    generators: dict[str, int] = field(default_factory=dict)
    modulators: tuple[Modulator, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """Zones under a name of at most 19 ASCII characters, and modulators that all of them have."""

    name: str
    zones: tuple[Zone, ...]
    modulators: tuple[Modulator, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bag:
    generators: list[bytes]
    modulators: list[bytes]


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
    return round(1200 * math.log2(seconds))


def soundfont_bytes(
    texts: Texts, samples: Iterable[Sample], instruments: Iterable[Instrument], entries: Iterable[Entry]
) -> bytes:
    """An SF2 file.

    Args:
        texts: For the INFO list.
        samples: Named by the zones of the instruments.
        instruments: Named by the entries.
        entries: The presets, in any order.

    Raises:
        SoundfontError: If a name is not ASCII or too long, names nothing, or a loop lies outside its sample.
    """
    kept, played = list(samples), list(instruments)
    listed = sorted(entries, key=lambda entry: (entry.bank, entry.program))
    _check(kept, played, listed)
    body = b"sfbk" + _info(texts) + riff_list(b"sdta", riff_chunk(b"smpl", _pool(kept)))
    return riff_chunk(b"RIFF", body + riff_list(b"pdta", _tables(listed, played, kept)))


def _check(samples: list[Sample], instruments: list[Instrument], entries: list[Entry]) -> None:
    names = [*(s.name for s in samples), *(i.name for i in instruments), *(entry.name for entry in entries)]
    for name in names:
        if not name.isascii() or not 0 < len(name) <= _LONGEST_NAME:
            raise SoundfontError(f"a name in an SF2 file has 1..{_LONGEST_NAME} ASCII characters, got {name!r}")
    _check_known("sample", {s.name for s in samples}, (zone.sample for i in instruments for zone in i.zones))
    _check_known("instrument", {i.name for i in instruments}, (entry.instrument for entry in entries))
    for sample in samples:
        first, last = sample.loop or (0, len(sample.frames))
        if not 0 <= first < last <= len(sample.frames):
            raise SoundfontError(f"a loop lies within its sample, got {sample.loop} of {len(sample.frames)} frames")


def _check_known(kind: str, known: set[str], asked: Iterable[str]) -> None:
    for name in asked:
        if name not in known:
            raise SoundfontError(f"there is no {kind} {name!r}; there are {', '.join(sorted(known))}")


def riff_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a RIFF file: its kind, its length, and what it holds, filled to an even length."""
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff_list(kind: bytes, data: bytes) -> bytes:
    """A chunk that holds chunks."""
    return riff_chunk(b"LIST", kind + data)


def riff_texts(rows: Iterable[tuple[bytes, str]]) -> bytes:
    """Chunks of ASCII text, each closed by one zero, or by two where that makes its length even."""
    made = []
    for kind, text in rows:
        data = text.encode("ascii")[:65_000] + b"\0"
        made.append(riff_chunk(kind, data + b"\0" * (len(data) % 2)))
    return b"".join(made)


def _info(texts: Texts) -> bytes:
    rows = (
        (b"isng", "EMU8000"),
        (b"INAM", texts.name),
        (b"IENG", texts.engineer),
        (b"ICOP", texts.licence),
        (b"ICMT", texts.comment),
        (b"ISFT", "TechnoGen"),
    )
    return riff_list(b"INFO", riff_chunk(b"ifil", struct.pack("<HH", 2, 1)) + riff_texts(rows))


def _pool(samples: list[Sample]) -> bytes:
    return b"".join(s.frames.astype("<i2").tobytes() + bytes(2 * _GAP) for s in samples)


def _tables(entries: list[Entry], instruments: list[Instrument], samples: list[Sample]) -> bytes:
    numbers = {instrument.name: n for n, instrument in enumerate(instruments)}
    places = {sample.name: n for n, sample in enumerate(samples)}
    presets = [_Bag([struct.pack("<HH", _INSTRUMENT, numbers[entry.instrument])], []) for entry in entries]
    phdr = [_preset_row(entry.name, entry.program, entry.bank, n) for n, entry in enumerate(entries)]
    inst: list[bytes] = []
    zones: list[_Bag] = []
    for instrument in instruments:
        inst.append(struct.pack("<20sH", instrument.name.encode("ascii"), len(zones)))
        if instrument.modulators:
            zones.append(_Bag([], _modulator_rows(instrument.modulators)))
        zones += [_zone_bag(zone, places[zone.sample]) for zone in instrument.zones]
    phdr.append(_preset_row("EOP", 0, 0, len(entries)))
    inst.append(struct.pack("<20sH", b"EOI", len(zones)))
    chunks = (
        (b"phdr", b"".join(phdr)),
        *_bag_tables(b"p", presets),
        (b"inst", b"".join(inst)),
        *_bag_tables(b"i", zones),
        (b"shdr", _sample_rows(samples)),
    )
    return b"".join(riff_chunk(kind, data) for kind, data in chunks)


def _preset_row(name: str, program: int, bank: int, bag: int) -> bytes:
    return struct.pack("<20sHHHIII", name.encode("ascii"), program, bank, bag, 0, 0, 0)


def _bag_tables(letter: bytes, bags: list[_Bag]) -> tuple[tuple[bytes, bytes], ...]:
    """The tables of bags, modulators and generators of presets or instruments."""
    generators = np.cumsum([0, *(len(bag.generators) for bag in bags)])
    modulators = np.cumsum([0, *(len(bag.modulators) for bag in bags)])
    table = b"".join(struct.pack("<HH", *places) for places in zip(generators, modulators))
    mod = b"".join(row for bag in bags for row in bag.modulators) + bytes(10)
    gen = b"".join(row for bag in bags for row in bag.generators) + bytes(4)
    return (letter + b"bag", table), (letter + b"mod", mod), (letter + b"gen", gen)


def _zone_bag(zone: Zone, sample: int) -> _Bag:
    """The generators of a zone: its ranges first, its sample last, as the specification wants."""
    rows = [struct.pack("<HBB", _KEYS, *zone.keys), struct.pack("<HBB", _VELOCITIES, *zone.velocities)]
    named = sorted((GENERATORS[name], value) for name, value in zone.generators.items())
    rows += [struct.pack("<Hh", number, value) for number, value in named]
    return _Bag([*rows, struct.pack("<HH", _SAMPLE, sample)], _modulator_rows(zone.modulators))


def _modulator_rows(modulators: Iterable[Modulator]) -> list[bytes]:
    return [
        struct.pack(
            "<HHhHH", SOURCES[m.source], DESTINATIONS[m.destination], m.amount, _VELOCITY_SWITCH * m.switched, 0
        )
        for m in modulators
    ]


def _sample_rows(samples: list[Sample]) -> bytes:
    rows, start = [], 0
    for s in samples:
        end = start + len(s.frames)
        first, last = s.loop or (8, len(s.frames) - 8)
        numbers = (start, end, start + first, start + last, s.rate, s.key, 0, 0, _MONO)
        rows.append(struct.pack("<20s5IBbHH", s.name.encode("ascii"), *numbers))
        start = end + _GAP
    return b"".join(rows) + struct.pack("<20s5IBbHH", b"EOS", *([0] * 9))
