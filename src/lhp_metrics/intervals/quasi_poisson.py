"""Score limits and tests for counts whose variance is a multiple of Poisson's."""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Interval
from lhp_metrics.intervals._frame import two_sided_quantile

__all__ = ["quasi_rate_interval", "quasi_rate_ratio_interval", "quasi_rate_ratio_p_value"]


def quasi_rate_interval(
    events: FloatArray, exposure: FloatArray, *, dispersion: float, confidence_level: float
) -> Interval[FloatArray]:
    """Score interval for rates of counts with variance `dispersion` times their mean.

    Parameters
    ----------
    events, exposure : ndarray of float, shape (n,)
        Counts of at least 0 over exposures above 0.
    dispersion : float
        1 is Poisson.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Interval
        Per unit of exposure.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder (1989), Generalized Linear Models, 2nd ed., chapter 9.
    """
    z2 = two_sided_quantile(confidence_level) ** 2 * dispersion
    middle = events + z2 / 2
    half = np.sqrt(z2 * (events + z2 / 4))
    low = np.where(events > 0, events * events / (middle + half), 0.0)
    return Interval(low / exposure, (middle + half) / exposure)


def quasi_rate_ratio_interval(
    events: FloatArray,
    exposure: FloatArray,
    base_events: FloatArray,
    base_exposure: FloatArray,
    *,
    dispersion: float,
    confidence_level: float,
) -> Interval[FloatArray]:
    """Score interval for rate ratios of counts with variance `dispersion` times their mean.

    Parameters
    ----------
    events, exposure, base_events, base_exposure : ndarray of float, shape (n,)
        As `rate_ratio_interval` takes them.
    dispersion : float
        1 is Poisson, and gives that function's ``"score"``.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Interval
        0 and infinity where that function has them.

    Notes
    -----
    The odds that an event is the group's solve ``x − odds·x0 = ± z·√(dispersion·(x + x0)·odds)``,
    a quadratic in their square root.

    Examples
    --------
    >>> x, t, x0, t0 = map(np.array, ([164.0], [133.0], [158.0], [233.0]))
    >>> low, high = quasi_rate_ratio_interval(
    ...     x, t, x0, t0, dispersion=9.9, confidence_level=0.95)
    >>> f"{low[0]:.2f} to {high[0]:.2f}"
    '0.93 to 3.57'
    """
    total = events + base_events
    spread = np.sqrt(two_sided_quantile(confidence_level) ** 2 * dispersion * total)
    root = spread + np.sqrt(spread * spread + 4 * events * base_events)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(events > 0, 2 * events / root, 0.0)
        high = np.where(base_events > 0, root / (2 * base_events), np.inf)
    scale = base_exposure / exposure
    return Interval(low * low * scale, high * high * scale)


def quasi_rate_ratio_p_value(
    events: FloatArray,
    exposure: FloatArray,
    base_events: FloatArray,
    base_exposure: FloatArray,
    *,
    dispersion: float,
) -> FloatArray:
    """Two-sided p-value of "the rates are equal", dual to `quasi_rate_ratio_interval`.

    Parameters
    ----------
    events, exposure, base_events, base_exposure : ndarray of float, shape (n,)
        As `rate_ratio_p_value` takes them.
    dispersion : float
        1 is Poisson.

    Returns
    -------
    ndarray of float, shape (n,)
        1 for 0 against 0.
    """
    from scipy.special import ndtr

    odds = exposure / base_exposure
    spread = np.sqrt(dispersion * (events + base_events) * odds)
    with np.errstate(invalid="ignore"):
        deviate = np.where(spread > 0, (events - odds * base_events) / spread, 0.0)
    p_value: FloatArray = 2 * ndtr(-np.abs(deviate))
    return p_value
