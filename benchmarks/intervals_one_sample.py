"""One proportion, one rate, one table: our intervals against their peers."""

from collections.abc import Iterator

import numpy as np
from _timing import Case
from astropy.stats import poisson_conf_interval
from numpy.typing import NDArray
from scipy import special
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint
from statsmodels.stats.rates import confint_poisson

from lhp_metrics.intervals import proportion_interval, rate_interval, share_intervals

__all__ = ["cases"]

MILLION = 1_000_000

Counts = NDArray[np.int64]


def cases() -> Iterator[Case]:
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
        peer=lambda: clopper_pearson_line(wide_k[part], wide_n[part]),
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
            peer=lambda: clopper_pearson_line(k[part], n[part]),
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


def clopper_pearson_line(k: Counts, n: Counts) -> object:
    return special.betaincinv(k, n - k + 1, 0.025), special.betaincinv(k + 1, n - k, 0.975)


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
