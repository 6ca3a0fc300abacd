"""Intervals and tests for one proportion: so many successes of so many trials."""

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray, numbers, refuse_where
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals import _approximate as approximate
from lhp_metrics.intervals._approximate import proportions_of, wilson_limits
from lhp_metrics.intervals._beta import (
    beta_below,
    clopper_pearson_odds,
    jeffreys_odds,
    mid_p_odds,
)
from lhp_metrics.intervals._blaker import blaker_odds
from lhp_metrics.intervals._frame import Binomial, Kernel, Limits, Tail, interval, lookup, p_value
from lhp_metrics.intervals._solve import where
from lhp_metrics.intervals._tabulated import Tabulated

__all__ = [
    "ProportionMethod",
    "ProportionTest",
    "proportion_interval",
    "proportion_p_value",
    "wilson_limits",
]

ProportionMethod = Literal[
    "wilson",
    "wilson-cc",
    "clopper-pearson",
    "mid-p",
    "jeffreys",
    "agresti-coull",
    "likelihood-ratio",
    "blaker",
    "arcsine",
    "logit",
    "wald",
    "scas",
]

ProportionTest = Literal["wilson", "clopper-pearson", "mid-p", "wald", "scas"]

_SAMPLE = Binomial()


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
    method : {"wilson", "clopper-pearson", "mid-p", "jeffreys", "scas", "blaker", \
"likelihood-ratio", "agresti-coull", "wilson-cc", "arcsine", "logit", "wald"}
        See Notes; the default is "wilson".
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
        shapes do not broadcast, if a level is outside (0, 1), if a name is unknown, or if
        a one-sided bound is asked of "blaker".

    Notes
    -----
    "wilson"
        Inverts the score test [1]_; near-nominal coverage on average at any n. "wilson-cc"
        adds the continuity correction (method 4 of [2]_).
    "clopper-pearson"
        Inverts two one-sided exact tests [3]_: coverage is never below the level. "blaker"
        [4]_ keeps that guarantee, lies inside Clopper-Pearson, and may be cut at p-values
        that are not one piece; "mid-p" [2]_ counts half of the observed outcome, which
        gives the guarantee up for coverage close to the level.
    "jeffreys"
        Quantiles of Beta(k + 1/2, n - k + 1/2), ending at exactly 0 or 1 where k is 0 or
        n [5]_.
    "scas"
        The score interval corrected for skewness [6]_: each tail is close to its half. The
        lower limit is 0 up to k = (z² - 1)/6.
    "likelihood-ratio"
        Where twice the log likelihood falls by z².
    "agresti-coull", "arcsine", "logit", "wald"
        Normal approximations: around Wilson's midpoint [7]_, after Anscombe's
        transformation, on the log odds (with exact limits at 0 of n and n of n), and the
        textbook's. All but "logit" are cut to [0, 1]; "wald" has width 0 at 0 of n.

    References
    ----------
    .. [1] E. B. Wilson (1927), JASA 22, 209-212.
    .. [2] R. G. Newcombe (1998), Statistics in Medicine 17, 857-872.
    .. [3] C. J. Clopper and E. S. Pearson (1934), Biometrika 26, 404-413.
    .. [4] H. Blaker (2000), Canadian Journal of Statistics 28, 783-798.
    .. [5] L. D. Brown, T. T. Cai and A. DasGupta (2001), Statistical Science 16, 101-133.
    .. [6] P. J. Laud (2017), Pharmaceutical Statistics 16, 334-348.
    .. [7] A. Agresti and B. A. Coull (1998), The American Statistician 52, 119-126.

    Examples
    --------
    >>> low, high = proportion_interval(15, 148)
    >>> f"{low:.3f} to {high:.3f}"
    '0.062 to 0.160'
    >>> proportion_interval([0, 5, 10], 10, method="clopper-pearson").low.round(4)
    array([0.    , 0.1871, 0.6915])
    """
    kernel = lookup(method, _INTERVALS)
    if method == "blaker" and alternative != "two-sided":
        raise InvalidInputError(
            "method 'blaker' is two-sided only; 'clopper-pearson' gives exact one-sided bounds"
        )
    return interval(
        kernel,
        [(_SAMPLE, successes, trials)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=(0.0, 1.0),
    )


@overload
def proportion_p_value(
    successes: float,
    trials: float,
    null: float,
    *,
    method: ProportionTest = "wilson",
    alternative: Alternative = "two-sided",
) -> float: ...
@overload
def proportion_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    null: ArrayLike,
    *,
    method: ProportionTest = "wilson",
    alternative: Alternative = "two-sided",
) -> NDArray[np.float64]: ...
def proportion_p_value(
    successes: ArrayLike,
    trials: ArrayLike,
    null: ArrayLike,
    *,
    method: ProportionTest = "wilson",
    alternative: Alternative = "two-sided",
) -> float | NDArray[np.float64]:
    """P-value of the hypothesis that the probability of success is `null`.

    The test is the interval's: the value is below 1 - `confidence_level` exactly where
    `proportion_interval` of the same method leaves `null` out.

    Parameters
    ----------
    successes, trials : int or array of int
        Whole numbers with 0 <= successes <= trials. Arrays broadcast.
    null : float or array of float
        A proportion from 0 to 1.
    method : {"wilson", "clopper-pearson", "mid-p", "wald", "scas"}, default "wilson"
        As in `proportion_interval`: the score test, the exact test (twice the smaller
        tail), the same with half of the observed outcome, and so on.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"``: the probability is above `null`.

    Returns
    -------
    float or array of float
        1 where there are no trials: nothing speaks against any value.

    Raises
    ------
    InvalidInputError
        If the counts are impossible, `null` is outside [0, 1] or a name is unknown.

    Examples
    --------
    >>> round(proportion_p_value(15, 148, 0.2, method="clopper-pearson"), 4)
    0.0019
    """
    kernel = lookup(method, _TESTS)
    nulls = numbers("null", null)
    refuse_where(~((nulls >= 0) & (nulls <= 1)), nulls, "null", "must be from 0 to 1")
    return p_value(kernel, [(_SAMPLE, successes, trials)], nulls, alternative=alternative)


def _clopper_pearson(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    return proportions_of(*clopper_pearson_odds(k, n, tail))


def _mid_p(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    return proportions_of(*mid_p_odds(k, n, tail))


def _blaker(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    return proportions_of(*blaker_odds(k, n, 2 * tail))


def _jeffreys(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    return proportions_of(*jeffreys_odds(k, n, tail))


_INTERVALS: Mapping[str, Kernel] = {
    "wilson": approximate.wilson,
    "wilson-cc": approximate.wilson_cc,
    "clopper-pearson": Tabulated(_clopper_pearson),
    "mid-p": Tabulated(_mid_p),
    "jeffreys": Tabulated(_jeffreys),
    "agresti-coull": approximate.agresti_coull,
    "likelihood-ratio": Tabulated(approximate.likelihood_ratio),
    "blaker": Tabulated(_blaker),
    "arcsine": approximate.arcsine,
    "logit": approximate.logit,
    "wald": approximate.wald,
    "scas": approximate.scas,
}


def _exact_tails(k: FloatArray, n: FloatArray, null: FloatArray) -> Limits:
    failures = n - k
    at_least = where(k > 0, beta_below, 1.0, k, failures + 1, null, 1 - null)
    at_most = where(failures > 0, beta_below, 1.0, failures, k + 1, 1 - null, null)
    return at_least, at_most


def _mid_p_tails(k: FloatArray, n: FloatArray, null: FloatArray) -> Limits:
    failures = n - k
    at_least, at_most = _exact_tails(k, n, null)
    above = where(failures > 0, beta_below, 0.0, k + 1, failures, null, 1 - null)
    below = where(k > 0, beta_below, 0.0, failures + 1, k, 1 - null, null)
    nothing = n == 0  # Nor does half of it speak against a null.
    return (
        np.where(nothing, 1.0, (at_least + above) / 2),
        np.where(nothing, 1.0, (at_most + below) / 2),
    )


_TESTS: Mapping[str, Kernel] = {
    "wilson": approximate.wilson_tails,
    "clopper-pearson": _exact_tails,
    "mid-p": _mid_p_tails,
    "wald": approximate.wald_tails,
    "scas": approximate.scas_tails,
}
