import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

import lhp_metrics as lhp
from lhp_metrics import charts

mpl.use("Agg")

SPARK = lhp.RegistrationTally.from_counts(
    {"RBS": 10, "REN": 1, "REM": 107}, period=lhp.Period("2023-04-01", "2023-11-19")
)
JRO = lhp.RegistrationTally.from_counts(
    {"RBS": 26, "REN": 34, "REM": 69}, period=lhp.Period("2023-11-20", "2024-03-31")
)


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture
def forest(ax):
    return charts.forest_plot(lhp.registration_change(SPARK, JRO), ax=ax)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def lines(ax):
    return [(line.get_xdata(), line.get_ydata(), line.get_marker()) for line in ax.lines]


def test_a_forest_plot_has_a_row_for_each_partner_and_the_total(forest):
    change = lhp.registration_change(SPARK, JRO)

    assert [label.get_text() for label in forest.get_yticklabels()] == [
        "RBS",
        "REN",
        "REM",
        "Total",
    ]
    assert texts(forest) == [str(row.rate_ratio) for row in [*change, change.total]]
    assert forest.get_xscale() == "log"


def test_its_points_are_the_ratios_and_its_lines_the_limits(forest):
    ratio = lhp.registration_change(SPARK, JRO)["RBS"].rate_ratio

    drawn = [(list(x), list(y)) for x, y, _ in lines(forest)]
    assert ([ratio.low, ratio.high], [0, 0]) in drawn
    assert ([ratio.value], [0]) in drawn


def test_a_limit_that_runs_off_the_axis_ends_in_an_arrow(forest):
    right = forest.get_xlim()[1]

    assert right < 1224
    arrows = [(x[0], y[0]) for x, y, marker in lines(forest) if marker == ">"]
    assert arrows == [(right, 1)]


