"""Scores to tokens and back: `decode(encode(score)) == score.quantised()`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from technogen.errors import ScoreError, TokenError
from technogen.score import TICKS_PER_BAR, Control, Note, Score, Section
from technogen.score.drums import DRUM_NAMES
from technogen.score.quantising import (
    BASS_PITCHES,
    BASS_VELOCITIES,
    DRUM_VELOCITIES,
    GATE_TICKS,
    GRID,
    SECTION_LABELS,
    drum_class,
    nearest_duration,
)
from technogen.score.types import DRUM_TICKS
from technogen.tokens.controls import Controls, density_token, encode_head, find_densities, find_parts
from technogen.tokens.grammar import Grammar
from technogen.tokens.vocabulary import (
    BAR,
    DRUM_CLASSES,
    DRUM_PIECES,
    EOS,
    FILTERS,
    FIRST,
    KINDS,
    TOKEN_DURATIONS,
)

_POSITION, _DRUM, _BASS = FIRST["Position"], FIRST["Drum"], FIRST["Bass"]
_DURATION, _FILTER, _SECTION = FIRST["Duration"], FIRST["Filter"], FIRST["Section"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A score as tokens, with what travels beside them.

    Attributes:
        ids: From BOS to EOS.
        tempo: Beats a minute.
        swing: 0.5 (straight) to 0.75.
        bars: As many as there are Bar tokens.
    """

    ids: tuple[int, ...]
    tempo: float
    swing: float
    bars: int


