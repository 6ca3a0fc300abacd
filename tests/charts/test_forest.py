import itertools

import pytest

import lhp_metrics as lhp
from chart_reading import FUNDERS, JRO, SPARK, lines, names, texts, title
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


# By hand: all 4 fall in one of two equal months with a chance p⁴, of which mid-p counts half. That
# is 2.5 % where the odds p / (1 - p) are 0.90, and the other way round 1.11.
@pytest.mark.parametrize(
    ("before", "after", "arrows", "finding"),
    [
        (0, 4, [">"], "no clear change in total, ratio no base (0.90 to ∞)"),
        (4, 0, ["<"], "no clear change in total, ratio 0.00 (0.00 to 1.11)"),
        (0, 0, [], "no group has a value"),
    ],
)
def test_nothing_in_one_period_is_drawn_as_what_it_is(ax, before, after, arrows, finding):
    one = lhp.RegistrationTally.from_counts({"A": before}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts({"A": after}, period=lhp.Period.month("2023-03"))

    charts.forest_plot(lhp.registration_change(one, two), ax=ax)

    assert title(ax) == f"Registrations per day: {finding}"
    assert ax.get_xlim() == (0.25, 4)
    for row in (0, 1):
        assert [m for _, y, m in lines(ax) if m in "<>" and y == [row]] == arrows


def test_shares_have_no_total_to_be_held_against(ax):
    charts.forest_plot(lhp.partner_shares(JRO), ax=ax)

    assert title(ax) == (
        "Shares of studies registered by organisation: from RBS 20.2% to REM 53.5%"
    )
    assert ax.get_xlabel() == "Share"


def test_a_sum_of_forecasts_is_no_yardstick_for_its_parts(ax):
    two = {n: lhp.OutcomeCounts(successful=9, unsuccessful=9, pending=7) for n in "AB"}

    charts.forest_plot(lhp.forecast_successes(lhp.GrantTally.from_counts(two)), ax=ax)

    assert "below" not in title(ax)
    assert "line" not in ax.get_xlabel()


def test_the_title_names_what_the_rates_are_per(ax):
    charts.forest_plot(lhp.registration_change(SPARK, JRO, exposure="working_days"), ax=ax)

    assert title(ax).startswith("Registrations per working day: higher")
    assert ax.get_xlabel().startswith("Registrations per working day, after")


def test_success_rates_are_drawn_from_0_to_1_beside_the_total(ax):
    table = lhp.success_rates(FUNDERS)

    charts.forest_plot(table, ax=ax)

    assert ax.get_xscale() == "linear"
    left, right = ax.get_xlim()
    assert left == 0
    assert right <= 1
    drawn = [(x, y) for x, y, _ in lines(ax)]
    rate = table["MRC"].rate
    assert ([rate.low, rate.high], [1, 1]) in drawn
    assert ([rate.value], [1]) in drawn
    assert ([table.total.rate.value] * 2, [0, 1]) in drawn  # the dashed line
    assert texts(ax) == [str(row.rate) for row in [*table, table.total]]
    assert texts(ax)[2] == "–"


def test_the_title_names_the_groups_whose_intervals_lie_beyond_the_total(ax):
    charts.forest_plot(lhp.success_rates(FUNDERS), ax=ax)

    # 68 of 250; Wilson's limits of 40 of 100 are 30.9 % and 49.8 %, of 6 of 70 4.0 % and 17.5 %.
    assert title(ax).startswith("Success rates of grant applications: 27.2% (")
    assert title(ax).endswith("in total; above it NIHR 40.0%; below it MRC 8.6%")
    assert "CRUK undefined" in ax.get_label()


def test_comparisons_are_drawn_as_differences_around_0(ax):
    table = lhp.compare_success_rates(FUNDERS)

    charts.forest_plot(table, ax=ax)

    assert names(ax) == ["NIHR", "MRC", "CRUK", "UKRI"]  # they have no total
    assert ax.get_xlim()[0] < table["MRC"].difference.low
    assert ax.get_xlim()[1] > table["NIHR"].difference.high
    assert ([0, 0], [0, 1]) in [(x, y) for x, y, _ in lines(ax)]
    assert "percentage points" not in "".join(texts(ax))
    assert ax.get_xlabel() == "Difference, percentage points (line: no difference)"


def test_the_title_of_comparisons_allows_for_their_number(ax):
    table = lhp.compare_success_rates(FUNDERS)
    differ = [row.name for row in table if row.p_adjusted is not None and row.p_adjusted < 0.05]
    assert differ == ["NIHR", "MRC"]

    charts.forest_plot(table, of="ratio", ax=ax)

    assert ax.get_xscale() == "log"
    assert "2 of 3 clearly differ, allowing for 3 comparisons: NIHR 2.1" in title(ax)


def test_no_difference_is_said():
    alike = lhp.GrantTally.from_counts(
        {name: lhp.OutcomeCounts(successful=10, unsuccessful=20) for name in "AB"}
    )

    ax = charts.forest_plot(lhp.compare_success_rates(alike))

    assert title(ax).endswith("none of 2 clearly differs, allowing for 2 comparisons")


def test_a_change_without_groups_is_one_row(ax):
    change = lhp.success_rate_change(
        lhp.OutcomeCounts(successful=10, unsuccessful=50),
        lhp.OutcomeCounts(successful=30, unsuccessful=40),
    )

    charts.forest_plot(change, ax=ax)

    assert names(ax) == ["Total"]
    assert title(ax) == f"Change in success rates: higher in total, {change.total.difference}"


def test_hidden_rows_are_stars_without_points(ax):
    many = {
        name: lhp.OutcomeCounts(successful=n, unsuccessful=4 * n)
        for name, n in (("MRC", 3), ("NIHR", 12), ("UKRI", 14), ("CRUK", 20), ("BHF", 30))
    }
    table = lhp.success_rates(lhp.GrantTally.from_counts(many))
    table = lhp.suppress(table, rule=lhp.SuppressionRule(5))
    hidden = [place for place, row in enumerate(table) if row.rate is None]
    assert hidden

    charts.forest_plot(table, ax=ax)

    assert [place for place, text in enumerate(texts(ax)) if text == "*"] == hidden
    assert len([y for _, y, marker in lines(ax) if marker == "s"]) == 5 - len(hidden)
    assert ax.get_xlabel().endswith("(* hidden)")
    assert "MRC hidden" in ax.get_label()


def test_any_estimate_of_a_table_may_be_drawn(ax):
    change = lhp.registration_change(SPARK, JRO)

    charts.forest_plot(change, of="after_rate", ax=ax)

    assert texts(ax)[0] == str(change["RBS"].after_rate)
    assert ax.get_xlabel() == "After, per 30 days (line: total)"


def test_a_column_without_intervals_is_refused(ax):
    with pytest.raises(lhp.InvalidInputError, match="of must be one of 'rate', "):
        charts.forest_plot(lhp.success_rates(FUNDERS), of="decided", ax=ax)
    with pytest.raises(lhp.InvalidInputError, match="has no estimates to draw"):
        charts.forest_plot(JRO.to_table(), ax=ax)
    with pytest.raises(lhp.InvalidTypeError, match="table must be a Table; got RegistrationTally"):
        charts.forest_plot(JRO, ax=ax)


@pytest.mark.parametrize("number", [1, 60])
def test_one_group_and_sixty_are_drawn(number):
    counts = {f"Organisation {place}": 3 + place for place in range(number)}
    one, two = (
        lhp.RegistrationTally.from_counts(counts, period=lhp.Period.month(month))
        for month in ("2024-01", "2024-02")
    )

    ax = charts.forest_plot(lhp.registration_change(one, two), size="column")

    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert len(boxes) == number + 1
    assert all(upper.y0 >= lower.y1 for upper, lower in itertools.pairwise(boxes))


@pytest.mark.parametrize(("most", "number"), [(1.3, 3), (40, 6), (1e6, 7)])
def test_a_log_axis_has_few_round_ticks(ax, most, number):
    one = lhp.RegistrationTally.from_counts({"A": 100}, period=lhp.Period.month("2023-01"))
    two = lhp.RegistrationTally.from_counts(
        {"A": round(100 * most)}, period=lhp.Period.month("2023-03")
    )

    charts.forest_plot(lhp.registration_change(one, two), ax=ax)

    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert number <= len(ticks) <= 9
    assert "1" in ticks
    assert all(text.strip("0.") in {"1", "2", "5", "1e+06", "1e+0"} for text in ticks)