def test_the_title_and_the_alternative_text_state_the_finding(forest):
    total = lhp.registration_change(SPARK, JRO).total.rate_ratio
    title = f"Registrations per day: higher in total, ratio {total}"

    assert forest.get_title(loc="left") == title
    assert title in forest.get_label()
    assert "REN 59.56 (11.43 to 1,224)" in forest.get_label()


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(50, 10, "lower"), (10, 50, "higher"), (10, 11, "no clear change")],
)
def test_the_title_says_what_the_interval_allows(ax, before, after, verdict):
    one = lhp.RegistrationTally.from_counts({"A": before}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": after}, period=lhp.Period.month("2023-03"))

    charts.forest_plot(lhp.registration_change(one, two), ax=ax)

    assert f"Registrations per day: {verdict} in total" in ax.get_title(loc="left")


def test_undefined_and_infinite_ratios_are_drawn_as_what_they_are(ax):
    one = lhp.RegistrationTally.from_counts(
        {"A": 0, "B": 0, "C": 5}, period=lhp.Period.month("2023-01")
    )
    two = lhp.RegistrationTally.from_counts(
        {"A": 4, "B": 0, "C": 5}, period=lhp.Period.month("2023-03")
    )

    charts.forest_plot(lhp.registration_change(one, two), ax=ax)

    assert texts(ax)[0].startswith("no base")
    assert texts(ax)[1] == "–"
    assert [y[0] for _, y, marker in lines(ax) if marker == ">"] == [0]


def test_a_ratio_of_0_is_a_line_that_runs_off_the_left_without_a_point(ax):
    one = lhp.RegistrationTally.from_counts({"A": 9, "B": 5}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": 0, "B": 5}, period=lhp.Period.month("2023-03"))
    change = lhp.registration_change(one, two)
    assert change["A"].rate_ratio.value == 0

    charts.forest_plot(change, ax=ax)

    left, right = ax.get_xlim()
    # By hand: the total is 5 against 14, and the axis begins at a quarter of that.
    assert (left, right) == pytest.approx((5 / 14 / 4, 4))
    drawn = [(list(x), marker) for x, y, marker in lines(ax) if list(y) in ([0], [0, 0])]
    assert drawn == [([left, change["A"].rate_ratio.high], "None"), ([left], "<")]


def test_nothing_to_draw_is_said(ax):
    one = lhp.RegistrationTally.from_counts({"A": 0}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": 4}, period=lhp.Period.month("2023-03"))

    with pytest.raises(lhp.InvalidInputError, match="there is nothing to draw"):
        charts.forest_plot(lhp.registration_change(one, two), ax=ax)


def test_shares_are_bars_with_their_printed_percentages(ax):
    before, after = lhp.partner_shares(SPARK), lhp.partner_shares(JRO)

    charts.shares_plot(before, after, labels=("SPARK", "JRO"), ax=ax)

    assert [label.get_text() for label in ax.get_yticklabels()] == ["REM", "REN", "RBS"]
    widths = [bar.get_width() for bar in ax.patches]
    expected = [
        100 * table[key].share.value for table in (before, after) for key in ("REM", "REN", "RBS")
    ]
    assert widths == pytest.approx(expected)
    assert texts(ax) == [
        f"{table[key].percent}%" for table in (before, after) for key in ("REM", "REN", "RBS")
    ]
    assert ax.get_title(loc="left") == "REM's share fell from 90.7% to 53.5%"
    assert "REN 0.8% then 26.4%" in ax.get_label()


def test_shares_of_nothing_have_no_bars_and_the_title_says_so(ax):
    none = lhp.partner_shares(lhp.RegistrationTally.from_counts({"RBS": 0, "REN": 0, "REM": 0}))

    charts.shares_plot(none, lhp.partner_shares(JRO), labels=("2022", "2023"), ax=ax)

    assert ax.get_title(loc="left") == "Shares: undefined 2022, nothing was counted"
    assert len(ax.patches) == 3
    assert texts(ax)[:3] == ["–"] * 3
    assert "REM – then 53.5%" in ax.get_label()
    assert "nan" not in charts.svg_text(ax)


def test_shares_that_stay_as_they_are_neither_rise_nor_fall(ax):
    charts.shares_plot(lhp.partner_shares(JRO), lhp.partner_shares(JRO), ax=ax)

    assert ax.get_title(loc="left") == "Shares did not change"


@pytest.mark.parametrize("labels", [("one",), ("one", "two", "three"), "SPARK"])
def test_labels_are_two(labels):
    table = lhp.partner_shares(JRO)

    with pytest.raises(lhp.InvalidInputError, match="labels must be two, for before and after"):
        charts.shares_plot(table, table, labels=labels)


def test_the_two_periods_differ_by_more_than_colour(ax):
    charts.shares_plot(lhp.partner_shares(SPARK), lhp.partner_shares(JRO), ax=ax)

    assert {bar.get_hatch() for bar in ax.patches} == {"///", ""}


@pytest.mark.parametrize("counts", [{"RBS": 26}, {"RBS": 26, "REN": 34, "REP": 17}])
def test_shares_of_different_partners_are_not_compared(ax, counts):
    other = lhp.RegistrationTally.from_counts(counts)

    with pytest.raises(lhp.InvalidInputError, match="must have the same partners"):
        charts.shares_plot(lhp.partner_shares(SPARK), lhp.partner_shares(other), ax=ax)


def test_an_svg_carries_its_title_and_alternative_text(forest, tmp_path):
    charts.save_chart(forest, tmp_path / "forest.svg")

    root = ET.parse(tmp_path / "forest.svg").getroot()  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == forest.get_title(loc="left")
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


@pytest.mark.parametrize("size", ["slide", "column"])
def test_without_axes_a_new_figure_is_made_and_no_global_style_changes(size):
    import matplotlib.pyplot as plt

    style = dict(mpl.rcParams)

    made = charts.forest_plot(lhp.registration_change(SPARK, JRO), size=size)

    assert made.figure.get_size_inches()[0] == charts.SIZES[size][0]
    assert dict(mpl.rcParams) == style
    plt.close(made.figure)


def test_an_unknown_size_is_refused(ax):
    with pytest.raises(lhp.InvalidInputError, match="size must be one of 'slide', 'column'"):
        charts.forest_plot(lhp.registration_change(SPARK, JRO), ax=ax, size="poster")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)

    with pytest.raises(lhp.MissingExtraError) as caught:
        charts.forest_plot(lhp.registration_change(SPARK, JRO))

    assert str(caught.value) == "charts need matplotlib: install lhp-metrics[charts]"


VALUES = [5, 6, 5, 6, 5, 6, 30, 5, 6, 5, 6, 5]


def test_a_control_chart_marks_its_special_points_and_says_so(ax):
    chart = lhp.control_chart(VALUES)

    charts.control_chart_plot(chart, ax=ax)

    drawn = [(list(x), list(y), marker) for x, y, marker in lines(ax)]
    assert (list(range(12)), VALUES, "o") in drawn
    assert ([6], [30.0], "D") in drawn
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["outside the limits"]
    assert ax.get_title(loc="left") == "One point is out of the ordinary: 7"
    assert "7 30.00" in ax.get_label()
    heights = {float(patch.get_data().values[0]) for patch in ax.patches}
    assert heights == {chart["1"].centre, chart["1"].lower, chart["1"].upper}


def test_each_phase_of_a_control_chart_has_its_own_lines(ax):
    charts.control_chart_plot(lhp.control_chart([5, 6, 5, 6, 50], rebase=[4]), ax=ax)

    # The second phase has one point: a centre and no limits.
    assert len(ax.patches) == 4
    assert ax.get_legend() is None
    assert ax.get_title(loc="left") == "No point is out of the ordinary"


def test_a_control_chart_of_months_is_labelled_with_them(ax):
    period = lhp.Period("2024-01-01", "2024-03-31")
    counts = dict(zip(period.split("month"), [31, 29, 31], strict=True))
    tally = lhp.RegistrationTally.from_counts(counts, by="month", period=period)

    charts.control_chart_plot(lhp.control_chart(tally), ax=ax)

    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "Jan 2024",
        "Feb 2024",
        "Mar 2024",
    ]
    assert ax.get_ylabel() == "Registrations per day"


def test_a_chart_of_shares_says_how_shared_records_count():
    whole = lhp.RegistrationTally.from_counts({"A": 6, "B": 7}, attribution="whole", total=10)
    table = lhp.partner_shares(whole)

    ax = charts.shares_plot(table, table)

    assert ax.get_xlabel() == "Share of the total, % (attribution: whole)"


def test_a_suppressed_table_is_not_drawn():
    hidden = lhp.suppress(lhp.partner_shares(SPARK), rule=lhp.SuppressionRule(5))

    with pytest.raises(lhp.InvalidInputError) as caught:
        charts.shares_plot(hidden, lhp.partner_shares(JRO))

    assert str(caught.value) == (
        "the table 'Shares of studies registered by organisation' is suppressed: it has hidden "
        "cells"
    )


def test_the_title_names_what_the_rates_are_per(ax):
    charts.forest_plot(lhp.registration_change(SPARK, JRO, exposure="working_days"), ax=ax)

    assert ax.get_title(loc="left").startswith("Registrations per working day: higher")
    assert ax.get_xlabel().startswith("Registrations per working day, after")
