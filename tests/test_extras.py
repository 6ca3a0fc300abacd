"""Without an extra, whatever needs it says how to install it, and changes nothing."""

import ast
import io
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import lhp_metrics as lhp
from lhp_metrics import charts

ROOT = Path(__file__).parents[1]
PUBLISHED = lhp.annual_report_2023_24()
BEFORE, AFTER = PUBLISHED.spark, PUBLISHED.jro
SHARES = lhp.partner_shares(AFTER)
CHANGE = lhp.registration_change(BEFORE, AFTER)
RATES = lhp.nihr_rfpb_success_rates().one_stage
GRANT = lhp.Grant(reference="G-1", submitted_on="2023-09-01", outcome="pending")
STUDY = lhp.Study(study_id="S-1", registered_on="2023-06-01", lead="REM", sites=["REM"])

LIBRARIES = {
    "charts": "matplotlib",
    "excel": "openpyxl",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
}


def workbook():
    """Return an upload that begins as a spreadsheet program's files do."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    content.seek(0)
    return content


def set_up():
    site = lhp.StudySite("REM", opened_on="2024-01-31")
    study = lhp.Study(study_id="S-2", hra_approval_on="2024-01-01", sites=[site])
    return lhp.tally_setup([study], clock="hra-approval-to-open", as_of="2024-06-30")


CALLS = {
    "charts": {
        "caterpillar_plot": lambda _: charts.caterpillar_plot(lhp.compare_success_rates(RATES)),
        "control_chart_plot": lambda _: charts.control_chart_plot(lhp.control_chart([5, 6, 7])),
        "coverage_plot": lambda _: charts.coverage_plot(12),
        "forest_plot": lambda _: charts.forest_plot(CHANGE),
        "funnel_plot": lambda _: charts.funnel_plot(lhp.funnel(RATES)),
        "report": lambda _: lhp.report("Year", registrations=(BEFORE, AFTER)),
        "save_chart": lambda folder: charts.save_chart(None, folder / "chart.svg"),
        "save_chart, png": lambda folder: charts.save_chart(None, folder / "chart.png"),
        "shares_plot": lambda _: charts.shares_plot(SHARES, SHARES),
        "survival_plot": lambda _: charts.survival_plot(set_up()),
        "svg_text": lambda _: charts.svg_text(None),
        "waterfall_plot": lambda _: charts.waterfall_plot(CHANGE),
    },
    "excel": {
        "read_counts": lambda _: lhp.read_counts(workbook()),
        "read_grants": lambda _: lhp.read_grants(workbook()),
        "read_studies": lambda _: lhp.read_studies(workbook()),
        "to_excel": lambda folder: SHARES.to_excel(folder / "shares.xlsx"),
        "write_counts": lambda folder: lhp.write_counts(AFTER, folder / "counts.xlsx"),
        "write_grants": lambda folder: lhp.write_grants([GRANT], folder / "grants.xlsx"),
        "write_studies": lambda folder: lhp.write_studies([STUDY], folder / "studies.xlsx"),
    },
    **{
        library: {f"to_frame {library}": lambda _, library=library: SHARES.to_frame(library)}
        for library in ("pandas", "polars", "pyarrow")
    },
}


def without(library, monkeypatch):
    """Make Python believe that a library is not installed."""
    for name in [library, *sys.modules]:
        if name.partition(".")[0] == library:
            monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(
    ("extra", "call"),
    [
        pytest.param(extra, call, id=name)
        for extra, calls in CALLS.items()
        for name, call in calls.items()
    ],
)
def test_whatever_needs_an_extra_says_how_to_install_it(extra, call, monkeypatch, tmp_path):
    without(LIBRARIES[extra], monkeypatch)

    with pytest.raises(lhp.MissingExtraError) as caught:
        call(tmp_path)

    assert isinstance(caught.value, ImportError)
    wanted = rf'.+ needs {LIBRARIES[extra]}: pip install "lhp-metrics\[{extra}\]"'
    assert re.fullmatch(wanted, str(caught.value))
    assert list(tmp_path.iterdir()) == []


def test_a_report_without_charts_needs_no_extra(monkeypatch):
    without("matplotlib", monkeypatch)

    assert "<table" in lhp.report("Year", registrations=(BEFORE, AFTER), charts=False)


def test_every_extra_for_users_is_looked_at():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert CALLS.keys() == project["optional-dependencies"].keys() - {"spark", "test"}
    assert LIBRARIES.keys() == CALLS.keys()


def test_every_function_that_draws_is_looked_at():
    drawn = {
        name for name in charts.__all__ if callable(getattr(charts, name)) and name[0].islower()
    }

    assert drawn <= CALLS["charts"].keys()


def test_no_module_imports_an_optional_library_by_itself():
    """Except where `optional` has said before that it is there."""
    after_optional = {"charts/_axes.py", "charts/_save.py", "results/spreadsheets.py"}
    found = set()
    source = ROOT / "src" / "lhp_metrics"
    for path in source.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        typing = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
        ]
        only_for_types = {id(inner) for node in typing for inner in ast.walk(node)}
        for node in ast.walk(tree):
            if id(node) in only_for_types:
                continue
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if any(name.partition(".")[0] in LIBRARIES.values() for name in names):
                found.add(path.relative_to(source).as_posix())

    assert found == after_optional
