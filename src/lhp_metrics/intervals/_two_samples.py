"""The frame of the two-sample measures: who is the group, who the base, what an empty one means."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.estimates import Alternative, Interval
from lhp_metrics.intervals._frame import (
    Binomial,
    Given,
    Kernel,
    Limits,
    Poisson,
    Tail,
    interval,
    p_value,
)

__all__ = ["two_proportion_interval", "two_proportion_p_value", "two_rates"]

PROPORTIONS = Binomial(), Binomial("base_successes", "base_trials")
RATES = Poisson(), Poisson("base_events", "base_exposure")

Samples = tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]


def two_proportion_interval(
    kernel: Kernel,
    samples: Samples,
    *,
    confidence_level: ArrayLike,
    alternative: Alternative,
    edges: tuple[float, float],
) -> Interval[float] | Interval[NDArray[np.float64]]:
    """Run an interval's kernel; an empty group leaves the whole range possible."""
    x, n, x0, n0 = samples
    return interval(
        _without_empty_groups(kernel, edges),
        [(PROPORTIONS[0], x, n), (PROPORTIONS[1], x0, n0)],
        confidence_level=confidence_level,
        alternative=alternative,
        edges=edges,
    )


def two_proportion_p_value(
    kernel: Kernel, samples: Samples, null: FloatArray
) -> float | FloatArray:
    """Run a test's kernel; an empty group contradicts no null."""
    x, n, x0, n0 = samples
    return p_value(
        _without_empty_groups(kernel, (1.0, 1.0)),
        [(PROPORTIONS[0], x, n), (PROPORTIONS[1], x0, n0)],
        null,
    )


def two_rates(
    events: ArrayLike, exposure: ArrayLike, base_events: ArrayLike, base_exposure: ArrayLike
) -> list[Given]:
    """Return group and base as `interval` and `p_value` take them."""
    return [(RATES[0], events, exposure), (RATES[1], base_events, base_exposure)]


def _without_empty_groups(kernel: Kernel, unknown: tuple[float, float]) -> Kernel:
    """Keep empty groups from a kernel, which divides by their size."""

    def guarded(x: FloatArray, n: FloatArray, x0: FloatArray, n0: FloatArray, last: Tail) -> Limits:
        empty = (n == 0) | (n0 == 0)
        if not empty.any():
            return kernel(x, n, x0, n0, last)
        low, high = kernel(x, np.maximum(n, 1), x0, np.maximum(n0, 1), last)
        return np.where(empty, unknown[0], low), np.where(empty, unknown[1], high)

    return guarded
