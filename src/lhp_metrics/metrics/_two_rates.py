"""What lies between two success rates: difference, ratio, and what the pending can change."""

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice
from lhp_metrics.estimates import Estimates
from lhp_metrics.intervals import (
    DifferenceMethod,
    ProportionMethod,
    RatioMethod,
    difference_interval,
    difference_p_value,
    proportion_interval,
    ratio_interval,
)
from lhp_metrics.metrics._adjust import adjusted
from lhp_metrics.metrics._outcomes import Outcomes
from lhp_metrics.results import Columns
from lhp_metrics.tallies import stated

__all__ = ["compared", "method_text", "side"]

RATE_METHOD: ProportionMethod = "wilson"


def side(columns: Mapping[str, NDArray[Any]], found: Outcomes, level: float) -> dict[str, Columns]:
    """Return the counts and the rate of one side of a comparison."""
    low, high = proportion_interval(
        found.successes, found.trials, method=RATE_METHOD, confidence_level=level
    )
    return {
        "successful": np.where(found.known, columns["successful"], np.nan),
        "decided": columns["successful"] + columns["unsuccessful"] + columns["undisclosed"],
        "pending": stated(columns, "pending"),
        "rate": Estimates(found.rate, low, high, level, RATE_METHOD, "proportion"),
    }


def compared(
    last: Outcomes,
    first: Outcomes,
    *,
    method: DifferenceMethod,
    ratio_method: RatioMethod,
    level: float,
    simultaneous: bool,
    family: NDArray[np.bool_],
) -> dict[str, Columns]:
    """Return what lies between two sides; `family` tells which elements are adjusted together."""
    choice("ratio_method", ratio_method, get_args(RatioMethod))
    counts = last.successes, last.trials, first.successes, first.trials
    defined = (last.trials > 0) & (first.trials > 0)
    levels: NDArray[np.float64] | float = level
    if simultaneous:
        size = max(int(np.count_nonzero(family & defined)), 1)
        levels = np.where(family, 1 - (1 - level) / size, level)
    low, high = difference_interval(*counts, method=method, confidence_level=levels)
    ratio_low, ratio_high = ratio_interval(*counts, method=ratio_method, confidence_level=levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = last.rate / first.rate
    p_value = np.full(len(ratio), np.nan)
    # The others are made of two intervals, or of counts that nobody had: no test is behind them.
    if method in ("miettinen-nurminen", "mee", "wald", "scas"):
        p_value = np.where(defined, difference_p_value(*counts, method=method), np.nan)
    own = np.where(family, p_value, np.nan)
    suffix = ", simultaneous" if simultaneous else ""
    return {
        "difference": Estimates(
            last.rate - first.rate, low, high, level, method + suffix, "percentage points"
        ),
        "lowest_difference": last.worst - first.best,
        "highest_difference": last.best - first.worst,
        "ratio": Estimates(ratio, ratio_low, ratio_high, level, ratio_method + suffix, "ratio"),
        "p_value": p_value,
        "p_adjusted": adjusted(own, "holm"),
        "p_benjamini_hochberg": adjusted(own, "benjamini-hochberg"),
    }


def method_text(method: DifferenceMethod, ratio_method: RatioMethod, *, simultaneous: bool) -> str:
    used = method if method == ratio_method else f"{method} for differences, {ratio_method}"
    scope = "all groups' at once (Bonferroni)" if simultaneous else "each by itself, unadjusted"
    ratios = " for differences and ratios" if method == ratio_method else " for ratios"
    return f"{used}{ratios}, {scope}; {RATE_METHOD} for rates"
