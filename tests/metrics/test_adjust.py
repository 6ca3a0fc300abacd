import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics import InvalidInputError
from lhp_metrics.metrics._adjust import adjusted

P = [0.01, 0.02, 0.03, 0.04, 0.05]

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)
methods = st.sampled_from(["holm", "benjamini-hochberg"])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # R 4.2.2: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") and "BH".
        ("holm", [0.05, 0.08, 0.09, 0.09, 0.09]),
        ("benjamini-hochberg", [0.05, 0.05, 0.05, 0.05, 0.05]),
        ("none", P),
    ],
)
def test_adjusted_p_values_match_r(method, expected):
    assert adjusted(np.array(P), method) == pytest.approx(expected)


def test_scipy_agrees_on_benjamini_hochberg():
    from scipy.stats import false_discovery_control

    given_p = np.random.default_rng(1).uniform(size=50) ** 3
    expected = false_discovery_control(given_p, method="bh")
    assert adjusted(given_p, "benjamini-hochberg") == pytest.approx(expected, rel=1e-14)


@given(p_values, methods)
def test_adjusting_never_lowers_a_p_value_nor_lifts_it_above_1(p, method):
    result = adjusted(p, method)

    assert (result >= p - 1e-15).all()
    assert (result <= 1).all()


@given(p_values, methods, st.randoms())
def test_the_order_of_comparisons_does_not_matter(p, method, random):
    order = list(range(len(p)))
    random.shuffle(order)

    assert adjusted(p[order], method) == pytest.approx(adjusted(p, method)[order])


@given(p_values)
def test_holm_is_never_below_benjamini_hochberg(p):
    assert (adjusted(p, "holm") >= adjusted(p, "benjamini-hochberg") - 1e-15).all()


@given(p_values, methods)
def test_an_unknown_p_value_is_no_comparison(p, method):
    with_gap = np.append(p, np.nan)

    result = adjusted(with_gap, method)

    assert np.isnan(result[-1])
    assert result[:-1] == pytest.approx(adjusted(p, method))


def test_an_unknown_method_is_refused():
    with pytest.raises(InvalidInputError, match="adjust must be one of 'holm'"):
        adjusted(np.array(P), "bonferroni")
