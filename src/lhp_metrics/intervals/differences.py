"""Difference of two proportions: how many points lie between two success rates."""

from collections.abc import Mapping
from functools import partial
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._approximate import wilson, wilson_cc
from lhp_metrics.intervals._frame import Kernel, Limits, Tail, lookup, normal_quantile
from lhp_metrics.intervals._mover import difference_by_mover
from lhp_metrics.intervals._score import (
    FAR,
    TINY,
    Falling,
    Moments,
    falling_root,
    inflation,
    normal_tails,
    shortfall,
    stacked,
    swapped,
    tails_beside,
)
from lhp_metrics.intervals._two_samples import two_proportion_interval, two_proportion_p_value

__all__ = ["DifferenceMethod", "DifferenceTest", "difference_interval", "difference_p_value"]

DifferenceMethod = Literal[
    "miettinen-nurminen", "mee", "newcombe", "newcombe-cc", "agresti-caffo", "wald", "scas"
]
DifferenceTest = Literal["miettinen-nurminen", "mee", "wald", "scas"]


@overload
def difference_interval(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def difference_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def difference_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for a proportion less the base's, as a fraction from −1 to 1.

    Parameters
    ----------
    successes, base_successes : int or array of int
        Whole numbers of at least 0, at most the trials. Arrays broadcast.
    trials, base_trials : int or array of int
        Whole numbers of at least 0.
    method : {"miettinen-nurminen", "mee", "newcombe", "newcombe-cc", "agresti-caffo", \
"wald", "scas"}, default "miettinen-nurminen"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is 1), ``"less"`` an upper one
        (the lower end is −1).

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. A group of 0 trials says nothing: the
        interval is (−1, 1).

    Raises
    ------
    InvalidInputError
        If a count is negative or not whole, if successes exceed trials, if anything is NaN or
        infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    See Also
    --------
    difference_p_value : the test behind the score and Wald methods.

    Notes
    -----
    ``"miettinen-nurminen"`` [1]_ inverts the score test, its variance taken where the
    likelihood is highest among all pairs with that difference, and multiplied by
    N / (N − 1); it handles 0 and all successes, and interval and p-value agree. ``"mee"`` [2]_
    leaves that factor out. ``"scas"`` [3]_ corrects the former for skewness, so that each end
    misses equally often. ``"newcombe"`` [4]_ squares and adds the two Wilson intervals: nearly
    as good, in closed form; ``"newcombe-cc"`` starts from continuity-corrected ones and is
    conservative. ``"agresti-caffo"`` [5]_ adds a success and a failure to each group and then
    takes the normal approximation; ``"wald"`` takes it at once and is too short for small
    groups, of width 0 at 0 of n against 0 of n.

    References
    ----------
    .. [1] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.
    .. [2] R. W. Mee (1984), Biometrics 40, 1175-1176.
    .. [3] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [4] R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, methods 10 and 11.
    .. [5] A. Agresti and B. Caffo (2000), The American Statistician 54, 280-288.

    Examples
    --------
    56 of 70 after 48 of 80:

    >>> low, high = difference_interval(56, 70, 48, 80)
    >>> f"{100 * low:+.1f} to {100 * high:+.1f} percentage points"
    '+5.3 to +33.8 percentage points'
    """
    return two_proportion_interval(
        lookup(method, _INTERVALS),
        (successes, trials, base_successes, base_trials),
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(-1.0, 1.0),
    )


@overload
def difference_p_value(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    null: float = 0.0,
    *,
    method: DifferenceTest = "miettinen-nurminen",
) -> float: ...
@overload
def difference_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 0.0,
    *,
    method: DifferenceTest = "miettinen-nurminen",
) -> NDArray[np.float64]: ...
def difference_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 0.0,
    *,
    method: DifferenceTest = "miettinen-nurminen",
) -> float | NDArray[np.float64]:
    """Two-sided p-value of "the difference of the two proportions is `null`".

    Parameters
    ----------
    successes, trials, base_successes, base_trials : int or array of int
        As for `difference_interval`.
    null : float or array of float, default 0.0
        The difference under test: a fraction from −1 to 1.
    method : {"miettinen-nurminen", "mee", "wald", "scas"}, default "miettinen-nurminen"
        As for `difference_interval`; ``"mee"`` at 0 is Pearson's χ² test.

    Returns
    -------
    float or ndarray
        Below ``1 - confidence_level`` exactly where the interval of the same method leaves
        `null` out. With a group of 0 trials it is 1.

    Raises
    ------
    InvalidInputError
        As for `difference_interval`, and if `null` is outside −1 to 1.

    Examples
    --------
    >>> f"{difference_p_value(56, 70, 48, 80):.4f}"
    '0.0083'
    """
    nulls = _checks.numbers("null", null)
    _checks.refuse_where(np.abs(nulls) > 1, nulls, "null", "must be between -1 and 1")
    return two_proportion_p_value(
        lookup(method, _TESTS), (successes, trials, base_successes, base_trials), nulls
    )


def _pulled(
    w: FloatArray, corner: FloatArray, x: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return p/w, p and q where the slope of the log-likelihood is m = corner + 1/w.

    (x − n p) / (p q) = m is a quadratic equation, for p as for q. Written without differences
    of like numbers, so that small p and small q keep all their digits.
    """
    lead = (n - corner) * w - 1
    m_w = corner * w + 1
    root = np.sqrt(lead * lead + 4 * m_w * w * (n - x))
    p_over_w = 2 * x / ((n + corner) * w + 1 + root)
    q = np.where(lead > 0, 2 * (n - x) * w / (lead + root), (root - lead) / (2 * m_w))
    return p_over_w, p_over_w * w, q


