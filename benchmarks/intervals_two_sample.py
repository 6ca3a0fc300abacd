"""Two proportions, two rates: our intervals against their peers."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from _timing import Case
from scipy import special
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

from lhp_metrics.intervals import (
    difference_interval,
    odds_ratio_interval,
    rate_difference_interval,
    rate_ratio_interval,
    ratio_interval,
)

__all__ = ["cases"]

PAIRS = 100_000
ONE_BY_ONE = 40  # pairs for a peer that takes one at a time


def cases() -> Iterator[Case]:
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
    x, _, x0, _ = rates
    yield Case(
        question="exact rate ratio",
        size=PAIRS,
        ours=lambda: rate_ratio_interval(*rates, method="exact"),
        peer=lambda: betaincinv_odds(x, x0),
        peer_name="two betaincinv calls",
        at_least=3,
    )


def betaincinv_odds(x: np.ndarray, x0: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = special.betaincinv(x, x0 + 1, 0.025), special.betaincinv(x + 1, x0, 0.975)
    return low / (1 - low), high / (1 - high)


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
