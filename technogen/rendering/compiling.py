"""How loops over single samples are compiled: by numba when first called, kept on disk for later processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile when called, with a cache on disk where there is any folder to write to."""
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]
    except RuntimeError:  # neither the package nor the user's cache folder can be written
        return numba.njit(nogil=True, error_model="numpy")(function)  # type: ignore[no-any-return]
