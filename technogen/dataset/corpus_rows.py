"""Windows as the rows of a training set: their tokens, what they are known by, and which are let in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np

from technogen.dataset.mixing import MixSource, Window
from technogen.similarity import BarKeys, Part, hash_bars, telling_key
from technogen.tokens import encode

Split = Literal["train", "validation"]
SPLITS: tuple[Split, Split] = ("train", "validation")
MOST_ALIKE = 4
"""How many windows may have the same bars, transposition and velocities aside."""

_TELLING_PARTS: tuple[Part, Part] = ("drums", "bass")


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window as it is stored, and by what it is known.

    Attributes:
        window_id: Its source, split and number, by which it can be drawn again.
        ids: Its tokens as bytes of uint16.
        contents: The hash of each bar, drums and bass, transposition and velocities aside.
        telling: The keys of its telling bars of drums or bass.
    """

    split: Split
    source: MixSource
    window_id: str
    track: str
    start_bar: int
    kind: str
    style: str
    licence: str
    tempo: float
    swing: float
    bars: int
    ids: bytes
    contents: tuple[int, ...]
    telling: frozenset[int]


class Sieve:
    """Lets windows through that are no copies, and share nothing telling with a split that is closed."""

    def __init__(self) -> None:
        self._tokens: set[bytes] = set()
        self._contents: Counter[tuple[int, ...]] = Counter()
        self._forbidden: frozenset[int] = frozenset()

    def takes(self, row: WindowRow) -> bool:
        """Whether a window is let in; if so, it is remembered."""
        known = row.ids in self._tokens or self._contents[row.contents] >= MOST_ALIKE
        if known or not self._forbidden.isdisjoint(row.telling):
            return False
        self._tokens.add(row.ids)
        self._contents[row.contents] += 1
        return True

    def close(self, rows: Iterable[WindowRow]) -> None:
        """Let nothing in from now on that has a telling bar of these."""
        self._forbidden = self._forbidden.union(*(row.telling for row in rows))


def make_row(split: Split, source: MixSource, number: int, window: Window) -> WindowRow:
    """Encode a window, with all that is known of it in control tokens."""
    encoded = encode(window.score, controls=window.controls)
    bars = hash_bars(window.score)
    telling = {key for bar in bars for part in _TELLING_PARTS if (key := telling_key(bar, part))}
    return WindowRow(
        split=split,
        source=source,
        window_id=f"{source}-{split}-{number}",
        track=window.track,
        start_bar=window.start_bar,
        kind=window.kind,
        style=window.controls.style or "",
        licence=window.licence,
        tempo=encoded.tempo,
        swing=encoded.swing,
        bars=encoded.bars,
        ids=np.array(encoded.ids, dtype=np.uint16).tobytes(),
        contents=tuple(_hash_bar(bar) for bar in bars),
        telling=frozenset(telling),
    )


def _hash_bar(bar: BarKeys) -> int:
    both = bar.drums.to_bytes(8, "big") + bar.bass.to_bytes(8, "big")
    return int.from_bytes(blake2b(both, digest_size=8).digest(), "big")
