"""Other people's trackers that can be chosen: whether they are installed, and the line that installs them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec

from technogen.errors import MissingBackendError

MADMOM_INSTALL = (
    "pip install cython numpy scipy mido setuptools wheel && pip install --no-build-isolation madmom==0.16.1"
)
MADMOM_LICENCE = "code BSD; its models CC BY-NC-SA 4.0, for non-commercial use only"
BASIC_PITCH_INSTALL = "pip install --no-deps basic-pitch==0.4.0"
BASIC_PITCH_LICENCE = "Apache-2.0, code and model"


@dataclass(frozen=True, slots=True)
class Backend:
    """An optional package.

    Attributes:
        name: As pip knows it.
        version: The version that is installed; None where it is not.
        purpose: What it does here, and the option that chooses it.
        install: The line that installs it.
        licence: The licence of its code and models.
    """

    name: str
    version: str | None
    purpose: str
    install: str
    licence: str


def find_backends() -> tuple[Backend, ...]:
    """Look for the optional trackers, without importing them."""
    beats = 'beats and downbeats: beat_tracker="madmom"'
    notes = 'bass notes: bass_tracker="basic-pitch"'
    return (
        Backend("madmom", _find_version("madmom"), beats, MADMOM_INSTALL, MADMOM_LICENCE),
        Backend("basic-pitch", _find_version("basic-pitch"), notes, BASIC_PITCH_INSTALL, BASIC_PITCH_LICENCE),
    )


def require_backend(name: str) -> None:
    """Check that an optional tracker is installed.

    Args:
        name: As in `find_backends`.

    Raises:
        MissingBackendError: If it is not; the message holds the line that installs it.
    """
    install = next(b.install for b in find_backends() if b.name == name)
    if find_spec(name.replace("-", "_")) is None:
        raise MissingBackendError(f"{name} is not installed; install it by: {install}")


def _find_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
