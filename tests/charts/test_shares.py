import pytest

import lhp_metrics as lhp
from chart_reading import JRO, SPARK, texts, title
from lhp_metrics import charts


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
    assert title(ax) == "REM: share fell from 90.7% to 53.5%"
    assert "REN 0.8% then 26.4%" in ax.get_label()


def test_shares_of_nothing_have_no_bars_and_the_title_says_so(ax):
    none = lhp.partner_shares(lhp.RegistrationTally.from_counts({"RBS": 0, "REN": 0, "REM": 0}))

    charts.shares_plot(none, lhp.partner_shares(JRO), labels=("2022", "2023"), ax=ax)

    assert title(ax) == "Shares: undefined 2022, nothing was counted"
    assert len(ax.patches) == 3
    assert texts(ax)[:3] == ["–"] * 3
    assert "REM – then 53.5%" in ax.get_label()
    assert "nan" not in charts.svg_text(ax)


def test_shares_that_stay_as_they_are_neither_rise_nor_fall(ax):
    charts.shares_plot(lhp.partner_shares(JRO), lhp.partner_shares(JRO), ax=ax)

    assert title(ax) == "Shares did not change"


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


def test_a_chart_of_shares_says_how_shared_records_count():
    whole = lhp.RegistrationTally.from_counts({"A": 6, "B": 7}, attribution="whole", total=10)
    table = lhp.partner_shares(whole)

    ax = charts.shares_plot(table, table)

    assert ax.get_xlabel() == "Share of the total, % (attribution: whole)"


def test_hidden_shares_have_no_bar_and_a_star(ax):
    rule = lhp.SuppressionRule(5)
    before = lhp.suppress(lhp.partner_shares(SPARK), rule=rule)
    assert [row.key for row in before if row.share is None] == ["RBS", "REN"]

    charts.shares_plot(before, lhp.partner_shares(JRO), ax=ax)

    # Largest share after: REM, REN, RBS.
    assert texts(ax)[:3] == ["90.7%", "*", "*"]
    assert len(ax.patches) == 1 + 3
    assert title(ax) == "REM: share fell from 90.7% to 53.5%"
    assert "REN hidden then 26.4%" in ax.get_label()


def test_tables_of_which_all_is_hidden_say_so(ax):
    hidden = lhp.suppress(lhp.partner_shares(JRO), rule=lhp.SuppressionRule(500))

    charts.shares_plot(hidden, hidden, ax=ax)

    assert title(ax) == "Shares: all are hidden"
    assert set(texts(ax)) == {"*"}
