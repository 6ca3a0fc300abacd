from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import ShareMethod, proportion_interval, share_intervals
from lhp_metrics.intervals._sison_glaz import _poisson, _probability, _truncated
from one_sample_reference import assert_matches, cases, tolerance

METHODS = get_args(ShareMethod)
methods = st.sampled_from(METHODS)
tables = st.lists(st.integers(0, 60), min_size=2, max_size=8).filter(any)
levels = st.floats(0.5, 0.98)


@pytest.mark.parametrize("method", METHODS)
def test_limits_match_independent_programs(method):
    within = tolerance("multinomial_simultaneous", method)
    for case in cases("multinomial_simultaneous", method):
        limits = share_intervals(case["counts"], method=method, confidence_level=case["conf"])
        assert_matches(tuple(limits), (case["lower"], case["upper"]), case, **within)


@given(tables, levels, methods, st.randoms(use_true_random=False))
def test_the_order_of_the_cells_does_not_matter(counts, level, method, random):
    order = random.sample(range(len(counts)), len(counts))
    low, high = share_intervals(counts, method=method, confidence_level=level)
    shuffled = share_intervals(np.array(counts)[order], method=method, confidence_level=level)

    np.testing.assert_allclose(shuffled.low, low[order], rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(shuffled.high, high[order], rtol=1e-10, atol=1e-15)


@given(tables, levels, methods)
def test_the_shares_lie_inside(counts, level, method):
    low, high = share_intervals(counts, method=method, confidence_level=level)
    share = np.array(counts) / sum(counts)

    assert (low >= 0).all()
    assert (low <= share + 1e-15).all()
    assert (share <= high + 1e-15).all()
    assert (high <= 1).all()


@given(tables, st.floats(0.5, 0.999), methods)
def test_more_confidence_means_wider_intervals(counts, level, method):
    narrow = share_intervals(counts, method=method, confidence_level=level)
    wide = share_intervals(counts, method=method, confidence_level=(1 + level) / 2)

    assert (wide.low <= narrow.low + 1e-15).all()
    # Sison and Glaz's upper limits step back when the lower ones take a whole count more.
    if method != "sison-glaz":
        assert (narrow.high <= wide.high + 1e-15).all()


@given(tables, levels, st.sampled_from(["goodman", "quesenberry-hurst"]))
def test_one_more_record_in_a_cell_moves_neither_of_its_limits_down(counts, level, method):
    # Sison and Glaz's one distance for all cells follows the whole table.
    fewer = share_intervals(counts, method=method, confidence_level=level)
    more = share_intervals([counts[0] + 1, *counts[1:]], method=method, confidence_level=level)

    assert fewer.low[0] <= more.low[0]
    assert fewer.high[0] <= more.high[0]


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=1, max_size=4))
@pytest.mark.parametrize("method", METHODS)
def test_many_tables_at_once_equal_one_after_the_other(method, several):
    levels = np.linspace(0.9, 0.998, len(several))
    at_once = share_intervals(np.transpose(several), axis=0, method=method, confidence_level=levels)
    for i, (counts, level) in enumerate(zip(several, levels, strict=True)):
        alone = share_intervals(counts, method=method, confidence_level=level)
        np.testing.assert_allclose(at_once.low[:, i], alone.low, rtol=1e-13)
        np.testing.assert_allclose(at_once.high[:, i], alone.high, rtol=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_the_cells_may_lie_along_any_axis(method):
    tables = np.arange(24).reshape(2, 3, 4)
    expected = share_intervals(tables, method=method)
    for axis in range(3):
        found = share_intervals(np.moveaxis(tables, -1, axis), axis=axis, method=method)
        np.testing.assert_array_equal(np.moveaxis(found.low, axis, -1), expected.low)
        np.testing.assert_array_equal(np.moveaxis(found.high, axis, -1), expected.high)


# As many cells as are worked on at a time: each table is a part of its own.
def test_tables_of_many_cells_equal_one_after_the_other():
    tables = np.arange(60_003).reshape(3, 20_001) % [[3], [5], [7]]
    together = share_intervals(tables, method="sison-glaz")

    alone = share_intervals(tables[2], method="sison-glaz")
    np.testing.assert_array_equal(together.low[2], alone.low)
    np.testing.assert_array_equal(together.high[2], alone.high)
    assert (together.high < 1).all()


def test_one_table_at_several_levels():
    low, _ = share_intervals([3, 9, 1], confidence_level=[0.9, 0.95])
    assert low.shape == (2, 3)
    np.testing.assert_array_equal(low[1], share_intervals([3, 9, 1]).low)


def test_goodman_is_wilson_at_the_level_bonferroni_asks_for():
    counts = np.array([26, 34, 8, 69, 17, 10])
    each = proportion_interval(counts, counts.sum(), confidence_level=1 - 0.05 / 6)
    together = share_intervals(counts)

    np.testing.assert_allclose(together.low, each.low, rtol=1e-14)
    np.testing.assert_allclose(together.high, each.high, rtol=1e-14)


def first_distance_beyond(counts, level):
    """Return the smallest c whose approximate probability exceeds the level, looking at all."""
    counts, total = np.array(counts, dtype=float), np.array([float(sum(counts))])
    c = np.arange(1.0, total[0] + 1)[:, np.newaxis]
    probability = _probability(np.broadcast_to(counts, (len(c), len(counts))), c)
    beyond = np.flatnonzero(probability / _poisson(total, total) > level)
    return beyond[0] + 1 if beyond.size else None


@given(tables, st.floats(0.1, 0.999))
@example([1, 0], 0.95)
@example([46, 6], 0.95)
@example([42, 7], 0.995)
@example([23, 24], 0.999)
@example([959, 845], 0.999)
def test_sison_glaz_stops_at_the_first_distance_beyond_the_level(counts, level):
    first = first_distance_beyond(counts, level)
    low, _ = share_intervals(counts, method="sison-glaz", confidence_level=level)

    c = sum(counts) if first is None else first - 1
    expected = np.maximum(np.array(counts) - c, 0) / sum(counts)
    np.testing.assert_allclose(low, expected, rtol=1e-15)


@pytest.mark.parametrize("c", [1, 4, 30])
def test_truncated_poisson_moments_are_their_sums(c):
    for mean in (1, 7, 100):
        y = np.arange(max(mean - c, 0), mean + c + 1)
        weights = stats.poisson.pmf(y, mean)
        inside, moments = _truncated(np.array([float(mean)]), np.array([float(c)]))

        assert inside[0] == pytest.approx(weights.sum(), rel=1e-12)
        for power, moment in enumerate(moments, start=1):
            expected = (weights * (y - float(mean)) ** power).sum() / weights.sum()
            assert moment[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_poisson_probabilities_match_scipy():
    mean = np.array([1.0, 9.0, 11.0, 200.0])
    for y in (0.0, 3.0, 10.0, 180.0):
        np.testing.assert_allclose(
            _poisson(np.full(4, y), mean), stats.poisson.pmf(y, mean), rtol=1e-12
        )


def test_large_counts_keep_sison_glaz_sound():
    counts = [10**9, 3 * 10**8, 5, 0]
    low, high = share_intervals(counts, method="sison-glaz")
    share = np.array(counts) / sum(counts)

    assert (low <= share).all()
    assert (share <= high).all()
    # Near twice the standard deviation of the two large shares, which move together.
    assert high[0] - share[0] == pytest.approx(2.0 * np.sqrt(share[0] * share[1] / 1.3e9), rel=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_degenerate_tables(method):
    nothing = share_intervals([0, 0, 0], method=method)
    whole = share_intervals([[7], [0]], method=method)

    assert (nothing.low.tolist(), nothing.high.tolist()) == ([0.0] * 3, [1.0] * 3)
    assert (whole.low.tolist(), whole.high.tolist()) == ([[1.0], [0.0]], [[1.0], [1.0]])
    # In millions an approximate probability would leave one of them out.
    cells, levels = np.array([[1], [7], [59], [3_675_586]]), [[[0.5]], [[0.95]], [[0.999]]]
    single = share_intervals(cells, method=method, confidence_level=levels)
    assert (single.low == 1).all()
    assert (single.high == 1).all()


def test_impossible_tables_are_refused():
    with pytest.raises(InvalidInputError, match="counts must be finite and at least 0"):
        share_intervals([3, -1])
    with pytest.raises(InvalidInputError, match="counts must be a whole number"):
        share_intervals([3, 0.5])
    with pytest.raises(InvalidInputError, match="at least one cell"):
        share_intervals([])
    with pytest.raises(InvalidTypeError, match="axis must be an int or integer; got str"):
        share_intervals([1, 2], axis="rows")
    with pytest.raises(InvalidInputError, match="axis 1 is not an axis"):
        share_intervals([1, 2], axis=1)
    for method, shapes in (
        ("goodman", r"counts \(2, 2\), total \(2, 1\), confidence_level \(3, 1\)"),
        ("sison-glaz", r"counts \(2, 2\), confidence_level \(3, 1\)"),
    ):
        with pytest.raises(InvalidInputError, match=f"^shapes do not broadcast: {shapes}$"):
            share_intervals([[1, 2], [3, 4]], method=method, confidence_level=[0.9, 0.95, 0.99])
    with pytest.raises(InvalidInputError, match="'goodman', 'quesenberry-hurst', 'sison-glaz'"):
        share_intervals([1, 2], method="wilson")
