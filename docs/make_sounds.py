"""What the pages on sound play, show and list, made from the package itself when the docs are built."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from sound_pictures import draw_sound

from technogen import Audio, Control, Note, Score, render
from technogen.rendering import (
    ACID_RANGES,
    MIX_RANGES,
    PRESETS,
    AcidKnobs,
    Mix,
    Voice,
    preset,
    random_voice,
    render_stems,
)
from technogen.rendering.kits.ranges import PLACES, RECIPES
from technogen.score import DRUM_NAMES

HERE = Path(__file__).parent
EXTRA = HERE / "_generated" / "extra"
"""Copied into the pages' folder as it is."""
PARTS = HERE / "_generated" / "sounds"
"""Pieces of pages."""
HEARD = "heard"

_DRY = Mix(ducking=0, delay=-120, reverb=-120, rumble=-120, compression=1, loudness=-20)
_KITS = ("909", "808", "industrial")
_STEM_WORDS = {
    "kick": "the kick",
    "drums": "the other drums",
    "bass": "the 303, pushed down by each kick",
    "delay": "its echoes",
    "room": "the room of claps, snares and percussion",
    "rumble": "the low-passed room of the kick",
}


def make_sounds() -> None:
    """Write every sound, picture and table."""
    for folder in (EXTRA / HEARD, PARTS):
        folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(HERE.parent / "examples"))
    from four_voices import write_bar

    score = write_bar().repeated(4)
    _part(
        "presets", (_clip(f"preset-{n}", f"**{n}**: {w}", _play(score, preset(n)), up="") for n, w in PRESETS.items())
    )
    _part("line", _line_clips(replace(score, drums=())))
    stems = render_stems(score, voice="industrial", loop=True)
    _part("stems", (_clip(f"stem-{n}", f"**{n}**: {_STEM_WORDS.get(n, n)}", s, 130) for n, s in stems.items()))
    seeds = (1, 2, 3)
    _part("random", (_clip(f"random-{n}", f"``random_voice({n})``", _play(score, random_voice(n))) for n in seeds))
    _part("drums", [_drum_table()])
    _part("knobs", [_field_table(AcidKnobs)])
    _part("mix", [_field_table(Mix)])
    _part("ranges", [_range_table()])
    _part("kits", [_kit_table()])


def _part(name: str, blocks: Iterable[str]) -> None:
    (PARTS / f"{name}.rst").write_text("\n".join(blocks))


def _play(score: Score, voice: Voice) -> Audio:
    return render(score, voice=voice, loop=True)


def _clip(name: str, words: str, audio: Audio, height: int = 200, *, up: str = "../") -> str:
    """A line of words, a player and a picture; `up` leads from the page to the root of all pages."""
    audio.save(EXTRA / HEARD / f"{name}.flac", bit_depth=16)
    (EXTRA / HEARD / f"{name}.svg").write_text(draw_sound(audio, height=height))
    return (
        f"{words}\n\n.. raw:: html\n\n"
        f'   <audio controls loop preload="none" src="{up}{HEARD}/{name}.flac"\n'
        f'    style="width:100%;height:36px"></audio>\n'
        f'   <img src="{up}{HEARD}/{name}.svg" alt="waveform and spectrogram of {name}" style="width:100%"><br>\n\n'
    )


def _line_clips(line: Score) -> Iterable[str]:
    """The 303 alone, one knob turned at a time."""
    plain = AcidKnobs(cutoff=0.3, resonance=0.85, envelope=0.5, drive=6)
    wide = AcidKnobs(cutoff=0.0, resonance=0.95, envelope=0.3, drive=6)
    opening = tuple(Control(t, "cutoff", int(127 * t / line.length)) for t in range(0, line.length, 120))
    for name, words, score, knobs in (
        ("saw", "**Saw**, resonance 0.85", line, plain),
        ("square", '**Square**: ``waveform="square"``', line, replace(plain, waveform="square")),
        ("long", "**A longer decay**: ``decay=0.9``; accents stay short", line, replace(plain, decay=0.9)),
        ("driven", "**Overdriven**: ``drive=30``", line, replace(plain, drive=30)),
        ("opening", "**The cutoff curve of the score** turns the knob", replace(line, controls=opening), wide),
    ):
        yield _clip(f"line-{name}", words, _play(score, Voice(acid=knobs, mix=_DRY)), 160)


