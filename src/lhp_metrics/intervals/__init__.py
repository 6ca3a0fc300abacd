"""Confidence intervals and tests for proportions, rates and shares: arrays in, arrays out.

Nothing here knows what a trust or a grant is.
"""

from lhp_metrics.intervals.multinomial import ShareMethod, share_intervals
from lhp_metrics.intervals.proportions import (
    ProportionMethod,
    ProportionTest,
    proportion_interval,
    proportion_p_value,
)
from lhp_metrics.intervals.rates import RateMethod, rate_interval

__all__ = [
    "ProportionMethod",
    "ProportionTest",
    "RateMethod",
    "ShareMethod",
    "proportion_interval",
    "proportion_p_value",
    "rate_interval",
    "share_intervals",
]
