import json
from pathlib import Path

import numpy as np
import pytest

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals import rate_interval

POISSON = json.loads(
    (Path(__file__).parents[1] / "reference" / "poisson_rate.json").read_text(encoding="utf-8")
)
METHODS = {"exact": "exact-garwood"}


def assert_limits_match(name, method, alternative="two-sided"):
    tolerance = POISSON["methods"][name]
    for case in (case for case in POISSON["cases"] if case["method"] == name):
        limits = rate_interval(
            case["count"],
            case["exposure"],
            method=method,
            confidence_level=case["conf"],
            alternative=alternative,
        )
        expected = pytest.approx(
            (float(case["lower"]), float(case["upper"])),
            rel=tolerance["rtol"],
            abs=tolerance["atol"],
        )
        assert tuple(limits) == expected, case


@pytest.mark.parametrize(("method", "name"), METHODS.items())
def test_limits_match_independent_programs(method, name):
    assert_limits_match(name, method)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided_limits_match_independent_programs(alternative):
    assert_limits_match(f"exact-onesided-{alternative}", "exact", alternative)


@pytest.mark.parametrize("method", METHODS)
def test_no_events_leave_the_lower_limit_at_exactly_nothing(method):
    assert rate_interval(0, 233, method=method).low == 0.0
    assert rate_interval(0, 233, method=method, alternative="greater").high == np.inf


@pytest.mark.parametrize("exposure", [0, -1, np.inf, np.nan])
def test_impossible_exposure_is_refused(exposure):
    with pytest.raises(InvalidInputError, match="exposure must"):
        rate_interval(3, [10, exposure])
