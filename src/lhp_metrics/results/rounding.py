"""Percentages that total exactly 100."""

from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import decimal_places, numbers, of_kind, refuse_where
from lhp_metrics.errors import InvalidInputError

__all__ = ["round_to_total"]

# Below these, floats hold every whole number and every decimal place that is printed.
EXACT = 2.0**53


def round_to_total(
    values: ArrayLike, *, total: float = 100.0, digits: int = 1
) -> NDArray[np.float64]:
    """Scale values to a total and round them so that the printed column adds up to it.

    Every value is rounded down to the last printed place; the units still missing go to the
    largest remainders, one each (Hamilton's method of apportionment). No rounded value differs
    from the exact one by a whole unit of the last place.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Amounts of at least 0; they need not add up to `total`.
    total : float, default 100
        What the rounded values add up to: above 0, a multiple of the last printed place.
    digits : int, default 1
        Decimal places, from 0 to 10.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN throughout where the values add up to 0: parts of nothing are undefined.

    Raises
    ------
    InvalidInputError
        If a value is negative or not finite, `total` is not a finite number above 0 that can be
        printed with `digits`, or `digits` is not a whole number from 0 to 10.

    Notes
    -----
    Equal remainders go to the larger value first, then to the one that stands first. Equal
    values may so be printed one unit apart: no rounding to a fixed total can avoid it (three
    thirds of 100.0 are 33.4, 33.3 and 33.3).

    References
    ----------
    .. [1] M. L. Balinski and H. P. Young (1982), *Fair Representation*, Yale University Press.

    Examples
    --------
    >>> round_to_total([26, 34, 8, 69, 17, 10])
    array([15.8, 20.7,  4.9, 42.1, 10.4,  6.1])
    """
    array = numbers("values", values)
    if array.ndim != 1:
        raise InvalidInputError(f"values must have one dimension; got shape {array.shape}")
    refuse_where(~(array >= 0) | np.isinf(array), array, "values", "must be finite and at least 0")
    decimal_places(digits)
    of_kind("total", total, (int, float))
    if not (total > 0 and isfinite(total)):
        raise InvalidInputError(f"total must be finite and above 0; got {total!r}")
    units = total * 10**digits
    if abs(units - round(units)) > 1e-9 * max(1.0, abs(units)):
        raise InvalidInputError(f"total ({total}) has more than {digits} decimal places")
    if not array.any():
        return np.full(array.shape, np.nan)
    result: NDArray[np.float64] = _apportioned(array, round(units)) / 10**digits
    return result


def _apportioned(array: NDArray[np.float64], units: int) -> NDArray[np.float64]:
    """Return whole numbers of units in proportion to `array` that add up to `units`."""
    if array.max() < EXACT / (max(units, 1) * len(array)) and not (array % 1).any():
        # Remainders as multiples of 1/whole: exact for counts, so that ties are true ties.
        whole = array.sum()
        floor = np.floor_divide(array * units, whole)
        remainder = array * units - floor * whole
    else:
        exact = [Fraction(value) for value in array.tolist()]
        everything = sum(exact)
        quotas = [value * units / everything for value in exact]
        floor = np.array([float(quota // 1) for quota in quotas])
        parts = [quota % 1 for quota in quotas]
        rank = {part: place for place, part in enumerate(sorted(set(parts)))}
        remainder = np.array([float(rank[part]) for part in parts])
    missing = int(units - floor.sum())
    order = np.lexsort((np.arange(len(array)), -array, -remainder))
    floor[order[:missing]] += 1
    result: NDArray[np.float64] = floor
    return result
