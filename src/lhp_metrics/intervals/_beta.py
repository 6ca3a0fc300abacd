"""Binomial limits that solve "the tail probability is α", as odds.

Odds keep both p and 1 − p to full relative precision, and the exact ratio of two Poisson
rates *is* the odds of a binomial limit times the ratio of the exposures. A sum of binomial
probabilities is an incomplete beta function.
"""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail, normal_quantile
from lhp_metrics.intervals._solve import Evaluation, solve, where
from lhp_metrics.intervals._surrogate import LowerOdds, odds_surrogate, worthwhile

__all__ = ["beta_below", "beta_density", "clopper_pearson_odds", "jeffreys_odds", "mid_p_odds"]


def clopper_pearson_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds where P(X >= k) and where P(X <= k) equal `tail`, X binomial(n, p).

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    return _odds(_clopper_pearson_lower, k, n, tail)


def mid_p_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds where P(X > k) + P(X = k)/2, and P(X < k) + P(X = k)/2, equal `tail`.

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    return _odds(_mid_p_lower, k, n, tail)


def jeffreys_odds(k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return the odds of the two `tail` quantiles of Beta(k + 1/2, n - k + 1/2).

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    return _odds(_jeffreys_lower, k, n, tail)


def _odds(lower: LowerOdds, k: FloatArray, n: FloatArray, tail: Tail) -> Limits:
    """Return both limits, off a series where many share one tail that it is good for."""
    if worthwhile(tail, k.size):
        return odds_surrogate(lower, tail).odds(k, n)
    with np.errstate(divide="ignore"):
        return lower(k, n - k, tail), 1 / lower(n - k, k, tail)


def _clopper_pearson_lower(k: FloatArray, failures: FloatArray, tail: Tail) -> FloatArray:
    return _lower(_clopper_pearson_inside, k, failures, tail, of_all=tail)


def _jeffreys_lower(k: FloatArray, failures: FloatArray, tail: Tail) -> FloatArray:
    return where(k > 0, _beta_odds, 0.0, k + 0.5, failures + 0.5, tail)


def _mid_p_lower(k: FloatArray, failures: FloatArray, tail: Tail) -> FloatArray:
    return _lower(_mid_p_inside, k, failures, tail, of_all=2 * tail)


def _lower(
    inside: LowerOdds, k: FloatArray, failures: FloatArray, tail: Tail, *, of_all: Tail
) -> FloatArray:
    """Return the odds `inside`, 0 without successes, where pⁿ is `of_all` without failures."""

    def at_edge(n: FloatArray, of_all: Tail) -> FloatArray:
        with np.errstate(divide="ignore"):  # pⁿ is never above 1
            odds: FloatArray = 1 / np.expm1(np.maximum(-np.log(of_all), 0.0) / n)
        return odds

    some, all_ = k > 0, failures == 0
    edge = where(some & all_, at_edge, 0.0, k, of_all)
    return where(some & ~all_, inside, edge, k, failures, tail)


def beta_below(a: FloatArray, b: FloatArray, x: FloatArray, one_minus_x: FloatArray) -> FloatArray:
    """Return P(X < x) for X ~ Beta(a, b); exact for x next to 1 as well."""
    from scipy.special import betainc, betaincc

    # Where one parameter is whole, below 40 and much below the other, scipy loses two to
    # eight digits of what lies beyond the mean. The next float after the small one takes
    # another way, and moves the answer less than rounding does.
    small = x < 0.5
    beyond = (b > 15) & (x * (a + b) > a)
    below: FloatArray = np.empty(np.broadcast(a, x).shape)
    betainc(np.where(beyond, np.nextafter(a, np.inf), a), b, x, out=below, where=small)
    b_up = np.where(a > 15, np.nextafter(b, np.inf), b)
    betaincc(b_up, a, one_minus_x, out=below, where=~small)
    return below


def beta_density(
    a: FloatArray, b: FloatArray, odds: FloatArray, log_beta: FloatArray
) -> FloatArray:
    """Return the density of Beta(a, b) in the log odds."""
    density: FloatArray = np.exp(-a * np.log1p(1 / odds) - b * np.log1p(odds) - log_beta)
    return density


def _beta_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Return the odds of the `tail` quantile of Beta(a, b)."""
    from scipy.special import betaln

    log_beta = betaln(a, b)

    def evaluate(odds: FloatArray) -> Evaluation:
        p, q = odds / (1 + odds), 1 / (1 + odds)
        return beta_below(a, b, p, q), beta_density(a, b, odds, log_beta), a - (a + b) * p

    return solve(evaluate, _first_odds(a, b, tail), tail)


def _clopper_pearson_inside(k: FloatArray, failures: FloatArray, tail: Tail) -> FloatArray:
    return _beta_odds(k, failures + 1, tail)


def _mid_p_inside(k: FloatArray, failures: FloatArray, tail: Tail) -> FloatArray:
    """Return the odds where the mean of P(X >= k) and P(X > k) is `tail`, 0 < k < n."""
    from scipy.special import betaln

    log_beta = betaln(k, failures + 1)

    def evaluate(odds: FloatArray) -> Evaluation:
        p, q = odds / (1 + odds), 1 / (1 + odds)
        # The mean of two tails has no cancellation, unlike a tail less half a term.
        above = beta_below(k, failures + 1, p, q) + beta_below(k + 1, failures, p, q)
        first = beta_density(k, failures + 1, odds, log_beta)
        growth = failures / k * odds
        slope = k - (k + failures + 1) * p + growth / (1 + growth)
        return above / 2, first * (1 + growth) / 2, slope

    return solve(evaluate, _first_odds(k + 0.5, failures + 0.5, tail), tail)


def _first_odds(a: FloatArray, b: FloatArray, tail: Tail) -> FloatArray:
    """Approximate the odds of the `tail` quantile of Beta(a, b): Abramowitz & Stegun 26.5.22."""
    z = normal_quantile(tail)
    u, v = 1 / (2 * np.maximum(a, 1) - 1), 1 / (2 * np.maximum(b, 1) - 1)
    h = 2 / (u + v)
    bend = (z * z - 3) / 6
    w = z * np.sqrt(np.maximum(h + bend, 0.0)) / h - (v - u) * (bend + 5 / 6 - 2 / (3 * h))
    return a / b * np.exp(-2 * w)
