import re
import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

import lhp_metrics as lhp
from chart_reading import JRO, SPARK, title
from lhp_metrics import charts


@pytest.fixture
def forest(ax):
    return charts.forest_plot(lhp.registration_change(SPARK, JRO), ax=ax)


def test_an_svg_carries_its_title_and_alternative_text(forest, tmp_path):
    charts.save_chart(forest, tmp_path / "forest.svg")

    root = ET.parse(tmp_path / "forest.svg").getroot()  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == title(forest)
    assert root.find(f"{space}desc").text == forest.get_label()
    assert root.get("role") == "img"


def test_an_ending_in_capitals_is_the_same_ending(forest, tmp_path):
    charts.save_chart(forest, tmp_path / "forest.SVG")

    assert 'role="img"' in (tmp_path / "forest.SVG").read_text()


def test_charts_of_one_page_share_no_identifier_and_refer_to_their_own(forest):
    ax = Figure(layout="constrained").subplots()
    shares = charts.shares_plot(lhp.partner_shares(SPARK), lhp.partner_shares(JRO), ax=ax)

    one, two = (charts.svg_text(chart) for chart in (forest, shares))

    found = [set(re.findall(r'\sid="([^"]+)"', svg)) for svg in (one, two)]
    assert all(found)
    assert not found[0] & found[1]
    for svg, ids in zip((one, two), found, strict=True):
        used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
        assert used
        assert used <= ids


def test_the_same_figures_give_the_same_file():
    change = lhp.registration_change(SPARK, JRO)
    one, two = (
        charts.svg_text(charts.forest_plot(change, ax=Figure(layout="constrained").subplots()))
        for _ in range(2)
    )

    assert one == two


def test_a_png_is_written(forest, tmp_path):
    charts.save_chart(forest, tmp_path / "forest.png")

    assert (tmp_path / "forest.png").read_bytes().startswith(b"\x89PNG")
