"""Chebyshev series that stand in for the solvers of exact limits, at one tail probability.

With α = k + 1/2, β = n − k + 1/2, r² = 1/α + 1/β and μ = α/(α + β), a binomial limit's log
odds are log(α/β) ± r g(r, μ), where g is smooth down to r = 0, n infinite. Some hundred
solutions at Chebyshev nodes give g to the last digit of the odds, and every further limit
costs a polynomial in place of a search. With few successes or few failures the same is done
in 1/β alone, number by number, and below `CORNER` trials all limits are simply kept.
A Poisson limit's log mean is log(α) ± r g(r), r² = 1/α.
"""

import functools
from collections.abc import Callable
from typing import TypeGuard

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail
from lhp_metrics.intervals._tabulated import place, places

__all__ = ["LowerOdds", "Means", "mean_surrogate", "odds_surrogate", "worthwhile"]

# Lower odds of so many successes and failures, which need not be whole, at a tail probability.
LowerOdds = Callable[[FloatArray, FloatArray, Tail], FloatArray]

# Both means of so many events.
Means = Callable[[FloatArray, Tail], Limits]

MANY = 64  # limits that are worth a series, which takes some milliseconds once a level

EDGE = 16  # from so many successes and failures on, the two-dimensional series holds
CORNER = 2 * EDGE
FARTHEST = np.sqrt(2 / (EDGE + 0.5))  # the largest r there
R_TERMS, MU_TERMS, EDGE_TERMS = 18, 16, 20

# Elements whose matrix products BLAS computes alone: its threads cost more than they save.
CENTRAL_BLOCK, EDGE_BLOCK, MEAN_BLOCK = 1_600, 800, 6_400


def worthwhile(tail: Tail, size: int) -> TypeGuard[float]:
    """Say whether so many limits of one tail are better read off a series."""
    return size >= MANY and isinstance(tail, float) and 1e-10 < tail < 0.5


@attrs.frozen(eq=False)
class OddsSurrogate:
    """The series of one kind of binomial limit at one tail probability."""

    even: FloatArray  # of g: rows for r, columns for the even polynomials in 2μ - 1
    odd: FloatArray
    scale: FloatArray  # of odds β/α at the edge: limit, k
    edges: FloatArray  # of the logarithm of what is left: limit, k, polynomial in 1/β
    corner: Limits  # odds by the place of (k, n)

    def odds(self, k: FloatArray, n: FloatArray) -> Limits:
        """Return the odds of both limits."""
        low, high = np.empty_like(k), np.empty_like(k)
        small, central = n < CORNER, np.minimum(k, n - k) >= EDGE
        for wanted, part, most in (
            (small, self._corner, k.size),
            (central, self._central, CENTRAL_BLOCK),
            (~(small | central), self._edge, EDGE_BLOCK),
        ):
            found = np.flatnonzero(wanted)
            for start in range(0, found.size, most):
                rows = found[start : start + most]
                low[rows], high[rows] = part(k[rows], n[rows])
        return low, high

    def _central(self, k: FloatArray, n: FloatArray) -> Limits:
        a, b = k + 0.5, n - k + 0.5
        r = np.sqrt(1 / a + 1 / b)
        in_mu = _chebyshev((a - b) / (n + 1), MU_TERMS)
        in_r = _chebyshev(_scaled(r), R_TERMS)
        # The upper limit mirrors the lower one: the odd polynomials change their sign.
        even = np.einsum("ib,ib->b", in_r, self.even @ in_mu[0::2])
        odd = np.einsum("ib,ib->b", in_r, self.odd @ in_mu[1::2])
        ratio = a / b
        return ratio * np.exp(-r * (even + odd)), ratio * np.exp(r * (even - odd))

    def _edge(self, k: FloatArray, n: FloatArray) -> Limits:
        mirrored = k > n - k
        few = np.where(mirrored, n - k, k)
        a, b = few + 0.5, n - few + 0.5
        polynomials = _chebyshev((2 * EDGE + 1) / b - 1, EDGE_TERMS)
        row = few.astype(np.intp)
        # All sixteen series at each point and then the right one: faster than gathering.
        all_rest = self.edges @ polynomials
        low, high = (
            a / b * self.scale[side][row] * np.exp(all_rest[side][row, np.arange(k.size)])
            for side in (0, 1)
        )
        low[few == 0] = 0.0
        with np.errstate(divide="ignore"):
            return np.where(mirrored, 1 / high, low), np.where(mirrored, 1 / low, high)

    def _corner(self, k: FloatArray, n: FloatArray) -> Limits:
        found = place(k, n)
        return self.corner[0][found], self.corner[1][found]


