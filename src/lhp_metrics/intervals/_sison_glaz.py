"""Sison and Glaz's simultaneous intervals: every count within the same distance c of its own.

A multinomial table is independent Poisson counts given their total. The probability that
all counts stay within c is so a product of Poisson probabilities times that of the total,
for which the truncated counts' moments give an Edgeworth expansion.
"""

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits

__all__ = ["sison_glaz_limits"]

BLOCK = 20_000  # counts at a time


def sison_glaz_limits(tables: FloatArray, confidence_level: FloatArray) -> Limits:
    """Return the limits of the shares in tables of shape (tables, cells), one level a table."""
    low, high = np.zeros_like(tables), np.ones_like(tables)
    several = max(1, BLOCK // tables.shape[1])
    for start in range(0, len(tables), several):
        part = slice(start, start + several)
        filled = tables[part].sum(axis=1) > 0
        if filled.any():
            low[part][filled], high[part][filled] = _limits(
                tables[part][filled], confidence_level[part][filled]
            )
    return low, high


def _limits(tables: FloatArray, level: FloatArray) -> Limits:
    total = tables.sum(axis=1)
    c, extra = _distance(tables, total, level)
    n, c, extra = total[:, np.newaxis], c[:, np.newaxis], extra[:, np.newaxis]
    low = np.maximum(tables - c, 0.0) / n
    high = np.minimum(tables + c + 2 * extra, n) / n
    return low, high


def _distance(tables: FloatArray, total: FloatArray, level: FloatArray) -> Limits:
    """Return the last whole c before the probability exceeds the level, and the part to the next.

    The approximation increases up to about 0.986; beyond, with few cells, it may fall again.
    So the search goes by bisection up to 0.98 and from there in small steps.
    """
    p = tables / total[:, np.newaxis]
    deviations = np.sqrt(tables * (1 - p))
    of_total = _poisson(total, total)
    furthest = np.minimum(np.ceil(10 * deviations.max(axis=1)) + 10, total)
    low, high = np.zeros_like(total), furthest.copy()
    below, above = np.zeros_like(total), np.ones_like(total)  # the probabilities there

    def probability(rows: NDArray[np.intp], c: FloatArray) -> FloatArray:
        return _probability(tables[rows], c[:, np.newaxis]) / of_total[rows]

    def settle(
        rows: NDArray[np.intp], c: FloatArray, reached: FloatArray, level: FloatArray
    ) -> None:
        enough = reached > level[rows]
        near, far = rows[enough], rows[~enough]
        high[near], above[near] = c[enough], reached[enough]
        low[far], below[far] = c[~enough], reached[~enough]

    def bisect(level: FloatArray) -> None:
        while (rows := np.flatnonzero(high - low > 1)).size:
            c = np.floor((low[rows] + high[rows]) / 2)
            settle(rows, c, probability(rows, c), level)

    # The guess is seldom off by more than one, and three at once take little longer than one.
    first = np.minimum(level, 0.98)
    guess = np.ceil(_normal_distance(deviations, first))
    around = np.clip(guess + np.array([[-1.0], [1.0], [0.0]]), 1.0, furthest)
    found = probability(np.tile(np.arange(total.size), 3), around.ravel()).reshape(3, -1)
    for c, reached in zip(around, found, strict=True):
        rows = np.flatnonzero((low < c) & (c < high))
        settle(rows, c[rows], reached[rows], first)
    bisect(first)

    rows = np.flatnonzero(above <= level)
    low[rows], below[rows] = high[rows], above[rows]
    high[rows], above[rows] = furthest[rows], 1.0
    while rows.size:
        following = low + np.maximum(1.0, np.floor(low / 50))
        rows = rows[following[rows] < high[rows]]
        settle(rows, following[rows], probability(rows, following[rows]), level)
    bisect(level)
    return low, (level - below) / (above - below)


def _normal_distance(deviations: FloatArray, level: FloatArray) -> FloatArray:
    """Return about the distance that rounded normal counts of a fixed total keep at this level.

    Newton on a sum of concave logarithms, from below Bonferroni's distance.
    """
    from scipy.special import ndtr, ndtri

    deviations = np.maximum(deviations, 0.1)  # an empty cell keeps any distance
    cells = deviations.shape[1]
    free = max(cells - 1, 1) / cells
    start = -ndtri((1 - level) / (2 * cells)) * deviations.max(axis=1)
    reach: FloatArray = 0.75 * start
    for _ in range(3):
        u = np.minimum(reach[:, np.newaxis] / deviations, 38.0)
        inside = 1 - 2 * ndtr(-u)
        slope = (np.exp(-u * u / 2) / (deviations * inside)).sum(axis=1) * np.sqrt(2 / np.pi)
        newton = reach - (np.log(inside).sum(axis=1) - np.log(level) / free) / slope
        reach = np.maximum(newton, reach / 2)
    return reach - 0.5


def _probability(tables: FloatArray, c: FloatArray) -> FloatArray:
    """Approximate the probability that Poisson counts lie within c and have the same total."""
    inside, moments = _truncated(tables, c)
    mean, second, third, fourth = moments
    square = mean * mean
    variance = second - square
    skew = third - mean * (3 * second - 2 * square)
    tails = fourth - mean * (4 * third - mean * (6 * second - 3 * square)) - 3 * variance**2

    shift, spread, skew, tails = np.stack([mean, variance, skew, tails]).sum(axis=-1)
    g1, g2 = skew / spread**1.5, tails / spread**2
    z2 = shift * shift / spread
    z = -shift / np.sqrt(spread)
    edgeworth = (
        1
        + g1 / 6 * z * (z2 - 3)
        + g2 / 24 * (z2 * (z2 - 6) + 3)
        + g1 * g1 / 72 * (z2 * (z2 * (z2 - 15) + 45) - 15)
    )
    probability: FloatArray = (
        inside.prod(axis=-1) * edgeworth * np.exp(-z2 / 2) / np.sqrt(2 * np.pi * spread)
    )
    return probability


def _truncated(mean: FloatArray, c: FloatArray) -> Limits:
    """Return P(|Y - mean| <= c), Y Poisson, and given that E(Y - mean), …, E(Y - mean)⁴.

    The moments follow from Σ p(y) (mean g(y + 1) - y g(y)), which telescopes to what the two
    ends leave over, with g the powers of y - mean: no differences of large numbers.
    """
    from scipy.special import gammaincc

    empty = mean == 0  # such a count is 0 for certain
    mean = np.where(empty, 1.0, mean)
    ends = np.stack([np.maximum(mean - c, 0.0), mean + c + 1])
    some = ends > 0
    before, up_to = np.where(some, gammaincc(np.where(some, ends, 1.0), mean), 0.0)
    inside = up_to - before

    # Of the flow y p(y) = mean p(y - 1), at either end, and where it goes.
    entering, leaving = ends * _poisson(ends, mean) / inside
    down, up = ends - mean
    flows = [entering - leaving]
    for _ in range(3):
        entering, leaving = entering * down, leaving * up
        flows.append(entering - leaving)
    e1 = flows[0]
    e2 = flows[1] + mean
    e3 = flows[2] + mean * (2 * e1 + 1)
    e4 = flows[3] + mean * (3 * (e2 + e1) + 1)
    moments = np.where(empty, 0.0, np.stack([e1, e2, e3, e4]))
    return np.where(empty, 1.0, inside), moments


def _poisson(y: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the Poisson probability of y; the logarithms cancel before they lose digits."""
    from scipy.special import gammaln

    large = np.maximum(y, 10.0)
    far = (mean - large) / large
    # Stirling's series, its error below 1e-13 from y = 10 on.
    square = large * large
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / large
    by_stirling = large * (np.log1p(far) - far) - series - np.log(2 * np.pi * large) / 2
    small = np.minimum(y, 10.0)
    directly = small * np.log(mean) - mean - gammaln(small + 1)
    probability: FloatArray = np.exp(np.where(y < 10, directly, by_stirling))
    return probability
