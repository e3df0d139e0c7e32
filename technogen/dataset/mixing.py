"""What a composer is trained on: how much of it comes from where, and windows drawn from there by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from technogen.dataset.augmenting import (
    drop_part,
    drop_piece,
    firm_kick,
    is_four_on_the_floor,
    mute_blocks,
    pair_again,
    thin,
    transpose_bass,
)
from technogen.dataset.songs import Song
from technogen.patterns import STYLES, compose
from technogen.score import Score
from technogen.similarity import hash_bars
from technogen.tokens import Controls

MixSource = Literal["rules", "human", "repaired", "groove"]


@dataclass(frozen=True, slots=True)
class Share:
    """A source of windows.

    Attributes:
        source: Its name.
        share: Of all windows, 0..1.
        meaning: What its windows are.
    """

    source: MixSource
    share: float
    meaning: str


MIX: tuple[Share, ...] = (
    Share("rules", 0.50, "drums and bass by rules, half of them loops and half cut from whole tracks"),
    Share("human", 0.25, "drums and bass of human songs, dance music four times as often"),
    Share("repaired", 0.15, "human drums with a four-on-the-floor kick and another bassline, human or by rules"),
    Share("groove", 0.10, "human drumming of 100..160 beats a minute, with a kick on all four three times as often"),
)
"""Shares of windows: there is too little human techno to learn the style from, and too few rules to sound human."""

OWN_LICENCE = "MIT"
"""Of what the project's own rules write."""

_ACID_SHARE = 0.35
_TRACK_BARS = (32, 48, 64, 96)
_FULL_SHARE, _BAR_STEP = 0.7, 4
_DANCE_WEIGHT, _FLOOR_WEIGHT = 4.0, 3.0
_GROOVE_TEMPOS, _LEAST_GROOVE = (100, 160), 4
_LEAST_NOTES = 2
"""Notes a bar that a window must have."""
_TRIES = 12
_HELD_OUT_SEEDS = 1 << 40

_Change = Callable[[Random, Score], Score]
_CHANGES: tuple[tuple[float, _Change], ...] = (
    (0.85, lambda random, score: transpose_bass(score, seed=random.getrandbits(40))),
    (0.15, lambda random, score: drop_piece(score, seed=random.getrandbits(40))),
    (0.15, lambda random, score: mute_blocks(score, seed=random.getrandbits(40), block=random.choice((4, 8)))),
    (0.10, lambda random, score: thin(score, seed=random.getrandbits(40), share=random.uniform(0.1, 0.35))),
)
"""How often human windows are changed, and how; rules vary by themselves."""
_PART_DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """Some bars to learn from.

    Attributes:
        score: The bars.
        controls: What is known of them.
        track: The song that they are from, or the style and the seed; of a pair, both.
        start_bar: Where they start in the song; of a pair, the drums.
        kind: As `Song.kind`; "loop" or "track" by rules.
        licence: Of the song; of a pair both, joined by "; ".
    """

    score: Score
    controls: Controls
    track: str
    start_bar: int
    kind: str
    licence: str


@dataclass(frozen=True, slots=True)
class _Pool:
    """Songs, and how often each is drawn."""

    songs: tuple[Song, ...]
    weights: tuple[float, ...]

    def draw(self, random: Random) -> Song:
        return random.choices(self.songs, self.weights)[0]


@dataclass(frozen=True, slots=True)
class Material:
    """What windows are drawn from: one side of the split.

    Attributes:
        seed: Of all that is random.
        bars: The most bars of a window.
        held_out: Whether it is for validation: rules with other seeds, nothing augmented.
        human, floors, grooves: Songs with drums and bass; with a four-on-the-floor kick; drumming of dance tempo.
    """

    seed: int
    bars: int
    held_out: bool
    human: _Pool
    floors: _Pool
    grooves: _Pool


def prepare_material(songs: Sequence[Song], *, seed: int, bars: int, held_out: bool) -> Material:
    """Sort the songs of one side of the split by what they are good for.

    A song is drawn the more often the more different bars it has, so that a loop of 64 bars counts once.
    """
    ours = [s for s in songs if s.held_out == held_out]
    different = {s.name: float(len({(k.drums, k.bass) for k in hash_bars(s.score)})) for s in ours}
    floor = {s.name for s in ours if is_four_on_the_floor(s.score)}
    low, high = _GROOVE_TEMPOS

    def gather(chosen: list[Song], favoured: Callable[[Song], float]) -> _Pool:
        return _Pool(tuple(chosen), tuple(different[s.name] * favoured(s) for s in chosen))

    drumming = [s for s in ours if s.kind == "drumming" and low <= s.score.tempo <= high]
    return Material(
        seed=seed,
        bars=bars,
        held_out=held_out,
        human=gather([s for s in ours if s.kind != "drumming"], lambda s: _DANCE_WEIGHT if s.kind == "dance" else 1.0),
        floors=gather([s for s in ours if s.name in floor and s.score.tempo >= low], lambda s: 1.0),
        grooves=gather(
            [s for s in drumming if s.score.bars >= _LEAST_GROOVE],
            lambda s: _FLOOR_WEIGHT if s.name in floor else 1.0,
        ),
    )


