import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lhp_metrics import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import kaplan_meier, log_rank_test

OVARIAN = {  # R survival's data set `ovarian`: futime, fustat, rx.
    "time": [
        *[59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769],
        *[770, 803, 855, 1040, 1106, 1129, 1206, 1227, 268, 329, 353, 365, 377],
    ],
    "event": [1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0],
    "rx": [1, 1, 1, 2, 1, 1, 2, 2, 1, 2, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 2],
}


# survdiff(Surv(futime, fustat) ~ rx, data = ovarian) as the help of R's survival prints it:
# observed 7 and 5, expected 5.23 and 6.77, chi-squared 1.1 on 1 degree of freedom, p = 0.3.
def test_the_ovarian_example_of_r():
    test = log_rank_test(kaplan_meier(OVARIAN["time"], OVARIAN["event"], groups=OVARIAN["rx"]))

    assert test.observed == (7, 5)
    assert test.expected == pytest.approx((5.23, 6.77), abs=0.005)
    assert (test.statistic, test.p_value) == pytest.approx((1.1, 0.3), abs=0.05)
    assert test.degrees_of_freedom == 1


@st.composite
def two_samples(draw):
    def sample():
        size = draw(st.integers(2, 25))
        return (
            np.array(draw(st.lists(st.integers(1, 30), min_size=size, max_size=size))),
            np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size))),
        )

    return sample(), sample()


@given(two_samples())
def test_two_groups_match_scipy(samples):
    (one, one_seen), (two, two_seen) = samples
    curves = kaplan_meier(
        np.concatenate([one, two]),
        np.concatenate([one_seen, two_seen]),
        groups=[0] * len(one) + [1] * len(two),
    )

    test = log_rank_test(curves)

    if test.degrees_of_freedom:
        oracle = stats.logrank(
            stats.CensoredData(one[one_seen], right=one[~one_seen]),
            stats.CensoredData(two[two_seen], right=two[~two_seen]),
        )
        assert test.statistic == pytest.approx(oracle.statistic**2, rel=1e-9, abs=1e-12)
        assert test.p_value == pytest.approx(oracle.pvalue, rel=1e-9)
    else:
        assert (test.statistic, math.isnan(test.p_value)) == (0, True)


# lifelines 0.30.3, multivariate_logrank_test(days, group, seen): 2.2437384827135225, p 0.69103015.
def test_several_groups_match_lifelines():
    index = np.arange(60)
    days, seen, group = (7 * index**2 + 11 * index) % 97 + 1, index % 4 != 0, index % 5

    test = log_rank_test(kaplan_meier(days, seen, groups=group))

    assert test.statistic == pytest.approx(2.2437384827135225, rel=1e-12)
    assert test.p_value == pytest.approx(0.6910301501473117, rel=1e-12)
    assert test.degrees_of_freedom == 4


@given(two_samples(), st.integers(2, 9))
def test_the_unit_of_time_and_the_order_of_groups_do_not_matter(samples, factor):
    (one, one_seen), (two, two_seen) = samples
    days = np.concatenate([one, two])
    seen = np.concatenate([one_seen, two_seen])
    group = np.repeat([0, 1], [len(one), len(two)])

    test = log_rank_test(kaplan_meier(days, seen, groups=group))
    swapped = log_rank_test(kaplan_meier(days * factor, seen, groups=1 - group))

    assert swapped.statistic == pytest.approx(test.statistic, rel=1e-9, abs=1e-12)
    assert swapped.observed == test.observed[::-1]


def test_a_group_that_is_never_at_risk_is_not_compared():
    test = log_rank_test(
        kaplan_meier([1, 5, 9, 6, 8, 9], [0, 1, 1, 1, 0, 1], groups=[0, 1, 1, 2, 2, 2])
    )

    assert test.degrees_of_freedom == 1
    assert test.observed[0] == test.expected[0] == 0


def test_one_curve_is_nothing_to_compare():
    with pytest.raises(
        InvalidInputError, match=r"^a log-rank test compares two groups or more; got one curve$"
    ):
        log_rank_test(kaplan_meier([1, 2], [1, 1]))
    with pytest.raises(InvalidTypeError, match="curves must be a SurvivalCurve; got list"):
        log_rank_test([1, 2])
