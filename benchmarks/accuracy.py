"""Print the largest relative errors of all one-sample limits: python benchmarks/accuracy.py.

The truth is each method's definition in 60-digit arithmetic (tests/limit_truth.py). Counts
and trials reach 1e9, levels 1 - 1e-6; 4e-15 is 18 units in the last place. The error shown
holds for limits asked for one by one and in an array, which takes another way. A word after
the command keeps the rows that contain it. It takes a few minutes.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lhp_metrics import __version__
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


def rows() -> Iterator[tuple[str, float, float, Callable[[], float]]]:
    """Yield the question, the level, the largest error promised and a function that finds it."""

    def proportion(method: str, level: float, most: int = 10**9) -> Callable[[], float]:
        return lambda: largest(
            proportion_interval, proportion_errors, method, level, outcomes(most)
        )

    def rate(method: str, level: float) -> Callable[[], float]:
        pairs = [(x, 1) for x in EVENTS]
        return lambda: largest(rate_interval, rate_errors, method, level, pairs)

    for level in (0.95, 0.99, 0.998):
        found = proportion("clopper-pearson", level, 1_000_000)
        yield "proportion clopper-pearson, n to 1e6", level, PROMISED_CLOPPER_PEARSON, found
    exact = ["clopper-pearson", "mid-p", "jeffreys", "blaker"]
    for method in [*exact, "likelihood-ratio", *truth.PROPORTIONS]:
        for level in LEVELS:
            yield f"proportion {method}", level, PROMISED, proportion(method, level)
    for method in ["exact", "mid-p", "jeffreys", *truth.MEANS]:
        for level in LEVELS:
            yield f"rate {method}", level, PROMISED, rate(method, level)


if __name__ == "__main__":
    print(f"lhp-metrics {__version__}\n")
    print("| question | level | largest error | promised | |\n| --- | --- | --- | --- | --- |")
    kept = True
    for question, level, promised, find in rows():
        if all(word in question for word in sys.argv[1:]):
            error = find()
            kept &= error <= promised
            missed = "" if error <= promised else "MISSED"
            line = f"| {question} | {level:.6g} | {error:.1e} | {promised:.0e} | {missed} |"
            print(line, flush=True)
    sys.exit(not kept)
