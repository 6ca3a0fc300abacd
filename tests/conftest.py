"""Hypothesis profiles, and which tests a machine without the extras leaves out.

Examples are drawn at random at a desk, and are the same in every CI run.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no defect of the code: performance is the benchmarks' question.
settings.register_profile("desk", deadline=None)
# The same examples every time: more of them would tell a change little more, but take longer.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=40)
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
    "markdown_it",
    "matplotlib",
    "nbclient",
    "openpyxl",
    "pandas",
    "polars",
    "pyarrow",
    "starlette",
)
BROUGHT_BY = {"chart_reading": "matplotlib", "frame_laws": "polars"}
MISSING = [
    name
    for name in EXTRAS
    if find_spec(BROUGHT_BY.get(name, name)) is None and not os.environ.get("LHP_METRICS_TEST_ALL")
]
NAMES = "|".join(MISSING) or "$."
IMPORTS = re.compile(rf"^[ >.]*(?:from|import) (?:{NAMES})\b", re.MULTILINE)
# An example names the extra that it needs, but for charts.
USES = re.compile(NAMES + r"|lhp_metrics\.charts|lhp\.report\b" * ("matplotlib" in MISSING))

left_out: set[str] = set()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out files that import a library which is not installed, but say so at the end."""
    if not MISSING or collection_path.suffix != ".py":
        return None
    if IMPORTS.search(collection_path.read_text(encoding="utf-8")):
        left_out.add(collection_path.relative_to(Path(__file__).parent).as_posix())
        return True
    return None


def _lacks_an_extra(item: pytest.Item) -> bool:
    if isinstance(item, pytest.DoctestItem):
        return any(USES.search(example.source) for example in item.dtest.examples)
    return any({*mark.args} & {*MISSING} for mark in item.iter_markers("needs"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out examples that use a missing library, and tests marked as in need of one."""
    lacking = [item for item in items if MISSING and _lacks_an_extra(item)]
    left_out.update(item.name for item in lacking)
    config.hook.pytest_deselected(items=lacking)
    items[:] = [item for item in items if item not in lacking]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that prints what this one left out, where several run tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = sorted(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Hear what a process left out."""
    left_out.update(getattr(node, "workeroutput", {}).get("left_out", ()))


def pytest_terminal_summary(terminalreporter) -> None:
    """List what was left out."""
    if left_out:
        terminalreporter.section("not run: an extra is not installed")
        terminalreporter.line(f"not installed: {', '.join(MISSING)}")
        terminalreporter.line(f"left out: {', '.join(sorted(left_out))}")
