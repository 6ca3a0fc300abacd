import pytest

import lhp_metrics as lhp
from chart_reading import JRO, SPARK, lines, texts, title
from lhp_metrics import charts


@pytest.fixture
def forest(ax):
    return charts.forest_plot(lhp.registration_change(SPARK, JRO), ax=ax)


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
    expected = f"Registrations per day: higher in total, ratio {total}"

    assert title(forest) == expected
    assert expected in forest.get_label()
    assert "REN 59.56 (11.43 to 1,224)" in forest.get_label()


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(50, 10, "lower"), (10, 50, "higher"), (10, 11, "no clear change")],
)
def test_the_title_says_what_the_interval_allows(ax, before, after, verdict):
    one = lhp.RegistrationTally.from_counts({"A": before}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": after}, period=lhp.Period.month("2023-03"))

    charts.forest_plot(lhp.registration_change(one, two), ax=ax)

    assert f"Registrations per day: {verdict} in total" in title(ax)


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


def test_nothing_to_draw_is_said(ax):
    one = lhp.RegistrationTally.from_counts({"A": 0}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": 4}, period=lhp.Period.month("2023-03"))

    with pytest.raises(lhp.InvalidInputError, match="there is nothing to draw"):
        charts.forest_plot(lhp.registration_change(one, two), ax=ax)


def test_the_title_names_what_the_rates_are_per(ax):
    charts.forest_plot(lhp.registration_change(SPARK, JRO, exposure="working_days"), ax=ax)

    assert title(ax).startswith("Registrations per working day: higher")
    assert ax.get_xlabel().startswith("Registrations per working day, after")
