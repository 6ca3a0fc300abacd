"""Ratio of two proportions: how many times as high one success rate is as another."""

from collections.abc import Mapping
from functools import partial
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._approximate import wilson
from lhp_metrics.intervals._frame import Kernel, Limits, Tail, lookup, normal_quantile
from lhp_metrics.intervals._mover import ratio_by_mover
from lhp_metrics.intervals._score import (
    FAR,
    TINY,
    Moments,
    beyond_corner,
    falling_root,
    inflation,
    shortfall,
    stacked,
    swapped,
    tails_beside,
)
from lhp_metrics.intervals._two_samples import two_proportion_interval, two_proportion_p_value

__all__ = ["RatioMethod", "RatioTest", "ratio_interval", "ratio_p_value"]

RatioMethod = Literal[
    "miettinen-nurminen", "koopman", "katz-log", "adjusted-log", "mover-wilson", "scas"
]
RatioTest = Literal["miettinen-nurminen", "koopman", "scas"]


@overload
def ratio_interval(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    *,
    method: RatioMethod = "miettinen-nurminen",
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float]: ...
@overload
def ratio_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: RatioMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[NDArray[np.float64]]: ...
def ratio_interval(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    *,
    method: RatioMethod = "miettinen-nurminen",
    confidence_level: ArrayLike = 0.95,
    alternative: Alternative = "two-sided",
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Confidence interval for a proportion over the base's, from 0 to infinity.

    Parameters
    ----------
    successes, base_successes : int or array of int
        Whole numbers of at least 0, at most the trials. Arrays broadcast.
    trials, base_trials : int or array of int
        Whole numbers of at least 0.
    method : {"miettinen-nurminen", "koopman", "katz-log", "adjusted-log", "mover-wilson", \
"scas"}, default "miettinen-nurminen"
        See Notes.
    confidence_level : float or array of float, default 0.95
        A fraction between 0 and 1 (exclusive); broadcasts with the counts.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` gives a lower bound alone (the upper end is inf), ``"less"`` an upper one
        (the lower end is 0).

    Returns
    -------
    Interval
        Two floats, or two arrays of the broadcast shape. Except for ``"adjusted-log"``, the
        lower limit is exactly 0 without successes in the group, the upper one infinite without
        successes in the base; 0 against 0 gives (0, inf). For ``"katz-log"`` one 0 is enough
        for (0, inf): its variance is infinite. A group of 0 trials gives (0, inf) too.

    Raises
    ------
    InvalidInputError
        If a count is negative or not whole, if successes exceed trials, if anything is NaN or
        infinite, if shapes do not broadcast, if a level is outside (0, 1) or a name is unknown.

    See Also
    --------
    ratio_p_value : the test behind the score methods.

    Notes
    -----
    ``"koopman"`` [1]_ inverts the score test, its variance taken where the likelihood is
    highest among all pairs with that ratio; ``"miettinen-nurminen"`` [2]_ multiplies the
    variance by N / (N − 1), and ``"scas"`` [3]_ corrects that for skewness, so that each end
    misses equally often. ``"katz-log"`` [4]_ is the normal approximation on the log scale,
    ``"adjusted-log"`` [5]_ the same with 1/2 added to each count and each group's size, which
    keeps zeros finite; ``"mover-wilson"`` [6]_ combines the two Wilson intervals.

    References
    ----------
    .. [1] P. A. R. Koopman (1984), Biometrics 40, 513-517.
    .. [2] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.
    .. [3] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [4] D. Katz, J. Baptista, S. P. Azen and M. C. Pike (1978), Biometrics 34, 469-474.
    .. [5] S. D. Walter (1975), Biometrika 62, 371-374.
    .. [6] A. Donner and G. Y. Zou (2012), Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    56 of 70 after 48 of 80:

    >>> low, high = ratio_interval(56, 70, 48, 80)
    >>> f"{low:.2f} to {high:.2f} times"
    '1.08 to 1.67 times'
    """
    return two_proportion_interval(
        lookup(method, _INTERVALS),
        (successes, trials, base_successes, base_trials),
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, np.inf),
    )


@overload
def ratio_p_value(
    successes: float,
    trials: float,
    base_successes: float,
    base_trials: float,
    null: float = 1.0,
    *,
    method: RatioTest = "miettinen-nurminen",
) -> float: ...
@overload
def ratio_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: RatioTest = "miettinen-nurminen",
) -> NDArray[np.float64]: ...
def ratio_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    base_successes: ArrayLike,
    base_trials: ArrayLike,
    null: ArrayLike = 1.0,
    *,
    method: RatioTest = "miettinen-nurminen",
) -> float | NDArray[np.float64]:
    """Two-sided p-value of "the ratio of the two proportions is `null`".

    Parameters
    ----------
    successes, trials, base_successes, base_trials : int or array of int
        As for `ratio_interval`.
    null : float or array of float, default 1.0
        The ratio under test: finite and above 0.
    method : {"miettinen-nurminen", "koopman", "scas"}, default "miettinen-nurminen"
        As for `ratio_interval`; ``"koopman"`` at 1 is Pearson's χ² test.

    Returns
    -------
    float or ndarray
        Below ``1 - confidence_level`` exactly where the interval of the same method leaves
        `null` out. With a group of 0 trials, and for 0 against 0, it is 1.

    Raises
    ------
    InvalidInputError
        As for `ratio_interval`, and if `null` is not above 0.

    Examples
    --------
    >>> f"{ratio_p_value(56, 70, 48, 80):.4f}"
    '0.0083'
    """
    return two_proportion_p_value(
        lookup(method, _TESTS),
        (successes, trials, base_successes, base_trials),
        _checks.exposures("null", null),
    )


def _moments(
    u: FloatArray,
    corner: NDArray[np.bool_],
    x: FloatArray,
    n: FloatArray,
    x0: FloatArray,
    n0: FloatArray,
    *,
    inflate: bool,
    skew: bool,
) -> tuple[FloatArray, Moments]:
    """Return the ratio, and the moments of its score over p, at x − m = u² m.

    The slopes (x − n p) / q = m and (x0 − n0 p0) / q0 = −m give p = (x − m) / (n − m) and
    p0 = (x0 + m) / (n0 + m). Without failures p stays 1 until m = n, and m stays n from there
    on: in this `corner` it is n p = u² n q.
    """
    s = x / (1 + u * u)
    w = s * u * u
    m, y, y0 = np.where(corner, n, s), np.where(corner, s, n - x), n0 - x0
    pull = w / (n0 * (x0 + m))
    variance = s * (y / n + pull * y0)
    ratio = w * (n0 + m) / ((y + w) * (x0 + m))
    return ratio, Moments(
        m / s * variance,
        variance * (inflation(n, n0) if inflate else 1.0),
        s * (y * (y - w) / (n * n) - pull * pull * y0 * (y0 - x0 - m)) if skew else None,
    )


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
    none, x = x == 0, np.maximum(x, 1)  # whose limit is 0 needs no root
    goal = z * z * (inflation(n, n0) if inflate else 1.0)

    def gap(u: FloatArray, *columns: FloatArray) -> FloatArray:
        corner, *samples, z = columns
        _, moments = _moments(u, corner > 0, *samples, inflate=inflate, skew=skew)
        return shortfall(u, z, moments)

    # Either group alone would put 1/m here; they are squared and added.
    q, q0 = (n - x) / n, (n0 - x0) / n0
    own = (goal + np.sqrt(goal * (goal + 4 * q * x))) / (2 * goal * x)
    base = 2 * q0 / (goal + np.sqrt(goal * (goal + 4 * q0 * x0)))
    start = np.maximum(x * np.hypot(own, base) - 1, 1e-9)
    corner = beyond_corner(gap, (x, n, x0, n0, z), x == n)
    start = np.where(corner > 0, n / np.maximum(goal - n * n * q0 / (x0 + n), 1e-6 * goal), start)
    u = falling_root(gap, (corner, x, n, x0, n0, z), np.sqrt(start), FAR * np.sqrt(start))
    ratio, _ = _moments(u, corner > 0, x, n, x0, n0, inflate=False, skew=False)
    low, inverse_high = np.split(np.where(none | (u == 0), 0.0, ratio), 2)
    return low, 1 / inverse_high


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
    above = x * n0 < null * x0 * n
    x, n, x0, n0 = swapped(above, x, n, x0, n0)
    null = np.where(above, 1 / null, null)
    # m solves (x − m) (n0 + m) = null (n − m) (x0 + m).
    ahead, behind = n0 + x, null * (n + x0)
    root = np.sqrt((ahead - behind) ** 2 + 4 * null * (n - x) * (n0 - x0))
    half = null * (n - x0) + n0 - x
    m = np.where(
        half > 0, 2 * (x * n0 - null * n * x0) / (half + root), (root - half) / (2 - 2 * null)
    )
    corner = (x == n) & (ahead >= behind)
    odds = np.where(corner, behind / (ahead - behind), (x - m) / m)
    u = np.sqrt(np.clip(odds, TINY, 1 / TINY))
    _, moments = _moments(u, corner, x, n, x0, n0, inflate=inflate, skew=skew)
    return tails_beside(u, moments, above)


def _katz_log(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail) -> Limits:
    ratio = (x / n) / (x0 / n0)
    # The usual 1/x − 1/n, without its cancellation.
    error = np.sqrt((n - x) / (x * n) + (n0 - x0) / (x0 * n0))
    factor = np.exp(normal_quantile(tail) * error)
    seen = (x > 0) & (x0 > 0)
    return np.where(seen, ratio / factor, 0.0), np.where(seen, ratio * factor, np.inf)


def _adjusted_log(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail
) -> Limits:
    return _katz_log(x + 0.5, n + 0.5, x0 + 0.5, n0 + 0.5, tail)


def _mover_wilson(
    x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, tail: Tail
) -> Limits:
    return ratio_by_mover(x / n, *wilson(x, n, tail), x0 / n0, *wilson(x0, n0, tail))


_INTERVALS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_limits, inflate=True, skew=False),
    "koopman": partial(_score_limits, inflate=False, skew=False),
    "katz-log": _katz_log,
    "adjusted-log": _adjusted_log,
    "mover-wilson": _mover_wilson,
    "scas": partial(_score_limits, inflate=True, skew=True),
}
_TESTS: Mapping[str, Kernel] = {
    "miettinen-nurminen": partial(_score_tails, inflate=True, skew=False),
    "koopman": partial(_score_tails, inflate=False, skew=False),
    "scas": partial(_score_tails, inflate=True, skew=True),
}
