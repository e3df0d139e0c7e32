"""Drum rhythms: figures become patterns of one, two or four bars, patterns and fills become hits. In 16th steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from technogen.patterns.drawing import draw_weighted
from technogen.patterns.vocabulary import Figure, Fill, Spread, Voice
from technogen.score import TICKS_PER_BAR, TICKS_PER_STEP, Note, drums
from technogen.score.quantising import DRUM_VELOCITIES
from technogen.score.types import DRUM_TICKS

STEPS = TICKS_PER_BAR // TICKS_PER_STEP
_TRIES = 4
FORMS = (("AAAB", 4.0), ("AB", 2.0), ("ABAC", 1.0), ("AAAAAAAB", 2.0))
"""Which bars of a phrase of drums may change, with weights: every voice that changes does so there."""

REST, SOFT, PLAIN, ACCENT = ".oxX"
_VELOCITIES = dict(zip((SOFT, PLAIN, ACCENT), DRUM_VELOCITIES))
_RISES: dict[Fill, str] = {"fours": "x..." * 4, "eights": "x.x." * 4}
_MAYBE = {"?": PLAIN, ",": SOFT}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one piece plays.

    Attributes:
        piece: Its General MIDI note.
        bars: One to eight bars of 16 characters, repeated.
        energy: Where a bar has less, the piece is silent.
    """

    piece: int
    bars: tuple[str, ...]
    energy: float = 0.0

    def steps_of(self, bar: int) -> str:
        """The 16 characters of a bar of the score."""
        return self.bars[bar % len(self.bars)]


def draw_kick(rng: Random, figures: Sequence[Figure], drift: float, form: str) -> Pattern:
    """Draw the kick; `form` says in which bars it may change, as in `AAAB`."""
    figure = draw_weighted(rng, ((f, f.weight) for f in figures))
    bar = _settle(rng, figure.steps)[0]
    free = [step for step in (2, 3, 3, 6, 7, 7, 10, 11, 11, 14, 14, 15, 15) if bar[step] == REST]
    if rng.random() >= drift or not free:
        return Pattern(drums.KICK, (bar,))
    return Pattern(drums.KICK, _in_form(form, bar, _put(bar, rng.choice(free), PLAIN)))


def cast_voices(rng: Random, voices: Sequence[Voice], energy: float, more: int = 0) -> list[Voice]:
    """Draw which voices a piece has beside the kick: the higher its energy, the more, up to `more` on top."""
    cast = [voice for voice in voices if voice.energy <= energy and rng.random() < voice.chance]
    room = 1 + more + round(5 * energy * rng.uniform(0.4, 1.05))
    return sorted(cast, key=lambda voice: -1.0 if voice.chance > 0.85 else -voice.chance * rng.random())[:room]


def draw_voices(rng: Random, cast: Sequence[Voice], bass: Collection[int], form: str) -> list[Pattern]:
    """Draw what the voices of a piece play, knowing on which steps of its first bar the bassline starts notes.

    `form` says in which bars voices may change, all in the same. The open hat is drawn before the closed one, which
    then looks for a rhythm that is not hidden behind it; no two voices of percussion play the same if they can help it.
    """
    patterns: list[Pattern] = []
    for voice in sorted(cast, key=lambda voice: voice.piece != drums.OPEN_HAT):
        drawn = [draw_voice(rng, voice, bass, form) for _ in range(_TRIES)]
        patterns.append(next((p for p in drawn if not _repeats(p, patterns)), drawn[-1]))
    return patterns


def _repeats(pattern: Pattern, others: Sequence[Pattern]) -> bool:
    """Whether a voice says what another says already, or a closed hat is mostly hidden by the open one."""
    if pattern.piece in (drums.CLAP, drums.SNARE):  # which double each other
        return False
    hits = _hits_of(pattern)
    for other in others:
        shared = len(hits & _hits_of(other)) / max(1, len(hits))
        if shared >= (0.5 if (pattern.piece, other.piece) == (drums.CLOSED_HAT, drums.OPEN_HAT) else 1.0):
            return True
    return False


