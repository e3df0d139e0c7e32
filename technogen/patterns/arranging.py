"""The form of a piece: sections, and what each bar plays and how hard, from loops of one bar to whole tracks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import DrumStyle, Fill, Style
from technogen.score import Section

TRACK_BARS = 32
"""From here on a piece has sections."""

PHRASE = 4
"""Bars between the lines on which voices come and go."""

_PLANS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 2), ("outro", 1)),
    (("intro", 1), ("build", 1), ("drop", 2), ("breakdown", 1), ("build", 1), ("drop", 1), ("outro", 1)),
)
"""Orders of sections with their shares of the whole."""

_LONG_PLANS = (
    (
        *(("intro", 2), ("build", 1), ("drop", 4), ("breakdown", 2), ("build", 1)),
        *(("drop", 3), ("breakdown", 1), ("drop", 2), ("outro", 2)),
    ),
    (("intro", 2), ("build", 2), ("drop", 4), ("breakdown", 2), ("build", 1), ("drop", 4), ("outro", 2)),
)
"""The same from 128 bars on."""

_LEVELS = {
    "intro": (0.4, 0.75),
    "build": (0.75, 1.0),
    "drop": (1.05, 1.15),
    "breakdown": (0.5, 0.65),
    "outro": (0.85, 0.4),
}
"""The energy at the start and end of a section, as a factor."""

_ENTRIES = {"kick": (0, 0, 0, 0, 0.5), "bass": (0.25, 0.5, 0.5, 0.75, 1), "drums": (0, 0, 0, 0.5), "end": (0.5, 0.5, 1)}
"""Where in the intro kick and bass enter, where in the breakdown drums, and where in the outro the bass ends."""

_BUILD_UP: tuple[Fill, ...] = ("fours", "fours", "eights")
"""What the snare does in the bars before the last of a build."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one bar plays.

    Attributes:
        energy: 0..1; which drum voices play depends on it.
        kick: Whether the kick plays.
        bass: Whether the bassline plays.
        drums: Whether there are any drums.
        fill: What happens at its end.
        crash: Whether it opens with a crash.
        muted: Drum pieces that pause.
    """

    energy: float
    kick: bool = True
    bass: bool = True
    drums: bool = True
    fill: Fill | None = None
    crash: bool = False
    muted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """Bars from `start` up to `end`, under one label; None is the label of a loop."""

    start: int
    end: int
    label: str | None


def plan_sections(rng: Random, bars: int) -> tuple[Section, ...]:
    """The sections of a piece, all on lines of four bars, from 64 bars on of eight; a loop has none."""
    if bars < TRACK_BARS:
        return ()
    plan = rng.choice(_LONG_PLANS if bars >= 4 * TRACK_BARS else _PLANS)
    unit = PHRASE if bars < 2 * TRACK_BARS else 2 * PHRASE
    units, total = bars // unit, sum(share for _, share in plan)
    sections, before = [], 0
    for label, share in plan:
        sections.append(Section(before * units // total * unit, label))
        before += share
    return tuple(sections)


def split_sections(sections: Sequence[Section], bars: int) -> list[Span]:
    """Sections as spans that cover a piece; a loop is one span."""
    ends = [*(section.bar for section in sections[1:]), bars]
    return [Span(s.bar, end, s.label) for s, end in zip(sections, ends)] or [Span(0, bars, None)]


def plan_frames(rng: Random, style: Style, bars: int, energy: float, sections: Sequence[Section] = ()) -> list[Frame]:
    """What each bar plays: sections or layers that come and go, fills and crashes, all on lines of four bars."""
    spans = split_sections(sections, bars)
    if sections:
        frames = [frame for span in spans for frame in _plan_section(rng, style.drums, span, energy)]
    else:
        frames = _plan_loop(rng, style, bars, energy)
    frames = [_decorate(rng, style.drums, frame, bar, spans, energy) for bar, frame in enumerate(frames)]
    frames = _turn(rng, style.drums, frames, spans) if energy > 0.15 else frames
    return _lead_into_drops(rng, frames, sections) if energy > 0.15 else frames


def hold_back(frames: Sequence[Frame], spans: Sequence[Span], piece: int) -> list[Frame]:
    """A track in which one drum piece waits for the second drop; a loop, or a track of one drop, as it is."""
    drops = [span.start for span in spans if span.label == "drop"]
    line = drops[1] if len(drops) > 1 else 0
    return [replace(f, muted=f.muted | {piece}) if bar < line else f for bar, f in enumerate(frames)]


def draw_layer(rng: Random, blocks: int, rate: float) -> tuple[bool, ...]:
    """In which blocks of four bars a layer plays: in all, or it enters late, leaves early, pauses or takes turns."""
    shape, at, drawn = rng.choice(("enter", "enter", "enter", "leave", "pause", "turns")), rng.random(), rng.random()
    if blocks < 2 or drawn >= rate:
        return (True,) * blocks
    line = 1 + int(at * (blocks - 1))
    if blocks > 2 and rng.random() < 0.5:
        line = blocks // 2
    if shape == "enter":
        return (False,) * line + (True,) * (blocks - line)
    if shape == "leave":
        return (True,) * line + (False,) * (blocks - line)
    if shape == "pause":
        return tuple(block != line for block in range(blocks))
    turn = max(1, blocks // 4)
    return tuple(block // turn % 2 == line % 2 for block in range(blocks))


def _plan_loop(rng: Random, style: Style, bars: int, energy: float) -> list[Frame]:
    """Layers of a loop that come and go; something plays everywhere, in a short loop the kick and the bass."""
    blocks = -(-bars // PHRASE)
    long = blocks > 2
    mutes = style.drums.mute_rate * (1.0 if long else 0.5)
    layers = {voice.piece: draw_layer(rng, blocks, mutes) for voice in style.drums.voices}
    kick = draw_layer(rng, blocks, style.drums.break_rate if long else 0.0)
    rests = rng.randrange(blocks) if rng.random() < style.bass.pause and long else blocks
    alone = [not plays and rng.random() < 0.25 for plays in kick]
    frames = []
    for bar in range(bars):
        at = bar // PHRASE
        muted = frozenset(piece for piece, layer in layers.items() if not layer[at])
        frames.append(Frame(energy, kick[at], at != rests or not kick[at], not alone[at], muted=muted))
    return frames


def _plan_section(rng: Random, style: DrumStyle, span: Span, energy: float) -> list[Frame]:
    """A section of a track: its energy moves on lines of four bars, and single voices pause for eight."""
    label = span.label or "drop"
    first, last = _LEVELS[label]
    entry = {name: rng.choice(places) for name, places in _ENTRIES.items()}
    frames: list[Frame] = []
    muted: frozenset[int] = frozenset()
    for bar in range(span.end - span.start):
        if bar % (2 * PHRASE) == 0:
            pauses = [voice.piece for voice in style.voices if rng.random() < style.mute_rate / 3]
            muted = frozenset(pauses) - muted if label != "intro" else frozenset()
        place = bar // PHRASE * PHRASE / (span.end - span.start)
        kick = label != "breakdown" and (label != "intro" or place >= entry["kick"])
        bass = (label != "intro" or place >= entry["bass"]) and (label != "outro" or place < entry["end"])
        drums = label != "breakdown" or place >= entry["drums"]
        level = min(1.0, energy * (first + (last - first) * place))
        frames.append(Frame(level, kick, bass, drums, muted=muted))
    return frames


def _decorate(rng: Random, style: DrumStyle, frame: Frame, bar: int, spans: Sequence[Span], energy: float) -> Frame:
    """A bar with the fill at its end and the crash at its start, where there are any."""
    span = next(s for s in spans if bar < s.end)
    fill, drawn = _draw_fill(rng, style, bar, spans[-1].end), rng.random()
    opens = bar == span.start if span.label else bar % (2 * PHRASE) == 0
    return replace(
        frame,
        fill=fill if energy > 0.15 and span.label != "breakdown" and frame.drums else None,
        crash=opens and span.label in (None, "build", "drop") and energy > 0.4 and drawn < style.crash_rate,
    )


def _draw_fill(rng: Random, style: DrumStyle, bar: int, bars: int) -> Fill | None:
    drawn, fill = rng.random(), draw_weighted(rng, style.fills)
    if bars < PHRASE or (bar + 1) % PHRASE:
        return None
    rate = style.fill_rate if (bar + 1) % (2 * PHRASE) else min(1.0, 2.5 * style.fill_rate)
    return fill if drawn < rate else None


def _turn(rng: Random, style: DrumStyle, frames: list[Frame], spans: Sequence[Span]) -> list[Frame]:
    """Before every eighth bar's line drums may hold their breath for a bar or two: the kick alone, or nearly all."""
    frames = list(frames)
    pieces = frozenset(voice.piece for voice in style.voices)
    for line in range(2 * PHRASE, len(frames) + 1, 2 * PHRASE):
        label = next(span.label for span in spans if line <= span.end)
        turns, length = rng.random() < style.turn_rate, rng.choice((1, 1, 2))
        what = rng.choice(("kick", "kick", "kick", "voices", "all"))
        if not turns or label not in (None, "drop"):
            continue
        for bar in range(line - length, line):
            frame = frames[bar]
            fill = frame.fill if what == "kick" else None
            frames[bar] = replace(
                frame,
                kick=frame.kick and what == "voices",
                muted=pieces if what == "voices" else frame.muted,
                drums=frame.drums and (what != "all" or bar < line - 1),
                fill=fill,
            )
    return frames


def _lead_into_drops(rng: Random, frames: list[Frame], sections: Sequence[Section]) -> list[Frame]:
    """The bar before a drop rolls or stops, most often without its kick; a build may drum up over its last bars."""
    frames = list(frames)
    for before, section in zip(sections, sections[1:]):
        if section.label != "drop":
            continue
        at = section.bar - 1
        kick = frames[at].kick and rng.random() < 0.4
        fill: Fill = rng.choice(("swell", "swell", "roll", "stop"))
        frames[at] = replace(frames[at], kick=kick, fill=fill, muted=frozenset())
        if before.label == "build" and section.bar - before.bar >= PHRASE and rng.random() < 0.6:
            frames[at] = replace(frames[at], fill="swell")
            for back, rise in zip(range(at - len(_BUILD_UP), at), _BUILD_UP):
                frames[back] = replace(frames[back], fill=rise)
    return frames
