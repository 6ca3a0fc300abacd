"""Print how many times faster than their peers survival curves are.

    python benchmarks/survival.py [WORD ...]   # only the rows that contain the words

Six groups at once, with the curve, its limits and the median. The peers take one group at a time.
"""

import sys
import warnings

import numpy as np
from _timing import Case, print_ratios, print_versions
from scipy import stats

from lhp_metrics.intervals import cumulative_incidence, kaplan_meier, log_rank_test

RECORDS, GROUPS = 100_000, 6

rng = np.random.default_rng(2024)
waited = rng.geometric(1 / 120, RECORDS)
followed = rng.integers(1, 400, RECORDS)
days, seen = np.minimum(waited, followed), waited <= followed
group = rng.integers(0, GROUPS, RECORDS)
outcome = np.where(seen, rng.integers(1, 3, RECORDS), 0)


def ours():
    curves = kaplan_meier(days, seen, groups=group)
    return curves.survival, curves.lower, curves.upper, curves.quantiles(0.5)


def scipy_ecdf():
    for key in range(GROUPS):
        here = group == key
        sample = stats.CensoredData(days[here & seen], right=days[here & ~seen])
        curve = stats.ecdf(sample).sf
        curve.confidence_interval(method="log-log")


def lifelines_fitter():
    for key in range(GROUPS):
        here = group == key
        fitter = lifelines.KaplanMeierFitter().fit(days[here], seen[here])
        _ = fitter.median_survival_time_


def lifelines_log_rank():
    return multivariate_logrank_test(days, group, seen).p_value


def our_log_rank():
    return log_rank_test(kaplan_meier(days, seen, groups=group)).p_value


def our_incidence():
    curves = cumulative_incidence(days[:5_000], outcome[:5_000])
    return curves.incidence, curves.lower


def lifelines_incidence():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says that it shifts ties.
        lifelines.AalenJohansenFitter(seed=1).fit(days[:500], outcome[:500], event_of_interest=1)


if __name__ == "__main__":
    import lifelines
    from lifelines.statistics import multivariate_logrank_test

    print_versions("numpy", "scipy", "lifelines")
    reached = print_ratios(
        [
            Case(
                question="Kaplan–Meier, 6 groups",
                size=RECORDS,
                ours=ours,
                peer=lifelines_fitter,
                peer_name="lifelines",
                at_least=10,
            ),
            Case(
                question="Kaplan–Meier, 6 groups",
                size=RECORDS,
                ours=ours,
                peer=scipy_ecdf,
                peer_name="scipy.stats.ecdf",
                at_least=6,
            ),
            Case(
                question="log-rank, 6 groups",
                size=RECORDS,
                ours=our_log_rank,
                peer=lifelines_log_rank,
                peer_name="lifelines",
                at_least=10,
            ),
            Case(
                question="Aalen–Johansen",
                size=5_000,
                ours=our_incidence,
                peer=lifelines_incidence,
                peer_name="lifelines",
                at_least=10,
                peer_size=500,
            ),
        ]
    )
    sys.exit(not reached)
