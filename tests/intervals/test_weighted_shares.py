import math

import numpy as np
import pytest
from hypothesis import assume, example, given
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


@given(records)
@example([(0.1, 0.5), (0.1, 0.5)])
@example([(0.3, 1.0), *[(0.1, 0.0)] * 7])
def test_limits_solve_the_equation_of_wilson_for_the_effective_number(found):
    y = np.array([amount for amount, _ in found])
    w = np.array([float(weight) for _, weight in found])
    p = (w * y).sum() / y.sum()
    assume(0 < p < 1)

    # Cochran (1977): the ratio's linearised variance; Kish (1965): the bound of evenness, which
    # for records in pieces is larger by the inverse of the cell's mean weight.
    variance = ((w * y - p * y) ** 2).sum() / y.sum() ** 2
    most = y.sum() ** 2 / (y**2).sum() * (w * y**2).sum() / (w**2 * y**2).sum()
    assume(variance == 0 or variance > 1e-12)  # where rounding does not make it up
    effective = min(p * (1 - p) / variance, most) if variance else most

    z2 = 1.959963984540054**2
    for limit in map(float, of_records(y, w)):
        wanted = z2 * limit * (1 - limit) / effective
        assert (p - limit) ** 2 == pytest.approx(wanted, rel=1e-6, abs=1e-12)


# Of p = 0 and p = 1 Wilson's limits are z²/(n + z²) and n/(n + z²); n = 3²/(4 + 1) = 1.8 by Kish.
def test_nothing_and_all_of_an_amount_have_limits():
    z2, n = 1.959963984540054**2, 1.8

    assert tuple(of_records([2, 1], [0, 0])) == pytest.approx((0, z2 / (n + z2)))
    for squares in (5.0, 5 * (1 - 1e-15)):  # sums of floats may differ in their last digits
        for part in (3.0, 3 * (1 + 1e-15)):
            low, high = weighted_share_interval(part, 3, squares, 5)
            assert (float(low), float(high)) == (pytest.approx(n / (n + z2)), 1)


def test_parts_of_nothing_may_be_anything():
    assert tuple(weighted_share_interval(0, 0, 0, 0)) == (0, 1)


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ((-1, 4, 1, 4), "part must be finite and at least 0; got -1.0"),
        ((5, 4, 1, 4), "part must not exceed total"),
        ((1, 4, math.nan, 4), "part_squares must not be NaN (missing); got nan"),
        ((1, math.inf, 1, 4), "total must be finite and at least 0; got inf"),
        ((1, 4, 1, -1), "total_squares must be finite and at least 0; got -1.0"),
    ],
)
def test_impossible_sums_are_refused(sums, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        weighted_share_interval(*sums)
    with pytest.raises(lhp.InvalidInputError, match=r"^shared must be finite and at least 0; got"):
        weighted_share_interval(1, 4, 1, 4, shared=-1)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("comparisons", [0, -1, None, 1.5, True, "2"])
def test_a_number_of_comparisons_that_is_none_is_refused(comparisons):
    with pytest.raises(lhp.InvalidInputError, match="comparisons must be a whole number of at lea"):
        weighted_share_interval(1, 4, 1, 4, comparisons=comparisons)
