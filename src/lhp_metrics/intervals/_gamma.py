"""Poisson limits that solve "the tail probability is α", as means.

A sum of Poisson probabilities is an incomplete gamma function.
"""

import numpy as np

from lhp_metrics._checks import FloatArray
from lhp_metrics.intervals._frame import Limits, Tail, normal_quantile
from lhp_metrics.intervals._solve import Evaluation, solve, where
from lhp_metrics.intervals._surrogate import Means, mean_surrogate, worthwhile

__all__ = ["garwood_means", "jeffreys_means", "mid_p_means"]


def garwood_means(events: FloatArray, tail: Tail) -> Limits:
    """Return the Poisson means where P(X >= events) and where P(X <= events) equal `tail`.

    The lower mean is 0 at 0 events.
    """
    return _means(_garwood, events, tail)


def jeffreys_means(events: FloatArray, tail: Tail) -> Limits:
    """Return the two `tail` quantiles of Gamma(events + 1/2)."""
    return _means(_jeffreys, events, tail)


def mid_p_means(events: FloatArray, tail: Tail) -> Limits:
    """Return the Poisson means where P(X > x) + P(X = x)/2, and P(X < x) + P(X = x)/2, are `tail`.

    The lower mean is 0 at 0 events.
    """
    return _means(_mid_p, events, tail)


def _means(solver: Means, events: FloatArray, tail: Tail) -> Limits:
    """Return both limits, off a series where many share one tail that it is good for."""
    if worthwhile(tail, events.size):
        return mean_surrogate(solver, tail).means(events)
    return solver(events, tail)


def _garwood(events: FloatArray, tail: Tail) -> Limits:
    low = where(events > 0, _quantile, 0.0, events, tail, -1.0)
    return low, _quantile(events + 1, tail, 1.0)


def _jeffreys(events: FloatArray, tail: Tail) -> Limits:
    return _quantile(events + 0.5, tail, -1.0), _quantile(events + 0.5, tail, 1.0)


def _mid_p(events: FloatArray, tail: Tail) -> Limits:
    some = events > 0
    none = np.maximum(-np.log(2 * np.asarray(tail)), 0.0)  # e^-m / 2 is never above 1/2
    return (
        where(some, _mid_p_quantile, 0.0, events, tail, -1.0),
        where(some, _mid_p_quantile, none, events, tail, 1.0),
    )


def gamma_beyond(a: FloatArray, x: FloatArray, side: float) -> FloatArray:
    """Return P(X > x) for side 1, P(X < x) for side -1, X ~ Gamma(a)."""
    from scipy.special import gammainc, gammaincc

    exact = gammaincc if side > 0 else gammainc
    large = a > 1e4  # where scipy's series may end before they converge
    if not large.any():
        return exact(a, x)
    return where(large, _gamma_beyond_large, exact(np.minimum(a, 1e4), x), a, x, side)


def _gamma_beyond_large(a: FloatArray, x: FloatArray, side: float) -> FloatArray:
    """Temme's uniform expansion, DLMF 8.12: the normal tail and a correction.

    With a above 1e4 and x within ten standard deviations, η is below 0.1 and the first
    omitted terms are below 1e-12 of the result, times the 100 standard deviations in x.
    """
    from scipy.special import ndtr

    mu = (x - a) / a
    eta = np.copysign(np.sqrt(2 * (mu - np.log1p(mu))), mu)
    z = eta * np.sqrt(a)
    c0 = _polynomial(eta, 1 / 25515, -139 / 777600, 1 / 2835, 1 / 864, -2 / 135, 1 / 12, -1 / 3)
    c1 = _polynomial(eta, -77 / 77760, 1 / 378, -1 / 288, -1 / 540)
    c2 = _polynomial(eta, -139 / 51840, 25 / 6048)
    correction = np.exp(-z * z / 2) / np.sqrt(2 * np.pi * a) * (c0 + (c1 + c2 / a) / a)
    beyond: FloatArray = ndtr(-side * z) + side * correction
    return beyond


def _polynomial(x: FloatArray, *coefficients: float) -> FloatArray:
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result


def _quantile(a: FloatArray, tail: Tail, side: float) -> FloatArray:
    """Return the mean beyond which, on this side, Gamma(a) has the probability `tail`."""

    def evaluate(mean: FloatArray) -> Evaluation:
        return gamma_beyond(a, mean, side), -side * _density(a, mean), a - mean

    return solve(evaluate, _first_mean(a, side * normal_quantile(tail)), tail)


def _mid_p_quantile(events: FloatArray, tail: Tail, side: float) -> FloatArray:
    # A Poisson tail with half of its first term is the mean of two whole tails.
    def evaluate(mean: FloatArray) -> Evaluation:
        beyond = gamma_beyond(events, mean, side) + gamma_beyond(events + 1, mean, side)
        density, growth = _density(events, mean), mean / events
        slope = events - mean + growth / (1 + growth)
        return beyond / 2, -side * density * (1 + growth) / 2, slope

    return solve(evaluate, _first_mean(events + 0.5, side * normal_quantile(tail)), tail)


def _density(a: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the density of Gamma(a) in log mean."""
    from scipy.special import gammaln

    density: FloatArray = np.exp(a * np.log(mean) - mean - gammaln(a))
    return density


def _first_mean(a: FloatArray, z: Tail) -> FloatArray:
    """Approximate the quantile of Gamma(a) at the normal deviate z: Wilson and Hilferty."""
    root = 1 - 1 / (9 * a) + z / (3 * np.sqrt(a))
    approximate: FloatArray = a * np.maximum(root, 0.1) ** 3
    return approximate
