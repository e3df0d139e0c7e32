"""REMI for techno: scores as tokens, 24 positions a beat, one token a drum hit, one or two a bass note.

`encode` and `decode` go both ways, `Grammar` says which token may come next, and `TechnoTokenizer` is the same as a
tokenizer of miditok, which is imported only when it is used.
"""

from typing import TYPE_CHECKING, Any

from technogen.tokens.coding import Encoded, decode, encode
from technogen.tokens.controls import (
    Controls,
    Density,
    Source,
    Style,
    Task,
    density_token,
    encode_head,
    find_densities,
    find_parts,
)
from technogen.tokens.grammar import Grammar, Stage, State
from technogen.tokens.vocabulary import VOCABULARY, fingerprint, ids_of, token_id

if TYPE_CHECKING:
    from technogen.tokens.tokenizer import TechnoTokenizer

__all__ = [
    "VOCABULARY",
    "Controls",
    "Density",
    "Encoded",
    "Grammar",
    "Source",
    "Stage",
    "State",
    "Style",
    "Task",
    "TechnoTokenizer",
    "decode",
    "density_token",
    "encode",
    "encode_head",
    "find_densities",
    "find_parts",
    "fingerprint",
    "ids_of",
    "token_id",
]


def __getattr__(name: str) -> Any:
    if name == "TechnoTokenizer":
        from technogen.tokens.tokenizer import TechnoTokenizer  # noqa: PLC0415

        return TechnoTokenizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
