"""What the library warns of while one file is worked on, kept for the report of that file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hear_warnings(path: str) -> Iterator[list[str]]:
    """Collect the library's warnings in the block, without the path at their head, in place of showing them."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage().removeprefix(path).lstrip(": "))

    handler, logger = Ear(logging.WARNING), logging.getLogger("technogen")
    before = logger.handlers, logger.level, logger.propagate
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.WARNING)  # whatever the user wants to see: equal files have equal records
    try:
        yield heard
    finally:
        logger.handlers, logger.propagate = before[0], before[2]
        logger.setLevel(before[1])
