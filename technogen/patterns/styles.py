"""The styles that the rules know, as tables: tempo, swing, drum voices, bassline, filter. Steps are 16ths of a bar."""

from technogen.patterns.vocabulary import BassStyle, DrumStyle, Figure, Spread, Style, Voice
from technogen.score import drums

_FOUR = (
    Figure("X...X...X...X...", 6),
    Figure("X...X...X...X.x.", 1),
    Figure("X...X...X..xX...", 0.7),
    Figure("X...X...X.x.X...", 0.7),
    Figure("X...X..xX...X...", 0.7),
    Figure("X..xX...X...X...", 0.4),
    Figure("X...X...X...X..x", 0.7),
)
_BROKEN = (
    Figure("X.....X...X.....", 1.5),
    Figure("X.....X...x.....", 1),
    Figure("X..x......X.....", 1),
    Figure("X.......X.X.....", 1),
    Figure("X..x..x...X..x..", 1),
    Figure("X.....xX..X.....", 1),
    Figure("X.x....x..X.....", 0.8),
    Figure("X.....X..xX...x.", 0.8),
)
_CLAPS = (
    Figure("....X.......X...", 5),
    Figure("....x.......x..,", 1),
    Figure("............X...", 0.8),
    Figure("....X..,....X.,.", 0.6),
    Figure("....X.......X.x.", 0.4),
)
_SNARES = (
    Figure("....X.......X...", 1.2),
    Figure("....X..o.o..X..o", 1),
    Figure("o.oo.oo.o.oo.oo.", 0.5),
    Figure("ooxooxooxooxooxo", 0.4),
    Spread(4, 7, 16, "o", 1.2),
    Spread(3, 5, 8, "o", 0.8),
)
_SHUFFLED_HATS = (
    Figure("x.x.", 2.5),
    Figure("o.x.", 1.5),
    Figure("..x.", 2),
    Figure("xoxo", 1.2),
    Figure("ooxo", 1),
    Figure("x.xo", 1),
    Figure("x,x,", 1),
    Figure(".oxo", 0.7),
    Spread(9, 12, 16, "x", 0.5),
)
_OFFBEAT_HATS = (
    Figure("..X.", 3),
    Figure("..x.", 2),
    Figure("..x...x...x...xo", 1),
    Figure("..X...X...X..xX.", 0.7),
    Figure("......X.......X.", 0.6),
    Figure("..x..x....x..x..", 0.6),
    Figure("x.x.", 0.4),
    Spread(3, 6, 16, "x", 1),
)

_ACID = Style(
    tempo=(122, 142),
    swing=(0.5, 0.56),
    drums=DrumStyle(
        kicks=_FOUR,
        voices=(
            Voice(drums.CLAP, 0.7, _CLAPS, energy=0.35),
            Voice(drums.SNARE, 0.5, _SNARES, energy=0.55, drift=0.4),
            Voice(drums.CLOSED_HAT, 0.95, _SHUFFLED_HATS, energy=0.2, drift=0.3),
            Voice(drums.OPEN_HAT, 0.8, _OFFBEAT_HATS, energy=0.45),
            Voice(drums.RIM, 0.3, (Spread(3, 7), Spread(2, 3, 8), Figure("..x..x....x..x..")), energy=0.5, drift=0.4),
            Voice(drums.COWBELL, 0.12, (Spread(3, 5), Figure("..x..x..x..x..x.")), energy=0.6),
            Voice(drums.LOW_TOM, 0.2, (Spread(2, 5), Figure("......x......x..")), energy=0.6, drift=0.4),
            Voice(drums.HIGH_TOM, 0.15, (Spread(2, 4),), energy=0.65, drift=0.4),
            Voice(drums.RIDE, 0.2, (Figure("..x."), Figure("x..."), Figure("x.x.")), energy=0.75),
            Voice(drums.MARACAS, 0.15, (Figure("oxox"), Figure("xoxo"), Spread(7, 11, 16, "o")), energy=0.6),
        ),
        fills=(("roll", 3), ("toms", 2), ("gap", 3), ("kicks", 2), ("claps", 2), ("hats", 2), ("stop", 1)),
    ),
    bass=BassStyle(
        scales=(
            ("minor", 4),
            ("pentatonic", 3),
            ("phrygian", 0),
            ("dorian", 1.5),
            ("mixolydian", 1),
            ("harmonic", 0.6),
        ),
        degrees=(0, 0, 1.1, 4.2, 1.6, 3.2, 0, 11.9, 3.3, 0.5, 6.9, 0.6),
        pitches=(2, 4),
        root_share=0.55,
        repeat=0.4,
        octave=0.45,
        density=(0.5, 0.78),
        tie=(0.08, 0.26),
        accent=(0.28, 0.58),
        slide=0.3,
    ),
    cutoff=(20, 105),
    resonance=(60, 127),
    arcs=(("arch", 3), ("rise", 2), ("steps", 2), ("wave", 2), ("fall", 1), ("still", 1)),
)

