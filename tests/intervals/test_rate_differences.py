from functools import partial

import numpy as np
import pytest

from lhp_metrics.intervals import rate_difference_interval, rate_difference_p_value
from likelihood_truth import (
    assert_score_limits,
    assert_two_sided,
    score_of_rates,
)
from two_sample_reference import assert_interval_matches, assert_p_value_matches


@pytest.mark.parametrize("method", ["score", "mover-score", "wald", "scas"])
def test_intervals_match_independent_programs(method):
    assert_interval_matches("two_rate_difference", method, rate_difference_interval, method)


@pytest.mark.parametrize(("method", "name"), [("score", "diff-score"), ("wald", "diff-wald")])
def test_p_values_match_independent_programs(method, name):
    assert_p_value_matches("two_rate_tests", name, rate_difference_p_value, method)


AWKWARD = [
    (34, 133.0, 1, 233.0),
    (0, 100.0, 3, 120.0),
    (0, 7.0, 0, 9.0),
    (7, 16.5, 0, 3.2),
    (4_245_913, 201_423.8, 0, 0.0267),
    (6_048_085, 4.817, 110_955_392, 88.378),
    (10**9, 365.0, 1, 1e6),
]
METHODS = [("score", False), ("scas", True)]


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "skew"), METHODS)
def test_score_limits_match_the_constrained_likelihood(method, skew, sample):
    score = partial(score_of_rates, "difference", skew=skew)
    assert_score_limits(rate_difference_interval, score, sample, method, {})


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "skew"), METHODS)
def test_p_values_match_the_constrained_likelihood(method, skew, sample):
    low, high = rate_difference_interval(*sample, method=method, confidence_level=0.99)
    for null in (low, high, low - (high - low) / 4):
        deviate = score_of_rates("difference", *sample, null, skew=skew)
        assert_two_sided(rate_difference_p_value(*sample, null, method=method), deviate)


def test_limits_are_finite_even_for_nothing_against_nothing():
    for method in ("score", "mover-score", "scas"):
        low, high = rate_difference_interval(0, 7, 0, 9, method=method)

        assert -np.inf < low < 0 < high < np.inf
    assert tuple(rate_difference_interval(0, 7, 0, 9, method="wald")) == (0, 0)


def test_infinite_differences_cannot_be_tested():
    with pytest.raises(ValueError, match="null must be finite"):
        rate_difference_p_value(1, 5, 1, 5, np.inf)
