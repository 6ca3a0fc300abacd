from typing import get_args

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import (
    ProportionMethod,
    ProportionTest,
    proportion_interval,
    proportion_p_value,
)
from limit_truth import (
    DIGITS,
    HALF,
    PROPORTIONS,
    beta_tail,
    deviate,
    exact_proportion_error,
    formula_errors,
    jeffreys_proportion_error,
    likelihood_errors,
    tails,
)
from one_sample_reference import assert_matches, cases, tolerance

METHODS = get_args(ProportionMethod)
TESTS = get_args(ProportionTest)
EXACT = ["clopper-pearson", "blaker"]
NAMES = {"logit": "logit-cp-edges"}  # in the reference file, where it differs


@pytest.mark.parametrize("method", METHODS)
def test_limits_match_independent_programs(method):
    name = NAMES.get(method, method)
    within = tolerance("single_proportion", name)
    for case in cases("single_proportion", name):
        if method == "scas" and (case["k"], case["n"]) == (1, 1_000_000):
            continue  # the next test
        low, high = proportion_interval(
            case["k"], case["n"], method=method, confidence_level=case["conf"]
        )
        assert_matches((low, high), (case["lower"], case["upper"]), case, **within)


def test_scas_of_one_in_a_million_matches_its_equation():
    # The program behind the reference takes the upper limit from 1 minus a root next to 1
    # and keeps five to seven digits of it; its lower limits are good.
    within = tolerance("single_proportion", "scas")
    for case in cases("single_proportion", "scas"):
        k, n, level = case["k"], case["n"], case["conf"]
        if (k, n) == (1, 1_000_000):
            limits = proportion_interval(k, n, method="scas", confidence_level=level)
            assert_matches(limits.low, case["lower"], case, **within)
            assert max(formula_errors(PROPORTIONS["scas"], limits, k, n, tail=tails(level))) < 1e-13


@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson", "jeffreys"])
def test_one_sided_limits_match_independent_programs(method, alternative):
    name = f"{method}-onesided-{alternative}"
    within = tolerance("single_proportion", name)
    for case in cases("single_proportion", name):
        limits = proportion_interval(
            case["k"],
            case["n"],
            method=method,
            confidence_level=case["conf"],
            alternative=alternative,
        )
        assert_matches(tuple(limits), (case["lower"], case["upper"]), case, **within)


@pytest.mark.parametrize(
    ("method", "name", "alternative"),
    [
        ("wilson", "score", "two-sided"),
        ("clopper-pearson", "exact-central", "two-sided"),
        ("clopper-pearson", "exact-greater", "greater"),
        ("clopper-pearson", "exact-less", "less"),
        ("mid-p", "mid-p-central", "two-sided"),
    ],
)
def test_p_values_match_independent_programs(method, name, alternative):
    within = tolerance("single_proportion_tests", name)
    for case in cases("single_proportion_tests", name):
        value = proportion_p_value(
            case["k"], case["n"], case["p0"], method=method, alternative=alternative
        )
        assert_matches(value, case["p_value"], case, **within)


# The laws. Counts go up to a billion, with few successes or failures as often as many.

levels = st.floats(0.01, 0.9999)
methods = st.sampled_from(METHODS)


@st.composite
def outcomes(draw, most=10**9):
    n = draw(st.integers(1, min(most, 2_000)) | st.integers(1, most))
    k = draw(st.integers(0, n) | st.integers(0, min(n, 3)))
    return (k, n) if draw(st.booleans()) else (n - k, n)


@given(outcomes(), levels, methods)
@example((0, 1), 0.95, "wald")
def test_limits_lie_in_order_between_0_and_1(outcome, level, method):
    low, high = proportion_interval(*outcome, method=method, confidence_level=level)

    assert 0 <= low <= high <= 1


@given(outcomes(), levels, methods)
def test_failures_mirror_successes(outcome, level, method):
    k, n = outcome
    low, high = proportion_interval(k, n, method=method, confidence_level=level)
    mirrored = proportion_interval(n - k, n, method=method, confidence_level=level)

    assert (1 - high, 1 - low) == pytest.approx(tuple(mirrored), rel=1e-12, abs=1e-15)


@given(outcomes(), levels, methods)
def test_more_confidence_means_a_wider_interval(outcome, level, method):
    narrow = proportion_interval(*outcome, method=method, confidence_level=level)
    wide = proportion_interval(*outcome, method=method, confidence_level=(1 + level) / 2)

    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(outcomes(), st.floats(0.5, 0.9999), methods)
def test_one_more_success_moves_neither_limit_down(outcome, level, method):
    # Wald's interval on the logit scale is not monotone: near the edges its width wins.
    k, n = outcome
    assume(k < n and method != "logit")
    fewer = proportion_interval(k, n, method=method, confidence_level=level)
    more = proportion_interval(k + 1, n, method=method, confidence_level=level)

    assert fewer.low <= more.low
    assert fewer.high <= more.high


