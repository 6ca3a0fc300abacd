import math
from fractions import Fraction

import attrs
import numpy as np
import pytest

from lhp_metrics import Estimate
from lhp_metrics.estimates import Estimates
from lhp_metrics.results.columns import (
    Column,
    cell_text,
    cell_value,
    column,
    frame_names,
    row_columns,
)


@pytest.mark.parametrize(
    ("description", "stored", "expected"),
    [
        (Column("n"), np.array([3]), 3),
        (Column("n", whole=True), np.array([3.0]), 3),
        (Column("n", whole=True, optional=True), np.array([np.nan]), None),
        (Column("x", optional=True), np.array([2.5]), 2.5),
        (Column("x", optional=True), np.array([None], dtype=object), None),
        (Column("x", whole=True), np.array([Fraction(1, 2)], dtype=object), Fraction(1, 2)),
        (Column("x"), np.array([Fraction(4, 2)], dtype=object), 2),
        (Column("x"), np.array(["NIHR"], dtype=object), "NIHR"),
    ],
)
def test_cells_are_plain_python_values(description, stored, expected):
    value = cell_value(description, stored, 0)

    assert value == expected
    assert type(value) is type(expected)


def test_an_undefined_number_stays_nan_where_none_is_not_allowed():
    assert math.isnan(cell_value(Column("x"), np.array([np.nan]), 0))


@pytest.mark.parametrize(
    ("spec", "value", "text"),
    [
        ("", None, ""),
        ("", math.nan, "–"),
        ("", math.inf, "no base"),
        ("", 1234, "1,234"),
        ("+,", -5, "-5"),
        (".1%", 0.256, "25.6%"),
        ("", Fraction(3, 2), "1.50"),
        ("", True, "yes"),
        ("", "NIHR", "NIHR"),
        ("percentage points", 0.0833, "+8.3"),
        ("percentage points", -0.32, "-32.0"),
        ("percentage points", math.nan, "–"),
        ("p", 0.0004, "<0.001"),
        ("p", 0.000999, "<0.001"),
        ("p", 0.001, "0.001"),
        ("p", 0.0042, "0.004"),
        ("p", 0.0428, "0.043"),
        (".0%", Estimate(0.5, 0.25, 0.75, 0.95, "wilson", "proportion"), "50% (25% to 75%)"),
    ],
)
def test_cells_print_as_a_reader_expects(spec, value, text):
    assert cell_text(spec, value) == text


def test_a_row_class_is_its_tables_schema():
    @attrs.frozen
    class Cell:
        key: str
        count: int = column("Count", whole=True)
        rate: Estimate = column("Rate", spec=".0%")

    assert list(row_columns(Cell)) == [
        ("count", Column("Count", whole=True)),
        ("rate", Column("Rate", spec=".0%")),
    ]


def test_an_estimate_leaves_the_library_as_three_columns():
    one = np.array([1.0])

    assert frame_names("count", one) == ("count",)
    estimates = Estimates(one, one, one, 0.95, "wilson", "proportion")
    assert frame_names("rate", estimates) == ("rate", "rate_low", "rate_high")