_INDUSTRIAL = Style(
    tempo=(132, 146),
    swing=(0.5, 0.52),
    drums=DrumStyle(
        kicks=(*_FOUR, Figure("X..xX..xX..xX..x", 1), Figure("X...X.x.X...X.x.", 1), Figure("X.....X...X...X.", 0.6)),
        kick_drift=0.35,
        voices=(
            Voice(drums.CLAP, 0.45, _CLAPS, energy=0.4),
            Voice(drums.SNARE, 0.55, _SNARES, energy=0.5, drift=0.5),
            Voice(drums.CLOSED_HAT, 0.85, (*_SHUFFLED_HATS, Spread(5, 9)), energy=0.3, drift=0.4),
            Voice(drums.OPEN_HAT, 0.65, _OFFBEAT_HATS, energy=0.5),
            Voice(
                drums.LOW_TOM, 0.55, (Spread(3, 7), Figure("...x..x...x..x.."), Spread(2, 3, 6)), energy=0.45, drift=0.5
            ),
            Voice(drums.MID_TOM, 0.35, (Spread(2, 5), Spread(2, 2, 7)), energy=0.6, drift=0.5),
            Voice(drums.RIM, 0.4, (Spread(5, 9), Spread(2, 3, 5)), energy=0.5, drift=0.4),
            Voice(drums.CLAVES, 0.2, (Spread(3, 5), Spread(2, 3, 12)), energy=0.6),
            Voice(drums.RIDE, 0.35, (Figure("x..."), Figure("x.x."), Figure("..X.")), energy=0.65),
        ),
        fills=(("roll", 2), ("toms", 3), ("gap", 2), ("kicks", 3), ("stop", 2), ("hats", 1)),
        fill_rate=0.35,
    ),
    bass=BassStyle(
        scales=(("phrygian", 4), ("minor", 3), ("harmonic", 1)),
        degrees=(0, 5, 1, 4, 0, 2, 0, 3, 2, 0, 4, 1),
        pitches=(1, 3),
        root_share=0.72,
        repeat=0.62,
        octave=0.25,
        density=(0.35, 0.72),
        tie=(0.0, 0.15),
        accent=(0.2, 0.5),
        slide=0.12,
        on_kick=(0.0, 0.7),
        cycles=((16, 3), (4, 1.5), (8, 2), (12, 1), (6, 1)),
        motif=((1, 0.6), (2, 0.4)),
    ),
    cutoff=(10, 85),
    resonance=(20, 100),
    arcs=(("still", 2), ("rise", 2), ("steps", 3), ("wave", 1), ("arch", 2)),
)

_HARD = Style(
    tempo=(142, 156),
    swing=(0.5, 0.52),
    drums=DrumStyle(
        kicks=_FOUR,
        kick_drift=0.25,
        voices=(
            Voice(drums.CLAP, 0.75, _CLAPS, energy=0.4),
            Voice(drums.SNARE, 0.45, _SNARES, energy=0.6, drift=0.4),
            Voice(
                drums.CLOSED_HAT,
                0.85,
                (Figure("xoxo", 2), Figure("x.x.", 3), Figure("..x.", 2), Figure("ooxo", 1)),
                energy=0.3,
            ),
            Voice(drums.OPEN_HAT, 0.92, (Figure("..X.", 6), *_OFFBEAT_HATS[2:]), energy=0.35),
            Voice(drums.RIDE, 0.5, (Figure("x.x."), Figure("x..."), Figure("..x."), Figure("xoxo", 0.4)), energy=0.7),
            Voice(drums.LOW_TOM, 0.3, (Spread(3, 6), Figure("..xx..xx..xx..xx")), energy=0.55, drift=0.4),
            Voice(drums.RIM, 0.25, (Spread(3, 7), Spread(2, 3, 6)), energy=0.6),
            Voice(drums.MARACAS, 0.15, (Figure("oxox"), Figure("ooxo")), energy=0.6),
        ),
        fills=(("roll", 4), ("gap", 4), ("kicks", 3), ("claps", 2), ("stop", 2), ("toms", 1)),
        fill_rate=0.5,
        crash_rate=0.5,
    ),
    bass=BassStyle(
        scales=(("minor", 3), ("phrygian", 3), ("harmonic", 2), ("pentatonic", 1)),
        degrees=(0, 3, 1, 4, 0, 3, 0, 5, 3, 0, 5, 1),
        pitches=(1, 4),
        root_share=0.65,
        repeat=0.6,
        octave=0.35,
        density=(0.45, 0.8),
        tie=(0.0, 0.08),
        accent=(0.25, 0.5),
        slide=0.12,
        on_kick=(0.0, 0.5),
        cycles=((16, 2), (4, 3), (8, 2)),
        motif=((1, 0.5), (2, 0.35), (4, 0.15)),
    ),
    cutoff=(25, 110),
    resonance=(40, 115),
    arcs=(("rise", 4), ("arch", 2), ("steps", 2), ("wave", 1), ("still", 1)),
)