# Provable at any level for the first; for the others from one standard deviation on (scas)
# or at the levels in use.
ALWAYS_HOLD_THE_ESTIMATE = [
    "wilson",
    "wilson-cc",
    "clopper-pearson",
    "likelihood-ratio",
    "agresti-coull",
    "logit",
    "wald",
]


@given(outcomes(), levels, methods)
def test_the_estimate_lies_inside(outcome, level, method):
    k, n = outcome
    if method not in ALWAYS_HOLD_THE_ESTIMATE:
        level = max(level, 0.8)
    low, high = proportion_interval(k, n, method=method, confidence_level=level)

    assert low <= k / n * (1 + 1e-15)
    assert k / n <= high * (1 + 1e-15)


@given(st.lists(outcomes(), min_size=1, max_size=5), st.lists(levels, min_size=1, max_size=3))
@pytest.mark.parametrize("method", METHODS)
def test_broadcasting_equals_looping(method, counts, several):
    k, n = np.array(counts).T
    low, high = proportion_interval(
        k, n, method=method, confidence_level=np.array(several)[:, np.newaxis]
    )

    assert low.shape == high.shape == (len(several), len(counts))
    for i, level in enumerate(several):
        for j, outcome in enumerate(counts):
            alone = proportion_interval(*outcome, method=method, confidence_level=level)
            assert (low[i, j], high[i, j]) == pytest.approx(tuple(alone), rel=1e-13)


@given(outcomes(), st.floats(0, 1), levels, st.sampled_from(TESTS))
def test_the_p_value_is_small_exactly_where_the_interval_leaves_the_null_out(
    outcome, null, level, method
):
    p = proportion_p_value(*outcome, null, method=method)
    low, high = proportion_interval(*outcome, method=method, confidence_level=level)
    assume(abs(p - (1 - level)) > 1e-9)  # at the limit itself rounding decides

    assert (p < 1 - level) == (not low <= null <= high)


@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize("method", TESTS)
def test_at_either_limit_the_p_value_is_what_the_level_leaves_out(method, level):
    k, n = np.array([[1, 3, 4, 30, 38, 400]], float), np.array([[2, 17, 9, 90, 40, 90_000]], float)
    low, high = proportion_interval(k, n, method=method, confidence_level=level)
    for limit, alternative in ((low, "greater"), (high, "less")):
        inside = (limit > 0) & (limit < 1)  # "wald" is cut
        assert inside.sum() >= 4
        p = proportion_p_value(k, n, limit, method=method)
        one_sided = proportion_p_value(k, n, limit, method=method, alternative=alternative)
        np.testing.assert_allclose(p[inside], 1 - level, rtol=1e-6)
        np.testing.assert_allclose(one_sided[inside], (1 - level) / 2, rtol=1e-6)


# prop.test(5, 10, p = 0.5, alternative = "greater", correct = FALSE) of R: p-value = 0.5.
@pytest.mark.parametrize("method", ["wilson", "wald"])
def test_an_estimate_that_is_the_null_lies_in_the_middle(method):
    for alternative in ("greater", "less"):
        p = proportion_p_value(
            [5, 3], [10, 8], [0.5, 0.375], method=method, alternative=alternative
        )
        assert p.tolist() == [0.5, 0.5]


# P(X >= 0) is 1; mid-p leaves half of P(X = 0) out.
@pytest.mark.parametrize(("method", "part"), [("clopper-pearson", 0), ("scas", 0), ("mid-p", 0.5)])
def test_every_result_is_at_least_none_and_at_most_all(method, part):
    null = np.array([0, 0.01, 0.3, 0.9])
    least = proportion_p_value(0, 9, null, method=method, alternative="greater")
    most = proportion_p_value(9, 9, 1 - null, method=method, alternative="less")

    np.testing.assert_allclose(least, 1 - part * (1 - null) ** 9, rtol=1e-14)
    np.testing.assert_allclose(most, least, rtol=1e-14)


@given(outcomes(), st.floats(0, 1), st.floats(0.5, 0.9999), st.sampled_from(TESTS))
def test_one_sided_p_values_agree_with_one_sided_bounds(outcome, null, level, method):
    for alternative in ("greater", "less"):
        p = proportion_p_value(*outcome, null, method=method, alternative=alternative)
        low, high = proportion_interval(
            *outcome, method=method, confidence_level=level, alternative=alternative
        )
        if abs(p - (1 - level)) > 1e-9:
            assert (p < 1 - level) == (not low <= null <= high)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.998])