@functools.lru_cache(maxsize=64)
def odds_surrogate(lower: LowerOdds, tail: float) -> OddsSurrogate:
    """Return the series for these lower odds; their mirror image gives the upper ones."""
    # Nodes are cosines of angles; half an angle gives 1 ± cosine without a difference.
    in_r, in_mu = _angles(R_TERMS + 6), _angles(MU_TERMS + 4)
    r = FARTHEST * np.cos(in_r / 2)[:, np.newaxis] ** 2
    a, b = 1 / (r * np.sin(in_mu / 2)) ** 2, 1 / (r * np.cos(in_mu / 2)) ** 2
    shift = -np.log(_solved(lower, a - 0.5, b - 0.5, tail) * (b / a))
    g = _fit_in_r(in_r, _series(shift)[:, :MU_TERMS])

    k = np.repeat(np.arange(float(EDGE))[:, np.newaxis], EDGE_TERMS, axis=1)
    b = np.tile((EDGE + 0.5) / np.cos(_angles(EDGE_TERMS) / 2) ** 2, (EDGE, 1))
    below, above = _solved(lower, k, b - 0.5, tail), 1 / _solved(lower, b - 0.5, k, tail)
    below[0] = 1.0  # 0 successes: there is no lower limit, whatever stands here
    edge = np.stack([below, above]) * (b / (k + 0.5))
    scale = edge[:, :, :1].copy()

    k, n = places(CORNER - 1)
    with np.errstate(divide="ignore"):
        corner = lower(k, n - k, tail), 1 / lower(n - k, k, tail)
    return OddsSurrogate(
        even=g[:, 0::2].copy(),
        odd=g[:, 1::2].copy(),
        scale=scale[:, :, 0],
        edges=_series(np.log(edge / scale)),
        corner=corner,
    )


@attrs.frozen(eq=False)
class MeanSurrogate:
    """The series of one kind of Poisson limit at one tail probability."""

    g: FloatArray  # limit, polynomial in r
    few: FloatArray  # means: limit, events

    def means(self, events: FloatArray) -> Limits:
        """Return the means of both limits."""
        low, high = np.empty_like(events), np.empty_like(events)
        few = events < EDGE
        if few.any():
            low[few], high[few] = self.few[:, events[few].astype(np.intp)]
        rows = np.flatnonzero(~few)
        for start in range(0, rows.size, MEAN_BLOCK):
            part = rows[start : start + MEAN_BLOCK]
            a = events[part] + 0.5
            r = 1 / np.sqrt(a)
            low[part], high[part] = a * np.exp(r * (self.g @ _chebyshev(_scaled(r), R_TERMS)))
        return low, high


@functools.lru_cache(maxsize=64)
def mean_surrogate(solver: Means, tail: float) -> MeanSurrogate:
    """Return the series for these limits of a Poisson mean."""
    in_r = _angles(R_TERMS + 6)
    a = 1 / (FARTHEST * np.cos(in_r / 2) ** 2) ** 2
    shift = np.log(np.stack(solver(a - 0.5, tail)) / a)
    few = np.stack(solver(np.arange(float(EDGE)), tail))
    return MeanSurrogate(g=_fit_in_r(in_r, shift.T).T.copy(), few=few)


def _solved(lower: LowerOdds, k: FloatArray, failures: FloatArray, tail: float) -> FloatArray:
    return lower(k.ravel(), failures.ravel(), tail).reshape(k.shape)


def _angles(count: int) -> FloatArray:
    return np.pi * (np.arange(count) + 0.5) / count


def _scaled(r: FloatArray) -> FloatArray:
    scaled: FloatArray = r * (2 / FARTHEST) - 1
    return scaled


def _fit_in_r(angles: FloatArray, values: FloatArray) -> FloatArray:
    """Return the series g for which r g fits values at nodes of r, along the first axis.

    There are more nodes than terms, which smooths rounding away; it is the same in r g at
    all r.
    """
    r = FARTHEST * np.cos(angles / 2) ** 2
    terms = np.cos(np.outer(angles, np.arange(R_TERMS))) * r[:, np.newaxis]
    series: FloatArray = np.linalg.lstsq(terms, values, rcond=None)[0]
    return series


def _chebyshev(x: FloatArray, count: int) -> FloatArray:
    """Return the first Chebyshev polynomials of x, one a row."""
    rows = np.empty((count, x.size))
    rows[0], rows[1] = 1.0, x
    twice = 2 * x
    for i in range(2, count):
        np.multiply(rows[i - 1], twice, out=rows[i])
        rows[i] -= rows[i - 2]
    return rows


def _series(values: FloatArray) -> FloatArray:
    """Return the Chebyshev series through values at the nodes, along the last axis."""
    count = values.shape[-1]
    weights = np.cos(np.outer(_angles(count), np.arange(count))) * (2 / count)
    weights[:, 0] /= 2
    series: FloatArray = values @ weights
    return series
