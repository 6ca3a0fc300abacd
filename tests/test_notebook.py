"""The example notebook: a new analyst can run it from top to bottom."""

import ast
import json
import shutil
from pathlib import Path

import matplotlib as mpl
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOK = json.loads((EXAMPLES / "board_paper.ipynb").read_text(encoding="utf-8"))


def run(source, names):
    """Run a cell as a notebook does: what its last line gives is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    folder = tmp_path_factory.mktemp("notebook")
    shutil.copytree(EXAMPLES / "data", folder / "data")
    names = {}
    code = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        shown = [run("".join(cell["source"]), names) for cell in code]
    plt.close("all")
    return folder, names, shown


def test_the_notebook_is_stored_without_outputs():
    assert NOTEBOOK["nbformat"] == 4
    code = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])


def test_it_runs_from_top_to_bottom_and_leaves_the_page(ran):
    folder, _, shown = ran

    assert shown[-1] == ["index.html", "shares.html", "shares.png", "shares.svg"]
    page = (folder / "board_paper" / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4


def test_its_rate_is_that_of_the_file(ran):
    folder, names, _ = ran

    # Counted again from the file's text, without the library.
    lines = (folder / "data" / "grant_applications.csv").read_text(encoding="utf-8").splitlines()
    words = [line.split(",") for line in lines[1:]]
    year = [row for row in words if "20230401" <= "".join(row[3].split("/")[::-1]) <= "20240331"]
    status = [row[5].strip().lower() for row in year]
    won = sum(word in {"funded", "successful"} for word in status)
    lost = sum(word in {"rejected", "unsuccessful"} for word in status)
    total = names["rates"].total
    assert (total.successful, total.decided) == (won, won + lost)
    assert total.decided > 40


def test_it_shows_what_is_refused(ran):
    _, names, _ = ran

    assert len(names["refused"]) == 1
    assert "'G-021'" in names["refused"][0]
