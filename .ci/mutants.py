"""Try changes of the code that mutmut has made: does any test notice?

Usage: python .ci/mutants.py HOW_MANY|all, in a folder where `mutmut run` was. Each change is tried
in a process of its own, which imports the library with the change switched on and runs the tests
that reach the changed function, then all others, until one fails.
"""

import json
import os
import random
import subprocess
import sys
import tomllib
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lhp_metrics.intervals import proportion_interval

SETTINGS = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
KNOWN = json.loads(Path("mutants/mutmut-stats.json").read_text())
SECONDS = KNOWN["duration_by_test"]
NO_TEST_FAILED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def fate(change: str) -> str:
    """What became of one change: noticed, endless or survived."""
    function = change.rpartition("__mutmut_")[0]
    reached = KNOWN["tests_by_mangled_function_name"].get(function, ())
    # What runs while a test module is imported belongs to no test: in the end all are tried.
    return next((end for tests in (reached, SECONDS) if (end := tried(change, tests))), "survived")


def tried(change: str, tests: Collection[str]) -> str:
    """Run tests, the quick ones first, until one notices the change; blank if none does."""
    if not tests:
        return ""
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-x", "-q"),
                *SETTINGS["pytest_add_cli_args"],
                *sorted(tests, key=SECONDS.__getitem__),
            ],
            cwd="mutants",
            env={
                **os.environ,
                "MUTANT_UNDER_TEST": change,
                "PYTHONPATH": "src",
                "PYTHONDONTWRITEBYTECODE": "",  # It is the same code every time: compile it once.
            },
            timeout=120 + 10 * sum(SECONDS[test] for test in tests),
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "endless"
    return "" if done.returncode in NO_TEST_FAILED else "noticed"


def try_changes(how_many: str) -> None:
    """Print the changes that survived, and the share that was noticed."""
    listed = subprocess.run(
        ["mutmut", "results", "--all", "true"], capture_output=True, check=True, text=True
    )
    changes = [line.rpartition(":")[0].strip() for line in listed.stdout.splitlines() if line]
    if how_many != "all":
        random.seed(0)
        changes = random.sample(changes, min(len(changes), int(how_many)))
    if fate("") != "survived":
        sys.exit("The tests fail before anything is changed.")
    fates = []
    with ThreadPoolExecutor(os.cpu_count()) as lanes:
        for change, became in zip(changes, lanes.map(fate, changes), strict=True):
            fates.append(became)
            if became == "survived":
                subprocess.run(["mutmut", "show", change], check=True)
    survived, endless = fates.count("survived"), fates.count("endless")
    noticed = len(changes) - survived
    low, high = proportion_interval(noticed, len(changes))
    print(
        f"{noticed:,} of {len(changes):,} changes noticed, {endless} by a loop without end: "
        f"{noticed / len(changes):.1%} (95% interval {low:.1%} to {high:.1%})"
    )


try_changes(*sys.argv[1:])
