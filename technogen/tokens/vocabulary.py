"""The words of techno: every token by its id, its name and its meaning. Times are positions, 24 a beat.

==========  ===========================  ======================================================================
kind        words                        meaning
==========  ===========================  ======================================================================
PAD         ``PAD_None``                 fills a batch; may only follow EOS
BOS, EOS    ``BOS_None``, ``EOS_None``   the first and the last token of a score
MASK, SEP   ``MASK_None``, ``SEP_None``  kept for tasks that hide bars; they are no part of a score
Bar         ``Bar_None``                 a bar starts; a score has as many as it has bars
Position    ``Position_0`` .. ``_95``    where in the bar the events that follow lie, straight (swing is no token)
Drum        ``Drum_kick.plain``          a hit: one of 17 pieces, soft, plain or accented
Bass        ``Bass_36.accent.slide``     a note: MIDI pitch 24..72, plain or accented, sliding into the next or not
Duration    ``Duration_240``             how many ticks the bass note is held, where it is not the usual 70
Filter      ``Filter_c64r80``            where the cutoff and resonance knobs stand from here; ``x``: not yet touched
Section     ``Section_drop``             a section starts with this bar
Density     ``Density_2.3``              control: how busy the drums and the bass of this bar are, 0 (silent) to 3
Style       ``Style_acid``               control: the style of the score, or from this bar on
Source      ``Source_human``             control: who wrote the score
Parts       ``Parts_drums.bass``         control: which parts the score has
Task        ``Task_continue``            control: what is asked for
==========  ===========================  ======================================================================

A score reads: BOS, Task, Style, Source, Parts (each may be absent), its bars, EOS. A bar reads: Bar, Style, Section,
Density (each may be absent), then its positions, ascending. A position reads: Filter (on the half bar only), drum hits
by ascending pitch, at most one bass note with its duration; at least one of them.
"""

from zlib import crc32

from technogen.errors import TokenError
from technogen.score import DRUM_NAMES, TICKS_PER_BAR
from technogen.score.quantising import (
    BASS_PITCHES,
    CUTOFF_LEVELS,
    DURATIONS,
    FILTER_TICKS,
    GATE_TICKS,
    GRID,
    RESONANCE_LEVELS,
    SECTION_LABELS,
)

POSITIONS_PER_BAR = TICKS_PER_BAR // GRID
FILTER_POSITIONS = FILTER_TICKS // GRID
DENSITY_CLASSES = 4
STYLES = ("acid", "industrial", "hard", "dub", "hypnotic", "electro", "other")
SOURCES = ("human", "rules", "user")
PARTS = ("drums", "bass", "drums.bass")
TASKS = ("continue", "fill-drums", "fill-bass", "drums-to-bass", "bass-to-drums", "vary")

DRUM_PIECES: tuple[int, ...] = tuple(sorted(DRUM_NAMES))
DRUM_CLASSES = ("soft", "plain", "accent")
BASS_CLASSES = ("plain", "plain.slide", "accent", "accent.slide")
TOKEN_DURATIONS: tuple[int, ...] = tuple(ticks for ticks in DURATIONS if ticks != GATE_TICKS)
FILTERS: tuple[tuple[int | None, int | None], ...] = tuple(
    (cutoff, resonance)
    for cutoff in (None, *CUTOFF_LEVELS)
    for resonance in (None, *RESONANCE_LEVELS)
    if (cutoff, resonance) != (None, None)
)
"""Cutoff and resonance (0..127) of each Filter token; None: this knob has not been touched yet."""


def _drum_words() -> list[str]:
    return [f"{DRUM_NAMES[piece].replace(' ', '-')}.{name}" for piece in DRUM_PIECES for name in DRUM_CLASSES]


def _filter_words() -> list[str]:
    return [f"c{cutoff}r{resonance}".replace("None", "x") for cutoff, resonance in FILTERS]


def _density_words() -> list[str]:
    return [f"{drums}.{bass}" for drums in range(DENSITY_CLASSES) for bass in range(DENSITY_CLASSES)]


SPECIAL = ("PAD", "BOS", "EOS", "MASK", "SEP")
_TABLE: tuple[tuple[str, list[str]], ...] = (
    *((name, ["None"]) for name in SPECIAL),
    ("Bar", ["None"]),
    ("Position", [str(k) for k in range(POSITIONS_PER_BAR)]),
    ("Drum", _drum_words()),
    ("Bass", [f"{pitch}.{name}" for pitch in BASS_PITCHES for name in BASS_CLASSES]),
    ("Duration", [str(ticks) for ticks in TOKEN_DURATIONS]),
    ("Filter", _filter_words()),
    ("Section", list(SECTION_LABELS)),
    ("Density", _density_words()),
    ("Style", list(STYLES)),
    ("Source", list(SOURCES)),
    ("Parts", list(PARTS)),
    ("Task", list(TASKS)),
)

VOCABULARY: tuple[str, ...] = tuple(f"{kind}_{value}" for kind, values in _TABLE for value in values)
"""The name of each token, by its id."""
KINDS: tuple[str, ...] = tuple(kind for kind, values in _TABLE for _ in values)
"""The kind of each token, by its id."""
TOKEN_IDS: dict[str, int] = {word: token for token, word in enumerate(VOCABULARY)}
"""The id of each token, by its name."""
FIRST: dict[str, int] = {kind: KINDS.index(kind) for kind, _ in _TABLE}
"""The first id of each kind; the ids of a kind are consecutive."""

PAD, BOS, EOS, MASK, SEP, BAR = (FIRST[kind] for kind in (*SPECIAL, "Bar"))


def fingerprint() -> str:
    """Eight hexadecimal digits that change when any token does; saved beside whatever was trained on these ids."""
    return f"{crc32(' '.join(VOCABULARY).encode()):08x}"


def ids_of(kind: str) -> range:
    """The ids of one kind of token, such as "Position".

    Raises:
        TokenError: If there is no such kind.
    """
    if kind not in FIRST:
        raise TokenError(f"a kind of token is one of {', '.join(FIRST)}, got {kind!r}")
    return range(FIRST[kind], FIRST[kind] + KINDS.count(kind))


def token_id(word: str) -> int:
    """The id of a token by its name, such as "Style_acid".

    Raises:
        TokenError: If there is no such token.
    """
    if word not in TOKEN_IDS:
        raise TokenError(f"there is no token {word!r}; technogen.tokens.VOCABULARY lists them all")
    return TOKEN_IDS[word]
