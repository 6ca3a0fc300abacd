"""Odds ratio of two proportions: how many times as high one's odds of success are."""

from collections.abc import Mapping
from functools import partial
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._frame import Kernel, Limits, Tail, lookup, normal_quantile
from lhp_metrics.intervals._hypergeometric import lower_odds_ratio, tail_probabilities
from lhp_metrics.intervals._score import (
    FAR,
    TINY,
    Moments,
    falling_root,
    inflation,
    shortfall,
    stacked,
    swapped,
    tails_beside,
)
from lhp_metrics.intervals._two_samples import two_proportion_interval, two_proportion_p_value

__all__ = ["OddsRatioMethod", "OddsRatioTest", "odds_ratio_interval", "odds_ratio_p_value"]

OddsRatioMethod = Literal[
    "miettinen-nurminen", "exact", "mid-p", "woolf-logit", "gart-logit", "scas"
]
OddsRatioTest = Literal["miettinen-nurminen", "exact", "mid-p", "scas"]


@overload
def odds_ratio_interval(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    *,
    method: OddsRatioMethod = "miettinen-nurminen",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def odds_ratio_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: OddsRatioMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def odds_ratio_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: OddsRatioMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for the odds p / (1 − p) over the base's, from 0 to infinity.

    Parameters
    ----------
    successes, base_successes : int or array of int
        Whole numbers of at least 0, at most the trials. Arrays broadcast.
    trials, base_trials : int or array of int
        Whole numbers of at least 0.
    method : {"miettinen-nurminen", "exact", "mid-p", "woolf-logit", "gart-logit", "scas"}, \
default "miettinen-nurminen"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper one
        (the lower end is 0).

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. Except for ``"gart-logit"``, the
        lower limit is exactly 0 if the group has no successes or the base no failures, the
        upper one infinite if the group has no failures or the base no successes. For
        ``"woolf-logit"`` one empty cell is enough for (0, inf): its variance is infinite. A
        group of 0 trials gives (0, inf) too.

    Raises
    ------
    InvalidInputError
        If a count is negative or not whole, if successes exceed trials, if anything is NaN or
        infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    See Also
    --------
    odds_ratio_p_value : the test behind the score and exact methods.

    Notes
    -----
    ``"miettinen-nurminen"`` [1]_ inverts the score test, its variance taken where the
    likelihood is highest among all pairs with that odds ratio, and multiplied by N / (N − 1);
    ``"scas"`` [2]_ corrects it for skewness and for the bias of the score [3]_. ``"exact"``
    [4]_ holds all margins fixed and gives each tail of the noncentral hypergeometric
    distribution its half: it never covers less often than promised and is wide; ``"mid-p"``
    counts the observed table by half and is close to nominal. ``"woolf-logit"`` [5]_ is the
    normal approximation on the log scale, ``"gart-logit"`` [6]_ the same with 1/2 added to
    each cell. The time of the two exact methods grows with the width of the distribution:
    about the square root of the smallest margin.

    References
    ----------
    .. [1] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.
    .. [2] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [3] P. J. Laud (2018), Pharmaceutical Statistics 17, 290-293.
    .. [4] J. Cornfield (1956), Proceedings of the Third Berkeley Symposium 4, 135-148.
    .. [5] B. Woolf (1955), Annals of Human Genetics 19, 251-253.
    .. [6] J. J. Gart (1966), Biometrics 22, 387-392.

    Examples
    --------
    56 of 70 after 48 of 80:

    >>> low, high = odds_ratio_interval(56, 70, 48, 80)
    >>> f"{low:.2f} to {high:.2f}"
    '1.28 to 5.54'
    """
    return two_proportion_interval(
        lookup(method, _INTERVALS),
        (successes, trials, base_successes, base_trials),
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, np.inf),
    )


@overload
def odds_ratio_p_value(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    null: float = 1.0,
    *,
    method: OddsRatioTest = "miettinen-nurminen",
) -> float: ...
@overload
def odds_ratio_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: OddsRatioTest = "miettinen-nurminen",
) -> NDArray[np.float64]: ...
def odds_ratio_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: OddsRatioTest = "miettinen-nurminen",
) -> float | NDArray[np.float64]:
    """Two-sided p-value of "the odds ratio of the two proportions is `null`".

    Parameters
    ----------
    successes, trials, base_successes, base_trials : int or array of int
        As for `odds_ratio_interval`.
    null : float or array of float, default 1.0
        The odds ratio under test: finite and above 0.
    method : {"miettinen-nurminen", "exact", "mid-p", "scas"}, default "miettinen-nurminen"
        As for `odds_ratio_interval`. ``"exact"`` is Fisher's test with its two-sided p-value
        twice the smaller tail, ``"mid-p"`` the same with the observed table counted by half.

    Returns
    -------
    float or ndarray
        Below ``1 - confidence_level`` exactly where the interval of the same method leaves
        `null` out. With a group of 0 trials, and where all trials succeeded or all failed, it
        is 1.

    Raises
    ------
    InvalidInputError
        As for `odds_ratio_interval`, and if `null` is not above 0.

    Examples
    --------
    >>> f"{odds_ratio_p_value(56, 70, 48, 80, method='exact'):.4f}"
    '0.0126'
    """
    return two_proportion_p_value(
        lookup(method, _TESTS),
        (successes, trials, base_successes, base_trials),
        _checks.exposures("null", null),
    )


def _moments(
    u: FloatArray,
    x: FloatArray,
    y: FloatArray,
    x0: FloatArray,
    y0: FloatArray,
    *,
    inflate: bool,
    skew: bool,
) -> tuple[FloatArray, Moments]:
    """Return the odds ratio, and the moments of its score, at the multiplier m.

    The slopes x − n p = m and x0 − n0 p0 = −m take m from x and y0 and add it to y and x0,
    until the smaller of x and y0 is used up; what is left of that one is u² m.
    """
    most = np.minimum(x, y0)
    m = most / (1 + u * u)
    left = m * u * u
    a, b, c, d = x - most + left, y + m, x0 + m, y0 - most + left
    n, n0 = x + y, x0 + y0
    own, base = left / a * (n / b), left / d * (n0 / c)
    variance = m * (own + base)
    score, third = variance, None
    if skew:
        score = variance - (a / n - c / n0) * own * base / (own + base)
        third = m * (own * own * (b - a) / n - base * base * (d - c) / n0)
    if inflate:
        variance = variance * inflation(n, n0)
    return a * d / (b * c), Moments(score, variance, third)


def _score_limits(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    tail: Tail,
    *,
    skew: bool,
) -> Limits:
    x, n, x0, n0, z = stacked(x, n, x0, n0, normal_quantile(tail))
    low, inverse_high = np.split(_lower_score_limit((x, n - x, x0, n0 - x0), z, skew=skew), 2)
    return low, 1 / inverse_high


def _lower_score_limit(
    cells: tuple[FloatArray, FloatArray, FloatArray, FloatArray], z: FloatArray, *, skew: bool
) -> FloatArray:
    x, y, x0, y0 = cells
    none = (x == 0) | (y0 == 0)  # whose limit is 0 needs no root
    x, y0 = np.where(none, 1, x), np.where(none, 1, y0)
    goal = z * z * inflation(x + y, x0 + y0)

    def gap(u: FloatArray, *columns: FloatArray) -> FloatArray:
        *cells, z = columns
        _, moments = _moments(u, *cells, inflate=True, skew=skew)
        return shortfall(u, z, moments)

    # Either group alone would put 1/m here; they are squared and added.
    inverse = np.hypot(_one_sample(x, y, goal), _one_sample(y0, x0, goal))
    start = np.sqrt(np.maximum(np.minimum(x, y0) * inverse - 1, 1e-9))
    u = falling_root(gap, (x, y, x0, y0, z), start, FAR * start)
    odds_ratio, _ = _moments(u, x, y, x0, y0, inflate=False, skew=False)
    return np.where(none | (u == 0), 0.0, odds_ratio)


def _one_sample(x: FloatArray, y: FloatArray, goal: FloatArray) -> FloatArray:
    """Return 1/m where m² (x + y) / ((x − m) (y + m)) is `goal`."""
    n, lead = x + y, goal * (x - y)
    return 2 * (n + goal) / (lead + np.sqrt(lead * lead + 4 * (n + goal) * goal * x * y))


def _score_tails(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    null: FloatArray,
    *,
    skew: bool,
) -> Limits:
    above = x * (n0 - x0) < null * x0 * (n - x)
    x, n, x0, n0 = swapped(above, x, n, x0, n0)
    null = np.where(above, 1 / null, null)
    # m solves (x − m) (y0 − m) = null (y + m) (x0 + m).
    y, y0 = n - x, n0 - x0
    half = x + y0 + null * (y + x0)
    excess = x * y0 - null * x0 * y
    m = 2 * excess / (half + np.sqrt(half * half - 4 * (1 - null) * excess))
    u = np.sqrt(np.clip((np.minimum(x, y0) - m) / m, TINY, 1 / TINY))
    _, moments = _moments(u, x, y, x0, y0, inflate=True, skew=skew)
    return tails_beside(u, moments, above)


def _exact_limits(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    tail: Tail,
    *,
    own_share: float,
) -> Limits:
    x, n, x0, n0, tails = stacked(x, n, x0, n0, tail)
    solved = (x > 0) & (x0 < n0)
    x, n, x0, n0, tails = (column[solved] for column in (x, n, x0, n0, tails))
    # Leaving out half of the observed table is like half a success fewer in a score limit.
    shift = own_share - 0.5
    cells = x - shift, n - x + shift, x0 + shift, n0 - x0 - shift
    start = _lower_score_limit(cells, np.asarray(normal_quantile(tails)), skew=False)
    limit = np.zeros(solved.size)
    limit[solved] = lower_odds_ratio((x, n - x, x0, n0 - x0), tails, start, own_share=own_share)
    low, inverse_high = np.split(limit, 2)
    return low, 1 / inverse_high


def _exact_tails(
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    null: FloatArray,
    *,
    own_share: float,
) -> Limits:
    return tail_probabilities((x, n - x, x0, n0 - x0), null, own_share=own_share)


def _woolf_logit(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail
) -> Limits:
    y, y0 = n - x, n0 - x0
    odds_ratio = x / y / (x0 / y0)
    factor = np.exp(normal_quantile(tail) * np.sqrt(1 / x + 1 / y + 1 / x0 + 1 / y0))
    seen = (x > 0) & (y > 0) & (x0 > 0) & (y0 > 0)
    return np.where(seen, odds_ratio / factor, 0.0), np.where(seen, odds_ratio * factor, np.inf)


def _gart_logit(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail) -> Limits:
    return _woolf_logit(x + 0.5, n + 1, x0 + 0.5, n0 + 1, tail)


_INTERVALS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_limits, skew=False),
    "exact": partial(_exact_limits, own_share=1.0),
    "mid-p": partial(_exact_limits, own_share=0.5),
    "woolf-logit": _woolf_logit,
    "gart-logit": _gart_logit,
    "scas": partial(_score_limits, skew=True),
}
_TESTS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_tails, skew=False),
    "exact": partial(_exact_tails, own_share=1.0),
    "mid-p": partial(_exact_tails, own_share=0.5),
    "scas": partial(_score_tails, skew=True),
}