_DUB = Style(
    tempo=(116, 128),
    swing=(0.5, 0.58),
    drums=DrumStyle(
        kicks=(Figure("X...", 8), *_FOUR[1:]),
        kick_drift=0.1,
        voices=(
            Voice(
                drums.CLAP,
                0.5,
                (Figure("....x.......x...", 3), Figure("............x...", 1), *_CLAPS[1:2]),
                energy=0.4,
            ),
            Voice(drums.SNARE, 0.25, _SNARES, energy=0.55, drift=0.4),
            Voice(
                drums.CLOSED_HAT, 0.9, (*_SHUFFLED_HATS, Figure("..o.", 2), Figure("o.o.", 2)), energy=0.2, drift=0.4
            ),
            Voice(drums.OPEN_HAT, 0.65, _OFFBEAT_HATS, energy=0.45),
            Voice(drums.RIM, 0.6, (Spread(2, 5), Spread(2, 3, 12), Figure(".......x.....x..")), energy=0.35, drift=0.5),
            Voice(drums.LOW_CONGA, 0.25, (Spread(2, 5), Figure("......o..o....o.")), energy=0.5, drift=0.5),
            Voice(drums.HIGH_CONGA, 0.2, (Spread(2, 4),), energy=0.55, drift=0.5),
            Voice(
                drums.MARACAS, 0.35, (Figure("oxox"), Figure("o.o."), Figure("ooxo"), Spread(5, 9, 16, "o")), energy=0.4
            ),
            Voice(drums.CLAVES, 0.12, (Spread(2, 3),), energy=0.5),
        ),
        fills=(("gap", 3), ("hats", 3), ("toms", 1), ("claps", 2), ("roll", 0.5)),
        fill_rate=0.2,
        crash_rate=0.1,
    ),
    bass=BassStyle(
        scales=(("pentatonic", 3), ("minor", 3), ("dorian", 3)),
        degrees=(0, 0, 1, 5, 0, 4, 0, 8, 2, 1, 6, 0),
        pitches=(2, 4),
        root_share=0.6,
        repeat=0.42,
        octave=0.2,
        density=(0.16, 0.42),
        tie=(0.12, 0.34),
        accent=(0.08, 0.3),
        slide=0.18,
        on_kick=(0.3, 1.0),
        motif=((1, 0.35), (2, 0.45), (4, 0.2)),
        root=(30, 41),
    ),
    cutoff=(8, 60),
    resonance=(10, 70),
    arcs=(("wave", 3), ("arch", 3), ("still", 2), ("steps", 1)),
)

