import math
import pickle

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

    assert list(again) == list(made)
    assert str(again) == str(made)


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