def list_sources(material: Material) -> tuple[Share, ...]:
    """The rows of `MIX` that there is material for, their shares filled up to 1."""
    there = {
        "rules": True,
        "human": bool(material.human.songs),
        "repaired": bool(material.floors.songs),
        "groove": bool(material.grooves.songs),
    }
    rows = [row for row in MIX if there[row.source]]
    total = sum(row.share for row in rows)
    return tuple(Share(row.source, row.share / total, row.meaning) for row in rows)


def draw_window(material: Material, source: MixSource, number: int) -> Window | None:
    """The window of this number of a source; None where the draw led to near silence."""
    random = Random(f"{material.seed}/{material.held_out}/{source}/{number}")
    window = _DRAWS[source](random, material)
    if window is None or material.held_out:
        return window
    score = window.score
    if source != "rules":
        for often, change in _CHANGES:
            if random.random() < often:
                score = change(random, score)
    if random.random() < _PART_DROPOUT:
        score = drop_part(score, seed=random.getrandbits(40))
    if not _is_lively(score):
        return None
    return Window(score, window.controls, window.track, window.start_bar, window.kind, window.licence)


def _draw_rules(random: Random, material: Material) -> Window:
    style = "acid" if random.random() < _ACID_SHARE else random.choice(list(STYLES))
    seed = random.getrandbits(39) + _HELD_OUT_SEEDS * material.held_out
    bars, start, kind = _draw_bars(random, material.bars), 0, "loop"
    if random.random() < 0.5:
        whole = max(bars, random.choice(_TRACK_BARS))
        start, kind = _BAR_STEP * random.randint(0, (whole - bars) // _BAR_STEP), "track"
        score = compose(style, bars=whole, energy=random.uniform(0.45, 1), seed=seed)[start : start + bars]
    else:
        score = compose(style, bars=bars, energy=random.uniform(0.45, 1), seed=seed)
    controls = Controls(style=style, source="rules")  # type: ignore[arg-type]
    return Window(score, controls, f"rules/{style}/{seed}", start, kind, OWN_LICENCE)


def _draw_human(random: Random, material: Material) -> Window | None:
    return _draw_from(random, material.human, _draw_bars(random, material.bars))


def _draw_groove(random: Random, material: Material) -> Window | None:
    return _draw_from(random, material.grooves, _draw_bars(random, material.bars))


def _draw_repaired(random: Random, material: Material) -> Window | None:
    drums = _draw_from(random, material.floors, _draw_bars(random, material.bars))
    if drums is None or not is_four_on_the_floor(drums.score):
        return None
    score = firm_kick(drums.score)
    if score.bars < _BAR_STEP:  # the patterns of drum machines are a bar or two long
        score = score.repeated(_BAR_STEP * random.randint(1, max(1, material.bars // _BAR_STEP)) // score.bars)
    human = bool(material.human.songs) and random.random() < 0.5
    bass = _draw_from(random, material.human, score.bars) if human else _draw_rules(random, material)
    if bass is None or not bass.score.bass:
        return None
    controls = Controls(source="human") if human else Controls()
    licences = "; ".join(sorted({drums.licence, bass.licence}))
    return Window(
        pair_again(score, bass.score), controls, f"{drums.track} + {bass.track}", drums.start_bar, "pair", licences
    )


_DRAWS: dict[MixSource, Callable[[Random, Material], Window | None]] = {
    "rules": _draw_rules,
    "human": _draw_human,
    "repaired": _draw_repaired,
    "groove": _draw_groove,
}


def _draw_bars(random: Random, most: int) -> int:
    """Mostly as many as may be, else a multiple of 4."""
    shorter = list(range(_BAR_STEP, most, _BAR_STEP))
    return most if not shorter or random.random() < _FULL_SHARE else random.choice(shorter)


def _draw_from(random: Random, pool: _Pool, bars: int) -> Window | None:
    """Some consecutive bars of some song, half of them from the start of a phrase of four bars."""
    for _ in range(_TRIES):
        song = pool.draw(random)
        start = random.randint(0, max(0, song.score.bars - bars))
        start -= start % _BAR_STEP * (random.random() < 0.5)
        score = song.score[start : start + bars]
        if _is_lively(score):
            return Window(score, Controls(source="human"), song.name, start, song.kind, song.licence)
    return None


def _is_lively(score: Score) -> bool:
    return len(score.drums) + len(score.bass) >= _LEAST_NOTES * score.bars
