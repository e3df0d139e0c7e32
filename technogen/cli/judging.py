"""`technogen evaluate generation|audio`: how far generated music and rendered sound are from a reference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogen.cli.console import refuse_overwriting, say
from technogen.files import write_text

if TYPE_CHECKING:
    from technogen.evaluation.generation import GenerationFigures, Judging
    from technogen.evaluation.music.measures import Measure
    from technogen.evaluation.sound import SoundFigures

_ASKED = "asked.json"
_MOST_COPIES = 10
_ALWAYS = (
    "c2st",
    "divergence",
    "form",
    "loop",
    "acid",
    "interlock",
    "originality",
    "diversity",
    "adherence",
    "validity",
)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go beside the screen, and what is shown there."""

    json: Path | None
    html: Path | None
    everything: bool
    force: bool


def judge_music(generated: Path, reference: Path, corpus: Path | None, out: Outputs, options: Judging) -> None:
    """Print how far the music of a folder is from that of another."""
    from technogen.evaluation.generation import evaluate_generation_files  # noqa: PLC0415
    from technogen.evaluation.music.adherence import read_asked  # noqa: PLC0415
    from technogen.evaluation.music.page import write_page  # noqa: PLC0415

    refuse_overwriting([path for path in (out.json, out.html) if path is not None], force=out.force)
    asked = read_asked(generated / _ASKED) if (generated / _ASKED).is_file() else None
    figures = evaluate_generation_files(generated, reference, corpus=corpus, asked=asked, options=options)
    if out.json is not None:
        write_text(out.json, _dump(_as_data(figures)))
    if out.html is not None:
        write_text(out.html, write_page(figures, f"{generated.name} beside {reference.stem}"))
    for line in _describe(figures, everything=out.everything):
        say(line)
    for path in (out.json, out.html):
        if path is not None:
            say(f"  {path}")


def judge_sound(rendered: Path, reference: Path, out: Outputs, seed: int) -> None:
    """Print how far the sound of a folder is from that of another."""
    from technogen.evaluation.sound import evaluate_audio_files  # noqa: PLC0415

    refuse_overwriting([path for path in (out.json,) if path is not None], force=out.force)
    figures = evaluate_audio_files(rendered, reference, seed=seed)
    if out.json is not None:
        write_text(out.json, _dump(_as_sound_data(figures)))
    say(f"{figures.rendered} rendered recordings beside {figures.reference} of the reference")
    say("  Shifts of the mean, in standard deviations of the reference; the spectra are apart in dB.")
    say(f"    {'':<58}{'rendered':>9}{'reference':>10}{'shift':>8}  {'95 %':>16}  {'its halves':>16}")
    for measure in figures.measures:
        say(_sound_line(measure))
    for remark in figures.remarks:
        say(remark)
    if out.json is not None:
        say(f"  {out.json}")


def _describe(figures: GenerationFigures, *, everything: bool) -> Iterator[str]:
    from technogen.evaluation.music.chapters import CHAPTERS, measures_of  # noqa: PLC0415

    beside = f"{figures.reference} of the reference ({figures.reference_songs} songs)"
    yield f"{figures.generated} generated pieces beside {beside}"
    for chapter in CHAPTERS:
        found = measures_of(chapter, figures.measures)
        shown = [m for m in found if everything or chapter.key in _ALWAYS or m.stands_out or m.key.count("/") == 1]
        if not shown:
            continue
        yield ""
        yield chapter.title
        yield f"  {chapter.words}"
        yield _heading(shown)
        yield from map(_line, shown)
        if len(shown) < len(found):
            yield f"  {len(found) - len(shown)} more within the noise floor"
    yield ""
    yield from _copies(figures)
    yield from figures.remarks
    yield f"{len(figures.standing_out)} figures stand out (*): halves of the reference, split by song, differ less."


def _heading(measures: object) -> str:
    return f"    {'':<58}{'value':>8}  {'95 %':>16}  {'its halves':>16}" if measures else ""


def _line(measure: Measure) -> str:
    interval = _range(measure.low, measure.high)
    floor = _range(*measure.floor) if measure.floor else _number(measure.reference)
    mark = "*" if measure.stands_out else " "
    return f"  {mark} {measure.words:<58}{_number(measure.value):>8}  {interval:>16}  {floor:>16}".rstrip()


def _sound_line(measure: Measure) -> str:
    means = f"{_number(measure.generated):>9}{_number(measure.reference):>10}"
    floor = _range(*measure.floor) if measure.floor else ""
    mark = "*" if measure.stands_out else " "
    shifted = f"{_number(measure.value):>8}  {_range(measure.low, measure.high):>16}  {floor:>16}"
    return f"  {mark} {measure.words:<58}{means}{shifted}".rstrip()


def _copies(figures: GenerationFigures) -> Iterator[str]:
    found = [o for o in figures.origins if o.is_copied or o.is_patched]
    for origin in found[:_MOST_COPIES]:
        if origin.is_patched:
            yield f"{origin.name}: bass of {origin.bass.name}, drums of {origin.drums.name}"
        else:
            run = origin.joint if origin.joint.different >= origin.bass.different else origin.bass
            moved = f", transposed by {origin.moved:+d}" if origin.moved else ""
            yield f"{origin.name}: {run.bars} bars ({run.different} different) of {run.name}{moved}"
    if len(found) > _MOST_COPIES:
        yield f"{len(found) - _MOST_COPIES} more pieces stand in the corpus; --json names them"


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _as_data(figures: GenerationFigures) -> dict[str, Any]:
    return {
        "generated": figures.generated,
        "reference": figures.reference,
        "reference_songs": figures.reference_songs,
        "remarks": figures.remarks,
        "figures": _figures(figures.measures),
        "origins": {o.name: asdict(o) | {"copied": o.is_copied, "patched": o.is_patched} for o in figures.origins},
        "profiles": figures.profiles,
    }


def _as_sound_data(figures: SoundFigures) -> dict[str, Any]:
    return {
        "rendered": figures.rendered,
        "reference": figures.reference,
        "remarks": figures.remarks,
        "figures": _figures(figures.measures),
        "bands_hz": figures.bands,
        "spectrum_db": {"rendered": figures.spectrum, "reference": figures.reference_spectrum},
    }


def _figures(measures: tuple[Measure, ...]) -> dict[str, Any]:
    return {m.key: {k: v for k, v in asdict(m).items() if k != "key"} for m in measures}


def _dump(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
