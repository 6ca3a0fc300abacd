"""Ratio of two rates: how many times as fast events come, over unequal exposures."""

from collections.abc import Callable, Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._beta import beta_below, clopper_pearson_odds, mid_p_odds
from lhp_metrics.intervals._frame import Limits, Tail, interval, lookup, normal_quantile, p_value
from lhp_metrics.intervals._mover import ratio_by_mover
from lhp_metrics.intervals._score import corrected, normal_tails
from lhp_metrics.intervals._two_samples import two_rates
from lhp_metrics.intervals.rates import score_means

__all__ = [
    "RateRatioMethod",
    "RateRatioTest",
    "rate_ratio_interval",
    "rate_ratio_p_value",
]

RateRatioMethod = Literal["mid-p", "exact", "score", "wald-log", "mover-score", "scas"]
RateRatioTest = Literal["mid-p", "exact", "score", "wald-log", "scas"]

OddsLimits = Callable[[FloatArray, FloatArray, Tail], Limits]
OddsTails = Callable[[FloatArray, FloatArray, FloatArray], Limits]


@overload
def rate_ratio_interval(
    events: float,
    exposure: float,
    base_events: float,
    base_exposure: float,
    *,
    method: RateRatioMethod = "mid-p",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def rate_ratio_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    *,
    method: RateRatioMethod = "mid-p",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def rate_ratio_interval(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    *,
    method: RateRatioMethod = "mid-p",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for how many times as fast events come as in the base.

    Parameters
    ----------
    events, base_events : int or array of int
        Whole numbers of at least 0. Arrays broadcast.
    exposure, base_exposure : float or array of float
        Time at risk, days open, or whatever the events are counted over, in one unit; above 0.
    method : {"mid-p", "exact", "score", "wald-log", "mover-score", "scas"}, default "mid-p"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper one
        (the lower end is 0).

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. The lower limit is exactly 0 without
        events in the group, the upper one infinite without events in the base; 0 against 0
        gives (0, inf). For ``"wald-log"`` one 0 is enough for (0, inf): its variance is
        infinite.

    Raises
    ------
    InvalidInputError
        If events are negative or not whole, if exposure is not above 0, if anything is NaN or
        infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    See Also
    --------
    rate_ratio_p_value : the test behind all methods but ``"mover-score"``.

    Notes
    -----
    Given the total, the group's events are binomial with odds equal to the rate ratio times
    ``exposure / base_exposure`` [1]_: unequal exposure is no more than the split to be
    expected. ``"exact"`` never covers less often than promised and is wide; ``"mid-p"`` [2]_
    counts the observed split by half and is close to nominal. ``"score"`` inverts the score
    test, which is Wilson's on those odds, and ``"scas"`` [3]_ corrects it for skewness; for
    this ratio both have closed forms. ``"mover-score"`` [4]_ combines the two rates' own score
    intervals; ``"wald-log"`` is the normal approximation on the log scale.

    References
    ----------
    .. [1] J. Przyborowski and H. Wilenski (1940), Biometrika 31, 313-323.
    .. [2] K. Gu, H. K. T. Ng, M. L. Tang and W. R. Schucany (2008), Biometrical Journal 50,
       283-298.
    .. [3] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [4] A. Donner and G. Y. Zou (2012), Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    164 registrations in 133 days, after 158 in 233 days:

    >>> low, high = rate_ratio_interval(164, 133, 158, 233)
    >>> f"{low:.2f} to {high:.2f} times"
    '1.46 to 2.26 times'
    """
    odds_limits = lookup(method, _INTERVALS)

    def limits(x: FloatArray, t: FloatArray, x0: FloatArray, t0: FloatArray, tail: Tail) -> Limits:
        low, high = odds_limits(x, x0, tail)
        return low * (t0 / t), high * (t0 / t)

    return interval(
        limits,
        two_rates(events, exposure, base_events, base_exposure),
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, np.inf),
    )


@overload
def rate_ratio_p_value(
    events: float,
    exposure: float,
    base_events: float,
    base_exposure: float,
    null: float = 1.0,
    *,
    method: RateRatioTest = "mid-p",
) -> float: ...
@overload
def rate_ratio_p_value(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: RateRatioTest = "mid-p",
) -> NDArray[np.float64]: ...
def rate_ratio_p_value(
    events: ArrayLike,
    exposure: ArrayLike,
    base_events: ArrayLike,
    base_exposure: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: RateRatioTest = "mid-p",
) -> float | NDArray[np.float64]:
    """Two-sided p-value of "the rate ratio is `null`".

    Parameters
    ----------
    events, exposure, base_events, base_exposure : int, float or arrays
        As for `rate_ratio_interval`.
    null : float or array of float, default 1.0
        The ratio under test: finite and above 0.
    method : {"mid-p", "exact", "score", "wald-log", "scas"}, default "mid-p"
        As for `rate_ratio_interval`.

    Returns
    -------
    float or ndarray
        Twice the smaller tail probability, at most 1: below ``1 - confidence_level`` exactly
        where the interval of the same method leaves `null` out. For 0 against 0 it is 1.

    Raises
    ------
    InvalidInputError
        As for `rate_ratio_interval`, and if `null` is not above 0.

    Examples
    --------
    >>> f"{rate_ratio_p_value(164, 133, 158, 233):.1e}"
    '9.8e-08'
    """
    odds_tails = lookup(method, _TESTS)

    def tails(
        x: FloatArray, t: FloatArray, x0: FloatArray, t0: FloatArray, null: FloatArray
    ) -> Limits:
        return odds_tails(x, x0, null * (t / t0))

    return p_value(
        tails,
        two_rates(events, exposure, base_events, base_exposure),
        _checks.exposures("null", null),
    )


# Given the total, all that is unknown is the odds that an event is the group's: the rate ratio
# times exposure / base_exposure. The limits and tails below are of those odds.


def _exact_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    return clopper_pearson_odds(x, x + x0, tail)


def _mid_p_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    return mid_p_odds(x, x + x0, tail)


def _score_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)
    return _root_odds(x, x0, z * np.sqrt(x + x0))


def _scas_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)
    shift = (z * z - 1) / 6
    low, high = _root_odds(x - shift, x0 - shift, z * np.sqrt(x + x0))
    # The correction never carries a limit past the estimate, so nor past the edge at 0 events.
    return (
        np.minimum(low, np.where(x > 0, x / x0, 0.0)),
        np.maximum(high, np.where(x0 > 0, x / x0, np.inf)),
    )


def _root_odds(x: FloatArray, x0: FloatArray, spread: FloatArray) -> Limits:
    """Solve x − odds x0 = ± spread √odds, for the square root of the odds."""
    root = spread + np.sqrt(np.maximum(spread * spread + 4 * x * x0, 0.0))
    low = np.where(x > 0, 2 * x / root, 0.0)
    high = np.where(x0 > 0, root / (2 * x0), np.inf)
    return low * low, high * high


def _wald_log_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    factor = np.exp(normal_quantile(tail) * np.sqrt(1 / x + 1 / x0))
    seen = (x > 0) & (x0 > 0)
    return np.where(seen, x / x0 / factor, 0.0), np.where(seen, x / x0 * factor, np.inf)


def _mover_limits(x: FloatArray, x0: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)
    return ratio_by_mover(x, *score_means(x, z), x0, *score_means(x0, z))


def _exact_tails(x: FloatArray, x0: FloatArray, odds: FloatArray) -> Limits:
    return _at_least(x, x0, odds), _at_least(x0, x, 1 / odds)


def _mid_p_tails(x: FloatArray, x0: FloatArray, odds: FloatArray) -> Limits:
    other = 1 / odds
    above = (_at_least(x, x0, odds) + _at_least(x + 1, x0 - 1, odds)) / 2
    below = (_at_least(x0, x, other) + _at_least(x0 + 1, x - 1, other)) / 2
    return above, below


def _at_least(x: FloatArray, x0: FloatArray, odds: FloatArray) -> FloatArray:
    """Return P(X >= x) of X binomial(x + x0) with these odds, also for x0 = −1."""
    p, q = 1 / (1 + 1 / odds), 1 / (1 + odds)
    below = beta_below(np.maximum(x, 1.0), np.maximum(x0 + 1, 1.0), p, q)
    return np.where(x > 0, np.where(x0 < 0, 0.0, below), 1.0)


def _score_tails(x: FloatArray, x0: FloatArray, odds: FloatArray) -> Limits:
    return normal_tails((x - odds * x0) / np.sqrt((x + x0) * odds))


def _scas_tails(x: FloatArray, x0: FloatArray, odds: FloatArray) -> Limits:
    spread = np.sqrt((x + x0) * odds)
    deviate = corrected((x - odds * x0) / spread, (1 - odds) / spread)
    beyond = np.where(x > odds * x0, np.maximum(deviate, 0.0), np.minimum(deviate, 0.0))
    return normal_tails(beyond)


def _wald_log_tails(x: FloatArray, x0: FloatArray, odds: FloatArray) -> Limits:
    return normal_tails(np.log(x / x0 / odds) / np.sqrt(1 / x + 1 / x0))


_INTERVALS: Mapping[str, OddsLimits] = {
    "mid-p": _mid_p_limits,
    "exact": _exact_limits,
    "score": _score_limits,
    "wald-log": _wald_log_limits,
    "mover-score": _mover_limits,
    "scas": _scas_limits,
}
_TESTS: Mapping[str, OddsTails] = {
    "mid-p": _mid_p_tails,
    "exact": _exact_tails,
    "score": _score_tails,
    "wald-log": _wald_log_tails,
    "scas": _scas_tails,
}
