"""`Generator`: new music from nothing or from a prompt, at once, as several takes, or bar by bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from technogen.errors import GenerationError
from technogen.generation.orders import MAX_TAKES, Order, Wish, check_count, complete_order
from technogen.generation.rules import RulesWriter
from technogen.generation.sampling import Sampling
from technogen.score import Score
from technogen.score.types import MAX_BARS

if TYPE_CHECKING:
    from technogen.generation.music_transformer import MusicTransformer
    from technogen.generation.writing import Writer

SOURCES = ("transformer", "rules")
_STREAM_BARS = MAX_BARS // 2
_AS_LEARNED = Sampling()


class Generator:
    """Writes techno: drums and an acid bassline.

    Args:
        by: "transformer", the trained model, or "rules", `technogen.patterns.compose`.
        checkpoint: Of the model: a file that `technogen train composer` wrote; None: the one in the package.

    Raises:
        GenerationError: If there is no such source, or a checkpoint is given for the rules.
        MissingFileError: If there is no such checkpoint.
        WeightsError: If it cannot be used.
    """

    def __init__(self, by: str = "transformer", *, checkpoint: str | Path | None = None) -> None:
        if by not in SOURCES:
            raise GenerationError(f"by must be one of {', '.join(SOURCES)}, got {by!r}")
        if by == "rules" and checkpoint is not None:
            raise GenerationError(
                f"rules have no checkpoint, got {checkpoint!r}; leave it out, or use by='transformer'"
            )
        self.by = by
        self._writer = _load_writer(checkpoint) if by == "transformer" else RulesWriter()

    @property
    def model(self) -> MusicTransformer | None:
        """The torch module; None for the rules."""
        return self._writer.model

    def generate(
        self,
        prompt: Score | None = None,
        *,
        bars: int = 8,
        tempo: float | None = None,
        style: str = "acid",
        seed: int | None = None,
        sampling: Sampling = _AS_LEARNED,
    ) -> Score:
        """Write new bars, from nothing or going on from a prompt.

        Args:
            prompt: What to go on from; it is not part of the result. Of a long one the last bars count, as many as the
                model sees at once. One with drums or bass alone is continued in that part; one without notes gives
                its tempo and swing. The rules take the tempo, swing and key of a prompt, and compose anew.
            bars: How many to write.
            tempo: Beats a minute; None: the prompt's, or one that the style likes.
            style: "acid", "industrial", "hard", "dub", "hypnotic" or "electro".
            seed: The same seed writes the same score, in any process; None draws one.
            sampling: How freely the model draws, and in which key.

        Raises:
            GenerationError: If an option is out of range, or of another type.
        """
        return self._writer.write(self._order(Wish(prompt, bars, tempo, style, seed, sampling)), 1)[0]

    def takes(
        self,
        takes: int,
        prompt: Score | None = None,
        *,
        bars: int = 8,
        tempo: float | None = None,
        style: str = "acid",
        seed: int | None = None,
        sampling: Sampling = _AS_LEARNED,
    ) -> tuple[Score, ...]:
        """Write several variations at once, of the same tempo and key, faster than one after the other.

        Args:
            takes: How many, up to 64; all else is as in `generate`.
            prompt: As there.
            bars: As there.
            tempo: As there.
            style: As there.
            seed: As there.
            sampling: As there.

        Raises:
            GenerationError: If an option is out of range, or of another type.
        """
        check_count("takes", takes, 1, MAX_TAKES)
        return self._writer.write(self._order(Wish(prompt, bars, tempo, style, seed, sampling)), takes)

    def stream(
        self,
        prompt: Score | None = None,
        *,
        bars: int = _STREAM_BARS,
        tempo: float | None = None,
        style: str = "acid",
        seed: int | None = None,
        sampling: Sampling = _AS_LEARNED,
    ) -> Iterator[Score]:
        """Write bar by bar, each a score of its own as soon as it is there; by default for some hours.

        With the same seed the model writes the bars that `generate` writes for as many, each as a slice of it: notes
        end at the bar line at the latest. Memory does not grow with the bars.

        Args:
            prompt: As in `generate`, like all else.
            bars: How many to write.
            tempo: As there.
            style: As there.
            seed: As there.
            sampling: As there.

        Raises:
            GenerationError: If an option is out of range, or of another type.
        """
        return self._writer.stream(self._order(Wish(prompt, bars, tempo, style, seed, sampling)))

    def _order(self, wish: Wish) -> Order:
        return complete_order(wish, self._writer.styles)


def _load_writer(checkpoint: str | Path | None) -> Writer:
    from technogen.generation.composer import SHIPPED, load_composer  # noqa: PLC0415
    from technogen.generation.writing import Writer  # noqa: PLC0415

    return Writer(load_composer(SHIPPED if checkpoint is None else checkpoint))
