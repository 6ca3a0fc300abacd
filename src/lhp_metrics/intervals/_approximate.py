"""Proportions: the methods that approximate, by a formula or the likelihood.

Each takes successes, trials and what each end leaves out, and returns the limits; each
test takes the null in its place, and returns the probabilities above and below.
"""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail, normal_quantile
from lhp_metrics.intervals._solve import where

__all__ = [
    "agresti_coull",
    "arcsine",
    "closed",
    "likelihood_ratio",
    "logit",
    "proportions_of",
    "scas",
    "scas_tails",
    "wald",
    "wald_tails",
    "wilson",
    "wilson_cc",
    "wilson_limits",
    "wilson_tails",
]


def proportions_of(low_odds: FloatArray, high_odds: FloatArray) -> Limits:
    """Return the proportions of these odds; infinite ones are 1."""
    low, high = np.minimum(low_odds, 1e300), np.minimum(high_odds, 1e300)
    return low / (1 + low), high / (1 + high)


def closed(k: FloatArray, n: FloatArray, low: FloatArray, high: FloatArray) -> Limits:
    """Let 0 of n reach down to exactly 0, and n of n up to 1."""
    return np.where(k == 0, 0.0, low), np.where(k == n, 1.0, high)


def wilson_limits(k: FloatArray, n: FloatArray, z: Tail) -> Limits:
    """Return the roots of (k - n p)² = z² n p (1 - p); exact at the edges."""
    all_succeeded = k == n
    n = np.maximum(n, 1.0)  # 0 of 0 is (0, 1) whatever the divisor
    # Step by step and in place: this is the default of a million rows.
    p = k / n
    high = n - k
    high *= p
    high += z * z / 4
    np.sqrt(high, out=high)
    high *= z
    high += k
    high += z * z / 2  # over n + z² it is the larger root, and k²/n over it the smaller one
    low = np.multiply(p, k, out=p)
    low /= high
    n += z * z
    high /= n
    high[all_succeeded] = 1.0
    return low, high


