"""The drum pieces of techno by their General MIDI note, and how the notes of other drum maps fold onto them."""

KICK, RIM, SNARE, CLAP = 36, 37, 38, 39
CLOSED_HAT, OPEN_HAT = 42, 46
LOW_TOM, MID_TOM, HIGH_TOM = 43, 47, 50
CRASH, RIDE, COWBELL = 49, 51, 56
HIGH_CONGA_MUTE, HIGH_CONGA, LOW_CONGA = 62, 63, 64
MARACAS, CLAVES = 70, 75

DRUM_NAMES: dict[int, str] = {
    KICK: "kick",
    RIM: "rim",
    SNARE: "snare",
    CLAP: "clap",
    CLOSED_HAT: "closed hat",
    LOW_TOM: "low tom",
    OPEN_HAT: "open hat",
    MID_TOM: "mid tom",
    CRASH: "crash",
    HIGH_TOM: "high tom",
    RIDE: "ride",
    COWBELL: "cowbell",
    HIGH_CONGA_MUTE: "muted high conga",
    HIGH_CONGA: "high conga",
    LOW_CONGA: "low conga",
    MARACAS: "maracas",
    CLAVES: "claves",
}
"""The seventeen pieces that TechnoGen writes, tokenizes and synthesises."""

_ALIASES: dict[int, int] = {
    **dict.fromkeys((35,), KICK),
    **dict.fromkeys((31,), RIM),
    **dict.fromkeys((40,), SNARE),
    **dict.fromkeys((44, 80), CLOSED_HAT),
    **dict.fromkeys((81,), OPEN_HAT),
    **dict.fromkeys((41,), LOW_TOM),
    **dict.fromkeys((45,), MID_TOM),
    **dict.fromkeys((48,), HIGH_TOM),
    **dict.fromkeys((52, 55, 57), CRASH),
    **dict.fromkeys((53, 59), RIDE),
    **dict.fromkeys((67, 68), COWBELL),
    **dict.fromkeys((60, 65), HIGH_CONGA),
    **dict.fromkeys((61, 66), LOW_CONGA),
    **dict.fromkeys((54, 69, 82), MARACAS),
}


def fold_drum(pitch: int) -> int:
    """The piece of `DRUM_NAMES` that stands for a General MIDI drum note; what has no relative becomes claves."""
    return pitch if pitch in DRUM_NAMES else _ALIASES.get(pitch, CLAVES)
