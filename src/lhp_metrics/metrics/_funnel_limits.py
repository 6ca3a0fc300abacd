"""Limits of a target at each group's size, and how much groups vary beyond chance."""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.metrics._outcomes import quotient

__all__ = ["binomial_limits", "normal", "overdispersion", "score_limits"]


def score_limits(sizes: FloatArray, target: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the values whose Wilson interval would just touch the target."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = normal(level) * np.sqrt(target * (1 - target) / sizes)
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


def normal(level: float) -> float:
    """Return the normal quantile that limits of a level reach to."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)
