"""Hypothesis profiles, and which tests a machine without the extras leaves out.

Examples are drawn at random at a desk, and are the same in every CI run.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from hypothesis import settings

# A slow machine is no defect of the code: performance is the benchmarks' question.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("brief", deadline=None, derandomize=True, max_examples=10)
settings.register_profile("nightly", deadline=None, max_examples=4000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk")
)

EXTRAS = (
    "chart_reading",  # a helper of the tests of charts
    "dask",
    "duckdb",
    "fastapi",
    "frame_laws",  # a helper of the tests of data frames
    "httpx",
    "jsonschema",
    "matplotlib",
    "nbclient",
    "openpyxl",
    "pandas",
    "polars",
    "pyarrow",
    "starlette",
)
BROUGHT_BY = {"chart_reading": "matplotlib", "frame_laws": "polars"}
MISSING = [name for name in EXTRAS if find_spec(BROUGHT_BY.get(name, name)) is None]
IMPORTS = re.compile(rf"^[ >.]*(?:from|import) (?:{'|'.join(MISSING) or '$.'})\b", re.MULTILINE)

left_out: list[str] = []


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out files that import a library which is not installed, but say so at the end."""
    if not MISSING or collection_path.suffix != ".py" or os.environ.get("LHP_METRICS_TEST_ALL"):
        return None
    if IMPORTS.search(collection_path.read_text(encoding="utf-8")):
        left_out.append(collection_path.name)
        return True
    return None


def pytest_terminal_summary(terminalreporter) -> None:
    """List what was left out."""
    if left_out:
        terminalreporter.section("not run: an extra is not installed")
        terminalreporter.line(f"not installed: {', '.join(MISSING)}")
        terminalreporter.line(f"left out: {', '.join(sorted(left_out))}")
