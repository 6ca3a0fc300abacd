import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics import Estimate, Interval
from lhp_metrics.estimates import Estimates

NAN, INF = math.nan, math.inf


def estimate(value, low, high, unit="proportion"):
    return Estimate(value, low, high, 0.95, "wilson", unit)


@pytest.mark.parametrize(
    ("shown", "spec", "text"),
    [
        (estimate(0.5606, 0.4408, 0.6737), "", "56.1% (44.1% to 67.4%)"),
        (estimate(0.5606, 0.4408, 0.6737), ".0%", "56% (44% to 67%)"),
        (
            estimate(0.13, -0.01, 0.25, "percentage points"),
            "",
            "+13.0 percentage points (-1.0 to +25.0)",
        ),
        (
            estimate(0.13, 0.01, 0.25, "percentage points"),
            ".0%",
            "+13 percentage points (+1 to +25)",
        ),
        (estimate(1.8184, 1.4611, 2.2636, "ratio"), "", "1.82 (1.46 to 2.26)"),
        (estimate(59.562, 11.432, 1224.11, "ratio"), "", "59.56 (11.43 to 1,224)"),
        (estimate(INF, 3.21, INF, "ratio"), "", "no base (3.21 to ∞)"),
        (estimate(NAN, 0.0, INF, "ratio"), ".2f", "–"),
        (estimate(20.34, 17.3, 23.77, "per 30 days"), ".1f", "20.3 (17.3 to 23.8)"),
    ],
)
def test_an_estimate_prints_with_its_limits_in_its_unit(shown, spec, text):
    assert format(shown, spec) == text
    if not spec:
        assert str(shown) == text


def test_an_estimate_unpacks_into_value_and_limits():
    value, low, high = estimate(0.5, 0.25, 0.75)

    assert (value, low, high) == (0.5, 0.25, 0.75)
    assert estimate(0.5, 0.25, 0.75).interval == Interval(0.25, 0.75)


@pytest.mark.parametrize("make", [lambda n: estimate(n, 0.0, 1.0), lambda n: Interval(n, 1.0)])
def test_nan_equals_nan_so_that_results_compare(make):
    assert make(NAN) == make(float("nan"))
    assert hash(make(NAN)) == hash(make(float("nan")))
    assert make(NAN) != make(0.0)


def test_intervals_of_arrays_compare_by_their_elements():
    low = np.array([0.0, NAN])

    assert Interval(low, low) == Interval(low.copy(), low.copy())
    assert Interval(low, low) != Interval(low, low + 1)
    assert Interval(0.0, 1.0) != (0.0, 1.0)


@given(st.lists(st.floats(), min_size=1), st.data())
def test_a_column_of_estimates_gives_back_what_went_in(values, data):
    array = np.array(values)
    column = Estimates(array, array - 1, array + 1, 0.9, "exact", "ratio").read_only()
    index = data.draw(st.integers(0, len(values) - 1))

    assert len(column) == len(values)
    assert column[index] == Estimate(
        values[index], values[index] - 1, values[index] + 1, 0.9, "exact", "ratio"
    )
    assert column[index:][0] == column[index]
    assert type(column[index].value) is float
    with pytest.raises(ValueError, match="read-only"):
        column.value[0] = 0.0


def test_estimates_and_intervals_survive_pickling():
    for thing in (estimate(NAN, 0.0, 1.0), Interval(0.0, 1.0)):
        assert pickle.loads(pickle.dumps(thing)) == thing  # noqa: S301


def test_a_time_that_is_not_reached_is_said_in_words():
    waiting = Estimate(31.0, 13.5, float("inf"), 0.95, "log-log", "days")
    never = Estimate(float("inf"), 0.0, float("inf"), 0.95, "log-log", "days")

    assert f"{waiting}" == "31 (13.5 to not reached)"
    assert f"{waiting:.2f}" == "31.00 (13.50 to not reached)"
    assert f"{never}" == "not reached (0 to not reached)"
    assert f"{Estimate(float('nan'), 0.0, 1.0, 0.95, 'log-log', 'days')}" == "–"
