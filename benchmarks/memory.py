"""Print the memory that intervals take beyond inputs and outputs.

    python benchmarks/memory.py [WORD ...]   # only the rows that contain the words

Blocks keep it from growing with the rows.
"""

import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import get_args

import numpy as np
from _timing import print_row, print_versions, wanted

from lhp_metrics import intervals
from lhp_metrics.estimates import Interval

SIZES = (100_000, 1_000_000)
SLOW = {"proportion blaker", "odds ratio exact", "odds ratio mid-p"}  # the smaller size alone
MOST = 25  # megabytes
OF_RATES = {"rate", "rate_ratio", "rate_difference"}
MEASURES = ["proportion", "rate", "difference", "ratio", "odds_ratio", "rate_ratio"]
MEASURES += ["rate_difference"]


def beyond(function: Callable[[], Interval[np.ndarray]]) -> float:
    """Return the most megabytes held at once, less the two limits."""
    tracemalloc.start()
    low, high = function()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (most - low.nbytes - high.nbytes) / 1e6


def sample(measure: str, size: int) -> list[np.ndarray]:
    random = np.random.default_rng(size)
    events = random.poisson(random.gamma(2, 20, (2, size)))
    trials = np.exp(random.uniform(0, np.log(1e4), (2, size))).astype(np.int64) + 1
    if measure in OF_RATES:
        columns = [events[0], random.random(size) + 1, events[1], random.random(size) + 1]
    else:
        successes = random.binomial(trials, random.beta(2, 4, (2, size)))
        columns = [successes[0], trials[0], successes[1], trials[1]]
    return columns[:2] if measure in ("proportion", "rate") else columns


if __name__ == "__main__":
    print_versions("numpy", "scipy")
    print_row("interval", *(f"MB at {size:,}" for size in SIZES), "at most")
    print_row(*["---"] * (len(SIZES) + 2))
    kept = True
    for measure in MEASURES:
        title = "".join(map(str.title, measure.split("_")))
        function = getattr(intervals, f"{measure}_interval")
        for method in get_args(getattr(intervals, f"{title}Method")):
            question = f"{measure.replace('_', ' ')} {method}"
            if not wanted(question):
                continue
            sizes = SIZES[: 1 if question in SLOW else 2]
            function(*sample(measure, 100), method=method)  # what is imported and kept for good
            taken = [
                beyond(partial(function, *sample(measure, size), method=method)) for size in sizes
            ]
            missed = bool(max(taken) > MOST)
            kept &= not missed
            shown = [f"{megabytes:.1f}" for megabytes in taken] + ["–"] * (2 - len(taken))
            print_row(question, *shown, f"{MOST}" + " MISSED" * missed)
    sys.exit(not kept)
