"""Binomial limits that solve "the tail probability is α", as odds.

Odds keep both p and 1 − p to full relative precision, and the exact ratio of two Poisson
rates *is* the odds of a binomial limit times the ratio of the exposures. A sum of binomial
probabilities is an incomplete beta function.
"""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Tail, normal_quantile
from lhp_metrics.intervals._solve import solve, where

__all__ = ["beta_below", "beta_density", "clopper_pearson_odds", "jeffreys_odds", "mid_p_odds"]

Limits = tuple[FloatArray, FloatArray]


def clopper_pearson_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds where P(X >= k) and where P(X <= k) equal `tail`, X binomial(n, p).

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    with np.errstate(divide="ignore"):
        return _beta_odds(k, n - k + 1, tail), 1.0 / _beta_odds(n - k, k + 1, tail)


def mid_p_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds where P(X > k) + P(X = k)/2, and P(X < k) + P(X = k)/2, equal `tail`.

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    with np.errstate(divide="ignore"):
        return _mid_p_lower_odds(k, n, tail), 1.0 / _mid_p_lower_odds(n - k, n, tail)


def jeffreys_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds of the two `tail` quantiles of Beta(k + 1/2, n - k + 1/2)."""
    a, b = k + 0.5, n - k + 0.5
    return _beta_odds(a, b, tail), 1.0 / _beta_odds(b, a, tail)


def beta_below(a: FloatArray, b: FloatArray, x: FloatArray, one_minus_x: FloatArray) -> FloatArray:
    """Return P(X < x) for X ~ Beta(a, b); exact for x next to 1 as well."""
    from scipy.special import betainc, betaincc

    # With two whole parameters scipy sums binomial terms, which loses up to eight digits of
    # what lies beyond the mean when one parameter is below 40 and the other 1e9. The next
    # float after the small one takes another way, and moves the answer less than rounding.
    beyond = (b > 100) & (x * (a + b) > a)
    below: FloatArray = np.where(
        x < 0.5,
        betainc(np.where(beyond, np.nextafter(a, np.inf), a), b, x),
        betaincc(np.where(a > 1e4, np.nextafter(b, np.inf), b), a, one_minus_x),
    )
    return below


def beta_density(
    a: FloatArray, b: FloatArray, odds: FloatArray, log_beta: FloatArray
) -> FloatArray:
    """Return the density of Beta(a, b) in the log odds."""
    density: FloatArray = np.exp(-a * np.log1p(1 / odds) - b * np.log1p(odds) - log_beta)
    return density


def _beta_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Return the odds of the `tail` quantile of Beta(a, b); 0 at a = 0."""
    from scipy.special import betaln

    def odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
        log_beta = betaln(a, b)

        def evaluate(odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            p, q = odds / (1 + odds), 1 / (1 + odds)
            return beta_below(a, b, p, q), beta_density(a, b, odds, log_beta), a - (a + b) * p

        return solve(evaluate, _first_odds(a, b, tail), tail)

    return where(a > 0, odds, 0.0, a, b, tail)


def _mid_p_lower_odds(k: FloatArray, n: FloatArray, tail: Tail) -> FloatArray:
    from scipy.special import betaln

    def odds(k: FloatArray, n: FloatArray, tail: Tail) -> FloatArray:
        failures = n - k
        log_beta = betaln(k, failures + 1)

        def evaluate(odds: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            p, q = odds / (1 + odds), 1 / (1 + odds)
            # The mean of two tails has no cancellation, unlike a tail less half a term.
            above = beta_below(k, failures + 1, p, q) + beta_below(k + 1, failures, p, q)
            first = beta_density(k, failures + 1, odds, log_beta)
            growth = failures / k * odds
            slope = k - (n + 1) * p + growth / (1 + growth)
            return above / 2, first * (1 + growth) / 2, slope

        return solve(evaluate, _first_odds(k + 0.5, failures + 0.5, tail), tail)

    def odds_of_all(n: FloatArray, tail: Tail) -> FloatArray:
        with np.errstate(divide="ignore"):  # half of p to the power n is never above 1/2
            odds: FloatArray = 1 / np.expm1(np.maximum(-np.log(2 * np.asarray(tail)), 0.0) / n)
        return odds

    at_edge = where((k == n) & (n > 0), odds_of_all, 0.0, n, tail)
    return where((k > 0) & (k < n), odds, at_edge, k, n, tail)


def _first_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Approximate the odds of the `tail` quantile of Beta(a, b): Abramowitz & Stegun 26.5.22."""
    z = normal_quantile(tail)
    u, v = 1 / (2 * np.maximum(a, 1) - 1), 1 / (2 * np.maximum(b, 1) - 1)
    h = 2 / (u + v)
    bend = (z * z - 3) / 6
    w = z * np.sqrt(np.maximum(h + bend, 0.0)) / h - (v - u) * (bend + 5 / 6 - 2 / (3 * h))
    return a / b * np.exp(-2 * w)
