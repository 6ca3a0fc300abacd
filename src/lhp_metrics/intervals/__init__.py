"""Confidence intervals and tests for proportions, rates and shares: arrays in, arrays out.

Nothing here knows what a trust or a grant is.
"""

from typing import TYPE_CHECKING

from lhp_metrics.intervals.differences import (
    DifferenceMethod,
    DifferenceTest,
    difference_interval,
    difference_p_value,
)
from lhp_metrics.intervals.multinomial import ShareMethod, share_intervals
from lhp_metrics.intervals.odds_ratios import (
    OddsRatioMethod,
    OddsRatioTest,
    odds_ratio_interval,
    odds_ratio_p_value,
)
from lhp_metrics.intervals.proportions import (
    ProportionMethod,
    ProportionTest,
    proportion_interval,
    proportion_p_value,
)
from lhp_metrics.intervals.rate_differences import (
    RateDifferenceMethod,
    RateDifferenceTest,
    rate_difference_interval,
    rate_difference_p_value,
)
from lhp_metrics.intervals.rate_ratios import (
    RateRatioMethod,
    RateRatioTest,
    rate_ratio_interval,
    rate_ratio_p_value,
)
from lhp_metrics.intervals.rates import RateMethod, rate_interval
from lhp_metrics.intervals.ratios import RatioMethod, RatioTest, ratio_interval, ratio_p_value
from lhp_metrics.intervals.weighted_shares import weighted_share_interval

if TYPE_CHECKING:
    from lhp_metrics.intervals.competing_outcomes import CumulativeIncidence, cumulative_incidence
    from lhp_metrics.intervals.log_rank import LogRankTest, log_rank_test
    from lhp_metrics.intervals.survival import SurvivalCurve, SurvivalMethod, kaplan_meier

__all__ = [
    "CumulativeIncidence",
    "DifferenceMethod",
    "DifferenceTest",
    "LogRankTest",
    "OddsRatioMethod",
    "OddsRatioTest",
    "ProportionMethod",
    "ProportionTest",
    "RateDifferenceMethod",
    "RateDifferenceTest",
    "RateMethod",
    "RateRatioMethod",
    "RateRatioTest",
    "RatioMethod",
    "RatioTest",
    "ShareMethod",
    "SurvivalCurve",
    "SurvivalMethod",
    "cumulative_incidence",
    "difference_interval",
    "difference_p_value",
    "kaplan_meier",
    "log_rank_test",
    "odds_ratio_interval",
    "odds_ratio_p_value",
    "proportion_interval",
    "proportion_p_value",
    "rate_difference_interval",
    "rate_difference_p_value",
    "rate_interval",
    "rate_ratio_interval",
    "rate_ratio_p_value",
    "ratio_interval",
    "ratio_p_value",
    "share_intervals",
    "weighted_share_interval",
]

# Loaded when they are first asked for, as the metrics of the face are.
_LATER = {
    "competing_outcomes": ("CumulativeIncidence", "cumulative_incidence"),
    "log_rank": ("LogRankTest", "log_rank_test"),
    "survival": ("SurvivalCurve", "SurvivalMethod", "kaplan_meier"),
}

if not TYPE_CHECKING:

    def __getattr__(name):
        """Load the module that holds a public name, and keep the name."""
        from importlib import import_module

        for module, names in _LATER.items():
            if name in names:
                value = getattr(import_module(f"lhp_metrics.intervals.{module}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module 'lhp_metrics.intervals' has no attribute {name!r}")
