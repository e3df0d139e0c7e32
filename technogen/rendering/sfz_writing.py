"""A drum kit as SFZ: a text of regions beside a folder of 16-bit WAV files; equal input gives equal bytes.

SFZ is read by sforzando, sfizz, LinuxSampler and others, and by people: each region names a file, the note and the
velocities that play it, its turn among hits of the same layer (`seq_position`), and the group that cuts it off.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.drums import hit_gain
from technogen.rendering.soundfont_kits import RATE, Hit
from technogen.rendering.soundfont_writing import Texts, riff_chunk, riff_list, riff_texts

_CURVE = (1, 16, 32, 48, 63, 64, 80, 99, 100, 112, 127)
"""Velocities at which the loudness is written down; players draw lines between them."""


def wav_bytes(frames: NDArray[np.int16], texts: Texts, title: str) -> bytes:
    """A mono WAV file that carries its title, maker and licence.

    Args:
        frames: (n,).
        texts: What the kit says of itself.
        title: What this file holds.
    """
    layout = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    named = ((b"INAM", title), (b"IART", texts.engineer), (b"ICOP", texts.licence))
    info = riff_list(b"INFO", riff_texts(named))
    data = riff_chunk(b"data", frames.astype("<i2").tobytes())
    return riff_chunk(b"RIFF", b"WAVE" + riff_chunk(b"fmt ", layout) + info + data)


def sfz_text(hits: Iterable[Hit], texts: Texts, folder: str) -> str:
    """The regions of a kit.

    Args:
        hits: With all variations of a layer.
        texts: Written into the head as comments.
        folder: Where the WAV files are, beside the text.
    """
    listed = list(hits)
    turns: dict[tuple[int, int], int] = {}
    for hit in listed:
        turns[hit.piece.pitch, hit.layer] = turns.get((hit.piece.pitch, hit.layer), 0) + 1
    head = (f"// {texts.name}", f"// {texts.licence}", f"// {texts.comment}", "<control>", f"default_path={folder}/")
    sound = ("<global>", "loop_mode=one_shot", "off_mode=fast", "amp_veltrack=100", *_curve())
    regions = [_region(hit, turns[hit.piece.pitch, hit.layer]) for hit in listed]
    return "\n".join((*head, *sound, *regions, ""))


def sfz_file_name(hit: Hit) -> str:
    """The WAV file of a hit."""
    return hit.name.replace(" ", "-") + ".wav"


def _curve() -> Iterator[str]:
    """The loudness of velocities; the files are at the loudness of velocity 127."""
    return (f"amp_velcurve_{velocity}={hit_gain(velocity):.4f}" for velocity in _CURVE)


def _region(hit: Hit, turns: int) -> str:
    low, high = hit.velocities
    words = [
        f"<region> sample={sfz_file_name(hit)} key={hit.piece.pitch} lovel={low} hivel={high}",
        f"group={hit.choke_group} off_by={hit.choke_group}",
    ]
    if hit.piece.pan:
        words.append(f"pan={round(100 * hit.piece.pan)}")
    if turns > 1:
        words.append(f"seq_length={turns} seq_position={hit.variation + 1}")
    return " ".join(words)
