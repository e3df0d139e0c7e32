"""Options that several verbs have."""

from __future__ import annotations

from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors alone.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Overwrite existing files.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
Seed = Annotated[int | None, typer.Option(help="Same seed, same bytes.", show_default="drawn, and printed")]