def _drum_table() -> str:
    """Each piece of each kit, with a button that plays it and a small picture."""
    rows = ["<table class='docutils'><tr><th></th>" + "".join(f"<th>{kit}</th>" for kit in _KITS) + "</tr>"]
    hits = {kit: _hits(kit) for kit in _KITS}
    for pitch, name in DRUM_NAMES.items():
        cells = "".join(f"<td>{_hit_cell(f'{kit}-{pitch}', hits[kit][pitch])}</td>" for kit in _KITS)
        rows.append(f"<tr><td>{name}<br><small>{pitch}</small></td>{cells}</tr>")
    return ".. raw:: html\n\n" + "\n".join(f"   {row}" for row in (*rows, "</table>")) + "\n"


def _hits(kit: Any) -> dict[int, Audio]:
    """An accented hit of each piece, a bar apart at 200 bpm, then cut up; each at full level."""
    notes = tuple(Note(1920 * k, 60, pitch, 127) for k, pitch in enumerate(DRUM_NAMES))
    voice = Voice(kit=kit, mix=replace(_DRY, loudness=None, sections=False))
    audio = render(Score(200, len(notes), drums=notes), voice=voice)
    bar = round(1.2 * audio.sample_rate)
    cut = {pitch: audio.samples[k * bar : (k + 1) * bar - 500] for k, pitch in enumerate(DRUM_NAMES)}
    return {pitch: Audio(wave * np.float32(0.9 / np.abs(wave).max()), audio.sample_rate) for pitch, wave in cut.items()}


def _hit_cell(name: str, audio: Audio) -> str:
    audio.save(EXTRA / HEARD / f"hit-{name}.flac", bit_depth=16)
    second = Audio(audio.samples[: audio.sample_rate], audio.sample_rate)
    picture = draw_sound(second, width=170, height=84, labels=False, window=1024)
    (EXTRA / HEARD / f"hit-{name}.svg").write_text(picture)
    return (
        f"<img src='../{HEARD}/hit-{name}.svg' alt='{name}' width='170' height='84'><br>"
        f"<audio controls preload='none' src='../{HEARD}/hit-{name}.flac' style='width:170px;height:28px'></audio>"
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], widths: str) -> str:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (head, *rows):
        lines += [f"   {'*' if k == 0 else ' '} - {cell}" for k, cell in enumerate(row)]
    return "\n".join((*lines, ""))


def _field_table(owner: type) -> str:
    said = _attributes(owner)
    rows = ((f"``{f.name}``", _default(f), said[f.name]) for f in fields(owner))
    return _table(("knob", "default", "what it does"), rows, "18 14 68")


def _range_table() -> str:
    rows = [(f"``acid.{name}``", drawn.words()) for name, drawn in ACID_RANGES.items()]
    rows += [(f"``mix.{name}``", drawn.words()) for name, drawn in MIX_RANGES.items()]
    return _table(("parameter", "drawn from"), rows, "30 70")


def _kit_table() -> str:
    """How each piece of a drawn kit may be made."""
    rows = []
    for pitch, recipes in RECIPES.items():
        place = PLACES[pitch]
        where = f"{_span(place.level)} dB; pan to {place.pan:g}; room to {place.send:g}"
        made = (f"*{r.circuit}*: " + ", ".join(f"{n} {_span(span)}" for n, span in r.ranges.items()) for r in recipes)
        rows.append((DRUM_NAMES[pitch], where, " |br| ".join(made)))
    return ".. |br| raw:: html\n\n   <br>\n\n" + _table(("piece", "place", "circuit and its numbers"), rows, "14 22 64")


def _span(span: tuple[float, float]) -> str:
    return f"{span[0]:g} .. {span[1]:g}"


def _default(field: Field[Any]) -> str:
    value = field.default
    assert value is not MISSING
    if isinstance(value, float):
        return "off" if value <= -60 else f"{value:g}"
    return str(value)


def _attributes(owner: type) -> dict[str, str]:
    """What the docstring of a dataclass says of each of its attributes."""
    block = inspect.cleandoc(owner.__doc__ or "").split("Attributes:\n")[1]
    entries = re.split(r"\n(?= {4}\w)", "\n" + block.split("\n\n")[0])
    pairs = (entry.strip().partition(":") for entry in entries if entry.strip())
    return {name.strip(): " ".join(words.split()) for name, _, words in pairs}
