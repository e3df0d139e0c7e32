"""A bounded look into an SF2 file before any synthesiser opens it: its chunks, its tables and the presets it names."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from technogen.errors import MissingFileError, SoundfontError

MOST_BYTES = 2**31
_MOST_TABLE_BYTES = 64 * 2**20
_MOST_CHUNKS = 64
RECORD_BYTES = {"phdr": 38, "pbag": 4, "pmod": 10, "pgen": 4, "inst": 22, "ibag": 4, "imod": 10, "igen": 4, "shdr": 46}
"""The tables of an SF2 file, in their order, with the bytes of one record; the last record of each closes it."""
_VELOCITY_TO_ATTENUATION = (0x0502, 48)  # the source and destination of the modulator of that name


@dataclass(frozen=True, slots=True, order=True)
class Preset:
    """A sound in a soundfont.

    Attributes:
        bank: 0..128; 128 holds drum kits.
        program: 0..127.
        name: As the file calls it.
    """

    bank: int
    program: int
    name: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an SF2 file says of itself.

    Attributes:
        presets: Sorted.
        own_velocities: Whether it writes over the loudness of velocities that every player has by itself.
    """

    presets: tuple[Preset, ...]
    own_velocities: bool


def read_presets(path: str | Path) -> tuple[Preset, ...]:
    """The presets of an SF2 file, sorted, after the checks of `read_contents`."""
    return read_contents(path).presets


def read_contents(path: str | Path) -> Contents:
    """What is in an SF2 file, after a check that its chunks and tables lie where they say.

    Raises:
        MissingFileError: If there is no such file, or it is a folder.
        SoundfontError: If it is no SF2 file, or one that is cut off or inconsistent.
    """
    file = Path(path)
    if file.is_dir():
        raise MissingFileError(f"{path} is a folder; give the path of an SF2 file in it")
    try:
        with file.open("rb") as stream:
            return _read(stream, file.stat().st_size, str(path))
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there; give the path of an SF2 file") from None
    except SoundfontError:
        raise
    except (OSError, ValueError) as error:  # a ValueError is a path with a zero byte in it
        raise SoundfontError(f"{path} cannot be opened: {error}") from error


