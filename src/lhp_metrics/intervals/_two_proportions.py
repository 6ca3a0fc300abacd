"""The frame of the measures of two proportions: who is who, and what an empty group means."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._frame import Binomial, Kernel, Tail, interval, p_value

__all__ = ["two_proportion_interval", "two_proportion_p_value"]

GROUP = Binomial()
BASE = Binomial("base_successes", "base_trials")


def two_proportion_interval(
    kernel: Kernel,
    counts: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    *,
    confidence_level: ArrayLike,
    alternative: Alternative,
    edges: tuple[float, float],
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Run an interval's kernel; an empty group leaves the whole range possible."""
    x, n, x0, n0 = counts
    return interval(
        _guarded(kernel, edges),
        [(GROUP, x, n), (BASE, x0, n0)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=edges,
    )


def two_proportion_p_value(
    kernel: Kernel,
    counts: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike],
    null: FloatArray,
) -> float | FloatArray:
    """Run a test's kernel; an empty group contradicts no null."""
    x, n, x0, n0 = counts
    return p_value(_guarded(kernel, (1.0, 1.0)), [(GROUP, x, n), (BASE, x0, n0)], null)


def _guarded(kernel: Kernel, unknown: tuple[float, float]) -> Kernel:
    """Keep empty groups from a kernel, which divides by their size."""

    def guarded(
        x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, last: Tail
    ) -> tuple[FloatArray, FloatArray]:
        empty = (n == 0) | (n0 == 0)
        if not empty.any():
            return kernel(x, n, x0, n0, last)
        low, high = kernel(x, np.maximum(n, 1), x0, np.maximum(n0, 1), last)
        return np.where(empty, unknown[0], low), np.where(empty, unknown[1], high)

    return guarded
