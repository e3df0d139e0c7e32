"""What every test starts from."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _logger_as_it_was():
    """The command line redirects warnings, and `--quiet` silences them: the next test knows nothing of it."""
    logger = logging.getLogger("technogen")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
