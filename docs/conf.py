"""Sphinx configuration: every example is executed, warnings are errors."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.application import Sphinx

from lhp_metrics import __version__

# The example notebook is a page as well: it runs here as it does for an analyst.
HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
shutil.copytree(EXAMPLES / "data", HERE / "examples" / "data", dirs_exist_ok=True)
shutil.copy(EXAMPLES / "board_paper.ipynb", HERE / "examples")

# An error is shown by its message: the lines above it would name folders of whoever builds this.
IPYTHON = tempfile.TemporaryDirectory()
PROFILE = Path(IPYTHON.name, "profile_default")
PROFILE.mkdir()
PROFILE.joinpath("ipython_config.py").write_text("c.InteractiveShell.xmode = 'Minimal'\n")
os.environ["IPYTHONDIR"] = IPYTHON.name

project = "lhp-metrics"
author = "Liverpool Health Partners"
copyright = "2026, Liverpool Health Partners"
release = version = __version__
language = "en_GB"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build", "jupyter_execute", "examples/data", "examples/board_paper"]

html_theme = "furo"
html_title = f"lhp-metrics {version}"

html_copy_source = False
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["wide.css"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autosummary_generate = False
autodoc_default_options = {"members": True, "inherited-members": False}
numpydoc_show_class_members = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

# "R. G. Newcombe" is a name, and to reStructuredText the eighteenth item of a list.
INITIAL = re.compile(r"^(\s*\.\. \[\d+\] )(?=[A-Z]\.)")


def setup(app: Sphinx) -> None:
    """Set formulas as MathML, which browsers show without a script, and keep authors' initials."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("autodoc-process-docstring", keep_initials, priority=400)  # before numpydoc


def inline_formula(writer, node) -> None:
    writer.body.append(convert(node.astext()))
    raise SkipNode


def formula(writer, node) -> None:
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def keep_initials(*about_and_lines) -> None:
    lines = about_and_lines[-1]
    lines[:] = [INITIAL.sub(r"\1\\", line) for line in lines]
