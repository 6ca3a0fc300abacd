"""Intervals for one rate: so many events over so much exposure."""

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._beta import garwood_means
from lhp_metrics.intervals._frame import Kernel, Poisson, Tail, interval, lookup

__all__ = ["RateMethod", "rate_interval"]

RateMethod = Literal["exact"]


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
    method : {"exact"}, default "exact"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper
        one.

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. With no events the lower limit
        is 0 and the upper one finite.

    Raises
    ------
    InvalidInputError
        If events are negative or not whole, if exposure is not above 0, if anything is NaN
        or infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is
        unknown.

    References
    ----------
    .. [1] F. Garwood (1936), Biometrika 28, 437-442.

    Examples
    --------
    >>> low, high = rate_interval(158, 233)
    >>> f"{30 * low:.1f} to {30 * high:.1f} per 30 days"
    '17.3 to 23.8 per 30 days'
    """
    kernel = lookup(method, _INTERVALS)
    return interval(
        kernel,
        [(Poisson(), events, exposure)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, np.inf),
    )


def _exact(events: FloatArray, exposure: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    low, high = garwood_means(events, tail)
    return low / exposure, high / exposure


_INTERVALS: Mapping[str, Kernel] = {"exact": _exact}
