"""The circuits of the drum machines, hit by hit: a class is one kind of voice, its numbers make it a piece of a kit.

Times are in seconds, frequencies in Hz. Sources: service notes and published analyses of the TR-808 and TR-909.
"""

from typing import Literal

from technogen.rendering.drum_sounds.clang import Modulated, Plate
from technogen.rendering.drum_sounds.filters import band
from technogen.rendering.drum_sounds.hands import Clap, Claves, Maracas, Noise, Rim
from technogen.rendering.drum_sounds.kicks import Kick808, Kick909, KickDriven
from technogen.rendering.drum_sounds.metal import Cowbell, CymbalSquares, HatSquares, MetalMemory
from technogen.rendering.drum_sounds.skins import Conga, Membrane, Snare808, Snare909, Tom
from technogen.rendering.drum_sounds.strike import Circuit, Strike, Wave, fall

CircuitName = Literal[
    "kick 909", "kick 808", "kick driven", "snare 909", "snare 808", "tom", "conga", "membrane",
    "hat squares", "cymbal squares", "metal memory", "cowbell", "plate", "modulated",
    "clap", "rim", "maracas", "claves", "noise",
]  # fmt: skip

CIRCUITS: dict[CircuitName, type[Circuit]] = {
    "kick 909": Kick909,
    "kick 808": Kick808,
    "kick driven": KickDriven,
    "snare 909": Snare909,
    "snare 808": Snare808,
    "tom": Tom,
    "conga": Conga,
    "membrane": Membrane,
    "hat squares": HatSquares,
    "cymbal squares": CymbalSquares,
    "metal memory": MetalMemory,
    "cowbell": Cowbell,
    "plate": Plate,
    "modulated": Modulated,
    "clap": Clap,
    "rim": Rim,
    "maracas": Maracas,
    "claves": Claves,
    "noise": Noise,
}

__all__ = ["CIRCUITS", "Circuit", "CircuitName", "Strike", "Wave", "band", "fall"]
