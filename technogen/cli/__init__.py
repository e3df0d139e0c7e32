"""The command line: verbs over the public functions. Heavy imports happen inside the verbs, so that help is fast."""

import sys
from collections.abc import Sequence

from technogen.cli.app import app
from technogen.cli.console import fail
from technogen.errors import TechnoGenError

__all__ = ["main", "run"]

USER_ERROR, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line in process.

    Args:
        arguments: Without the program's name; those of the process by default.

    Returns:
        The exit code: 0 done, 1 an error of the user's making (one line on standard error), 2 wrong usage.
    """
    try:
        app(args=list(sys.argv[1:] if arguments is None else arguments), prog_name="technogen")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except TechnoGenError as error:
        fail(str(error))
        return USER_ERROR
    except (KeyboardInterrupt, BrokenPipeError):
        return INTERRUPTED
    return 0


def run() -> None:
    """The console script: `main` on the arguments of the process, then exit."""
    sys.exit(main())
