"""Print how a hundred intervals at a time compare with the lines that an analyst would write.

    python benchmarks/by_hand.py [WORD ...]   # only the rows that contain the words

These lines take z from `scipy.stats.norm.ppf`, check nothing, and do not know what 0 of n is.
Two cases more, without a target, show the price of the checks beside a line with z typed in.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from _timing import Case, print_ratios, print_versions
from astropy.stats import binom_conf_interval
from numpy.typing import NDArray
from scipy.special import betaincinv, gammainccinv, gammaincinv
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

from lhp_metrics.intervals import (
    difference_interval,
    odds_ratio_interval,
    proportion_interval,
    rate_difference_interval,
    rate_interval,
    rate_ratio_interval,
    ratio_interval,
    share_intervals,
)

__all__ = ["beta_quantiles", "exact_rate_ratio"]

HUNDRED = 100
NO_SLOWER = 1 / 1.5

Numbers = NDArray[np.float64]
Line = Callable[..., object]


def cases() -> Iterator[Case]:
    random = np.random.default_rng(20240331)
    n, n0 = random.integers(5, 501, (2, HUNDRED))
    k, k0 = random.binomial(n, random.beta(2, 4, HUNDRED)), random.binomial(n0, 0.4)
    x, x0 = random.poisson(60, HUNDRED), random.poisson(90, HUNDRED)
    t, t0 = np.full(HUNDRED, 133.0), np.full(HUNDRED, 233.0)
    yield from by_hand("proportion", proportion_interval, OF_PROPORTIONS, k, n)
    yield from by_hand("rate", rate_interval, OF_RATES, x, t)
    yield from by_hand("difference", difference_interval, OF_DIFFERENCES, k, n, k0, n0)
    yield from by_hand("ratio", ratio_interval, OF_RATIOS, k, n, k0, n0)
    yield from by_hand("odds ratio", odds_ratio_interval, OF_ODDS_RATIOS, k, n, k0, n0)
    yield from by_hand("rate ratio", rate_ratio_interval, OF_RATE_RATIOS, x, t, x0, t0)
    yield from by_hand(
        "rate difference", rate_difference_interval, OF_RATE_DIFFERENCES, x, t, x0, t0
    )
    yield from by_hand("shares", share_intervals, OF_SHARES, k)
    yield from beside_packages((k, n, k0, n0), (x, t, x0, t0))
    for method, line in (("wilson", wilson), ("wald", wald)):
        yield Case(
            question=f"proportion {method}",
            size=HUNDRED,
            ours=lambda method=method: proportion_interval(k, n, method=method),
            peer=lambda line=line: line(k, n, 1.96),
            peer_name="z typed in, no checks",
            at_least=0,
        )


def by_hand(
    measure: str, interval: Line, lines: dict[str, Line], *sample: Numbers
) -> Iterator[Case]:
    for method, line in lines.items():
        yield Case(
            question=f"{measure} {method}",
            size=HUNDRED,
            ours=lambda method=method: interval(*sample, method=method),
            peer=lambda line=line: line(*sample),
            peer_name="by hand",
            at_least=NO_SLOWER,
        )


def beside_packages(pairs: tuple[Numbers, ...], rates: tuple[Numbers, ...]) -> Iterator[Case]:
    for method in ("wilson", "jeffreys"):
        yield Case(
            question=f"proportion {method}",
            size=HUNDRED,
            ours=lambda method=method: proportion_interval(*pairs[:2], method=method),
            peer=lambda method=method: binom_conf_interval(*pairs[:2], 0.95, interval=method),
            peer_name="astropy",
            at_least=NO_SLOWER,
        )
    proportions, of_rates = confint_proportions_2indep, confint_poisson_2indep
    for interval, method, peer, name, compare, sample in (
        (difference_interval, "newcombe", proportions, "newcomb", "diff", pairs),
        (ratio_interval, "adjusted-log", proportions, "log-adjusted", "ratio", pairs),
        (rate_ratio_interval, "mover-score", of_rates, "mover", "ratio", rates),
        (rate_difference_interval, "mover-score", of_rates, "mover", "diff", rates),
    ):
        yield Case(
            question=f"{method}, {compare}",
            size=HUNDRED,
            ours=lambda interval=interval, m=method, sample=sample: interval(*sample, method=m),
            peer=lambda peer=peer, name=name, compare=compare, sample=sample: peer(
                *sample, method=name, compare=compare
            ),
            peer_name="statsmodels",
            at_least=NO_SLOWER,
        )


def around(middle: Numbers, error: Numbers, z: float) -> tuple[Numbers, Numbers]:
    return middle - z * error, middle + z * error


def times(middle: Numbers, error: Numbers, z: float) -> tuple[Numbers, Numbers]:
    return middle * np.exp(-z * error), middle * np.exp(z * error)


def quantile() -> float:
    return float(norm.ppf(0.975))


def wilson(k: Numbers, n: Numbers, z: float) -> tuple[Numbers, Numbers]:
    p, whole = k / n, 1 + z * z / n
    error = np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / whole
    return around((p + z * z / (2 * n)) / whole, error, z)


def wald(k: Numbers, n: Numbers, z: float) -> tuple[Numbers, Numbers]:
    p = k / n
    low, high = around(p, np.sqrt(p * (1 - p) / n), z)
    return np.maximum(low, 0), np.minimum(high, 1)


def agresti_coull(k: Numbers, n: Numbers) -> object:
    z = quantile()
    return wald(k + z * z / 2, n + z * z, z)


def arcsine(k: Numbers, n: Numbers) -> object:
    angles = around(np.arcsin(np.sqrt((k + 0.375) / (n + 0.75))), 0.5 / np.sqrt(n), quantile())
    return np.sin(np.maximum(angles[0], 0)) ** 2, np.sin(np.minimum(angles[1], np.pi / 2)) ** 2


def beta_quantiles(k: Numbers, n: Numbers, below: float, above: float) -> object:
    return betaincinv(k + below, n - k + above, 0.025), betaincinv(k + above, n - k + below, 0.975)


def byar(x: Numbers, t: Numbers) -> object:
    z, y = quantile(), x + 1
    low = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    return low / t, y * (1 - 1 / (9 * y) + z / (3 * np.sqrt(y))) ** 3 / t


def score_of_rate(x: Numbers, t: Numbers) -> tuple[Numbers, Numbers]:
    z = quantile()
    low, high = around(x + z * z / 2, np.sqrt(x + z * z / 4), z)
    return low / t, high / t


def difference(k: Numbers, n: Numbers, k0: Numbers, n0: Numbers) -> object:
    p, p0 = k / n, k0 / n0
    return around(p - p0, np.sqrt(p * (1 - p) / n + p0 * (1 - p0) / n0), quantile())


def newcombe(k: Numbers, n: Numbers, k0: Numbers, n0: Numbers) -> object:
    z, p, p0 = quantile(), k / n, k0 / n0
    (low, high), (low0, high0) = wilson(k, n, z), wilson(k0, n0, z)
    return p - p0 - np.hypot(p - low, high0 - p0), p - p0 + np.hypot(high - p, p0 - low0)


def woolf(k: Numbers, n: Numbers, k0: Numbers, n0: Numbers) -> object:
    y, y0 = n - k, n0 - k0
    return times(k * y0 / (y * k0), np.sqrt(1 / k + 1 / y + 1 / k0 + 1 / y0), quantile())


def exact_rate_ratio(x: Numbers, t: Numbers, x0: Numbers, t0: Numbers) -> object:
    low, high = betaincinv(x, x0 + 1, 0.025), betaincinv(x + 1, x0, 0.975)
    return low / (1 - low) * t0 / t, high / (1 - high) * t0 / t


def goodman(k: Numbers) -> object:
    return wilson(k, k.sum(), norm.ppf(1 - 0.025 / k.size))


OF_PROPORTIONS: dict[str, Line] = {
    "wilson": lambda k, n: wilson(k, n, quantile()),
    "wald": lambda k, n: wald(k, n, quantile()),
    "agresti-coull": agresti_coull,
    "arcsine": arcsine,
    "clopper-pearson": lambda k, n: beta_quantiles(k, n, 0, 1),
    "jeffreys": lambda k, n: beta_quantiles(k, n, 0.5, 0.5),
}
OF_RATES: dict[str, Line] = {
    "exact": lambda x, t: (gammaincinv(x, 0.025) / t, gammainccinv(x + 1, 0.025) / t),
    "jeffreys": lambda x, t: (gammaincinv(x + 0.5, 0.025) / t, gammainccinv(x + 0.5, 0.025) / t),
    "byar": byar,
    "score": score_of_rate,
    "wald": lambda x, t: around(x / t, np.sqrt(x) / t, quantile()),
}
OF_DIFFERENCES: dict[str, Line] = {
    "wald": difference,
    "agresti-caffo": lambda k, n, k0, n0: difference(k + 1, n + 2, k0 + 1, n0 + 2),
    "newcombe": newcombe,
}
OF_RATIOS: dict[str, Line] = {
    "katz-log": lambda k, n, k0, n0: times(
        (k / n) / (k0 / n0), np.sqrt(1 / k - 1 / n + 1 / k0 - 1 / n0), quantile()
    ),
}
OF_ODDS_RATIOS: dict[str, Line] = {
    "woolf-logit": woolf,
    "gart-logit": lambda k, n, k0, n0: woolf(k + 0.5, n + 1, k0 + 0.5, n0 + 1),
}
OF_RATE_RATIOS: dict[str, Line] = {
    "exact": exact_rate_ratio,
    "wald-log": lambda x, t, x0, t0: times(
        (x / t) / (x0 / t0), np.sqrt(1 / x + 1 / x0), quantile()
    ),
}
OF_RATE_DIFFERENCES: dict[str, Line] = {
    "wald": lambda x, t, x0, t0: around(
        x / t - x0 / t0, np.sqrt(x / t**2 + x0 / t0**2), quantile()
    ),
}
OF_SHARES: dict[str, Line] = {"goodman": goodman}

if __name__ == "__main__":
    print_versions("numpy", "scipy", "statsmodels", "astropy")
    sys.exit(not print_ratios(cases()))
