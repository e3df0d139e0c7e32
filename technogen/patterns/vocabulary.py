"""What a style of techno is made of: figures, voices, drums, bassline. Types only; steps are 16ths of a 4/4 bar."""

from dataclasses import dataclass
from typing import Literal

SCALES: dict[str, tuple[int, ...]] = {
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "pentatonic": (0, 3, 5, 7, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}
"""Semitones above the root."""

Fill = Literal["roll", "swell", "toms", "gap", "kicks", "claps", "hats", "stop", "fours", "eights"]
"""What the last bar of a phrase may do: see `technogen.patterns.drumming.play_fill`."""

Arc = Literal["still", "rise", "fall", "arch", "wave", "steps"]
"""How the filter moves over 4, 8 or 16 bars: not at all; up or down, and back at once; up and down; the same, twice as
fast; to another place each two bars."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A written rhythm.

    Attributes:
        steps: One character a 16th, repeated as often as it fits: `X` accented, `x` plain, `o` soft, `.` none,
            `?` plain or nothing and `,` soft or nothing (drawn once a piece). A length that does not divide 16 runs
            on over two bars and then starts again.
        weight: How often it is chosen among the figures of its voice.
    """

    steps: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Spread:
    """A rhythm of evenly spread hits (Bjorklund's algorithm), turned so that it answers the bassline.

    Attributes:
        low: The fewest hits in a cycle.
        high: The most.
        cycle: The length in steps.
        level: How loud: the character of `Figure.steps`.
        weight: How often it is chosen among the figures of its voice.
    """

    low: int
    high: int
    cycle: int = 16
    level: str = "x"
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Voice:
    """How one drum piece speaks in a style.

    Attributes:
        piece: Its General MIDI note.
        chance: How often a composition has this voice at all.
        figures: The rhythms to choose from.
        energy: Where the energy of a bar is less than this, the voice is silent.
        drift: How often a composition's second or fourth bar changes one or two hits of it.
    """

    piece: int
    chance: float
    figures: tuple[Figure | Spread, ...]
    energy: float = 0.0
    drift: float = 0.12


@dataclass(frozen=True, slots=True)
class DrumStyle:
    """The drums of a style.

    Attributes:
        kicks: The kick's rhythms.
        kick_drift: How often the kick's second or fourth bar has a hit more.
        voices: All other pieces.
        fills: What the last bar of a phrase may do, with weights.
        fill_rate: How often every fourth bar has a fill; every eighth has one nearly always.
        crash_rate: How often a phrase of eight bars opens with a crash.
        mute_rate: How often a voice of a loop longer than eight bars enters late, leaves early or pauses, always on
            lines of four bars; half as often in shorter loops. Tracks have their sections instead.
        break_rate: How often the kick does so in a loop longer than eight.
        turn_rate: How often drums hold their breath for the last bar or two of eight: the kick, all others, or all.
    """

    kicks: tuple[Figure, ...]
    voices: tuple[Voice, ...]
    fills: tuple[tuple[Fill, float], ...]
    kick_drift: float = 0.1
    fill_rate: float = 0.15
    crash_rate: float = 0.15
    mute_rate: float = 0.35
    break_rate: float = 0.25
    turn_rate: float = 0.25


@dataclass(frozen=True, slots=True)
class BassStyle:
    """The bassline of a style. Shares are of steps, rates are of notes; pairs are ranges, drawn once a line.

    Attributes:
        scales: Names of `SCALES` with weights.
        degrees: Weights of the semitones above the root when a line chooses its pitches.
        pitches: How many different pitches a line uses, the root included.
        root_share: How strongly notes return to the root.
        repeat: How often a note repeats the pitch before it.
        octave: How often a line uses the root an octave away.
        density: Share of steps where a note starts.
        tie: Share of steps that prolong the note before.
        accent: Share of notes that are accented.
        slide: Share of the notes that could slide which do.
        on_kick: How much of the density is left on the kick's steps: 0 avoids the kick, 1 does not mind it,
            more doubles it.
        downbeat: How often a line starts on the bar's first step, whatever its density.
        cycles: Lengths in steps after which a line repeats, with weights; 16 is written in beats that rhyme.
        motif: Bars before the line repeats, with weights.
        move: How often an answer takes another degree for its root.
        walk: How often the line follows a progression, moving along its scale bar by bar.
        second: How often a later phrase of eight bars has a line of its own.
        change: How often the repeats of a phrase hold answers and changed notes.
        rolling: How often the line rolls between the kicks, on 16ths, in place of a drawn rhythm.
        answer: How often accents answer the clap: most of them fall on its steps and right after.
        pause: How often the line of a loop longer than eight bars pauses for four.
        root: The lowest and highest MIDI note of the root.
    """

    scales: tuple[tuple[str, float], ...]
    degrees: tuple[float, ...]
    pitches: tuple[int, int]
    root_share: float
    repeat: float
    octave: float
    density: tuple[float, float]
    tie: tuple[float, float]
    accent: tuple[float, float]
    slide: float
    on_kick: tuple[float, float] = (1.0, 1.0)
    downbeat: float = 0.0
    cycles: tuple[tuple[int, float], ...] = ((16, 1.0),)
    motif: tuple[tuple[int, float], ...] = ((1, 0.3), (2, 0.4), (4, 0.25), (8, 0.05))
    move: float = 0.12
    walk: float = 0.3
    second: float = 0.25
    change: float = 0.7
    rolling: float = 0.0
    answer: float = 0.2
    pause: float = 0.2
    root: tuple[int, int] = (33, 44)


@dataclass(frozen=True, slots=True)
class Style:
    """A style of techno.

    Attributes:
        tempo: Beats a minute, lowest and highest.
        swing: Lowest and highest, 0.5 is straight.
        drums: Its drums.
        bass: Its bassline.
        cutoff: The lowest and highest filter cutoff, 0..127.
        resonance: The lowest and highest resonance, 0..127.
        arcs: How the filter moves, with weights.
    """

    tempo: tuple[int, int]
    swing: tuple[float, float]
    drums: DrumStyle
    bass: BassStyle
    cutoff: tuple[int, int]
    resonance: tuple[int, int]
    arcs: tuple[tuple[Arc, float], ...]
