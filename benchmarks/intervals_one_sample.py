"""One proportion, one rate, one table: our intervals against their peers."""

from collections.abc import Iterator

import numpy as np
from _timing import Case
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from lhp_metrics.intervals import proportion_interval

__all__ = ["cases"]


def cases() -> Iterator[Case]:
    random = np.random.default_rng(20240331)
    n = random.integers(1, 501, 1_000_000)
    k = random.binomial(n, random.beta(2, 4, n.size))
    yield Case(
        question="wilson",
        size=k.size,
        ours=lambda: proportion_interval(k, n),
        peer=lambda: proportion_confint(k, n, method="wilson"),
        peer_name="statsmodels",
        at_least=3,
    )
    few_k, few_n = k[:100], n[:100]

    def wilson_one_liner() -> object:
        z = special.ndtri(0.975)
        p, d = few_k / few_n, 1 + z * z / few_n
        centre = (p + z * z / (2 * few_n)) / d
        half = z * np.sqrt(p * (1 - p) / few_n + z * z / (4 * few_n * few_n)) / d
        return centre - half, centre + half

    yield Case(
        question="wilson",
        size=100,
        ours=lambda: proportion_interval(few_k, few_n),
        peer=wilson_one_liner,
        peer_name="numpy by hand",
        at_least=1 / 1.5,
    )
