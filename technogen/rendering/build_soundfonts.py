"""The project's soundfonts, made from its own synthesis: `python -m technogen.rendering.build_soundfonts soundfonts`.

An SF2 file for each drum machine and one for the 303, and the 909 as an SFZ kit with its WAV files.
"""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from technogen.files import make_folder, write_bytes
from technogen.rendering.drums import hit_gain
from technogen.rendering.kits import Kit
from technogen.rendering.options import KitName
from technogen.rendering.sfz_writing import sfz_file_name, sfz_text, wav_bytes
from technogen.rendering.soundfont import (
    ACID_PROGRAM,
    DRUM_BANK,
    KIT_PROGRAMS,
    LEGATO_PROGRAM,
    ONLY_PROGRAM,
    SQUARE_LEGATO_PROGRAM,
    SQUARE_PROGRAM,
    SoundfontName,
    soundfont_file_name,
)
from technogen.rendering.soundfont_acid import acid_instruments
from technogen.rendering.soundfont_kits import RATE, Hit, as_frames, kit_hits
from technogen.rendering.soundfont_writing import (
    NO_VELOCITY,
    Entry,
    Instrument,
    Modulator,
    Sample,
    Texts,
    Zone,
    soundfont_bytes,
    timecents,
)

_LICENCE = "MIT License. Copyright (c) The TechnoGen developers. Free to use, change and share, also commercially."
_COMMENT = "Synthesised sample by sample from circuit models; no recording of any instrument is in this file."

# Through to its end whenever the note ends. The decay, 1 dB a second, is for players that take a sustain of 0 for none.
_ONE_SHOT = {"decay": timecents(100.0), "sustain": 1000, "release": timecents(100.0)}
_STEPS = 128  # a key or velocity v is v / 128 to a modulator
_FULL_PAN = 500  # tenths of a percent

_SFZ_KIT: KitName = "909"
_TURNS = {37: 2, 38: 2, 42: 3, 70: 3}
"""How many hits take turns in a layer of the SFZ kit, by note."""


def build_soundfont(name: SoundfontName) -> bytes:
    """The bytes of one of the project's SF2 files; the same each time."""
    texts = _texts(f"TechnoGen {name}")
    if name != "303":
        instrument, samples = _kit_instrument(name)
        programs = (ONLY_PROGRAM, KIT_PROGRAMS[name])
        entries = [Entry(f"{name} Kit", DRUM_BANK, program, instrument.name) for program in programs]
        return soundfont_bytes(texts, samples, [instrument], entries)
    saw, saw_legato, saw_samples = acid_instruments("saw")
    square, square_legato, square_samples = acid_instruments("square")
    entries = [
        *(Entry("303 Saw", 0, program, saw.name) for program in (ONLY_PROGRAM, ACID_PROGRAM)),
        Entry("303 Square", 0, SQUARE_PROGRAM, square.name),
        Entry("303 Saw Legato", 0, LEGATO_PROGRAM, saw_legato.name),
        Entry("303 Square Legato", 0, SQUARE_LEGATO_PROGRAM, square_legato.name),
    ]
    instruments = [saw, saw_legato, square, square_legato]
    return soundfont_bytes(texts, saw_samples + square_samples, instruments, entries)


def build_sfz() -> Iterator[tuple[str, bytes]]:
    """The files of the SFZ kit: paths in the folder of soundfonts, and what is in them; the same each time."""
    texts, folder = _texts(f"TechnoGen {_SFZ_KIT}"), f"technogen-{_SFZ_KIT}"
    hits = list(kit_hits(Kit.named(_SFZ_KIT), _TURNS))
    yield f"{folder}.sfz", sfz_text(hits, texts, folder).encode("ascii")
    for hit in hits:
        yield f"{folder}/{sfz_file_name(hit)}", wav_bytes(as_frames(hit.wave), texts, f"{_SFZ_KIT} {hit.name}")


def write_soundfonts(folder: str | Path) -> list[Path]:
    """Make the project's soundfonts in a folder, which is made if it is not there; older files are replaced.

    Returns:
        The files, about 80 of them.

    Raises:
        OutputError: If one cannot be written.
    """
    make_folder(Path(folder))
    made = [(soundfont_file_name(name), build_soundfont(name)) for name in get_args(SoundfontName)]
    return _write(Path(folder), [*made, *build_sfz()])


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the soundfonts in the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m technogen.rendering.build_soundfonts", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the soundfonts are written")
    folder = parser.parse_args(arguments).folder
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    files = write_soundfonts(folder)
    size = sum(file.stat().st_size for file in files)
    logging.getLogger(__name__).info("%d files in %s, %.2f MB", len(files), folder, size / 1e6)


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    written = []
    for name, data in files:
        target = folder / name
        make_folder(target.parent)
        write_bytes(target, data)
        written.append(target)
    return written


def _texts(name: str) -> Texts:
    return Texts(name=name, engineer="The TechnoGen developers", licence=_LICENCE, comment=_COMMENT)


def _kit_instrument(kit: KitName) -> tuple[Instrument, list[Sample]]:
    """A kit in layers of velocity, each recorded at the loudness of its hardest."""
    zones, samples = [], []
    for hit in kit_hits(Kit.named(kit)):
        frames = as_frames(hit.wave * hit_gain(hit.velocities[1]))
        samples.append(Sample(hit.name, frames, RATE, hit.piece.pitch))
        generators = {"root": hit.piece.pitch, "exclusive": hit.choke_group, **_ONE_SHOT}
        keys = (hit.piece.pitch, hit.piece.pitch)
        zones.append(Zone(hit.name, keys, hit.velocities, generators, _hit_modulators(hit)))
    return Instrument(f"{kit} Kit", tuple(zones), NO_VELOCITY), samples


def _hit_modulators(hit: Hit) -> tuple[Modulator, ...]:
    """What makes velocities as loud as `hit_gain` says, and puts the piece in its place.

    The attenuation of velocity v is to be a (1 - v / 127), less the b that the sample was already recorded softer:
    (a - b) (1 - v / 127) - b v / 127. Pan is said by the key, of which a piece has one, since symusic takes the
    generator for ten times as wide and knows no modulators: there, the kit is in the middle.
    """
    falls, recorded = (_attenuation(hit_gain(velocity)) for velocity in (0, hit.velocities[1]))
    pan = _FULL_PAN * hit.piece.pan * _STEPS / hit.piece.pitch
    return (
        Modulator("no velocity", "attenuation", round(falls - recorded)),
        Modulator("velocity", "attenuation", -round(recorded)),
        Modulator("key", "pan", round(pan)),
    )


def _attenuation(gain: float) -> float:
    """Tenths of a decibel."""
    return -200 * math.log10(gain)


if __name__ == "__main__":
    main()
