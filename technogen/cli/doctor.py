"""`technogen doctor`: what is installed, what is not, and the line that installs it."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from technogen import __version__
from technogen.cli.console import say, say_json


@dataclass(frozen=True, slots=True)
class Finding:
    """One package or program: its version if it is there, what it is for, and how to get it."""

    name: str
    version: str | None
    purpose: str
    install: str
    note: str = ""


def examine(*, json: bool) -> None:
    """Print the findings."""
    findings = [*_core(), *_optional()]
    if json:
        say_json(
            {"technogen": __version__, "python": platform.python_version(), "found": [asdict(f) for f in findings]}
        )
        return
    say(f"technogen {__version__}, Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores")
    for finding in findings:
        mark, found = ("ok", finding.version) if finding.version else ("--", "not installed")
        say(f"  {mark}  {finding.name:<22} {found:<16} {finding.purpose}")
        if not finding.version:
            say(f"      install: {finding.install}")
        if finding.note:
            say(f"      {finding.note}")


def _core() -> list[Finding]:
    """What `pip install technogen` brings, read from the package's own metadata."""
    lines = [line for line in requires("technogen") or [] if "extra ==" not in line]
    names = [_name_of(line) for line in lines]
    return [Finding(n, _version(n), "core", f"pip install '{line}'") for n, line in zip(names, lines)]


def _optional() -> list[Finding]:
    from technogen.rendering import find_fluidsynth  # noqa: PLC0415
    from technogen.transcription.backends import find_backends  # noqa: PLC0415

    others = [Finding(b.name, b.version, b.purpose, b.install, b.licence) for b in find_backends()]
    fluidsynth = Finding(
        "fluidsynth",
        find_fluidsynth(),
        "render(soundfont=..., fluidsynth=True)",
        "apt-get install fluidsynth, or brew install fluid-synth; then pip install 'technogen[fluidsynth]'",
    )
    install = "pip install 'technogen[evaluate]'"
    return [*others, fluidsynth, Finding("mir_eval", _version("mir_eval"), "technogen evaluate", install)]


def _name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
