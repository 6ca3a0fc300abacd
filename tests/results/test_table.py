import json
import math
import pickle
from fractions import Fraction

import attrs
import numpy as np
import pytest

import lhp_metrics as lhp
from lhp_metrics.estimates import Estimates
from lhp_metrics.results import column


@attrs.frozen(kw_only=True)
class Cell(lhp.Row):
    count: int = column("Count")
    rate: lhp.Estimate = column("Rate")


def table(**changes):
    values = np.array([0.25, math.nan, 0.5])
    parts = {
        "row_type": Cell,
        "title": "A table",
        "by": ("organisation",),
        "keys": ("REM", "REP"),
        "names": ("LUHFT", "Liverpool Women's"),
        "columns": {
            "count": np.array([4, 0, 4]),
            "rate": Estimates(values, values * 0, values * 0 + 1, 0.95, "wilson", "proportion"),
        },
        "provenance": lhp.Provenance(definition="cells/1", notes=("First.",)),
    }
    return lhp.Table(**parts | changes)


def test_rows_are_typed_and_carry_their_provenance():
    row = table()["REM"]

    assert row == Cell(
        key="REM",
        name="LUHFT",
        count=4,
        rate=lhp.Estimate(0.25, 0.0, 1.0, 0.95, "wilson", "proportion"),
        provenance=table().provenance,
    )
    assert type(row.count) is int
    assert "provenance" not in repr(row)


def test_rows_come_in_order_and_the_total_apart():
    rows = list(table())

    assert [row.key for row in rows] == ["REM", "REP"]
    assert len(table()) == 2
    assert (table().total.key, table().total.count) == ("Total", 4)


def test_columns_leave_the_total_out():
    assert table().column("count").tolist() == [4, 0]
    assert table().column("rate")[0] == 0.25
    assert table().column("rate.high")[0] == 1.0


def test_columns_cannot_be_written_through_and_the_callers_array_stays_writable():
    mine = np.array([4, 0, 4])
    made = table(columns=dict(table().columns) | {"count": mine})

    for name in ("count", "rate", "rate.low"):
        with pytest.raises(ValueError, match="read-only"):
            made.column(name)[0] = 1
    mine[0] = 5


@pytest.mark.parametrize("name", ["rates", "count.low", "rate.mid", ""])
def test_an_unknown_column_is_refused(name):
    with pytest.raises(lhp.NotFoundError, match="the table has no column"):
        table().column(name)


def test_an_unknown_key_names_the_near_ones():
    with pytest.raises(lhp.NotFoundError) as caught:
        table()["REN"]

    assert str(caught.value) == "the table has no row 'REN'; did you mean 'REP' or 'REM'?"


def test_a_name_as_it_is_printed_leads_to_its_key():
    shares = lhp.partner_shares(lhp.annual_report_2023_24().jro)

    with pytest.raises(lhp.NotFoundError) as caught:
        shares["Alder Hey"]

    assert str(caught.value) == "the table has no row 'Alder Hey'; did you mean 'RBS'?"


def test_a_period_is_found_by_itself_and_by_its_text():
    month = lhp.Period.month("2023-11")
    made = table(keys=(month, lhp.Period.month("2023-12")), by=("month",))

    assert made[month].count == 4
    assert made["Nov 2023"].count == 4


def test_dicts_are_flat_plain_and_without_the_total():
    first, second = table().to_dicts()

    assert first == {
        "organisation": "REM",
        "organisation_name": "LUHFT",
        "count": 4,
        "rate": 0.25,
        "rate_low": 0.0,
        "rate_high": 1.0,
    }
    assert math.isnan(second["rate"])


def test_keys_of_several_parts_become_several_entries():
    made = table(
        keys=(("2023-24", "NIHR"), ("2023-24", "MRC")),
        names=("2023-24 × NIHR", "2023-24 × MRC"),
        by=("financial_year", "funder"),
    )

    assert made["2023-24", "MRC"].count == 0
    entries = list(made.to_dicts()[0].items())
    assert entries[:3] == [("financial_year", "2023-24"), ("funder", "NIHR"), ("count", 4)]


def test_periods_and_parts_leave_as_text_and_numbers():
    counts = np.array([Fraction(1, 2), Fraction(0), Fraction(1, 2)], dtype=object)
    month = lhp.Period.month("2023-11")
    columns = dict(table().columns) | {"count": counts}

    single = table(by=("month",), keys=(month, "not stated"), columns=columns).to_dicts()
    several = table(
        by=("month", "funder"), keys=((month, "NIHR"), (month, "MRC")), columns=columns
    ).to_dicts()

    days = ["month", "month_start", "month_end"]
    assert list(single[0]) == [*days, "count", "rate", "rate_low", "rate_high"]
    assert [single[0][name] for name in days] == ["Nov 2023", "2023-11-01", "2023-11-30"]
    assert [single[1][name] for name in days] == ["not stated", None, None]
    assert single[0]["month"] == several[0]["month"] == "Nov 2023"
    assert type(single[0]["count"]) is float
    assert json.loads(json.dumps(single[0])) == single[0]


