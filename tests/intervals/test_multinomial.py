import json
from pathlib import Path

import numpy as np
import pytest

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals import share_intervals

SHARES = json.loads(
    (Path(__file__).parents[1] / "reference" / "multinomial_simultaneous.json").read_text(
        encoding="utf-8"
    )
)
METHODS = ["goodman"]


@pytest.mark.parametrize("method", METHODS)
def test_limits_match_independent_programs(method):
    tolerance = SHARES["methods"][method]
    for case in (case for case in SHARES["cases"] if case["method"] == method):
        low, high = share_intervals(case["counts"], method=method, confidence_level=case["conf"])
        within = {"rtol": tolerance["rtol"], "atol": tolerance["atol"], "err_msg": case["id"]}
        np.testing.assert_allclose(low, case["lower"], **within)
        np.testing.assert_allclose(high, case["upper"], **within)


@pytest.mark.parametrize("method", METHODS)
def test_many_tables_at_once_equal_one_after_the_other(method):
    tables = np.array([[26, 34, 8, 69, 17, 10], [1, 34, 0, 2, 0, 5]])
    at_once = share_intervals(tables.T, axis=0, method=method, confidence_level=[0.9, 0.99])

    for i, level in enumerate([0.9, 0.99]):
        alone = share_intervals(tables[i], method=method, confidence_level=level)
        np.testing.assert_array_equal(at_once.low[:, i], alone.low)
        np.testing.assert_array_equal(at_once.high[:, i], alone.high)


@pytest.mark.parametrize("method", METHODS)
def test_degenerate_tables(method):
    nothing = share_intervals([0, 0, 0], method=method)
    whole = share_intervals([7], method=method)

    assert (nothing.low.tolist(), nothing.high.tolist()) == ([0.0] * 3, [1.0] * 3)
    assert (whole.low.tolist(), whole.high.tolist()) == ([1.0], [1.0])


def test_impossible_tables_are_refused():
    with pytest.raises(InvalidInputError, match="counts must be finite and at least 0"):
        share_intervals([3, -1])
    with pytest.raises(InvalidInputError, match="at least one cell"):
        share_intervals([])
    with pytest.raises(InvalidInputError, match="axis 1 is not an axis"):
        share_intervals([1, 2], axis=1)
