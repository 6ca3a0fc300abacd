"""P-values adjusted for the number of comparisons in a table."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice

__all__ = ["Adjustment", "adjusted"]

Adjustment: TypeAlias = Literal["holm", "benjamini-hochberg", "none"]


def adjusted(p_values: NDArray[np.float64], method: Adjustment) -> NDArray[np.float64]:
    """Return adjusted p-values; a NaN stays one and does not count as a comparison.

    Parameters
    ----------
    p_values : ndarray of float, shape (n,)
        One per comparison of the family.
    method : {"holm", "benjamini-hochberg", "none"}
        Holm bounds the chance of any false finding, Benjamini–Hochberg the expected part of
        false ones among the findings.

    References
    ----------
    .. [1] S. Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    .. [2] Y. Benjamini and Y. Hochberg (1995), Journal of the Royal Statistical Society B 57,
       289-300.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, 0.03]), "holm")
    array([0.03, 0.06, 0.06])
    """
    choice("adjust", method, ("holm", "benjamini-hochberg", "none"))
    result = p_values.copy()
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    if method == "holm":
        scaled = p_values[order] * (len(order) + 1 - rank)
        result[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    elif method == "benjamini-hochberg":
        scaled = p_values[order] * len(order) / rank
        # The largest p-value is its own, and none exceeds it.
        result[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return result
