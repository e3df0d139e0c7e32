"""Sphinx configuration."""

from pathlib import Path

import technogen

project = "TechnoGen"
author = "The TechnoGen developers"
copyright = "2026, The TechnoGen developers"
release = version = technogen.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = [
    "_build",
    "_generated",
    "_ear_figures.rst",
    "_ear_speed.rst",
    "_ear_reliability.rst",
    "_ear_reliability_real.rst",
]
html_extra_path = ["_generated/extra"]
html_theme = "furo"
html_title = f"TechnoGen {release}"

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
nitpicky = False


def write_help_texts(app: object) -> None:
    """Write what each verb says of itself, so that the page on the command line is never out of date."""
    import contextlib
    import io
    import os

    from technogen.cli import main

    os.environ["COLUMNS"] = "100"
    folder = Path(__file__).parent / "_generated"
    folder.mkdir(exist_ok=True)
    verbs = ("transcribe", "generate", "render", "demo", "doctor", "train", "train composer", "train ear")
    verbs = (*verbs, "listen", "listen prepare", "listen serve", "listen report", "listen webmushra")
    datasets = ("dataset build", "dataset info", "dataset check", "dataset corpus")
    for verb in (*verbs, *datasets, "evaluate transcription", "evaluate generation", "evaluate audio"):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            main([*verb.split(), "--help"])
        (folder / f"{verb.replace(' ', '_')}.txt").write_text(said.getvalue())


def write_sounds(app: object) -> None:
    """Render what the pages on sound play, and draw it."""
    import sys

    sys.path.insert(0, str(Path(__file__).parent))
    from make_sounds import make_sounds

    make_sounds()


def write_columns(app: object) -> None:
    """Write the table of a data set's columns from the schema itself."""
    from technogen.dataset.schema import COLUMNS

    rows = [("column", "type", "meaning"), *((f"``{name}``", *about) for name, about in COLUMNS.items())]
    table = [".. list-table::", "   :header-rows: 1", "   :widths: 18 14 68", ""]
    for name, kind, meaning in rows:
        table += [f"   * - {name}", f"     - {kind}", f"     - {meaning}"]
    folder = Path(__file__).parent / "_generated"
    folder.mkdir(exist_ok=True)
    (folder / "dataset_columns.rst").write_text("\n".join(table) + "\n")


def setup(app: object) -> None:
    """Hook the help texts and the sounds into the build."""
    (Path(__file__).parent / "_generated" / "extra").mkdir(parents=True, exist_ok=True)
    app.connect("builder-inited", write_help_texts)  # type: ignore[attr-defined]
    app.connect("builder-inited", write_columns)  # type: ignore[attr-defined]
    app.connect("builder-inited", write_sounds)  # type: ignore[attr-defined]