def encode(score: Score, *, controls: Controls | None = None) -> Encoded:
    """Write a score as tokens, quantised first.

    Args:
        score: Any score.
        controls: What the control tokens say; by default the parts and the density of each bar, as they are found.

    Raises:
        TokenError: If the controls have a density for more or fewer bars than there are.
    """
    score = score.quantised()
    controls = _complete(controls or Controls(), score)
    ids = [*encode_head(controls)]
    events = sorted((*_filter_events(score), *_drum_events(score), *_bass_events(score)))
    sections = {s.bar: _SECTION + SECTION_LABELS.index(s.label) for s in score.sections}
    at = 0
    for bar, density in enumerate(controls.densities or [None] * score.bars):
        ids.append(BAR)
        if bar in sections:
            ids.append(sections[bar])
        if density is not None:
            ids.append(density_token(density))
        start, tick = bar * TICKS_PER_BAR, -1
        while at < len(events) and events[at][0] < start + TICKS_PER_BAR:
            if events[at][0] != tick:
                tick = events[at][0]
                ids.append(_POSITION + (tick - start) // GRID)
            ids.extend(events[at][2:])
            at += 1
    return Encoded((*ids, EOS), score.tempo, score.swing, score.bars)


def decode(encoded: Encoded) -> Score:
    """Read tokens as a score; control tokens are skipped.

    A bass note is held until the next one where it slides, for its Duration where one follows, else for the usual 70
    ticks. A slide that leads nowhere (no next note; or it is the last note, and the score does not loop to a note of
    another pitch at its very start) is dropped, and the note gets the usual duration, or what fits before the end.

    Raises:
        TokenError: If the tokens break the grammar, with the place where they do.
    """
    ids = encoded.ids
    _check(ids, encoded.bars)
    drums, bass, filters, sections = [], [], [], []
    bar_start, tick = -TICKS_PER_BAR, 0
    for token in ids:
        kind = KINDS[token]
        if kind == "Position":
            tick = bar_start + (token - _POSITION) * GRID
        elif kind == "Drum":
            drums.append(_read_hit(tick, token - _DRUM))
        elif kind == "Bass":
            bass.append((tick, token - _BASS, 0))
        elif kind == "Duration":
            bass[-1] = (*bass[-1][:2], TOKEN_DURATIONS[token - _DURATION])
        elif kind == "Bar":
            bar_start += TICKS_PER_BAR
        elif kind == "Filter":
            filters.append((tick, *FILTERS[token - _FILTER]))
        elif kind == "Section":
            sections.append(Section(bar_start // TICKS_PER_BAR, SECTION_LABELS[token - _SECTION]))
    try:
        return Score(
            tempo=encoded.tempo,
            bars=encoded.bars,
            drums=tuple(drums),
            bass=_read_line(bass, encoded.bars * TICKS_PER_BAR),
            swing=encoded.swing,
            controls=_read_filters(filters),
            sections=tuple(sections),
        )
    except ScoreError as error:
        raise TokenError(f"these tokens are no score: {error}") from error


def _complete(controls: Controls, score: Score) -> Controls:
    """Fill in what is to be found in the score."""
    densities = find_densities(score) if controls.densities is None else controls.densities
    if densities and len(densities) != score.bars:
        raise TokenError(f"controls have {len(densities)} densities for a score of {score.bars} bars")
    return replace(controls, densities=densities, parts=find_parts(score) if controls.parts is None else controls.parts)


def _filter_events(score: Score) -> list[tuple[int, ...]]:
    """Tick, rank in the position, tokens; here and below."""
    knobs: dict[str, int | None] = {"cutoff": None, "resonance": None}
    states: dict[int, tuple[int | None, int | None]] = {}
    for control in score.controls:
        knobs[control.name] = control.value
        states[control.tick] = (knobs["cutoff"], knobs["resonance"])
    return [(tick, -1, _FILTER + FILTERS.index(state)) for tick, state in states.items()]


def _drum_events(score: Score) -> list[tuple[int, ...]]:
    first = {piece: _DRUM + k * len(DRUM_CLASSES) for k, piece in enumerate(DRUM_PIECES)}
    return [(n.start, n.pitch, first[n.pitch] + drum_class(n.velocity)) for n in score.drums]


def _bass_events(score: Score) -> list[tuple[int, ...]]:
    events: list[tuple[int, ...]] = []
    after_drums = max(DRUM_NAMES) + 1
    for note in score.bass:
        token = _BASS + 4 * (note.pitch - BASS_PITCHES.start) + 2 * note.accent + note.slide
        if note.slide or note.duration == GATE_TICKS:
            events.append((note.start, after_drums, token))
        else:
            held = _DURATION + TOKEN_DURATIONS.index(note.duration)
            events.append((note.start, after_drums, token, held))
    return events


def _check(ids: Sequence[int], bars: int) -> None:
    grammar = Grammar()
    state = grammar.start(bars)
    for index, token in enumerate(ids):
        try:
            state = grammar.advance(state, token)
        except TokenError as error:
            raise TokenError(f"at index {index}: {error}") from None
    if not state.done:
        raise TokenError(f"the tokens stop at index {len(ids)} before EOS, {bars} bars are due")


def _read_hit(tick: int, event: int) -> Note:
    piece, level = divmod(event, len(DRUM_CLASSES))
    return Note(tick, DRUM_TICKS, DRUM_PIECES[piece], DRUM_VELOCITIES[level])


def _read_line(events: Sequence[tuple[int, int, int]], length: int) -> tuple[Note, ...]:
    line = []
    loops = bool(events) and events[0][0] == 0 and events[0][1] // 4 != events[-1][1] // 4
    for k, (tick, event, held) in enumerate(events):
        pitch, accent, slide = BASS_PITCHES[event // 4], event % 4 >= 2, event % 2 == 1
        last = k == len(events) - 1
        slide = slide and (not last or loops)
        if slide:
            duration = (length if last else events[k + 1][0]) - tick
        else:
            duration = held or nearest_duration(GATE_TICKS, length - tick)
        line.append(Note(tick, duration, pitch, BASS_VELOCITIES[accent], slide))
    return tuple(line)


def _read_filters(states: Sequence[tuple[int, int | None, int | None]]) -> tuple[Control, ...]:
    controls = []
    cutoff_before = resonance_before = None
    for tick, cutoff, resonance in states:
        if cutoff is not None and cutoff != cutoff_before:
            controls.append(Control(tick, "cutoff", cutoff))
        if resonance is not None and resonance != resonance_before:
            controls.append(Control(tick, "resonance", resonance))
        cutoff_before, resonance_before = cutoff, resonance
    return tuple(controls)
