import lhp_metrics as lhp
from chart_reading import lines, title
from lhp_metrics import charts

VALUES = [5, 6, 5, 6, 5, 6, 30, 5, 6, 5, 6, 5]


def test_a_control_chart_marks_its_special_points_and_says_so(ax):
    chart = lhp.control_chart(VALUES)

    charts.control_chart_plot(chart, ax=ax)

    drawn = [(list(x), list(y), marker) for x, y, marker in lines(ax)]
    assert (list(range(12)), VALUES, "o") in drawn
    assert ([6], [30.0], "D") in drawn
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["outside the limits"]
    assert title(ax) == "1 of 12 points is out of the ordinary: 7 (30.00)"
    assert "7 30.00" in ax.get_label()
    heights = {float(patch.get_data().values[0]) for patch in ax.patches}
    assert heights == {chart["1"].centre, chart["1"].lower, chart["1"].upper}


def test_each_phase_of_a_control_chart_has_its_own_lines(ax):
    charts.control_chart_plot(lhp.control_chart([5, 6, 5, 6, 50], rebase=[4]), ax=ax)

    # The second phase has one point: a centre and no limits.
    assert len(ax.patches) == 4
    assert ax.get_legend() is None
    assert title(ax) == "No point is out of the ordinary"


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


def test_the_text_tells_each_phase_s_limits_and_where_there_are_none(ax):
    charts.control_chart_plot(lhp.control_chart([5, 6, 5, 6, 50], rebase=[4]), ax=ax)

    # The mean moving range of the first four is 1: 5.5 ± 2.66.
    assert ax.get_label().startswith(
        "Control chart, centre 5.50, limits 2.84 to 8.16; then centre 50.00, no limits. "
    )


def test_the_text_says_that_limits_vary_with_the_lengths_of_months(ax):
    months = {lhp.Period.month(f"2023-{month:02d}"): 20 + month % 3 for month in range(1, 13)}
    tally = lhp.RegistrationTally.from_counts(months, by="month")

    charts.control_chart_plot(lhp.control_chart(tally, limits="poisson"), ax=ax)

    # Four times 20 + 21 + 22 in 365 days.
    assert ax.get_label().startswith(
        "Control chart, centre 0.69, limits that vary with each point's exposure. "
    )
