"""Sphinx configuration: every example is executed, warnings are errors."""

import shutil
from pathlib import Path

from lhp_metrics import __version__

# The example notebook is a page as well: it runs here as it does for an analyst.
HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
shutil.copytree(EXAMPLES / "data", HERE / "examples" / "data", dirs_exist_ok=True)
shutil.copy(EXAMPLES / "board_paper.ipynb", HERE / "examples")

project = "lhp-metrics"
author = "Liverpool Health Partners"
copyright = "2026, Liverpool Health Partners"
release = version = __version__
language = "en_GB"

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "jupyter_execute", "examples/data", "examples/board_paper"]

html_theme = "furo"
html_title = f"lhp-metrics {version}"

html_copy_source = False


autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "inherited-members": False}
numpydoc_show_class_members = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
