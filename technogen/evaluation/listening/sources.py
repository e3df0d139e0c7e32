"""Where excerpts come from: rules, the model, folders of MIDI files or recordings, scores in memory; in ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random

from technogen.audio import Audio
from technogen.errors import ListeningError, MissingFileError, TechnoGenError
from technogen.folders import AUDIO_ENDINGS, walk_files
from technogen.score import BEATS_PER_BAR, Score

RULES, MODEL = "rules", "model"
"""Sources that write what is asked for; any other source is a folder or a file."""
MIDI_ENDINGS = frozenset({".mid", ".midi"})
_CANDIDATES = 3
_SPARE = 1.04
"""Recordings are cut longer by this, as the tempo of the test may be a little slower than theirs."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an excerpt comes from; what does not apply is None.

    Attributes:
        file: In the folder of the source.
        sha256: Of that file.
        number: Of a score given in memory.
        first_bar: Where the excerpt begins in it, from 0.
        start_seconds: Where it begins in a recording.
        by: "rules" or "model", where it was written for the test.
        style: That was asked for.
        seed: It was written from.
        take: Which of the takes of that seed.
        semitones: How far the bass was moved to the other's root.
        broken: Whether its notes were thrown about.
    """

    file: str | None = None
    sha256: str | None = None
    number: int | None = None
    first_bar: int | None = None
    start_seconds: float | None = None
    by: str | None = None
    style: str | None = None
    seed: int | None = None
    take: int | None = None
    semitones: int | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What is compared, and where it comes from.

    Attributes:
        name: As it stands in the report, such as "human" or "model".
        source: "rules", "model", a folder of MIDI files or recordings, a single file, or scores.
    """

    name: str
    source: str | Path | Sequence[Score]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some bars of a piece.

    Attributes:
        score: The bars; of a recording, what was heard in it.
        origin: What it was cut from or written by, enough to find it again.
        sound: The bars as they were recorded; None: the score is to be rendered.
    """

    score: Score
    origin: Origin
    sound: Audio | None = None

    @property
    def density(self) -> tuple[float, float]:
        """Drum hits and bass notes a bar."""
        return len(self.score.drums) / self.score.bars, len(self.score.bass) / self.score.bars


Writer = Callable[[Excerpt, int], tuple[Excerpt, ...]]
"""Writes excerpts like the one given, from a seed."""


def cut_excerpts(condition: Condition, *, bars: int, seed: int) -> tuple[Excerpt, ...]:
    """One excerpt of each piece of a folder or of some scores, on bar lines, in an order drawn from the seed.

    Of a piece, a window in which drums and bass sound is preferred; one in which nothing sounds is never taken.

    Raises:
        ListeningError: If no piece has that many bars.
        MissingFileError: If there is no such folder or file.
    """
    draw = Random(f"{seed}/{condition.name}/cut")
    found: list[Excerpt] = []
    refused: list[str] = []
    for piece, origin in _read_pieces(condition.source, refused):
        if (excerpt := _cut(piece, origin, bars, draw)) is not None:
            found.append(excerpt)
        else:
            refused.append(f"{origin.file or 'a score'} has no {bars} bars in a row in which something sounds")
    if not found:
        why = f" ({refused[0]})" if refused else ""
        raise ListeningError(
            f"condition {condition.name!r}: no excerpt of {bars} bars in {_describe(condition.source)}{why}"
        )
    draw.shuffle(found)
    return tuple(found)


def make_writer(condition: Condition, style: str) -> Writer:
    """What rules or the model write at the tempo of an excerpt and as long: some takes, of which one is used."""
    by = str(condition.source)
    if by == RULES:
        return lambda like, seed: _write_by_rules(like, style, seed)
    from technogen.generation import Generator  # noqa: PLC0415

    generator = Generator()

    def write(like: Excerpt, seed: int) -> tuple[Excerpt, ...]:
        score = like.score
        takes = generator.takes(_CANDIDATES, bars=score.bars, tempo=score.tempo, style=style, seed=seed)
        return tuple(Excerpt(take, Origin(by=by, style=style, seed=seed, take=k)) for k, take in enumerate(takes))

    return write


def _write_by_rules(like: Excerpt, style: str, seed: int) -> tuple[Excerpt, ...]:
    from technogen.patterns import compose  # noqa: PLC0415

    bars, tempo = like.score.bars, like.score.tempo
    return tuple(
        Excerpt(
            replace(compose(style, bars=bars, tempo=tempo, seed=seed + k), sections=()),
            Origin(by=RULES, style=style, seed=seed + k),
        )
        for k in range(_CANDIDATES)
    )


def cut_seconds(audio: Audio, start: float, seconds: float) -> Audio:
    """A part of a recording."""
    first = round(start * audio.sample_rate)
    return Audio(audio.samples[first : first + round(seconds * audio.sample_rate)], audio.sample_rate)


def _describe(source: str | Path | Sequence[Score]) -> str:
    return str(source) if isinstance(source, str | Path) else f"{len(source)} scores"


def _read_pieces(source: str | Path | Sequence[Score], refused: list[str]) -> Iterator[tuple[Score | Path, Origin]]:
    if not isinstance(source, str | Path):
        yield from ((score, Origin(number=k)) for k, score in enumerate(source))
        return
    root = Path(source)
    if not root.exists():
        raise MissingFileError(f"{root} is not there; give a folder of MIDI files or recordings")
    files = [str(root)] if root.is_file() else sorted(walk_files(root))
    for name in files:
        path = Path(name)
        try:
            ending = path.suffix.lower()
            if ending in MIDI_ENDINGS or ending in AUDIO_ENDINGS:
                inside = str(path.relative_to(root)) if path != root else path.name
                origin = Origin(file=inside, sha256=sha256(path.read_bytes()).hexdigest())
                yield Score.load(path) if ending in MIDI_ENDINGS else path, origin
        except TechnoGenError as error:
            refused.append(str(error))


def _cut(piece: Score | Path, origin: Origin, bars: int, draw: Random) -> Excerpt | None:
    if isinstance(piece, Path):
        return _cut_recording(piece, origin, bars, draw)
    first = _draw_window(piece, bars, draw)
    if first is None:
        return None
    return Excerpt(replace(piece[first : first + bars], sections=()), replace(origin, first_bar=first))


def _draw_window(score: Score, bars: int, draw: Random) -> int | None:
    """The first bar of a window where as many parts play as anywhere, preferring multiples of four bars."""
    starts = range(0, score.bars - bars + 1, 4)
    windows = {bar: score[bar : bar + bars] for bar in starts}
    playing = {bar: (bool(w.drums) + bool(w.bass), len(w.drums) + len(w.bass)) for bar, w in windows.items()}
    loud = [bar for bar, (_, events) in playing.items() if events >= bars * 2]
    most = max((playing[bar][0] for bar in loud), default=0)
    best = [bar for bar in loud if playing[bar][0] == most]
    return draw.choice(best) if best else None


def _cut_recording(path: Path, origin: Origin, bars: int, draw: Random) -> Excerpt | None:
    from technogen.audio import read_audio  # noqa: PLC0415
    from technogen.transcription import transcribe  # noqa: PLC0415

    audio = read_audio(path)
    heard = transcribe(audio)
    if heard.score is None or heard.tempo is None:
        return None
    length = bars * BEATS_PER_BAR * 60 / heard.tempo
    starts = [float(time) for time in heard.downbeats if time >= 0 and time + length * _SPARE <= audio.seconds]
    if not starts:
        return None
    start = draw.choice(starts[::4])
    sound = cut_seconds(audio, start, length * _SPARE)
    first = round((start - heard.offset) * heard.tempo / 60 / BEATS_PER_BAR)
    window = heard.score[max(0, first) : max(0, first) + bars]
    return Excerpt(replace(window, sections=()), replace(origin, start_seconds=start), sound)
