from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lhp_metrics.intervals import rate_ratio_interval, rate_ratio_p_value
from lhp_metrics.intervals.quasi_poisson import (
    quasi_rate_interval,
    quasi_rate_ratio_interval,
    quasi_rate_ratio_p_value,
)

counts = st.integers(0, 400)
factors = st.floats(1, 60)
levels = st.floats(0.5, 0.999)


def arrays(*values):
    return [np.array([value], dtype=float) for value in values]


def interval(x, x0, factor, level=0.95, exposures=(133.0, 233.0)):
    t, t0 = exposures
    low, high = quasi_rate_ratio_interval(
        *arrays(x, t, x0, t0), dispersion=factor, confidence_level=level
    )
    return float(low[0]), float(high[0])


@given(counts, counts, levels)
def test_without_overdispersion_it_is_the_score_interval(x, x0, level):
    expected = rate_ratio_interval(x, 133, x0, 233, method="score", confidence_level=level)
    p_value = quasi_rate_ratio_p_value(*arrays(x, 133, x0, 233), dispersion=1.0)

    assert interval(x, x0, 1.0, level) == pytest.approx(tuple(expected), rel=1e-9)
    assert float(p_value[0]) == pytest.approx(
        rate_ratio_p_value(x, 133, x0, 233, method="score"), rel=1e-9
    )


@given(st.integers(1, 400), st.integers(1, 400), factors, levels)
def test_limits_solve_the_equation_of_wilson_with_the_wider_variance(x, x0, factor, level):
    # Wilson (1927): the observed part is z standard errors from either limit, the standard
    # error being that of the limit; McCullagh and Nelder (1989): times the root of dispersion.
    z = NormalDist().inv_cdf((1 + level) / 2)
    for limit in interval(x, x0, factor, level):
        odds = limit * 133 / 233
        part = odds / (1 + odds)
        error = (factor * part * (1 - part) / (x + x0)) ** 0.5
        assert abs(x / (x + x0) - part) == pytest.approx(z * error, rel=1e-6)


@given(counts, counts, factors)
def test_more_dispersion_means_a_wider_interval(x, x0, factor):
    low, high = interval(x, x0, factor)
    wide_low, wide_high = interval(x, x0, factor + 1)

    assert wide_low < low or low == 0
    assert wide_high > high or high == np.inf


# One event in a small part of the time: its variance is far below 1.
def test_few_events_in_little_time_are_tested_too():
    p_value = quasi_rate_ratio_p_value(*arrays(1, 1, 0, 10_000), dispersion=1.0)

    assert float(p_value[0]) == pytest.approx(
        rate_ratio_p_value(1, 1, 0, 10_000, method="score"), rel=1e-9
    )
    nothing = quasi_rate_ratio_p_value(*arrays(0, 1, 0, 10_000), dispersion=1.0)
    assert float(nothing[0]) == 1


@given(counts, counts, factors)
def test_it_leaves_out_1_exactly_when_p_is_below_5_percent(x, x0, factor):
    low, high = interval(x, x0, factor)
    p_value = float(quasi_rate_ratio_p_value(*arrays(x, 133, x0, 233), dispersion=factor)[0])

    if abs(p_value - 0.05) > 1e-9:
        assert (low > 1 or high < 1) == (p_value < 0.05)


@given(counts, counts, factors)
def test_exchanging_the_groups_inverts_it(x, x0, factor):
    low, high = interval(x, x0, factor)
    with np.errstate(divide="ignore"):
        inverse = tuple(1 / np.array(interval(x0, x, factor, exposures=(233.0, 133.0))))

    assert (high, low) == pytest.approx(inverse, rel=1e-9)


@given(counts, factors, levels)
@example(1, 2.0, 0.95)
def test_limits_of_a_rate_solve_the_score_equation(x, factor, level):
    # McCullagh and Nelder (1989): (x - m)^2 = z^2 * dispersion * m at both limits.
    low, high = quasi_rate_interval(*arrays(x, 2), dispersion=factor, confidence_level=level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    for mean in (2 * float(low[0]), 2 * float(high[0])):
        assert (x - mean) ** 2 == pytest.approx(z * z * factor * mean, rel=1e-6, abs=1e-9)
    assert float(low[0]) <= x / 2 <= float(high[0])
