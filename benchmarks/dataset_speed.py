"""How fast recordings become a data set, and how much memory a worker takes.

    python benchmarks/dataset_speed.py FOLDER [--minutes 60] [--jobs 2] [--representation midi mel]

Copies of the recordings in FOLDER, each slightly louder than the one before it so that none is a duplicate, are built
into a data set in a temporary folder until there is so much music. Printed are the wall clock and the processor time of
the build and of its workers, how many times real time that is, and the largest peak of memory of one worker.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

import soundfile


def copy_recordings(source: Path, target: Path, seconds: float) -> float:
    """Copy recordings as 16-bit FLAC until there are so many seconds of them."""
    paths = sorted(p for p in source.rglob("*") if p.suffix in (".wav", ".flac", ".ogg", ".mp3"))
    total, number = 0.0, 0
    while total < seconds:
        samples, rate = soundfile.read(paths[number % len(paths)], dtype="float32")
        samples *= 0.5 + 0.01 * (number // len(paths))
        soundfile.write(target / f"{number:04d}.flac", samples, rate)
        total, number = total + len(samples) / rate, number + 1
    return total


def processor_seconds() -> float:
    """Of this process and its ended children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    from technogen.dataset import DatasetConfig, build_dataset

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--representation", nargs="+", default=["midi", "mel"])
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp())
    try:
        (work / "source").mkdir()
        seconds = copy_recordings(given.folder, work / "source", 60 * given.minutes)
        begun, worked = time.perf_counter(), processor_seconds()
        config = DatasetConfig(representations=tuple(given.representation))
        result = build_dataset(work / "source", work / "data", config, jobs=given.jobs)
        wall, used = time.perf_counter() - begun, processor_seconds() - worked
    finally:
        shutil.rmtree(work)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = sum(shard.bytes for shard in result.shards) / 2**20
    print(f"{seconds / 60:.1f} minutes in {len(result.entries)} files -> {result.rows} windows, {size:.0f} MiB")
    print(f"wall clock       {wall:7.1f} s  {seconds / wall:6.1f} x real time, {given.jobs} jobs")
    print(f"processor        {used:7.1f} s  {seconds / used:6.1f} x real time a core")
    print(f"largest worker   {peak:7.0f} MiB")


if __name__ == "__main__":
    main()
