"""How good the ear is, beside other tools, on recordings with exact truth, as they are and with their start cut off.

    python benchmarks/ear_figures.py FOLDER [-o OUT] [--rst FILE] [--jobs N]

FOLDER holds `realdata/` (index.csv, GROUP/ID.flac beside GROUP/ID.beats.csv, .drums.csv, .notes.csv, .knobs.csv and
.sections.csv), `eval/crop.py`, which makes the copy that starts in the middle of a bar, and `eval/baselines.json`, what
other tools reach. Both copies are transcribed by `technogen.transcribe` as it is, measured by `technogen.evaluation`,
and held against the goals below. OUT keeps the transcriptions and all figures; FILE gets the tables for the docs page.
The exit code is 0 where every goal is reached. About six minutes on one core.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import technogen
from technogen.evaluation import Evaluated, Figure, evaluate_files, summarise_figures

Table = dict[str, dict[str, Figure]]
"""By group, by key."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure of a group must reach, and should; of the copy with its start cut off where `cropped`."""

    group: str
    key: str
    must: float
    aim: float
    cropped: bool = False


GOALS = (
    Goal("drummachine_loops", "beat_f20", 0.96, 0.99),
    Goal("drummachine_loops", "bpm_exact", 1.0, 1.0),
    Goal("drummachine_loops", "downbeat_f", 0.55, 0.80, cropped=True),
    Goal("drummachine_loops", "drums_five/sum", 0.90, 0.96),
    Goal("drummachine_loops", "drums_techno/sum", 0.80, 0.93),
    Goal("tb303_open303", "beat_f", 0.80, 0.97),
    Goal("tb303_open303", "bass/note", 0.95, 0.98),
    Goal("tb303_open303", "bass/slid_note_recall", 0.78, 0.92),
    Goal("tb303_open303", "bass/slide", 0.65, 0.85),
    Goal("tb303_open303", "bass/accent", 0.94, 0.98),
    Goal("tb303_open303", "cutoff_rho", 0.75, 0.90),
    Goal("acid_mixes", "beat_f20", 0.99, 1.0),
    Goal("acid_mixes", "bpm_exact", 1.0, 1.0),
    Goal("acid_mixes", "downbeat_f", 0.75, 0.95, cropped=True),
    Goal("acid_mixes", "drums_five/sum", 0.82, 0.93),
    Goal("acid_mixes", "drums_techno/sum", 0.74, 0.88),
    Goal("acid_mixes", "bass/note", 0.75, 0.92),
    Goal("acid_mixes", "bass/slid_note_recall", 0.70, 0.88),
    Goal("acid_mixes", "bass/slide", 0.45, 0.75),
    Goal("acid_mixes", "bass/accent", 0.65, 0.85),
    Goal("acid_mixes", "cutoff_rho", 0.50, 0.80),
    Goal("acid_mixes", "sections", 0.70, 0.90),
    Goal("lmms_projects", "beat_f20", 0.99, 1.0),
    Goal("lmms_projects", "downbeat_f", 0.70, 0.95, cropped=True),
    Goal("lmms_projects", "drums_five/sum", 0.71, 0.85),
    Goal("lmms_projects", "drums_techno/sum", 0.53, 0.75),
    Goal("lmms_projects", "bass/note", 0.48, 0.70),
    Goal("hydrogen_songs", "drums_five/sum", 0.84, 0.92),
    Goal("hydrogen_songs", "drums_techno/sum", 0.71, 0.85),
    Goal("mdb_drums", "drums_five/sum", 0.82, 0.90),
)
GROUPS = {
    "drummachine_loops": "drum machine loops",
    "tb303_open303": "303 lines",
    "acid_mixes": "acid mixes",
    "lmms_projects": "LMMS songs",
    "hydrogen_songs": "Hydrogen songs",
    "mdb_drums": "acoustic drums",
    "mdb_drums_mix": "acoustic, full mix",
}
NAMES = {
    "beat_f": "beats within 70 ms",
    "beat_f20": "beats within 20 ms",
    "downbeat_f": "first beats of bars",
    "bpm_exact": "exact tempo, share of files",
    "drums_five/sum": "drums, five classes",
    "drums_techno/sum": "drums, classes of techno",
    "bass/note": "bass notes",
    "bass/chroma": "bass notes, any octave",
    "bass/onset": "bass onsets",
    "bass/slid_note_recall": "notes slid into, found",
    "bass/slide": "slides",
    "bass/accent": "accents",
    "cutoff_rho": "cutoff, rank correlation",
    "sections": "starts of sections",
}
UNHEARD = {
    "best": ("bass/slide", "bass/accent", "cutoff_rho", "sections"),
    "simple": ("bass/slide", "bass/accent", "cutoff_rho", "sections", "drums", "downbeat_f"),
    "cropped": (),
}
"""What the tools of a kind say nothing of."""
CLASSES = ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "tom", "crash", "ride", "perc")


