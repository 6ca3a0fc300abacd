from functools import partial

import numpy as np
import pytest

from lhp_metrics.intervals import difference_interval, difference_p_value
from likelihood_truth import (
    assert_limits_solve,
    assert_score_limits,
    assert_two_sided,
    score_of_proportions,
)
from two_sample_reference import assert_interval_matches, assert_p_value_matches


@pytest.mark.parametrize(
    "method",
    ["miettinen-nurminen", "mee", "newcombe", "newcombe-cc", "agresti-caffo", "wald", "scas"],
)
def test_intervals_match_independent_programs(method):
    assert_interval_matches("two_proportion_difference", method, difference_interval, method)


def test_mee_at_no_difference_is_pearsons_test():
    assert_p_value_matches("two_proportion_tests", "pearson-chi2", difference_p_value, "mee")


AWKWARD = [
    (5, 56, 0, 29),
    (29, 29, 1, 30),
    (2_206, 2_206, 0, 1_919),
    (0, 2_075_049, 0, 64),
    (29_020_196, 29_020_199, 1_998_447, 1_998_447),
    (2_668, 111_026_448, 0, 57_821),
    (0, 184, 7_856, 849_459_067),
    (10**9 - 1, 10**9, 3, 7),
    (1, 3, 10**9 // 3, 10**9),
]
# Here limits lie so near 1 that a null there, being a float, cannot say how far from it.
UNTESTABLE = (10**9, 10**9, 1, 10**9)
BESIDE_EDGE = {-1: -1 + 1e-12, 1: 1 - 1e-12}
METHODS = [
    ("miettinen-nurminen", {}),
    ("mee", {"inflate": False}),
    ("scas", {"skew": True}),
]


@pytest.mark.parametrize("sample", [*AWKWARD, UNTESTABLE], ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_score_limits_match_the_constrained_likelihood(method, options, sample):
    score = partial(score_of_proportions, "difference", **options)
    assert_score_limits(
        difference_interval, score, sample, method, beside_edge={-1: -1 + 1e-12, 1: 1 - 1e-12}
    )


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_p_values_match_the_constrained_likelihood(method, options, sample):
    low, high = difference_interval(*sample, method=method, confidence_level=0.99)
    for null in (low, (3 * low + high) / 4, high, max(low - (high - low) / 20, -0.999)):
        if abs(null) == 1:
            continue  # the likelihood of an edge is 0
        deviate = score_of_proportions("difference", *sample, null, **options)
        assert_two_sided(difference_p_value(*sample, null, method=method), deviate)


@pytest.mark.parametrize("method", ["miettinen-nurminen", "mee", "newcombe", "scas"])
def test_opposite_outcomes_put_one_limit_exactly_at_the_edge(method):
    low, high = difference_interval([10, 0], [10, 10], [0, 20], 20, method=method)

    assert (high[0], low[1]) == (1, -1)
    assert low[0] == pytest.approx(-high[1], rel=1e-15)
    assert difference_p_value(10, 10, 0, 20, 1.0) == 1
    assert difference_p_value(10, 10, 0, 20, -1.0) < 1e-6


# With few failures left to lose, the corrected score never reaches the deviate wanted.
def test_a_limit_that_the_correction_never_reaches_is_exactly_the_edge():
    low, _ = difference_interval(
        [2, 2], [1015, 2], [0, 2840], [3, 2841], method="scas", confidence_level=0.999999
    )

    np.testing.assert_array_equal(low, -1)


# Close to m = n, where p leaves the neighbourhood of 1, the statistic all but has a corner.
def test_a_corner_beside_the_root_does_not_lead_astray():
    sample, level = (5_999_101_190, 5_999_101_191, 0, 11_446_958_270), 1 - 2e-16

    limits = difference_interval(*sample, confidence_level=level)
    assert_limits_solve(
        lambda null: score_of_proportions("difference", *sample, null),
        limits,
        level,
        beside_edge=BESIDE_EDGE,
    )


def test_wald_has_no_width_where_nothing_varies():
    assert tuple(difference_interval(0, 7, 0, 9, method="wald")) == (0, 0)
    np.testing.assert_array_equal(
        difference_p_value(0, 7, 0, 9, [0.0, 0.001], method="wald"), [1, 0]
    )


# Between the estimate (7/7 − 1/9) and the median-unbiased value the correction's sign turns.
def test_the_skewness_correction_never_carries_a_null_past_the_estimate():
    sample, estimate = (29, 29, 1, 24), 1 - 1 / 24

    assert float(score_of_proportions("difference", *sample, estimate - 5e-4, skew=True)) < 0
    assert difference_p_value(*sample, estimate - 5e-4, method="scas") == 1


@pytest.mark.parametrize("null", [-1.0001, 1.5, np.inf])
def test_differences_beyond_1_cannot_be_tested(null):
    with pytest.raises(ValueError, match="null must be between -1 and 1"):
        difference_p_value(1, 5, 1, 5, null)
