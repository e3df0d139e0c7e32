"""The tokens as a tokenizer of miditok, so that its datasets, its training of merged tokens and its files work."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import symusic
from miditok import MusicTokenizer, TokenizerConfig, TokSequence
from miditok.classes import Event

from technogen.errors import TokenError
from technogen.score import BEATS_PER_BAR, TICKS_PER_BAR, TICKS_PER_BEAT, Score
from technogen.score.quantising import BASS_PITCHES, GRID
from technogen.tokens.coding import Encoded, decode, encode
from technogen.tokens.controls import Controls
from technogen.tokens.grammar import Grammar
from technogen.tokens.vocabulary import BAR, BOS, EOS, FIRST, KINDS, PAD, SPECIAL, VOCABULARY, fingerprint

_DEFAULT_TEMPO = 120.0


@dataclass
class TechnoSequence(TokSequence):  # type: ignore[misc]
    """A token sequence of miditok that keeps the exact tempo and the swing of its score.

    Attributes:
        tempo: Beats a minute.
        swing: 0.5 (straight) to 0.75.
    """

    tempo: float = _DEFAULT_TEMPO
    swing: float = 0.5


class TechnoTokenizer(MusicTokenizer):  # type: ignore[misc]
    """`encode` and `decode` of `technogen.tokens` with the methods, files and ids of a miditok tokenizer.

    `encode` takes a `technogen.Score`, a `symusic.Score` or the path of a MIDI file; `decode` gives a `symusic.Score`,
    `decode_score` a `technogen.Score`. Ids are those of `technogen.tokens.VOCABULARY`.

    Args:
        tokenizer_config: Left out, except by miditok itself.
        params: A `tokenizer.json` to load.

    Raises:
        TokenError: If the file was written with another vocabulary.
    """

    def __init__(self, tokenizer_config: TokenizerConfig | None = None, params: str | Path | None = None) -> None:
        super().__init__(tokenizer_config or _make_config(), params)
        found = self.config.additional_params.get("vocabulary")
        if found != fingerprint():
            raise TokenError(f"this tokenizer has vocabulary {fingerprint()}, its file was written for {found}")

    def encode(
        self,
        score: Score | symusic.Score | str | Path,
        encode_ids: bool = True,
        no_preprocess_score: bool = False,
        attribute_controls_indexes: object = None,
        *,
        controls: Controls | None = None,
    ) -> TechnoSequence:
        """Write a score or a MIDI file as tokens.

        Args:
            score: The music.
            encode_ids: Whether to merge tokens, if the tokenizer was trained to.
            no_preprocess_score: Without effect: a score is always quantised.
            attribute_controls_indexes: Without effect: see `controls`.
            controls: What the control tokens say.

        Raises:
            TokenError: If the controls do not fit the score.
            MidiError: If a file cannot be read.
        """
        sequence = _make_sequence(encode(_to_score(score), controls=controls))
        if encode_ids and self.is_trained:
            self.encode_token_ids(sequence)
        return sequence

    def decode_score(self, tokens: TokSequence | list[int], *, tempo: float | None = None) -> Score:
        """Read tokens as a `technogen.Score`.

        Args:
            tokens: With BOS and EOS or without, merged or not.
            tempo: Beats a minute; by default that of the sequence, or 120.

        Raises:
            TokenError: If the tokens break the grammar.
        """
        sequence = tokens if isinstance(tokens, TokSequence) else TokSequence(ids=[int(t) for t in tokens])
        if sequence.are_ids_encoded or any(t >= len(VOCABULARY) for t in sequence.ids):
            sequence.are_ids_encoded = True
            self.decode_token_ids(sequence)
        self.complete_sequence(sequence)
        ids = _close(sequence.ids)
        known = sequence if isinstance(sequence, TechnoSequence) else TechnoSequence()
        return decode(Encoded(ids, tempo or known.tempo, known.swing, ids.count(BAR)))

    def preprocess_score(self, score: symusic.Score) -> symusic.Score:
        """Nothing: a score is quantised where it is encoded."""
        return score

    def _score_to_tokens(self, score: symusic.Score, attribute_controls_indexes: object = None) -> TechnoSequence:
        return _make_sequence(encode(_to_score(score)))

    def _add_time_events(self, events: list[Any], time_division: int) -> list[Any]:
        """Nothing: `_score_to_tokens` has written the times already."""
        return events

    def _tokens_to_score(self, tokens: TokSequence, programs: object = None) -> symusic.Score:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "score.mid"
            self.decode_score(tokens).save(path)
            return symusic.Score(path)

    def _create_base_vocabulary(self) -> list[str]:
        return list(VOCABULARY[len(SPECIAL) :])

    def _create_token_types_graph(self) -> dict[str, set[str]]:
        """Which kinds may follow which, as miditok wants to know it; `Grammar` knows it better."""
        events = {"Position", "Bar"}
        graph: dict[str, set[str]] = defaultdict(set)
        for head in (("Task", "Style", "Source", "Parts"), ("Bar", "Style", "Section", "Density")):
            for k, kind in enumerate(head):
                graph[kind] |= {*head[k + 1 :], "Bar", "Position"}
        for kind, following in {
            "Position": {"Filter", "Drum", "Bass"},
            "Filter": {"Drum", "Bass", *events},
            "Drum": {"Drum", "Bass", *events},
            "Bass": {"Duration", *events},
            "Duration": events,
        }.items():
            graph[kind] |= following
        return dict(graph)

    def _tokens_errors(self, tokens: list[str]) -> int:
        """How many tokens the grammar refuses, each left out."""
        ids = _close([self.vocab[token] for token in tokens])
        grammar = Grammar()
        state = grammar.start(max(1, ids.count(BAR)))
        errors = 0
        for token in ids:
            try:
                state = grammar.advance(state, token)
            except TokenError:
                errors += 1
        return errors


def _make_config() -> TokenizerConfig:
    return TokenizerConfig(
        pitch_range=(BASS_PITCHES.start, BASS_PITCHES.stop),
        beat_res={(0, BEATS_PER_BAR): TICKS_PER_BEAT // GRID},
        special_tokens=list(SPECIAL),
        use_programs=True,
        one_token_stream_for_programs=True,
        use_pitchdrum_tokens=True,
        vocabulary=fingerprint(),
    )


def _to_score(score: Score | symusic.Score | str | Path) -> Score:
    if isinstance(score, Score):
        return score
    if isinstance(score, (str, Path)):
        return Score.load(score)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.mid"
        score.dump_midi(path)
        return Score.load(path)


def _close(ids: list[int]) -> tuple[int, ...]:
    """The ids with BOS and EOS around them, and without padding."""
    kept = [token for token in ids if token != PAD]
    return (*(() if kept[:1] == [BOS] else (BOS,)), *kept, *(() if kept[-1:] == [EOS] else (EOS,)))


def _make_sequence(encoded: Encoded) -> TechnoSequence:
    length = encoded.bars * TICKS_PER_BAR
    return TechnoSequence(
        ids=list(encoded.ids),
        tokens=[VOCABULARY[token] for token in encoded.ids],
        events=_list_events(encoded.ids),
        _ticks_bars=list(range(0, length, TICKS_PER_BAR)),
        _ticks_beats=list(range(0, length, TICKS_PER_BEAT)),
        tempo=encoded.tempo,
        swing=encoded.swing,
    )


def _list_events(ids: tuple[int, ...]) -> list[Any]:
    """The tokens as events of miditok, with the tick of each."""
    events, bar, tick = [], -TICKS_PER_BAR, 0
    for token in ids:
        if token == BAR:
            bar = tick = bar + TICKS_PER_BAR
        elif KINDS[token] == "Position":
            tick = bar + (token - FIRST["Position"]) * GRID
        kind, _, value = VOCABULARY[token].partition("_")
        events.append(Event(kind, value, tick))
    return events
