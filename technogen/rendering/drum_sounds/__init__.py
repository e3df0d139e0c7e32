"""The circuits of the drum machines, hit by hit: a class is one kind of voice, its numbers make it a piece of a kit.

Times are in seconds, frequencies in Hz. Sources: service notes and published analyses of the TR-808 and TR-909.
"""

from typing import Literal

from technogen.rendering.drum_sounds.hands import Clap, Claves, Maracas, Rim
from technogen.rendering.drum_sounds.metal import Cowbell, Cymbal, Hat
from technogen.rendering.drum_sounds.skins import Conga, Kick808, Kick909, Snare, Tom
from technogen.rendering.drum_sounds.strike import Circuit, Strike, Wave, band, fall

CircuitName = Literal[
    "kick 909", "kick 808", "snare", "clap", "rim", "tom", "hat", "cymbal", "cowbell", "conga", "maracas", "claves"
]  # fmt: skip

CIRCUITS: dict[CircuitName, type[Circuit]] = {
    "kick 909": Kick909,
    "kick 808": Kick808,
    "snare": Snare,
    "clap": Clap,
    "rim": Rim,
    "tom": Tom,
    "hat": Hat,
    "cymbal": Cymbal,
    "cowbell": Cowbell,
    "conga": Conga,
    "maracas": Maracas,
    "claves": Claves,
}

__all__ = ["CIRCUITS", "Circuit", "CircuitName", "Strike", "Wave", "band", "fall"]
