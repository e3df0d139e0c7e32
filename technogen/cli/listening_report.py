"""`technogen listen report`: what the answers of a listening test show."""

from __future__ import annotations

from pathlib import Path

from technogen.cli.console import refuse_overwriting, say, warn
from technogen.files import write_text

_SHOWN_FAULTS = 10


def report(log: Path, *, out: Path | None, design: Path | None, as_csv: bool, title: str, force: bool) -> None:
    """Print what a log shows, or its answers as CSV; write the page if asked."""
    from technogen.evaluation.listening import analyse_study, export_csv, load_design, read_answers  # noqa: PLC0415
    from technogen.evaluation.listening.report import write_report  # noqa: PLC0415
    from technogen.evaluation.listening.report_words import text_table  # noqa: PLC0415

    if out is not None:
        refuse_overwriting([out], force=force)
    answers = read_answers(log, design=load_design(design) if design else None)
    for fault in answers.faults[:_SHOWN_FAULTS]:
        warn(f"{log}, line {fault.line}: {fault.message}{'' if fault.kept else '; it does not count'}")
    if (more := len(answers.faults) - _SHOWN_FAULTS) > 0:
        warn(f"{log}: {more} more lines are not as they should be")
    if as_csv:
        say(export_csv(answers).rstrip("\n"))
    if as_csv and out is None:
        return
    study = analyse_study(answers)
    if not as_csv:
        for line in text_table(study):
            say(line)
    if out is not None:
        write_text(out, write_report(study, title=title))
        say(f"  {out}", quiet=as_csv)