def _moments(
    u: FloatArray,
    corner: FloatArray,
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    *,
    inflate: bool,
    skew: bool,
) -> Moments:
    """Return the score, observed less null difference, at the multiplier corner + 1/u².

    Of the base the slope is the negative, so failures take the part of successes.
    """
    w = u * u
    p_over_w, p, q = _pulled(w, corner, x, n)
    q0_over_w, q0, p0 = _pulled(w, corner, n0 - x0, n0)
    own, base = p_over_w * q / n, q0_over_w * p0 / n0
    return Moments(
        (1 + corner * w) * (own + base),
        (own + base) * (inflation(n, n0) if inflate else 1.0),
        own * (q - p) / n - base * (q0 - p0) / n0 if skew else None,
    )


_score = partial(_moments, inflate=False, skew=False)


def _corner(gap: Falling, columns: tuple[FloatArray, ...]) -> FloatArray:
    """Return the last multiplier before the root of `gap` where a proportion leaves its edge.

    Without failures p stays 1 up to m = n, without base successes p0 stays 0 up to m = n0.
    Just beyond, all their digits are in the distance from there.
    """
    x, n, x0, n0, _ = columns
    corner = np.zeros_like(n)
    for at_edge, size in ((x == n, n), (x0 == 0, n0)):
        lanes = np.flatnonzero(at_edge)
        if lanes.size:
            here, m = tuple(column[lanes] for column in columns), size[lanes]
            reached = gap(1 / np.sqrt(m), np.zeros(lanes.size), *here) <= 0
            corner[lanes] = np.where(reached, np.maximum(corner[lanes], m), corner[lanes])
    return corner


def _solve(gap: Falling, columns: tuple[FloatArray, ...], inverse: FloatArray) -> Limits:
    """Return u and the corner of the root of `gap`, about at the multiplier 1/inverse."""
    corner = _corner(gap, columns)
    beyond = (inverse > 0) & (corner > 0)
    start = np.sqrt(np.where(beyond, inverse / np.maximum(1 - corner * inverse, inverse), inverse))
    return falling_root(gap, (corner, *columns), start, FAR * start), corner


