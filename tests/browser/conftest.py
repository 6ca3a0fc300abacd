"""Tests in a real browser: collected where Chromium and axe-core are, as in `.ci/run`."""

import os
import shutil
from importlib.util import find_spec

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")

collect_ignore = [] if os.environ.get("LHP_METRICS_DOCS") else ["docs_pages.py"]
collect_ignore_glob = [] if CHROMIUM and find_spec("axe_core_python") else ["test_*.py"]
