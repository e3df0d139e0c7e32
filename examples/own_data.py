"""Make a data set of a folder of recordings and MIDI, check it, and use its windows.

python own_data.py FOLDER [OUT]
"""

import sys
from pathlib import Path

from technogen.dataset import DatasetConfig, build_dataset, check_dataset, describe_dataset, read_dataset


def main(source: Path, out: Path) -> None:
    """Build, or bring up to date, and show what came of it."""
    config = DatasetConfig(window_by="bars", length=2, representations=("midi", "mel"), licence="my own")
    result = build_dataset(source, out, config)
    for entry in result.failed:
        print(f"left out: {entry.file}: {entry.reason}")
    assert not check_dataset(out), "what was written is what was meant"

    about = describe_dataset(out)
    print(f"{result.rows} windows; tempos {about.tempos}; {about.repeats.different} different bars")
    for row in read_dataset(out).rows("train"):
        loudest = row.arrays["mel"].max() if row.arrays else None  # MIDI files have no sound
        print(row.track, f"bar {row.start_bar:g}", row.tempo, len(row.score.drums), "hits", loudest)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    main(folder, Path(sys.argv[2]) if len(sys.argv) > 2 else folder.with_name(folder.name + "-data"))
