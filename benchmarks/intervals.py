"""Print how many times faster than its peers every interval is.

python benchmarks/intervals.py [WORD ...]   # only the rows that contain the words
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from _timing import Case, print_ratios, print_versions
from astropy.stats import poisson_conf_interval
from by_hand import beta_quantiles, exact_rate_ratio
from numpy.typing import NDArray
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    multinomial_proportions_confint,
    proportion_confint,
)
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep

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

MILLION = 1_000_000
PAIRS = 100_000
ONE_BY_ONE = 40  # pairs for a peer that takes one at a time

Counts = NDArray[np.int64]


def one_sample() -> Iterator[Case]:
    random = np.random.default_rng(20240331)
    n = random.integers(1, 501, MILLION)
    k = random.binomial(n, random.beta(2, 4, n.size))
    wide_n = np.exp(random.uniform(0, np.log(1e6), MILLION)).astype(np.int64) + 1
    wide_k = random.binomial(wide_n, random.beta(2, 4, n.size))
    events = random.poisson(random.gamma(2, 20, MILLION))
    yield from million_proportions(k, n, wide_k, wide_n)
    yield from million_rates(events)
    yield from tables(random)


def million_proportions(k: Counts, n: Counts, wide_k: Counts, wide_n: Counts) -> Iterator[Case]:
    part = slice(50_000)
    yield Case(
        question="proportion wilson",
        size=k.size,
        ours=lambda: proportion_interval(k, n),
        peer=lambda: proportion_confint(k, n, method="wilson"),
        peer_name="statsmodels",
        at_least=3,
    )
    peer_names = {"clopper-pearson": "beta", "jeffreys": "jeffreys"}
    sizes = {"n to 500": (k, n, 40), "n to 1e6": (wide_k, wide_n, 10)}
    for method, peer_name in peer_names.items():
        for label, (successes, trials, at_least) in sizes.items():
            yield Case(
                question=f"proportion {method}, {label}",
                size=successes.size,
                ours=lambda m=method, k=successes, n=trials: proportion_interval(k, n, method=m),
                peer=lambda m=peer_name, k=successes, n=trials: proportion_confint(
                    k[part], n[part], method=m
                ),
                peer_name="statsmodels",
                peer_size=50_000,
                at_least=at_least,
            )
    yield Case(
        question="proportion clopper-pearson, n to 1e6",
        size=wide_k.size,
        ours=lambda: proportion_interval(wide_k, wide_n, method="clopper-pearson"),
        peer=lambda: beta_quantiles(wide_k[part], wide_n[part], 0, 1),
        peer_name="scipy by hand",
        peer_size=50_000,
        at_least=5,
    )
    # No peer has a mid-p or Blaker without a loop: the price of Clopper-Pearson beside them.
    for method, size, at_least in (("mid-p", MILLION, 10), ("blaker", 10_000, 0)):
        yield Case(
            question=f"proportion {method}, n to 500",
            size=size,
            ours=lambda m=method, s=size: proportion_interval(k[:s], n[:s], method=m),
            peer=lambda: beta_quantiles(k[part], n[part], 0, 1),
            peer_name="scipy's Clopper-Pearson",
            peer_size=50_000,
            at_least=at_least,
        )


def million_rates(events: Counts) -> Iterator[Case]:
    part = slice(50_000)
    for method, peer_name in {"exact": "exact-c", "jeffreys": "jeff"}.items():
        yield Case(
            question=f"rate {method}",
            size=events.size,
            ours=lambda m=method: rate_interval(events, 233, method=m),
            peer=lambda m=peer_name: confint_poisson(events[part], 233, method=m),
            peer_name="statsmodels",
            peer_size=50_000,
            at_least=10,
        )
    yield Case(
        question="rate score",
        size=events.size,
        ours=lambda: rate_interval(events, 233, method="score"),
        peer=lambda: confint_poisson(events, 233, method="score"),
        peer_name="statsmodels",
        at_least=1,
    )
    yield Case(
        question="rate exact",
        size=events.size,
        ours=lambda: rate_interval(events, 233),
        peer=lambda: poisson_conf_interval(
            events[part], interval="frequentist-confidence", sigma=1.96
        ),
        peer_name="astropy",
        peer_size=50_000,
        at_least=1,
    )


def tables(random: np.random.Generator) -> Iterator[Case]:
    for cells, at_least in ((6, 150), (50, 1_000)):
        counts = random.multinomial(20 * cells, random.dirichlet(np.full(cells, 5)))
        yield Case(
            question=f"shares sison-glaz, {cells} cells",
            size=1,
            ours=lambda c=counts: share_intervals(c, method="sison-glaz"),
            peer=lambda c=counts: multinomial_proportions_confint(c, method="sison-glaz"),
            peer_name="statsmodels",
            at_least=at_least,
        )
    counts = random.multinomial(120, random.dirichlet(np.full(6, 5)))
    yield Case(
        question="shares goodman, 6 cells",
        size=1,
        ours=lambda: share_intervals(counts),
        peer=lambda: multinomial_proportions_confint(counts, method="goodman"),
        peer_name="statsmodels",
        at_least=1,
    )


def two_samples() -> Iterator[Case]:
    random = np.random.default_rng(20231120)
    n, n0 = random.integers(5, 501, (2, PAIRS))
    pairs = random.binomial(n, random.beta(2, 3, PAIRS)), n, random.binomial(n0, 0.4), n0
    yield from score_of_proportions(pairs)
    rates = random.poisson(60, PAIRS), np.full(PAIRS, 133.0), random.poisson(90, PAIRS), 233.0
    yield from of_rates(rates)


def score_of_proportions(pairs: tuple[np.ndarray, ...]) -> Iterator[Case]:
    ours = {
        "miettinen-nurminen difference": (difference_interval, "diff", 500),
        "koopman ratio": (ratio_interval, "ratio", 100),
        "miettinen-nurminen odds ratio": (odds_ratio_interval, "odds-ratio", 100),
    }
    for question, (function, compare, at_least) in ours.items():
        method = question.split()[0]
        yield Case(
            question=question,
            size=PAIRS,
            ours=lambda function=function, method=method: function(*pairs, method=method),
            peer=one_by_one(
                lambda *pair, compare=compare: confint_proportions_2indep(
                    *pair, method="score", compare=compare
                ),
                pairs,
            ),
            peer_name="statsmodels, where it does not raise",
            at_least=at_least,
            peer_size=ONE_BY_ONE,
        )


def of_rates(rates: tuple[np.ndarray, ...]) -> Iterator[Case]:
    for question, function, compare in (
        ("score rate ratio", rate_ratio_interval, "ratio"),
        ("score rate difference", rate_difference_interval, "diff"),
    ):
        yield Case(
            question=question,
            size=PAIRS,
            ours=lambda function=function: function(*rates, method="score"),
            peer=one_by_one(
                lambda *pair, compare=compare: confint_poisson_2indep(
                    *pair, method="score", compare=compare
                ),
                rates,
            ),
            peer_name="statsmodels, one at a time",
            at_least=10_000 if compare == "ratio" else 1_000,
            peer_size=ONE_BY_ONE,
        )
    yield Case(
        question="exact rate ratio",
        size=PAIRS,
        ours=lambda: rate_ratio_interval(*rates, method="exact"),
        peer=lambda: exact_rate_ratio(*rates),
        peer_name="scipy by hand",
        at_least=3,
    )


def one_by_one(
    function: Callable[..., object], columns: tuple[np.ndarray, ...]
) -> Callable[[], None]:
    """Loop over the first pairs; what raises counts with the time it took to raise."""
    rows = list(zip(*(np.broadcast_to(c, PAIRS)[:ONE_BY_ONE] for c in columns), strict=True))

    def loop() -> None:
        for row in rows:
            with suppress(ValueError):
                function(*row)

    return loop


if __name__ == "__main__":
    print_versions("numpy", "scipy", "statsmodels", "astropy")
    sys.exit(not print_ratios([*one_sample(), *two_samples()]))
