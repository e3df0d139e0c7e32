"""Names that Python and numpy have dropped since 2018, lent to madmom 0.16.1 while it works and then taken back."""

from __future__ import annotations

import collections
import collections.abc
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

_NUMPY_NAMES: dict[str, type] = {"float": float, "int": int, "bool": bool, "object": object, "complex": complex}
_LOCK = threading.RLock()  # the names are lent to the whole process, so one call at a time borrows them


@contextmanager
def lend_old_names() -> Iterator[None]:
    """Give the process, for as long as the block lasts, what madmom 0.16.1 needs to be imported and to run.

    These are the abstract classes that left `collections`, the type aliases that left numpy, and `pkg_resources` where
    setuptools has none. Warnings are silenced, since madmom causes many. What was added is taken away afterwards.
    """
    with _LOCK, ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in collections.abc.__all__:
            stack.enter_context(_lend(collections, name, getattr(collections.abc, name)))
        for name, value in _NUMPY_NAMES.items():
            stack.enter_context(_lend(np, name, value))
        stack.enter_context(_lend_pkg_resources())
        yield


@contextmanager
def _lend(owner: ModuleType, name: str, value: Any) -> Iterator[None]:
    if name in vars(owner):
        yield
        return
    setattr(owner, name, value)
    try:
        yield
    finally:
        delattr(owner, name)


@contextmanager
def _lend_pkg_resources() -> Iterator[None]:
    if "pkg_resources" in sys.modules or find_spec("pkg_resources") is not None:
        yield
        return
    module = ModuleType("pkg_resources")
    vars(module)["get_distribution"] = metadata.distribution
    sys.modules["pkg_resources"] = module
    try:
        yield
    finally:
        del sys.modules["pkg_resources"]
