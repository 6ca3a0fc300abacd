"""Simultaneous intervals for shares: how a total divides into cells."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics import _checks
from lhp_metrics._checks import FloatArray
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Interval
from lhp_metrics.intervals._frame import Binomial, Tail, limits, lookup, normal_quantile
from lhp_metrics.intervals.proportions import wilson_limits

__all__ = ["ShareMethod", "share_intervals"]

ShareMethod = Literal["goodman"]


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
    method : {"goodman"}, default "goodman"
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

    References
    ----------
    .. [1] L. A. Goodman (1965), Technometrics 7, 247-254.

    Examples
    --------
    >>> low, high = share_intervals([26, 34, 8, 69, 17, 10])
    >>> low.round(3)
    array([0.097, 0.137, 0.02 , 0.324, 0.056, 0.027])
    """
    deviate = lookup(method, _DEVIATES)
    table = _checks.numbers("counts", counts)
    if not -table.ndim <= axis < table.ndim:
        raise InvalidInputError(f"axis {axis} is not an axis of counts of shape {table.shape}")
    table = np.moveaxis(table, axis, -1)
    cells = table.shape[-1]
    if not cells:
        raise InvalidInputError(f"counts must have at least one cell; got shape {table.shape}")
    total = table.sum(axis=-1, keepdims=True)
    levels = _checks.confidence_levels(confidence_level)[..., np.newaxis]

    def kernel(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
        return wilson_limits(k, n, deviate(cells, tail) if cells > 1 else 1e-100)

    samples = [(Binomial("counts", "total"), table, total)]
    low, high = limits(kernel, samples, levels)
    return Interval(np.moveaxis(low, -1, axis), np.moveaxis(high, -1, axis))


def _goodman(cells: int, tail: Tail) -> Tail:
    """Bonferroni: each cell's two tails are a fair part of the table's."""
    return normal_quantile(tail / cells)


_DEVIATES: Mapping[str, Callable[[int, Tail], Tail]] = {"goodman": _goodman}
