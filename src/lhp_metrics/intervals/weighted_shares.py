"""Intervals for shares of an amount: what part of the pounds, not of the records, is a cell's?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Interval
from lhp_metrics.intervals._approximate import wilson_limits
from lhp_metrics.intervals._frame import normal_quantile

__all__ = ["weighted_share_interval"]


def weighted_share_interval(
    part: ArrayLike,
    total: ArrayLike,
    part_squares: ArrayLike,
    total_squares: ArrayLike,
    *,
    shared: ArrayLike = 0.0,
    comparisons: int = 1,
    confidence_level: float = 0.95,
) -> Interval[NDArray[np.float64]]:
    """Confidence intervals for parts of an amount that records bring in unequal pieces.

    With amounts y and the weight w, from 0 to 1, with which a record counts in a cell:

    Parameters
    ----------
    part, total : float or array of float
        Σ w·y of each cell, and Σ y; arrays broadcast.
    part_squares, total_squares : float or array of float
        Σ w²·y² of each cell, and Σ y².
    shared : float or array of float, default 0
        Σ w·(1 − w)·y² of each cell: 0 where every record counts whole in the cell or not at all.
    comparisons : int, default 1
        Number of intervals that are to hold together (Bonferroni).
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Interval
        Two arrays of the broadcast shape. Parts of nothing have (0, 1).

    Raises
    ------
    InvalidInputError
        If a sum is negative, NaN or infinite, a part exceeds the total, `comparisons` is no whole
        number of at least 1, or the level is outside (0, 1).

    Notes
    -----
    A share of an amount is a ratio of two sums, and its variance is that of the linearised
    ratio [1]_: Σ (w·y − p·y)² / (Σ y)². The *effective number* of records is the number of equal
    ones that would leave a proportion with this variance, and the limits are Wilson's for it
    [2]_. They stay inside 0 to 1, and with equal amounts they are exactly those of
    `share_intervals` by Goodman's method with as many `comparisons` as cells.

    Few unequal amounts understate their variance. The effective number is therefore not let
    rise above (Σ y)² / Σ y² [3]_, the number of equal records that would be as uneven in total;
    for records in pieces it may be larger by the inverse of the cell's mean weight. Simulated
    with six cells and log-normal amounts (σ of the logarithm 0 to 1.5), all six intervals held
    in 86 to 98 % of samples of 12 to 300 records where 95 % were meant; without the bound in
    43 to 95 %.

    References
    ----------
    .. [1] W. G. Cochran (1977), *Sampling Techniques*, 3rd ed., Wiley, sections 2.11 and 6.3.
    .. [2] N. Dean and M. Pagano (2015), Survey Methodology 41, 281-297.
    .. [3] L. Kish (1965), *Survey Sampling*, Wiley, section 11.7.

    Examples
    --------
    Grants of £1m, £0.2m and £0.2m, of which a partner has the first:

    >>> low, high = weighted_share_interval(1.0, 1.4, 1.0, 1.08)
    >>> f"{low:.2f} to {high:.2f}"
    '0.17 to 0.97'
    """
    given = {
        "part": part,
        "total": total,
        "part_squares": part_squares,
        "total_squares": total_squares,
        "shared": shared,
    }
    sums = {name: _checks.numbers(name, value) for name, value in given.items()}
    for name, values in sums.items():
        bad = ~(values >= 0) | np.isinf(values)
        _checks.refuse_where(bad, values, name, "must be finite and at least 0")
    # Sums of a million floats may differ in their last digits.
    _checks.not_above("part", sums["part"] * (1 - 1e-9), "total", sums["total"])
    level = _checks.scalar_level(confidence_level)
    given_number: object = comparisons
    if not isinstance(given_number, int) or isinstance(given_number, bool) or given_number < 1:
        rule = "must be a whole number of at least 1"
        raise InvalidInputError(f"comparisons {rule}; got {comparisons!r}")
    z = normal_quantile((1 - level) / 2 / comparisons)
    y, whole, squares, all_squares, lot = _checks.broadcast(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.minimum(y / whole, 1.0)
        once = squares + lot
        spread = np.maximum(squares - 2 * p * once + p * p * all_squares, 0.0)
        most = whole**2 / all_squares * np.where(squares > 0, once / squares, 1.0)
        effective = np.where(spread > 0, p * (1 - p) * whole**2 / spread, np.inf)
        effective = np.where((p > 0) & (p < 1), np.minimum(effective, most), most)
        trials = np.atleast_1d(effective)
        limits = wilson_limits(np.atleast_1d(p * effective), trials, z)
        low, high = (limit.reshape(np.shape(effective)) for limit in limits)
    some = whole > 0
    return Interval(np.where(some, low, 0.0), np.where(some, high, 1.0))