@dataclass(frozen=True, slots=True)
class Results:
    """What was reached, on the recordings as they are and on the cropped copy, and what other tools reach."""

    whole: Table
    cropped: Table
    peers: dict[str, dict[str, dict[str, float | None]]]

    def reached(self, group: str, key: str, *, cropped: bool = False) -> float | None:
        figure = (self.cropped if cropped else self.whole).get(group, {}).get(key)
        return figure.value if figure else None

    def peer(self, group: str, key: str, kinds: Iterable[str]) -> float | None:
        """The best of some kinds of tools: "best" (madmom, ADTOF, basic-pitch), "simple" (librosa, YIN), "cropped"."""
        heard = [self.peers[kind].get(group, {}) for kind in kinds if not key.startswith(UNHEARD[kind])]
        values = [figures.get(key) for figures in heard]
        return max((value for value in values if value is not None), default=None)


def transcribe_one(job: tuple[Path, Path]) -> str:
    """Transcribe one recording into one JSON file."""
    source, target = job
    technogen.transcribe(source).save(target)
    return target.stem


def transcribe_copy(copy: Path, out: Path, jobs: int) -> None:
    """Transcribe each recording of the index that has a truth into GROUP/ID.json."""
    with open(copy / "index.csv", newline="") as file:
        stems = [Path(row["group"]) / row["id"] for row in csv.DictReader(file)]
    stems = [stem for stem in stems if (copy / f"{stem}.beats.csv").exists()]
    for group in {stem.parent for stem in stems}:
        (out / group).mkdir(parents=True)
    work = [(copy / f"{stem}.flac", out / f"{stem}.json") for stem in stems]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for number, name in enumerate(pool.map(transcribe_one, work), 1):
            print(f"\r{out.name} {number}/{len(work)} {name:<60.60}", end="", file=sys.stderr)
    print(file=sys.stderr)


def measure(copy: Path, predictions: Path) -> Table:
    """All figures by group; full mixes of acoustic drums are a group of their own."""
    groups: dict[str, list[Evaluated]] = defaultdict(list)
    for item in evaluate_files(copy, predictions).items:
        mixed = item.group == "mdb_drums" and item.name.endswith("_mix")
        groups[item.group + ("_mix" if mixed else "")].append(item)
    return {
        group: {figure.key: figure for figure in summarise_figures([item.figures for item in items])}
        for group, items in groups.items()
    }


def gather(folder: Path, out: Path, jobs: int) -> Results:
    """Crop, transcribe both copies, measure both."""
    with tempfile.TemporaryDirectory() as work:
        cropped = Path(work) / "cropped"
        subprocess.run([sys.executable, folder / "eval" / "crop.py", folder / "realdata", cropped], check=True)
        tables = []
        for name, copy in (("whole", folder / "realdata"), ("cropped", cropped)):
            transcribe_copy(copy, out / name, jobs)
            tables.append(measure(copy, out / name))
    return Results(*tables, json.loads((folder / "eval" / "baselines.json").read_text()))


def compare(results: Results) -> Iterator[tuple[Goal, float | None, float | None, str]]:
    """Each goal with the best peer, what was reached, and the verdict."""
    for goal in GOALS:
        kinds = ("cropped",) if goal.cropped else ("best", "simple")
        reached = results.reached(goal.group, goal.key, cropped=goal.cropped)
        yield goal, results.peer(goal.group, goal.key, kinds), reached, judge(goal, reached)


def judge(goal: Goal, reached: float | None) -> str:
    if reached is None:
        return "not in these recordings"
    value = round(reached, 3)
    return "aim" if value >= goal.aim else "pass" if value >= goal.must else "MISS"


def show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def in_words(results: Results) -> Iterator[str]:
    yield f"{'group':<19}{'figure':<32}{'peers':>7}{'must':>7}{'aim':>7}{'reached':>9}"
    for goal, peer, reached, verdict in compare(results):
        figure = goal.key + (" (cropped)" if goal.cropped else "")
        numbers = f"{show(peer):>7}{goal.must:7.2f}{goal.aim:7.2f}{show(reached):>9}"
        yield f"{goal.group:<19}{figure:<32}{numbers}  {verdict}"


