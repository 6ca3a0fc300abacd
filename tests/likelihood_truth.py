"""Score statistics of two samples from the constrained likelihood, solved with mpmath.

Slow and plain on purpose: the nuisance parameter is found by bisecting the derivative of the
log-likelihood at 45 digits, and the formulas are those of the papers, not of the library.
"""

from collections.abc import Callable

import pytest
from mpmath import mp, mpf

mp.dps = 45


def bisect(function: Callable[[mpf], mpf], low: mpf, high: mpf) -> mpf:
    """Return the root of a decreasing function, to about 42 digits of its bracket."""
    for _ in range(140):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _likeliest(measure, x, n, x0, n0, null):
    """Return p and the base's p0 of the highest likelihood among those with this `null`."""
    zero, one = mpf(0), mpf(1)
    if measure == "difference":
        low, high = max(zero, -null), min(one, one - null)
        own, slope = (lambda p0: p0 + null), (lambda _: one)
    elif measure == "ratio":
        low, high = zero, min(one, one / null)
        own, slope = (lambda p0: p0 * null), (lambda _: null)
    else:
        low, high = zero, one
        own = lambda p0: null * p0 / (1 - p0 + null * p0)  # noqa: E731
        slope = lambda p0: null / (1 - p0 + null * p0) ** 2  # noqa: E731

    def climb(p0):
        p = own(p0)
        group = (x / p if x else 0) - ((n - x) / (1 - p) if n - x else 0)
        base = (x0 / p0 if x0 else 0) - ((n0 - x0) / (1 - p0) if n0 - x0 else 0)
        return group * slope(p0) + base

    p0 = bisect(climb, low, high)
    return own(p0), p0


def score_of_proportions(measure, x, n, x0, n0, null, *, inflate=True, skew=False):
    """Return the standardised score for a difference, ratio or odds ratio of `null`.

    Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226, with (`inflate`) or
    without N / (N − 1); the skewness correction is Laud's (2017), Pharmaceutical Statistics
    16, 334-348, the bias of the odds ratio's score as in Laud (2018), ibid. 17, 290-293.
    """
    x, n, x0, n0, null = (mpf(value) for value in (x, n, x0, n0, null))
    p, p0 = _likeliest(measure, x, n, x0, n0, null)
    q, q0 = 1 - p, 1 - p0
    if measure == "difference":
        score = x / n - x0 / n0 - null
        variance = p * q / n + p0 * q0 / n0
        third = p * q * (q - p) / n**2 - p0 * q0 * (q0 - p0) / n0**2
    elif measure == "ratio":
        score = x / n - x0 / n0 * null
        variance = p * q / n + null**2 * p0 * q0 / n0
        third = p * q * (q - p) / n**2 - null**3 * p0 * q0 * (q0 - p0) / n0**2
    else:
        score = (x / n - p) / (p * q) - (x0 / n0 - p0) / (p0 * q0)
        variance = 1 / (n * p * q) + 1 / (n0 * p0 * q0)
        third = (q - p) / (n * p * q) ** 2 - (q0 - p0) / (n0 * p0 * q0) ** 2
        if skew:
            score -= (p - p0) / (n * p * q + n0 * p0 * q0)
    if inflate:
        variance *= (n + n0) / (n + n0 - 1)
    return _standardised(score, variance, third if skew else 0)


def score_of_rates(measure, x, t, x0, t0, null, *, skew=False):
    """Return the standardised score for a difference or ratio of rates of `null`.

    Miettinen and Nurminen (1985), section on rates; skewness as in Laud (2017).
    """
    x, t, x0, t0, null = (mpf(value) for value in (x, t, x0, t0, null))
    if measure == "difference":
        low, own, slope = max(mpf(0), -null), (lambda r0: r0 + null), mpf(1)
    else:
        low, own, slope = mpf(0), (lambda r0: r0 * null), null

    def climb(r0):
        r = own(r0)
        return slope * ((x / r if x else 0) - t) + (x0 / r0 if x0 else 0) - t0

    r0 = bisect(climb, low, low + (x + x0 + 1) / min(t, t0) / min(slope, 1) * 2)
    r = own(r0)
    if measure == "difference":
        score, variance = x / t - x0 / t0 - null, r / t + r0 / t0
        third = r / t**2 - r0 / t0**2
    else:
        score, variance = x / t - x0 / t0 * null, r / t + null**2 * r0 / t0
        third = r / t**2 - null**3 * r0 / t0**2
    return _standardised(score, variance, third if skew else 0)


def _standardised(score, variance, third):
    plain = score / mp.sqrt(variance)
    if third == 0:
        return plain
    a = third / (6 * mp.sqrt(variance) ** 3)
    return (-1 + mp.sqrt(1 + 4 * a * (plain + a))) / (2 * a)


def relative_error(statistic: Callable[[mpf], mpf], limit: float, z: float) -> float:
    """Return by how much, relatively, `limit` misses the point where `statistic` equals z."""
    limit = mpf(limit)
    step = limit * mpf(10) ** -18
    slope = (statistic(limit + step) - statistic(limit - step)) / (2 * step)
    return float(abs((statistic(limit) - z) / slope / limit))


def assert_limits_solve(statistic: Callable[[mpf], mpf], limits, level: float, beside_edge) -> None:
    """Assert that each limit is within 1e-12, relatively, of the exact one.

    `beside_edge` gives for each end of the range a null just inside it: a limit may lie at the
    end only if even that null is not rejected.
    """
    z = mp.sqrt(2) * mp.erfinv(mpf(level))
    for limit, side in zip(limits, (z, -z), strict=True):
        if limit in beside_edge:
            assert side * statistic(mpf(beside_edge[limit])) < z * z, (level, limit)
        else:
            assert relative_error(statistic, limit, side) < 1e-12, (level, limit)


def assert_score_limits(interval: Callable, score: Callable, sample, method, beside_edge) -> None:
    """Assert that a method's limits of a sample solve its score, at usual and extreme levels."""
    for level in (0.8, 0.95, 0.999999):
        limits = interval(*sample, method=method, confidence_level=level)
        assert_limits_solve(lambda null: score(*sample, null), limits, level, beside_edge)


def assert_two_sided(p_value: float, deviate: mpf) -> None:
    """Assert that a p-value is the normal distribution's beyond a deviate, on both sides."""
    expected = mp.erfc(abs(deviate) / mp.sqrt(2))
    assert p_value == pytest.approx(float(expected), rel=1e-11)
