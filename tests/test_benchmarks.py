"""The page of benchmarks: all of them are on it, and new figures take the place of old ones."""

import runpy
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "benchmarks"
COMMAND = runpy.run_path(str(FOLDER / "all.py"))
PAGE = COMMAND["PAGE"].read_text("utf-8")


def test_every_benchmark_has_its_figures_on_the_page():
    found = {match["name"]: match[0] for match in COMMAND["FIGURES"].finditer(PAGE)}

    assert found.keys() == {path.stem for path in FOLDER.glob("[!_]*.py") if path.name != "all.py"}
    for name, figures in found.items():
        assert "Measured with lhp-metrics " in figures, name
        assert figures.count("\n|") >= 3, name


def test_new_figures_take_the_place_of_old_ones_and_of_nothing_else():
    new = COMMAND["with_figures"](PAGE, "memory", "| new |\n")

    old = {match["name"]: match[0] for match in COMMAND["FIGURES"].finditer(PAGE)}
    now = {match["name"]: match[0] for match in COMMAND["FIGURES"].finditer(new)}
    assert now.pop("memory") == "<!-- from memory.py -->\n| new |\n\n<!-- end -->"
    memory = old.pop("memory")
    assert now == old
    assert new.replace("| new |\n\n<!-- end -->", "") == PAGE.replace(
        memory.removeprefix("<!-- from memory.py -->\n"), ""
    )
