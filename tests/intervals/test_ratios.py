from functools import partial

import numpy as np
import pytest

from lhp_metrics.intervals import ratio_interval, ratio_p_value
from likelihood_truth import (
    assert_score_limits,
    assert_two_sided,
    score_of_proportions,
)
from two_sample_reference import assert_interval_matches, assert_p_value_matches


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("koopman", "koopman"),
        ("miettinen-nurminen", "miettinen-nurminen"),
        ("katz-log", "katz-log"),
        ("adjusted-log", "adjusted-log"),
        ("mover-wilson", "mover-r-wilson"),
        ("scas", "scas"),
    ],
)
def test_intervals_match_independent_programs(method, name):
    assert_interval_matches("two_proportion_ratio", name, ratio_interval, method)


def test_koopman_at_no_difference_is_pearsons_test():
    assert_p_value_matches("two_proportion_tests", "pearson-chi2", ratio_p_value, "koopman")


AWKWARD = [
    (7, 34, 1, 34),
    (5, 56, 0, 29),
    (29, 29, 1, 30),
    (32, 32, 20, 21),
    (7, 7, 9, 9),
    (1_911, 1_911, 1_704, 1_704),
    (974_969, 974_969, 11_274, 11_278),
    (877_992_196, 877_992_196, 2, 414_500_228),
    (341_814_022, 341_839_857, 0, 41),
    (1, 10**9, 1, 10**9),
]
# Here limits lie so near 1 that a null there, being a float, cannot say how far from it.
UNTESTABLE = (10**9, 10**9, 10**9, 10**9)
BESIDE_EDGE = {0: 1e-15, np.inf: 1e15}
METHODS = [
    ("miettinen-nurminen", {}),
    ("koopman", {"inflate": False}),
    ("scas", {"skew": True}),
]


@pytest.mark.parametrize("sample", [*AWKWARD, UNTESTABLE], ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_score_limits_match_the_constrained_likelihood(method, options, sample):
    score = partial(score_of_proportions, "ratio", **options)
    assert_score_limits(ratio_interval, score, sample, method, BESIDE_EDGE)


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_p_values_match_the_constrained_likelihood(method, options, sample):
    low, high = ratio_interval(*sample, method=method, confidence_level=0.99)
    for null in (low, 0.9 * low, high if high < np.inf else 0.99 * low):
        deviate = score_of_proportions("ratio", *sample, null, **options)
        assert_two_sided(ratio_p_value(*sample, null, method=method), deviate)


@pytest.mark.parametrize("method", ["miettinen-nurminen", "koopman", "mover-wilson", "scas"])
def test_no_successes_put_exactly_one_limit_at_the_edge(method):
    low, high = ratio_interval([0, 0, 7], 13, [0, 7, 0], 23, method=method)

    np.testing.assert_array_equal(low == 0, [True, True, False])
    np.testing.assert_array_equal(high == np.inf, [True, False, True])


def test_one_count_of_0_makes_the_variance_of_the_log_infinite():
    low, high = ratio_interval([0, 0, 7], 13, [0, 7, 0], 23, method="katz-log")

    np.testing.assert_array_equal(low, 0)
    np.testing.assert_array_equal(high, np.inf)


def test_extreme_nulls_are_rejected_without_a_warning():
    for null in (1e-300, 1e300):
        for method in ("miettinen-nurminen", "koopman", "scas"):
            assert ratio_p_value(7, 13, 5, 23, null, method=method) < 1e-6
