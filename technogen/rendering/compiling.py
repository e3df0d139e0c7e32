"""How loops over single samples are compiled: by numba when first called, kept on disk for later processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile when called, with a cache on disk where there is any folder to write to."""
    return _compile(function, frozenset())


def compiled_fused(function: _Function) -> _Function:
    """As `compiled`, with multiplications and additions fused where the processor can."""
    return _compile(function, frozenset(("contract",)))


def compiled_loosely(function: _Function) -> _Function:
    """As `compiled`, for numbers that are finite: sums in the order that is fastest, divisions as products."""
    return _compile(function, frozenset(("reassoc", "contract", "arcp", "nnan", "nsz")))


def _compile(function: _Function, liberties: frozenset[str]) -> _Function:
    options = {"nogil": True, "error_model": "numpy", "fastmath": set(liberties)}
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # neither the package nor the user's cache folder can be written
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