def _hits_of(pattern: Pattern) -> set[int]:
    return onsets_of_row(pattern.bars[0])


def onsets_of_row(row: str, marks: str = SOFT + PLAIN + ACCENT) -> set[int]:
    """The steps of a row on which one of some marks is."""
    return {step for step, mark in enumerate(row) if mark in marks}


def draw_voice(rng: Random, voice: Voice, bass: Collection[int], form: str = "AAAB") -> Pattern:
    """Draw one piece, knowing on which steps of its first bar the bassline starts notes."""
    figure = draw_weighted(rng, ((f, f.weight) for f in voice.figures))
    steps = _turn(rng, figure, bass) if isinstance(figure, Spread) else figure.steps
    bars = _settle(rng, steps)
    if len(bars) == 1 and rng.random() < voice.drift:
        bars = _in_form(form, bars[0], _drift(rng, bars[0]), _drift(rng, bars[0]))
    return Pattern(voice.piece, bars, voice.energy)


def spread_hits(hits: int, cycle: int) -> list[int]:
    """Steps of a cycle with the hits as evenly spread as can be (Toussaint, 2005)."""
    return [step for step in range(cycle) if step * hits % cycle < hits]


def write_bar(patterns: Sequence[Pattern], bar: int, energy: float, muted: Collection[int]) -> dict[int, str]:
    """The drums of one bar: 16 characters a piece."""
    return {p.piece: p.steps_of(bar) for p in patterns if energy >= p.energy and p.piece not in muted}


def play_fill(rows: dict[int, str], fill: Fill, rng: Random) -> dict[int, str]:
    """The rows of a bar with a fill at their end.

    `roll`: a snare grows over the last beats. `swell`: over the whole bar. `toms`: toms run down. `gap`: the kick
    leaves the last beats. `kicks`: it doubles. `claps`: claps stumble. `hats`: the open hat stays. `stop`: all but the
    bass is silent at the end. `fours` and `eights`: the snare on every beat or 8th, as a build does before it swells.
    """
    rows = dict(rows)
    length = rng.choice((2, 4, 4, 8))
    at = STEPS - length
    if fill == "gap":
        _write(rows, drums.KICK, at, REST * length)
    elif fill == "stop":
        rows = {piece: row[: STEPS - min(length, 4)] + REST * min(length, 4) for piece, row in rows.items()}
    elif fill == "roll":
        _write(rows, drums.SNARE, at, _swell(length, rng))
    elif fill == "swell":
        _write(rows, drums.SNARE, 0, _swell(STEPS, rng))
    elif fill in _RISES:
        _write(rows, drums.SNARE, 0, _RISES[fill])
    elif fill == "kicks":
        _write(rows, drums.KICK, STEPS - 4, rng.choice(("X.xx", "X.x.", "XxXx", "X..x", "X.Xx", "x.xx")))
    elif fill == "claps":
        _write(rows, drums.CLAP, STEPS - 4, rng.choice(("X..x", "X.xx", "X.x.", "Xx.x", "X..X")))
    elif fill == "hats":
        _write(rows, drums.CLOSED_HAT, STEPS - 4, REST * 4)
        _write(rows, drums.OPEN_HAT, STEPS - 4, rng.choice(("..X.", "x.X.", "..Xx", "X...", "..xX")))
    elif fill == "toms":
        _write_toms(rows, rng)
    return rows


def make_hits(rows: dict[int, str], bar: int) -> list[Note]:
    """The rows of one bar as hits of the score; a closed and an open hat never fall together: the open one stays."""
    opened = rows.get(drums.OPEN_HAT, REST * STEPS)
    hits = []
    for piece, row in rows.items():
        for step, mark in enumerate(row):
            if mark == REST or (piece == drums.CLOSED_HAT and opened[step] != REST):
                continue
            tick = bar * TICKS_PER_BAR + step * TICKS_PER_STEP
            hits.append(Note(tick, DRUM_TICKS, piece, _VELOCITIES[mark]))
    return hits


