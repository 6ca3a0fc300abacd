"""Laws that all five comparisons of two samples keep."""

from collections.abc import Callable
from typing import get_args

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhp_metrics import intervals
from lhp_metrics.errors import InvalidInputError, InvalidTypeError


@attrs.frozen
class Comparison:
    """A measure under test, and what the laws must know about it."""

    interval: Callable
    p_value: Callable
    methods: tuple[str, ...]
    tests: tuple[str, ...]
    of_rates: bool
    is_ratio: bool
    edges: tuple[float, float]
    # Methods that shrink the estimate, which so may lie outside the interval.
    shrinking: tuple[str, ...] = ()

    def swapped(self, limit):
        """Return what the limit becomes when group and base change places."""
        if not self.is_ratio:
            return -limit
        with np.errstate(divide="ignore"):
            return 1 / limit

    def estimate(self, x, size, x0, size0):
        """Return the plain estimate, NaN where undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self is COMPARISONS["odds ratio"]:
                return (x / (size - x)) / (x0 / (size0 - x0))
            return (x / size) / (x0 / size0) if self.is_ratio else x / size - x0 / size0


INF = np.inf


def comparison(measure, *shrinking):
    name, title = measure.replace(" ", "_"), measure.title().replace(" ", "")
    of_rates, is_ratio = measure.startswith("rate "), measure.endswith("ratio")
    return Comparison(
        interval=getattr(intervals, f"{name}_interval"),
        p_value=getattr(intervals, f"{name}_p_value"),
        methods=get_args(getattr(intervals, f"{title}Method")),
        tests=get_args(getattr(intervals, f"{title}Test")),
        of_rates=of_rates,
        is_ratio=is_ratio,
        edges=(0, INF) if is_ratio else (-INF, INF) if of_rates else (-1, 1),
        shrinking=shrinking,
    )


COMPARISONS = {
    "difference": comparison("difference", "agresti-caffo"),
    "ratio": comparison("ratio", "adjusted-log"),
    "odds ratio": comparison("odds ratio", "gart-logit"),
    "rate ratio": comparison("rate ratio"),
    "rate difference": comparison("rate difference"),
}

every_comparison = pytest.mark.parametrize("measure", COMPARISONS.values(), ids=COMPARISONS)
# No deadline: the first example imports scipy.special.
few = settings(max_examples=25, deadline=None)


@st.composite
def samples(draw, measure):
    """Four arrays of one length: group and base, as the functions take them."""
    count = draw(st.integers(1, 5))
    columns = []
    for _ in range(2):
        largest = draw(st.sampled_from([4, 60, 3_000]))
        if measure.of_rates:
            x = draw(st.lists(st.integers(0, largest), min_size=count, max_size=count))
            size = draw(st.lists(st.floats(1e-3, 1e4), min_size=count, max_size=count))
        else:
            size = draw(st.lists(st.integers(1, largest), min_size=count, max_size=count))
            shares = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
            x = np.round(np.array(size) * shares)
        columns += [np.array(x, float), np.array(size, float)]
    return tuple(columns)


def assert_close(actual, expected, rtol=1e-10):
    """Compare limits; near 0 a difference of two parts loses digits that neither part lost."""
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-13)


@every_comparison
@few
@given(data=st.data())
def test_swapping_the_groups_mirrors_the_interval(measure, data):
    x, n, x0, n0 = data.draw(samples(measure))
    level = data.draw(st.floats(0.3, 0.9999))
    for method in measure.methods:
        low, high = measure.interval(x, n, x0, n0, method=method, confidence_level=level)
        other = measure.interval(x0, n0, x, n, method=method, confidence_level=level)

        assert_close(other.low, measure.swapped(high))
        assert_close(other.high, measure.swapped(low))


@pytest.mark.parametrize("name", ["difference", "odds ratio"])
@few
@given(data=st.data())
def test_counting_failures_mirrors_the_interval(name, data):
    measure = COMPARISONS[name]
    x, n, x0, n0 = data.draw(samples(measure))
    for method in measure.methods:
        low, high = measure.interval(x, n, x0, n0, method=method)
        other = measure.interval(n - x, n, n0 - x0, n0, method=method)

        assert_close(other.low, measure.swapped(high))
        assert_close(other.high, measure.swapped(low))


@pytest.mark.parametrize("name", ["rate ratio", "rate difference"])
@few
@given(data=st.data(), unit=st.floats(1e-3, 1e3))
def test_the_unit_of_exposure_moves_differences_by_its_factor_and_ratios_not_at_all(
    name, data, unit
):
    measure = COMPARISONS[name]
    x, t, x0, t0 = data.draw(samples(measure))
    factor = 1 if measure.is_ratio else 1 / unit
    for method in measure.methods:
        limits = np.array(list(measure.interval(x, t, x0, t0, method=method)))
        rescaled = measure.interval(x, t * unit, x0, t0 * unit, method=method)

        smallest = np.min(factor * (x + x0 + 1) / np.maximum(t, t0))
        np.testing.assert_allclose(
            list(rescaled), limits * factor, rtol=1e-9, atol=1e-13 * smallest
        )


@every_comparison
@few
@given(data=st.data())
def test_more_confidence_never_narrows_the_interval(measure, data):
    sample = data.draw(samples(measure))
    level = data.draw(st.floats(0.3, 0.9999))
    for method in measure.methods:
        narrow = measure.interval(*sample, method=method, confidence_level=level)
        wide = measure.interval(*sample, method=method, confidence_level=(1 + level) / 2)

        slack = 1e-12
        assert np.all(wide.low <= narrow.low + slack * np.abs(wide.low))
        assert np.all(narrow.high <= wide.high + slack * np.abs(narrow.high))


# Normal approximations whose width shrinks faster than their middle rises, near the edges.
NOT_MONOTONE = {"wald", "agresti-caffo", "katz-log", "adjusted-log", "woolf-logit", "gart-logit"}
NOT_MONOTONE |= {"wald-log"}


@every_comparison
@few
@given(data=st.data(), any_level=st.floats(0.05, 0.9999))
def test_one_more_success_moves_neither_limit_down(measure, data, any_level):
    x, n, x0, n0 = data.draw(samples(measure))
    if not measure.of_rates:
        x = np.maximum(x - 1, 0)
    for method in set(measure.methods) - NOT_MONOTONE:
        # At levels outside of these the skewness correction may win over the count.
        level = np.clip(any_level, 0.3, 0.95) if method == "scas" else any_level
        fewer = measure.interval(x, n, x0, n0, method=method, confidence_level=level)
        more = measure.interval(x + 1, n, x0, n0, method=method, confidence_level=level)

        for before, after in zip(fewer, more, strict=True):
            slack = 1e-12 * np.abs(np.where(np.isinf(before), 0, before)) + 1e-13
            assert np.all(before <= after + slack), method


@every_comparison
def test_rounding_never_turns_a_narrow_interval_round(measure):
    samples = ([5e8, 3, 10**8], [1e9, 9, 3 * 10**8], [4e8, 2, 10**8 + 1], [1e9, 7, 3 * 10**8])
    for method in measure.methods:
        for level in (1e-12, 1e-9, [[1e-12], [0.9]]):
            low, high = measure.interval(*samples, method=method, confidence_level=level)
            assert np.all(low <= high), method


@every_comparison
@few
@given(data=st.data())
def test_the_estimate_lies_in_the_interval_unless_the_method_shrinks_it(measure, data):
    sample = data.draw(samples(measure))
    level = data.draw(st.floats(0.05, 0.9999))
    estimate = measure.estimate(*sample)
    known = ~np.isnan(estimate)
    for method in set(measure.methods) - set(measure.shrinking):
        low, high = measure.interval(*sample, method=method, confidence_level=level)
        slack = 1e-12 * (1 if not measure.is_ratio else np.where(np.isinf(estimate), 0, estimate))

        if method == "mid-p" and level < 0.5:  # the mid-p interval is short, even empty, there
            continue
        assert np.all((low <= estimate + slack) | ~known), method
        assert np.all((estimate - slack <= high) | ~known), method


@every_comparison
@few
@given(data=st.data())
def test_the_test_rejects_exactly_the_nulls_that_the_interval_leaves_out(measure, data):
    sample = data.draw(samples(measure))
    low_level = data.draw(st.floats(0.05, 0.9999))
    near = data.draw(st.floats(0.9, 1.1))
    for method in measure.tests:
        # At levels that nobody uses the skewness correction can bend its statistic back.
        level = max(low_level, 0.8) if method == "scas" else low_level
        low, high = measure.interval(*sample, method=method, confidence_level=level)
        for null in (np.full(low.shape, 1.0 * measure.is_ratio), low * near, high * near):
            possible = np.isfinite(null)
            if measure.is_ratio:
                possible &= null > 1e-200
            elif not measure.of_rates:
                possible &= np.abs(null) < 1
            null = np.where(possible, null, 0.5)
            distance = np.minimum(np.abs(null - low), np.abs(null - high))
            decided = possible & (distance > 1e-7 * np.abs(null))
            rejected = measure.p_value(*sample, null, method=method) < 1 - level

            outside = (null < low) | (null > high)
            np.testing.assert_array_equal(rejected[decided], outside[decided], err_msg=method)


@pytest.mark.parametrize("level", [0.5, 0.95])
@every_comparison
def test_at_either_limit_the_p_value_is_what_the_level_leaves_out(measure, level):
    # The last: a group that is much larger than its base, and does no better.
    rows = [[7, 16, 3, 20], [30, 90, 31, 70], [1, 5, 1, 9], [400, 9_000, 9, 10]]
    sample = np.array([*rows, [9_000, 10_000, 18, 20]], float).T
    for method in measure.tests:
        for limit in measure.interval(*sample, method=method, confidence_level=level):
            inside = (limit > (0 if measure.is_ratio else -1)) & np.isfinite(limit)
            p = measure.p_value(*sample, np.where(inside, limit, 0.5), method=method)
            assert inside.sum() >= 3
            np.testing.assert_allclose(p[inside], 1 - level, rtol=1e-6, err_msg=method)


@every_comparison
@few
@given(data=st.data(), level=st.floats(0.5, 0.9999))
def test_one_sided_limits_are_those_of_twice_the_tail(measure, data, level):
    sample = data.draw(samples(measure))
    for method in measure.methods:
        both = measure.interval(*sample, method=method, confidence_level=2 * level - 1 or 0.01)
        level_one = (1 + (2 * level - 1 or 0.01)) / 2
        above = measure.interval(
            *sample, method=method, confidence_level=level_one, alternative="greater"
        )
        below = measure.interval(
            *sample, method=method, confidence_level=level_one, alternative="less"
        )

        assert np.all(above.high == measure.edges[1])
        assert np.all(below.low == measure.edges[0])
        assert_close(above.low, both.low, rtol=1e-9)
        assert_close(below.high, both.high, rtol=1e-9)


@every_comparison
@few
@given(data=st.data())
def test_arrays_of_samples_and_levels_give_what_a_loop_gives(measure, data):
    sample = data.draw(samples(measure))
    levels = np.array([[0.8], [0.95], [0.998]])
    for method in measure.methods:
        low, high = measure.interval(*sample, method=method, confidence_level=levels)
        looped = np.array(
            [
                [
                    list(measure.interval(*row, method=method, confidence_level=level))
                    for row in zip(*sample, strict=True)
                ]
                for level in levels[:, 0]
            ]
        )

        assert_close(low, looped[..., 0], rtol=1e-13)
        assert_close(high, looped[..., 1], rtol=1e-13)


@every_comparison
def test_numbers_give_plain_floats_and_arrays_give_arrays(measure):
    for method in measure.methods:
        limits = measure.interval(7, 16, 3, 20, method=method)
        assert [type(limit) for limit in limits] == [float, float]
        low, high = measure.interval(np.array([7, 6]), 16, [[3], [2], [1]], 20, method=method)
        assert low.shape == high.shape == (3, 2)
    for method in measure.tests:
        assert type(measure.p_value(7, 16, 3, 20, method=method)) is float
        assert measure.p_value([7, 6], 16, 3, 20, [[1], [0.5]], method=method).shape == (2, 2)


@every_comparison
def test_whole_numbers_of_any_kind_give_the_same(measure):
    expected = measure.interval(7, 16, 3, 20)

    assert measure.interval(7.0, 16.0, 3.0, 20.0) == expected
    assert measure.interval(*np.array([7, 16, 3, 20], np.int16)) == expected
    assert measure.interval(*np.array([7, 16, 3, 20], np.uint64)) == expected


@every_comparison
def test_no_samples_give_no_limits(measure):
    low, high = measure.interval([], [], [], [])

    assert low.shape == high.shape == (0,)


@pytest.mark.parametrize("name", ["difference", "ratio", "odds ratio"])
def test_an_empty_group_leaves_everything_possible(name):
    measure = COMPARISONS[name]
    for method in measure.methods:
        low, high = measure.interval(
            [0, 3, 0, 3], [0, 5, 0, 5], [3, 0, 0, 1], [5, 0, 0, 4], method=method
        )

        np.testing.assert_array_equal(low[:3], measure.edges[0])
        np.testing.assert_array_equal(high[:3], measure.edges[1])
        assert high[3] > low[3] > measure.edges[0]
    for method in measure.tests:
        assert measure.p_value(0, 0, 3, 5, method=method) == 1


@every_comparison
def test_nothing_against_nothing_is_no_evidence_of_a_difference(measure):
    for method in measure.tests:
        assert measure.p_value(0, 7, 0, 9, method=method) == 1


@every_comparison
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1, 5, 1, 5), "must be finite and at least 0; got -1"),
        ((1, 5, 1.5, 5), "base_.* must be a whole number; got 1.5"),
        (([1, np.inf], 5, 1, 5), "must be finite and at least 0; got inf at index 1"),
        ((1, 5, [[1, 1], [1, np.nan]], 5), r"base_.* NaN \(missing\); got nan at index \(1, 1\)"),
        ((1, 5, 1, -5), "base_.* must be finite and"),
        (([1, 2], 5, [1, 2, 3], 5), r"shapes do not broadcast: .*\(2,\).*\(3,\)"),
    ],
)
def test_impossible_samples_are_refused(measure, arguments, words):
    for function in (measure.interval, measure.p_value):
        with pytest.raises(InvalidInputError, match=words):
            function(*arguments)


@every_comparison
def test_the_argument_that_does_not_fit_the_others_is_named(measure):
    with pytest.raises(InvalidInputError, match=r"do not broadcast: .*, null \(3,\)$"):
        measure.p_value([1, 2], 5, [1, 2], 5, null=[0.1, 0.2, 0.3])
    with pytest.raises(InvalidInputError, match=r"do not broadcast: .*, confidence_level \(3,\)$"):
        measure.interval([1, 2], 5, [1, 2], 5, confidence_level=[0.9, 0.95, 0.99])


@pytest.mark.parametrize("name", ["difference", "ratio", "odds ratio"])
def test_more_successes_than_trials_are_refused(name):
    with pytest.raises(
        InvalidInputError, match=r"successes must not exceed trials \(10.0\); got 12"
    ):
        COMPARISONS[name].interval(12, 10, 1, 10)
    with pytest.raises(InvalidInputError, match="base_successes must not exceed base_trials"):
        COMPARISONS[name].p_value(1, 10, [1, 11], 10)


@pytest.mark.parametrize("name", ["rate ratio", "rate difference"])
def test_no_exposure_is_refused(name):
    with pytest.raises(InvalidInputError, match="exposure must be finite and above 0; got 0"):
        COMPARISONS[name].interval(1, 0, 1, 1)


@every_comparison
def test_unknown_options_are_refused_and_the_right_ones_listed(measure):
    listed = ", ".join(map(repr, measure.methods))
    with pytest.raises(InvalidInputError, match=f"method must be one of {listed}; got 'scor'"):
        measure.interval(1, 5, 1, 5, method="scor")
    with pytest.raises(InvalidInputError, match="method must be one of"):
        measure.p_value(1, 5, 1, 5, method="newcombe")
    with pytest.raises(InvalidInputError, match="alternative must be one of"):
        measure.interval(1, 5, 1, 5, alternative="larger")
    with pytest.raises(InvalidInputError, match=r"between 0 and 1.*; got 1.5 at index 1"):
        measure.interval(1, 5, 1, 5, confidence_level=[0.95, 1.5])
    for level in (0, 1, 95):
        with pytest.raises(InvalidInputError, match="confidence_level must be between 0 and 1"):
            measure.interval(1, 5, 1, 5, confidence_level=level)
    with pytest.raises(InvalidTypeError, match="must be a number"):
        measure.interval("1", 5, 1, 5)
    with pytest.raises(InvalidTypeError, match=r"^null must be a number"):
        measure.p_value(1, 5, 1, 5, "one")
    with pytest.raises(InvalidInputError, match="null"):
        measure.p_value(1, 5, 1, 5, -np.inf)