@pytest.mark.parametrize("method", EXACT)
def test_exact_methods_cover_at_least_as_often_as_they_say(method, level):
    for n in (1, 5, 10, 30, 66):
        k = np.arange(n + 1)
        low, high = proportion_interval(k, n, method=method, confidence_level=level)
        # Coverage jumps down just outside a limit: the worst places are right beside them.
        ends = np.concatenate([low, high])
        p = np.clip(np.concatenate([np.linspace(0, 0.999, 201), ends - 1e-9, ends + 1e-9]), 0, 1)
        covered = (low <= p[:, np.newaxis]) & (p[:, np.newaxis] <= high)
        coverage = (stats.binom.pmf(k, n, p[:, np.newaxis]) * covered).sum(axis=1)

        assert coverage.min() >= level - 1e-7


@given(outcomes(), levels)
def test_blaker_lies_inside_clopper_pearson(outcome, level):
    outer = proportion_interval(*outcome, method="clopper-pearson", confidence_level=level)
    inner = proportion_interval(*outcome, method="blaker", confidence_level=level)

    assert outer.low * (1 - 1e-13) <= inner.low
    assert inner.high <= outer.high * (1 + 1e-13)


# Accuracy: benchmarks/accuracy.py prints the whole grid.

HARD = [(1, 10**9), (3, 1_000), (10**6 - 2, 10**6), (30, 10**9), (10**9 // 2, 10**9)]


def test_the_fraction_behind_the_truth_is_the_binomial_sum():
    # By its definition, at a size where that can be summed.
    with mp.workdps(DIGITS):
        p = mp.mpf(3) / 10
        summed = sum(mp.binomial(30, i) * p**i * (1 - p) ** (30 - i) for i in range(12, 31))
        tail, _ = beta_tail(12, 19, p / (1 - p))
        assert abs(tail / summed - 1) < mp.mpf(10) ** -50


@pytest.mark.parametrize(("k", "n"), HARD)
@pytest.mark.parametrize("level", [0.95, 1 - 1e-6])
def test_exact_limits_keep_all_their_digits(k, n, level):
    tail = tails(level)
    for method, weight in (("clopper-pearson", 0), ("mid-p", HALF)):
        limits = proportion_interval(k, n, method=method, confidence_level=level)
        for limit, side in zip(limits, (-1, 1), strict=True):
            error = exact_proportion_error(k, n, limit, tail, side=side, weight=weight)
            assert error < 4e-15, (method, side)
    low, high = proportion_interval(k, n, method="jeffreys", confidence_level=level)
    assert jeffreys_proportion_error(k, n, low, tail, side=-1) < 4e-15
    assert jeffreys_proportion_error(k, n, high, tail, side=1) < 4e-15


@pytest.mark.parametrize("method", [*PROPORTIONS, "likelihood-ratio"])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.998, 1 - 1e-6])
def test_formulas_keep_the_digits_of_small_limits(method, level):
    for k, n in [(0, 1), (1, 1), (0, 7), (7, 7), (4, 9), (500, 1_000), *HARD]:
        limits = proportion_interval(k, n, method=method, confidence_level=level)
        if method == "likelihood-ratio":
            errors = likelihood_errors(k, n, limits, tails(level))
        else:
            errors = formula_errors(PROPORTIONS[method], limits, k, n, tail=tails(level))
        assert max(errors) < 1e-12, (k, n)


def test_the_normal_deviate_of_the_truth_is_a_printed_one():
    # Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.5.
    assert float(deviate(mp.mpf("0.025"))) == pytest.approx(1.95996, abs=5e-6)


@pytest.mark.parametrize("n", [31, 31_234_567, 10**9])
def test_exact_limits_without_failures_hold_at_any_level(n):
    for level in (0.95, 1 - 2e-16):
        for method, weight in (("clopper-pearson", 0), ("mid-p", HALF)):
            low, _ = proportion_interval(n, n, method=method, confidence_level=level)
            assert exact_proportion_error(n, n, low, tails(level), side=-1, weight=weight) < 4e-15


# Edges, kinds of input, refusals.


@pytest.mark.parametrize("method", METHODS)
def test_edges_are_exact(method):
    assert proportion_interval(0, 30, method=method).low == 0.0
    assert proportion_interval(30, 30, method=method).high == 1.0
    nothing = proportion_interval(0, 0, method=method, confidence_level=np.linspace(0.01, 0.99, 99))
    assert (nothing.low == 0).all()
    assert (nothing.high == 1).all()


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("method", TESTS)
def test_nothing_speaks_against_any_null_without_trials(method, alternative):
    p_value = proportion_p_value(0, 0, [0, 0.3, 1], method=method, alternative=alternative)

    assert p_value.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("method", TESTS)