def _settle(rng: Random, steps: str) -> tuple[str, ...]:
    """A figure as whole bars, its question marks decided; a length that does not divide 16 runs on over two or four."""
    settled = "".join(_MAYBE.get(c, c) if c not in _MAYBE or rng.random() < 0.5 else REST for c in steps)
    bars = 1 if STEPS % len(settled) == 0 else rng.choice((2, 2, 4))
    line = (settled * STEPS * bars)[: STEPS * bars]
    return tuple(line[at : at + STEPS] for at in range(0, len(line), STEPS))


def _turn(rng: Random, spread: Spread, bass: Collection[int]) -> str:
    """A spread rhythm turned so that it falls between the notes of the bass, if not always."""
    hits = spread_hits(rng.randint(spread.low, spread.high), spread.cycle)

    def clashes(turn: int) -> float:
        played = [(hit + turn) % spread.cycle for hit in hits]
        return sum(step in bass or step == 0 for step in played) / len(played) + rng.random() * 0.5

    turn = min(range(spread.cycle), key=clashes)
    row = [REST] * spread.cycle
    for hit in hits:
        row[(hit + turn) % spread.cycle] = spread.level
    if spread.level == PLAIN:
        row[(rng.choice(hits) + turn) % spread.cycle] = ACCENT
    return "".join(row)


def _drift(rng: Random, bar: str) -> str:
    """A bar with one or two hits changed: added, taken away, or moved by a step."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        hits = [step for step, mark in enumerate(bar) if mark != REST]
        free = [step for step, mark in enumerate(bar) if mark == REST and step % 4]
        what = rng.choice(("add", "add", "take", "move"))
        if what == "add" and free:
            bar = _put(bar, rng.choice(free), rng.choice((SOFT, PLAIN)))
        elif len(hits) > 1:
            step = rng.choice(hits[1:])
            to = (step + rng.choice((-1, 1))) % STEPS
            bar, mark = _put(bar, step, REST), bar[step]
            bar = _put(bar, to, mark) if what == "move" else bar
    return bar


def _in_form(form: str, bar: str, changed: str, other: str | None = None) -> tuple[str, ...]:
    versions = {"A": bar, "B": changed, "C": other or changed}
    return tuple(versions[name] for name in form)


def _swell(length: int, rng: Random) -> str:
    """A roll that grows from soft to accented, in 16ths or with gaps."""
    marks = [(SOFT, PLAIN, ACCENT)[min(2, step * 3 // length)] for step in range(length)]
    if length > 2 and rng.random() < 0.4:
        marks = [REST if step % 4 == 1 else mark for step, mark in enumerate(marks)]
    return "".join(marks)


def _write_toms(rows: dict[int, str], rng: Random) -> None:
    cell = rng.choice(("H.M.L.L.", "HHM.MML.", "..H.M.LL", "H..M..L.", "....HMLL", "....H.ML", "..HH.MML"))
    for name, piece in (("H", drums.HIGH_TOM), ("M", drums.MID_TOM), ("L", drums.LOW_TOM)):
        _write(rows, piece, STEPS - len(cell), "".join(PLAIN if c == name else REST for c in cell))
    for piece in (drums.CLAP, drums.SNARE):
        if piece in rows and rng.random() < 0.5:
            _write(rows, piece, STEPS - len(cell), REST * len(cell))


def _write(rows: dict[int, str], piece: int, at: int, steps: str) -> None:
    row = rows.get(piece, REST * STEPS)
    rows[piece] = row[:at] + steps + row[at + len(steps) :]


def _put(bar: str, step: int, mark: str) -> str:
    return bar[:step] + mark + bar[step + 1 :]
