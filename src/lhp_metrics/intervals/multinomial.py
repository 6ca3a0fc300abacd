"""Simultaneous intervals for shares: how a total divides into cells."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Interval
from lhp_metrics.intervals._frame import Binomial, Limits, Tail, limits, lookup, normal_quantile
from lhp_metrics.intervals._sison_glaz import sison_glaz_limits
from lhp_metrics.intervals.proportions import wilson_limits

__all__ = ["ShareMethod", "share_intervals"]

ShareMethod = Literal["goodman", "quesenberry-hurst", "sison-glaz"]

Levels = float | FloatArray
Method = Callable[[FloatArray, Levels], Limits]


def share_intervals(
    counts: ArrayLike,
    *,
    axis: int = -1,
    method: ShareMethod = "goodman",
    confidence_level: ArrayLike = 0.95,
) -> Interval[NDArray[np.float64]]:
    """Confidence intervals for the shares of a total that all hold together.

    Parameters
    ----------
    counts : array of int
        Whole numbers of at least 0. The cells of a table run along `axis`; any further
        dimensions count tables.
    axis : int, default -1
        Where the cells of one table lie.
    method : {"goodman", "quesenberry-hurst", "sison-glaz"}, default "goodman"
        See Notes.
    confidence_level : float or array of float, default 0.95
        The probability that the intervals of *all* cells of a table hold; a fraction
        between 0 and 1 (exclusive). An array broadcasts with the tables.

    Returns
    -------
    Interval
        Two arrays of the shape of `counts`. In a table of zeros each is (0, 1): nothing is
        known. A single cell is the whole: (1, 1).

    Raises
    ------
    InvalidInputError
        If a count is negative, not whole, NaN or infinite, if there is no cell along
        `axis`, if a level is outside (0, 1) or the method is unknown.

    Notes
    -----
    "goodman"
        Wilson's interval for each cell, at the level that Bonferroni's inequality asks for
        [1]_. Sensible with few cells and with empty ones.
    "quesenberry-hurst"
        Wilson's interval with the chi-squared quantile of all cells together [2]_: wider.
    "sison-glaz"
        One distance for all cells, from an approximation of the probability that all
        counts lie within it [3]_, shifted for skewness as published with a program in
        [4]_. Narrower with seven or more cells of similar size. The lower limits move in
        whole counts; the upper ones step back as they do, so a higher level can lower them.

    References
    ----------
    .. [1] L. A. Goodman (1965), Technometrics 7, 247-254.
    .. [2] C. P. Quesenberry and D. C. Hurst (1964), Technometrics 6, 191-195.
    .. [3] C. P. Sison and J. Glaz (1995), JASA 90, 366-369.
    .. [4] W. L. May and W. D. Johnson (2000), Journal of Statistical Software 5(6).

    Examples
    --------
    >>> low, high = share_intervals([26, 34, 8, 69, 17, 10])
    >>> low.round(3)
    array([0.097, 0.137, 0.02 , 0.324, 0.056, 0.027])
    """
    limits_of = lookup(method, _METHODS)
    tables = _checks.counts("counts", counts)
    _checks.of_kind("axis", axis, (int, np.integer))
    if not -tables.ndim <= axis < tables.ndim:
        raise InvalidInputError(f"axis {axis} is not an axis of counts of shape {tables.shape}")
    tables = np.moveaxis(tables, axis, -1)
    if not tables.shape[-1]:
        raise InvalidInputError(f"counts must have at least one cell; got shape {tables.shape}")
    levels = _checks.confidence_levels(confidence_level)
    low, high = limits_of(tables, levels[..., np.newaxis] if levels.ndim else float(levels))
    return Interval(np.moveaxis(low, -1, axis), np.moveaxis(high, -1, axis))


def _wilson(deviate: Callable[[int, Tail], Tail]) -> Method:
    """Return a method that gives each cell Wilson's interval at the `deviate` of all cells."""

    def limits_of(tables: FloatArray, levels: Levels) -> Limits:
        cells = tables.shape[-1]

        def kernel(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
            return wilson_limits(k, n, deviate(cells, tail) if cells > 1 else 1e-100)

        total = tables.sum(axis=-1, keepdims=True)
        return limits(kernel, [(Binomial("counts", "total"), tables, total)], levels)

    return limits_of


def _goodman(cells: int, tail: Tail) -> Tail:
    return normal_quantile(tail / cells)


def _quesenberry_hurst(cells: int, tail: Tail) -> Tail:
    from scipy.special import gammainccinv

    # The root of the chi-squared quantile with cells - 1 degrees of freedom.
    deviate: Tail = np.sqrt(2 * gammainccinv((cells - 1) / 2, 2 * tail))
    return deviate


def _sison_glaz(tables: FloatArray, levels: Levels) -> Limits:
    tables, every = _checks.broadcast({"counts": tables, "confidence_level": np.atleast_1d(levels)})
    rows = tables.reshape(-1, tables.shape[-1])
    low, high = sison_glaz_limits(rows, every.reshape(rows.shape)[:, 0])
    if rows.shape[1] == 1:
        low = np.where(rows > 0, 1.0, low)
    return low.reshape(tables.shape), high.reshape(tables.shape)


_METHODS: Mapping[str, Method] = {
    "goodman": _wilson(_goodman),
    "quesenberry-hurst": _wilson(_quesenberry_hurst),
    "sison-glaz": _sison_glaz,
}
