"""Difference of two rates: how much faster events come, per unit of exposure."""

from collections.abc import Mapping
from functools import partial
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._frame import (
    Kernel,
    Limits,
    Tail,
    interval,
    lookup,
    normal_quantile,
    p_value,
)
from lhp_metrics.intervals._mover import difference_by_mover
from lhp_metrics.intervals._score import (
    FAR,
    Moments,
    beyond_corner,
    falling_root,
    normal_tails,
    shortfall,
    stacked,
    swapped,
    tails_beside,
)
from lhp_metrics.intervals._two_samples import two_rates
from lhp_metrics.intervals.rates import score_means

__all__ = [
    "RateDifferenceMethod",
    "RateDifferenceTest",
    "rate_difference_interval",
    "rate_difference_p_value",
]

RateDifferenceMethod = Literal["score", "mover-score", "wald", "scas"]
RateDifferenceTest = Literal["score", "wald", "scas"]


@overload
def rate_difference_interval(
    events: float,
    exposure: float,
    base_events: float,
    base_exposure: float,
    *,
    method: RateDifferenceMethod = "score",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def rate_difference_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    *,
    method: RateDifferenceMethod = "score",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def rate_difference_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    *,
    method: RateDifferenceMethod = "score",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for a rate less the base's, per unit of exposure.

    Parameters
    ----------
    events, base_events : int or array of int
        Whole numbers of at least 0. Arrays broadcast.
    exposure, base_exposure : float or array of float
        Time at risk, days open, or whatever the events are counted over, in one unit; above 0.
        The limits are per unit of it.
    method : {"score", "mover-score", "wald", "scas"}, default "score"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper one
        (the lower end is -inf).

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape, always finite if two-sided.

    Raises
    ------
    InvalidInputError
        If events are negative or not whole, if exposure is not above 0, if anything is NaN or
        infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    See Also
    --------
    rate_difference_p_value : the test behind all methods but ``"mover-score"``.

    Notes
    -----
    ``"score"`` [1]_ inverts the score test, its variance taken where the likelihood is highest
    among all pairs of rates with that difference; ``"scas"`` [2]_ corrects it for skewness, so
    that each end misses equally often. ``"mover-score"`` [3]_ squares and adds the two rates'
    own score intervals; ``"wald"`` is the normal approximation, too short for few events and
    of width 0 at 0 against 0.

    References
    ----------
    .. [1] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.
    .. [2] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [3] H. Li, M. L. Tang and W. K. Wong (2014), Computational Statistics 29, 869-889.

    Examples
    --------
    164 registrations in 133 days, after 158 in 233 days:

    >>> low, high = rate_difference_interval(164, 133, 158, 233)
    >>> f"{30 * low:.1f} to {30 * high:.1f} more per 30 days"
    '10.4 to 23.4 more per 30 days'
    """
    return interval(
        lookup(method, _INTERVALS),
        two_rates(events, exposure, base_events, base_exposure),
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(-np.inf, np.inf),
    )


@overload
def rate_difference_p_value(
    events: float,
    exposure: float,
    base_events: float,
    base_exposure: float,
    null: float = 0.0,
    *,
    method: RateDifferenceTest = "score",
) -> float: ...
@overload
def rate_difference_p_value(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    null: ArrayLike = 0.0,
    *,
    method: RateDifferenceTest = "score",
) -> NDArray[np.float64]: ...
def rate_difference_p_value(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    null: ArrayLike = 0.0,
    *,
    method: RateDifferenceTest = "score",
) -> float | NDArray[np.float64]:
    """Two-sided p-value of "the difference of the two rates is `null`".

    Parameters
    ----------
    events, exposure, base_events, base_exposure : int, float or arrays
        As for `rate_difference_interval`.
    null : float or array of float, default 0.0
        The difference under test, per unit of exposure: finite.
    method : {"score", "wald", "scas"}, default "score"
        As for `rate_difference_interval`.

    Returns
    -------
    float or ndarray
        Below ``1 - confidence_level`` exactly where the interval of the same method leaves
        `null` out. For 0 against 0 at a null of 0 it is 1.

    Raises
    ------
    InvalidInputError
        As for `rate_difference_interval`, and if `null` is not finite.

    Examples
    --------
    >>> f"{rate_difference_p_value(164, 133, 158, 233):.1e}"
    '5.2e-08'
    """
    nulls = _checks.numbers("null", null)
    _checks.refuse_where(np.isinf(nulls), nulls, "null", "must be finite")
    return p_value(
        lookup(method, _TESTS), two_rates(events, exposure, base_events, base_exposure), nulls
    )


def _moments(
    u: FloatArray,
    corner: NDArray[np.bool_],
    x: FloatArray,
    t: FloatArray,
    x0: FloatArray,
    t0: FloatArray,
    *,
    skew: bool,
) -> Moments:
    """Return the moments of the score, observed less null difference, at the multiplier m.

    The slopes x / r − t = m and x0 / r0 − t0 = −m give r = x / (t + m) and
    r0 = x0 / (t0 − m), with t0 − m = u² m. Without base events r0 stays 0 until m = t0, and m
    stays t0 from there on: in this `corner` it is 1 / (t0 r0) that equals u².
    """
    w = u * u
    s = t0 / (1 + w)
    m = np.where(corner, t0, s)
    rate, base_rate = w * x / (t + m), np.where(corner, 1 / t0, x0 / s)  # times u²
    variance = rate / t + base_rate / t0
    third = w * (rate / (t * t) - base_rate / (t0 * t0)) if skew else None
    return Moments(m * variance, variance, third)


def _score_limits(
    x: FloatArray,
    t: FloatArray,
    x0: FloatArray,
    t0: FloatArray,
    tail: Tail,
    *,
    skew: bool,
) -> Limits:
    x, t, x0, t0, z = stacked(x, t, x0, t0, normal_quantile(tail))
    goal = z * z

    def gap(u: FloatArray, *columns: FloatArray) -> FloatArray:
        corner, *samples, z = columns
        return shortfall(u, z, _moments(u, corner > 0, *samples, skew=skew))

    # Either group alone would put 1/m here; they are squared and added.
    base = (goal + np.sqrt(goal * (goal + 4 * x0))) / (2 * goal * t0)
    own = 2 * x / t / (goal + np.sqrt(goal * (goal + 4 * x)))
    start = np.maximum(t0 * np.hypot(own, base) - 1, 1e-9)
    corner = beyond_corner(gap, (x, t, x0, t0, z), x0 == 0)
    reached = x / t * t0 * (t0 / (t + t0))
    start = np.sqrt(np.where(corner > 0, 1 / np.maximum(goal - reached, 1e-6 * goal), start))
    u = falling_root(gap, (corner, x, t, x0, t0, z), start, FAR * start)
    score = _moments(u, corner > 0, x, t, x0, t0, skew=False).score / (u * u)
    low, negated_high = np.split(x / t - x0 / t0 - score, 2)
    return low, -negated_high


def _score_tails(
    x: FloatArray,
    t: FloatArray,
    x0: FloatArray,
    t0: FloatArray,
    null: FloatArray,
    *,
    skew: bool,
) -> Limits:
    above = null > x / t - x0 / t0
    x, t, x0, t0 = swapped(above, x, t, x0, t0)
    null = np.where(above, -null, null)
    # The lower of the two likeliest rates solves T r² − (X − T |null|) r = (its events) |null|.
    distance, fewer = np.abs(null), np.where(null > 0, x0, x)
    lead = x + x0 - (t + t0) * distance
    root = np.hypot(lead, 2 * np.sqrt((t + t0) * distance * fewer))
    low = np.where(lead > 0, (lead + root) / (2 * (t + t0)), 2 * fewer * distance / (root - lead))
    rate, base_rate = low + np.maximum(null, 0), low + np.maximum(-null, 0)
    moments = Moments(
        x / t - x0 / t0 - null,
        rate / t + base_rate / t0,
        rate / (t * t) - base_rate / (t0 * t0) if skew else None,
    )
    return tails_beside(np.ones_like(x), moments, above)


def _mover_score(
    x: FloatArray, t: FloatArray, x0: FloatArray, t0: FloatArray, tail: Tail
) -> Limits:
    z = normal_quantile(tail)
    (low, high), (base_low, base_high) = score_means(x, z), score_means(x0, z)
    return difference_by_mover(x / t, low / t, high / t, x0 / t0, base_low / t0, base_high / t0)


def _wald(x: FloatArray, t: FloatArray, x0: FloatArray, t0: FloatArray, tail: Tail) -> Limits:
    difference = x / t - x0 / t0
    reach = normal_quantile(tail) * np.hypot(np.sqrt(x) / t, np.sqrt(x0) / t0)
    return difference - reach, difference + reach


def _wald_tails(
    x: FloatArray, t: FloatArray, x0: FloatArray, t0: FloatArray, null: FloatArray
) -> Limits:
    difference = x / t - x0 / t0
    return normal_tails((difference - null) / np.hypot(np.sqrt(x) / t, np.sqrt(x0) / t0))


_INTERVALS: Mapping[str, Kernel] = {
    "score": partial(_score_limits, skew=False),
    "mover-score": _mover_score,
    "wald": _wald,
    "scas": partial(_score_limits, skew=True),
}
_TESTS: Mapping[str, Kernel] = {
    "score": partial(_score_tails, skew=False),
    "wald": _wald_tails,
    "scas": partial(_score_tails, skew=True),
}
