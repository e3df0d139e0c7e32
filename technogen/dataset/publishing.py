"""A finished data set takes the place of the one before it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from technogen.dataset.manifest import NAMES, WORK

READY = "READY"
"""Marks a data set that is complete and only has to be moved; moving can be interrupted anywhere and done again."""


def publish(folder: Path) -> None:
    """Move the data set in `.work/next` to its place, and take `.work` away."""
    ready, old = folder / WORK / "next", folder / WORK / "old"
    for name in NAMES:
        if (ready / name).exists():
            shutil.rmtree(old, ignore_errors=True)
            if (folder / name).is_dir():
                os.replace(folder / name, old)
            os.replace(ready / name, folder / name)
    shutil.rmtree(folder / WORK)


def finish_publishing(folder: Path) -> None:
    """Do what an interrupted `publish` left to do."""
    if (folder / WORK / "next" / READY).exists():
        publish(folder)
