"""Confidence intervals and tests for proportions, rates and shares: arrays in, arrays out.

Nothing here knows what a trust or a grant is.
"""

from lhp_metrics.intervals.multinomial import ShareMethod, share_intervals
from lhp_metrics.intervals.proportions import ProportionMethod, proportion_interval
from lhp_metrics.intervals.rates import RateMethod, rate_interval
from lhp_metrics.intervals.two_rates import (
    RateRatioMethod,
    RateRatioTest,
    rate_ratio_interval,
    rate_ratio_p_value,
)

__all__ = [
    "ProportionMethod",
    "RateMethod",
    "RateRatioMethod",
    "RateRatioTest",
    "ShareMethod",
    "proportion_interval",
    "rate_interval",
    "rate_ratio_interval",
    "rate_ratio_p_value",
    "share_intervals",
]