def test_pounds_leave_as_numbers():
    grant = lhp.Grant(
        reference="G",
        submitted_on="2023-05-01",
        outcome="pending",
        lead="REM",
        amount_requested="£1,200.50",
    )
    tally = lhp.tally_grants([grant], by="lead")

    (row,) = lhp.partner_shares(tally, of="pounds_requested").to_dicts()

    assert json.loads(json.dumps(row)) == row
    assert row["pounds"] == 1200.5


@pytest.mark.parametrize("by", ["organisation", "lead"])
def test_organisations_have_their_name_beside_them_whatever_it_is(by):
    made = table(by=(by,), names=("REM", "REP"))

    assert list(made.to_dicts()[0])[:3] == [by, f"{by}_name", "count"]


def test_other_groups_are_named_by_their_key_alone():
    assert list(table(by=("funder",)).to_dicts()[0])[:2] == ["funder", "count"]


def test_without_total_says_why():
    cut = table().without_total("The rows exclude each other.")

    assert cut.provenance.notes == ("First.", "The rows exclude each other.")
    assert [row.count for row in cut] == [4, 0]
    with pytest.raises(lhp.NotFoundError, match="the table has no total row"):
        cut.total  # noqa: B018


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {"count": np.zeros(3)}}, r"columns must be \['count', 'rate'\]"),
        ({"has_total": False}, "column 'count' must have 2 values"),
    ],
)
def test_columns_must_fit_the_rows(changes, message):
    with pytest.raises(lhp.InvalidInputError, match=message):
        table(**changes)


def test_a_table_survives_pickling():
    made = table()
    assert made["REM"].count == 4  # fills the index, which must not get in the way

    again = pickle.loads(pickle.dumps(made))  # noqa: S301

    assert again == made
    assert list(again) == list(made)
    assert str(again) == str(made)
    assert again["REM"].count == 4


def test_a_pickled_table_cannot_be_written_through_either():
    again = pickle.loads(pickle.dumps(table()))  # noqa: S301

    for name in ("count", "rate", "rate.low"):
        with pytest.raises(ValueError, match="read-only"):
            again.column(name)[0] = 1


def test_a_metrics_own_table_with_its_facts_survives_pickling():
    report = lhp.annual_report_2023_24()
    made = lhp.registration_change(report.spark, report.jro)

    again = pickle.loads(pickle.dumps(made))  # noqa: S301

    assert type(again) is type(made)
    assert again == made
    assert again.heterogeneity == made.heterogeneity
    assert again != lhp.registration_change(report.spark, report.jro, adjust="none")


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": ("REM", "REN")},
        {"columns": dict(table().columns) | {"count": np.array([4, 1, 4])}},
        {"provenance": lhp.Provenance(definition="cells/2")},
        {"title": "Another"},
    ],
    ids=["keys", "columns", "provenance", "title"],
)
def test_tables_are_equal_if_all_that_they_hold_is(changes):
    assert table() == table()
    assert table() != table(**changes)
    assert table() != "A table"


def test_rows_with_an_undefined_number_equal_themselves_made_again():
    def rate():
        return lhp.success_rate(lhp.OutcomeCounts(successful=0, unsuccessful=0))

    assert math.isnan(rate().if_pending_all_fail)
    assert rate() == rate()
    assert hash(rate()) == hash(rate())


def test_what_qualifies_an_undefined_total_equals_itself_made_again():
    def change():
        none, some = (
            lhp.RegistrationTally.from_counts({"A": n}, period=lhp.Period.month(month))
            for n, month in ((0, "2023-01"), (4, "2023-02"))
        )
        return lhp.registration_change(none, some)

    assert math.isnan(change().heterogeneity.statistic)
    assert change() == change()


def test_a_million_groups_cost_a_few_arrays_and_no_rows():
    n = 1_000_000
    values = np.full(n + 1, 0.5)
    made = table(
        keys=tuple(map(str, range(n))),
        names=tuple(map(str, range(n))),
        columns={
            "count": np.arange(n + 1),
            "rate": Estimates(values, values, values, 0.95, "wilson", "proportion"),
        },
    )

    assert made["999999"].count == 999_999
    assert str(made).count("\n") < 120