def _read(stream: BinaryIO, size: int, name: str) -> Contents:
    head = stream.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise SoundfontError(f"{name} is no soundfont: an SF2 file starts with RIFF....sfbk, this one with {head!r}")
    end = 8 + struct.unpack("<I", head[4:8])[0]
    if size > MOST_BYTES or end > size:
        raise SoundfontError(f"{name} is cut off or too large: it says {end} bytes and has {size}")
    lists = dict(_lists(stream, end, name))
    for needed in ("INFO", "sdta", "pdta"):
        if needed not in lists:
            raise SoundfontError(f"{name} has no {needed} list, which every SF2 file has")
    info = {kind: (at, length) for kind, at, length in _chunks(stream, *lists["INFO"], name)}
    _check_version(stream, info, name)
    tables = _tables(stream, lists["pdta"], name)
    samples = {kind: length for kind, _, length in _chunks(stream, *lists["sdta"], name)}
    _check_links(tables, name)
    _check_samples(tables["shdr"], samples.get("smpl", 0) // 2, name)
    return Contents(_presets(tables["phdr"]), _has_own_velocities(tables["imod"]))


def _has_own_velocities(table: bytes) -> bool:
    return any(row[:2] == _VELOCITY_TO_ATTENUATION for row in struct.iter_unpack("<HHhHH", table[:-10]))


def _chunks(stream: BinaryIO, start: int, end: int, name: str) -> list[tuple[str, int, int]]:
    """Kind, place and length of the chunks between two places of the file."""
    chunks: list[tuple[str, int, int]] = []
    while start + 8 <= end:
        stream.seek(start)
        kind, length = struct.unpack("<4sI", stream.read(8))
        if start + 8 + length > end or len(chunks) >= _MOST_CHUNKS:
            raise SoundfontError(f"{name} is damaged: chunk {kind!r} at byte {start} has {length} bytes, more than fit")
        chunks.append((kind.decode("latin-1"), start + 8, length))
        start += 8 + length + length % 2
    return chunks


def _lists(stream: BinaryIO, end: int, name: str) -> list[tuple[str, tuple[int, int]]]:
    found = []
    for kind, at, length in _chunks(stream, 12, end, name):
        if kind == "LIST" and length >= 4:
            stream.seek(at)
            found.append((stream.read(4).decode("latin-1"), (at + 4, at + length)))
    return found


def _check_version(stream: BinaryIO, info: dict[str, tuple[int, int]], name: str) -> None:
    at, length = info.get("ifil", (0, 0))
    stream.seek(at)
    major = struct.unpack("<H", stream.read(2))[0] if length >= 4 else None
    if major != 2:
        raise SoundfontError(f"{name} is of soundfont version {major}; version 2 (SF2) would do")


def _tables(stream: BinaryIO, place: tuple[int, int], name: str) -> dict[str, bytes]:
    tables = {}
    for kind, at, length in _chunks(stream, *place, name):
        size = RECORD_BYTES.get(kind)
        if size is None:
            continue
        if length % size or not length or length > _MOST_TABLE_BYTES:
            raise SoundfontError(
                f"{name} is damaged: table {kind} has {length} bytes, no multiple of {size} within bounds"
            )
        stream.seek(at)
        tables[kind] = stream.read(length)
    missing = [kind for kind in RECORD_BYTES if kind not in tables]
    if missing:
        raise SoundfontError(f"{name} is damaged: the tables {', '.join(missing)} are missing")
    return tables


def _column(table: bytes, record: int, layout: str, offset: int) -> list[int]:
    return [struct.unpack_from(layout, table, at + offset)[0] for at in range(0, len(table), record)]


def _check_links(tables: dict[str, bytes], name: str) -> None:
    """Each table points into the next: never backwards, never beyond its end."""
    counts = {kind: len(table) // RECORD_BYTES[kind] for kind, table in tables.items()}
    links = (
        ("phdr", "pbag", 24),
        ("pbag", "pgen", 0),
        ("pbag", "pmod", 2),
        ("inst", "ibag", 20),
        ("ibag", "igen", 0),
        ("ibag", "imod", 2),
    )
    for source, target, offset in links:
        places = _column(tables[source], RECORD_BYTES[source], "<H", offset)
        if any(a > b for a, b in zip(places, places[1:])) or places[-1] >= counts[target]:
            raise SoundfontError(f"{name} is damaged: table {source} points outside table {target}")
    _check_generators(tables["pgen"], 41, counts["inst"] - 1, name)
    _check_generators(tables["igen"], 53, counts["shdr"] - 1, name)


def _check_generators(table: bytes, link: int, count: int, name: str) -> None:
    """Generator 41 names an instrument, 53 a sample: it must be there."""
    for operator, amount in struct.iter_unpack("<HH", table[:-4]):
        if operator == link and amount >= count:
            raise SoundfontError(f"{name} is damaged: generator {link} names number {amount} of {count}")


def _check_samples(table: bytes, frames: int, name: str) -> None:
    for record in struct.iter_unpack("<20s5IBbHH", table[:-46]):
        title, start, end, rate, kind = record[0], record[1], record[2], record[5], record[9]
        if kind & 0x8000:  # in the ROM of a sound card
            continue
        if kind & 0x10 or not start <= end <= frames or not 0 < rate <= 400_000:
            text = title.split(b"\0")[0].decode("latin-1")
            raise SoundfontError(
                f"{name} is damaged or compressed: sample {text!r} is {start}..{end} of {frames} at {rate} Hz"
            )


def _presets(table: bytes) -> tuple[Preset, ...]:
    rows = struct.iter_unpack("<20sHHHIII", table[:-38])
    return tuple(
        sorted(Preset(bank, program, title.split(b"\0")[0].decode("latin-1")) for title, program, bank, *_ in rows)
    )
