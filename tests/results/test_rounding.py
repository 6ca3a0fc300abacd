from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics import InvalidInputError, round_to_total

counts = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)
digits = st.integers(0, 4)


def units(rounded, digits):
    """The printed values in units of their last place, as integers."""
    return [int(text.replace(".", "")) for text in (f"{value:.{digits}f}" for value in rounded)]


@given(counts, digits)
def test_the_printed_column_totals_exactly_100(values, places):
    assert sum(units(round_to_total(values, digits=places), places)) == 100 * 10**places


@given(
    st.lists(st.floats(0, 1e300) | st.integers(0, 10**18), min_size=1, max_size=9).filter(any),
    st.integers(0, 10),
)
def test_amounts_of_any_size_total_100_with_any_number_of_digits(values, places):
    printed = units(round_to_total(values, digits=places), places)

    assert sum(printed) == 100 * 10**places
    exact = [Fraction(float(value)) for value in values]
    for value, unit in zip(exact, printed, strict=True):
        assert abs(unit - value / sum(exact) * 100 * 10**places) < 1


@given(counts, digits)
def test_no_printed_value_is_a_whole_unit_from_the_exact_one(values, places):
    for value, printed in zip(
        values, units(round_to_total(values, digits=places), places), strict=True
    ):
        exact = Fraction(value, sum(values)) * 100 * 10**places
        assert abs(printed - exact) < 1


@given(st.sets(st.integers(0, 10**9), min_size=2, max_size=40), digits)
def test_a_larger_value_never_prints_smaller(values, places):
    ordered = sorted(values)

    assert (np.diff(round_to_total(ordered, digits=places)) >= 0).all()


def test_equal_remainders_go_to_the_larger_value_then_to_the_first():
    # By hand: 1/6, 2/6 and 3/6 of 100 leave the remainders 2/3, 1/3 and 0 at no decimals;
    # 5, 1, 1, 1 of 8 leave 1/2 each.
    assert round_to_total([1, 2, 3], digits=0).tolist() == [17.0, 33.0, 50.0]
    assert round_to_total([1, 1, 5, 1], digits=0).tolist() == [13.0, 12.0, 63.0, 12.0]
    assert round_to_total([1, 1, 1]).tolist() == [33.4, 33.3, 33.3]


def test_the_reports_shares_no_longer_total_100_point_1():
    # LHP annual report 2023-24, registrations of the JRO; rounded one by one they total 100.1.
    values = np.array([26, 34, 8, 69, 17, 10])

    assert np.round(100 * values / values.sum(), 1).sum() == pytest.approx(100.1)
    assert sum(units(round_to_total(values), 1)) == 1000


@given(counts, st.floats(0.5, 2))
def test_other_totals_are_met_too(values, scale):
    total = round(1000 * scale)

    assert round_to_total(values, total=total, digits=0).sum() == total


def test_parts_of_nothing_are_undefined():
    assert np.isnan(round_to_total([0, 0])).all()


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, -1], {}, "values must be finite and at least 0; got -1.0 at index 1"),
        ([1, np.inf], {}, "values must be finite and at least 0; got inf at index 1"),
        ([[1]], {}, r"values must have one dimension; got shape \(1, 1\)"),
        ([1, 2], {"digits": 11}, "digits must be a whole number from 0 to 10; got 11"),
        ([1, 2], {"digits": -1}, "digits must be a whole number from 0 to 10; got -1"),
        ([1, 2], {"digits": 1.5}, "digits must be a whole number from 0 to 10; got 1.5"),
        ([1, 2], {"digits": True}, "digits must be a whole number from 0 to 10; got True"),
        ([1, 2], {"total": 0}, "total must be finite and above 0; got 0"),
        ([1, 2], {"total": -100.0}, "total must be finite and above 0; got -100.0"),
        ([1, 2], {"total": np.inf}, "total must be finite and above 0; got inf"),
        ([1, 2], {"total": np.nan}, "total must be finite and above 0; got nan"),
        ([1, 2], {"total": 0.25}, r"total \(0.25\) has more than 1 decimal places"),
    ],
)
def test_bad_input_is_named(values, options, message):
    with pytest.raises(InvalidInputError, match=message):
        round_to_total(values, **options)
