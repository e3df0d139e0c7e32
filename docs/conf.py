"""Sphinx configuration."""

import technogen

project = "TechnoGen"
author = "The TechnoGen developers"
copyright = "2026, The TechnoGen developers"
release = version = technogen.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "_generated", "_transcription_figures.rst"]
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
    from pathlib import Path

    from technogen.cli import main

    os.environ["COLUMNS"] = "100"
    folder = Path(__file__).parent / "_generated"
    folder.mkdir(exist_ok=True)
    for verb in ("transcribe", "generate", "render", "demo", "doctor", "train", "train composer", "train ear"):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            main([*verb.split(), "--help"])
        (folder / f"{verb.replace(' ', '_')}.txt").write_text(said.getvalue())


def setup(app: object) -> None:
    """Hook the help texts into the build."""
    app.connect("builder-inited", write_help_texts)  # type: ignore[attr-defined]