def _score_limits(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    tail: Tail,
    *,
    inflate: bool,
    skew: bool,
) -> Limits:
    x, n, x0, n0, z = stacked(x, n, x0, n0, normal_quantile(tail))
    goal = z * z * (inflation(n, n0) if inflate else 1.0)
    # Newcombe's idea: each group's own Wilson limit, squared and added.
    inverse = np.hypot(_one_sample(x, n, goal), _one_sample(n0 - x0, n0, goal))

    def gap(u: FloatArray, *columns: FloatArray) -> FloatArray:
        *samples, z = columns
        return shortfall(u, z, _moments(u, *samples, inflate=inflate, skew=skew))

    u, corner = _solve(gap, (x, n, x0, n0, z), inverse)
    low = _observed(x, n, x0, n0) - _score(u, corner, x, n, x0, n0).score
    low, negated_high = np.split(np.where(u > 0, low, -1.0), 2)
    return _within_range(low, -negated_high)


def _one_sample(x: FloatArray, n: FloatArray, goal: FloatArray) -> FloatArray:
    """Return 1/m at the lower Wilson limit of one group, the other held fixed."""
    p = x / n
    return (goal * (2 * p - 1) + np.sqrt(goal * goal + 4 * goal * x * (1 - p))) / (
        2 * goal * (n + goal)
    )


def _score_tails(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    null: FloatArray,
    *,
    inflate: bool,
    skew: bool,
) -> Limits:
    above = null > _observed(x, n, x0, n0)
    x, n, x0, n0 = swapped(above, x, n, x0, n0)
    null = np.where(above, -null, null)
    distance = np.maximum(_observed(x, n, x0, n0) - null, TINY)
    # The multiplier if the proportions at the null were the pooled ones, as they are at 0.
    p0 = np.clip((x + x0 - n * null) / (n + n0), np.maximum(0, -null), np.minimum(1, 1 - null))
    p = p0 + null

    def gap(u: FloatArray, *columns: FloatArray) -> FloatArray:
        *samples, distance = columns
        return _score(u, *samples).score - distance

    u, corner = _solve(
        gap, (x, n, x0, n0, distance), (p * (1 - p) / n + p0 * (1 - p0) / n0) / distance
    )
    # A difference of −1 is the limit of differences near it; the estimate has no deviate.
    u = np.where(distance > TINY, np.maximum(u, TINY), np.nan)
    moments = _moments(u, corner, x, n, x0, n0, inflate=inflate, skew=skew)
    return tails_beside(u, moments, above)


def _observed(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray) -> FloatArray:
    # Over a common denominator, where rounding cannot exceed the smaller products.
    return (x * (n0 - x0) - x0 * (n - x)) / (n * n0)


def _newcombe(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    tail: Tail,
    *,
    limits: Kernel,
) -> Limits:
    return _within_range(
        *difference_by_mover(x / n, *limits(x, n, tail), x0 / n0, *limits(x0, n0, tail))
    )


def _wald(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail) -> Limits:
    difference, error = _wald_error(x, n, x0, n0)
    reach = normal_quantile(tail) * error
    return _within_range(difference - reach, difference + reach)


def _wald_tails(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, null: FloatArray
) -> Limits:
    difference, error = _wald_error(x, n, x0, n0)
    return normal_tails((difference - null) / error)


def _agresti_caffo(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail
) -> Limits:
    return _wald(x + 1, n + 2, x0 + 1, n0 + 2, tail)


def _wald_error(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray) -> Limits:
    p, p0 = x / n, x0 / n0
    return p - p0, np.sqrt(p * (1 - p) / n + p0 * (1 - p0) / n0)


def _within_range(low: FloatArray, high: FloatArray) -> Limits:
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


_INTERVALS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_limits, inflate=True, skew=False),
    "mee": partial(_score_limits, inflate=False, skew=False),
    "newcombe": partial(_newcombe, limits=wilson),
    "newcombe-cc": partial(_newcombe, limits=wilson_cc),
    "agresti-caffo": _agresti_caffo,
    "wald": _wald,
    "scas": partial(_score_limits, inflate=True, skew=True),
}
_TESTS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_tails, inflate=True, skew=False),
    "mee": partial(_score_tails, inflate=False, skew=False),
    "wald": _wald_tails,
    "scas": partial(_score_tails, inflate=True, skew=True),
}
