"""The project's soundfont, made from its own synthesis: `python -m technogen.rendering.build_soundfonts soundfonts/`.

The 303 is at bank 0, programs 38 and 0; the 909 kit at bank 128, programs 24 and 0, the 808 kit at 25.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.files import make_folder, write_bytes
from technogen.rendering.acid import play_line
from technogen.rendering.drum_sounds import Strike
from technogen.rendering.drums import FORCES, make_hit
from technogen.rendering.kits import Piece
from technogen.rendering.kits.machines import KITS
from technogen.rendering.options import HAT_GROUP, AcidKnobs, KitName
from technogen.rendering.soundfont import ACID_PROGRAM, DRUM_BANK, FILE_NAME, KIT_PROGRAMS, ONLY_KIT_PROGRAM
from technogen.rendering.soundfont_writing import Entry, Instrument, Sample, Texts, Zone, soundfont_bytes, timecents
from technogen.score import DRUM_NAMES, Note, Score

RATE = 44_100
TEXTS = Texts(
    name="TechnoGen 303, 909 and 808",
    engineer="The TechnoGen developers",
    licence="MIT License. Copyright (c) The TechnoGen developers. Free to use, change and share, also commercially.",
    comment="Synthesised sample by sample from circuit models; no recording of any instrument is in this file.",
)

_THREE = ((1, 63), (64, 99), (100, 127))
_TWO = ((1, 99), (100, 127))
_LAYERS: dict[int, tuple[tuple[int, int], ...]] = {
    **dict.fromkeys((36, 38, 39, 42), _THREE),
    **dict.fromkeys((43, 47, 49, 50, 51), ((1, 127),)),
}
# Through to its end whenever the note ends. The decay, 1 dB a second, is for players that take a sustain of 0 for none.
_ONE_SHOT = {"decay": timecents(100.0), "sustain": 1000, "release": timecents(100.0)}
_QUIET = 0.003
_PEAKS = (0.55, 0.75, 0.95)  # soft, plain, accented: little apart, since most players add velocity themselves
_ROOT_KEYS = range(26, 70, 5)
_LOWEST_KEY, _HIGHEST_KEY = 12, 96
_NOTE_SECONDS, _LOOP_SECONDS = 0.45, 0.08
_ACID_LAYERS = (((1, 99), 80, 0.7), ((100, 127), 127, 0.95))  # velocities, the velocity played, peak


def build_soundfont() -> bytes:
    """The bytes of the project's soundfont; the same each time."""
    acid, acid_samples = _acid()
    kits = {kit: _kit(kit) for kit in KIT_PROGRAMS}
    samples = {
        sample.name: sample for found in (acid_samples, *(made for _, made in kits.values())) for sample in found
    }
    entries = [
        Entry("303 Saw", 0, ACID_PROGRAM, acid.name),
        Entry("303 Saw", 0, 0, acid.name),
        Entry("909 Kit", DRUM_BANK, ONLY_KIT_PROGRAM, kits["909"][0].name),
        *(Entry(f"{kit} Kit", DRUM_BANK, program, kits[kit][0].name) for kit, program in KIT_PROGRAMS.items()),
    ]
    return soundfont_bytes(TEXTS, samples.values(), [acid, *(instrument for instrument, _ in kits.values())], entries)


def write_soundfont(folder: str | Path) -> Path:
    """Make the project's soundfont in a folder, which is made if it is not there; an older file is replaced.

    Raises:
        OutputError: If it cannot be written.
    """
    target = Path(folder) / FILE_NAME
    make_folder(target.parent)
    write_bytes(target, build_soundfont())
    return target


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the soundfont in the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m technogen.rendering.build_soundfonts", description=__doc__)
    parser.add_argument("folder", type=Path, help="where technogen.sf2 is written")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    target = write_soundfont(parser.parse_args(arguments).folder)
    logging.getLogger(__name__).info("%s, %d bytes", target, target.stat().st_size)


def _kit(kit: KitName) -> tuple[Instrument, list[Sample]]:
    zones, samples = [], []
    for piece in KITS[kit].pieces:
        pitch = piece.pitch
        shared = all(KITS[other].piece(pitch) == piece for other in KIT_PROGRAMS)
        for velocities, sample in _layers(piece, "hand" if shared else kit):
            generators = {"root": pitch, **_ONE_SHOT}
            if pitch in HAT_GROUP:
                generators["exclusive"] = 1
            zones.append(Zone(sample.name, (pitch, pitch), velocities, piece.pan / 2, generators))
            samples.append(sample)
    return Instrument(f"{kit} Kit", tuple(zones)), samples


def _layers(piece: Piece, owner: str) -> Iterator[tuple[tuple[int, int], Sample]]:
    pitch = piece.pitch
    layers = _LAYERS.get(pitch, _TWO)
    skipped = len(FORCES) - len(layers)
    for layer, velocities in enumerate(layers, start=skipped):
        strike = Strike(RATE, FORCES[layer], np.random.default_rng([pitch, layer]))
        wave = _trimmed(make_hit(piece, strike)) * _PEAKS[layer]
        yield velocities, Sample(f"{owner} {DRUM_NAMES[pitch]}"[:17] + f" {layer + 1}", _as_frames(wave), RATE, pitch)


def _trimmed(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without its inaudible end, faded over the last fifth."""
    heard = np.flatnonzero(np.abs(wave) > _QUIET * np.abs(wave).max())
    kept: NDArray[np.float64] = wave[: max(64, int(heard[-1]) + 1)].copy()
    fade = len(kept) // 5
    kept[-fade:] *= np.linspace(1.0, 0.0, fade)
    return kept


def _as_frames(wave: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)


def _acid() -> tuple[Instrument, list[Sample]]:
    """Saw notes, plain and accented, a fourth apart, each with a loop of whole periods at its end."""
    zones, samples = [], []
    for velocities, velocity, peak in _ACID_LAYERS:
        for key in _ROOT_KEYS:
            sample = _acid_note(key, velocity, peak)
            low = _LOWEST_KEY if key == _ROOT_KEYS[0] else key - 2
            high = _HIGHEST_KEY if key == _ROOT_KEYS[-1] else key + 2
            generators = {
                "root": key,
                "loops": 1,
                "hold": timecents(_NOTE_SECONDS),
                "decay": timecents(14.0),  # to -100 dB: the amplifier's time constant of 1.23 s
                "sustain": 1000,
                "release": timecents(0.03),
            }
            zones.append(Zone(sample.name, (low, high), velocities, 0.0, generators))
            samples.append(sample)
    return Instrument("303 Saw", tuple(zones)), samples


def _acid_note(key: int, velocity: int, peak: float) -> Sample:
    frequency = 440 * 2 ** ((key - 69) / 12)
    periods = max(1, round(_LOOP_SECONDS * frequency))
    length = round(periods * RATE / frequency)
    tuning = 12 * float(np.log2(periods * RATE / length / frequency))
    start = round(_NOTE_SECONDS * RATE)
    score = Score(60.0, 1, bass=(Note(0, 1920, key, velocity),))
    wave = play_line(score, start + length, RATE, AcidKnobs(tuning=tuning))
    fade = np.linspace(0.0, 1.0, length)
    wave[start:] = (1 - fade) * wave[start:] + fade * wave[start - length : start]  # so that the loop closes
    wave = np.append(wave, wave[start : start + 16])  # for interpolation beyond the loop's end
    name = f"303 saw {key} {'accent' if velocity > 99 else 'plain'}"
    return Sample(name, _as_frames(wave / np.abs(wave).max() * peak), RATE, key, (start, start + length))


if __name__ == "__main__":
    main()
