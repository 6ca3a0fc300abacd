"""The public face: complete, documented, light."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lhp_metrics as lhp
from lhp_metrics import charts, intervals

ROOT = Path(__file__).parents[1]
PAGES = {path.stem: path.read_text() for path in (ROOT / "docs" / "reference").glob("*.rst")}
NAMES = PAGES.pop("names")
REFERENCE = "\n".join(PAGES.values())
HEAVY = ["scipy", "narwhals", "pandas", "polars", "matplotlib", "statsmodels"]


@pytest.mark.parametrize("name", [name for name in lhp.__all__ if name != "__version__"])
def test_every_public_name_has_an_entry_in_the_reference(name):
    assert f"lhp_metrics.{name}\n" in REFERENCE


@pytest.mark.parametrize("module", [charts, intervals], ids=lambda module: module.__name__)
def test_every_function_of_the_public_modules_has_an_entry_too(module):
    named = [name for name in module.__all__ if callable(getattr(module, name))]
    missing = [name for name in named if f"{module.__name__}.{name}\n" not in REFERENCE]

    assert not [name for name in missing if name[0].islower()]


def test_the_list_of_names_by_question_has_what_the_reference_has():
    described = re.findall(r"^\.\. auto\w+:: (\S+)$", REFERENCE, re.MULTILINE)

    assert sorted(re.findall(r"^   ~(\S+)$", NAMES, re.MULTILINE)) == sorted(described)


def test_the_face_lists_what_it_has_and_only_that():
    assert sorted(lhp.__all__) == sorted(set(lhp.__all__))
    for name in lhp.__all__:
        assert getattr(lhp, name) is not None


def test_every_public_module_has_a_test_file_of_its_name_and_each_of_these_a_module():
    source, tests = ROOT / "src" / "lhp_metrics", ROOT / "tests"
    modules = {path.relative_to(source).with_suffix("") for path in source.rglob("*.py")}
    public = {path for path in modules if not any(part[0] == "_" for part in path.parts)}
    tested = {
        path.relative_to(tests).with_name(path.stem.removeprefix("test_"))
        for path in tests.rglob("test_*.py")
    }

    assert public - tested == set()
    # Outside the packages' folders are the tests of the library as a whole.
    named = {path.with_name(path.name.removeprefix("_")) for path in modules}
    packages = {path.parent for path in modules} - {Path()}
    assert {path for path in tested - named if path.parent in packages} == set()


def test_importing_the_library_loads_nothing_heavy():
    code = f"import sys, lhp_metrics; print([m for m in {HEAVY} if m in sys.modules])"

    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


def test_no_metric_loads_scipy_stats():
    code = """
import sys
import lhp_metrics as lhp
report = lhp.annual_report_2023_24()
lhp.registration_change(report.spark, report.jro)
lhp.partner_shares(report.jro)
lhp.possible_success_rates(report.grants)
rfpb = lhp.nihr_rfpb_success_rates().one_stage
lhp.compare_success_rates(rfpb)
lhp.success_rate_change(rfpb["2010-11"], rfpb["2011-12"])
lhp.value_success_rates(rfpb)
lhp.forecast_successes(rfpb, prior="others")
lhp.funnel(rfpb, method="exact")
print("scipy.stats" in sys.modules)
"""
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "False"


def test_the_readme_gives_its_two_commands_and_its_examples_run():
    import doctest

    text = (ROOT / "README.md").read_text()
    assert 'python -m pip install ".[charts]" && python examples/annual_report_2023_24.py' in text
    assert 'python -m pip install -e ".[test]" && python -m pytest' in text
    found = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert found.failed == 0
    assert found.attempted > 5
