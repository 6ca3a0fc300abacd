import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import share_intervals, weighted_share_interval

counts = st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(any)


def of_records(amounts, weights, **options):
    """The interval of one cell from its records."""
    y, w = np.array(amounts, dtype=float), np.array(weights, dtype=float)
    return weighted_share_interval(
        (w * y).sum(),
        y.sum(),
        (w**2 * y**2).sum(),
        (y**2).sum(),
        shared=(w * (1 - w) * y**2).sum(),
        **options,
    )


@given(counts, st.sampled_from([0.8, 0.95, 0.99]), st.floats(0.01, 1e6))
def test_equal_amounts_have_goodmans_limits(cells, level, amount):
    n = np.array(cells, dtype=float)

    found = weighted_share_interval(
        n * amount,
        n.sum() * amount,
        n * amount**2,
        n.sum() * amount**2,
        comparisons=len(cells),
        confidence_level=level,
    )

    expected = share_intervals(cells, confidence_level=level)
    assert found.low == pytest.approx(expected.low, abs=1e-9)
    assert found.high == pytest.approx(expected.high, abs=1e-9)


records = st.lists(
    st.tuples(st.floats(0.01, 1e6), st.fractions(0, 1, max_denominator=6)), min_size=1, max_size=12
)


@given(records)
def test_the_share_lies_in_its_interval_and_the_interval_in_0_to_1(found):
    amounts, weights = zip(*found, strict=True)
    share = sum(a * float(w) for a, w in found) / sum(amounts)

    low, high = of_records(amounts, weights)

    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


@given(records)
def test_the_rest_has_the_mirrored_interval_where_nothing_is_shared(found):
    amounts = [amount for amount, _ in found]
    weights = [round(weight) for _, weight in found]

    low, high = of_records(amounts, weights)
    rest_low, rest_high = of_records(amounts, [1 - weight for weight in weights])

    assert (rest_low, rest_high) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(records, st.floats(0.001, 1000))
def test_the_unit_of_the_amounts_does_not_matter(found, scale):
    amounts, weights = zip(*found, strict=True)

    one, other = of_records(amounts, weights), of_records(np.array(amounts) * scale, weights)

    assert [*map(float, other)] == pytest.approx([*map(float, one)], abs=1e-9)


def test_one_large_grant_is_as_good_as_one_record():
    # Kish (1965): (1.4)² / 1.08 = 1.81 equal records are as uneven as £1m, £0.2m, £0.2m.
    low, high = of_records([1.0, 0.2, 0.2], [1, 0, 0])

    z2, n, p = 1.959963984540054**2, 1.4**2 / 1.08, 1 / 1.4
    half = math.sqrt(z2 * p * (1 - p) / n + z2 * z2 / (4 * n * n)) / (1 + z2 / n)
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    assert (low, high) == pytest.approx((centre - half, centre + half))


def test_parts_of_nothing_may_be_anything():
    assert tuple(weighted_share_interval(0, 0, 0, 0)) == (0, 1)


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ((-1, 4, 1, 4), "part must be finite and at least 0; got -1.0"),
        ((5, 4, 1, 4), "part must not exceed total"),
        ((1, 4, math.nan, 4), "part_squares must not be NaN (missing); got nan"),
        ((1, math.inf, 1, 4), "total must be finite and at least 0; got inf"),
    ],
)
def test_impossible_sums_are_refused(sums, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        weighted_share_interval(*sums)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("comparisons", [0, -1, None, 1.5, True, "2"])
def test_a_number_of_comparisons_that_is_none_is_refused(comparisons):
    with pytest.raises(lhp.InvalidInputError, match="comparisons must be a whole number of at lea"):
        weighted_share_interval(1, 4, 1, 4, comparisons=comparisons)
