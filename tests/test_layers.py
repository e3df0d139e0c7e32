"""The house's walls: which room may import which, and what `import technogen` loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "technogen"
ROWS = {
    "errors": -1,  # rows as in the design, and below row 0 what even its helpers need
    **dict.fromkeys(("files", "folders", "parallel"), 0),
    **dict.fromkeys(("score", "audio"), 1),
    **dict.fromkeys(("midi", "tokens", "patterns", "weights", "similarity"), 2),
    **dict.fromkeys(("transcription", "generation", "rendering"), 3),
    **dict.fromkeys(("dataset", "evaluation", "export"), 4),
    "training": 5,
    **dict.fromkeys(("cli", "studio", "__init__", "__main__"), 6),
}
EXCEPTIONS = {("score", "midi")}  # Score.save, load, from_pretty_midi, to_pretty_midi


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    """The rooms that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("technogen.")}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_from_rows_above_alone(path):
    room = _room(path)
    assert room in ROWS, f"{room} has no row"
    for other in _imports(path) - {room}:
        assert ROWS[other] < ROWS[room] or room.startswith("__") or (room, other) in EXCEPTIONS, (
            f"{room} imports {other}"
        )


def test_score_needs_the_standard_library_alone():
    for path in (PACKAGE / "score").glob("*.py"):
        tree = ast.parse(path.read_text())
        checked = {id(n) for b in ast.walk(tree) if isinstance(b, ast.If) for n in ast.walk(b)}  # TYPE_CHECKING
        for node in ast.walk(tree):
            if id(node) in checked or not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "technogen"}, f"{path}: {name}"


def test_tokens_does_not_know_torch_and_the_model_does_not_know_music():
    for path in MODULES:
        text = path.read_text()
        if _room(path) == "tokens":
            assert "import torch" not in text
        if path.name == "music_transformer.py":
            assert _imports(path) <= {"errors", "generation"}


def test_functions_have_docstrings_and_stay_small():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno - node.lineno < 60, f"{path}:{node.lineno} {node.name} is too long"


def test_import_is_light_and_silent():
    code = (
        "import sys, technogen; print([m for m in ('torch', 'miditok', 'numba', 'scipy', 'numpy') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
    assert result.stderr == ""


def test_the_audio_and_score_rooms_load_no_heavy_library():
    code = (
        "import sys, technogen; technogen.Score, technogen.Note, technogen.Audio; "
        "print([m for m in ('torch', 'miditok', 'numba') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
