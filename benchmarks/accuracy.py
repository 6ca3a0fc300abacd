"""Print the largest relative errors of all one-sample limits: python benchmarks/accuracy.py.

The truth is each method's definition in 60-digit arithmetic (tests/limit_truth.py). Counts
and trials reach 1e9, levels 1 - 1e-6; 4e-15 is 18 units in the last place. A word after the
command keeps the rows that contain it. It takes a few minutes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from lhp_metrics import __version__
from lhp_metrics.intervals import proportion_interval, rate_interval

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import limit_truth as truth

LEVELS = (0.8, 0.95, 0.998, 1 - 1e-6)
PROMISED = 1e-12
PROMISED_CLOPPER_PEARSON = 4e-15  # at 95, 99 and 99.8 %, up to a million trials

EVENTS = (0, 1, 2, 5, 9, 10, 30, 300, 9_999, 10_001, 10**6, 10**9)
WEIGHTS = {"clopper-pearson": 0, "exact": 0, "mid-p": truth.HALF}


def outcomes(most: int) -> Iterator[tuple[int, int]]:
    for n in (1, 7, 50, 1_000, 1_000_000, 10**9):
        few = {0, 1, 2, 30, n // 1000, n // 7, n // 2}
        for k in sorted(few | {n - k for k in few}):
            if 0 <= k <= n <= most:
                yield k, n


def proportion_errors(method: str, k: int, n: int, level: float) -> Iterator[float]:
    limits = proportion_interval(k, n, method=method, confidence_level=level)
    tail = truth.tails(level)
    if method in truth.PROPORTIONS:
        yield from truth.formula_errors(truth.PROPORTIONS[method], limits, k, n, tail=tail)
    elif method == "likelihood-ratio":
        yield from truth.likelihood_errors(k, n, limits, tail)
    else:
        for p, side in zip(limits, (-1, 1), strict=True):
            if p in (0, 1):
                yield float((p == 0) != (side < 0 and k == 0) and (p == 1) != (k == n))
            elif method == "jeffreys":
                yield truth.jeffreys_proportion_error(k, n, p, tail, side=side)
            elif method == "blaker":
                yield truth.blaker_error(k, n, p, level, side=side)
            else:
                weight = WEIGHTS[method]
                yield truth.exact_proportion_error(k, n, p, tail, side=side, weight=weight)


def rate_errors(method: str, events: int, level: float) -> Iterator[float]:
    limits = rate_interval(events, 1, method=method, confidence_level=level)
    tail = truth.tails(level)
    if method in truth.MEANS:
        yield from truth.formula_errors(truth.MEANS[method], limits, events, tail=tail)
    else:
        for mean, side in zip(limits, (-1, 1), strict=True):
            if mean == 0:
                yield float(side > 0 or events > 0)
            elif method == "jeffreys":
                yield truth.jeffreys_mean_error(events, mean, tail, side=side)
            else:
                weight = WEIGHTS[method]
                yield truth.exact_mean_error(events, mean, tail, side=side, weight=weight)


Row = tuple[str, float, float, Iterator[Iterator[float]]]


def rows() -> Iterator[Row]:
    """Yield the question, the level, the largest error promised and the errors."""
    exact = ["clopper-pearson", "mid-p", "jeffreys", "blaker"]
    for method in [*exact, "likelihood-ratio", *truth.PROPORTIONS]:
        for level in LEVELS:
            errors = (proportion_errors(method, k, n, level) for k, n in outcomes(10**9))
            yield f"proportion {method}", level, PROMISED, errors
    method = "clopper-pearson"
    for level in (0.95, 0.99, 0.998):
        errors = (proportion_errors(method, k, n, level) for k, n in outcomes(1_000_000))
        yield f"proportion {method}, n to 1e6", level, PROMISED_CLOPPER_PEARSON, errors
    for method in ["exact", "mid-p", "jeffreys", *truth.MEANS]:
        for level in LEVELS:
            errors = (rate_errors(method, x, level) for x in EVENTS)
            yield f"rate {method}", level, PROMISED, errors


if __name__ == "__main__":
    print(f"lhp-metrics {__version__}\n")
    print("| question | level | largest error | promised | |\n| --- | --- | --- | --- | --- |")
    kept = True
    for question, level, promised, errors in rows():
        if all(word in question for word in sys.argv[1:]):
            error = max(map(max, errors))
            kept &= error <= promised
            missed = "" if error <= promised else "MISSED"
            line = f"| {question} | {level:.6g} | {error:.1e} | {promised:.0e} | {missed} |"
            print(line, flush=True)
    sys.exit(not kept)
