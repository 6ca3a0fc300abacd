"""Where chance leaves a group: limits around a target at a given size, and as curves."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals import rate_interval
from lhp_metrics.metrics._outcomes import quotient

__all__ = [
    "LEVELS",
    "PROPORTIONS",
    "RATIOS",
    "LimitsOf",
    "Scale",
    "binomial_limits",
    "limit_curves",
    "normal_quantile",
    "score_limits",
]

LimitsOf: TypeAlias = Literal["Wilson", "exact binomial", "exact Poisson"]
Curve: TypeAlias = tuple[FloatArray, FloatArray]

LEVELS = {"95": 0.95, "99_8": 0.998}  # By custom about two and three standard deviations.
MOST_POINTS = 300


@attrs.frozen
class Scale:
    """What is compared, and the scale on which its variance is 1 / (4 size) everywhere."""

    title: str
    spec: str
    most: float
    angle: Callable[[FloatArray], FloatArray]
    value: Callable[[FloatArray], FloatArray]


PROPORTIONS = Scale(
    title="Funnel of success rates",
    spec=".1%",
    most=1.0,
    angle=lambda value: np.arcsin(np.sqrt(value)),
    value=lambda angle: np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2,
)
RATIOS = Scale(
    title="Funnel of registrations over expected",
    spec=".2f",
    most=np.inf,
    angle=np.sqrt,
    value=lambda angle: np.maximum(angle, 0.0) ** 2,
)


def score_limits(sizes: FloatArray, target: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the values whose Wilson interval would just touch the target."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = normal_quantile(level) * np.sqrt(target * (1 - target) / sizes)
    reach = np.where(sizes > 0, reach, 1.0)
    return np.fmax(target - reach, 0.0), np.fmin(target + reach, 1.0)


def binomial_limits(
    sizes: FloatArray, target: float, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the least and largest value that no more than half of 1 - level lies beyond."""
    tail = (1 - level) / 2
    low, high = (_binomial_quantile(q, sizes, target) for q in (tail, 1 - tail))
    return np.nan_to_num(quotient(low, sizes), nan=0.0), np.nan_to_num(
        quotient(high, sizes), nan=1.0
    )


def _binomial_quantile(chance: float, n: FloatArray, p: float) -> FloatArray:
    """Return the least k of which P(X <= k) is at least `chance`."""
    from scipy.special import bdtrik

    if p in (0.0, 1.0):
        return n * p
    sizes, place = np.unique(n, return_inverse=True)  # Many groups are of one size.
    # NaN where no success at all already has the chance.
    return np.ceil(np.nan_to_num(bdtrik(chance, sizes, p)))[place]


def normal_quantile(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def limit_curves(
    limits_of: str, target: float, level: float, largest: float, tau_squared: float | None = None
) -> tuple[Curve, Curve]:
    """Return sizes and limits along the lower and along the upper curve of a funnel.

    With `tau_squared` they are the adjusted limits, on the variance-stabilised scale.
    """
    if tau_squared is not None:
        scale = RATIOS if limits_of == "exact Poisson" else PROPORTIONS
        sizes = np.geomspace(min(1.0, largest / 2), largest, MOST_POINTS)
        reach = normal_quantile(level) * np.sqrt(0.25 / sizes + tau_squared)
        middle = scale.angle(np.array(target))
        return (sizes, scale.value(middle - reach)), (sizes, scale.value(middle + reach))
    if limits_of == "exact Poisson":
        return _poisson_curves(target, level, largest)
    sizes = np.unique(np.rint(np.geomspace(1.0, max(largest, 2.0), MOST_POINTS)))
    low, high = (score_limits if limits_of == "Wilson" else binomial_limits)(sizes, target, level)
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
