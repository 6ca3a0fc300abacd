"""Funnels in numbers: limits at each size and as curves, and what varies beyond chance."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals import rate_interval
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.metrics._outcomes import quotient

__all__ = [
    "PROPORTION",
    "RATIO",
    "LimitsOf",
    "Scale",
    "Sides",
    "binomial_limits",
    "limit_curves",
    "overdispersion",
    "poisson_limits",
    "score_limits",
]

LimitsOf: TypeAlias = Literal["Wilson", "exact binomial", "exact Poisson"]
Curve: TypeAlias = tuple[FloatArray, FloatArray]

MOST_POINTS = 300  # of a curve

# Lower and upper limit, and which values lie below and above them.
Sides: TypeAlias = tuple[FloatArray, FloatArray, NDArray[np.bool_], NDArray[np.bool_]]


@attrs.frozen
class Scale:
    """The scale on which a value's variance is 1 / (4 size) everywhere, and the largest value."""

    most: float
    angle: Callable[[FloatArray], FloatArray]
    value: Callable[[FloatArray], FloatArray]


PROPORTION = Scale(
    most=1.0,
    angle=lambda value: np.arcsin(np.sqrt(value)),
    value=lambda angle: np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2,
)
RATIO = Scale(
    most=np.inf,
    angle=np.sqrt,
    value=lambda angle: np.maximum(angle, 0.0) ** 2,
)


def score_limits(events: FloatArray, sizes: FloatArray, target: float, level: float) -> Sides:
    """Return the proportions whose Wilson interval would just touch the target."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = two_sided_quantile(level) * np.sqrt(target * (1 - target) / sizes)
    reach = np.where(sizes > 0, reach, 1.0)
    return _sides(events, sizes, np.fmax(target - reach, 0.0), np.fmin(target + reach, 1.0))


def binomial_limits(events: FloatArray, sizes: FloatArray, target: float, level: float) -> Sides:
    """Return the least and largest proportion that no more than half of 1 - level lies beyond."""
    tail = (1 - level) / 2
    low, high = (quotient(_binomial_quantile(q, sizes, target), sizes) for q in (tail, 1 - tail))
    return _sides(events, sizes, np.nan_to_num(low, nan=0.0), np.nan_to_num(high, nan=1.0))


def _sides(events: FloatArray, sizes: FloatArray, low: FloatArray, high: FloatArray) -> Sides:
    value = quotient(events, sizes)
    return low, high, value < low, value > high


def poisson_limits(events: FloatArray, sizes: FloatArray, target: float, level: float) -> Sides:
    """Return the ratios to expected `sizes` whose exact interval would just touch the target."""
    low, high = rate_interval(events, 1.0, method="exact", confidence_level=level)
    with np.errstate(divide="ignore"):
        inverse = target * events / np.where(events > 0, low, np.nan)
    # At no events the ratio is 0 whatever was expected: the counts decide, not the ratio.
    below, above = target * sizes > high, target * sizes < low
    return target * events / high, np.where(events > 0, inverse, np.inf), below, above


def _binomial_quantile(chance: float, n: FloatArray, p: float) -> FloatArray:
    """Return the least k of which P(X <= k) is at least `chance`."""
    from scipy.special import bdtrik

    if p in (0.0, 1.0):
        return n * p
    sizes, place = np.unique(n, return_inverse=True)  # Many groups are of one size.
    # NaN where no success at all already has the chance.
    return np.ceil(np.nan_to_num(bdtrik(chance, sizes, p)))[place]


def overdispersion(z: FloatArray, sizes: FloatArray, trim: float) -> tuple[float, float]:
    """Return φ of the winsorised z, and τ² by the method of moments."""
    z, weight = z[~np.isnan(z)], 4 * sizes[~np.isnan(z)]
    groups = len(z)
    if groups < 2:
        return float("nan"), 0.0
    low, high = np.quantile(z, [trim, 1 - trim])
    phi = float((np.clip(z, low, high) ** 2).mean())
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    return phi, max(0.0, (groups * phi - (groups - 1)) / spread)


def limit_curves(
    limits_of: str, target: float, level: float, largest: float, tau_squared: float | None = None
) -> tuple[Curve, Curve]:
    """Return sizes and limits along the lower and along the upper curve of a funnel.

    With `tau_squared` they are the adjusted limits, on the variance-stabilised scale.
    """
    if tau_squared is not None:
        scale = RATIO if limits_of == "exact Poisson" else PROPORTION
        sizes = np.geomspace(min(1.0, largest / 2), largest, MOST_POINTS)
        reach = two_sided_quantile(level) * np.sqrt(0.25 / sizes + tau_squared)
        middle = scale.angle(np.array(target))
        return (sizes, scale.value(middle - reach)), (sizes, scale.value(middle + reach))
    if limits_of == "exact Poisson":
        return _poisson_curves(target, level, largest)
    sizes = np.unique(np.rint(np.geomspace(1.0, max(largest, 2.0), MOST_POINTS)))
    find = score_limits if limits_of == "Wilson" else binomial_limits
    low, high, _, _ = find(np.zeros_like(sizes), sizes, target, level)
    return (sizes, low), (sizes, high)


def _poisson_curves(target: float, level: float, largest: float) -> tuple[Curve, Curve]:
    """Return, for each count, the expected number at which it just reaches a limit."""
    most = target * largest
    far = most + 6 * np.sqrt(most) + 12  # Beyond it even the lower limit is past the largest.
    counts = np.unique(np.rint(np.append(0.0, np.geomspace(1.0, far, MOST_POINTS))))
    low, high = rate_interval(counts, 1.0, method="exact", confidence_level=level)
    some = counts > 0
    return (
        (high / target, target * counts / high),
        (low[some] / target, target * counts[some] / low[some]),
    )