_HYPNOTIC = Style(
    tempo=(126, 138),
    swing=(0.5, 0.55),
    drums=DrumStyle(
        kicks=(Figure("X...", 7), *_FOUR[1:]),
        kick_drift=0.1,
        voices=(
            Voice(drums.CLAP, 0.35, _CLAPS, energy=0.5),
            Voice(drums.SNARE, 0.3, _SNARES[2:], energy=0.6, drift=0.3),
            Voice(drums.CLOSED_HAT, 0.9, (*_SHUFFLED_HATS, Spread(2, 3, 5), Spread(3, 5, 12)), energy=0.25, drift=0.2),
            Voice(drums.OPEN_HAT, 0.6, _OFFBEAT_HATS, energy=0.5),
            Voice(drums.RIM, 0.5, (Spread(2, 5, 12), Spread(3, 7), Spread(2, 3, 7), Spread(2, 2, 5)), energy=0.4),
            Voice(drums.LOW_TOM, 0.45, (Spread(3, 5), Spread(2, 3, 6), Spread(2, 4, 12)), energy=0.45),
            Voice(drums.HIGH_TOM, 0.3, (Spread(2, 3), Spread(2, 3, 10)), energy=0.55),
            Voice(drums.HIGH_CONGA_MUTE, 0.3, (Spread(3, 7), Spread(2, 3, 7)), energy=0.5),
            Voice(drums.CLAVES, 0.2, (Spread(2, 3, 12), Spread(2, 3, 14)), energy=0.55),
            Voice(drums.RIDE, 0.35, (Figure("x..."), Figure("..x."), Figure("x.x.")), energy=0.65),
            Voice(drums.MARACAS, 0.3, (Figure("oxox"), Figure("ooxo"), Figure("oooo")), energy=0.5),
        ),
        fills=(("gap", 3), ("hats", 3), ("toms", 1)),
        fill_rate=0.12,
        crash_rate=0.05,
    ),
    bass=BassStyle(
        scales=(("minor", 3), ("phrygian", 3), ("dorian", 2), ("pentatonic", 2)),
        degrees=(0, 2, 1, 5, 0, 3, 0, 6, 2, 1, 5, 0),
        pitches=(1, 3),
        root_share=0.6,
        repeat=0.5,
        octave=0.3,
        density=(0.3, 0.65),
        tie=(0.02, 0.2),
        accent=(0.15, 0.4),
        slide=0.2,
        on_kick=(0.2, 1.0),
        cycles=((16, 1.5), (3, 1), (5, 1), (6, 2), (7, 1), (10, 1), (12, 2)),
        motif=((1, 0.5), (2, 0.5)),
    ),
    cutoff=(15, 75),
    resonance=(30, 110),
    arcs=(("wave", 4), ("arch", 3), ("rise", 1), ("still", 1)),
)

_ELECTRO = Style(
    tempo=(122, 136),
    swing=(0.5, 0.55),
    drums=DrumStyle(
        kicks=_BROKEN,
        kick_drift=0.5,
        voices=(
            Voice(
                drums.SNARE,
                0.85,
                (_SNARES[0], _SNARES[1], Figure("....X.......X..x"), Figure("....X..x....X...")),
                energy=0.15,
            ),
            Voice(drums.CLAP, 0.5, _CLAPS, energy=0.4),
            Voice(drums.CLOSED_HAT, 0.95, (*_SHUFFLED_HATS, Spread(9, 12)), energy=0.2, drift=0.4),
            Voice(drums.OPEN_HAT, 0.6, _OFFBEAT_HATS, energy=0.45),
            Voice(drums.COWBELL, 0.3, (Spread(3, 5), Figure("..x..x..x..x..x.")), energy=0.5),
            Voice(drums.RIM, 0.3, (Spread(3, 7),), energy=0.5),
            Voice(drums.LOW_CONGA, 0.25, (Spread(2, 4),), energy=0.5),
            Voice(drums.HIGH_CONGA, 0.25, (Spread(2, 5),), energy=0.5),
            Voice(drums.MARACAS, 0.3, (Figure("xoxo"), Figure("oooo"), Figure("ooxo")), energy=0.5),
            Voice(drums.CLAVES, 0.2, (Spread(3, 5),), energy=0.55),
        ),
        fills=(("roll", 3), ("toms", 3), ("claps", 3), ("kicks", 2), ("gap", 1), ("stop", 1)),
        fill_rate=0.5,
        crash_rate=0.3,
    ),
    bass=BassStyle(
        scales=(("minor", 4), ("phrygian", 2), ("dorian", 2), ("harmonic", 1)),
        degrees=(0, 2, 2, 6, 0, 4, 0, 7, 3, 1, 6, 1),
        pitches=(2, 5),
        root_share=0.45,
        repeat=0.42,
        octave=0.7,
        density=(0.4, 0.75),
        tie=(0.02, 0.16),
        accent=(0.2, 0.45),
        slide=0.2,
        on_kick=(0.8, 2.0),
        motif=((1, 0.3), (2, 0.5), (4, 0.2)),
    ),
    cutoff=(25, 95),
    resonance=(20, 95),
    arcs=(("still", 2), ("arch", 2), ("steps", 3), ("wave", 2)),
)

STYLES: dict[str, Style] = {
    "acid": _ACID,
    "industrial": _INDUSTRIAL,
    "hard": _HARD,
    "dub": _DUB,
    "hypnotic": _HYPNOTIC,
    "electro": _ELECTRO,
}
"""Every style that `technogen.patterns.compose` knows."""
