"""Intervals for one rate: so many events over so much exposure."""

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._frame import (
    Kernel,
    Limits,
    Poisson,
    Tail,
    interval,
    lookup,
    normal_quantile,
)
from lhp_metrics.intervals._gamma import garwood_means, jeffreys_means, mid_p_means

__all__ = ["RateMethod", "rate_interval"]

RateMethod = Literal["exact", "mid-p", "byar", "phe", "score", "jeffreys", "wald", "scas"]


@overload
def rate_interval(
    events: float,
    exposure: float,
    *,
    method: RateMethod = "exact",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def rate_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    method: RateMethod = "exact",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def rate_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    method: RateMethod = "exact",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for a Poisson rate, per unit of exposure.

    Parameters
    ----------
    events : int or array of int
        Whole numbers of at least 0. Arrays broadcast.
    exposure : float or array of float
        Time at risk, days open, or whatever the events are counted over; above 0. The
        limits are per unit of it.
    method : {"exact", "mid-p", "byar", "phe", "score", "jeffreys", "scas", "wald"}
        See Notes; the default is "exact".
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper
        one.

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. With no events the lower limit
        is exactly 0 (Jeffreys' alone is above it) and the upper one finite.

    Raises
    ------
    InvalidInputError
        If events are negative or not whole, if exposure is not above 0, if anything is NaN
        or infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is
        unknown.

    Notes
    -----
    "exact"
        Garwood's limits [1]_, from two one-sided tests: coverage is never below the level.
        "mid-p" counts half of the observed number, which gives that up for coverage close
        to the level.
    "byar", "phe"
        Byar's approximation of the exact limits [2]_, cut at 0; and the rule of English
        public health, exact below 10 events and Byar from 10 on [3]_.
    "score"
        Where (events - mean)² = z² mean. "scas" corrects it for skewness [4]_: each tail
        is close to its half; the lower limit is 0 up to events = (z² - 1)/6.
    "jeffreys"
        Quantiles of Gamma(events + 1/2).
    "wald"
        The textbook's, cut at 0: width 0 with no events.

    References
    ----------
    .. [1] F. Garwood (1936), Biometrika 28, 437-442.
    .. [2] N. E. Breslow and N. E. Day (1987), Statistical Methods in Cancer Research II, 69.
    .. [3] Association of Public Health Observatories (2008), Technical Briefing 3.
    .. [4] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.

    Examples
    --------
    >>> low, high = rate_interval(158, 233)
    >>> f"{30 * low:.1f} to {30 * high:.1f} per 30 days"
    '17.3 to 23.8 per 30 days'
    """
    means = lookup(method, _MEANS)

    def kernel(events: FloatArray, exposure: FloatArray, tail: Tail) -> Limits:
        low, high = means(events, tail)
        return low / exposure, high / exposure

    return interval(
        kernel,
        [(Poisson(), events, exposure)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, np.inf),
    )


def score_means(x: FloatArray, z: Tail) -> Limits:
    """Return the roots of (x - mean)² = z² mean."""
    middle, reach = x + z * z / 2, z * np.sqrt(x + z * z / 4)
    return x * x / (middle + reach), middle + reach


def _score(x: FloatArray, tail: Tail) -> Limits:
    return score_means(x, normal_quantile(tail))


def _scas(x: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)
    corrected = x - (z * z - 1) / 6
    low, high = score_means(corrected, z)
    return np.where((x > 0) & (corrected > 0), low, 0.0), high


def _byar(x: FloatArray, tail: Tail) -> Limits:
    return _cube(x, -normal_quantile(tail)), _cube(x + 1, normal_quantile(tail))


def _cube(x: FloatArray, z: Tail) -> FloatArray:
    limit: FloatArray = x * np.maximum(1 - 1 / (9 * x) + z / (3 * np.sqrt(x)), 0.0) ** 3
    return limit


def _phe(x: FloatArray, tail: Tail) -> Limits:
    low, high = _byar(x, tail)
    exact_low, exact_high = garwood_means(np.minimum(x, 10.0), tail)
    return np.where(x < 10, exact_low, low), np.where(x < 10, exact_high, high)


def _wald(x: FloatArray, tail: Tail) -> Limits:
    reach = normal_quantile(tail) * np.sqrt(x)
    return np.maximum(x - reach, 0.0), x + reach


_MEANS: Mapping[str, Kernel] = {
    "exact": garwood_means,
    "mid-p": mid_p_means,
    "byar": _byar,
    "phe": _phe,
    "score": _score,
    "jeffreys": jeffreys_means,
    "wald": _wald,
    "scas": _scas,
}