def wilson(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    return wilson_limits(k, n, normal_quantile(tail))


def wilson_cc(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    # |k - n p| less a half: Wilson's limits of half a success fewer and half a success more.
    z = normal_quantile(tail)
    low, _ = wilson_limits(np.maximum(k - 0.5, 0.0), n, z)
    _, high = wilson_limits(np.minimum(k + 0.5, n), n, z)
    return low, high


def agresti_coull(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)
    low, high = _around(k + z * z / 2, n + z * z, z)
    return low, np.where(k == n, 1.0, high)


def wald(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    low, high = _around(k, np.maximum(n, 1.0), normal_quantile(tail))
    return low, np.where(n == 0, 1.0, high)


def _around(k: FloatArray, n: FloatArray, z: Tail) -> Limits:
    """Return p ± z √(p (1 - p)/n), p = k/n, cut to [0, 1]."""
    p = k / n
    q = 1.0 - p
    high = p + z * np.sqrt(p * q / n)
    # The lower one as a quotient, which keeps the digits of a small limit.
    over = np.maximum(k - z * z * q, 0.0)
    low = p * over / (n * np.maximum(high, np.finfo(float).tiny))
    return low, np.minimum(high, 1.0)


def arcsine(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    angle = np.arcsin(np.sqrt((k + 0.375) / (n + 0.75)))
    reach = normal_quantile(tail) / (2 * np.sqrt(np.maximum(n, 1)))
    low = np.sin(np.maximum(angle - reach, 0.0)) ** 2
    high = np.sin(np.minimum(angle + reach, np.pi / 2)) ** 2
    return closed(k, n, low, high)


def logit(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)

    def inside(k: FloatArray, failures: FloatArray, z: Tail) -> FloatArray:
        return k / failures * np.exp(z * np.sqrt(1 / k + 1 / failures))

    def all_of(n: FloatArray, tail: Tail) -> FloatArray:
        odds: FloatArray = 1 / np.expm1(-np.log(tail) / n)
        return odds

    def low_odds(k: FloatArray, failures: FloatArray) -> FloatArray:
        edge = where(failures == 0, all_of, 0.0, k, tail)
        return where(failures > 0, inside, edge, k, failures, -z)

    return proportions_of(low_odds(k, n - k), 1 / low_odds(n - k, k))


def likelihood_ratio(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    z = normal_quantile(tail)

    def all_of(n: FloatArray, z: Tail) -> FloatArray:
        odds: FloatArray = 1 / np.expm1(z * z / (2 * n))
        return odds

    def low_odds(k: FloatArray, failures: FloatArray) -> FloatArray:
        edge = where(failures == 0, all_of, 0.0, k, z)
        return where((k > 0) & (failures > 0), _likelihood_odds, edge, k, failures, z)

    return proportions_of(low_odds(k, n - k), 1 / low_odds(n - k, k))


def _likelihood_odds(k: FloatArray, failures: FloatArray, z: Tail) -> FloatArray:
    """Return the odds below k/n at which the deviance is z²: Newton on its root in the log odds."""
    n = k + failures
    few = np.minimum(k, failures)  # the rarer outcome's log odds keep the digits
    down = np.where(k <= failures, -1.0, 1.0)
    p = few / n
    shift = down * z / np.sqrt(few * (1 - p))
    for _ in range(50):
        growth = np.expm1(shift)
        root = np.sqrt(2 * np.maximum(n * np.log1p(p * growth) - few * shift, 0.0))
        slope = few * (1 - p) * growth / (1 + p * growth)
        step = (z - root) * root / slope
        shift = shift + step
        if not np.any(np.abs(step) > 1e-9 * np.abs(shift)):
            break
    return k / failures * np.exp(-np.abs(shift))


def scas(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    # The score less its skewness, (k - c - (n - 2c) p)² = z² n p (1 - p), c = (z² - 1)/6.
    z = normal_quantile(tail)
    c = (z * z - 1) / 6
    few, many = k - c, n - k - c
    n_ = np.maximum(n, 1)
    reach = z * n_ * np.sqrt(np.maximum(few * many / n_ + z * z / 4, 0.0))
    middle = few * (n - 2 * c) + z * z * n_ / 2
    low = np.where(few > 0, few * few / (middle + reach), 0.0)
    high = np.where(many > 0, (middle + reach) / ((n - 2 * c) ** 2 + z * z * n_), 1.0)
    return closed(k, n, low, high)


def wilson_tails(k: FloatArray, n: FloatArray, null: FloatArray) -> Limits:
    return _score_tails(k - n * null, np.sqrt(n * null * (1 - null)))


def wald_tails(k: FloatArray, n: FloatArray, null: FloatArray) -> Limits:
    return _score_tails(k - n * null, np.sqrt(k * (n - k) / np.maximum(n, 1)))


def scas_tails(k: FloatArray, n: FloatArray, null: FloatArray) -> Limits:
    # s z + a (z² - 1) = k - n p, a = (1 - 2p)/6: the root that stays finite as a or s goes to 0.
    a = (1 - 2 * null) / 6
    s = np.sqrt(n * null * (1 - null))
    over = k - n * null + a
    at_least, at_most = _score_tails(2 * over, s + np.sqrt(np.maximum(s * s + 4 * a * over, 0)))
    return np.where(k == 0, 1.0, at_least), np.where(k == n, 1.0, at_most)


def _score_tails(over: FloatArray, deviation: FloatArray) -> Limits:
    """Return the normal tails beyond over/deviation; both 1 for 0/0, where nothing can differ."""
    from scipy.special import ndtr

    z = over / deviation
    same = np.isnan(z)
    return np.where(same, 1.0, ndtr(-z)), np.where(same, 1.0, ndtr(z))
