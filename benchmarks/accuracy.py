"""Print the largest relative errors of all one-sample limits.

    python benchmarks/accuracy.py [WORD ...]   # only the rows that contain the words

The truth is each method's definition in 60-digit arithmetic (tests/limit_truth.py). Counts
and trials reach 1e9, levels 1 - 1e-6; 4e-15 is 18 units in the last place. The error shown
holds for limits asked for one by one and in an array, which takes another way. It takes a few
minutes.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from _timing import print_row, print_versions, wanted

from lhp_metrics.estimates import Interval
from lhp_metrics.intervals import proportion_interval, rate_interval

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import limit_truth as truth

LEVELS = (0.8, 0.95, 0.998, 1 - 1e-6)
PROMISED = 1e-12
PROMISED_CLOPPER_PEARSON = 4e-15  # at 95, 99 and 99.8 %, up to a million trials

EVENTS = (0, 1, 2, 5, 9, 10, 15, 16, 30, 300, 9_999, 10_001, 10**6, 10**9)
TRIALS = (1, 7, 32, 50, 1_000, 1_000_000, 10**9)
WEIGHTS = {"clopper-pearson": 0, "exact": 0, "mid-p": truth.HALF}

Errors = list[float]


def outcomes(most: int) -> list[tuple[int, int]]:
    found = []
    for n in TRIALS:
        few = {0, 1, 2, 15, 16, 30, n // 1000, n // 7, n // 2}
        found += [(k, n) for k in sorted(few | {n - k for k in few}) if 0 <= k <= n <= most]
    return found


def proportion_errors(method: str, k: int, n: int, level: float, limits: list[float]) -> Errors:
    tail = truth.tails(level)
    if method in truth.PROPORTIONS:
        return truth.formula_errors(truth.PROPORTIONS[method], limits, k, n, tail=tail)
    if method == "likelihood-ratio":
        return truth.likelihood_errors(k, n, limits, tail)
    errors = []
    for p, side in zip(limits, (-1, 1), strict=True):
        if (k, side) in ((0, -1), (n, 1)):
            errors.append(abs(p - (side > 0)))
        elif method == "jeffreys":
            errors.append(truth.jeffreys_proportion_error(k, n, p, tail, side=side))
        elif method == "blaker":
            errors.append(truth.blaker_error(k, n, p, level, side=side))
        else:
            weight = WEIGHTS[method]
            errors.append(truth.exact_proportion_error(k, n, p, tail, side=side, weight=weight))
    return errors


def rate_errors(method: str, events: int, _: int, level: float, limits: list[float]) -> Errors:
    tail = truth.tails(level)
    if method in truth.MEANS:
        return truth.formula_errors(truth.MEANS[method], limits, events, tail=tail)
    errors = []
    for mean, side in zip(limits, (-1, 1), strict=True):
        if method == "jeffreys":
            errors.append(truth.jeffreys_mean_error(events, mean, tail, side=side))
        elif events == 0 and side < 0:
            errors.append(mean)
        else:
            weight = WEIGHTS[method]
            errors.append(truth.exact_mean_error(events, mean, tail, side=side, weight=weight))
    return errors


def largest(
    interval: Callable[..., Interval],
    errors_of: Callable[..., Errors],
    method: str,
    level: float,
    pairs: list[tuple[int, int]],
) -> float:
    """Return the largest error of limits alone, plus what the array's differ from them."""
    first, second = np.tile(np.transpose(pairs), 64)
    together = interval(first, second, method=method, confidence_level=level)
    worst = 0.0
    for i, pair in enumerate(pairs):
        alone = list(interval(*pair, method=method, confidence_level=level))
        errors = errors_of(method, *pair, level, alone)
        for error, one, many in zip(errors, alone, (x[i] for x in together), strict=True):
            worst = max(worst, error + abs(many - one) / (one or 1.0))
    return worst


def questions() -> Iterator[tuple[str, float, dict[float, Callable[[], float]]]]:
    """Yield each question, the largest error promised, and how to find it at each level."""

    def proportion(method: str, level: float, most: int = 10**9) -> Callable[[], float]:
        return lambda: largest(
            proportion_interval, proportion_errors, method, level, outcomes(most)
        )

    def rate(method: str, level: float) -> Callable[[], float]:
        pairs = [(x, 1) for x in EVENTS]
        return lambda: largest(rate_interval, rate_errors, method, level, pairs)

    found = {level: proportion("clopper-pearson", level, 10**6) for level in (0.95, 0.99, 0.998)}
    yield "proportion clopper-pearson, n to 1e6", PROMISED_CLOPPER_PEARSON, found
    exact = ["clopper-pearson", "mid-p", "jeffreys", "blaker"]
    for method in [*exact, "likelihood-ratio", *truth.PROPORTIONS]:
        yield f"proportion {method}", PROMISED, {x: proportion(method, x) for x in LEVELS}
    for method in ["exact", "mid-p", "jeffreys", *truth.MEANS]:
        yield f"rate {method}", PROMISED, {x: rate(method, x) for x in LEVELS}


if __name__ == "__main__":
    print_versions("numpy", "scipy", "mpmath")
    columns = sorted({0.99, *LEVELS})
    print_row("limits", *(f"{100 * level:.6g} %" for level in columns), "promised")
    print_row(*["---"] * (len(columns) + 2))
    kept = True
    for question, promised, levels in questions():
        if wanted(question):
            errors = {level: find() for level, find in levels.items()}
            missed = bool(max(errors.values()) > promised)
            kept &= not missed
            shown = [f"{errors[level]:.1e}" if level in errors else "–" for level in columns]
            print_row(question, *shown, f"{promised:.0e}" + " MISSED" * missed)
    sys.exit(not kept)