def test_the_edges_of_the_null_are_exact(method):
    assert proportion_p_value(0, 9, 0, method=method) == 1.0
    assert proportion_p_value(9, 9, 1, method=method) == 1.0
    if method in ("wilson", "clopper-pearson", "wald"):  # uncorrected: the only result is certain
        for alternative in ("greater", "less"):
            p = proportion_p_value(
                [0, 9, 0], [9, 9, 0], [0, 1, 0.3], method=method, alternative=alternative
            )
            assert p.tolist() == [1, 1, 1]


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_a_one_sided_bound_leaves_the_other_end_at_the_edge(alternative):
    for method in METHODS:
        if method != "blaker":
            low, high = proportion_interval(3, 9, method=method, alternative=alternative)
            assert (high if alternative == "greater" else low) == (alternative == "greater")


def test_blaker_has_no_one_sided_bound():
    with pytest.raises(InvalidInputError, match="two-sided only"):
        proportion_interval(3, 9, method="blaker", alternative="less")


def test_numbers_give_floats_and_arrays_give_arrays():
    interval = proportion_interval(np.int64(3), np.float32(9))
    assert type(interval.low) is type(interval.high) is float
    assert type(proportion_p_value(3, 9, 0.5)) is float
    assert proportion_interval([[3]], 9).low.shape == (1, 1)
    assert proportion_interval(3, 9, confidence_level=[0.95, 0.998]).low.shape == (2,)
    assert proportion_interval([], []).low.shape == (0,)


def test_large_arrays_equal_small_ones():
    k = np.arange(50_001).reshape(3, -1)
    whole = proportion_interval(k, 50_000)
    part = proportion_interval(k[1, 5_000:5_010], 50_000)

    np.testing.assert_array_equal(whole.low[1, 5_000:5_010], part.low)
    np.testing.assert_array_equal(whole.high[1, 5_000:5_010], part.high)


def test_inputs_are_left_as_they_were():
    k, n = np.array([3.0, 0.0]), np.array([9.0, 0.0])
    for method in METHODS:
        proportion_interval(k, n, method=method)
    assert (k.tolist(), n.tolist()) == ([3.0, 0.0], [9.0, 0.0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param((5, 3), InvalidInputError, r"successes must not exceed trials \(3", id="k>n"),
        pytest.param(
            (-1, 3), InvalidInputError, "successes must be finite and at least 0", id="<0"
        ),
        pytest.param((1.5, 3), InvalidInputError, "successes must be a whole number", id="part"),
        pytest.param((1, 2.5), InvalidInputError, "trials must be a whole number", id="part of n"),
        pytest.param((1, np.nan), InvalidInputError, "trials must not be NaN", id="nan"),
        pytest.param((1, np.inf), InvalidInputError, "trials must be finite", id="inf"),
        pytest.param((True, 1), InvalidTypeError, "successes must be a number", id="bool"),
        pytest.param(
            (np.ma.array([1, 1], mask=[False, True]), 2),
            InvalidInputError,
            r"must not be masked \(missing\); got 1 at index 1",
            id="masked",
        ),
        pytest.param(("1", 2), InvalidTypeError, "successes must be a number", id="text"),
        pytest.param(([1, 2], [1, 2, 3]), InvalidInputError, "shapes do not broadcast", id="shape"),
        pytest.param(([1, 9], 8), InvalidInputError, "got 9.0 at index 1", id="index"),
        pytest.param(([[0, 1], [2, 9]], 8), InvalidInputError, r"at index \(1, 1\)", id="index 2"),
    ],
)
def test_impossible_counts_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        proportion_interval(*arguments)
    with pytest.raises(error, match=message):
        proportion_p_value(*arguments, 0.5)


def test_the_index_of_a_fault_is_that_of_the_whole_input():
    k = np.zeros(30_000)
    k[25_000] = 2
    with pytest.raises(InvalidInputError, match="at index 25000"):
        proportion_interval(k, 1)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan, [0.95, 1.0]])
def test_impossible_levels_are_refused(level):
    with pytest.raises(InvalidInputError, match="confidence_level must"):
        proportion_interval(1, 2, confidence_level=level)


def test_names_are_exact_and_the_right_ones_listed():
    with pytest.raises(InvalidInputError, match=r"'clopper-pearson'.*'scas'; got 'jeffreyz'"):
        proportion_interval(1, 2, method="jeffreyz")
    with pytest.raises(InvalidInputError, match=r"'wilson'.*; got 'blaker'"):
        proportion_p_value(1, 2, 0.5, method="blaker")
    with pytest.raises(InvalidInputError, match="'two-sided', 'greater', 'less'; got 'larger'"):
        proportion_interval(1, 2, alternative="larger")


@pytest.mark.parametrize("null", [-0.1, 1.1, np.inf])
def test_nulls_that_are_no_proportions_are_refused(null):
    with pytest.raises(InvalidInputError, match="null must be from 0 to 1"):
        proportion_p_value(1, 2, [0.5, null])
    with pytest.raises(InvalidTypeError, match=r"^null must be a number"):
        proportion_p_value(1, 2, "half")
