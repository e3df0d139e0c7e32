"""`technogen dataset corpus`: write the training set of a composer, and say what is in it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from technogen.cli.console import refuse_overwriting, say, say_json, show_progress
from technogen.dataset.corpus import CARD, CorpusConfig, CorpusResult, write_corpus


def write(
    out: Path, config: CorpusConfig, *, human: Path | None, jobs: int, force: bool, json: bool, quiet: bool
) -> None:
    """Write a training set into a folder.

    Raises:
        OutputError: If one is there already, and `force` is not set.
    """
    refuse_overwriting([out / CARD], force=force)
    with show_progress("corpus", 10, quiet=quiet or json) as step:
        result = write_corpus(
            out, config, human=human, jobs=jobs, progress=lambda what, done, total: step(f"{what}: {done} of {total}")
        )
    if json:
        say_json({**asdict(result), "folder": str(result.folder)})
    else:
        say(_in_words(result), quiet=quiet)


def _in_words(result: CorpusResult) -> str:
    lines = [f"{result.folder}  the training set; {CARD} in it says what it holds"]
    for split, windows in result.windows.items():
        tokens, bars = result.tokens[split], result.bars[split]
        kinds = ", ".join(f"{count} {source}" for source, count in windows.items())
        lines.append(
            f"{split}: {sum(windows.values())} windows ({kinds}), {bars} bars, {tokens / max(1, bars):.1f} tokens a bar"
        )
    lines.append(f"{result.songs} human songs, {result.refused} files left out; songs.jsonl says why")
    return "\n".join(lines)
