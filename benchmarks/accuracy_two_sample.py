"""Print how far two-sample score limits are from the truth.

    python benchmarks/accuracy_two_sample.py [PAIRS]   # how many random pairs are tried

The truth is the constrained likelihood solved with mpmath (tests/likelihood_truth.py); sizes go
to 1e9, rates to within 1e-9 of 0 and 1, levels to 1 − 1e-6.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from _timing import print_row, print_versions

from lhp_metrics.intervals import (
    difference_interval,
    odds_ratio_interval,
    rate_difference_interval,
    rate_ratio_interval,
    ratio_interval,
)

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from likelihood_truth import mp, relative_error, score_of_proportions, score_of_rates

PROPORTIONS = {"difference": difference_interval, "ratio": ratio_interval}
PROPORTIONS["odds ratio"] = odds_ratio_interval
RATES = {"difference": rate_difference_interval, "ratio": rate_ratio_interval}
PROMISED = 1e-12
LEVELS = (0.5, 0.9, 0.95, 0.99, 0.998, 1 - 1e-6)

Sample = tuple[float, float, float, float]


def random_proportions(random: np.random.Generator) -> Sample:
    sizes = np.exp(random.uniform(np.log(2), np.log(1e9), 2)).astype(int)
    tiny = 10 ** random.uniform(-9, 0, 2)
    shares = (random.random(2), tiny, 1 - tiny, np.array([tiny[0], 1 - tiny[1]]))
    counts = random.binomial(sizes, shares[random.integers(4)])
    return int(counts[0]), int(sizes[0]), int(counts[1]), int(sizes[1])


def random_rates(random: np.random.Generator) -> Sample:
    exposure = np.exp(random.uniform(np.log(1e-3), np.log(1e6), 2))
    counts = np.exp(random.uniform(0, np.log(1e9), 2)).astype(int) - 1
    return int(counts[0]), float(exposure[0]), int(counts[1]), float(exposure[1])


def errors(pairs: int) -> Iterator[tuple[str, float]]:
    random = np.random.default_rng(1985)
    for _ in range(pairs):
        sample, level = random_proportions(random), random.choice(LEVELS)
        for measure, interval in PROPORTIONS.items():
            score = partial(score_of_proportions, measure, *sample)
            for method, options in (("miettinen-nurminen", {}), ("scas", {"skew": True})):
                limits = interval(*sample, method=method, confidence_level=level)
                yield f"{method} {measure}", error(partial(score, **options), limits, level)
        sample = random_rates(random)
        for measure, interval in RATES.items():
            score = partial(score_of_rates, measure, *sample)
            for method, skew in (("score", False), ("scas", True)):
                limits = interval(*sample, method=method, confidence_level=level)
                yield f"{method} rate {measure}", error(partial(score, skew=skew), limits, level)


def error(score: Callable, limits: tuple[float, float], level: float) -> float:
    z = mp.sqrt(2) * mp.erfinv(mp.mpf(float(level)))
    exact = (-1.0, 0.0, 1.0, np.inf)
    return max(
        (
            relative_error(score, limit, side)
            for limit, side in zip(limits, (z, -z), strict=True)
            if limit not in exact
        ),
        default=0.0,
    )


if __name__ == "__main__":
    print_versions("numpy", "scipy", "mpmath")
    worst: dict[str, float] = {}
    for name, found in errors(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
        worst[name] = max(worst.get(name, 0.0), found)
    print_row("limits", "largest relative error")
    print_row("---", "---")
    for name, found in sorted(worst.items()):
        print_row(name, f"{found:.1e}" + " MISSED" * bool(found > PROMISED))
    sys.exit(max(worst.values()) > PROMISED)
