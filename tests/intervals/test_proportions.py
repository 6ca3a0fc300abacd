import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import proportion_interval

REFERENCE = Path(__file__).parents[1] / "reference"
METHODS = ["wilson", "clopper-pearson", "mid-p"]


def reference(file):
    return json.loads((REFERENCE / file).read_text(encoding="utf-8"))


SINGLE = reference("single_proportion.json")


def cases(name):
    return [case for case in SINGLE["cases"] if case["method"] == name]


def assert_limits_match(name, method, alternative="two-sided"):
    tolerance = SINGLE["methods"][name]
    for case in cases(name):
        limits = proportion_interval(
            case["k"],
            case["n"],
            method=method,
            confidence_level=case["conf"],
            alternative=alternative,
        )
        expected = pytest.approx(
            (case["lower"], case["upper"]), rel=tolerance["rtol"], abs=tolerance["atol"]
        )
        assert tuple(limits) == expected, case


@pytest.mark.parametrize("method", METHODS)
def test_limits_match_independent_programs(method):
    assert_limits_match(method, method)


@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson"])
def test_one_sided_limits_match_independent_programs(method, alternative):
    assert_limits_match(f"{method}-onesided-{alternative}", method, alternative)


trials = st.integers(1, 2_000) | st.integers(1, 10**9)
levels = st.floats(0.01, 0.9999)
methods = st.sampled_from(METHODS)


@st.composite
def outcomes(draw):
    n = draw(trials)
    return draw(st.integers(0, n) | st.integers(0, min(n, 3))), n


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
    assert wide.high - wide.low > narrow.high - narrow.low


@pytest.mark.parametrize("method", METHODS)
def test_edges_are_exact(method):
    assert proportion_interval(0, 30, method=method).low == 0.0
    assert proportion_interval(30, 30, method=method).high == 1.0
    assert proportion_interval(0, 0, method=method) == proportion_interval(0, 0)
    assert tuple(proportion_interval(0, 0, method=method)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param((5, 3), InvalidInputError, r"successes must not exceed trials \(3", id="k>n"),
        pytest.param(
            (-1, 3), InvalidInputError, "successes must be finite and at least 0", id="<0"
        ),
        pytest.param((1.5, 3), InvalidInputError, "successes must be a whole number", id="part"),
        pytest.param((1, np.nan), InvalidInputError, "trials must not be NaN", id="nan"),
        pytest.param((1, np.inf), InvalidInputError, "trials must be finite", id="inf"),
        pytest.param((True, 1), InvalidTypeError, "successes must be a number", id="bool"),
        pytest.param(([1, 2], [1, 2, 3]), InvalidInputError, "shapes do not broadcast", id="shape"),
        pytest.param(([1, 9], 8), InvalidInputError, "got 9.0 at index 1", id="index"),
    ],
)
def test_impossible_counts_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        proportion_interval(*arguments)