def list_table(title: str, header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield from (f".. list-table:: {title}", "   :header-rows: 1", "   :stub-columns: 1", "")
    for row in ([re.sub("^-", r"\\-", cell) for cell in row] for row in (header, *rows)):
        yield from (f"   {'*' if i == 0 else ' '} - {cell}".rstrip() for i, cell in enumerate(row))
    yield ""


def as_pages(results: Results) -> Iterator[str]:
    """The tables of the docs page."""
    yield f".. Written by benchmarks/ear_figures.py; do not edit. {weights()}"
    yield ""
    goals = []
    for goal, peer, reached, _ in compare(results):
        name = NAMES[goal.key] + (", start cut off" if goal.cropped else "")
        goals.append(
            [f"{GROUPS[goal.group]}: {name}", show(reached), show(peer), f"{goal.must:.2f}", f"{goal.aim:.2f}"]
        )
    header = ["", "TechnoGen", "best peer", "goal", "later goal"]
    yield from list_table("What was to be reached, and what is", header, goals)
    peers = []
    order = [group for group in GROUPS if group in results.whole]
    for group in order:
        for key, name in NAMES.items():
            others = [results.peer(group, key, (kind,)) for kind in ("best", "simple")]
            ours = results.reached(group, key)
            if ours is not None:
                peers.append([f"{GROUPS[group]}: {name}", *map(show, (ours, *others))])
            if key == "downbeat_f":
                cut = results.reached(group, key, cropped=True), results.peer(group, key, ("cropped",))
                peers.append([f"{GROUPS[group]}: {name}, start cut off", *map(show, (*cut, None))])
    header = ["", "TechnoGen", "madmom, ADTOF, basic-pitch", "librosa, YIN"]
    yield from list_table("All figures beside other tools", header, peers)
    groups = [group for group in order if "drums_techno/sum" in results.whole[group]]
    rows = [[name.replace("_", " "), *(cell(results.whole[g], name) for g in groups)] for name in CLASSES]
    yield from list_table("Drums by class: precision / recall", ["", *(GROUPS[g] for g in groups)], rows)
    keys = ("beats", "drums", "bass")
    late = [[GROUPS[g], *(lateness(results.whole[g], key) for key in keys)] for g in order]
    yield from list_table("Late by, in ms: in the middle / nine of ten within", ["", *keys], late)


def cell(table: dict[str, Figure], name: str) -> str:
    counts = table[f"drums_techno/{name}"].counts
    return f"{show(counts.precision)} / {show(counts.recall)}" if counts and counts.truth else "-"


def lateness(table: dict[str, Figure], key: str) -> str:
    values = [
        table[f"{key}/{which}"].value if f"{key}/{which}" in table else None for which in ("late_ms", "within_ms")
    ]
    return "-" if None in values else f"{round(values[0], 1) + 0:+.1f} / {values[1]:.1f}"


def weights() -> str:
    """The version and the weights that the figures are of."""
    folder = Path(technogen.__file__).parent / "checkpoints"
    files = [f"{p.name} {hashlib.sha256(p.read_bytes()).hexdigest()[:12]}" for p in sorted(folder.glob("ear*"))]
    return f"TechnoGen {technogen.__version__}; {', '.join(files)}"


def as_json(results: Results) -> str:
    tables = {
        name: {group: {key: f.value for key, f in figures.items()} for group, figures in table.items()}
        for name, table in (("whole", results.whole), ("cropped", results.cropped))
    }
    return json.dumps({"of": weights(), **tables}, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--out", type=Path, help="keep the transcriptions and figures.json here")
    parser.add_argument("--rst", type=Path, help="write the tables for the docs here")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as temporary:
        out = given.out or Path(temporary)
        results = gather(given.folder, out, given.jobs)
        (out / "figures.json").write_text(as_json(results))
    if given.rst:
        given.rst.write_text("\n".join(as_pages(results)))
    print("\n".join(in_words(results)))
    verdicts = [verdict for *_, verdict in compare(results)]
    missed, reached = (sum(v in kinds for v in verdicts) for kinds in (("MISS",), ("pass", "aim")))
    print(f"{reached} of {reached + missed} goals reached; {weights()}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
