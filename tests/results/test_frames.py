import datetime as dt
import json
import math
from fractions import Fraction

import attrs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

import lhp_metrics as lhp
from every_result import any_table, every_row, every_table
from lhp_metrics.results import column
from lhp_metrics.results.frames import flat_columns

LIBRARIES = ("pandas", "polars", "pyarrow")
KINDS = {
    "pandas": {
        "text": {"string"},
        "whole": {"int64", "Int64"},
        "number": {"float64"},
        "flag": {"bool", "boolean"},
        "date": {"datetime64[ns]", "datetime64[s]", "datetime64[us]"},
    },
    "polars": {
        "text": {"String"},
        "whole": {"Int64"},
        "number": {"Float64"},
        "flag": {"Boolean"},
        "date": {"Date"},
    },
    "pyarrow": {
        "text": {"string"},
        "whole": {"int64"},
        "number": {"double"},
        "flag": {"bool"},
        "date": {"date32[day]"},
    },
}


def names_and_kinds(frame):
    if isinstance(frame, pa.Table):
        return dict(zip(frame.column_names, map(str, frame.schema.types), strict=True))
    dtypes = frame.dtypes if isinstance(frame, pd.DataFrame) else frame.schema
    return {name: str(kind) for name, kind in dtypes.items()}


def cells(frame, name):
    """Return a column as Python values, None where it is null."""
    if isinstance(frame, pd.DataFrame):
        return [None if value is pd.NA else value for value in frame[name].tolist()]
    return frame[name].to_list() if isinstance(frame, pl.DataFrame) else frame[name].to_pylist()


def same(mine, theirs):
    if mine is None or theirs is None:
        return mine is theirs or any(
            value != value for value in (mine, theirs) if value is not None
        )
    return mine == theirs or (mine != mine and theirs != theirs)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", every_table())
def test_a_frame_has_the_names_kinds_and_values_of_the_dicts(name, library):
    table = every_table()[name]
    frame = table.to_frame(library)
    dicts = table.to_dicts()

    found = names_and_kinds(frame)

    assert list(found) == [c.name for c in flat_columns(table)]
    assert list(found) == list(dicts[0]) if dicts else True
    for flat in flat_columns(table):
        assert found[flat.name] in KINDS[library][flat.kind]
        if flat.kind != "date":
            pairs = zip(cells(frame, flat.name), [row[flat.name] for row in dicts], strict=True)
            assert all(same(mine, theirs) for mine, theirs in pairs)


@settings(max_examples=40)
@given(any_table())
def test_whatever_a_table_holds_goes_into_every_frame_or_names_the_clash(table):
    try:
        size = len(table.to_frame("polars"))
    except lhp.InvalidInputError as error:
        assert "count by another name" in str(error)  # noqa: PT017
        return
    assert size == len(table.to_frame("pandas")) == table.to_frame("pyarrow").num_rows
    assert size == len(table.to_dicts())


def test_estimates_are_fractions_and_have_three_columns():
    frame = every_table()["success_rates"].to_frame("pandas")

    # NIHR's Research for Patient Benefit programme, one-stage rounds, 2010-11: 110 of 448.
    first = frame.iloc[0]
    assert first["rate"] == 110 / 448
    assert first["rate_low"] < first["rate"] < first["rate_high"]


def test_the_total_is_no_row():
    table = every_table()["partner_shares"]

    assert len(table.to_frame("polars")) == 6
    assert table.to_frame("polars")["count"].sum() == table.total.count == 164


def test_periods_have_their_first_and_last_day_beside_them():
    frame = every_table()["control_chart"].to_frame("polars")

    assert frame["month"][0] == "Apr 2023"
    assert frame["month_start"][0] == dt.date(2023, 4, 1)
    assert frame["month_end"][0] == dt.date(2023, 4, 30)
    assert every_table()["control_chart"].to_dicts()[0]["month_start"] == "2023-04-01"


def test_null_and_undefined_are_told_apart_where_the_library_can():
    table = every_table()["success_rates_split_hidden"]  # no split; nothing decided
    polars = table.to_frame("polars")

    assert polars["successful"].to_list() == [None, 0]
    assert str(table.to_frame("pandas")["successful"].dtype) == "Int64"
    assert polars["rate"].null_count() == 0
    assert all(map(math.isnan, polars["rate"]))


def test_the_kind_of_an_optional_column_does_not_depend_on_what_is_in_it():
    known = every_table()["success_rates"].to_frame("pandas")

    assert str(known["successful"].dtype) == "Int64"
    assert str(known["decided"].dtype) == "int64"


def test_hidden_cells_are_null():
    polars = every_table()["registration_change_suppressed"].to_frame("polars")
    row = polars.row(by_predicate=pl.col("organisation") == "REN", named=True)

    assert [row[name] for name in ("before", "rate_ratio", "rate_ratio_low")] == [None] * 3


def test_parts_of_records_and_pounds_are_numbers():
    frame = every_table()["partner_shares_of_parted_pounds"].to_frame("polars")

    assert frame.schema["count"] == frame.schema["pounds"] == pl.Float64
    # G5's £60,000.25 is three partners' by a third each; REM also asked for two grants.
    expected = Fraction(6_000_025, 300) + Fraction(25_000_000, 100) + Fraction(12_000_050, 100)
    row = frame.row(by_predicate=pl.col("organisation") == "REM", named=True)
    assert row["pounds"] == float(expected)


def test_picked_columns_alone_are_handed_on():
    frame = every_table()["registration_change_picked"].to_frame("polars")

    keys = ["organisation", "organisation_name"]
    assert frame.columns == [*keys, "rate_ratio", "rate_ratio_low", "rate_ratio_high", "before"]


@attrs.frozen(kw_only=True)
class Counted(lhp.Row):
    organisation: int = column("Organisations")


def test_a_key_named_like_a_column_is_refused():
    table = lhp.Table(
        row_type=Counted,
        title="T",
        by=("organisation",),
        keys=("A",),
        names=("A",),
        columns={"organisation": np.array([1])},
        provenance=lhp.Provenance(definition="c/1"),
        has_total=False,
    )

    with pytest.raises(lhp.InvalidInputError, match="has a column 'organisation' besides"):
        table.to_frame("pandas")


@pytest.mark.parametrize("library", ["numpy", None, "Pandas"])
def test_another_library_is_refused(library):
    with pytest.raises(lhp.InvalidInputError, match="library must be one of 'pandas', 'polars'"):
        every_table()["partner_shares"].to_frame(library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_empty_table_is_an_empty_frame_with_the_same_columns(library):
    full = every_table()["registration_counts"]
    empty = lhp.RegistrationTally.from_counts({}).to_table()

    assert list(names_and_kinds(empty.to_frame(library))) == list(
        names_and_kinds(full.to_frame(library))
    )


@pytest.mark.parametrize("name", every_row())
def test_a_rows_dict_is_flat_and_plain(name):
    row = every_row()[name]
    flat = row.to_dict()

    assert list(flat)[:2] == ["key", "name"]
    assert json.loads(json.dumps(flat)).keys() == flat.keys()
    for value in attrs.asdict(row, recurse=False).items():
        if isinstance(value[1], lhp.Estimate):
            assert same(flat[value[0]], value[1].value)
            assert same(flat[f"{value[0]}_low"], value[1].low)
