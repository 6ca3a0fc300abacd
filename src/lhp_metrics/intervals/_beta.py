"""Limits that solve "the tail probability is α": binomial ones as odds, Poisson ones as means.

Odds keep both p and 1 − p to full relative precision, and the exact ratio of two Poisson
rates *is* the odds of a binomial limit times the ratio of the exposures. A sum of binomial
probabilities is an incomplete beta function, of Poisson ones an incomplete gamma function.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Tail, normal_quantile

__all__ = ["clopper_pearson_odds", "garwood_means", "mid_p_odds"]

# Tail probability, its derivative in log u, and the logarithmic derivative of that one.
Evaluation = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


def clopper_pearson_odds(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    """Return the odds where P(X >= k) and where P(X <= k) equal `tail`, X binomial(n, p).

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    with np.errstate(divide="ignore"):
        return _beta_odds(k, n - k + 1, tail), 1.0 / _beta_odds(n - k, k + 1, tail)


def mid_p_odds(k: FloatArray, n: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    """Return the odds where P(X > k) + P(X = k)/2, and P(X < k) + P(X = k)/2, equal `tail`.

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    with np.errstate(divide="ignore"):
        return _mid_p_lower(k, n, tail), 1.0 / _mid_p_lower(n - k, n, tail)


def garwood_means(events: FloatArray, tail: Tail) -> tuple[FloatArray, FloatArray]:
    """Return the Poisson means where P(X >= events) and where P(X <= events) equal `tail`.

    The lower mean is 0 at 0 events.
    """
    from scipy.special import gammainc, gammaincc, gammaln

    def density(a: FloatArray, mean: FloatArray) -> FloatArray:
        return np.exp(a * np.log(mean) - mean - gammaln(a))

    def low(a: FloatArray, tail: Tail) -> FloatArray:
        return _solve(
            lambda mean: (gammainc(a, mean), density(a, mean), a - mean),
            _wilson_hilferty(a, -normal_quantile(tail)),
            tail,
        )

    def high(a: FloatArray, tail: Tail) -> FloatArray:
        return _solve(
            lambda mean: (gammaincc(a, mean), -density(a, mean), a - mean),
            _wilson_hilferty(a, normal_quantile(tail)),
            tail,
        )

    return _where(events > 0, low, 0.0, events, tail), high(events + 1, tail)


def _beta_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Return the odds of the `tail` quantile of Beta(a, b); 0 at a = 0."""
    from scipy.special import betaln

    def solve(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
        log_beta = betaln(a, b)

        def evaluate(odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            p = odds / (1 + odds)
            below = _beta_below(a, b, odds)
            density = np.exp(-a * np.log1p(1 / odds) - b * np.log1p(odds) - log_beta)
            return below, density, a - (a + b) * p

        return _solve(evaluate, _first_odds(a, b, tail), tail)

    return _where(a > 0, solve, 0.0, a, b, tail)


def _mid_p_lower(k: FloatArray, n: FloatArray, tail: Tail) -> FloatArray:
    from scipy.special import betaln

    def solve(k: FloatArray, n: FloatArray, tail: Tail) -> FloatArray:
        log_beta = betaln(k, n - k + 1)

        def evaluate(odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            p = odds / (1 + odds)
            # The mean of two tails has no cancellation, unlike a tail less half a term.
            above = _beta_below(k, n - k + 1, odds) + _beta_below(k + 1, n - k, odds)
            first = np.exp(-k * np.log1p(1 / odds) - (n - k + 1) * np.log1p(odds) - log_beta)
            growth = (n - k) / k * odds
            slope = k - (n + 1) * p + growth / (1 + growth)
            return above / 2, first * (1 + growth) / 2, slope

        return _solve(evaluate, _first_odds(k + 0.5, n - k + 0.5, tail), tail)

    def all_successes(n: FloatArray, tail: Tail) -> FloatArray:
        with np.errstate(divide="ignore"):  # half of p to the power n is never above 1/2
            odds: FloatArray = 1 / np.expm1(np.maximum(-np.log(2 * np.asarray(tail)), 0.0) / n)
        return odds

    odds = _where((k > 0) & (k < n), solve, 0.0, k, n, tail)
    certain = (k == n) & (n > 0)
    if certain.any():
        odds = np.where(certain, _where(certain, all_successes, 0.0, n, tail), odds)
    return odds


def _beta_below(a: FloatArray, b: FloatArray, odds: FloatArray) -> FloatArray:
    """Return P(X < x) for X ~ Beta(a, b), x given by its odds; exact for x next to 1 as well."""
    from scipy.special import betainc, betaincc

    # With whole a and b, scipy sums binomial terms and loses up to eight digits at a = 1e9,
    # b < 40. The next float after b takes the other way, and moves the answer less than
    # rounding does.
    from_above = betaincc(np.nextafter(b, np.inf), a, 1 / (1 + odds))
    below: FloatArray = np.where(odds < 1, betainc(a, b, odds / (1 + odds)), from_above)
    return below


def _solve(evaluate: Evaluation, start: FloatArray, tail: Tail) -> FloatArray:
    """Solve "probability = tail" for u > 0 by Halley's method on log probability in log u.

    The log of these probabilities is concave in log u, so steps from a fair start cannot
    run away, and a third-order step below 1e-8 leaves nothing that a float could show.
    """
    u = start
    for _ in range(50):
        probability, derivative, slope = evaluate(u)
        rate = derivative / probability
        newton = np.log(probability / tail) / rate
        step = newton / np.maximum(1 - newton * (slope - rate) / 2, 0.5)
        u = u * np.exp(-step)
        if not np.any(np.abs(step) > 1e-8):
            break
    return u


def _first_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Approximate the odds of the `tail` quantile of Beta(a, b).

    Abramowitz and Stegun 26.5.22, and below a = 1 or b = 1, where it does not hold, the
    leading power of the density.
    """
    z = normal_quantile(tail)
    u, v = 1 / (2 * np.maximum(a, 1) - 1), 1 / (2 * np.maximum(b, 1) - 1)
    h = 2 / (u + v)
    bend = (z * z - 3) / 6
    w = z * np.sqrt(np.maximum(h + bend, 0.0)) / h - (v - u) * (bend + 5 / 6 - 2 / (3 * h))
    return a / b * np.exp(-2 * w)


def _wilson_hilferty(a: FloatArray, z: Tail) -> FloatArray:
    """Approximate the gamma(a) quantile at normal deviate z."""
    root = 1 - 1 / (9 * a) + z / (3 * np.sqrt(a))
    approximate: FloatArray = a * np.maximum(root, 0.1) ** 3
    return approximate


def _where(
    wanted: NDArray[np.bool_],
    function: Callable[..., FloatArray],
    otherwise: float,
    *arguments: Tail,
) -> FloatArray:
    """Apply `function` where `wanted` alone, so that it never meets an impossible argument."""
    if wanted.all():
        return function(*arguments)
    result = np.full(wanted.shape, otherwise)
    result[wanted] = function(*(a[wanted] if isinstance(a, np.ndarray) else a for a in arguments))
    return result
