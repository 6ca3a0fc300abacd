"""Intervals and tests for one proportion: so many successes of so many trials."""

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._beta import clopper_pearson_odds, mid_p_odds
from lhp_metrics.intervals._frame import Binomial, Kernel, Tail, interval, lookup, normal_quantile

__all__ = ["ProportionMethod", "proportion_interval", "wilson_limits"]

ProportionMethod = Literal["wilson", "clopper-pearson", "mid-p"]


@overload
def proportion_interval(
    successes: float,
    trials: float,
    *,
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def proportion_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    method: ProportionMethod = "wilson",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def proportion_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    method: ProportionMethod = "wilson",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for the probability of success.

    Parameters
    ----------
    successes, trials : int or array of int
        Whole numbers with 0 <= successes <= trials. Arrays broadcast.
    method : {"wilson", "clopper-pearson", "mid-p"}, default "wilson"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is 1), ``"less"`` an upper one.

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. With no trials it is (0, 1):
        nothing is known.

    Raises
    ------
    InvalidInputError
        If a count is negative, not whole, NaN or infinite, if successes exceed trials, if
        shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    References
    ----------
    .. [1] E. B. Wilson (1927), JASA 22, 209-212.
    .. [2] C. J. Clopper and E. S. Pearson (1934), Biometrika 26, 404-413.
    .. [3] R. G. Newcombe (1998), Statistics in Medicine 17, 857-872.

    Examples
    --------
    >>> low, high = proportion_interval(15, 148)
    >>> f"{low:.3f} to {high:.3f}"
    '0.062 to 0.160'
    >>> proportion_interval([0, 5, 10], 10, method="clopper-pearson").low.round(4)
    array([0.    , 0.1871, 0.6915])
    """
    kernel = lookup(method, _INTERVALS)
    return interval(
        kernel,
        [(Binomial(), successes, trials)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, 1.0),
    )


def wilson_limits(k: FloatArray, n: FloatArray, z: Tail) -> tuple[FloatArray, FloatArray]:
    """Return the roots of (k - n p)² = z² n p (1 - p); exact at the edges."""
    all_succeeded = k == n
    n = np.maximum(n, 1)  # 0 of 0 is (0, 1) whatever the divisor
    middle = k + z * z / 2
    reach = z * np.sqrt(k * (n - k) / n + z * z / 4)
    # The roots' product is k² / (n (n + z²)): the small root without a difference.
    low = k * k / (n * (middle + reach))
    high = np.where(all_succeeded, 1.0, (middle + reach) / (n + z * z))
    return low, high


def _wilson(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    return wilson_limits(k, n, normal_quantile(tail))


def _clopper_pearson(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    return _proportions(*clopper_pearson_odds(k, n, tail))


def _mid_p(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    return _proportions(*mid_p_odds(k, n, tail))


def _proportions(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    high = np.minimum(high, 1e300)  # so that infinite odds are 1 and not inf / inf
    return low / (1 + low), high / (1 + high)


_INTERVALS: Mapping[str, Kernel] = {
    "wilson": _wilson,
    "clopper-pearson": _clopper_pearson,
    "mid-p": _mid_p,
}
