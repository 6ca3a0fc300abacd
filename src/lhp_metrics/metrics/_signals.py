"""Signals of special variation on a control chart, as Making Data Count names them."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray

__all__ = ["SIGNALS", "signals"]

SIGNALS = ("outside_limits", "shift", "trend", "near_limit")

SHIFT, TREND = 7, 6
ROUNDING = 1e-9  # of the spread of what is drawn: closer than this counts as equal


def signals(
    value: FloatArray, centre: FloatArray, low: FloatArray, high: FloatArray
) -> dict[str, NDArray[np.bool_]]:
    """Return for each signal which points are part of it; limits of NaN give none but runs."""
    scale = max(np.ptp(value), np.abs(value).max() * 1e-6, np.abs(centre).max() * 1e-6)
    slack = ROUNDING * scale
    side = _sign(value - centre, slack)
    reach = np.where(side > 0, high - centre, centre - low)
    far = np.abs(value - centre)
    beyond = far > reach + slack
    outer = side * (far > 2 / 3 * reach + slack)
    steps = _sign(np.diff(value), slack)
    return {
        "outside_limits": beyond,
        "shift": _runs(side, SHIFT),
        "trend": _of_steps(_runs(steps, TREND - 1)),
        "near_limit": _two_of_three(outer),
    }


def _sign(differences: FloatArray, slack: float) -> NDArray[np.int64]:
    return np.where(np.abs(differences) <= slack, 0, np.sign(differences)).astype(np.int64)


def _runs(signs: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """Return which elements are part of at least `length` equal signs in a row, none of them 0."""
    found = np.zeros(len(signs), dtype=np.bool_)
    borders = [0, *(np.flatnonzero(np.diff(signs)) + 1).tolist(), len(signs)]
    for start, end in pairwise(borders):
        if end - start >= length and signs[start] != 0:
            found[start:end] = True
    return found


def _of_steps(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which points one of the steps starts from or leads to."""
    return np.append(steps, False) | np.insert(steps, 0, False)


def _two_of_three(outer: NDArray[np.int64]) -> NDArray[np.bool_]:
    found = np.zeros(len(outer), dtype=np.bool_)
    for start in range(len(outer) - 2):
        window = outer[start : start + 3]
        for sign in (1, -1):
            if (window == sign).sum() >= 2:
                found[start : start + 3] |= window == sign
    return found
