"""Blaker's exact limits, as odds.

The acceptability of p is P(X >= k) + P(X <= j), with j the largest number whose lower tail
is not above the upper one (or the mirror image above k/n). It jumps up wherever a further j
joins, and between two jumps it crosses a level upwards at most once. Below the
Clopper-Pearson limit it is too low. So the lower limit is the first of two points beyond
that one: where the next j joins, or where the j reached already take it to the level.
"""

from collections.abc import Callable

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._beta import beta_below, beta_density, clopper_pearson_odds
from lhp_metrics.intervals._frame import Limits, Tail, normal_quantile
from lhp_metrics.intervals._solve import Evaluation, solve, where

__all__ = ["blaker_odds"]


def blaker_odds(k: FloatArray, n: FloatArray, level: Tail) -> Limits:
    """Return the odds of the outermost p that are acceptable at `level`.

    The lower odds are 0 at k = 0 and the upper ones infinite at k = n.
    """
    return (
        where(k > 0, _lower_odds, 0.0, k, n, level),
        1.0 / where(k < n, _lower_odds, 0.0, n - k, n, level),
    )


def _lower_odds(k: FloatArray, n: FloatArray, level: Tail) -> FloatArray:
    start, _ = clopper_pearson_odds(k, n, level / 2)
    reached = _reached(n, start, level / 2)
    upper, next_lower = _upper_tail(k, n), _lower_tail(reached + 1, n)
    joins = solve(lambda odds: _ratio(upper(odds), next_lower(odds)), start, 1.0)

    acceptable = upper(joins)[0] + _lower_tail(reached, n)(joins)[0] >= level
    return where(acceptable, _first_crossing, joins, k, reached, n, level, start, joins)


def _reached(n: FloatArray, odds: FloatArray, tail: Tail) -> FloatArray:
    """Return the largest j with P(X <= j) < tail, -1 if there is none."""
    p, q = odds / (1 + odds), 1 / (1 + odds)
    z = normal_quantile(tail)
    guess = n * p - z * np.sqrt(n * p * q) + (z * z - 1) * (q - p) / 6 - 0.5
    j = np.clip(np.floor(guess), -1.0, n - 1)
    while np.any(too_high := (j >= 0) & ~(_lower_tail(j, n)(odds)[0] < tail)):
        j = j - too_high
    while np.any(too_low := _lower_tail(j + 1, n)(odds)[0] < tail):
        j = j + too_low
    return j


Tails = Callable[[FloatArray], Evaluation]


def _upper_tail(k: FloatArray, n: FloatArray) -> Tails:
    """Return P(X >= k), its derivative in the log odds, and that one's log derivative."""
    from scipy.special import betaln

    failures = n - k
    log_beta = betaln(k, failures + 1)

    def tail(odds: FloatArray) -> Evaluation:
        p, q = odds / (1 + odds), 1 / (1 + odds)
        density = beta_density(k, failures + 1, odds, log_beta)
        return beta_below(k, failures + 1, p, q), density, k - (n + 1) * p

    return tail


def _lower_tail(j: FloatArray, n: FloatArray) -> Tails:
    """Return the same for P(X <= j); nothing at all for j = -1."""
    from scipy.special import betaln

    none = j < 0
    above = n - np.maximum(j, 0.0)
    log_beta = betaln(above, n - above + 1)

    def tail(odds: FloatArray) -> Evaluation:
        p, q = odds / (1 + odds), 1 / (1 + odds)
        below = np.where(none, 0.0, beta_below(above, n - above + 1, q, p))
        density = np.where(none, 0.0, beta_density(above, n - above + 1, 1 / odds, log_beta))
        return below, -density, n - above + 1 - (n + 1) * p

    return tail


def _ratio(upper: Evaluation, lower: Evaluation) -> Evaluation:
    """Return a ratio of tails with its derivatives, as `solve` takes them."""
    (a, da, slope_a), (b, db, slope_b) = upper, lower
    rate_a, rate_b = da / a, db / b
    rate = rate_a - rate_b
    bend = rate_a * (slope_a - rate_a) - rate_b * (slope_b - rate_b)
    return a / b, a / b * rate, rate + bend / rate


def _first_crossing(
    k: FloatArray, j: FloatArray, n: FloatArray, level: Tail, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return where P(X >= k) + P(X <= j) first reaches `level`: Newton kept in its bracket."""
    odds = high.copy()
    rows = np.arange(odds.size)  # not yet settled
    level = np.broadcast_to(level, odds.shape)
    for _ in range(200):
        at = odds[rows]
        (a, da, _), (b, db, _) = (
            _upper_tail(k[rows], n[rows])(at),
            _lower_tail(j[rows], n[rows])(at),
        )
        short = a + b < level[rows]
        low, high = np.where(short, at, low), np.where(short, high, at)
        step = np.log((a + b) / level[rows]) * (a + b) / (da + db)
        newton = at * np.exp(-step)
        inside = (newton > low) & (newton < high)  # a flat place sends it out
        odds[rows] = np.where(inside, newton, np.sqrt(low * high))
        # Newton doubles the digits: after a step this small there are no further ones.
        settled = (inside & (np.abs(step) < 1e-8)) | (high <= low * (1 + 1e-15))
        if settled.all():
            break
        rows, low, high = rows[~settled], low[~settled], high[~settled]
    return odds
